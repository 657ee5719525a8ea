"""What may be shipped, what is on the way, and what did not fit."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.http import urlencode

from config.shared.templatetags.shared import format_quantity
from inventory.models import Part
from spareparts.enums import (
    ON_THE_WAY,
    SHIPPABLE,
    DiscrepancyKind,
    DiscrepancyStatus,
    Permission,
    ReceivingMethod,
    RequisitionStatus,
)
from spareparts.models import Allocation, Discrepancy, Requisition, Shipment, ShipmentLine
from workorders.models import User

IN_TRANSIT = frozenset({DiscrepancyKind.SHORT, DiscrepancyKind.DAMAGED, DiscrepancyKind.WRONG})
"""Discrepancies whose parts still count as on the way; what is over never was."""


MOST_PARCELS = 10


def amount(steps: int, part: Part) -> str:
    """ "1.5 m" """
    return f"{format_quantity(steps, part.unit.decimal_places)} {part.unit.code}"


# ---------------------------------------------------------------- before it is sent
def shippable_allocations(requisitions: Iterable[int]) -> QuerySet[Allocation]:
    """What lies reserved at the source of these requisitions and waits for no other shipment, with all that is shown.

    What lies at the destination for an engineer who collects it there is not shipped again.
    """
    rows = Allocation.objects.filter(
        grant__line__requisition__in=list(requisitions),
        warehouse=F("grant__line__requisition__warehouse"),
        shipment__isnull=True,
    )
    related = ("part__unit", "lot", "grant__line__requisition")
    return rows.select_related(*related).order_by("grant__line__requisition_id", "part__number", "pk")


def shippable_requisitions(user: User) -> QuerySet[Requisition]:
    """Approved requisitions in the statuses a shipment takes lines from, of the warehouses ``user`` ships from.

    ``reserved_lines`` counts what could be shipped now; those without stay in the list, since they wait for stock.
    """
    from inventory.models import Warehouse

    rows = Requisition.objects.filter(
        status=RequisitionStatus.APPROVED,
        fulfilment__in=SHIPPABLE,
        warehouse__in=Warehouse.objects.visible_to(user).values("pk"),
    ).exclude(receiving_method=ReceivingMethod.PICK_UP)
    ready = Q(
        lines__grants__allocations__shipment__isnull=True,
        lines__grants__allocations__warehouse=F("warehouse"),
        lines__grants__allocations__isnull=False,
    )
    counted = rows.annotate(reserved_lines=Count("lines__grants__allocations", filter=ready, distinct=True))
    return counted.select_related("engineer", "warehouse", "destination", "site", "work_order").order_by(
        F("needed_at").asc(nulls_last=True), "pk"
    )


# ---------------------------------------------------------------- on the way
def lines_of_shipment(shipment: Shipment) -> QuerySet[ShipmentLine]:
    """Its lines with ``disputed``: smallest steps an open discrepancy speaks about, and ``expected``: those that can
    still arrive."""
    open_ones = Discrepancy.objects.filter(
        shipment_line=OuterRef("pk"), status=DiscrepancyStatus.OPEN, kind__in=IN_TRANSIT
    ).order_by()
    disputed = open_ones.values("shipment_line").annotate(steps=Sum("quantity")).values("steps")
    related = ("part__unit", "lot", "grant__line__requisition__engineer", "grant__line__requisition__work_order")
    rows = ShipmentLine.objects.filter(shipment=shipment).select_related(*related)
    known = rows.annotate(disputed=Coalesce(Subquery(disputed, output_field=IntegerField()), 0))
    still = F("quantity") - F("received") - F("settled") - F("disputed")
    return known.annotate(expected=still).order_by("pk")


def expected(line: Any) -> int:
    """Smallest steps of the line that can still arrive; those of ``lines_of_shipment`` know it already."""
    known = getattr(line, "expected", None)
    if known is None:
        known = vars(lines_of_shipment(line.shipment).get(pk=line.pk))["expected"]
    return int(known)


def tracking_link(shipment: Shipment, template: str) -> str:
    """Where the parcel can be followed; "" without a number or a template that leads to the web."""
    if not shipment.tracking_number or "{number}" not in template:
        return ""
    if not template.startswith(("https://", "http://")):
        return ""
    number = urlencode({"n": shipment.tracking_number}).removeprefix("n=")
    return template.replace("{number}", number)


def may_receive(shipment: Shipment, user: User) -> bool:
    """Does this person take the parcel in? The engineer his own, the destination's managers theirs, an administrator
    any; never who only sends."""
    from inventory.enums import Permission as StockPermission
    from inventory.models import Warehouse

    if not user.has_perm(Permission.RECEIVE):
        return False
    if user.has_perm(StockPermission.MANAGE_ALL_WAREHOUSES):
        return True
    if shipment.destination_id is not None:
        return Warehouse.objects.filter(pk=shipment.destination_id, managers=user).exists()
    return shipment.engineer_id == user.pk


def to_receive(user: User) -> list[Shipment]:
    """Parcels on the way to this person himself, the oldest first."""
    if not user.has_perm(Permission.RECEIVE):
        return []
    mine = Shipment.objects.filter(engineer=user, destination__isnull=True, status__in=ON_THE_WAY)
    left = F("lines__quantity") - F("lines__received") - F("lines__settled")
    still = mine.annotate(left=Sum(left)).filter(left__gt=0)
    return list(still.select_related("warehouse", "site").order_by("pk")[:MOST_PARCELS])


# ---------------------------------------------------------------- what did not fit
def discrepancies(user: User) -> QuerySet[Discrepancy]:
    related = (
        "part__unit",
        "lot",
        "owner",
        "created_by",
        "settled_by",
        "shipment_line__shipment__warehouse",
        "shipment_line__grant__line__requisition__engineer",
        "return_line__document__engineer",
        "return_line__document__warehouse",
    )
    return Discrepancy.objects.visible_to(user).select_related(*related)


def open_discrepancies(user: User) -> QuerySet[Discrepancy]:
    """The ones still to be settled that ``user`` may see: the desk counts them."""
    return Discrepancy.objects.visible_to(user).filter(status=DiscrepancyStatus.OPEN)


def looked_into(user: User) -> list[Discrepancy]:
    """Of the parcels and returns of this person what did not fit and nobody has settled yet, the newest first."""
    of_parcel = Q(shipment_line__grant__line__requisition__engineer=user)
    of_return = Q(return_line__document__engineer=user)
    rows = discrepancies(user).filter(of_parcel | of_return, status=DiscrepancyStatus.OPEN)
    return list(rows.order_by("-pk")[:MOST_PARCELS])
