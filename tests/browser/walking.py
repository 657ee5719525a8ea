"""Going from page to page in one window and writing down what is wrong with each."""

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, Company
from tests.browser.watching import Watch, look

FORM = "main form[method=post], #content-main form[method=post]"


class Walk:
    """One person in one window: a screen, a colour scheme, a language."""

    def __init__(self, company: Company, who: str, *, width: int, scheme: str, language: str = "en") -> None:
        self.name = f"{who or 'nobody'} {width} {scheme} {language}"
        screen = DESK if width > 1000 else PHONE
        self.page: Page = company.window(who, language=language, screen=screen, color_scheme=scheme)
        self.watch = Watch(self.page, company.url)
        self.wrong: list[str] = []
        self.seen = 0

    def open(self, path: str, *, status: int = 200) -> None:
        answer = self.page.goto(path)
        if answer is None or answer.status != status:
            self.wrong.append(f"{self.name} {path}: answered {answer and answer.status}, not {status}")

    def look(self, label: str, **options: Any) -> None:
        self.seen += 1
        self.wrong += [f"{self.name} {label}: {each}" for each in look(self.page, self.watch, **options)]

    def send(self, values: Mapping[str, Any], *, form: str = FORM) -> None:
        """Send the page's form as a browser without checks of its own would; it comes back with its errors."""
        box = self.page.locator(form)
        for name in values:
            box = box.filter(has=self.page.locator(f'[name="{name}"]'))
        box = box.first
        box.evaluate("form => form.noValidate = true")
        for name, value in values.items():
            box.locator(f'[name="{name}"]').evaluate(
                "(field, value) => { if (field.type === 'datetime-local' || field.type === 'number')"
                " field.type = 'text'; field.value = value; }",
                value,
            )
        main = box.locator("button.btn-primary, button.btn-danger, input.default").or_(box.locator("button.btn").last)
        with self.page.expect_navigation():
            main.first.click()

    def refused(self, label: str, values: Mapping[str, Any], *, form: str = FORM) -> None:
        self.send(values, form=form)
        shown = self.page.locator(".error-summary, .errornote")
        if shown.count() != 1:
            self.wrong.append(f"{self.name} {label}: shows no error")
        self.look(f"{label} with its errors")
