"""What can be used on a job where engineers hold parts: what he holds, and what lies where he may draw from."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from inventory.enums import Condition, LocationKind
from inventory.models import Balance, Lot, Part, Warehouse
from spareparts.enums import ON_THE_WAY, DiscrepancyStatus, ReceivingMethod
from spareparts.models import ShipmentLine
from spareparts.queries.open_parts import open_for_job
from workorders.models import User, WorkOrder

MOST_HELD = 60
ON_ITS_WAY = "s"  # before the key of a shipment line
MOST_FOUND = 12


@dataclass(frozen=True)
class UseSource:
    """``on_hand`` smallest steps of a part in one condition and lot: held, on a shelf, or on the way.

    What is on the way to the site comes with ``shipment_line``, which is received when it is used.
    """

    part: Part
    condition: str
    lot: Lot | None
    warehouse: Warehouse | None
    on_hand: int
    shipment_line: ShipmentLine | None = None

    @property
    def key(self) -> str:
        """What names this source in a form."""
        lot = self.lot.pk if self.lot is not None else 0
        if self.shipment_line is not None:
            return f"{self.part.pk}-{self.condition}-{lot}-{ON_ITS_WAY}{self.shipment_line.pk}"
        warehouse = self.warehouse.pk if self.warehouse is not None else 0
        return f"{self.part.pk}-{self.condition}-{lot}-{warehouse}"


def held_sources(engineer: User) -> list[UseSource]:
    """All he holds that can be used, by part number. One statement."""
    return [_source(row) for row in _usable(Q(location__owner=engineer))]


def coming_sources(work_order: WorkOrder, engineer: User) -> list[UseSource]:
    """What was shipped to the site for this job and engineer and is still on the way. One statement.

    Lines that somebody has to settle first are left to the page of their shipment.
    """
    rows = _coming().exclude(discrepancies__status=DiscrepancyStatus.OPEN)
    rows = rows.filter(
        quantity__gt=F("received") + F("settled"),
        shipment__engineer=engineer,
        shipment__status__in=ON_THE_WAY,
        shipment__receiving_method=ReceivingMethod.TO_SITE,
        grant__line__requisition__work_order=work_order,
    )
    return [_on_the_way(row) for row in rows]


def _coming() -> QuerySet[ShipmentLine]:
    related = ("part__unit", "part__superseded_by", "lot", "shipment__warehouse", "shipment__engineer")
    return ShipmentLine.objects.select_related(*related).order_by("part__number", "pk")


def _on_the_way(row: ShipmentLine) -> UseSource:
    return UseSource(row.part, str(row.condition), row.lot, None, row.on_the_way, row)


def sources_of_job(work_order: WorkOrder, engineer: User, held: Iterable[UseSource]) -> set[str]:
    """The keys of what was taken for the job and is still open."""
    taken = {
        (row.part.pk, str(row.condition), row.lot.pk if row.lot is not None else None)
        for row in open_for_job(work_order, engineer=engineer)
    }
    return {
        each.key
        for each in held
        if (each.part.pk, each.condition, each.lot.pk if each.lot is not None else None) in taken
    }


def found_sources(query: str, *, user: User, engineer: User, warehouses: Iterable[Warehouse]) -> list[UseSource]:
    """What matches the search: what he holds first, then the shelves he may draw from. One statement."""
    parts = Part.objects.visible_to(user).search(query).order_by().values("pk")
    rows = _usable(_reach(engineer, warehouses) & Q(part__in=parts))
    found = sorted((_source(row) for row in rows[: 4 * MOST_FOUND]), key=lambda each: each.warehouse is not None)
    return found[:MOST_FOUND]


def _reach(engineer: User, warehouses: Iterable[Warehouse]) -> Q:
    shelves = Q(location__kind=LocationKind.SHELF, location__warehouse__in=[each.pk for each in warehouses])
    return Q(location__owner=engineer) | shelves


def _usable(where: Q) -> QuerySet[Balance]:
    rows = Balance.objects.filter(where, on_hand__gt=0).exclude(condition=Condition.OLD)
    related = ("part__unit", "part__superseded_by", "lot", "location__warehouse")
    return rows.select_related(*related).order_by("part__number", "condition", "lot__expires_on", "lot__code", "pk")


def _source(row: Balance) -> UseSource:
    return UseSource(row.part, str(row.condition), row.lot, row.location.warehouse, row.on_hand)


def named_sources(
    keys: Iterable[str], *, user: User, engineer: User, work_order: WorkOrder, has_shipments: bool
) -> dict[str, UseSource]:
    """The sources a sent form names, whatever still lies there: at most six statements. Nonsense is left out.

    Whether the engineer may draw from the warehouse, and whether enough is there, the domain and the ledger say.
    """
    named = list(keys)
    coming = coming_sources(work_order, engineer) if has_shipments and any(ON_ITS_WAY in key for key in named) else []
    wanted = {key: facts for key in named if (facts := _facts_of(key)) is not None}
    return {each.key: each for each in coming} | (_lying(wanted, user=user, engineer=engineer) if wanted else {})


def _lying(wanted: dict[str, tuple[int, str, int, int]], *, user: User, engineer: User) -> dict[str, UseSource]:
    parts = Part.objects.visible_to(user).select_related("unit", "superseded_by")
    by_id = {part.pk: part for part in parts.filter(pk__in={facts[0] for facts in wanted.values()})}
    lots = Lot.objects.in_bulk({facts[2] for facts in wanted.values() if facts[2]})
    warehouses = Warehouse.objects.in_bulk({facts[3] for facts in wanted.values() if facts[3]})
    held = {each.key: each.on_hand for each in held_sources(engineer)}
    return {
        key: UseSource(by_id[part], condition, lots.get(lot), warehouses.get(warehouse), held.get(key, 0))
        for key, (part, condition, lot, warehouse) in wanted.items()
        if part in by_id and (not lot or lot in lots) and (not warehouse or warehouse in warehouses)
    }


def _facts_of(key: str) -> tuple[int, str, int, int] | None:
    parts = key.split("-")
    if len(parts) != 4 or parts[1] not in Condition.values:
        return None
    numbers = [parts[0], parts[2], parts[3]]
    if not all(each.isascii() and each.isdigit() and len(each) < 19 for each in numbers):
        return None
    return int(parts[0]), parts[1], int(parts[2]), int(parts[3])
