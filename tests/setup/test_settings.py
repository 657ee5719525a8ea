"""Production starts with its secrets or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finder

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "SPAREPARTS_ENV": "production",
    "SECRET_KEY": "a-key-for-this-test-only-" + "0123456789abcdef" * 3,
    "ALLOWED_HOSTS": "parts.example.org",
    "DATABASE_URL": "postgres://web@127.0.0.1:1/none",
}


def manage(*words: str, without: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    known = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")
    clean = {key: value for key, value in os.environ.items() if key in known}
    values = {key: value for key, value in {**COMPLETE, **environment}.items() if key != without}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=clean | values,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_a_missing_secret_or_address_stops_the_start(name):
    done = manage("check", without=name)
    assert done.returncode == 1
    assert f"Production needs these environment variables: {name}." in done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_an_empty_one_is_a_missing_one(name):
    done = manage("check", **{name: ""})
    assert done.returncode == 1
    assert f"Production needs these environment variables: {name}." in done.stderr


def test_the_key_in_the_source_is_no_secret():
    done = manage("check", SECRET_KEY="development-only-key-never-used-in-production-0123456789")
    assert done.returncode == 1
    assert "Production needs a SECRET_KEY of its own: this one stands in the source." in done.stderr


def test_a_site_has_a_name():
    """With * the address in a mail would be whatever the one who asked for it wrote."""
    done = manage("check", ALLOWED_HOSTS="parts.example.org,*")
    assert done.returncode == 1
    assert "Production needs the names of the site in ALLOWED_HOSTS: with * a link in a mail lies." in done.stderr


def test_an_unknown_world_is_refused():
    done = manage("check", SPAREPARTS_ENV="live")
    assert done.returncode == 1
    assert "SPAREPARTS_ENV must be development, demo or production." in done.stderr


def test_the_deployment_check_has_nothing_to_say():
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert done.stdout.strip() == "System check identified no issues (0 silenced)."


def test_production_is_never_a_debug_or_demo_page():
    program = (
        "from django.conf import settings as s; "
        "print(s.DEBUG, s.DEMO_PERSONAS_ENABLED, s.SESSION_COOKIE_SECURE, "
        "s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.WHITENOISE_AUTOREFRESH)"
    )
    done = manage("shell", "--no-imports", "-c", program, DEBUG="1")
    assert done.stdout.strip() == "False False True __Host-sessionid __Host-csrftoken False"


def test_the_embedded_world_needs_no_variable():
    done = manage("check", without="SPAREPARTS_ENV", DATABASE_URL="sqlite://:memory:")
    assert done.returncode == 0, done.stderr


def test_elsewhere_an_edited_style_shows_without_a_restart(client, settings, tmp_path):
    settings.STATICFILES_DIRS = [tmp_path]
    get_finder.cache_clear()
    style = tmp_path / "plain.css"
    seen = []
    for text in ("a {}", "a { color: red }"):
        style.write_text(text)
        seen.append(b"".join(client.get("/static/plain.css")).decode())
    get_finder.cache_clear()
    assert seen == ["a {}", "a { color: red }"]
