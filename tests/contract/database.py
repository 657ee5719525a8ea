"""What the database holds, in one look: so that "nothing was written" can be said of every table."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# What a request may leave behind whatever it asks: the session, and the audit row of a refusal.
ALWAYS_ALLOWED = frozenset({"django_session", "shared_auditevent"})


def contents(*, without: frozenset[str] = ALWAYS_ALLOWED) -> dict[str, str]:
    """A hash of all rows of each table."""
    tables = sorted(set(connection.introspection.table_names()) - without - {"django_migrations"})
    return {table: _hash(table) for table in tables}


def _hash(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        rows = sorted(repr(row) for row in cursor.fetchall())
    return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()


def row_counts() -> dict[str, int]:
    """How many rows each table has."""
    with connection.cursor() as cursor:
        counts = {}
        for table in sorted(set(connection.introspection.table_names(cursor)) - {"django_migrations"}):
            cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
            counts[table] = int(cursor.fetchone()[0])
    return counts


def more(before: dict[str, int], after: dict[str, int], *, without: frozenset[str] = frozenset()) -> dict[str, int]:
    """Rows more or fewer per table, where there is a difference."""
    return {name: after[name] - before[name] for name in after if after[name] != before[name] and name not in without}


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables that differ."""
    return sorted(table for table in before.keys() | after.keys() if before.get(table) != after.get(table))


@contextmanager
def undone() -> Iterator[None]:
    """Do it and take it back, so that the next row of a table starts from the same company."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
