"""The cast and the house rules of every test; what this run cannot do is skipped and said."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from inventory import queries
from inventory.models import Move
from spareparts import policies
from spareparts.enums import Mode
from spareparts.models import SparepartsSettings
from spareparts.policies import ModePolicy
from spareparts.queries.verification import document_differences
from tests.factories.workorders import TeamFactory, UserFactory
from tests.servers import find_redis, throwaway_redis
from tests.support.flush import let_flush_pass, remember_seeded_rows
from tests.support.modes import in_mode
from workorders.models import User

DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_reset_sequences"}
REFUSED_ENGINE = "needs PostgreSQL: python3 manage.py test starts one where its binaries are found"
COUNTED = ("failed", "passed", "skipped", "xfailed", "xpassed", "error")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if connection.vendor == "postgresql":
        return
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason=REFUSED_ENGINE))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell tests/run.py how this part ended."""
    target = os.environ.get("TEST_COUNTS")
    if target:
        counts = {word: len(terminalreporter.stats.get(word, [])) for word in COUNTED}
        Path(target).write_text(json.dumps(counts))


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A throw-away Redis of this process, which a test may empty or kill."""
    binary = find_redis()
    if binary is None:
        pytest.skip("needs Redis: redis-server is not on this machine")
    with throwaway_redis(binary) as url:
        yield url


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The database as it was made, seeded rows included, is what every flush goes back to."""
    with django_db_blocker.unblock():
        remember_seeded_rows()


@pytest.fixture(scope="session", autouse=True)
def flush_passes_the_guards() -> Iterator[None]:
    """Tests that commit end with a flush, which the ledger refuses like any other deletion."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        let_flush_pass(monkeypatch)
        yield


@pytest.fixture
def planted_drift() -> None:
    """Asked for by tests that break the books on purpose: nothing is verified at their end."""


@pytest.fixture(autouse=True)
def books_add_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """At the end of every test that moved stock each balance is the sum of its moves."""
    names = set(request.fixturenames)
    has_database = bool(DATABASE_FIXTURES & names) or request.node.get_closest_marker("django_db") is not None
    if has_database:
        request.getfixturevalue("_django_db_helper")  # first in, last out: the data is still there when we look
    yield
    if has_database and "planted_drift" not in names and not connection.needs_rollback and Move.objects.exists():
        assert queries.differences() == []
        assert [str(each) for each in document_differences()] == []


@pytest.fixture(autouse=True)
def english_and_the_companys_zone() -> Iterator[None]:
    """A request leaves its person's language and zone active in its thread; the next test starts without."""
    yield
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture
def standard(db: None) -> ModePolicy:
    """A company with personal inventories."""
    return in_mode(Mode.STANDARD)


@pytest.fixture
def advanced(db: None) -> ModePolicy:
    """A company with warehouses as well."""
    return in_mode(Mode.ADVANCED)


@pytest.fixture
def ready_modes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every mode can be chosen, as in the release that has all their flows."""
    ready = {mode: policies.replace(policy, is_ready=True) for mode, policy in policies.POLICIES.items()}
    monkeypatch.setattr(policies, "POLICIES", ready)
    policies.policy_for.cache_clear()
    yield
    policies.policy_for.cache_clear()


@pytest.fixture
def jana(db: None) -> User:
    """An engineer."""
    return UserFactory(name="Jana Novak", is_engineer=True, team=TeamFactory())


@pytest.fixture
def tom(db: None) -> User:
    """Another engineer, who must not see Jana's things."""
    return UserFactory(name="Tom Berger", is_engineer=True, team=TeamFactory())


@pytest.fixture
def eva(db: None) -> User:
    """The service manager."""
    return UserFactory(name="Eva Lang", is_service_manager=True)


@pytest.fixture
def karl(db: None) -> User:
    """A warehouse manager."""
    return UserFactory(name="Karl Huber", is_warehouse_manager=True)


@pytest.fixture
def lin(db: None) -> User:
    """Another warehouse manager."""
    return UserFactory(name="Lin Zhang", is_warehouse_manager=True)


@pytest.fixture
def ada(db: None) -> User:
    """The administrator."""
    return UserFactory(name="Ada Moser", is_administrator=True)


@pytest.fixture
def oskar(db: None) -> User:
    """The auditor."""
    return UserFactory(name="Oskar Reiter", is_auditor=True)


@pytest.fixture
def as_user() -> Callable[[User], Client]:
    """A browser in which the person is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="workorders.accounts.SignInBackend")
        return client

    return sign_in


@pytest.fixture
def use_mode(db: None) -> Callable[..., SparepartsSettings]:
    """Set the plugin's mode without ceremony."""

    def switch(mode: str = Mode.SIMPLE, **fields: Any) -> SparepartsSettings:
        row, _created = SparepartsSettings.objects.update_or_create(pk=1, defaults={"mode": mode, **fields})
        return row

    return switch
