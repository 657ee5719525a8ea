"""Refuse to work without the triggers: without them stock could be changed, and balances would drift, unseen."""

import logging
import sys
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

from inventory import triggers

log = logging.getLogger(__name__)


@register(Tags.database)
def check_triggers(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """For ``manage.py check --database default``.

    ``migrate`` typed by a person checks before it migrates: the remedy must not be refused for want of itself.
    """
    if sys.argv[1:2] == ["migrate"]:
        return []
    return [error for alias in databases or [] if (error := _error_of(alias)) is not None]


def _error_of(alias: str) -> CheckMessage | None:
    connection = connections[alias]
    if not triggers.is_ready(connection):
        return None  # nothing to guard before the first migration
    names = triggers.differences(connection)
    if not names:
        return None
    return Error(
        f"The ledger's triggers in the database are not the ones of this release: {', '.join(names)}.",
        hint=triggers.REMEDY,
        id="inventory.E001",
    )


def require_triggers() -> None:
    """For the start of a server, which runs no database checks: refuse to serve with other triggers than ours.

    A database that does not answer is no reason to die: ``/readyz`` says so and requests fail until it is back.
    """
    try:
        error = _error_of(DEFAULT_DB_ALIAS)
    except OperationalError:
        log.warning("The database does not answer; the ledger's triggers were not compared.")
        return
    finally:
        connections[DEFAULT_DB_ALIAS].close()
    if error is not None:
        raise ImproperlyConfigured(f"{error.msg} {error.hint}")
