"""Who holds what, for the office: engineer by engineer, part by part, as a file, and moved or called back."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from config.shared.access import get_visible, requires
from config.shared.exports import FORMATS, export_response
from config.shared.paging import page_of, paged, pages_beside
from config.shared.submissions import submit
from config.shared.templatetags.shared import format_quantity, money
from spareparts.domain.recalls import move_from_many, recall_from_many
from spareparts.enums import OPEN_FULFILMENTS, Permission, RequisitionStatus
from spareparts.forms.holdings import HeldForm, MoveForm, PeopleForm, TeamForm
from spareparts.models import Requisition
from spareparts.queries.ageing import (
    BUCKETS,
    Ages,
    bucket_of,
    by_engineer,
    debts_of,
    holdings_of_people,
    pieces_by_bucket,
    returned_in_time,
    value_at_risk,
)
from spareparts.queries.due import badge, first_due_on, late_quantity
from spareparts.queries.holdings import Holding, engineers_visible_to, holdings_of, total_value
from spareparts.queries.my_parts import Row
from spareparts.tables import HeldTable
from spareparts.views.my_parts import company_today
from workorders.models import User
from workorders.queries import active_engineers

MOST_BARS = 10
MOST_LINES = 50
MOST_MOVED_LINES = 400
MOST_REQUESTS = 20


# ---------------------------------------------------------------- everybody
@requires(Permission.VIEW_HOLDINGS)
@require_safe
def holdings(request: HttpRequest) -> HttpResponse:
    """One row for each engineer who holds or owes something, the oldest first."""
    form, now = TeamForm(request.GET), timezone.now()
    people = form.narrowed(engineers_visible_to(request.user))
    held = holdings_of_people(people, at=now)
    rows = by_engineer(people, held)
    page = page_of(request, rows, per_page=MOST_LINES)
    settings: Any = request.settings_row  # type: ignore[attr-defined]
    context = {
        "form": form,
        "rows": page.object_list,
        "pages": pages_beside(request, page),
        "value": total_value(held),
        "long": sum(row.long for row in rows),
        "owed": sum(row.owed for row in rows),
        "in_time": returned_in_time(people, settings=settings, at=now),
        "bars": _bars_of_people(rows[:MOST_BARS]),
        "query": request.GET.urlencode(),
        "may_move": request.user.has_perm(Permission.MOVE_HOLDINGS),
    }
    return render(request, "spareparts/holdings/holdings.html", context)


def _bars_of_people(rows: Iterable[Ages]) -> list[dict[str, Any]]:
    return [
        {
            "label": row.engineer.name,
            "url": reverse("spareparts:engineer_holdings", args=[row.engineer.pk]),
            "display": row.pieces,
            "parts": [
                {"value": row.by_bucket[each.key], "tone": each.tone, "label": str(each.label)} for each in BUCKETS
            ],
        }
        for row in rows
        if row.pieces
    ]


# ---------------------------------------------------------------- part by part
@requires(Permission.VIEW_HOLDINGS)
@require_safe
def held_parts(request: HttpRequest) -> HttpResponse:
    """Every line in engineers' hands under the filters, by age."""
    form, found = _held(request)
    context = {
        "filter": {"form": form},
        "table": paged(request, HeldTable(found)),
        "value": total_value(found),
        "pieces": sum(each.pieces for each in found),
        "bars": _bars_of_ages(request, found),
        "query": request.GET.urlencode(),
    }
    return render(request, "spareparts/holdings/held_parts.html", context)


def _held(request: HttpRequest) -> tuple[HeldForm, list[Holding]]:
    form = HeldForm(request.GET)
    people = form.narrowed(engineers_visible_to(request.user))
    return form, form.found(holdings_of_people(people, at=timezone.now()))


def _bars_of_ages(request: HttpRequest, found: Sequence[Holding]) -> list[dict[str, Any]]:
    """The pieces of each age; the value stands beside them, of each line where its oldest piece is."""
    bars = []
    for each in BUCKETS:
        count = sum(pieces_by_bucket(holding).get(each.key, 0) for holding in found)
        value = total_value(holding for holding in found if bucket_of(holding.days) == each)
        query = request.GET.copy()
        query.pop("page", None)
        query["age"] = each.key
        words = ngettext("%(count)d piece · %(value)s", "%(count)d pieces · %(value)s", count)
        bars.append(
            {
                "label": str(each.label),
                "value": count,
                "tone": each.tone,
                "display": words % {"count": count, "value": money(value)},
                "url": f"?{query.urlencode()}",
            }
        )
    return bars


@requires(Permission.VIEW_HOLDINGS)
@require_safe
def holdings_export(request: HttpRequest, what: str, format_name: str) -> HttpResponseBase:
    """The engineers or the lines as a file, under the same filters."""
    if what not in ("engineers", "parts") or format_name not in FORMATS:
        raise Http404
    name = f"held-{what}-{company_today().isoformat()}"
    headers, rows = _lines_file(request) if what == "parts" else _people_file(request)
    return export_response(name, format_name, headers, rows)


def _lines_file(request: HttpRequest) -> tuple[list[Any], Iterator[list[Any]]]:
    headers = [
        *(_("Engineer"), _("Part number"), _("Part"), _("Condition"), _("Batch or serial number"), _("Quantity")),
        *(_("Unit"), _("Held since"), _("Days held"), _("Value")),
    ]
    _form, found = _held(request)
    return headers, (_line_row(each) for each in found)


def _line_row(each: Holding) -> list[Any]:
    amount = format_quantity(each.quantity, each.part.unit.decimal_places)
    what = [each.part.number, each.part.name, each.condition_words, each.lot or "", amount, each.part.unit.code]
    return [each.engineer.name, *what, each.since, each.days, each.value]


def _people_file(request: HttpRequest) -> tuple[list[Any], Iterator[list[Any]]]:
    people = TeamForm(request.GET).narrowed(engineers_visible_to(request.user))
    rows = by_engineer(people, holdings_of_people(people, at=timezone.now()))
    ages = [_("Pieces: %(age)s") % {"age": each.label} for each in BUCKETS]
    headers = [_("Engineer"), _("Team"), _("Pieces"), *ages, _("Oldest in days"), _("Value"), _("Old parts owed")]
    return headers, (
        [
            *(row.engineer.name, row.engineer.team or "", row.pieces),
            *(row.by_bucket[each.key] for each in BUCKETS),
            *(row.oldest, row.value, row.owed),
        ]
        for row in rows
    )


# ---------------------------------------------------------------- one engineer
@requires(Permission.VIEW_HOLDINGS)
@require_safe
def engineer_holdings(request: HttpRequest, pk: int) -> HttpResponse:
    """What one engineer holds, owes and waits for."""
    engineer = get_visible(engineers_visible_to(request.user).select_related("team"), pk=pk)
    held, debts = holdings_of(engineer, at=timezone.now()), list(debts_of(engineer))
    page = page_of(request, _rows(request, held), per_page=MOST_LINES)
    context = {
        "engineer": engineer,
        "rows": page.object_list,
        "pages": pages_beside(request, page),
        "pieces": sum(each.pieces for each in held),
        "value": total_value(held),
        "long": sum(pieces_by_bucket(each).get("long", 0) for each in held),
        "debts": debts,
        "at_risk": value_at_risk(debts),
        "requests": list(_open_requests(request, engineer)),
        "may_move": request.user.has_perm(Permission.MOVE_HOLDINGS),
    }
    return render(request, "spareparts/holdings/engineer.html", context)


def _rows(request: HttpRequest, held: Iterable[Holding]) -> list[Row]:
    settings: Any = request.settings_row  # type: ignore[attr-defined]
    today = company_today()
    return [Row(each, each.quantity, badge(first_due_on(each, settings), each.days, today=today)) for each in held]


def _open_requests(request: HttpRequest, engineer: User) -> Any:
    """What he asked for and does not have yet, as far as the reader may see it."""
    asked = Requisition.objects.visible_to(request.user).filter(engineer=engineer)
    waiting = asked.filter(status=RequisitionStatus.SUBMITTED)
    coming = asked.filter(status=RequisitionStatus.APPROVED, fulfilment__in=OPEN_FULFILMENTS)
    return (waiting | coming).select_related("work_order").order_by("-pk")[:MOST_REQUESTS]


# ---------------------------------------------------------------- move or call back
@requires(Permission.MOVE_HOLDINGS)
def holdings_move(request: HttpRequest) -> HttpResponse:
    """Lines of the ticked engineers to a colleague, or back by returns that wait for them."""
    people = engineers_visible_to(request.user)
    chosen = PeopleForm(request.GET, people=people).chosen
    if not chosen:
        messages.warning(request, _("Tick at least one engineer."))
        return redirect("spareparts:holdings")
    form = _move_form(request, chosen, people)
    if request.method == "POST" and form.is_valid():
        answer = submit(request, form, lambda key: _move(request, form, key))
        if answer is not None:
            return answer
    context = {"form": form, "people": chosen, "cancel_url": _back_to(chosen)}
    return render(request, "spareparts/holdings/move.html", context)


def _move_form(request: HttpRequest, chosen: Sequence[User], people: Any) -> MoveForm:
    """What should be back already is filled in."""
    settings: Any = request.settings_row  # type: ignore[attr-defined]
    today = company_today()
    held = holdings_of_people(User.objects.filter(pk__in=[each.pk for each in chosen]), at=timezone.now())
    held = held[:MOST_MOVED_LINES]
    proposed = {each.key: late_quantity(each, settings, today=today) for each in held}
    receivers = active_engineers().filter(pk__in=people.values("pk"))
    if len(chosen) == 1:
        receivers = receivers.exclude(pk=chosen[0].pk)
    data = request.POST if request.method == "POST" else None
    return MoveForm(data, holdings=held, proposed=proposed, receivers=receivers)


def _move(request: HttpRequest, form: MoveForm, key: uuid.UUID) -> str:
    data, facts = form.cleaned_data, {"by": request.user, "at": timezone.now(), "policy": request.policy}  # type: ignore[attr-defined]
    if data["action"] == form.RECALL:
        made: Sequence[Any] = recall_from_many(form.parts, reason=data["reason"], **facts)
        words = ngettext(
            "%(count)d return waits for its engineer.", "%(count)d returns wait for their engineers.", len(made)
        )
    else:
        made = move_from_many(form.parts, receiver=data["receiver"], key=key, reason=data["reason"], **facts)
        words = ngettext("Moved, in %(count)d hand-over.", "Moved, in %(count)d hand-overs.", len(made))
    messages.success(request, words % {"count": len(made)})
    return reverse("spareparts:holdings")


def _back_to(chosen: Sequence[User]) -> str:
    if len(chosen) == 1:
        return reverse("spareparts:engineer_holdings", args=[chosen[0].pk])
    return reverse("spareparts:holdings")
