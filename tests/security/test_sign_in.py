"""Who gets in, who does not, and what is said about it (S11, S14)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from cryptography.fernet import InvalidToken
from django.core import mail
from django.core.management import call_command
from django.test import Client

from config.shared.models import AuditEvent
from tests.people.helpers import PASSWORD, TOO_MANY, WRONG, form_errors, is_signed_in, sign_in, verbs, with_password
from workorders.accounts import SecondFactorAdapter
from workorders.domain.people import deactivate_person
from workorders.models import User

AT = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


class TestPassword:
    def test_jana_signs_in_with_her_address_in_any_case(self, client: Client, jana: User):
        with_password(jana)
        response = sign_in(client, "Jana.Novak@Demo.Example")
        assert (response.status_code, response["Location"]) == (302, "/")
        assert is_signed_in(client)
        event = AuditEvent.objects.get()
        assert (event.verb, event.actor, event.details) == ("session.signed_in", jana, {"address": "127.0.0.1"})
        assert re.fullmatch(r"[0-9a-f-]{36}", event.request_id)

    @pytest.mark.parametrize(
        ("email", "password"), [("jana.novak@demo.example", "wrong"), ("nobody@demo.example", PASSWORD)]
    )
    def test_a_wrong_pair_says_the_same_whichever_half_is_wrong(
        self, client: Client, jana: User, email: str, password: str
    ):
        with_password(jana)
        response = sign_in(client, email, password)
        assert (response.status_code, form_errors(response)) == (200, {"__all__": [WRONG]})
        event = AuditEvent.objects.get()
        assert (event.verb, event.actor, event.subject_label) == ("session.refused", None, email)
        assert not is_signed_in(client)

    def test_who_was_only_invited_cannot_sign_in(self, client: Client, jana: User):
        jana.set_unusable_password()
        jana.save()
        assert form_errors(sign_in(client, jana, jana.password)) == {"__all__": [WRONG]}

    def test_who_was_deactivated_learns_it_only_with_the_right_password(self, client: Client, ada: User, jana: User):
        deactivate_person(with_password(jana), by=ada, at=AT, reason="left")
        assert form_errors(sign_in(client, jana, "wrong")) == {"__all__": [WRONG]}
        response = sign_in(client, jana)
        assert (response.status_code, response["Location"]) == (302, "/accounts/inactive/")
        assert client.get("/accounts/inactive/").status_code == 200
        assert verbs() == ["person.deactivated", "session.refused", "session.refused"]
        assert not is_signed_in(client)

    def test_no_second_address_is_ever_stored(self, client: Client, jana: User):
        """allauth keeps a table of addresses that sign in too; a changed address would live on in it."""
        with_password(jana)
        sign_in(client, jana)
        client.post("/accounts/logout/")
        client.post("/accounts/password/reset/", {"email": jana.email})
        client.get(re.search(r"/accounts/password/\S+", mail.outbox[-1].body)[0], follow=True)
        assert EmailAddress.objects.count() == 0


class TestSigningOut:
    def test_a_post_signs_out_and_a_get_only_asks(self, client: Client, jana: User):
        sign_in(client, with_password(jana))
        assert (client.get("/accounts/logout/").status_code, is_signed_in(client)) == (200, True)
        response = client.post("/accounts/logout/")
        assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
        assert not is_signed_in(client)
        assert verbs() == ["session.signed_in", "session.signed_out"]

    def test_who_is_not_signed_in_leaves_no_trace(self, client: Client, db: None):
        assert client.post("/accounts/logout/").status_code == 302
        assert verbs() == []


class TestClosedDoors:
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_sign_up_says_that_it_is_by_invitation(self, client: Client, db: None, method: str):
        words = {"email": "new@demo.example", "password1": PASSWORD, "password2": PASSWORD}
        response = getattr(client, method)("/accounts/signup/", words)
        assert (response.status_code, response.templates[0].name) == (200, "account/signup_closed.html")
        assert (User.objects.count(), verbs()) == (0, [])

    @pytest.mark.parametrize(
        "path",
        [
            "/accounts/",
            "/accounts/email/",
            "/accounts/confirm-email/",
            "/accounts/confirm-email/abc/",
            "/accounts/login/code/",
            "/accounts/login/code/confirm/",
            "/accounts/3rdparty/",
            "/accounts/social/login/cancelled/",
            "/accounts/phone/change/",
            "/accounts/sessions/",
            "/accounts/2fa/webauthn/",
            "/accounts/signup/passkey/",
        ],
    )
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_what_we_do_not_offer_is_not_there(
        self, path: str, method: str, jana: User, as_user: Callable[[User], Client]
    ):
        assert getattr(as_user(jana), method)(path).status_code == 404


class TestLimits:
    def test_ten_wrong_passwords_close_the_account_for_five_minutes(self, client: Client, jana: User, tom: User):
        with_password(jana)
        with_password(tom)
        with time_machine.travel(AT, tick=False) as clock:
            for _attempt in range(10):
                assert form_errors(sign_in(client, jana, "wrong")) == {"__all__": [WRONG]}
            response = sign_in(client, jana)  # the right one, too late
            assert (response.status_code, form_errors(response)) == (200, {"__all__": [TOO_MANY]})
            assert sign_in(Client(), tom).status_code == 302  # a colleague behind the same address is not concerned
            clock.shift(301)
            assert sign_in(client, jana).status_code == 302
        assert verbs() == ["session.refused"] * 11 + ["session.signed_in"] * 2
        assert AuditEvent.objects.filter(reason="too many attempts").count() == 1

    def test_a_whole_warehouse_signs_in_from_one_address(self, db: None):
        people = [with_password(User.objects.create_user(f"p{n}@demo.example", name=f"P {n}")) for n in range(60)]
        with time_machine.travel(AT, tick=False):
            assert [sign_in(Client(), person).status_code for person in people] == [302] * 60

    def test_guessing_through_the_whole_company_from_one_address_is_stopped(self, client: Client, db: None):
        with time_machine.travel(AT, tick=False):
            for n in range(60):
                assert form_errors(sign_in(client, f"p{n}@demo.example", "wrong")) == {"__all__": [WRONG]}
            assert form_errors(sign_in(client, "p60@demo.example", "wrong")) == {"__all__": [TOO_MANY]}
            statuses = {sign_in(client, f"q{n}@demo.example", "wrong").status_code for n in range(60)}
        assert statuses == {200, 429}

    def test_behind_our_proxy_the_browser_counts_and_not_the_proxy(self, client: Client, jana: User, settings: Any):
        settings.TRUSTED_PROXIES = 1
        for claim in ("9.9.9.9, 203.0.113.7", "203.0.113.7"):
            client.post(
                "/accounts/login/", {"login": "x@demo.example", "password": "x"}, headers={"X-Forwarded-For": claim}
            )
        assert [event.details["address"] for event in AuditEvent.objects.all()] == ["203.0.113.7"] * 2

    def test_without_a_proxy_nobody_chooses_his_address(self, client: Client, db: None):
        client.post(
            "/accounts/login/", {"login": "x@demo.example", "password": "x"}, headers={"X-Forwarded-For": "9.9.9.9"}
        )
        assert AuditEvent.objects.get().details == {"address": "127.0.0.1"}

    def test_a_server_that_tells_no_address_still_signs_in(self, client: Client, jana: User):
        with_password(jana)
        assert sign_in(client, jana, REMOTE_ADDR="").status_code == 302


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


class TestSecondFactor:
    def turn_on(self, client: Client) -> str:
        page = client.get("/accounts/2fa/totp/activate/")
        secret = page.context["form"].secret
        response = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
        assert (response.status_code, response["Location"]) == (302, "/accounts/2fa/recovery-codes/")
        return secret

    def confirm(self, client: Client) -> None:
        response = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        assert response.status_code == 302

    @pytest.mark.django_db(transaction=True)
    def test_from_turning_on_to_signing_in_with_a_code(self, client: Client, jana: User):
        sign_in(client, with_password(jana))
        assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
        self.confirm(client)
        secret = self.turn_on(client)
        codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
        client.post("/accounts/logout/")

        assert sign_in(client, jana)["Location"] == "/accounts/2fa/authenticate/"
        assert not is_signed_in(client)
        refused = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
        assert form_errors(refused) == {"code": ["This code is not right. Type the one your app shows now."]}
        with time_machine.travel(datetime.now(UTC).timestamp() + 90):
            done = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
        assert (done.status_code, is_signed_in(client)) == (302, True)
        client.post("/accounts/logout/")

        sign_in(client, jana)
        assert client.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 302
        assert is_signed_in(client)
        assert len(codes) == 10
        assert verbs() == [
            "session.signed_in", "person.second_factor_added", "session.signed_out",
            "session.refused", "session.signed_in", "session.signed_out", "session.signed_in",
        ]  # fmt: skip
        assert [message.subject for message in mail.outbox] == ["Two-step sign-in is on"]

    @pytest.mark.django_db(transaction=True)
    def test_turning_it_off_is_told_and_written_once(self, client: Client, jana: User):
        sign_in(client, with_password(jana))
        self.confirm(client)
        self.turn_on(client)
        assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
        assert Authenticator.objects.count() == 0
        assert verbs() == ["session.signed_in", "person.second_factor_added", "person.second_factor_removed"]
        assert [message.subject for message in mail.outbox] == ["Two-step sign-in is on", "Two-step sign-in is off"]

    @pytest.mark.django_db(transaction=True)
    def test_no_secret_rests_in_plain_and_an_old_key_still_reads(self, client: Client, jana: User, settings: Any):
        sign_in(client, with_password(jana))
        self.confirm(client)
        secret = self.turn_on(client)
        stored = Authenticator.objects.get(type="totp").data["secret"]
        assert secret not in stored
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "the next key of this company"
        assert SecondFactorAdapter().decrypt(stored) == secret

        call_command("reencrypt_second_factors", stdout=StringIO())
        settings.SECRET_KEY_FALLBACKS = []
        assert SecondFactorAdapter().decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secret
        with pytest.raises(InvalidToken):
            SecondFactorAdapter().decrypt(stored)

    def test_a_guesser_of_codes_is_stopped(self, client: Client, jana: User):
        with_password(jana)
        Authenticator.objects.create(
            user=jana, type="totp", data={"secret": SecondFactorAdapter().encrypt("JBSWY3DPEHPK3PXP")}
        )
        with time_machine.travel(AT, tick=False):
            sign_in(client, jana)
            answers = [
                form_errors(client.post("/accounts/2fa/authenticate/", {"code": f"{n:06}"}))["code"] for n in range(11)
            ]
        assert answers == [["This code is not right. Type the one your app shows now."]] * 10 + [[TOO_MANY]]


class TestAdminDoor:
    def test_an_administrator_signs_in_at_the_one_page_and_arrives(self, client: Client, ada: User):
        with_password(ada)
        response = client.get("/admin/workorders/user/", follow=True)
        assert response.redirect_chain == [
            ("/admin/login/?next=/admin/workorders/user/", 302),
            ("/accounts/login/?next=/admin/workorders/user/", 302),
        ]
        assert sign_in(client, ada, next="/admin/workorders/user/")["Location"] == "/admin/workorders/user/"
        assert client.get("/admin/workorders/user/").status_code == 200

    @pytest.mark.parametrize("path", ["/admin/", "/admin/workorders/user/", "/admin/login/", "/admin/jsi18n/"])
    def test_an_engineer_is_refused_where_he_knocked_and_it_is_written_once(
        self, path: str, jana: User, as_user: Callable[[User], Client]
    ):
        client = as_user(jana)
        AuditEvent.objects.all().delete()
        response = client.get(path)
        assert (response.status_code, response.templates[0].name) == (403, "403.html")
        event = AuditEvent.objects.get()
        assert (event.verb, event.actor, event.subject_label) == ("access.denied", jana, path)

    def test_the_admin_knows_no_password(self, ada: User, jana: User, as_user: Callable[[User], Client]):
        """Signed in as a clerk, Django's own form would take anybody's password without limit or code."""
        client = as_user(ada)
        response = client.post("/admin/login/", {"username": with_password(jana).email, "password": PASSWORD})
        assert (response.status_code, response["Location"]) == (302, "/admin/")
        assert client.get("/me/").context["person"] == ada

    def test_passwords_are_changed_at_one_place(self, ada: User, as_user: Callable[[User], Client]):
        assert as_user(ada).get("/admin/password_change/")["Location"] == "/accounts/password/change/"
