"""The triggers are installed by migrate, come back after it, and nothing starts without them (R14)."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, connection, models, transaction
from django.db.models.signals import post_migrate, pre_migrate
from django.test import TransactionTestCase

from config import celery
from inventory import checks, queries, triggers
from inventory.domain import locations
from inventory.domain.ledger import Line, post
from inventory.enums import LocationKind, PostingReason
from inventory.models import Balance, Location, Move, Posting, Unit
from spareparts.models import SparepartsSettings
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.workorders import UserFactory
from tests.ledger.conftest import MONDAY
from tests.support import poster

pytestmark = [pytest.mark.both_engines]
ROOT = Path(__file__).resolve().parents[2]
IS_SQLITE = connection.vendor == "sqlite"

# A release and where its migrations ended. A database of each must reach the head with nothing lost.
RELEASES: dict[str, list[tuple[str, str]]] = {
    "0.1": [("shared", "0001"), ("workorders", "0001"), ("inventory", "0001"), ("spareparts", "0001")],
}


def expected_names() -> set[str]:
    return set(triggers._expected(connection))


@pytest.fixture
def broken(db: None) -> Iterator[Callable[[str], None]]:
    """Run SQL against the triggers; all is well again afterwards."""
    with transaction.atomic():

        def run(sqlite: str, postgresql: str) -> None:
            with connection.cursor() as cursor:
                cursor.execute(sqlite if IS_SQLITE else postgresql)

        yield run
        transaction.set_rollback(True)


def test_ours_are_installed(db: None) -> None:
    assert triggers.differences(connection) == []
    assert set(triggers._installed(connection)) == expected_names()


def test_installing_again_changes_nothing(db: None) -> None:
    before = triggers._installed(connection)
    triggers.install(connection)
    assert triggers._installed(connection) == before


@pytest.mark.parametrize(
    ("sqlite", "postgresql", "named"),
    [
        ("DROP TRIGGER ledger_move_apply", "DROP TRIGGER ledger_move_apply ON inventory_move", "ledger_move_apply"),
        (
            "CREATE TRIGGER ledger_extra AFTER DELETE ON inventory_lot BEGIN SELECT 1; END",
            "CREATE TRIGGER ledger_extra AFTER DELETE ON inventory_lot EXECUTE FUNCTION ledger_refuse_change()",
            "ledger_extra",
        ),
    ],
)
def test_what_is_missing_or_not_ours_is_found_and_put_right(
    broken: Callable[..., None], sqlite: str, postgresql: str, named: str
) -> None:
    broken(sqlite, postgresql)
    assert triggers.differences(connection) == [named]

    (error,) = run_checks(databases=["default"], tags=["database"])
    assert (error.id, named in error.msg, error.hint) == ("inventory.E001", True, "Run: python3 manage.py migrate")

    triggers.install(connection)
    assert triggers.differences(connection) == []


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("ALTER TABLE inventory_move DISABLE TRIGGER ledger_move_append_only", "ledger_move_append_only"),
        ("ALTER FUNCTION ledger_apply_moves() SECURITY INVOKER", "ledger_apply_moves()"),
        ("ALTER FUNCTION ledger_apply_moves() RESET search_path", "ledger_apply_moves()"),
        ("ALTER FUNCTION ledger_apply_moves() SET enable_seqscan = on", "ledger_apply_moves()"),
        (
            "CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RETURN NULL; END $$",
            "ledger_refuse_change()",
        ),
    ],
)
def test_what_was_weakened_is_found(broken: Callable[..., None], change: str, named: str) -> None:
    broken("", change)
    assert triggers.differences(connection) == [named]


def test_the_check_asks_no_database_unless_told(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        assert checks.check_triggers(databases=None) == []


# ---------------------------------------------------------------- the start of a server
@pytest.fixture
def open_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start closes its connection; a test still needs the one its transaction is in."""
    monkeypatch.setattr(connection, "close", lambda: None)


def test_a_server_starts_with_its_triggers(db: None, open_connection: None) -> None:
    checks.require_triggers()


def test_a_server_does_not_start_without_them(broken: Callable[..., None], open_connection: None) -> None:
    broken("DROP TRIGGER ledger_move_apply", "DROP TRIGGER ledger_move_apply ON inventory_move")
    with pytest.raises(ImproperlyConfigured, match=r"ledger_move_apply.*Run: python3 manage.py migrate"):
        checks.require_triggers()


def test_a_worker_starts_with_its_triggers(db: None, open_connection: None) -> None:
    celery.refuse_without_triggers()
    celery.refuse_to_run_tasks_without_triggers()


def test_a_worker_does_not_start_without_them(broken: Callable[..., None], open_connection: None) -> None:
    broken("DROP TRIGGER ledger_move_apply", "DROP TRIGGER ledger_move_apply ON inventory_move")
    for start in (celery.refuse_without_triggers, celery.refuse_to_run_tasks_without_triggers):
        with pytest.raises(SystemExit, match=r"ledger_move_apply.*Run: python3 manage.py migrate"):
            start()


def test_a_beat_with_a_broker_runs_no_task_and_asks_nothing(
    django_assert_num_queries: Any, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celery, "app", SimpleNamespace(conf=SimpleNamespace(task_always_eager=False)))
    with django_assert_num_queries(0):
        celery.refuse_to_run_tasks_without_triggers()


def test_a_database_that_does_not_answer_is_no_reason_to_die(
    db: None, open_connection: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(_connection: object) -> bool:
        raise OperationalError("gone")

    monkeypatch.setattr(triggers, "is_ready", gone)
    checks.require_triggers()
    assert [record.message for record in caplog.records] == [
        "The database does not answer; the ledger's triggers were not compared."
    ]


# ---------------------------------------------------------------- R14: migrations lose nothing
@pytest.fixture
def scratch_url(tmp_path: Path, db: None) -> Iterator[str]:
    """An empty database on the same engine."""
    if IS_SQLITE:
        yield f"sqlite:///{tmp_path}/release.sqlite3"
        return
    words, name = connection.get_connection_params(), f"release_{os.getpid()}"
    server = {key: words[key] for key in ("host", "port", "user", "password") if key in words}
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        host, port = server.get("host", "127.0.0.1"), server.get("port", 5432)
        secret = f":{server['password']}" if server.get("password") else ""
        yield f"postgres://{server['user']}{secret}@{host}:{port}/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


@pytest.mark.parametrize("release", RELEASES)
def test_every_release_reaches_the_head_with_nothing_lost(release: str, scratch_url: str, tmp_path: Path) -> None:
    """And ``migrate`` as a person types it brings lost triggers back: its checks do not refuse the remedy."""
    environment = os.environ | {"DATABASE_URL": scratch_url, "SPAREPARTS_VAR": str(tmp_path)}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"

    def run(*words: str) -> None:
        command = [sys.executable, *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    run("-m", "tests.support.release", *(f"{app}:{name}" for app, name in RELEASES[release]))
    run("manage.py", "migrate", "--verbosity", "0")
    run("-c", "import config.wsgi")


def book_a_little() -> None:
    jana = UserFactory(name="Jana Novak")
    shelf = locations.warehouse_location(WarehouseFactory(), LocationKind.SHELF)
    supplier, van = locations.outside(LocationKind.SUPPLIER), locations.personal_location(jana)
    parts = [PartFactory() for _ in range(5)]
    for source, target, count in ((supplier, shelf, 9), (shelf, van, 4), (van, supplier, 1)):
        lines = [Line(part, count, source, target) for part in parts]
        post(reason=PostingReason.TRANSFER, reference="TR", lines=lines, by=jana, at=MONDAY, key=uuid.uuid4())


@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_table_keeps_its_rows_and_gets_its_triggers_back() -> None:
    """SQLite makes a new table to add a column, which would drop the triggers of the old one without a word."""
    book_a_little()
    before, config = poster.hashes(), apps.get_app_config("inventory")
    words = {"sender": config, "app_config": config, "verbosity": 0, "interactive": False, "using": "default"}
    for model in (Move, Posting, Balance, Location):
        column = models.IntegerField(default=0)
        column.set_attributes_from_name("added_later")
        column.model = model
        pre_migrate.send(**words)
        with connection.schema_editor() as editor:
            editor.add_field(model, column)
        with connection.schema_editor() as editor:
            editor.remove_field(model, column)
        assert bool(triggers.differences(connection)) == IS_SQLITE
        post_migrate.send(**words)
        assert triggers.differences(connection) == []
    assert (poster.hashes(), queries.differences()) == (before, [])


@pytest.mark.django_db(transaction=True)
def test_a_flush_is_let_through_in_tests_only() -> None:
    """And then everything is as the migrations made it."""
    units = Unit.objects.count()
    book_a_little()
    with pytest.raises(Exception, match=r"ledger: append_only|couldn't be flushed"):
        call_command("flush", verbosity=0, interactive=False)
    assert Move.objects.count() == 15
    case = TransactionTestCase()
    case._databases_names = lambda include_mirrors=False: ["default"]  # type: ignore[method-assign]
    case._fixture_teardown()
    assert (Move.objects.count(), Balance.objects.count()) == (0, 0)
    assert triggers.differences(connection) == []
    assert Location.objects.filter(is_outside=True).count() == 5
    assert Unit.objects.count() == units > 0
    assert (SparepartsSettings.objects.count(), SparepartsSettings.history.count()) == (1, 0)
