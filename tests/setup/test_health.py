"""The two addresses the machinery asks, and the hourly tidying."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from config import health
from config.celery import app
from config.shared.models import RequestKey
from config.shared.tasks import housekeeping
from inventory import triggers


def test_alive_needs_no_database(client: Client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert response.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


@pytest.mark.django_db
class TestReady:
    def test_everything_answers(self, client: Client):
        response = client.get("/readyz")
        assert (response.status_code, response.json()) == (200, {"database": "ok", "cache": "ok"})

    def test_a_pending_migration_is_not_ready(self, client: Client):
        with connection.cursor() as cursor:
            cursor.execute("delete from django_migrations where app = 'spareparts'")
        response = client.get("/readyz")
        assert (response.status_code, response.json()["database"]) == (503, "migrations pending")

    def test_a_ledger_without_its_triggers_is_not_ready(self, client: Client):
        triggers.remove(connection)
        response = client.get("/readyz")
        assert (response.status_code, response.json()["database"]) == (503, "ledger triggers missing")

    def test_a_lost_database_is_not_ready(self, client: Client, monkeypatch: pytest.MonkeyPatch):
        def lost(*args: object) -> None:
            raise OperationalError("connection to 10.0.0.7 refused")

        monkeypatch.setattr(health, "MigrationExecutor", lost)
        response = client.get("/readyz")
        assert (response.status_code, response.json()) == (503, {"database": "unreachable", "cache": "ok"})

    def test_a_lost_cache_is_said_and_does_not_matter(self, client: Client, settings):
        nowhere = {"BACKEND": "config.shared.caching.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:9/0"}
        settings.CACHES = {"default": nowhere}
        response = client.get("/readyz")
        assert (response.status_code, response.json()) == (200, {"database": "ok", "cache": "unreachable"})

    @pytest.mark.parametrize("path", ["/healthz", "/readyz"])
    def test_they_only_read(self, client: Client, path: str):
        assert client.post(path).status_code == 405


class TestHousekeeping:
    def test_old_keys_and_sessions_go_and_young_ones_stay(self, jana):
        now = timezone.now()
        old, young = (RequestKey.objects.create(key=uuid.uuid4(), user=jana) for _ in range(2))
        RequestKey.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=31))
        Session.objects.create(session_key="over", session_data="", expire_date=now - timedelta(hours=1))
        Session.objects.create(session_key="open", session_data="", expire_date=now + timedelta(hours=1))
        housekeeping.delay()
        assert list(RequestKey.objects.values_list("pk", flat=True)) == [young.pk]
        assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]

    def test_every_scheduled_task_exists_and_runs_by_interval(self):
        app.loader.import_default_modules()
        schedule = app.conf.beat_schedule
        assert [entry["task"] for entry in schedule.values() if entry["task"] not in app.tasks] == []
        assert [name for name, entry in schedule.items() if not isinstance(entry["schedule"], float)] == []

    def test_the_embedded_world_has_no_broker(self):
        assert app.conf.task_always_eager is True
        assert app.conf.broker_url == "memory://"
