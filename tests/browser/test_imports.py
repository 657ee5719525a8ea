"""Importing a file, step by step: the columns, the preview with rows to correct and without, the result."""

import pytest

from tests.browser.conftest import Company
from tests.browser.walking import Walk

pytestmark = pytest.mark.browser

GOOD = "number,name,unit\nNEW-{width},Window {width},pc\n"
BAD = "number,name,unit,price\n,Without number,pc,1\nNEW-7,Strange unit,parsec,abc\n"


def walk_import(company: Company, width: int, scheme: str, language: str) -> list[str]:
    walk = Walk(company, "karl", width=width, scheme=scheme, language=language)
    page = walk.page

    def upload(text: str) -> None:
        walk.open("/imports/parts/")
        page.locator("input[type=file]").set_input_files(
            {"name": "parts.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )
        press()

    def press() -> None:
        with page.expect_navigation():
            page.locator("main form button.btn-primary").click()

    upload(BAD)
    walk.look("columns", with_large_text=True)
    walk.refused("columns", dict.fromkeys(("column_0",), "") if page.locator("[name=column_0]").count() else {})
    upload(BAD)
    press()
    walk.look("preview with rows to correct", with_large_text=True)
    upload(GOOD.format(width=f"{width}-{scheme}"))
    press()
    walk.look("preview")
    press()
    walk.look("result")
    assert "/result/" in page.url
    return walk.wrong


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [
        (390, "dark", "zh-hans"),
        (1440, "light", "en"),
        pytest.param(390, "light", "en", marks=pytest.mark.soak),
        pytest.param(1440, "dark", "zh-hans", marks=pytest.mark.soak),
    ],
)
def test_everybody_can_use_every_step(company: Company, width: int, scheme: str, language: str):
    assert walk_import(company, width, scheme, language) == []
