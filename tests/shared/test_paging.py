"""A list ends at a page that says so, and never counts its rows."""

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django_tables2 import Column, Table

from config.shared import paging


class Numbers(Table):
    number = Column()


def shown(rows: int, page: int) -> tuple[list[int], int, str]:
    """The numbers, the page they stand on, and the page as drawn."""
    request = RequestFactory().get("/", {"page": page})
    table = paging.paged(request, Numbers([{"number": each} for each in range(rows)]), per_page=2)
    html = render_to_string("components/table.html", {"table": table, "request": request})
    return [row.record["number"] for row in table.paginated_rows], table.page.number, " ".join(html.split())


@pytest.fixture(autouse=True)
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "LAST_PAGE", 3)


def test_the_last_page_says_how_to_see_more() -> None:
    numbers, _page, html = shown(7, 3)
    assert numbers == [4, 5]
    assert "Only the first 6 are listed. Narrow the filter to see more." in html
    assert 'rel="next"' not in html
    assert 'rel="prev"' in html


@pytest.mark.parametrize("asked", [4, 99_999])
def test_a_deeper_address_shows_the_last_page(asked: int) -> None:
    numbers, at, html = shown(9, asked)
    assert (numbers, at, "Only the first 6" in html) == ([4, 5], 3, True)


@pytest.mark.parametrize(("rows", "asked", "has_next"), [(7, 2, True), (6, 3, False), (5, 3, False), (1, 1, False)])
def test_a_list_that_is_whole_says_nothing(rows: int, asked: int, has_next: bool) -> None:
    _numbers, at, html = shown(rows, asked)
    assert (at, 'rel="next"' in html, "Only the first" in html) == (asked, has_next, False)
