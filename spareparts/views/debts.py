"""Old parts that must come back: what one owes, what the office waits for, asking to be let off and deciding it."""

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.shared import audit
from config.shared.access import get_visible, requires
from config.shared.exports import FORMATS, export_response
from config.shared.paging import page_of, pages_beside
from config.shared.submissions import answers_again, submit
from config.shared.templatetags.shared import format_quantity
from config.shared.verbs import in_words
from inventory.enums import Permission as I
from spareparts.domain import debts as domain
from spareparts.domain.returns.photos import attach_photo
from spareparts.enums import OPEN_DEBTS, OWED, DebtStatus, Permission
from spareparts.forms.debts import AskForm, DecideForm, TakeOutForm
from spareparts.forms.return_list import OldPartsForm
from spareparts.models import OldPartDebt
from spareparts.queries import returns as queries
from spareparts.queries.due import SOON, Badge, badge
from spareparts.views.losses import picture
from spareparts.views.my_parts import company_today

PER_PAGE = 50
MOST_EVENTS = 20


# ---------------------------------------------------------------- lists
@requires(Permission.VIEW_DEBTS)
@require_safe
def debts(request: HttpRequest) -> HttpResponse:
    """One's own, the first due first."""
    page = page_of(request, queries.debts_of(request.user), per_page=PER_PAGE)
    rows = _with_badges(page.object_list)
    context = {"rows": rows, "pages": pages_beside(request, page)}
    return render(request, "spareparts/returns/debts.html", context)


def _with_badges(rows: Any) -> list[tuple[OldPartDebt, Any]]:
    """Each with a badge when it is late or due soon, else None."""
    today = company_today()
    return [(row, _badge(row, today)) for row in rows]


def _badge(row: OldPartDebt, today: date) -> Badge | None:
    is_pressing = row.status in OWED and row.due_on <= today + SOON
    return badge(row.due_on, 0, today=today) if is_pressing else None


@requires(Permission.VIEW_ALL_DEBTS)
@require_safe
def old_parts(request: HttpRequest) -> HttpResponse:
    """Who owes what by when, and the warranty value at risk."""
    form = OldPartsForm(request.GET, today=company_today())
    rows = form.narrowed(OldPartDebt.objects.visible_to(request.user))
    page = page_of(request, _shown(form, rows), per_page=PER_PAGE)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "filter": {"form": form},
        "rows": _with_badges(page.object_list),
        "pages": pages_beside(request, page),
        "totals": queries.debt_totals(rows, today=company_today()),
        "sees_cost": request.user.has_perm(I.SEE_COST),
        "query": query.urlencode(),
    }
    return render(request, "spareparts/returns/old_parts.html", context)


def _shown(form: OldPartsForm, rows: Any) -> Any:
    return queries.debts_shown(form.in_state(rows)).order_by("due_on", "pk")


@requires(Permission.VIEW_ALL_DEBTS)
@require_safe
def old_parts_export(request: HttpRequest, format_name: str) -> HttpResponseBase:
    """The list as filtered, as a file."""
    if format_name not in FORMATS:
        raise Http404
    form = OldPartsForm(request.GET, today=company_today())
    rows = _shown(form, form.narrowed(OldPartDebt.objects.visible_to(request.user)))
    headers = [
        *(_("Old part"), _("Engineer"), _("Part number"), _("Part"), _("Serial number"), _("Quantity"), _("Unit")),
        *(_("Status"), _("Due"), _("In warranty"), _("Value at risk"), _("Work order"), _("Customer")),
    ]
    name = f"old-parts-{company_today().isoformat()}"
    return export_response(name, format_name, headers, _file_rows(rows))


def _file_rows(rows: Any) -> Iterator[list[Any]]:
    for row in rows.iterator(chunk_size=1000):
        job, part = row.line.consumption.work_order, row.part
        amount = format_quantity(row.quantity, part.unit.decimal_places)
        what = [part.number, part.name, row.serial or (row.lot.code if row.lot else ""), amount, part.unit.code]
        state = [row.get_status_display(), row.due_on, _("yes") if row.is_warranty else "", row.value]
        yield [row.reference, row.engineer.name, *what, *state, str(job), str(job.site.customer)]


# ---------------------------------------------------------------- one old part
def _visible(request: HttpRequest, pk: int) -> OldPartDebt:
    shown = queries.debts_shown(OldPartDebt.objects.visible_to(request.user))
    return get_visible(shown.select_related("asked_by", "decided_by", "line__consumption__work_order__site__customer",
                                            "engineer", "part__unit", "lot"), pk=pk)  # fmt: skip


@requires(Permission.VIEW_DEBTS)
@require_safe
def debt(request: HttpRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    context = {
        "debt": row,
        "badge": _badge(row, company_today()),
        "consumption": row.line.consumption,
        "return": queries.return_of(row),
        "is_his": row.engineer_id == request.user.pk,
        "is_open": row.status in OPEN_DEBTS,
        "is_owed": row.status in OWED,
        "is_due": row.status == DebtStatus.DUE,
        "may_decide": request.user.has_perm(Permission.DECIDE_DEBT) and row.status in OPEN_DEBTS,
        "sees_cost": request.user.has_perm(I.SEE_COST),
        "events": _events(row),
    }
    return render(request, "spareparts/returns/debt.html", context)


def _events(row: OldPartDebt) -> list[dict[str, Any]]:
    found = audit.events_of(row)[:MOST_EVENTS]
    return [{"title": in_words(each.verb), "at": each.at, "by": each.actor, "text": each.reason} for each in found]


@requires(Permission.RETURN_PARTS)
@require_http_methods(["GET", "HEAD", "POST"])
def debt_take_out(request: HttpRequest, pk: int) -> HttpResponse:
    """The engineer has taken it out of the machine now."""
    row = _visible(request, pk)
    form = TakeOutForm(request.POST) if request.method == "POST" else TakeOutForm(initial={"old_serial": row.serial})
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            facts = {"by": request.user, "at": timezone.now(), "key": key, "policy": request.policy}
            domain.take_out(row, serial=form.cleaned_data["old_serial"], **facts)
            return row.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
        row.refresh_from_db()
    return render(request, "spareparts/returns/debt_take_out.html", {"debt": row, "form": form})


@requires(Permission.RETURN_PARTS)
@require_http_methods(["GET", "HEAD", "POST"])
def debt_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to be let off, with a reason and a photo if there is one."""
    row = _visible(request, pk)
    form = AskForm(request.POST, request.FILES) if request.method == "POST" else AskForm()
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            data, facts = form.cleaned_data, {"by": request.user, "at": timezone.now()}
            domain.ask_exception(row, policy=request.policy, answer=data["answer"], reason=data["reason"], **facts)
            if data["photo"]:
                attach_photo(row, photo=data["photo"], **facts)
            return row.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
        row.refresh_from_db()
    return render(request, "spareparts/returns/debt_ask.html", {"debt": row, "form": form})


@requires(Permission.DECIDE_DEBT)
@require_http_methods(["GET", "HEAD", "POST"])
@answers_again
def debt_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Waive it, accept that it was left at the customer, or refuse what was asked."""
    row = _visible(request, pk)
    form = DecideForm(request.POST if request.method == "POST" else None, debt=row)
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            facts = {"by": request.user, "at": timezone.now(), "policy": request.policy}
            domain.decide_exception(row, **form.cleaned_data, **facts)
            return row.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
        row.refresh_from_db()
    context = {"debt": row, "form": form, "is_open": row.status in OPEN_DEBTS, "sees_cost": True}
    return render(request, "spareparts/returns/debt_decide.html", context)


@requires(Permission.VIEW_DEBTS)
@require_safe
def debt_photo(request: HttpRequest, pk: int) -> FileResponse:
    """For those who may see the old part; drawn by us."""
    return picture(_visible(request, pk).photo)
