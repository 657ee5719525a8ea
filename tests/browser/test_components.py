"""What the components do under the strict policy, and what remains without scripts.

The style guide is drawn once and the browser is fed from memory: no server, no database.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from csp.utils import build_policy
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.shortcuts import render
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Browser, Page, Route, expect

from config.styleguide import SUGGESTIONS, sample_context
from tests.browser.watching import failures, sideways

pytestmark = pytest.mark.browser

ADDRESS = "http://guide.test"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@pytest.fixture(scope="module")
def guide() -> tuple[str, str]:
    """The style guide's HTML and the content security policy of the site; drawing it asks no database."""
    request = RequestFactory().get("/styleguide/")
    request.user = AnonymousUser()
    return render(request, "styleguide/index.html", sample_context(request)).content.decode(), build_policy()


@pytest.fixture
def open_guide(guide: tuple[str, str], chromium: Browser) -> Iterator[Any]:
    """Open the style guide in a window of a given size and colour scheme; every complaint of the browser fails."""
    html, policy = guide
    complaints: list[str] = []
    contexts = []

    def answer(route: Route) -> None:
        parts = urlsplit(route.request.url)
        if parts.path.startswith("/static/"):
            found = Path(str(finders.find(parts.path.removeprefix("/static/"))))
            route.fulfill(body=found.read_bytes(), content_type=TYPES[found.suffix])
        elif "q=" in parts.query:
            route.fulfill(body=options(parts.query.split("q=")[1]), content_type="text/html")
        else:
            headers = {"Content-Security-Policy": policy}
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)

    def show(width: int = 1440, scheme: Any = "light", *, scripts: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda entry: complaints.append(entry.text) if entry.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/*", answer)
        page.goto(f"{ADDRESS}/styleguide/", wait_until="load")
        return page

    yield show
    for context in contexts:
        context.close()
    assert complaints == []


def options(query: str) -> str:
    found = [part for part in SUGGESTIONS if query.lower() in str(part["number"]).lower()]
    return render_to_string("components/_part_options.html", {"options": found})


SOAK = pytest.mark.soak


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (390, "dark"),
        (1440, "light"),
        pytest.param(320, "light", marks=SOAK),
        pytest.param(320, "dark", marks=SOAK),
        pytest.param(390, "light", marks=SOAK),
        pytest.param(1440, "dark", marks=SOAK),
    ],
)
def test_everybody_can_use_every_component(open_guide: Any, width: int, scheme: str):
    page = open_guide(width, scheme)
    assert failures(page) == []
    assert sideways(page) == 0


def test_axe_would_find_a_fault(open_guide: Any):
    page = open_guide()
    page.evaluate("document.body.replaceChildren(document.createElement('button'))")
    assert [failure.split(":")[0] for failure in failures(page)] == ["button-name"]


def test_the_smallest_phone_does_not_scroll_sideways_even_with_twice_as_large_text(open_guide: Any):
    page = open_guide(320)
    assert sideways(page) == 0
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert sideways(page) == 0


def test_a_long_page_never_hides_what_has_the_focus(open_guide: Any):
    """Tabbing through the page, every focused thing stands clear of the bottom bar."""
    page = open_guide(390)
    hidden = []
    for _ in range(60):
        page.keyboard.press("Tab")
        hidden += page.evaluate(
            """() => {
                const at = document.activeElement;
                if (at === document.body || at.closest('.nav-phone, .action-bar, .skip')) return [];
                const box = at.getBoundingClientRect();
                const bar = document.querySelector('.nav-phone').getBoundingClientRect().top;
                return box.top >= bar || box.bottom <= 0 ? [at.outerHTML.slice(0, 80)] : [];
            }"""
        )
    assert hidden == []


class TestStepper:
    def test_a_finger_changes_the_quantity_between_its_limits(self, open_guide: Any):
        page = open_guide(390)
        quantity = page.locator("#id_quantity")
        less, more = (page.get_by_role("button", name=name) for name in ("One less: Quantity", "One more: Quantity"))
        for _ in range(5):
            if more.first.is_enabled():
                more.first.click()
        expect(quantity).to_have_value("6")
        expect(more.first).to_be_disabled()
        less.first.click()
        expect(quantity).to_have_value("5")

    def test_without_scripts_it_is_a_number_field(self, open_guide: Any):
        page = open_guide(390, scripts=False)
        expect(page.locator("#id_quantity")).to_have_attribute("type", "number")
        expect(page.locator("[data-step]")).to_have_count(0)
        expect(page.locator("[data-picker-find]")).to_be_visible()


class TestPicker:
    def test_typing_and_enter_adds_a_line(self, open_guide: Any):
        page = open_guide()
        box = page.get_by_role("combobox", name="Find a part")
        box.press_sequentially("brg")
        expect(page.locator(".option")).to_have_count(1)
        expect(page.locator("[data-picker-live]")).to_have_text("1 part found")
        expect(box).to_have_attribute("aria-activedescendant", "guide-part-list-0")
        box.press("Enter")
        expect(page.locator("[data-line-row]:visible")).to_have_count(2)
        expect(page.locator("[name=lines-TOTAL_FORMS]")).to_have_value("2")
        expect(page.locator("[name=lines-1-part]")).to_have_value("2")
        expect(page.get_by_role("button", name="Record 2 pieces")).to_be_visible()
        expect(box).to_be_focused()

    def test_the_same_part_again_counts_up(self, open_guide: Any):
        page = open_guide(390)
        page.get_by_role("button", name="VLV-SOL-24V", exact=True).click()
        expect(page.locator("[name=lines-0-quantity]")).to_have_value("2")
        expect(page.locator("[data-line-row]:visible")).to_have_count(1)

    def test_a_scanner_is_faster_than_the_answer(self, open_guide: Any):
        page = open_guide()
        page.get_by_role("combobox", name="Find a part").fill("SNS-PT100-A")
        page.keyboard.press("Enter")
        expect(page.locator("[name=lines-1-part]")).to_have_value("1003")

    def test_escape_closes_and_nothing_found_says_so(self, open_guide: Any):
        page = open_guide()
        box = page.get_by_role("combobox", name="Find a part")
        box.press_sequentially("zzz")
        expect(page.get_by_text("No part found. Try fewer letters.")).to_be_visible()
        box.press("Escape")
        expect(box).to_have_attribute("aria-expanded", "false")

    def test_a_removed_line_leaves_the_focus_at_hand(self, open_guide: Any):
        page = open_guide()
        page.get_by_role("button", name="Remove VLV-SOL-24V").click()
        expect(page.locator("[data-line-row]:visible")).to_have_count(0)
        expect(page.get_by_text("No part chosen yet.")).to_be_visible()
        expect(page.get_by_role("combobox", name="Find a part")).to_be_focused()


class TestKeys:
    def test_rows_are_walked_marked_and_opened(self, open_guide: Any):
        page = open_guide()
        page.locator("main").focus()
        page.keyboard.press("j")
        page.keyboard.press("x")
        row = page.locator("[data-row].is-current")
        expect(row).to_contain_text("RQ-002038")
        expect(row.locator("input[type=checkbox]")).to_be_checked()
        page.keyboard.press("j")
        expect(row).to_contain_text("RQ-002040")
        page.keyboard.press("k")
        expect(row).to_contain_text("RQ-002038")

    def test_they_can_be_switched_off_for_good(self, open_guide: Any):
        page = open_guide()
        page.locator("main").focus()
        page.keyboard.press("?")
        page.get_by_label("Use single keys on this device").uncheck()
        page.keyboard.press("Escape")
        page.reload()
        page.locator("main").focus()
        page.keyboard.press("?")
        expect(page.locator("dialog#keys")).to_be_hidden()

    def test_typing_in_a_field_is_only_typing(self, open_guide: Any):
        page = open_guide()
        page.locator("#id_number").fill("")
        page.locator("#id_number").press_sequentially("jk?/x")
        expect(page.locator("#id_number")).to_have_value("jk?/x")
        expect(page.locator("[data-row].is-current")).to_have_count(0)


def test_the_summary_takes_the_focus_and_leads_to_the_field(open_guide: Any):
    page = open_guide()
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="Part number: This field is required.").click()
    expect(page.locator("#id_bad-number")).to_be_focused()


def test_a_form_is_sent_once(open_guide: Any):
    page = open_guide()
    let_through = page.evaluate(
        """() => {
            let count = 0;
            document.addEventListener('submit', (event) => {
                if (!event.defaultPrevented) count += 1;
                event.preventDefault();
            });
            const form = document.querySelector('form[method=post]');
            form.requestSubmit();
            form.requestSubmit();
            return count;
        }"""
    )
    assert let_through == 1
