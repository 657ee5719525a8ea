"""What is looked at on each page: accessibility, policy, width, weight, and where it asks."""

import gzip
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
from django.contrib.staticfiles import finders
from playwright.sync_api import ConsoleMessage, Page, Request

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
HTML_BUDGET, CSS_BUDGET, JS_BUDGET = 20_000, 15_000, 25_000
SMALLEST = 320


class Watch:
    """Listens to one page: errors, the content security policy, and requests to strangers."""

    def __init__(self, page: Page, home: str) -> None:
        self.complaints: list[str] = []
        self.home = home
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.context.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        # What the browser thinks of a 403 is no fault of the page; which answers are wrong, the tests say themselves.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:")):
            self.complaints.append(f"a stranger was asked: {request.url}")

    def take(self) -> list[str]:
        """The complaints so far; they are not told twice."""
        found, self.complaints = self.complaints, []
        return found


def failures(page: Page) -> list[str]:
    """Every failure of the accessibility rules, closed details opened."""
    page.evaluate("for (const part of document.querySelectorAll('main details')) part.open = true")
    page.evaluate(AXE)
    found = page.evaluate("(rules) => axe.run({runOnly: rules, resultTypes: ['violations']})", RULES)
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found["violations"] for node in rule["nodes"]]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def too_wide(page: Page, *, with_large_text: bool = False) -> Iterator[str]:
    """Whether the page scrolls sideways as it is, at 320 pixels, and there with twice as large text."""
    size = page.viewport_size
    if sideways(page):
        yield f"scrolls sideways by {sideways(page)}"
    assert size is not None
    page.set_viewport_size({"width": SMALLEST, "height": size["height"]})
    if sideways(page):
        yield f"scrolls sideways at {SMALLEST} by {sideways(page)}"
    if with_large_text:
        page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        if sideways(page):
            yield f"scrolls sideways at {SMALLEST} with large text by {sideways(page)}"
        page.evaluate("document.documentElement.style.removeProperty('font-size')")
    page.set_viewport_size(size)


@cache
def packed(path: str) -> int:
    """Bytes of a static file as it travels."""
    found = finders.find(path.removeprefix("/static/"))
    return len(gzip.compress(Path(str(found)).read_bytes(), 9)) if found else 0


def weight(page: Page) -> dict[str, int]:
    """Bytes as they travel: the page itself, its scripts, its style sheets and icons."""
    names = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    files = {urlsplit(name).path for name in names} - {""}
    html = gzip.compress(page.content().encode(), 6)
    return {
        "html": len(html),
        "js": sum(packed(path) for path in files if path.endswith(".js")),
        "css": sum(packed(path) for path in files if path.endswith((".css", "icons.svg"))),
    }


def too_heavy(page: Page) -> Iterator[str]:
    budget = {"html": HTML_BUDGET, "js": JS_BUDGET, "css": CSS_BUDGET}
    for kind, size in weight(page).items():
        if size > budget[kind]:
            yield f"{kind} {size} bytes, allowed {budget[kind]}"


def look(page: Page, watch: Watch, **options: Any) -> list[str]:
    """All that is wrong with the page as it stands. Axe comes last: it puts styles of its own into the page."""
    wrong = watch.take()
    if "/admin/" not in page.url:  # its files are Django's
        wrong += too_heavy(page)
    wrong += too_wide(page, **options)
    wrong += failures(page)
    watch.take()
    return wrong
