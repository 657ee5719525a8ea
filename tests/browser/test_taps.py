"""What an engineer does most in Advanced mode, on a phone, counted in taps from the page he starts at."""

import re

import pytest
from playwright.sync_api import Page, expect

from spareparts.models import Consumption, Requisition, Return
from tests.browser.conftest import PHONE, Company
from tests.browser.test_main_job import Finger
from tests.browser.watching import Watch
from workorders.models import WorkOrder

pytestmark = pytest.mark.browser

PLUS = re.compile("^One more")


@pytest.fixture
def phone(advanced: Company) -> Page:
    return advanced.window("jana", screen=PHONE)


def test_a_part_is_used_in_three_taps(phone: Page, advanced: Company):
    """From the job, out of what he holds."""
    watch, before = Watch(phone, advanced.url), Consumption.objects.count()
    phone.goto(WorkOrder.objects.get(number="WO-10411").get_absolute_url())
    finger = Finger(phone)
    finger.tap("Record parts used", "link")
    finger.tap(PLUS)
    finger.tap("Record 1 part")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Parts recorded")
    assert (finger.taps, Consumption.objects.count() - before, watch.complaints) == (3, 1, [])


def test_what_is_due_goes_back_in_two_taps(phone: Page, advanced: Company):
    watch, before = Watch(phone, advanced.url), Return.objects.count()
    phone.goto("/my/parts/")
    finger = Finger(phone)
    finger.tap(re.compile("^Return (it|them)$"), "link")
    finger.tap(re.compile(r"^Return \d+ pieces?$"))
    expect(phone.get_by_role("heading", level=1)).to_contain_text("RT-")
    assert (finger.taps, Return.objects.count() - before, watch.complaints) == (2, 1, [])


def test_an_often_used_part_is_asked_for_in_three_taps(phone: Page, advanced: Company):
    watch, before = Watch(phone, advanced.url), Requisition.objects.count()
    phone.goto("/my/parts/")
    finger = Finger(phone)
    finger.tap("Request parts", "link")
    finger.tap(PLUS)
    finger.tap("Send request: 1 part")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("RQ-")
    assert (finger.taps, Requisition.objects.count() - before, watch.complaints) == (3, 1, [])
    assert Requisition.objects.latest("pk").status != "draft"
