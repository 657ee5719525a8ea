"""When something is down: nothing is written, nobody gets further than before, no trace is shown (S12, R11)."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends import locmem
from django.db import DatabaseError, OperationalError, connection
from django.test import Client

from config.shared import audit
from config.shared.models import AuditEvent
from spareparts import backends
from tests.people.helpers import TOO_MANY, form_errors, is_signed_in, sign_in, verbs, with_password
from workorders.models import User

SECRET = "connection to 10.0.0.7 as web refused"
NOWHERE = {"BACKEND": "config.shared.caching.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:9/0"}


@pytest.fixture
def calm() -> Client:
    """A browser that shows the error page instead of raising."""
    return Client(raise_request_exception=False)


def lost(*args: Any, **kwargs: Any) -> Any:
    raise OperationalError(SECRET)


def assert_plain_500(response: Any) -> None:
    text = response.content.decode()
    assert (response.status_code, "Something went wrong on our side" in text) == (500, True)
    assert [
        word for word in (SECRET, "Traceback", "OperationalError", "RuntimeError", "site-packages") if word in text
    ] == []


class TestPermissions:
    """The table of rights cannot be asked."""

    @pytest.mark.parametrize("path", ["/me/", "/admin/", "/admin/workorders/user/"])
    def test_no_page_opens(self, path: str, calm: Client, ada: User, monkeypatch: pytest.MonkeyPatch):
        calm.force_login(ada, backend="workorders.accounts.SignInBackend")
        monkeypatch.setattr(backends, "is_granted", lost)
        assert_plain_500(calm.get(path))

    def test_no_form_writes(self, calm: Client, ada: User, jana: User, monkeypatch: pytest.MonkeyPatch):
        calm.force_login(ada, backend="workorders.accounts.SignInBackend")
        before = AuditEvent.objects.count()
        monkeypatch.setattr(backends, "is_granted", lost)
        for path in ("/me/", f"/admin/workorders/user/{jana.pk}/change/", "/admin/workorders/user/add/"):
            assert_plain_500(calm.post(path, {"name": "Changed", "theme": "dark", "is_engineer": "on"}))
        monkeypatch.undo()
        assert (User.objects.filter(name="Changed").count(), AuditEvent.objects.count()) == (0, before)


class TestDatabase:
    @pytest.mark.parametrize("path", ["/me/", "/admin/", "/accounts/password/change/"])
    def test_a_signed_in_person_sees_the_plain_page(self, path: str, calm: Client, jana: User):
        calm.force_login(jana, backend="workorders.accounts.SignInBackend")
        with connection.execute_wrapper(lost):
            assert_plain_500(calm.get(path))

    def test_nobody_gets_in(self, calm: Client, jana: User):
        with_password(jana)
        with connection.execute_wrapper(lost):
            assert_plain_500(sign_in(calm, jana))
        assert (is_signed_in(calm), verbs()) == (False, [])

    def test_a_sign_in_that_cannot_be_audited_does_not_happen(
        self, calm: Client, jana: User, monkeypatch: pytest.MonkeyPatch
    ):
        with_password(jana)
        monkeypatch.setattr(audit, "record", lost)
        assert_plain_500(sign_in(calm, jana))
        monkeypatch.undo()
        assert (is_signed_in(calm), verbs()) == (False, [])

    def test_a_denial_that_cannot_be_audited_stays_a_denial(
        self,
        jana: User,
        as_user: Callable[[User], Client],
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ):
        client = as_user(jana)
        monkeypatch.setattr(audit, "record", lost)
        with caplog.at_level(logging.ERROR):
            response = client.get("/admin/")
        assert (response.status_code, SECRET in response.content.decode()) == (403, False)
        assert [record.name for record in caplog.records if "denial_not_audited" in str(record.msg)] == [
            "config.shared.middleware"
        ]

    def test_what_only_half_succeeds_is_undone(self, calm: Client, ada: User, monkeypatch: pytest.MonkeyPatch):
        """The row of the person is written before the audit row: without the second the first goes too."""
        calm.force_login(ada, backend="workorders.accounts.SignInBackend")
        monkeypatch.setattr(audit, "record", lost)
        words = {"name": "Mia Weiss", "email": "mia@demo.example", "is_engineer": "on"}
        assert_plain_500(calm.post("/admin/workorders/user/add/", words))
        assert (User.objects.count(), len(mail.outbox)) == (1, 0)


class TestCacheDown:
    def test_jana_signs_in_and_works(self, client: Client, jana: User, settings: Any):
        settings.CACHES = {"default": NOWHERE}
        assert sign_in(client, with_password(jana)).status_code == 302
        assert [client.get(path).status_code for path in ("/me/", "/accounts/2fa/", "/accounts/password/change/")] == [
            200
        ] * 3

    def test_the_limits_still_count(self, client: Client, jana: User, settings: Any):
        settings.CACHES = {"default": NOWHERE}
        with_password(jana)
        for _attempt in range(10):
            sign_in(client, jana, "wrong")
        assert form_errors(sign_in(client, jana)) == {"__all__": [TOO_MANY]}

    def test_every_operation_goes_on(self, settings: Any):
        settings.CACHES = {"default": NOWHERE}
        cache.clear()
        done = [
            cache.add("a", 1), cache.add("a", 2), cache.get("a"), cache.incr("a"), cache.decr("a"), cache.set("b", 2),
            cache.get_many(["a", "b"]), cache.has_key("a"), "b" in cache, cache.touch("a", 5), cache.delete("a"),
            cache.get("a", "gone"), cache.set_many({"c": 3}), cache.delete_many(["c"]), cache.get_or_set("d", 4),
            cache.is_reachable(),
        ]  # fmt: skip
        assert done == [
            True, False, 1, 2, 1, None, {"a": 1, "b": 2}, True, True, True, True, "gone", [], None, 4, False
        ]  # fmt: skip

    def test_with_the_server_there_it_is_the_server_that_remembers(self, settings: Any, redis_url: str):
        settings.CACHES = {"default": {**NOWHERE, "LOCATION": redis_url}}
        cache.set("seen", "by all", 30)
        settings.CACHES = {"default": {**NOWHERE, "LOCATION": redis_url}}  # another process: nothing in its memory
        assert (cache.get("seen"), cache.is_reachable(), cache.add("seen", "x")) == ("by all", True, False)


class SilentServer(locmem.EmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError(SECRET)


@pytest.fixture
def no_mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.security.test_fail_closed.SilentServer"


@pytest.mark.usefixtures("no_mail")
class TestMailDown:
    @pytest.mark.parametrize("email", ["jana.novak@demo.example", "nobody@demo.example"])
    def test_who_asks_for_a_link_is_told_the_same_for_every_address(self, client: Client, jana: User, email: str):
        response = client.post("/accounts/password/reset/", {"email": email}, follow=True)
        assert response.redirect_chain == [("/accounts/password/reset/", 302)]
        assert [str(message) for message in response.context["messages"]] == [
            "The mail could not be sent. Try again in a few minutes."
        ]
        assert SECRET not in response.content.decode()

    def test_a_new_password_stands_without_the_notice(self, client: Client, jana: User):
        sign_in(client, with_password(jana))
        words = {"oldpassword": "seven blue lifts", "password1": "eight green lifts", "password2": "eight green lifts"}
        assert client.post("/accounts/password/change/", words).status_code == 302
        assert sign_in(Client(), jana, "eight green lifts").status_code == 302


def test_the_fault_is_a_real_one(jana: User):
    """The control: inside the wrapper every statement fails."""
    with connection.execute_wrapper(lost), pytest.raises(DatabaseError):
        User.objects.get(pk=jana.pk)
