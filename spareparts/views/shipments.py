"""Shipments as people look at them: the list, one shipment, its packing slip."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from config.shared import audit
from config.shared.access import get_visible, requires
from config.shared.history import EVENTS_SHOWN, told
from config.shared.paging import paged
from config.shared.transitions import available
from spareparts.domain.four_eyes import others_with
from spareparts.domain.requisitions.guards import manages
from spareparts.enums import ON_THE_WAY, SHIPMENT_TRANSITIONS, DiscrepancyStatus, Permission
from spareparts.forms.shipment_list import ShipmentFilter, ShipmentTable, addressee, kind_context, state_context
from spareparts.models import Shipment
from spareparts.queries import current_settings
from spareparts.queries import shipments as queries
from spareparts.views.return_page import qr_svg

RELATED = ("warehouse", "engineer", "destination", "site__customer", "created_by", "approved_by")
LOOKS = {
    "create": ("plus", ""),
    "send": ("truck", "info"),
    "approve": ("check-fill", "good"),
    "cancel": ("close", "bad"),
    "track": ("edit", ""),
    "receive_part": ("box", "info"),
    "receive": ("check-fill", "good"),
}
ICONS = {"approve": "check", "cancel": "close", "track": "edit"}


def visible(request: HttpRequest, pk: int) -> Shipment:
    return get_visible(Shipment.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


@requires(Permission.VIEW_SHIPMENTS)
@require_safe
def shipments(request: HttpRequest) -> HttpResponse:
    rows = Shipment.objects.visible_to(request.user).select_related("warehouse", "engineer", "destination", "site")
    narrowed = ShipmentFilter(request.GET, queryset=rows.order_by("-pk"), request=request)
    found = narrowed.qs.annotate(parts=Count("lines", distinct=True))
    context = {
        "filter": narrowed,
        "table": paged(request, ShipmentTable(found)),
        "may_ship": request.user.has_perm(Permission.SHIP),
        "to_receive": queries.to_receive(request.user),
    }
    return render(request, "spareparts/shipments/list.html", context)


@requires(Permission.VIEW_SHIPMENTS)
@require_safe
def shipment(request: HttpRequest, pk: int) -> HttpResponse:
    document = visible(request, pk)
    lines = list(queries.lines_of_shipment(document))
    found = queries.discrepancies(request.user).filter(shipment_line__shipment=document).order_by("pk")
    context = {
        "shipment": document,
        "addressee": addressee(document),
        "state": state_context(document),
        "lines": lines,
        "discrepancies": [(each, kind_context(each)) for each in found],
        "open_count": sum(each.status == DiscrepancyStatus.OPEN for each in found),
        "tracking_url": queries.tracking_link(document, current_settings().tracking_link),
        "buttons": _buttons(request, document),
        "may_receive": document.status in ON_THE_WAY
        and any(queries.expected(line) for line in lines)
        and queries.may_receive(document, request.user),
        "may_print": request.user.has_perm(Permission.SHIP),
        "history": [told(event, LOOKS) for event in audit.events_of(document)[:EVENTS_SHOWN]],
    }
    return render(request, "spareparts/shipments/shipment.html", context)


def _buttons(request: HttpRequest, document: Shipment) -> list[dict[str, Any]]:
    """What may be done by this person in his warehouse now, in the table's order; receiving stands apart."""
    rows = [row for row in available(document, SHIPMENT_TRANSITIONS, by=request.user) if row.verb in ICONS]
    if not rows or not manages(document.warehouse_id, by=request.user):
        return []
    if document.created_by_id == request.user.pk and _is_approved_by_another(request):
        rows = [row for row in rows if row.verb != "approve"]
    return [
        {
            "label": row.label,
            "url": reverse(f"spareparts:shipment_{row.verb}", args=[document.pk]),
            "icon": ICONS[row.verb],
            "is_primary": row.verb == "approve",
            "tone": row.tone,
        }
        for row in rows
    ]


def _is_approved_by_another(request: HttpRequest) -> bool:
    return others_with(Permission.APPROVE_SHIPMENT, by=request.user).exists()


@requires(Permission.VIEW_SHIPMENTS)
@require_safe
def shipment_slip(request: HttpRequest, pk: int) -> HttpResponse:
    """To print and put into the box; whoever receives it scans the code."""
    document = visible(request, pk)
    url = request.build_absolute_uri(document.get_absolute_url())
    context = {
        "shipment": document,
        "addressee": addressee(document),
        "lines": list(queries.lines_of_shipment(document)),
        "qr": qr_svg(url),
    }
    return render(request, "spareparts/shipments/slip.html", context)
