"""What waits at the warehouse desk, and what lies where for one request."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet, Sum

from inventory.enums import Permission as StockPermission
from inventory.enums import WarehouseStatus
from inventory.models import Bin, PartBarcode, Warehouse
from spareparts.enums import (
    OPEN_FULFILMENTS,
    Feature,
    ReceivingMethod,
    RequisitionStatus,
    ReturnStatus,
)
from spareparts.models import Allocation, Grant, Requisition, Return
from spareparts.policies import ModePolicy
from spareparts.queries.requisitions import allocations_of, free_quantities, is_handed_out_at
from workorders.models import User

MOST_QUEUED = 100


@dataclass(frozen=True)
class Queued:
    """A request at the desk, with how far it is, in smallest steps over all its lines."""

    requisition: Requisition
    lines: int
    open: int
    reserved: int
    packed: int
    is_urgent: bool

    @property
    def is_waiting(self) -> bool:
        return self.requisition.status == RequisitionStatus.SUBMITTED

    @property
    def is_shipped(self) -> bool:
        return self.requisition.receiving_method != ReceivingMethod.PICK_UP

    @property
    def is_packed(self) -> bool:
        """All that is there is packed and waits to be taken."""
        return self.reserved > 0 and self.packed == self.reserved

    @property
    def is_to_pick(self) -> bool:
        return self.reserved > self.packed


def warehouses_of(user: User) -> QuerySet[Warehouse]:
    """The warehouses the person works in: his own, all for who manages all. Closed ones are gone."""
    everywhere = Warehouse.objects.exclude(status=WarehouseStatus.CLOSED).order_by("-is_default", "name")
    return everywhere if user.has_perm(StockPermission.MANAGE_ALL_WAREHOUSES) else everywhere.filter(managers=user)


def queue(user: User, *, policy: ModePolicy, urgent_before: datetime) -> list[Queued]:
    """Requests that somebody at this desk can move on, what is needed first, first. Two statements."""
    waiting = Q(status=RequisitionStatus.SUBMITTED)
    if policy.has(Feature.WAREHOUSE_STOCK):
        here = Q(warehouse__in=warehouses_of(user)) | Q(destination__in=warehouses_of(user))
        under_way = Q(status=RequisitionStatus.APPROVED, fulfilment__in=[str(each) for each in OPEN_FULFILMENTS])
        rows = Requisition.objects.filter(waiting | under_way, here)
    else:
        rows = Requisition.objects.visible_to(user).filter(waiting)
    rows = rows.select_related("engineer", "work_order", "warehouse", "destination")
    found = list(rows.order_by(F("needed_at").asc(nulls_last=True), "pk")[:MOST_QUEUED])
    sums = _sums(found)
    return [_queued(each, sums.get(each.pk, {}), urgent_before) for each in found]


def _sums(requisitions: Sequence[Requisition]) -> dict[int, dict[str, int]]:
    taken = F("reserved") + F("issued") + F("shipped") + F("cancelled")
    rows = (
        Grant.objects.filter(line__requisition__in=requisitions)
        .values("line__requisition")
        .annotate(
            lines=Count("line", distinct=True),
            open=Sum(F("granted") - taken),
            reserved_now=Sum("reserved"),
            packed_now=Sum("packed"),
        )
        .order_by()
    )
    names = ("lines", "open", "reserved_now", "packed_now")
    return {row["line__requisition"]: {name: row[name] or 0 for name in names} for row in rows}  # type: ignore[literal-required]


def _queued(requisition: Requisition, sums: dict[str, int], urgent_before: datetime) -> Queued:
    return Queued(
        requisition,
        lines=sums.get("lines", 0),
        open=sums.get("open", 0),
        reserved=sums.get("reserved_now", 0),
        packed=sums.get("packed_now", 0),
        is_urgent=requisition.needed_at is not None and requisition.needed_at < urgent_before,
    )


def returns_coming(user: User, *, policy: ModePolicy) -> QuerySet[Return]:
    """Handed over or sent, and not checked in."""
    rows = Return.objects.visible_to(user).filter(status=ReturnStatus.HANDED_OVER)
    return rows.filter(warehouse__in=warehouses_of(user)) if policy.has(Feature.WAREHOUSE_STOCK) else rows


@dataclass
class PickLine:
    """One reservation: where it lies, what a scanner may read for it, and how much of it there is."""

    allocation: Allocation
    bins: list[str]
    codes: list[str]
    is_handed_out_here: bool

    @property
    def unpacked(self) -> int:
        return self.allocation.quantity - self.allocation.packed


@dataclass
class ShortLine:
    """What was granted and is not there: ``free`` lies on the shelf meanwhile and may be reserved."""

    grant: Grant
    free: int


def pick_lines(requisition: Requisition) -> list[PickLine]:
    """What lies reserved for a request, in the order of the bins. Three statements."""
    return pick_lines_of(list(allocations_of(requisition).filter(shipment=None)), requisition)


def pick_lines_of(allocations: Sequence[Allocation], requisition: Requisition | None = None) -> list[PickLine]:
    parts = {row.part_id for row in allocations}
    bins, codes = _bins(parts), _barcodes(parts)
    lines = [
        PickLine(
            row,
            bins[row.warehouse_id, row.part_id],
            [row.part.number, *codes[row.part_id], *([row.lot.code] if row.lot else [])],
            requisition is None or is_handed_out_at(requisition, row.warehouse_id),
        )
        for row in allocations
    ]
    return sorted(lines, key=lambda line: (line.bins or ["~"], line.allocation.part.number, line.allocation.pk))


def to_pick(requisitions: Iterable[Requisition]) -> list[PickLine]:
    """What of several requests is reserved and not packed, for one walk along the bins."""
    rows = Allocation.objects.filter(
        grant__line__requisition__in=list(requisitions), shipment=None, quantity__gt=F("packed")
    )
    related = ("grant__line__requisition__engineer", "part__unit", "lot", "warehouse")
    return pick_lines_of(list(rows.select_related(*related).order_by("pk")))


def shorts(requisition: Requisition) -> list[ShortLine]:
    """Back-orders of a request, with what lies free for them by now. Two statements."""
    rows = Grant.objects.filter(
        line__requisition=requisition,
        granted__gt=F("reserved") + F("issued") + F("shipped") + F("cancelled"),
    )
    waiting = list(rows.select_related("part__unit").order_by("pk"))
    if not waiting or requisition.warehouse is None:
        return [ShortLine(grant, 0) for grant in waiting]
    free = free_quantities({grant.part_id for grant in waiting}, warehouse=requisition.warehouse)
    return [ShortLine(grant, free.get(grant.part_id, 0)) for grant in waiting]


def _bins(parts: set[int]) -> dict[tuple[int, int], list[str]]:
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for row in Bin.objects.filter(part__in=parts).order_by("code"):
        found[row.warehouse_id, row.part_id].append(row.code)
    return found


def _barcodes(parts: set[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for part_id, code in PartBarcode.objects.filter(part__in=parts).values_list("part_id", "code"):
        found[part_id].append(code)
    return found
