"""A form counts only when it was sent from a page of ours, in the session it was opened in (S7)."""

from collections.abc import Callable

import pytest
from django.test import Client

from config.shared.models import AuditEvent
from tests.people.helpers import PASSWORD, with_password
from workorders.models import User

FORMS = [
    "/accounts/login/", "/accounts/logout/", "/accounts/password/change/", "/accounts/password/reset/",
    "/accounts/reauthenticate/", "/accounts/2fa/totp/activate/", "/language/", "/me/", "/admin/logout/",
    "/admin/workorders/user/add/", "/admin/workorders/user/",
]  # fmt: skip


@pytest.fixture
def strict(ada: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(with_password(ada), backend="workorders.accounts.SignInBackend")
    AuditEvent.objects.all().delete()
    return client


@pytest.mark.parametrize("path", FORMS)
def test_without_a_token_a_form_is_refused_kindly_and_written_down_once(path: str, strict: Client, ada: User):
    response = strict.post(path, {"language": "zh-hans", "name": "Changed"})
    assert (response.status_code, response.templates[0].name) == (403, "403_csrf.html")
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor, event.subject_label, event.details["method"]) == (
        "access.denied",
        ada,
        path,
        "POST",
    )
    ada.refresh_from_db()
    assert (ada.name, ada.language) == ("Ada Moser", "en")


def test_with_cookies_switched_off_the_page_says_what_to_do(client: Client, jana: User):
    strict = Client(enforce_csrf_checks=True)
    page = strict.get("/accounts/login/")
    strict.cookies.clear()
    words = {
        "login": with_password(jana).email,
        "password": PASSWORD,
        "csrfmiddlewaretoken": str(page.context["csrf_token"]),
    }
    response = strict.post("/accounts/login/", words)
    assert response.status_code == 403
    assert "If it happens every time, allow cookies for this site." in response.content.decode()


def test_a_page_of_another_site_cannot_send_it(strict: Client):
    token = str(strict.get("/me/").context["csrf_token"])
    words = {"language": "zh-hans", "csrfmiddlewaretoken": token}
    refused = strict.post("/language/", words, headers={"origin": "https://evil.example"})
    assert refused.status_code == 403
    allowed = strict.post("/language/", words, headers={"origin": "http://testserver"})
    assert allowed.status_code == 302


def test_the_token_of_the_sign_in_page_is_old_after_the_sign_in(jana: User):
    strict = Client(enforce_csrf_checks=True)
    token = str(strict.get("/accounts/login/").context["csrf_token"])
    words = {"login": with_password(jana).email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert strict.post("/accounts/login/", words).status_code == 302
    assert strict.post("/language/", {"language": "en", "csrfmiddlewaretoken": token}).status_code == 403


def test_the_page_speaks_the_language_of_the_person(as_user: Callable[[User], Client], lin: User):
    User.objects.filter(pk=lin.pk).update(language="zh-hans")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(lin, backend="workorders.accounts.SignInBackend")
    response = strict.post("/language/", {"language": "en"})
    assert (response.status_code, response["Content-Language"]) == (403, "zh-hans")
    assert '<html lang="zh-hans"' in response.content.decode()
