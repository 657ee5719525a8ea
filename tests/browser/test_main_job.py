"""The main job in a real browser: an engineer records the parts he used, on a phone and at a desk."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from spareparts.models import Consumption
from tests.browser.conftest import DESK, PHONE, Company
from workorders.enums import WorkOrderStatus
from workorders.models import WorkOrder

pytestmark = pytest.mark.browser

Window = Callable[..., Page]
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 20_000}  # bytes/s


@pytest.fixture
def job(company: Company) -> WorkOrder:
    """Jana's job of today, without anything recorded by another test."""
    job = WorkOrder.objects.get(number="WO-10411")
    WorkOrder.objects.filter(pk=job.pk).update(status=WorkOrderStatus.IN_PROGRESS)
    return job


class Counted:
    """Counts the documents a job got since."""

    def __init__(self, job: WorkOrder) -> None:
        self.job, self.before = job, job.consumptions.count()

    @property
    def made(self) -> int:
        return self.job.consumptions.count() - self.before

    @property
    def last(self) -> Consumption:
        return self.job.consumptions.latest("pk")

    @property
    def lines(self) -> list[tuple[str, int]]:
        return [(line.part.number, line.quantity) for line in self.last.lines.order_by("pk")]


class Finger:
    """Taps, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, name: str | re.Pattern[str], role: Any = "button") -> None:
        self.page.get_by_role(role, name=name).first.tap()
        self.taps += 1


def plus(page: Page, line: int = 0) -> Any:
    return page.locator("[data-line-row]").nth(line).get_by_role("button", name=re.compile("^One more"))


def record(page: Page) -> Any:
    return page.get_by_role("button", name=re.compile(r"^Record (\d+ )?parts?$"))


class TestPhone:
    def test_three_taps_from_the_job(self, watched: Window, job: WorkOrder):
        page, counted = watched("jana", screen=PHONE), Counted(job)
        page.goto(job.get_absolute_url())
        finger = Finger(page)
        finger.tap("Record parts used", "link")
        number = page.locator("[data-line-row] label").first.inner_text()
        finger.tap(re.compile("^One more"))
        expect(record(page)).to_have_text("Record 1 part")
        finger.tap("Record 1 part")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Parts recorded on {job.number}")
        assert (finger.taps, counted.made, [part for part, _steps in counted.lines]) == (3, 1, [number])
        expect(page.locator("main")).to_contain_text(counted.last.reference)

        page.get_by_role("button", name="Undo").tap()
        expect(page.locator("main")).to_contain_text("Undone")
        assert counted.last.status == "undone"

    def test_a_double_tap_records_once(self, watched: Window, job: WorkOrder):
        page, counted = watched("jana", screen=PHONE), Counted(job)
        page.goto(f"{job.get_absolute_url()}use/")
        plus(page).tap()
        record(page).dblclick()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Parts recorded")
        assert counted.made == 1

    def test_after_back_nothing_stale_is_offered(self, watched: Window, job: WorkOrder):
        page, counted = watched("jana", screen=PHONE), Counted(job)
        page.goto(f"{job.get_absolute_url()}use/")
        plus(page).tap()
        record(page).tap()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Parts recorded")
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Parts used on")
        expect(page.locator("[data-quantity]").first).to_have_value("0")
        record(page).tap()
        expect(page.locator(".error-summary")).to_be_focused()
        assert counted.made == 1

    def test_two_tabs_record_two_documents(self, watched: Window, job: WorkOrder):
        page, counted = watched("jana", screen=PHONE), Counted(job)
        other = page.context.new_page()
        for tab in (page, other):
            tab.goto(f"{job.get_absolute_url()}use/")
            plus(tab).tap()
        for tab in (page, other):
            record(tab).tap()
            expect(tab.get_by_role("heading", level=1)).to_contain_text("Parts recorded")
        assert counted.made == 2

    def test_in_a_cellar(self, watched: Window, job: WorkOrder):
        """50 kB/s and 400 ms: the page stands in a few seconds, and it can be used before its scripts are there."""
        page, counted = watched("jana", screen=PHONE), Counted(job)
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
        page.goto(f"{job.get_absolute_url()}use/", wait_until="commit")
        expect(record(page)).to_be_visible(timeout=8_000)
        plus(page).tap()
        record(page).tap()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Parts recorded", timeout=8_000)
        assert counted.made == 1

    def test_without_a_network_nothing_is_lost(self, watched: Window, job: WorkOrder):
        """A press without signal says so and keeps what was typed; with signal again it is recorded once."""
        page, counted = watched("jana", screen=PHONE), Counted(job)
        page.goto(f"{job.get_absolute_url()}use/")
        plus(page).tap()
        page.context.set_offline(True)
        record(page).tap()
        expect(page.get_by_role("alert")).to_contain_text("No connection")
        page.context.set_offline(False)
        record(page).tap()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Parts recorded")
        assert counted.made == 1


class TestErrors:
    def test_nothing_chosen(self, watched: Window, job: WorkOrder):
        page, counted = watched("jana", screen=PHONE), Counted(job)
        page.goto(f"{job.get_absolute_url()}use/")
        record(page).tap()
        expect(page.locator(".error-summary")).to_be_focused()
        expect(page).to_have_title(re.compile("^Error: "))
        assert counted.made == 0

    @pytest.mark.parametrize("typed", ["1.2345678", "9999999999", "-3", "1e5"])
    def test_what_was_typed_stays_beside_its_error(self, watched: Window, job: WorkOrder, typed: str):
        page, counted = watched("jana", screen=PHONE), Counted(job)
        page.goto(f"{job.get_absolute_url()}use/")
        first = page.locator("[data-quantity]").first
        name = first.get_attribute("name")
        first.evaluate("(field, text) => { field.type = 'text'; field.value = text; }", typed)
        record(page).tap()
        expect(page.locator(".error-summary")).to_be_focused()
        expect(page).to_have_title(re.compile("^Error: "))
        field = page.locator(f"[name='{name}']")
        assert field.get_attribute("value") == typed
        expect(field).to_have_attribute("aria-invalid", "true")
        message = page.locator(".error-summary a").first
        expect(page.locator(f"#{field.get_attribute('id')}_error")).to_have_text(message.inner_text())
        message.tap()
        expect(field).to_be_focused()
        assert counted.made == 0

    def test_the_focused_field_is_never_under_a_bar(self, watched: Window, job: WorkOrder):
        page = watched("jana", screen=PHONE)
        page.goto(f"{job.get_absolute_url()}use/")
        for _ in range(3):
            plus(page).tap()
        page.locator("main").focus()
        hidden = []
        for _ in range(60):
            page.keyboard.press("Tab")
            hidden += page.evaluate(
                """() => {
                    const at = document.activeElement;
                    if (at === document.body || at.closest('.nav-phone, .action-bar, .skip')) return [];
                    const box = at.getBoundingClientRect();
                    const bars = [...document.querySelectorAll('.nav-phone, .action-bar')]
                        .map(bar => bar.getBoundingClientRect());
                    const isUnder = bars.some(bar => box.bottom > bar.top + 1 && box.top < bar.bottom - 1);
                    return isUnder || box.top < 0 ? [at.outerHTML.slice(0, 90)] : [];
                }"""
            )
        assert hidden == []


class TestDesk:
    def test_by_keyboard_alone_with_an_old_part_of_the_machine(self, watched: Window, job: WorkOrder):
        """Type, arrow, Enter; the old part is one of the machine, with the serial number on its plate."""
        page, counted = watched("jana", screen=DESK), Counted(job)
        page.goto(f"{job.get_absolute_url()}use/")
        box = page.get_by_role("combobox", name="Find a part")
        box.focus()
        page.keyboard.type("cmp-scr")
        expect(page.locator(".option").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        line = page.locator("[data-line-row]").first
        expect(line.locator("label").first).to_contain_text(
            "CMP-SCR"
        )  # the picked line moves to the top a moment later
        number = line.locator("label").first.inner_text()
        expect(line.locator("[data-quantity]")).to_have_value("1")
        line.get_by_role("radio", name=re.compile("returning")).focus()
        page.keyboard.press("Space")
        choice = line.get_by_label("Which one")
        entry = choice.locator("option").first.get_attribute("value")
        choice.select_option(entry)
        line.get_by_label("Serial of the old part").focus()
        page.keyboard.type("77-0031")
        record(page).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Parts recorded")
        expect(page.locator("main")).to_contain_text("77-0031")
        made = counted.last.lines.get()
        assert (made.part.number, made.old_serial, made.old_part_answer) == (number, "77-0031", "returning")
        assert f"entry-{made.taken_from_id}" == entry

    def test_slash_searches_from_anywhere(self, watched: Window, job: WorkOrder):
        page = watched("jana", screen=DESK)
        page.goto(job.get_absolute_url())
        page.keyboard.press("/")
        page.keyboard.type(job.number)
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text(job.number)
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(job.get_absolute_url()))


class TestWithoutScripts:
    def test_the_same_job(self, watched: Window, job: WorkOrder):
        """Find a part by a press, add it, type two, record: three pages, no script."""
        page, counted = watched("jana", screen=PHONE, java_script_enabled=False), Counted(job)
        page.goto(job.get_absolute_url())
        page.get_by_role("link", name="Record parts used").tap()
        page.get_by_role("searchbox", name="Find a part").fill("cmp-scr")
        page.get_by_role("button", name="Find", exact=True).tap()
        page.get_by_role("button", name=re.compile("^Add CMP-SCR")).first.tap()
        line = page.locator("[data-line-row]").first
        expect(line.locator("[data-quantity]")).to_have_value("1")
        line.locator("[data-quantity]").fill("2")
        record(page).tap()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Parts recorded")
        assert [steps for _number, steps in counted.lines] == [2]
        page.get_by_role("button", name="Undo").tap()
        expect(page.locator("main")).to_contain_text("Undone")

    def test_errors_come_back_the_same(self, watched: Window, job: WorkOrder):
        page, counted = watched("jana", screen=PHONE, java_script_enabled=False), Counted(job)
        page.goto(f"{job.get_absolute_url()}use/")
        record(page).tap()
        expect(page).to_have_title(re.compile("^Error: "))
        expect(page.locator(".error-summary")).to_be_visible()
        assert counted.made == 0


class TestManager:
    def test_the_record_is_in_the_report_opens_its_lines_and_comes_as_a_file(self, watched: Window, job: WorkOrder):
        phone, counted = watched("jana", screen=PHONE), Counted(job)
        phone.goto(f"{job.get_absolute_url()}use/")
        plus(phone).tap()
        record(phone).tap()
        expect(phone.get_by_role("heading", level=1)).to_contain_text("Parts recorded")
        number = counted.lines[0][0]

        desk = watched("eva", screen=DESK)
        desk.goto("/")
        desk.get_by_role("link", name="Parts used").first.click()
        row = desk.locator("[data-row]", has_text=job.number)
        cost = row.locator("td").last.inner_text()
        row.get_by_role("link").last.click()
        expect(desk.get_by_role("heading", level=1)).to_have_text("Lines of parts used")
        expect(desk.locator(".lede")).to_contain_text(cost)
        expect(desk.locator("[data-row]").first).to_contain_text(counted.last.reference)
        with desk.expect_download() as saved:
            desk.get_by_role("link", name="CSV").click()
        text = saved.value.path().read_text(encoding="utf-8-sig")
        mine = [line for line in text.splitlines() if counted.last.reference in line]
        assert len(mine) == 1
        assert number in mine[0]

    def test_with_the_keyboard_alone(self, watched: Window):
        """From the list of work orders to a new plan: j, Enter, Tab and typing, no mouse."""
        page = watched("eva", screen=DESK)
        page.goto("/work-orders/")
        page.keyboard.press("j")
        page.keyboard.press("j")
        number = page.locator("[data-row].is-current a").first.inner_text()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(number)
        tab_to(page, "Plan")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Plan {number}")
        tab_to(page, "Planned for")
        page.get_by_label("Planned for").fill("2026-11-24T07:45")  # how its parts are typed is the browser's matter
        tab_to(page, "Plan")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text(f"{number} is planned.")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus; at most forty times."""
    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).innerText")
        if found.replace("(optional)", "").strip() == name:
            return
    raise AssertionError(f"{name} cannot be reached with Tab")
