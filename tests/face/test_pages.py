"""The style guide, the error pages and the account pages are whole."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import get_template, render_to_string
from django.test import Client

COMPONENTS = Path(settings.BASE_DIR) / "templates" / "components"


@pytest.mark.django_db
class TestStyleguide:
    def test_it_shows_every_icon_and_a_page_of_components(self, client: Client, settings: Any):
        settings.DEBUG = True
        answer = client.get("/styleguide/")
        assert answer.status_code == 200
        html = answer.content.decode()
        for shown in [
            "There is a problem",
            "RQ-002038",
            'role="img"',
            "data-picker",
            'class="steps"',
            "<template data-line>",
        ]:
            assert shown in html

    def test_it_is_not_there_for_users(self, client: Client):
        assert client.get("/styleguide/").status_code == 404

    def test_ids_are_there_once(self, client: Client, settings: Any):
        settings.DEBUG = True
        html = re.sub(r"<template.*?</template>", "", client.get("/styleguide/").content.decode(), flags=re.DOTALL)
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("path", sorted(COMPONENTS.glob("*.html")), ids=lambda path: path.name)
def test_a_component_says_what_it_needs_and_compiles(path: Path):
    if not path.name.startswith("_"):
        assert path.read_text().startswith("{# ")
    assert get_template(f"components/{path.name}").origin.name == str(path)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("400.html", "This request could not be read"),
        ("403.html", "You may not open this"),
        ("404.html", "This page is not here"),
        ("403_csrf.html", "This page was open too long"),
        ("500.html", "Something went wrong on our side"),
    ],
)
def test_an_error_page_needs_neither_request_nor_database(template: str, words: str):
    html = render_to_string(template)
    assert f"<h1>{words}</h1>" in html
    assert f"<title>{words}</title>" in html
    assert 'href="/"' in html


def test_the_failure_page_is_drawn_without_a_manifest(monkeypatch: pytest.MonkeyPatch):
    def missing(path: str) -> str:
        raise ValueError(path)

    monkeypatch.setattr("config.shared.templatetags.face.static", missing)
    assert "static/css/tokens.css" in render_to_string("500.html")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/accounts/login/", "Sign in"),
        ("/accounts/password/reset/", "Set a new password"),
        ("/accounts/password/reset/done/", "Look at your mail"),
        ("/accounts/inactive/", "This account is switched off"),
        ("/accounts/signup/", "Accounts are made by invitation"),
    ],
)
def test_an_account_page_wears_our_clothes(client: Client, address: str, heading: str):
    html = client.get(address).content.decode()
    assert f"<h1>{heading}</h1>" in html
    assert "css/components.css" in html
    assert "<script>" not in html


@pytest.mark.django_db
def test_a_refused_sign_in_says_so_in_the_title_and_on_top(client: Client):
    html = client.post("/accounts/login/", {"login": "", "password": ""}).content.decode()
    assert "<title>Error: Sign in" in html
    assert "There is a problem" in html
    assert '<a href="#id_login">' in html
