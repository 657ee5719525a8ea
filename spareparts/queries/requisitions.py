"""What lies free for requests, what waits for stock, and what an engineer holds already."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from inventory.enums import Condition, LocationKind, Tracking, WarehouseStatus
from inventory.models import Balance, Lot, Part, Warehouse
from spareparts.enums import OPEN_FULFILMENTS, Permission, ReceivingMethod, RequisitionStatus
from spareparts.models import Allocation, Grant, Requisition
from workorders.models import User


@dataclass(frozen=True, slots=True)
class Available:
    """``free`` smallest steps of a part lie on the shelf of ``warehouse`` and may be reserved; never OLD ones."""

    warehouse: Warehouse
    free: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """Take ``quantity`` of the ``free`` smallest steps of this condition and lot."""

    condition: str
    lot: Lot | None
    free: int
    quantity: int


@dataclass(frozen=True, slots=True)
class BackOrder:
    """``open`` smallest steps of the grant wait for stock, of which ``free`` lie on the shelf now."""

    grant: Grant
    open: int
    free: int

    @property
    def requisition(self) -> Requisition:
        return self.grant.line.requisition

    @property
    def can_be_reserved(self) -> bool:
        return self.free > 0


# ---------------------------------------------------------------- the shelf
def free_stock(parts: Iterable[int], *, warehouse: Warehouse | None = None) -> QuerySet[Balance]:
    """What may be reserved: on open shelves, never OLD, tracked parts only with their lot; what expires first, first.

    One statement, whatever the number of parts.
    """
    shelf = Balance.objects.filter(part__in=list(parts), location__kind=LocationKind.SHELF, on_hand__gt=0)
    identified = Q(part__tracking=Tracking.NONE) | Q(lot__isnull=False)
    usable = shelf.exclude(condition=Condition.OLD).filter(identified)
    if warehouse is not None:
        usable = usable.filter(location__warehouse=warehouse)
    order = (F("lot__expires_on").asc(nulls_last=True), "condition", "lot__code", "pk")
    return usable.select_related("lot", "location__warehouse").order_by("part", *order)


def free_quantities(parts: Iterable[int], *, warehouse: Warehouse) -> dict[int, int]:
    """Part key → smallest steps that may be reserved there."""
    free: dict[int, int] = defaultdict(int)
    for row in free_stock(parts, warehouse=warehouse):
        free[row.part_id] += row.on_hand
    return free


def availability(parts: Iterable[Part], *, user: User) -> dict[int, list[Available]]:
    """Part key → the open warehouses where some of it lies free, by name. Empty for who may not ask for parts."""
    if not user.has_perm(Permission.REQUEST_PARTS):
        return {}
    stock = free_stock({part.pk for part in parts}).filter(location__warehouse__status=WarehouseStatus.OPEN)
    warehouses: dict[int, Warehouse] = {}
    free: dict[tuple[int, int], int] = defaultdict(int)
    for row in stock:
        warehouse: Any = row.location.warehouse  # a shelf always has one
        warehouses[warehouse.pk] = warehouse
        free[row.part_id, warehouse.pk] += row.on_hand
    found: dict[int, list[Available]] = defaultdict(list)
    for (part_id, key), quantity in sorted(free.items(), key=lambda each: warehouses[each[0][1]].name):
        found[part_id].append(Available(warehouses[key], quantity))
    return found


def stock_proposals(part: Part, warehouse: Warehouse, quantity: int) -> list[Proposal]:
    """Every condition and lot on the shelf, what expires first first, with how much of it makes up ``quantity``."""
    proposals = []
    for row in free_stock([part.pk], warehouse=warehouse):
        taken = min(quantity, row.on_hand)
        proposals.append(Proposal(row.condition, row.lot, row.on_hand, taken))
        quantity -= taken
    return proposals


# ---------------------------------------------------------------- what waits
def open_grants(warehouse: Warehouse, *, parts: Iterable[int] | None = None) -> QuerySet[Grant]:
    """Grants of ``warehouse`` of which something is neither reserved nor on its way, the oldest request first."""
    waiting = Grant.objects.filter(
        line__requisition__warehouse=warehouse,
        line__requisition__status=RequisitionStatus.APPROVED,
        line__requisition__fulfilment__in=OPEN_FULFILMENTS,
        granted__gt=F("reserved") + F("issued") + F("shipped") + F("cancelled"),
    )
    if parts is not None:
        waiting = waiting.filter(part__in=list(parts))
    related = ("part__unit", "line__requisition__engineer", "line__requisition__work_order")
    return waiting.select_related(*related).order_by("line__requisition_id", "pk")


def back_orders(warehouse: Warehouse, *, parts: Iterable[int] | None = None) -> list[BackOrder]:
    """What waits for stock there, the oldest request first; free stock is offered to the oldest first. Two statements.

    Two who wait for the last piece: the first is told of it.
    """
    waiting = list(open_grants(warehouse, parts=parts))
    free = free_quantities({grant.part_id for grant in waiting}, warehouse=warehouse) if waiting else {}
    found = []
    for grant in waiting:
        offered = min(grant.open_quantity, free.get(grant.part_id, 0))
        found.append(BackOrder(grant, grant.open_quantity, offered))
        if offered:
            free[grant.part_id] -= offered
    return found


def allocations_of(requisition: Requisition) -> QuerySet[Allocation]:
    """What lies in staging for it, at its source or where it was shipped to."""
    rows = Allocation.objects.filter(grant__line__requisition=requisition)
    return rows.select_related("grant__line", "part__unit", "lot", "warehouse", "shipment").order_by("pk")


def is_handed_out_at(requisition: Requisition, warehouse_id: int) -> bool:
    """Is what lies reserved in this warehouse collected there? Else it is still to be shipped."""
    if requisition.receiving_method == ReceivingMethod.PICK_UP:
        return True
    return is_collected(requisition) and warehouse_id == requisition.destination_id


def is_collected(requisition: Requisition) -> bool:
    """Is it shipped to a warehouse where the engineer collects it? What arrives there lies reserved for him."""
    return requisition.receiving_method == ReceivingMethod.TO_WAREHOUSE and not requisition.is_for_branch


# ---------------------------------------------------------------- people
def value_held(engineer: User) -> Decimal:
    """What the parts in his personal inventory cost; old parts are worth nothing."""
    held = Balance.objects.filter(location__owner=engineer, on_hand__gt=0).exclude(condition=Condition.OLD)
    rows = held.values_list("part__unit_cost", "part__unit__decimal_places").annotate(steps=Sum("on_hand"))
    worth = (cost * Decimal(steps).scaleb(-places) for cost, places, steps in rows.order_by())
    return sum(worth, Decimal("0.00")).quantize(Decimal("0.01"))
