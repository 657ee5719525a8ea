"""Empty a test database although the ledger refuses it, and leave it as the migrations made it.

Tests that commit (``transaction=True``, ``live_server``) end with Django's flush, which deletes every row: exactly what
the guards are there to refuse. So they are off for the flush, and its ``post_migrate`` puts them on again. What a
migration itself wrote (the units) would be gone for good; it is put back, so that a test of one kind may come before
or after one of the other.
"""

from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import Model
from django.test import TransactionTestCase

from inventory import triggers

_flush = TransactionTestCase._fixture_teardown
_seeded: dict[type[Model], list[Any]] = {}


def remember_seeded_rows() -> None:
    """Call it once, on the database as it was just made."""
    for model in apps.get_models():
        if rows := list(model._base_manager.all()):
            _seeded[model] = rows


def _flush_with_guards_off(self: TransactionTestCase) -> None:
    aliases = list(self._databases_names(include_mirrors=False))
    for alias in aliases:
        triggers.remove(connections[alias])
    try:
        _flush(self)
    finally:
        for alias in aliases:
            triggers.install(connections[alias])
    _go_back_to_the_start()


def _go_back_to_the_start() -> None:
    """What post_migrate made anew stays, under keys of its own, but not the history that making it left behind."""
    for model in apps.get_models():
        rows, is_there = _seeded.get(model, []), model._base_manager.exists()
        if rows and not is_there:
            model._base_manager.bulk_create(rows)
        elif is_there and not rows:
            model._base_manager.all().delete()


def let_flush_pass(monkeypatch: Any) -> None:
    monkeypatch.setattr(TransactionTestCase, "_fixture_teardown", _flush_with_guards_off)
