"""The stock admin in our colours: every list, form, history and question the administrator can open."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, reverse

from tests.browser.conftest import Company
from tests.browser.walking import Walk
from tests.contract import permissions_admin

pytestmark = pytest.mark.browser

# What each letter of the contract's table of rights shows: v look, a add, c change, d delete.
PAGES_OF = {"v": ("changelist", "change", "history", "simple_history"), "a": ("add",), "d": ("delete",)}
WITHOUT_ROWS = {"inventory.lot", "inventory.balance"}  # Simple mode keeps no stock
CHOSEN = "delete_selected"


def rows_of(model: str) -> object | None:
    found = next(each for each in admin.site._registry if each._meta.label_lower == model)
    return found._default_manager.order_by("pk").first()


def pages(who: str) -> Iterator[tuple[str, str]]:
    """Label and address of each page of the models the person may look at."""
    for right in permissions_admin.rights():
        row = rows_of(right.model)
        for letter in right.simple[who].replace("-", ""):
            for page in PAGES_OF.get(letter, ()):
                try:
                    yield f"{right.model} {page}", address(right.model, page, row)
                except NoReverseMatch:
                    assert page in ("simple_history", "history", "change", "delete")
                    assert page == "simple_history" or right.model in WITHOUT_ROWS


def address(model: str, page: str, row: object | None) -> str:
    keys = [getattr(row, "pk", None)] if page in ("change", "history", "delete", "simple_history") else []
    if page == "simple_history":
        history = getattr(row, "history", None)
        version = history.order_by("pk").first() if history is not None else None
        keys.append(getattr(version, "pk", None))
    if None in keys:
        raise NoReverseMatch
    return reverse(f"admin:{model.replace('.', '_')}_{page}", args=keys)


def walk_admin(company: Company, who: str, width: int, scheme: str, language: str) -> Walk:
    walk = Walk(company, who, width=width, scheme=scheme, language=language)
    for label, path in [("index", "/admin/"), ("parts and stock", "/admin/inventory/"), *pages(who)]:
        walk.open(path)
        walk.look(label)
    return walk


@pytest.mark.parametrize(
    ("who", "width", "scheme", "language"),
    [
        ("ada", 1440, "light", "en"),
        pytest.param("ada", 1440, "dark", "zh-hans", marks=pytest.mark.soak),
        pytest.param("ada", 390, "light", "zh-hans", marks=pytest.mark.soak),
        pytest.param("ada", 390, "dark", "en", marks=pytest.mark.soak),
        pytest.param("karl", 1440, "light", "en", marks=pytest.mark.soak),
        pytest.param("oskar", 1440, "dark", "en", marks=pytest.mark.soak),
    ],
)
def test_every_page_of_the_models(company: Company, who: str, width: int, scheme: str, language: str):
    assert walk_admin(company, who, width, scheme, language).wrong == []


def test_errors_and_questions(company: Company):
    walk = Walk(company, "ada", width=390, scheme="dark", language="zh-hans")
    for model in ("inventory/part", "workorders/user", "workorders/customer"):
        walk.open(f"/admin/{model}/add/")
        walk.refused(f"{model} add", {}, form="#content-main form")
    for model, action in (("inventory/part", CHOSEN), ("workorders/user", "deactivate"), ("workorders/team", CHOSEN)):
        walk.open(f"/admin/{model}/")
        walk.page.locator("input.action-select").last.check()
        walk.page.locator("select[name=action]").select_option(action)
        with walk.page.expect_navigation():
            walk.page.locator("button[name=index]").click()
        walk.look(f"{model} {action}")
    walk.open("/admin/inventory/part/?q=valve&_facets=True&p=1")
    walk.look("searched")
    assert walk.wrong == []
