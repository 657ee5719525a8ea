"""The session ends while somebody types: what he sent comes back after the sign-in, to him and to nobody else."""

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Company
from workorders.enums import WorkOrderStatus
from workorders.models import WorkOrder

pytestmark = pytest.mark.browser

Window = Callable[..., Page]
NOT_SAVED = "This was not saved, because you had been signed out."
KEPT = "You had been signed out. What you typed is kept: sign in and it comes back."


@pytest.fixture
def job(company: Company) -> WorkOrder:
    job = WorkOrder.objects.get(number="WO-10411")
    WorkOrder.objects.filter(pk=job.pk).update(status=WorkOrderStatus.IN_PROGRESS)
    return job


def end_the_session(page: Page) -> None:
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}
    Session.objects.filter(session_key=cookies["sessionid"]).delete()


def forgotten(page: Page) -> bool:
    page.wait_for_load_state("networkidle")
    return draft_of(page) == ""


def draft_of(page: Page) -> str:
    return str(page.evaluate("sessionStorage.getItem('draft') ?? ''"))


def sign_in(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile(name)).click()
    page.wait_for_load_state("networkidle")


@pytest.fixture
def new_work_order(company: Company) -> str:
    customer = WorkOrder.objects.get(number="WO-10411").customer
    return f"/work-orders/new/?customer={customer.pk}"


class TestOneself:
    def test_the_parts_she_used_come_back_and_are_recorded_once(self, watched: Window, job: WorkOrder) -> None:
        page, before = watched("jana", screen=PHONE), job.consumptions.count()
        page.goto(f"{job.get_absolute_url()}use/")
        rows = page.locator("[data-line-row]")
        for line, quantity in enumerate(("2", "1")):
            rows.nth(line).locator("[name$=quantity]").fill(quantity)
        end_the_session(page)
        page.get_by_role("button", name=re.compile("^Record")).tap()
        expect(page.get_by_text(KEPT)).to_be_visible()

        sign_in(page, "Jana")

        expect(page.locator("main")).to_contain_text(NOT_SAVED)
        assert [page.locator(f"[name=lines-{line}-quantity]").input_value() for line in (0, 1)] == ["2", "1"]
        assert (job.consumptions.count(), draft_of(page)) == (before, "")  # sent by the script, so not kept
        page.get_by_role("button", name=re.compile("^Record")).tap()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Parts recorded")
        assert (job.consumptions.count(), forgotten(page)) == (before + 1, True)

    def test_every_field_of_a_long_form(self, watched: Window, new_work_order: str) -> None:
        page, before = watched("eva"), WorkOrder.objects.count()
        page.goto(new_work_order)
        words = 'First line\nsecond "line" & <more>'
        page.locator("[name=site]").select_option(index=1)
        page.locator("[name=description]").fill(words)
        page.locator("[name=planned_at]").fill("2027-03-04T09:30")
        page.locator("[name=number]").fill("WO-KEPT")
        end_the_session(page)
        page.locator("main form:has([name=description]) button:not([type=button])").last.click()
        expect(page.get_by_text(KEPT)).to_be_visible()
        assert [name for name in ("csrf", "request_key") if name in draft_of(page)] == []

        sign_in(page, "Eva")

        found = [page.locator(f"[name={name}]").input_value() for name in ("description", "planned_at", "number")]
        assert (found, WorkOrder.objects.count()) == ([words, "2027-03-04T09:30", "WO-KEPT"], before)

    def test_signed_in_anew_in_another_tab(self, watched: Window) -> None:
        """The token of the page is the old one: going back to the form finds what was typed."""
        page = watched("jana")
        page.goto("/me/")
        page.locator("[name=phone]").fill("+43 660 77")
        page.context.clear_cookies(name="csrftoken")
        page.locator("main form:has([name=phone]) button:not([type=button])").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("This page was open too long")
        page.goto("/me/")
        expect(page.locator("main")).to_contain_text(NOT_SAVED)
        expect(page.locator("[name=phone]")).to_have_value("+43 660 77")


class TestNothingElse:
    def test_somebody_else_signs_in_in_the_same_tab(self, watched: Window) -> None:
        page = watched("jana")
        page.goto("/me/")
        page.locator("[name=phone]").fill("+43 660 88")
        end_the_session(page)
        page.locator("main form:has([name=phone]) button:not([type=button])").first.click()
        expect(page.get_by_text(KEPT)).to_be_visible()
        sign_in(page, "Tom")
        assert page.locator("[name=phone]").input_value() != "+43 660 88"
        assert forgotten(page)

    def test_what_was_answered_is_forgotten(self, watched: Window) -> None:
        page = watched("jana")
        page.goto("/me/")
        for name in ("", "Jana Novak"):  # refused, then saved
            page.locator("[name=name]").evaluate(
                "(field, text) => { field.required = false; field.value = text }", name
            )
            page.locator("main form:has([name=phone]) button:not([type=button])").first.click()
            page.wait_for_load_state("networkidle")
            assert forgotten(page)

    def test_passwords_are_never_kept(self, watched: Window, company: Company) -> None:
        mia = company.person("mia")
        mia.set_password("quite a long sentence")
        mia.save(update_fields=["password"])
        page = watched("mia")
        page.goto("/accounts/password/change/")
        expect(page.locator("main input[type=password]").first).to_be_visible()
        end_the_session(page)
        for field in page.locator("main input[type=password]").all():
            field.fill("a secret sentence")
        page.locator("main form:has([type=password]) button").first.click()
        page.wait_for_load_state("networkidle")
        assert (draft_of(page), page.get_by_text(KEPT).is_visible()) == ("", False)

    def test_signing_out_is_no_draft(self, watched: Window) -> None:
        page = watched("jana")
        page.goto("/me/")
        page.locator("form[action*=logout] button").first.evaluate("button => button.click()")
        page.wait_for_load_state("networkidle")
        assert draft_of(page) == ""
