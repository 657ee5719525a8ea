"""The headers of every answer, whatever it says (S6)."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import SuspiciousOperation
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from tests.people.helpers import sign_in, with_password
from workorders.models import User
from workorders.views import people as people_views

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": (
        "accelerometer=(), camera=(self), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
    ),
}


def security_headers(response: Any) -> dict[str, str | None]:
    found = {name: response.headers.get(name) for name in EXPECTED}
    policy = found["Content-Security-Policy"]
    if policy is not None:
        found["Content-Security-Policy"] = "; ".join(sorted(policy.split("; ")))
    return found


WANTED = {**EXPECTED, "Content-Security-Policy": "; ".join(sorted(EXPECTED["Content-Security-Policy"].split("; ")))}


def fail(*args: object, **kwargs: object) -> HttpResponse:
    raise RuntimeError("a bug of ours: secret-in-the-trace")


def ok(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    return client.get("/accounts/login/")


def redirect(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    return client.get("/me/")


def wrong_host(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(django_settings, "ALLOWED_HOSTS", ["parts.example.org"])
    return client.get("/me/", headers={"host": "evil.example"})


def unreadable(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    def refuse(*args: object, **kwargs: object) -> None:
        raise SuspiciousOperation("odd")

    monkeypatch.setattr(people_views, "next_url", refuse)
    return client.post("/language/", {"language": "en"})


def too_many_fields(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    return client.post("/accounts/login/", {f"f{n}": "1" for n in range(1001)})


def no_token(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    return Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x@demo.example"})


def missing(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    return client.get("/nothing-here/")


def wrong_method(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    return client.get("/language/")


def conflict(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(people_views, "next_url", lambda *args, **kwargs: "/")
    monkeypatch.setattr(people_views, "HttpResponseRedirect", lambda url: HttpResponse("taken", status=409))
    return client.post("/language/", {"language": "en"})


def broken(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(people_views, "next_url", fail)
    return client.post("/language/", {"language": "en"})


def no_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    client.cookies[django_settings.SESSION_COOKIE_NAME] = "x" * 32
    with connection.execute_wrapper(fail):
        return client.get("/me/")


def asset(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    return client.get("/static/css/base.css")


ANSWERS = [
    (ok, 200), (redirect, 302), (wrong_host, 400), (unreadable, 400), (too_many_fields, 400), (no_token, 403),
    (missing, 404), (wrong_method, 405), (conflict, 409), (broken, 500), (no_database, 500), (asset, 200),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("ask", "status"), ANSWERS, ids=lambda value: getattr(value, "__name__", None))
def test_every_answer_carries_them(ask: Callable[..., Any], status: int, monkeypatch: pytest.MonkeyPatch):
    response = ask(Client(raise_request_exception=False), monkeypatch)
    assert (response.status_code, security_headers(response)) == (status, WANTED)
    assert b"secret-in-the-trace" not in response.getvalue()
    response.close()


def test_nothing_unsafe_is_allowed():
    assert "unsafe" not in EXPECTED["Content-Security-Policy"]


class TestStorage:
    """What a signed-in person saw stays in no cache; what is the same for all may be kept."""

    @pytest.mark.parametrize(
        "path", ["/me/", "/nothing-here/", "/admin/", "/accounts/2fa/", "/accounts/password/change/"]
    )
    def test_no_page_of_a_person_is_stored(self, path: str, ada: User, as_user: Callable[[User], Client]):
        assert as_user(ada).get(path)["Cache-Control"] == "no-store, private"

    def test_neither_is_the_answer_that_signs_in_or_out(self, client: Client, jana: User):
        assert sign_in(client, with_password(jana))["Cache-Control"] == "no-store, private"
        assert client.post("/accounts/logout/")["Cache-Control"] == "no-store, private"

    def test_a_style_sheet_may_be_kept(self, ada: User, as_user: Callable[[User], Client]):
        response = as_user(ada).get("/static/css/base.css")
        assert "no-store" not in response["Cache-Control"]
        response.close()


PRODUCTION = {
    "SPAREPARTS_ENV": "production",
    "SECRET_KEY": "a-key-for-this-test-only-" + "0123456789abcdef" * 3,
    "ALLOWED_HOSTS": "parts.example.org",
    "DATABASE_URL": "sqlite://:memory:",
    "LOG_LEVEL": "CRITICAL",
}
VISIT = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.test import Client
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
call_command("migrate", verbosity=0)
from workorders.models import User
User.objects.create_user("ada@demo.example", "seven blue lifts", name="Ada", is_auditor=True)
browser = Client(headers={"host": "parts.example.org"}, raise_request_exception=False)
plain = browser.get("/me/")
print(plain.status_code, plain["Location"])
page = browser.get("/accounts/login/", secure=True)
print(page.status_code, page["Strict-Transport-Security"])
wrong = browser.get("/", secure=True, headers={"host": "evil.example"})
print(wrong.status_code, wrong["Strict-Transport-Security"])
words = {"login": "ada@demo.example", "password": "seven blue lifts", "next": "/me/"}
done = browser.post("/accounts/login/", words, secure=True)
print(done.status_code, done["Location"])
browser.post("/language/", {"language": "en"}, secure=True)
for name, cookie in sorted(browser.cookies.items()):
    print(name, cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"], repr(cookie["domain"]))
print(*(getattr(browser, method)("/demo/sign-in/", secure=True).status_code for method in ("get", "post")))
"""


def test_production_speaks_https_only_and_marks_its_cookies(tmp_path: Path):
    known = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")
    clean = {key: value for key, value in os.environ.items() if key in known}
    done = subprocess.run(
        [sys.executable, "-c", VISIT],
        cwd=ROOT,
        env={**clean, **PRODUCTION, "STATIC_ROOT": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    hsts = "max-age=31536000; includeSubDomains; preload"
    assert done.stdout.splitlines() == [
        "301 https://parts.example.org/me/",
        f"200 {hsts}",
        f"400 {hsts}",
        "302 /me/",
        "__Host-csrftoken True True Lax / ''",
        "__Host-language True True Lax / ''",
        "__Host-sessionid True True Lax / ''",
        "405 404",
    ], done.stderr


class TestDemoOnHttp:
    """The demo is opened from a phone on the same network, by address and without https."""

    def test_a_phone_signs_in(self, jana: User, settings: Any):
        settings.DEMO_PERSONAS_ENABLED = True
        phone = Client(enforce_csrf_checks=True, headers={"host": "192.168.1.20:8000"})
        page = phone.get("/accounts/login/")
        assert "Strict-Transport-Security" not in page.headers
        token = page.context["csrf_token"]
        words = {"persona": jana.email, "csrfmiddlewaretoken": str(token)}
        response = phone.post("/demo/sign-in/", words, headers={"origin": "http://192.168.1.20:8000"})
        assert response.status_code == 302
        assert {name: cookie["secure"] for name, cookie in phone.cookies.items()} == {"csrftoken": "", "sessionid": ""}
        assert phone.get("/me/").context["person"] == jana
