"""What can be used on a job where engineers hold parts: what he holds, and what lies where he may draw from."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from inventory.enums import Condition, LocationKind
from inventory.models import Balance, Lot, Part, Warehouse
from spareparts.queries.open_parts import open_for_job
from workorders.models import User, WorkOrder

MOST_HELD = 60
MOST_FOUND = 12


@dataclass(frozen=True)
class UseSource:
    """``on_hand`` smallest steps of a part in one condition and lot: held, or on the shelf of ``warehouse``."""

    part: Part
    condition: str
    lot: Lot | None
    warehouse: Warehouse | None
    on_hand: int

    @property
    def key(self) -> str:
        """What names this source in a form."""
        lot = self.lot.pk if self.lot is not None else 0
        warehouse = self.warehouse.pk if self.warehouse is not None else 0
        return f"{self.part.pk}-{self.condition}-{lot}-{warehouse}"


def held_sources(engineer: User) -> list[UseSource]:
    """All he holds that can be used, by part number. One statement."""
    return [_source(row) for row in _usable(Q(location__owner=engineer))]


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


def named_sources(keys: Iterable[str], *, user: User, engineer: User) -> dict[str, UseSource]:
    """The sources a sent form names, whatever still lies there: at most four statements. Nonsense is left out.

    Whether the engineer may draw from the warehouse, and whether enough is there, the domain and the ledger say.
    """
    wanted = {key: facts for key in keys if (facts := _facts_of(key)) is not None}
    if not wanted:
        return {}
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
