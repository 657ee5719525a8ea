"""Lists that stay fast at a million rows: no COUNT, no deep OFFSET."""

from typing import Any

from django.core.paginator import InvalidPage, Page
from django_tables2 import RequestConfig, Table
from django_tables2.paginators import LazyPaginator

PAGE_SIZE = 50
LAST_PAGE = 40


class BoundedPaginator(LazyPaginator):
    """Looks one row ahead instead of counting, and stops at ``LAST_PAGE``: whoever is deeper wants a filter.

    ``is_cut``: this is the last page and more rows would follow; ``most`` is how many can be seen.
    """

    is_cut = False

    @property
    def most(self) -> int:
        return LAST_PAGE * self.per_page

    def validate_number(self, number: Any) -> int:
        return min(super().validate_number(number), LAST_PAGE)

    def page(self, number: Any) -> Page:
        page = super().page(number)
        if page.number == LAST_PAGE and page.has_next():
            self._num_pages, self.is_cut = LAST_PAGE, True
        return page


def paged(request: Any, table: Table, *, per_page: int = PAGE_SIZE) -> Table:
    """Sort and page ``table`` from the query string; nonsense there is ignored, never an error."""
    _forget_unknown_columns(request, table)
    RequestConfig(
        request, paginate={"per_page": per_page, "paginator_class": BoundedPaginator, "silent": True}
    ).configure(table)
    return table


def page_of(request: Any, rows: Any, *, per_page: int = PAGE_SIZE) -> Page:
    """The page of ``rows`` that ``?page=`` asks for, for lists that are no table; nonsense there is the first page."""
    paginator = BoundedPaginator(rows, per_page)
    try:
        return paginator.page(request.GET.get("page", 1))
    except InvalidPage:
        return paginator.page(1)


def pages_beside(request: Any, page: Page) -> dict[str, str]:
    """``previous_url`` and ``next_url`` of components/pager.html, "" where there is none."""
    return {
        "previous_url": _page_url(request, page.number - 1) if page.has_previous() else "",
        "next_url": _page_url(request, page.number + 1) if page.has_next() else "",
    }


def _page_url(request: Any, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


def _forget_unknown_columns(request: Any, table: Table) -> None:
    """Sorting by what the table does not have is not asked of it: some names make it warn."""
    field, known = table.prefixed_order_by_field, set(table.columns.names())
    asked = request.GET.getlist(field)
    kept = [each for each in asked if each.removeprefix("-") in known]
    if kept != asked:
        request.GET = request.GET.copy()
        request.GET.setlist(field, kept)
