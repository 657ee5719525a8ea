"""Rare changes of master data that must not meet: each kind waits for its own."""

from enum import IntEnum

from django.db import OperationalError, connection


class Lock(IntEnum):
    """Numbers of our own in the database's one space of advisory locks."""

    SUPERSESSION = 4_201_001
    WAREHOUSES = 4_201_002


def one_at_a_time(lock: Lock) -> None:
    """Wait for other changes of this kind and hold them back until the transaction ends.

    SQLite has one writer anyway. Outside a transaction there is nothing to hold, and nothing is held.
    """
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock.value])


def is_contention(error: OperationalError) -> bool:
    """Deadlock, lock timeout or serialisation failure on PostgreSQL; a locked file on SQLite."""
    code = getattr(error.__cause__, "sqlstate", None)
    return code in {"40P01", "55P03", "40001"} or (code is None and "locked" in str(error))


def is_deadlock(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in {"40P01", "40001"}
