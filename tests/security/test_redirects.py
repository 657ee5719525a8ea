"""Every ``next`` leads to a page of this site or nowhere (S8)."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.test import Client

from config.shared.access import is_local
from tests.people.helpers import PASSWORD, with_password
from workorders.models import User

PAYLOADS = [
    "https://evil.example/",
    "http://evil.example",
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "http:evil.example",
    "http:///evil.example",
    "https:/\\evil.example",
    "javascript:alert(1)",
    "data:text/html,hi",
    "//testserver@evil.example/",
    "http://testserver.evil.example/",
    "http://[evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\x00//evil.example",
    " //evil.example",
    "ftp://testserver/",
    "http://testserver:pw@evil.example/",
    "／／evil.example",
]  # fmt: skip
HOST = "testserver"


def is_off_site(location: str) -> bool:
    """As a browser reads it: back-slashes are slashes, blanks and control characters at the start are dropped."""
    read = "".join(c for c in location if c not in "\t\n\r").lstrip("".join(map(chr, range(33)))).replace("\\", "/")
    if read.startswith("//"):
        return not read.startswith(f"//{HOST}/")
    try:
        parts = urlsplit(read)
    except ValueError:
        return True
    return bool(parts.scheme) and not (
        parts.scheme in {"http", "https"} and parts.hostname == HOST and "@" not in parts.netloc
    )


def sign_in(client: Client, jana: User, target: str) -> object:
    return client.post("/accounts/login/", {"login": jana.email, "password": PASSWORD, "next": target})


def sign_in_by_query(client: Client, jana: User, target: str) -> object:
    return client.post("/accounts/login/", {"login": jana.email, "password": PASSWORD}, query_params={"next": target})


def sign_in_again(client: Client, jana: User, target: str) -> object:
    client.force_login(jana, backend="workorders.accounts.SignInBackend")
    return client.get("/accounts/login/", {"next": target})


def sign_out(client: Client, jana: User, target: str) -> object:
    client.force_login(jana, backend="workorders.accounts.SignInBackend")
    return client.post("/accounts/logout/", {"next": target})


def confirm_password(client: Client, jana: User, target: str) -> object:
    client.force_login(jana, backend="workorders.accounts.SignInBackend")
    return client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": target})


def change_password(client: Client, jana: User, target: str) -> object:
    client.force_login(jana, backend="workorders.accounts.SignInBackend")
    words = {"oldpassword": PASSWORD, "password1": "eight green lifts", "password2": "eight green lifts"}
    return client.post("/accounts/password/change/", {**words, "next": target})


def forgotten(client: Client, jana: User, target: str) -> object:
    return client.post("/accounts/password/reset/", {"email": jana.email, "next": target})


def language(client: Client, jana: User, target: str) -> object:
    return client.post("/language/", {"language": "en", "next": target})


def demo(client: Client, jana: User, target: str) -> object:
    return client.post("/demo/sign-in/", {"persona": jana.email, "next": target})


def admin_door(client: Client, jana: User, target: str) -> object:
    return client.get("/admin/login/", {"next": target})


def admin_door_inside(client: Client, jana: User, target: str) -> object:
    User.objects.filter(pk=jana.pk).update(is_administrator=True)
    client.force_login(jana, backend="workorders.accounts.SignInBackend")
    return client.get("/admin/login/", {"next": target})


def sign_up(client: Client, jana: User, target: str) -> object:
    client.force_login(jana, backend="workorders.accounts.SignInBackend")
    return client.get("/accounts/signup/", {"next": target})


DOORS = [
    sign_in, sign_in_by_query, sign_in_again, sign_out, confirm_password, change_password, forgotten, language, demo,
    admin_door, admin_door_inside, sign_up,
]  # fmt: skip


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_no_payload_leads_off_this_site(door: Callable[..., object], jana: User, settings: object):
    settings.DEMO_PERSONAS_ENABLED = True
    settings.ACCOUNT_RATE_LIMITS = False
    off_site = {}
    for payload in PAYLOADS:
        with_password(jana)
        response = door(Client(), jana, payload)
        assert response.status_code in {200, 302}, (payload, response.status_code)
        location = response.headers.get("Location", "/")
        if is_off_site(location):
            off_site[payload] = location
    assert off_site == {}


@pytest.mark.parametrize(
    "door",
    [
        sign_in,
        sign_in_by_query,
        sign_in_again,
        sign_out,
        confirm_password,
        change_password,
        language,
        demo,
        admin_door_inside,
    ],
    ids=lambda door: door.__name__,
)
def test_a_page_of_ours_is_reached(door: Callable[..., object], jana: User, settings: object):
    """The control: the same doors do go on to where they should."""
    settings.DEMO_PERSONAS_ENABLED = True
    with_password(jana)
    assert door(Client(), jana, "/me/?tab=2")["Location"] == "/me/?tab=2"


def test_the_judge_knows_every_payload():
    """The control: a door that obeyed would be found."""
    assert [payload for payload in PAYLOADS if not is_off_site(payload)] == ["／／evil.example"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_none_of_them_is_local(payload: str):
    assert not is_local(payload)


@pytest.mark.parametrize("path", ["/", "/me/", "/parts/?q=a%20b#top", "/配件/"])
def test_paths_are_local(path: str):
    assert is_local(path)
