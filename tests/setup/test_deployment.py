"""The files of production fit the code: roles, units, compose, image."""

import configparser
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from config import probe
from inventory.domain.ledger import Line, post
from inventory.domain.locations import outside, personal_location
from inventory.enums import Condition, LocationKind, PostingReason
from tests.factories.inventory import PartFactory
from workorders.models import User

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
APPEND_ONLY = ("inventory_posting", "inventory_move", "shared_auditevent")
UNTOUCHABLE = ("inventory_balance", "django_migrations")


def rights(table: str) -> set[str]:
    words = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
    with connection.cursor() as cursor:
        cursor.execute(
            "select w from unnest(%s::text[]) w where has_table_privilege('spareparts_web', %s, w)",
            [list(words), table],
        )
        return {word for (word,) in cursor.fetchall()}


@pytest.mark.postgres
@pytest.mark.django_db
class TestWebRole:
    @pytest.fixture(autouse=True)
    def _granted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WEB_ROLE_PASSWORD", 'it\'s a "secret" %s')
        call_command("grant_web_role")
        call_command("grant_web_role")  # safe to run again

    def test_it_reads_and_writes_what_people_change(self):
        assert rights("workorders_user") == {"SELECT", "INSERT", "UPDATE", "DELETE"}

    @pytest.mark.parametrize("table", APPEND_ONLY)
    def test_it_only_adds_to_the_books(self, table: str):
        assert rights(table) == {"SELECT", "INSERT"}

    @pytest.mark.parametrize("table", UNTOUCHABLE)
    def test_it_only_reads_what_the_database_keeps(self, table: str):
        assert rights(table) == {"SELECT"}

    @pytest.mark.parametrize("table", [*APPEND_ONLY, *UNTOUCHABLE])
    def test_the_database_refuses_it(self, table: str):
        with connection.cursor() as cursor:
            cursor.execute("set local role spareparts_web")
            for statement in (f"delete from {table}", f"truncate {table}", f"drop table {table}"):
                with pytest.raises(ProgrammingError), transaction.atomic():
                    cursor.execute(statement)
            cursor.execute("reset role")

    def test_it_may_post(self, jana: User):
        """The balances follow, though the role itself may not touch them."""
        part = PartFactory()
        supplier, held = outside(LocationKind.SUPPLIER), personal_location(jana)
        line = Line(part=part, source=supplier, target=held, quantity=3, condition=Condition.NEW)
        with connection.cursor() as cursor:
            cursor.execute("set local role spareparts_web")
            at, key = timezone.now(), uuid.uuid4()
            post(reason=PostingReason.REQUISITION, reference="RQ-000001", lines=[line], by=jana, at=at, key=key)
            cursor.execute("reset role")
        assert list(held.balances.values_list("part", "on_hand")) == [(part.pk, 3)]

    def test_every_table_of_ours_is_judged(self):
        tables = set(connection.introspection.table_names())
        assert set(APPEND_ONLY) | set(UNTOUCHABLE) <= tables


@pytest.mark.django_db
def test_on_sqlite_the_command_says_why_not():
    if connection.vendor == "postgresql":
        pytest.skip("this run has PostgreSQL")
    with pytest.raises(CommandError, match="Roles are a matter of PostgreSQL"):
        call_command("grant_web_role")


class TestUnits:
    def test_web_worker_and_beat_have_one_each(self):
        assert [path.name for path in UNITS] == [f"spareparts-{role}.service" for role in ("beat", "web", "worker")]

    @pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
    def test_it_starts_as_nobody_special_with_its_secrets_elsewhere(self, path: Path):
        unit = configparser.RawConfigParser(strict=False)
        unit.optionxform = str  # type: ignore[assignment]
        unit.read_string(path.read_text())
        service = unit["Service"]
        assert (service["User"], service["EnvironmentFile"]) == ("spareparts", "/etc/spareparts.env")
        assert service["NoNewPrivileges"] == "yes"
        assert "SECRET_KEY" not in path.read_text()
        assert re.match(
            r"/opt/spareparts/\.venv/bin/(gunicorn config\.wsgi|celery --app config (worker|beat)) ",
            service["ExecStart"],
        )


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


class TestCompose:
    def test_there_is_one_of_each(self, compose):
        assert set(compose["services"]) == {"migrate", "web", "worker", "beat", "postgres", "redis"}

    def test_only_migrate_signs_in_as_the_owner(self, compose):
        users = {
            name: re.match(r"postgres://(\w+):", service["environment"]["DATABASE_URL"])[1]
            for name, service in compose["services"].items()
            if "DATABASE_URL" in service.get("environment", {})
        }
        web = "spareparts_web"
        assert users == {"migrate": "spareparts", "web": web, "worker": web, "beat": web}

    def test_the_owners_password_stays_with_migrate(self, compose):
        """The file of secrets goes to all of them: who breaks into a page must not find the owner's in it."""
        given = {
            name: [service["environment"][secret] for secret in ("POSTGRES_PASSWORD", "WEB_ROLE_PASSWORD")]
            for name, service in compose["services"].items()
            if "env_file" in service
        }
        nothing = ["", ""]
        asked_for = ["", "${WEB_ROLE_PASSWORD:?set it in .env}"]
        assert given == {"migrate": asked_for, "web": nothing, "worker": nothing, "beat": nothing}

    def test_ours_run_without_special_rights(self, compose):
        ours = [service for service in compose["services"].values() if "env_file" in service]
        found = [(service["cap_drop"], service["security_opt"]) for service in ours]
        assert found == [(["ALL"], ["no-new-privileges:true"])] * 4

    def test_the_queue_survives_a_restart(self, compose):
        assert compose["services"]["redis"]["command"] == "redis-server --appendonly yes"

    def test_the_pool_is_for_the_web_alone(self, compose):
        pooled = [name for name, each in compose["services"].items() if "DATABASE_POOL" in each.get("environment", {})]
        assert pooled == ["web"]


def test_the_image_holds_every_folder_the_code_needs():
    dockerfile = (ROOT / "Dockerfile").read_text()
    for folder in ("config", "inventory", "workorders", "spareparts", "templates", "static"):
        assert f"COPY {folder} {folder}\n" in dockerfile


def test_collecting_for_the_image_works(tmp_path: Path, settings):
    """Every file a style sheet or a module names must be there, or a hashed name cannot be made."""
    settings.STATIC_ROOT = tmp_path
    # As in production, less the compression, which takes ten seconds and cannot fail.
    manifest = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": manifest}
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").is_file()


def test_a_probe_of_nothing_fails(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PORT", "9")
    assert probe.main() == 1


def check_gunicorn(tmp_path: Path, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [Path(sys.executable).with_name("gunicorn"), "config.wsgi", "--config", "config/gunicorn.py", "--check-config"],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key != "SPAREPARTS_ENV"}
        | {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "SPAREPARTS_VAR": str(tmp_path)}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr.strip()


def test_gunicorn_reads_its_file(tmp_path: Path):
    secrets = {"SECRET_KEY": "a-key-for-this-test-only-" + "0123456789abcdef" * 3, "ALLOWED_HOSTS": "parts.example.org"}
    secrets["STATIC_ROOT"] = str(tmp_path)
    assert check_gunicorn(tmp_path, SPAREPARTS_ENV="production", **secrets) == (0, "")


@pytest.mark.parametrize("environment", [{}, {"SPAREPARTS_ENV": "demo"}])
def test_gunicorn_serves_no_other_world_than_production(tmp_path: Path, environment: dict[str, str]):
    """Its key stands in the source, it answers to every name, and the demo signs in without a password."""
    sentence = "gunicorn serves with SPAREPARTS_ENV=production only; to look around: manage.py demo."
    code, said = check_gunicorn(tmp_path, **environment)
    assert (code != 0, said.splitlines()[-1]) == (True, sentence)
