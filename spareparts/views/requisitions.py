"""Requests as people look at them: one's own like parcels, the office's list, and one request."""

from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from config.shared import audit
from config.shared.access import get_visible, requires
from config.shared.history import EVENTS_SHOWN, told
from config.shared.paging import page_of, paged, pages_beside
from spareparts.enums import ON_THE_WAY, REQUISITION_TRANSITIONS, Permission, ReceivingMethod, RequisitionStatus
from spareparts.forms.requisition_list import STATES, RequisitionFilter, RequisitionTable, state_context
from spareparts.forms.requisitions import ShownForm
from spareparts.forms.shipment_list import state_context as shipment_state
from spareparts.models import Allocation, Grant, IssueLine, Requisition, RequisitionLine, Shipment
from spareparts.queries.shipments import looked_into, to_receive
from spareparts.views.parcel import Progress, issues_of, next_words, rows_of, steps_of
from spareparts.views.requisition_buttons import buttons_of

CARDS = 15
MOST_SHIPMENTS = 20
S = RequisitionStatus
UNDER_WAY = Q(status=S.DRAFT) | STATES["open"]
LOOKS = {
    "create": ("plus", ""),
    "edit": ("edit", ""),
    "submit": ("cart-in", "info"),
    "withdraw": ("undo", ""),
    "approve": ("check-fill", "good"),
    "reject": ("close", "bad"),
    "forward": ("truck", ""),
    "forward_rest": ("truck", ""),
    "pack": ("box", ""),
    "issue": ("check-fill", "good"),
    "undo_issue": ("undo", "warn"),
    "cancel_rest": ("close", "warn"),
    "ship": ("truck", "info"),
    "receive": ("check-fill", "good"),
}


@requires(Permission.VIEW_REQUISITIONS)
@require_safe
def requisitions(request: HttpRequest) -> HttpResponse:
    """The list of the office; who sees only his own gets them as parcels."""
    if not _sees_others(request):
        return _own(request)
    related = ("engineer", "work_order", "warehouse")
    visible = Requisition.objects.visible_to(request.user).select_related(*related)
    narrowed = RequisitionFilter(
        request.GET, queryset=visible.annotate(parts=Count("lines")).order_by("-pk"), request=request
    )
    context = {
        "filter": narrowed,
        "table": paged(request, RequisitionTable(narrowed.qs, policy=request.policy)),
        "may_ask": request.user.has_perm(Permission.REQUEST_PARTS),
        "has_own": request.user.is_engineer,
        "waiting": _waiting(request),
    }
    return render(request, "spareparts/requisitions/list.html", context)


def _sees_others(request: HttpRequest) -> bool:
    person = request.user
    return person.has_perm(Permission.VIEW_ALL_REQUISITIONS) or person.has_perm(Permission.APPROVE_REQUISITION)


def _waiting(request: HttpRequest) -> int:
    """How many requests wait for an approval the person may give."""
    if not request.user.has_perm(Permission.APPROVE_REQUISITION):
        return 0
    return Requisition.objects.visible_to(request.user).filter(status=S.SUBMITTED).count()


@requires(Permission.REQUEST_PARTS)
@require_safe
def my_requisitions(request: HttpRequest) -> HttpResponse:
    return _own(request)


def _own(request: HttpRequest) -> HttpResponse:
    """What the person asked for, or somebody for him, the newest first: under way, or done."""
    chosen = ShownForm(request.GET).chosen
    own = Requisition.objects.filter(engineer_id=request.user.pk)
    shown = own.filter(UNDER_WAY) if chosen == "open" else own.exclude(UNDER_WAY)
    page = page_of(request, with_lines(shown.order_by("-pk")), per_page=CARDS)
    context = {
        "cards": [card_of(each) for each in page.object_list],
        "to_receive": to_receive(request.user) if chosen == "open" else [],
        "looked_into": looked_into(request.user) if chosen == "open" else [],
        "page": page,
        "pages": pages_beside(request, page),
        "chosen": chosen,
        "tabs": _tabs(chosen),
        "now": timezone.now(),
        "may_ask": request.user.has_perm(Permission.REQUEST_PARTS),
    }
    return render(request, "spareparts/requisitions/mine.html", context)


def _tabs(chosen: str) -> list[dict[str, Any]]:
    here = reverse("spareparts:my_requisitions")
    return [
        {"label": pgettext("requests", "Under way"), "url": here, "is_current": chosen == "open"},
        {"label": pgettext("requests", "Done"), "url": f"{here}?show=done", "is_current": chosen == "done"},
    ]


def with_lines(found: QuerySet[Requisition]) -> QuerySet[Requisition]:
    """Requests with what a card shows of them; two more statements for all."""
    grants = Prefetch("grants", Grant.objects.select_related("part__unit").order_by("pk"))
    lines = RequisitionLine.objects.select_related("part__unit").prefetch_related(grants).order_by("pk")
    related = ("work_order__customer", "warehouse", "destination", "engineer")
    return found.select_related(*related).prefetch_related(Prefetch("lines", lines))


def card_of(requisition: Requisition) -> dict[str, Any]:
    """One request with its steps and its state, from what ``with_lines`` read."""
    grants = [grant for line in requisition.lines.all() for grant in line.grants.all()]
    return {
        "requisition": requisition,
        "lines": list(requisition.lines.all()),
        "steps": steps_of(requisition, grants),
        "state": state_context(requisition),
        "progress": Progress.of(grants),
    }


@requires(Permission.VIEW_REQUISITIONS)
@require_safe
def requisition(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: how far it is, its lines, who said what, and what may be done now."""
    found = get_visible(_in_full(request), pk=pk)
    card = card_of(found)
    progress = card["progress"]
    events = audit.events_of(found)[:EVENTS_SHOWN]
    buttons = buttons_of(found, progress, by=request.user, policy=request.policy)
    rows = [(line, rows_of(line)) for line in card["lines"]]
    context = card | {
        "rows": rows,
        "issues": issues_of(rows),
        "shipments": _shipments(request, found),
        "may_receive": request.user.has_perm(Permission.RECEIVE),
        "may_undo": request.user.has_perm(REQUISITION_TRANSITIONS["undo_issue"].permission),
        "buttons": buttons,
        "next": next_words(found, progress),
        "events": [told(event, LOOKS) for event in events],
        "successor": Requisition.objects.filter(forwarded_from=found).first(),
        "now": timezone.now(),
        "may_copy": request.user.has_perm(Permission.REQUEST_PARTS) and found.status != S.DRAFT,
    }
    return render(request, "spareparts/requisitions/requisition.html", context)


def _shipments(request: HttpRequest, found: Requisition) -> list[dict[str, Any]]:
    """What was sent for it, the newest first, as far as the person may see it."""
    if found.receiving_method == ReceivingMethod.PICK_UP:
        return []
    sent = Shipment.objects.visible_to(request.user).filter(lines__grant__line__requisition=found)
    return [
        {"shipment": each, "state": shipment_state(each), "is_on_the_way": each.status in ON_THE_WAY}
        for each in sent.distinct().order_by("-pk")[:MOST_SHIPMENTS]
    ]


def _in_full(request: HttpRequest) -> QuerySet[Requisition]:
    handed = Prefetch(
        "issue_lines", IssueLine.objects.select_related("lot", "issue__created_by", "issue__undone_by").order_by("pk")
    )
    lying = Prefetch("allocations", Allocation.objects.select_related("lot", "warehouse").order_by("pk"))
    grants = Grant.objects.select_related("part__unit").prefetch_related(handed, lying).order_by("pk")
    lines = RequisitionLine.objects.select_related("part__unit", "part__superseded_by")
    lines = lines.prefetch_related(Prefetch("grants", grants)).order_by("pk")
    related = ("engineer", "work_order__customer", "warehouse", "destination", "site", "created_by", "decided_by")
    visible = Requisition.objects.visible_to(request.user).select_related(*related, "forwarded_from")
    return visible.prefetch_related(Prefetch("lines", lines))
