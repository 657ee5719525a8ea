"""My parts, the home of an engineer: what he holds, for which job, what goes back; every number opens its lines."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.shared.access import get_visible, requires
from config.shared.paging import page_of, paged, pages_beside
from inventory.search import normalise
from spareparts.enums import Feature, Permission
from spareparts.forms.holdings import MoveFilter, ShownForm, StatementForm
from spareparts.queries import my_parts as queries
from spareparts.queries.due import badge, first_due_on
from spareparts.queries.holdings import Holding, company_zone, engineers_visible_to, transaction_details
from spareparts.queries.my_parts import MyParts, Row
from spareparts.queries.personal import notes_of
from spareparts.queries.returns import notes_of_returns
from spareparts.queries.statements import held_on
from spareparts.tables import MoveTable, StatementTable
from spareparts.views.references import document_urls
from workorders.enums import WorkOrderStatus
from workorders.models import User
from workorders.queries import day_bounds

MOST_UNUSED = 5
MOST_LINES = 50


@requires(Permission.VIEW_MY_PARTS)
@require_safe
def my_parts(request: HttpRequest) -> HttpResponse:
    mine, now = _mine(request), timezone.now()
    _start, end = day_bounds(timezone.localdate(now), timezone.get_current_timezone())
    today = [job for job in mine.jobs if _is_for_today(job.work_order, end)]
    context = {
        "mine": mine,
        "due": mine.due_back(today=company_today()),
        "notes": [*notes_of(request.user, at=now), *notes_of_returns(mine.news)],
        "tiles": _tiles(request, mine),
        "jobs_today": today,
        "jobs_later": [job for job in mine.jobs if job not in today],
        "unused": mine.unused[:MOST_UNUSED],
        "now": now,
    }
    return render(request, "spareparts/holdings/my_parts.html", context)


def _mine(request: HttpRequest) -> MyParts:
    who: Any = request.user
    facts: Any = request
    return queries.my_parts(
        who, settings=facts.settings_row, policy=facts.policy, at=timezone.now(), today=company_today()
    )


def company_today() -> date:
    return timezone.localdate(timezone.now(), company_zone())


def _is_for_today(job: Any, end: Any) -> bool:
    """Begun, or planned before this day ends where the person is; what is overdue belongs to today."""
    return job.status == WorkOrderStatus.IN_PROGRESS or (job.planned_at is not None and job.planned_at < end)


def _tiles(request: HttpRequest, mine: MyParts) -> list[dict[str, Any]]:
    """The four numbers, each with the lines it is made of."""
    policy: Any = request.policy  # type: ignore[attr-defined]
    lines = reverse("spareparts:my_holdings")
    is_stocked = policy.has(Feature.WAREHOUSE_STOCK)
    return [
        {"number": mine.pieces, "label": _("Pieces I hold"), "url": lines},
        {
            "number": mine.coming,
            "label": _("Ready to collect") if is_stocked else _("Waiting for approval"),
            "url": reverse("spareparts:my_collect"),
        },
        {"number": mine.old_pieces, "label": _("Old parts to hand in"), "url": f"{lines}?show=old"},
        {"number": mine.value, "is_money": True, "label": _("Value with me"), "url": f"{lines}?show=value"},
    ]


# ---------------------------------------------------------------- the lines behind the numbers
@requires(Permission.VIEW_MY_PARTS)
@require_safe
def my_holdings(request: HttpRequest) -> HttpResponse:
    """Everything I hold, what is due, old parts, or the dearest first."""
    form, mine = ShownForm(request.GET), _mine(request)
    rows = _found(_rows(request, mine, form.chosen), form.text)
    page = page_of(request, rows, per_page=MOST_LINES)
    context = {
        "form": form,
        "chosen": form.chosen,
        "query": form.text,
        "tabs": _tabs(mine, form.chosen),
        "rows": queries.with_origin(page.object_list),
        "pages": pages_beside(request, page),
        "mine": mine,
        "not_taken_out": mine.not_taken_out if form.chosen == "old" and page.number == 1 else [],
    }
    return render(request, "spareparts/holdings/my_holdings.html", context)


def _rows(request: HttpRequest, mine: MyParts, chosen: str) -> list[Row]:
    if chosen == "due":
        return [*[row for row in mine.unused if row.due], *mine.old]
    held = [each for each in mine.holdings if chosen != "old" or each.is_old]
    with_debt = {row.holding.key: row for row in mine.old if row.quantity == row.holding.quantity}
    if chosen == "value":
        held.sort(key=lambda each: (-each.value, each.part.number))
    settings: Any = request.settings_row  # type: ignore[attr-defined]
    today = company_today()
    return [
        with_debt.get(each.key) or Row(each, each.quantity, badge(first_due_on(each, settings), each.days, today=today))
        for each in held
    ]


def _found(rows: Iterable[Row], text: str) -> list[Row]:
    """Those whose number, name or serial holds what was typed, however it was typed."""
    wanted = normalise(text)
    return [row for row in rows if wanted in normalise(_words(row.holding))]


def _words(holding: Holding) -> str:
    return f"{holding.part.number} {holding.part.name} {holding.lot or ''}"


def _tabs(mine: MyParts, chosen: str) -> list[dict[str, Any]]:
    due = sum(1 for row in mine.unused if row.due) + len(mine.old)
    tabs: Mapping[str, tuple[Any, int | None]] = {
        "all": (_("Everything"), len(mine.holdings)),
        "due": (_("To give back"), due),
        "old": (_("Old parts"), sum(1 for each in mine.holdings if each.is_old) + len(mine.not_taken_out)),
        "value": (_("By value"), None),
    }
    return [
        {"label": label, "count": count, "url": f"?show={key}", "is_current": key == chosen}
        for key, (label, count) in tabs.items()
    ]


@requires(Permission.VIEW_MY_PARTS)
@require_safe
def my_collect(request: HttpRequest) -> HttpResponse:
    """What lies ready for me at a counter; without warehouses, what waits for approval."""
    policy: Any = request.policy  # type: ignore[attr-defined]
    who: Any = request.user
    page = page_of(request, queries.coming(who, policy), per_page=MOST_LINES)
    context = {
        "rows": page.object_list,
        "pages": pages_beside(request, page),
        "is_stocked": policy.has(Feature.WAREHOUSE_STOCK),
    }
    return render(request, "spareparts/holdings/my_collect.html", context)


# ---------------------------------------------------------------- moves and statement, mine or an engineer's
@requires(Permission.VIEW_MY_PARTS)
@require_safe
def my_moves(request: HttpRequest) -> HttpResponse:
    who: Any = request.user
    return _moves(request, who, is_mine=True)


@requires(Permission.VIEW_MY_PARTS)
@require_safe
def my_statement(request: HttpRequest) -> HttpResponse:
    who: Any = request.user
    return _statement(request, who, is_mine=True)


@requires(Permission.VIEW_HOLDINGS)
@require_safe
def engineer_moves(request: HttpRequest, pk: int) -> HttpResponse:
    return _moves(request, get_visible(engineers_visible_to(request.user), pk=pk), is_mine=False)


@requires(Permission.VIEW_HOLDINGS)
@require_safe
def engineer_statement(request: HttpRequest, pk: int) -> HttpResponse:
    return _statement(request, get_visible(engineers_visible_to(request.user), pk=pk), is_mine=False)


def _moves(request: HttpRequest, engineer: User, *, is_mine: bool) -> HttpResponse:
    found = MoveFilter(request.GET, queryset=transaction_details(engineer))
    table = paged(request, MoveTable(found.moves, engineer=engineer))
    table.urls = document_urls(row.record.posting.reference for row in table.page.object_list)
    context = {"filter": found, "table": table, **_place(engineer, is_mine=is_mine, current="moves")}
    return render(request, "spareparts/holdings/moves.html", context)


def _statement(request: HttpRequest, engineer: User, *, is_mine: bool) -> HttpResponse:
    form, today = StatementForm(request.GET or None), company_today()
    form.fields["day"].initial = today
    day = form.chosen(today=today)
    place = _place(engineer, is_mine=is_mine, current="statement")
    lines = held_on(engineer, day)
    table = paged(request, StatementTable(lines, moves_url=f"{place['moves_url']}?last={day.isoformat()}"))
    context = {"form": form, "day": day, "table": table, "lines": lines, **place}
    context["value"] = sum((line.value for line in lines), start=0) if lines else 0
    return render(request, "spareparts/holdings/statement.html", context)


def _place(engineer: User, *, is_mine: bool, current: str) -> dict[str, Any]:
    """Whose inventory, and the way between its two pages."""
    names = ("my_moves", "my_statement") if is_mine else ("engineer_moves", "engineer_statement")
    moves, statement = (reverse(f"spareparts:{name}", args=[] if is_mine else [engineer.pk]) for name in names)
    tabs = [
        {"label": _("Moves"), "url": moves, "is_current": current == "moves"},
        {"label": _("Held on a day"), "url": statement, "is_current": current == "statement"},
    ]
    return {"engineer": engineer, "is_mine": is_mine, "tabs": tabs, "moves_url": moves}
