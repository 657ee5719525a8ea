"""Rare changes of master data that must not meet: each kind waits for its own."""

from enum import IntEnum

from django.db import connection


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
