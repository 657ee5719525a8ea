"""Install, compare and, for the few who must, set aside the triggers that keep the ledger.

``post_migrate`` installs what differs. SQLite drops triggers without a word when a migration rebuilds a table, and a
rebuild fails while they are there, so ``pre_migrate`` takes them off first (SQLite only). The system check and the
start of the web server compare the installed text with ours.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from inventory.trigger_text import postgresql, sqlite

PREFIX = "ledger_"
TABLES = ("inventory_move", "inventory_posting", "inventory_balance", "inventory_location", "inventory_lot")
REMEDY = "Run: python3 manage.py migrate"


def is_ready(connection: BaseDatabaseWrapper) -> bool:
    """Do the ledger's tables exist? Not before its first migration."""
    return set(TABLES) <= set(connection.introspection.table_names())


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the installed triggers equal to ours; nothing is touched when they are."""
    if not is_ready(connection) or not differences(connection):
        return
    with transaction.atomic(using=connection.alias):
        _remove(connection)
        with connection.cursor() as cursor:
            for statement in _statements(connection):
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take all triggers off: for a table rebuild, and for emptying a test database. ``install`` brings them back."""
    with transaction.atomic(using=connection.alias):
        _remove(connection)


def differences(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers and functions that are missing, other than ours, switched off, or not ours at all."""
    expected, installed = _expected(connection), _installed(connection)
    return sorted(name for name in expected.keys() | installed.keys() if expected.get(name) != installed.get(name))


@contextmanager
def balances_writable(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let the rebuild, and nobody else, write balances until the end of the block, in one transaction.

    New moves wait meanwhile. On PostgreSQL this needs the owner of the tables, which the web role is not.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(sqlite.OPEN_GATE)
            yield
            cursor.execute(sqlite.CLOSE_GATE)
            return
        cursor.execute("LOCK TABLE inventory_move, inventory_balance IN SHARE ROW EXCLUSIVE MODE")
        _switch_balance_guard(cursor, "DISABLE")
        yield
        _switch_balance_guard(cursor, "ENABLE")


def _switch_balance_guard(cursor: CursorWrapper, verb: str) -> None:
    """A table is not altered while foreign keys wait for the commit to be checked: check them now."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(f"ALTER TABLE inventory_balance {verb} TRIGGER ledger_balance_guard")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for name, table in _installed_triggers(connection):
            quoted = connection.ops.quote_name(name)
            on_table = "" if connection.vendor == "sqlite" else f" ON {connection.ops.quote_name(table)}"
            cursor.execute(f"DROP TRIGGER {quoted}{on_table}")
        if connection.vendor == "postgresql":
            for name in _installed_functions(connection):
                cursor.execute(f"DROP FUNCTION {connection.ops.quote_name(name)}()")


def _statements(connection: BaseDatabaseWrapper) -> list[str]:
    if connection.vendor == "sqlite":
        gate = [sqlite.CREATE_GATE, sqlite.FILL_GATE, sqlite.CLOSE_GATE]
        return gate + [trigger.text for trigger in sqlite.TRIGGERS]
    path = _search_path(connection)
    functions = [_create_function(function, path) for function in postgresql.FUNCTIONS]
    return functions + [trigger.text for trigger in postgresql.TRIGGERS]


def _create_function(function: postgresql.Function, path: str) -> str:
    settings = " ".join(f"SET {setting}" for setting in (f"search_path={path}", *function.settings))
    return (
        f"CREATE FUNCTION {function.name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {settings}"
        f" AS $body${function.body}$body$"
    )


def _expected(connection: BaseDatabaseWrapper) -> dict[str, str]:
    if connection.vendor == "sqlite":
        return {trigger.name: trigger.text for trigger in sqlite.TRIGGERS}
    path = _search_path(connection)
    texts = {trigger.name: trigger.text for trigger in postgresql.TRIGGERS}
    for function in postgresql.FUNCTIONS:
        settings = sorted([f"search_path={path}", *function.settings])
        texts[f"{function.name}()"] = f"definer {settings} {function.body}"
    return texts


def _installed(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger!_%' ESCAPE '!'"
            )
            return dict(cursor.fetchall())
        cursor.execute(
            "SELECT t.tgname, pg_get_triggerdef(t.oid, true) || CASE t.tgenabled WHEN 'O' THEN '' ELSE ' (off)' END"
            " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND t.tgname LIKE 'ledger!_%' ESCAPE '!'"
            " AND c.relnamespace = current_schema()::regnamespace"
        )
        texts = dict(cursor.fetchall())
        cursor.execute(
            "SELECT proname, prosrc, prosecdef, proconfig FROM pg_proc"
            " WHERE proname LIKE 'ledger!_%' ESCAPE '!' AND pronamespace = current_schema()::regnamespace"
        )
        for name, body, is_definer, settings in cursor.fetchall():
            texts[f"{name}()"] = f"{'definer' if is_definer else 'invoker'} {sorted(settings or [])} {body}"
        return texts


def _installed_triggers(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger!_%' ESCAPE '!'"
            )
        else:
            cursor.execute(
                "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " WHERE NOT t.tgisinternal AND t.tgname LIKE 'ledger!_%' ESCAPE '!'"
                " AND c.relnamespace = current_schema()::regnamespace"
            )
        return [(str(name), str(table)) for name, table in cursor.fetchall()]


def _installed_functions(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE proname LIKE 'ledger!_%' ESCAPE '!'"
            " AND pronamespace = current_schema()::regnamespace"
        )
        return [str(name) for (name,) in cursor.fetchall()]


def _search_path(connection: BaseDatabaseWrapper) -> str:
    """The system's names first, then the schema our tables are in; never a temporary table before them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        return f"pg_catalog, {cursor.fetchone()[0]}, pg_temp"
