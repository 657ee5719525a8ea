"""A person's own page, and the language of all pages."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from config.shared.models import AuditEvent
from tests.people.helpers import form_errors, messages_on, verbs
from workorders.models import User
from workorders.people_forms import zones_by_region

WORDS = {
    "name": "Jana Novak",
    "phone": "+43 660 1",
    "language": "zh-hans",
    "time_zone": "Asia/Shanghai",
    "theme": "dark",
}


HIDDEN = "This holds a line break or an invisible character. Delete it and type it, without pasting."
NO_CHOICE = "Select a valid choice. %s is not one of the available choices."


def form(**changes: str) -> dict[str, str]:
    return {**WORDS, "request_key": str(uuid.uuid4()), **changes}


class TestMe:
    def test_jana_sees_who_she_is_here(self, jana: User, as_user: Callable[[User], Client]):
        page = as_user(jana).get("/me/")
        assert (page.status_code, page.context["roles"], page.context["person"].team.name) == (
            200,
            ["Engineer"],
            "Vienna",
        )
        assert page.context["has_second_factor"] is False

    def test_she_sets_her_language_zone_and_looks(self, jana: User, as_user: Callable[[User], Client]):
        client = as_user(jana)
        response = client.post("/me/", form())
        assert (response.status_code, response["Location"]) == (302, "/me/")
        jana.refresh_from_db()
        assert (jana.phone, jana.language, jana.time_zone, jana.theme) == (
            "+43 660 1",
            "zh-hans",
            "Asia/Shanghai",
            "dark",
        )
        page = client.get("/me/")
        assert (page["Content-Language"], page.wsgi_request.LANGUAGE_CODE) == ("zh-hans", "zh-hans")
        assert '<html lang="zh-hans" dir="ltr" data-theme="dark"' in page.content.decode()
        assert timezone.get_current_timezone_name() == "Asia/Shanghai"
        event = AuditEvent.objects.get(verb="person.changed")
        assert (event.actor, event.details["theme"]) == (jana, {"from": "auto", "to": "dark"})

    def test_sent_twice_it_is_written_once(self, jana: User, as_user: Callable[[User], Client]):
        client, words = as_user(jana), form()
        assert [client.post("/me/", words).status_code for _time in range(2)] == [302, 302]
        assert verbs() == ["session.signed_in", "person.changed"]

    @pytest.mark.parametrize(
        ("changes", "errors"),
        [
            ({"name": ""}, {"name": ["This field is required."]}),
            ({"time_zone": "Mars/Base"}, {"time_zone": [NO_CHOICE % "Mars/Base"]}),
            ({"language": "xx"}, {"language": [NO_CHOICE % "xx"]}),
            ({"theme": "pink"}, {"theme": [NO_CHOICE % "pink"]}),
            ({"name": "Jana\nNovak"}, {"name": [HIDDEN]}),
            ({"name": "Jana\u202eNovak"}, {"name": [HIDDEN]}),
            ({"phone": "+43\u200b660 1"}, {"phone": [HIDDEN]}),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_refused_beside_the_field(
        self, changes: dict[str, str], errors: dict[str, list[str]], jana: User, as_user: Callable[[User], Client]
    ):
        response = as_user(jana).post("/me/", form(**changes))
        assert (response.status_code, form_errors(response)) == (200, errors)
        jana.refresh_from_db()
        assert (jana.phone, jana.theme) == ("", "auto")

    def test_other_fields_sent_along_change_nothing(self, jana: User, as_user: Callable[[User], Client]):
        extra = {"is_administrator": "on", "email": "boss@demo.example", "is_active": "", "team": "", "password": "x"}
        as_user(jana).post("/me/", form(**extra))
        jana.refresh_from_db()
        assert (jana.is_administrator, jana.email, jana.team is None) == (False, "jana.novak@demo.example", False)

    def test_who_has_no_role_opens_nothing(self, as_user: Callable[[User], Client], db: None):
        nobody = User.objects.create_user("no@demo.example", name="No Role")
        assert as_user(nobody).get("/me/").status_code == 403


class TestZones:
    def test_the_list_holds_places_and_no_abbreviations(self):
        zones = zones_by_region()
        assert ("Europe/Vienna", "Vienna") in zones["Europe"]
        assert ("America/Argentina/Buenos_Aires", "Argentina – Buenos Aires") in zones["America"]
        names = {name for places in zones.values() for name, _place in places}
        assert names.isdisjoint({"CET", "EST5EDT", "Etc/GMT+1", "US/Eastern", "localtime", "posixrules"})

    @pytest.mark.parametrize("stored", ["Mars/Base", "Europe", "../../etc/passwd", "/etc/localtime"])
    def test_a_zone_that_means_nothing_is_the_companys(
        self, stored: str, jana: User, as_user: Callable[[User], Client]
    ):
        User.objects.filter(pk=jana.pk).update(time_zone=stored)
        assert as_user(jana).get("/me/").status_code == 200
        assert timezone.get_current_timezone_name() == "Europe/Vienna"

    def test_the_next_person_in_the_thread_starts_with_the_companys(
        self, jana: User, client: Client, as_user: Callable[[User], Client]
    ):
        User.objects.filter(pk=jana.pk).update(time_zone="Asia/Shanghai")
        as_user(jana).get("/me/")
        client.get("/accounts/login/")
        assert timezone.get_current_timezone_name() == "Europe/Vienna"

    def test_a_language_we_do_not_speak_is_the_browsers(self, jana: User, as_user: Callable[[User], Client]):
        User.objects.filter(pk=jana.pk).update(language="tlh")
        page = as_user(jana).get("/me/", headers={"accept-language": "zh-hans"})
        assert page["Content-Language"] == "zh-hans"


class TestLanguageSwitch:
    def test_a_visitor_keeps_it_in_a_cookie(self, client: Client, db: None):
        response = client.post("/language/", {"language": "zh-hans", "next": "/accounts/login/?next=/me/"})
        assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/me/")
        assert client.get("/accounts/login/")["Content-Language"] == "zh-hans"
        assert verbs() == []

    def test_a_person_keeps_it_everywhere(self, jana: User, as_user: Callable[[User], Client]):
        as_user(jana).post("/language/", {"language": "zh-hans"})
        jana.refresh_from_db()
        assert jana.language == "zh-hans"
        assert as_user(jana).get("/me/", headers={"accept-language": "en"})["Content-Language"] == "zh-hans"
        assert verbs().count("person.changed") == 1

    @pytest.mark.parametrize("words", [{}, {"language": ""}, {"language": "xx"}, {"language": "\x00"}])
    def test_nonsense_changes_nothing(self, words: dict[str, str], jana: User, as_user: Callable[[User], Client]):
        response = as_user(jana).post("/language/", words)
        assert (response.status_code, response["Location"], "django_language" in response.cookies) == (302, "/", False)
        jana.refresh_from_db()
        assert jana.language == "en"

    def test_a_link_cannot_switch_it(self, client: Client, db: None):
        assert client.get("/language/", {"language": "zh-hans"}).status_code == 405

    @pytest.mark.parametrize(("path", "status"), [("/nothing/", 404), ("/admin/", 403)])
    def test_error_pages_speak_it_too(self, path: str, status: int, jana: User, as_user: Callable[[User], Client]):
        User.objects.filter(pk=jana.pk).update(language="zh-hans")
        response = as_user(jana).get(path)
        assert (response.status_code, response["Content-Language"]) == (status, "zh-hans")
        assert '<html lang="zh-hans"' in response.content.decode()


class TestDemoPersonas:
    @pytest.fixture(autouse=True)
    def demo(self, settings: Any) -> None:
        settings.DEMO_PERSONAS_ENABLED = True

    def test_the_cast_stands_on_the_sign_in_page(self, client: Client, jana: User, ada: User, tom: User):
        User.objects.filter(pk=tom.pk).update(is_active=False)
        User.objects.create_user("real@company.example", name="Real Person", is_engineer=True)
        assert client.get("/accounts/login/").context["demo_personas"] == [
            {"key": "jana.novak@demo.example", "name": "Jana Novak", "role": "Engineer"},
            {"key": "ada.moser@demo.example", "name": "Ada Moser", "role": "Administrator"},
        ]

    def test_one_press_signs_in_and_is_written_like_any_other(self, client: Client, jana: User):
        response = client.post("/demo/sign-in/", {"persona": jana.email, "next": "/me/"})
        assert (response.status_code, response["Location"]) == (302, "/me/")
        assert (client.get("/me/").context["person"], verbs()) == (jana, ["session.signed_in"])

    @pytest.mark.parametrize(
        "persona", ["real@company.example", "tom.berger@demo.example", "nobody@demo.example", "x", ""]
    )
    def test_nobody_else_gets_in_that_way(self, persona: str, client: Client, tom: User):
        User.objects.filter(pk=tom.pk).update(is_active=False)
        User.objects.create_user("real@company.example", name="Real Person", is_engineer=True)
        assert client.post("/demo/sign-in/", {"persona": persona}).status_code == 404
        assert verbs() == []

    def test_outside_the_demo_there_is_no_such_page(self, client: Client, jana: User, settings: Any):
        settings.DEMO_PERSONAS_ENABLED = False
        assert client.post("/demo/sign-in/", {"persona": jana.email}).status_code == 404
        assert "demo_personas" not in client.get("/accounts/login/").context
        assert verbs() == []


def test_words_of_the_page_after_saving_are_in_the_new_language(jana: User, as_user: Callable[[User], Client]):
    page = as_user(jana).post("/me/", form(language="en"), follow=True)
    with translation.override("en"):
        assert messages_on(page) == ["Your settings are saved."]
