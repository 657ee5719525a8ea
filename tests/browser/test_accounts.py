"""Getting in and out, looked at on the way: sign-in, a forgotten password, the second factor, its codes."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Company
from tests.browser.walking import Walk
from workorders.models import User

pytestmark = pytest.mark.browser

PASSWORD, BETTER = "quite a long sentence", "another quite long sentence"
SCREENS = [
    (390, "dark", "zh-hans"),
    (1440, "light", "en"),
    pytest.param((390, "light", "en"), marks=pytest.mark.soak),
    pytest.param((1440, "dark", "zh-hans"), marks=pytest.mark.soak),
]


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def send(walk: Walk, **values: str) -> None:
    walk.send(values, form="main form:has([name])")


@pytest.fixture(params=SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def walk(request: pytest.FixtureRequest, company: Company) -> Walk:
    """A window in which nobody is signed in; Mia has a password and no second factor."""
    width, scheme, language = request.param
    mia = company.person("mia")
    User.objects.filter(pk=mia.pk).update(language=language)
    mia.set_password(PASSWORD)
    mia.save(update_fields=["password"])
    Authenticator.objects.filter(user=mia).delete()
    cache.clear()
    mail.outbox.clear()
    return Walk(company, "", width=width, scheme=scheme, language=language)


def test_signing_in_and_a_forgotten_password(walk: Walk):
    walk.open("/accounts/login/")
    walk.look("sign-in", with_large_text=True)
    send(walk, login="mia.weiss@demo.example", password="not it")
    walk.look("sign-in refused")
    for path in ("signup", "inactive"):
        walk.open(f"/accounts/{path}/")
        walk.look(path)
    walk.open("/accounts/password/reset/")
    walk.look("forgotten password")
    walk.refused("forgotten password", {"email": "nonsense"}, form="main form:has([name=email])")
    send(walk, email="mia.weiss@demo.example")
    walk.look("mail is under way")
    link = re.search(r"http://\S+/accounts/password/reset/key/\S+", mail.outbox[-1].body)
    assert link is not None
    walk.open(link.group())
    walk.look("new password behind the link", with_large_text=True)
    walk.refused("new password", {"password1": "short", "password2": "shorter"}, form="main form:has([name=password1])")
    send(walk, password1=BETTER, password2=BETTER)
    walk.look("signed in")
    for path in ("key/done", "key/1-set-1"):
        walk.open(f"/accounts/password/reset/{path}/")
        walk.look(path)
    walk.open("/accounts/logout/")
    walk.look("sign out?")
    assert walk.wrong == []


def test_the_second_factor(walk: Walk):
    page = walk.page
    walk.open("/accounts/login/")
    send(walk, login="mia.weiss@demo.example", password=PASSWORD)
    walk.open("/accounts/password/change/")
    walk.look("change the password")
    walk.refused("change the password", {"oldpassword": "no"}, form="main form:has([name=oldpassword])")
    walk.open("/accounts/2fa/")
    walk.look("second factor off")
    walk.open("/accounts/2fa/totp/activate/")
    assert "/reauthenticate/" in page.url
    walk.look("the password once more")
    walk.refused("the password once more", {"password": "no"}, form="main form:has([name=password])")
    send(walk, password=PASSWORD)
    walk.look("set up the app", with_large_text=True)
    walk.refused("set up the app", {"code": "000000"}, form="main form:has([name=code])")
    secret = page.locator("#secret").input_value()
    send(walk, code=code_of(secret))
    walk.look("recovery codes")
    for path, label in (
        ("recovery-codes/generate/", "new codes"),
        ("totp/deactivate/", "switch it off"),
        ("reauthenticate/", "a code once more"),
        ("", "second factor on"),
    ):
        walk.open(f"/accounts/2fa/{path}")
        walk.look(label)
    walk.page.context.clear_cookies()
    walk.open("/accounts/login/")
    send(walk, login="mia.weiss@demo.example", password=PASSWORD)
    assert page.url.endswith("/accounts/2fa/authenticate/")
    walk.look("the code")
    walk.refused("the code", {"code": "000000"}, form="main form:has([name=code])")
    assert walk.wrong == []


def test_one_press_signs_in_as_one_of_the_cast(company: Company):
    page = company.window(screen=PHONE)
    page.goto("/")
    page.get_by_role("button", name="Jana Novak").tap()
    expect(page).to_have_url(re.compile("/jobs/$"))


def test_what_goes_wrong_has_a_page(walk: Walk):
    for path, status in (("/nothing/here/", 404), ("/planted/bad-request/", 400), ("/planted/broken/", 500)):
        walk.open(path, status=status)
        walk.look(f"error {status}", with_large_text=True)
    walk.open("/accounts/login/")
    walk.page.context.clear_cookies()
    send(walk, login="mia.weiss@demo.example", password=PASSWORD)
    assert walk.page.locator(".error-page").count() == 1
    walk.look("the token is gone")
    assert walk.wrong == []
