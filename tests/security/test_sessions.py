"""When a session ends, and how long a link lives (S11)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import time_machine
from django.core import mail
from django.test import Client

from tests.people.helpers import PASSWORD, form_errors, is_signed_in, sign_in, verbs, with_password
from workorders.domain.people import change_roles, deactivate_person, reactivate_person
from workorders.enums import Role
from workorders.models import User

AT = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
NEW = "eight green lifts"


class TestDeactivation:
    def test_the_next_click_leads_to_the_sign_in(self, client: Client, ada: User, jana: User):
        sign_in(client, with_password(jana))
        deactivate_person(jana, by=ada, at=AT, reason="left")
        response = client.get("/me/")
        assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/me/")

    def test_a_form_sent_after_it_changes_nothing(self, client: Client, ada: User, jana: User):
        sign_in(client, with_password(jana))
        deactivate_person(jana, by=ada, at=AT, reason="left")
        assert client.post("/language/", {"language": "zh-hans"}).status_code == 302
        jana.refresh_from_db()
        assert (jana.language, verbs()) == ("en", ["session.signed_in", "person.deactivated"])

    def test_an_old_session_stays_dead_when_the_person_comes_back(self, client: Client, ada: User, jana: User):
        sign_in(client, with_password(jana))
        deactivate_person(jana, by=ada, at=AT, reason="left")
        reactivate_person(jana, by=ada, at=AT)
        assert not is_signed_in(client)
        assert sign_in(client, jana).status_code == 302
        assert is_signed_in(client)

    def test_a_role_taken_away_is_gone_at_the_next_click(self, client: Client, ada: User, karl: User):
        sign_in(client, with_password(karl))
        assert client.get("/admin/").status_code == 200
        change_roles(karl, roles=[Role.ENGINEER], by=ada, at=AT)
        assert client.get("/admin/").status_code == 403


class TestPasswordChange:
    def change(self, client: Client, **words: str) -> object:
        return client.post(
            "/accounts/password/change/",
            {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW, **words},
        )

    def test_it_ends_the_other_sessions_and_keeps_this_one(self, jana: User):
        with_password(jana)
        phone, desk = Client(), Client()
        sign_in(phone, jana)
        sign_in(desk, jana)
        response = self.change(desk)
        assert (response.status_code, response["Location"]) == (302, "/me/")
        assert (is_signed_in(desk), is_signed_in(phone)) == (True, False)
        assert sign_in(Client(), jana, NEW).status_code == 302
        assert verbs() == ["session.signed_in"] * 2 + ["person.password_changed", "session.signed_in"]
        assert [(message.to, message.subject) for message in mail.outbox] == [
            (["jana.novak@demo.example"], "Your password was changed")
        ]

    def test_without_the_present_password_nothing_changes(self, client: Client, jana: User):
        sign_in(client, with_password(jana))
        response = self.change(client, oldpassword="guess")
        assert form_errors(response) == {"oldpassword": ["This is not your present password."]}
        assert sign_in(Client(), jana).status_code == 302

    def test_a_weak_password_is_refused_with_the_reason(self, client: Client, jana: User):
        sign_in(client, with_password(jana))
        weak = {"company": "Nordlift2026", "short": "x7 y8 z9", "common": "1234567890", "like the name": "jananovak12"}
        refused = {
            name: set(form_errors(self.change(client, password1=word, password2=word))) for name, word in weak.items()
        }
        assert refused == {
            "company": {"password1"},
            "short": {"password1"},
            "common": {"password1"},
            "like the name": {"password1"},
        }

    def test_changing_one_password_undoes_nothing_an_administrator_does_meanwhile(
        self, client: Client, ada: User, jana: User
    ):
        sign_in(client, with_password(jana))
        stale = User.objects.get(pk=jana.pk)
        change_roles(jana, roles=[Role.AUDITOR], by=ada, at=AT)
        from workorders.accounts import AccountAdapter

        AccountAdapter().set_password(stale, NEW)
        jana.refresh_from_db()
        assert (jana.roles, jana.check_password(NEW)) == ({Role.AUDITOR}, True)


class TestOtherDevices:
    def test_the_lost_phone_is_signed_out_from_the_desk(self, jana: User):
        with_password(jana)
        phone, desk = Client(), Client()
        sign_in(phone, jana)
        sign_in(desk, jana)
        assert desk.get("/me/sign-out-elsewhere/").status_code == 405
        assert desk.post("/me/sign-out-elsewhere/")["Location"] == "/me/"
        assert (is_signed_in(desk), is_signed_in(phone)) == (True, False)

    def test_an_administrator_does_it_for_somebody(
        self, client: Client, ada: User, jana: User, as_user: Callable[[User], Client]
    ):
        sign_in(client, with_password(jana))
        words = {"action": "end_sessions", "confirmed": "1", "_selected_action": [str(jana.pk)]}
        assert as_user(ada).post("/admin/workorders/user/", words).status_code == 302
        assert not is_signed_in(client)


def link_for(client: Client, person: User) -> str:
    client.post("/accounts/password/reset/", {"email": person.email})
    found = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


def set_password(client: Client, link: str) -> tuple[int, str]:
    """Open the link and choose a new password; the last page says what became of it."""
    page = client.get(link, follow=True)
    if not page.redirect_chain:
        return page.status_code, "refused"
    response = client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    return response.status_code, response["Location"]


class TestLinks:
    def test_a_forgotten_password_is_replaced_and_jana_is_in(self, client: Client, jana: User):
        with_password(jana)
        elsewhere = Client()
        sign_in(elsewhere, jana)
        assert set_password(client, link_for(client, jana)) == (302, "/")
        assert (is_signed_in(client), is_signed_in(elsewhere)) == (True, False)
        assert sign_in(Client(), jana).status_code == 200
        assert verbs() == [
            "session.signed_in", "person.password_set", "session.signed_in", "session.refused"
        ]  # fmt: skip
        assert [message.subject for message in mail.outbox] == ["Set a new password", "Your password was set"]

    def test_a_link_works_once(self, client: Client, jana: User):
        link = link_for(client, with_password(jana))
        set_password(client, link)
        assert set_password(Client(), link) == (200, "refused")

    def test_a_link_lives_a_day_and_an_invitation_a_week(self, client: Client, jana: User, tom: User):
        tom.set_unusable_password()
        tom.save()
        with time_machine.travel(AT, tick=False) as clock:
            links = {"forgotten": link_for(client, with_password(jana)), "invited": link_for(client, tom)}
            opened = {}
            for hours in (23, 25, 167, 169):
                clock.move_to(AT + timedelta(hours=hours))
                opened[hours] = [name for name, link in links.items() if Client().get(link).status_code == 302]
        assert opened == {23: ["forgotten", "invited"], 25: ["invited"], 167: ["invited"], 169: []}

    def test_a_link_dies_with_the_access_and_does_not_come_back(self, client: Client, ada: User, jana: User):
        link = link_for(client, with_password(jana))
        deactivate_person(jana, by=ada, at=AT, reason="left")
        assert set_password(Client(), link) == (200, "refused")
        reactivate_person(jana, by=ada, at=AT)
        assert set_password(Client(), link) == (200, "refused")

    def test_a_link_opens_no_account_with_a_second_factor(self, client: Client, jana: User):
        from allauth.mfa.models import Authenticator

        with_password(jana)
        Authenticator.objects.create(user=jana, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
        assert set_password(client, link_for(client, jana)) == (302, "/accounts/2fa/authenticate/")
        assert not is_signed_in(client)

    def test_a_stranger_learns_nothing_from_asking(self, client: Client, jana: User):
        with_password(jana)
        answers = [
            client.post("/accounts/password/reset/", {"email": email}) for email in (jana.email, "no@demo.example")
        ]
        assert [(answer.status_code, answer["Location"]) for answer in answers] == [
            (302, "/accounts/password/reset/done/")
        ] * 2
        assert [(message.to, message.subject) for message in mail.outbox] == [
            (["jana.novak@demo.example"], "Set a new password"),
            (["no@demo.example"], "No account with this e-mail address"),
        ]

    def test_setting_a_new_password_forgives_the_wrong_attempts(self, client: Client, jana: User):
        with_password(jana)
        for _attempt in range(10):
            sign_in(client, jana, "wrong")
        set_password(client, link_for(client, jana))
        assert sign_in(Client(), jana, NEW).status_code == 302

    def test_who_asks_too_often_has_to_wait(self, client: Client, jana: User):
        answers = [client.post("/accounts/password/reset/", {"email": jana.email}).status_code for _ask in range(6)]
        assert (answers, len(mail.outbox)) == ([302] * 5 + [429], 5)

    def test_a_demo_person_without_a_password_is_led_to_a_link(self, jana: User, as_user: Callable[[User], Client]):
        jana.set_unusable_password()
        jana.save()
        response = as_user(jana).get("/accounts/password/change/", follow=True)
        assert [url for url, _status in response.redirect_chain] == [
            "/accounts/password/set/", "/accounts/password/reset/"
        ]  # fmt: skip
