"""Empty a test database although the ledger refuses it.

Tests that commit (``transaction=True``, ``live_server``) end with Django's flush, which deletes every row: exactly what
the guards are there to refuse. So they are off for the flush, and its ``post_migrate`` puts them on again.
"""

from typing import Any

from django.db import connections
from django.test import TransactionTestCase

from inventory import triggers

_flush = TransactionTestCase._fixture_teardown


def _flush_with_guards_off(self: TransactionTestCase) -> None:
    aliases = list(self._databases_names(include_mirrors=False))
    for alias in aliases:
        triggers.remove(connections[alias])
    try:
        _flush(self)
    finally:
        for alias in aliases:
            triggers.install(connections[alias])


def let_flush_pass(monkeypatch: Any) -> None:
    monkeypatch.setattr(TransactionTestCase, "_fixture_teardown", _flush_with_guards_off)
