"""A new shipment: choose requests, see into which parcels they go, say how many, send."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from config.shared.access import requires
from config.shared.paging import page_of, pages_beside
from config.shared.submissions import submit
from inventory.models import Warehouse
from spareparts.domain.shipments import create_shipments
from spareparts.domain.shipments.sending import addressee_of
from spareparts.enums import Permission, ReceivingMethod, ShipmentStatus
from spareparts.forms.shipments import ChoiceForm, ShipForm
from spareparts.models import Allocation, Requisition, Shipment
from spareparts.queries import current_settings
from spareparts.queries.shipments import shippable_allocations, shippable_requisitions


@requires(Permission.SHIP)
@require_http_methods(["GET", "HEAD", "POST"])
def shipment_new(request: HttpRequest) -> HttpResponse:
    """Without a choice the requests that can be shipped; with one its parcels."""
    is_sent = request.method == "POST"
    if not is_sent and "requisition" not in request.GET:
        return _choose(request, None)
    offered = _known(request) if is_sent else shippable_requisitions(request.user)
    choice = ChoiceForm(request.POST if is_sent else request.GET, requisitions=offered)
    if not choice.is_valid():
        return _choose(request, choice)
    chosen = choice.cleaned_data["requisition"]
    allocations = list(shippable_allocations([each.pk for each in chosen]))
    groups = _groups(allocations)
    form = ShipForm(request.POST if is_sent else None, allocations=allocations, is_split=len(groups) > 1)
    if is_sent and form.is_valid():
        done = submit(request, form, lambda key: _ship(request, chosen, form, key))
        if done is not None:
            return done
    return _show(request, chosen, form, groups)


def _known(request: HttpRequest) -> Any:
    """A form sent twice names requests that can no longer be shipped; the domain says so, or the first result."""
    warehouses = Warehouse.objects.visible_to(request.user).values("pk")
    return Requisition.objects.visible_to(request.user).filter(warehouse__in=warehouses).order_by("pk")


def _choose(request: HttpRequest, choice: ChoiceForm | None) -> HttpResponse:
    page = page_of(request, shippable_requisitions(request.user))
    context = {"page": page, "pages": pages_beside(request, page), "form": choice, "now": timezone.now()}
    return render(request, "spareparts/shipments/choose.html", context)


def _ship(request: HttpRequest, chosen: Sequence[Requisition], form: ShipForm, key: uuid.UUID) -> str:
    of = {each.pk: each.grant.line.requisition_id for each in form.allocations}
    wanted = {of.get(pk) for pk in form.quantities}
    members = [each for each in chosen if each.pk in wanted] or list(chosen)
    facts = {"by": request.user, "at": timezone.now(), "key": key, "policy": request.policy}
    made = create_shipments(members, **facts, **form.facts(), quantities=form.quantities)
    _tell(request, made)
    return made[0].get_absolute_url() if len(made) == 1 else reverse("spareparts:shipments")


def _tell(request: HttpRequest, made: Sequence[Shipment]) -> None:
    names = ", ".join(str(each) for each in made)
    if made[0].status == ShipmentStatus.WAITING:
        sentence = ngettext("%(names)s waits for approval.", "%(names)s wait for approval.", len(made))
    else:
        sentence = ngettext("%(names)s is on the way.", "%(names)s are on the way.", len(made))
    messages.success(request, sentence % {"names": names})


# ---------------------------------------------------------------- what is shown
def _groups(allocations: Sequence[Allocation]) -> list[list[Allocation]]:
    """The parcels, as the domain will split them."""
    found: dict[tuple[Any, ...], list[Allocation]] = {}
    for each in allocations:
        found.setdefault(tuple(addressee_of(each.grant.line.requisition).values()), []).append(each)
    return list(found.values())


def _show(
    request: HttpRequest, chosen: Sequence[Requisition], form: ShipForm, groups: Sequence[Sequence[Allocation]]
) -> HttpResponse:
    facts = {each.pk: each for each in chosen}
    having = {each.grant.line.requisition_id for each in form.allocations}
    waits = current_settings().shipment_approval
    context = {
        "form": form,
        "chosen": chosen,
        "parcels": [_parcel(group, facts, form) for group in groups],
        "empty": [each for each in chosen if each.pk not in having],
        "label": _label(len(groups), waits=waits),
        "waits": waits,
    }
    return render(request, "spareparts/shipments/new.html", context)


def _parcel(group: Sequence[Allocation], facts: dict[int, Requisition], form: ShipForm) -> dict[str, Any]:
    first = facts[group[0].grant.line.requisition_id]
    to = first.destination or first.engineer
    place = first.site if first.receiving_method == ReceivingMethod.TO_SITE else None
    rows = [(facts[each.grant.line.requisition_id], form.row(each)) for each in group]
    return {"method": first.get_receiving_method_display(), "to": to, "site": place, "rows": rows}


def _label(parcels: int, *, waits: bool) -> str:
    if waits:
        return ngettext("Save shipment", "Save %(count)s shipments", parcels) % {"count": parcels}
    return ngettext("Send shipment", "Send %(count)s shipments", parcels) % {"count": parcels} if parcels else _("Send")
