"""A real browser on the demo company: seeded once, served once, shared by the walks that only look.

Playwright runs a loop in this thread, in which Django refuses the database; the browser therefore lives as long as
this package's tests, and only they may ask the database beside it.
"""

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import connection
from django.test.utils import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from inventory import queries
from spareparts.demo.seed import seed_demo
from tests.browser.watching import Watch
from workorders.models import User

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}
BACKEND = "workorders.accounts.SignInBackend"
PATIENCE = 10_000  # milliseconds


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Company:
    """The served demo company and the windows that are open on it."""

    url: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)

    def person(self, first_name: str) -> User:
        return User.objects.get(email__startswith=f"{first_name}.", email__endswith="@demo.example")

    def window(self, who: str = "", *, language: str = "en", screen: Any = None, **options: Any) -> Page:
        """A new browser in which ``who`` ("jana", "" for nobody) is signed in and reads ``language``."""
        tag = "zh-CN" if language.startswith("zh") else "en-GB"
        context = self.browser.new_context(
            **(screen or DESK), base_url=self.url, locale=tag, timezone_id="Europe/Vienna", **options
        )
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        if who:
            User.objects.filter(pk=self.person(who).pk).update(language=language)
            context.add_cookies([{"name": "sessionid", "value": session_of(self.person(who)), "url": self.url}])
        return context.new_page()

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.contexts.clear()


def session_of(person: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)


@contextmanager
def own_database(folder: Path) -> Iterator[None]:
    """A migrated database for these tests alone: what they commit meets no other test, and needs no flush."""
    facts = connection.settings_dict
    former, name = facts["NAME"], facts["TEST"]["NAME"]
    facts["TEST"]["NAME"] = f"{former}_browser" if settings.IS_POSTGRESQL else str(folder / "browser.sqlite3")
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(former, verbosity=0)
        facts["TEST"]["NAME"] = name


@contextmanager
def serving(chromium: Browser, var: Path, *, mode: str) -> Iterator[Company]:
    """The small demo company in ``mode`` behind a real server, in a database of its own (also inside another one)."""
    changed = override_settings(
        IS_DEMO=True,
        DEMO_PERSONAS_ENABLED=True,
        ROOT_URLCONF="tests.browser.urls",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        VAR_DIR=var,
        MEDIA_ROOT=str(var / "media"),
        ALLOWED_HOSTS=["127.0.0.1"],
    )
    silenced = logging.root.manager.disable
    with changed, own_database(var):
        cache.clear()
        seed_demo(mode=mode, size="small")
        server = LiveServer("127.0.0.1")
        logging.disable(logging.CRITICAL)  # refusals and one planted fault are asked for on purpose
        try:
            yield Company(server.url, chromium)
            assert queries.differences() == []
        finally:
            logging.disable(silenced)
            server.stop()
            cache.clear()


@pytest.fixture(scope="package")
def served(
    chromium: Browser, django_test_environment: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
    """The company in Simple mode, on whichever engine this run has."""
    with django_db_blocker.unblock(), serving(chromium, tmp_path_factory.mktemp("var"), mode="simple") as company:
        yield company


@pytest.fixture(scope="module")
def served_advanced(
    chromium: Browser, django_test_environment: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
    """The company in Advanced mode; each module has its own, so that its tests may book what they like."""
    with django_db_blocker.unblock(), serving(chromium, tmp_path_factory.mktemp("var"), mode="advanced") as company:
        yield company


@pytest.fixture
def advanced(served_advanced: Company) -> Iterator[Company]:
    yield served_advanced
    served_advanced.close()


@pytest.fixture
def company(served: Company) -> Iterator[Company]:
    yield served
    served.close()


@pytest.fixture
def watched(company: Company) -> Iterator[Callable[..., Page]]:
    """Windows in which any complaint of the browser or request to a stranger fails the test."""
    watches: list[Watch] = []

    def open_window(who: str = "", **options: Any) -> Page:
        page = company.window(who, **options)
        watches.append(Watch(page, company.url))
        return page

    yield open_window
    assert [complaint for watch in watches for complaint in watch.complaints] == []
