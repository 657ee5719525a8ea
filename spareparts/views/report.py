"""The use report: sums, the lines behind every figure, and files of both."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from config.shared.access import requires
from config.shared.exports import FORMATS, export_response
from config.shared.paging import paged
from config.shared.templatetags.shared import format_quantity, money
from inventory.models import Unit
from spareparts.enums import Permission
from spareparts.filters import UseFilter
from spareparts.forms.report import GroupForm
from spareparts.queries import report
from spareparts.queries.report import GROUPINGS, Grouping
from spareparts.tables import UseGroupTable, UseLineTable

MOST_BARS = 10
NOT_A_FILTER = ("page", "sort", "group")


@requires(Permission.VIEW_USE_REPORT)
@require_safe
def use_report(request: HttpRequest) -> HttpResponse:
    found, grouping, units = _filter(request), _grouping(request), report.units()
    rows = report.grouped(found.lines, grouping, units)
    table = paged(request, UseGroupTable(rows, grouping=grouping, units=units, url_of=_lines_url_of(request, found)))
    context = _context(request, found) | {
        "grouping": grouping,
        "tabs": _tabs(request, grouping),
        "table": table,
        "bars": _bars(table, grouping),
        "totals": report.totals(found.lines),
        "hidden": {"group": grouping.key},
    }
    return render(request, "spareparts/use_report.html", context)


@requires(Permission.VIEW_USE_REPORT)
@require_safe
def use_lines(request: HttpRequest) -> HttpResponse:
    """Every line behind a figure."""
    found = _filter(request)
    table = paged(request, UseLineTable(report.with_everything_shown(found.lines)))
    context = _context(request, found) | {"table": table, "totals": report.totals(found.lines)}
    return render(request, "spareparts/use_lines.html", context)


def _filter(request: HttpRequest) -> UseFilter:
    today = timezone.localdate(timezone.now(), timezone.get_default_timezone())
    return UseFilter(_with_period(request.GET), today=today, request=request)


def _with_period(query: QueryDict) -> QueryDict:
    """The period stands in the form even when nobody chose one."""
    data = query.copy()
    data.setdefault("period", "90")
    return data


def _grouping(request: HttpRequest) -> Grouping:
    form = GroupForm(request.GET)
    return GROUPINGS[(form.cleaned_data["group"] if form.is_valid() else "") or "job"]


def _filters_in(request: HttpRequest) -> QueryDict:
    """The query string without what is no filter."""
    query = request.GET.copy()
    for name in NOT_A_FILTER:
        query.pop(name, None)
    return query


def _context(request: HttpRequest, found: UseFilter) -> dict[str, Any]:
    query = _filters_in(request)
    first, last = found.days
    return {
        "filter": found,
        "first": first,
        "last": last,
        "query": query.urlencode(),
        "chips": [(thing, _without(request, name)) for name, thing in found.chips],
    }


def _without(request: HttpRequest, name: str) -> str:
    """The same page without one filter."""
    query = request.GET.copy()
    for each in (name, "page"):
        query.pop(each, None)
    return f"?{query.urlencode()}"


def _tabs(request: HttpRequest, current: Grouping) -> list[dict[str, Any]]:
    tabs = []
    for grouping in GROUPINGS.values():
        query = _filters_in(request)
        query["group"] = grouping.key
        tabs.append({"label": grouping.label, "url": f"?{query.urlencode()}", "is_current": grouping == current})
    return tabs


def _lines_url_of(request: HttpRequest, found: UseFilter) -> Any:
    """For a row of the report: the address of the lines that make it."""
    base, lines_url = _filters_in(request), reverse("spareparts:use_lines")
    first, last = found.days

    def url_of(row: Mapping[str, Any], grouping: Grouping) -> str:
        query = base.copy()
        if grouping.key == "month":
            month_first, month_last = report.month_days(row)
            query["first"], query["last"] = max(first, month_first).isoformat(), min(last, month_last).isoformat()
        elif row[grouping.fields[0]] is None:
            query["no_equipment"] = "true"
        else:
            query[grouping.parameter] = str(row[grouping.fields[0]])
        return f"{lines_url}?{query.urlencode()}"

    return url_of


def _bars(table: UseGroupTable, grouping: Grouping) -> list[dict[str, Any]]:
    """The chart shows the rows that stand first in the table; months run forward in time."""
    if not table.page or table.page.number != 1:
        return []
    rows = [each.record for each in table.page.object_list][:MOST_BARS]
    bars = [
        {
            "label": report.name_of(row, grouping),
            "value": report.cents(row["total_cost"]),
            "display": money(row["total_cost"]),
            "url": table.url_of(row, grouping),
        }
        for row in rows
    ]
    return bars[::-1] if grouping.key == "month" else bars


@requires(Permission.VIEW_USE_REPORT)
@require_safe
def use_export(request: HttpRequest, what: str, format_name: str) -> HttpResponseBase:
    """The sums or the lines as a file, under the same filters."""
    if what not in ("summary", "lines") or format_name not in FORMATS:
        raise Http404
    found = _filter(request)
    first, last = found.days
    name = f"parts-used-{what}-{first.isoformat()}-{last.isoformat()}"
    headers, rows = _summary(request, found) if what == "summary" else _lines(found)
    return export_response(name, format_name, headers, rows)


def _summary(request: HttpRequest, found: UseFilter) -> tuple[list[Any], Iterator[list[Any]]]:
    grouping, units = _grouping(request), report.units()
    rows = report.grouped(found.lines, grouping, units)
    headers = [str(grouping.label), _("Quantity"), _("Lines"), _("Cost")]
    return headers, (_summary_row(row, grouping, units) for row in rows.iterator())


def _summary_row(row: Mapping[str, Any], grouping: Grouping, units: list[Unit]) -> list[Any]:
    return [
        report.name_of(row, grouping),
        report.quantity_of(row, units),
        row["lines"],
        report.cents(row["total_cost"]),
    ]


def _lines(found: UseFilter) -> tuple[list[Any], Iterator[list[Any]]]:
    headers = [
        *(_("Record"), pgettext("time", "Recorded"), _("Work order"), _("Customer"), _("Equipment"), _("Engineer")),
        *(_("Part number"), _("Part"), _("Quantity"), _("Unit"), _("Cost per unit"), _("Cost")),
        *(_("Batch or serial number"), _("Old part")),
    ]
    lines = report.with_everything_shown(found.lines)
    return headers, (_line_row(line) for line in lines.iterator(chunk_size=1000))


def _line_row(line: Any) -> list[Any]:
    document, part = line.consumption, line.part
    job = document.work_order
    where = [document.reference, document.recorded_at, job, job.customer, job.equipment or "", document.engineer]
    amount = format_quantity(line.quantity, part.unit.decimal_places)
    what = [part.number, part.name, amount, part.unit.code, line.unit_cost, line.cost]
    return [*where, *what, line.lot_text, line.get_old_part_answer_display()]
