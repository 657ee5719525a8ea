"""What the page for asking reads: parts likely wanted, what may stand in for them, and who may be asked for."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from inventory.enums import WarehouseStatus
from inventory.models import Part, Substitute, Warehouse
from spareparts.models import ServiceBomLine
from spareparts.queries.use import parts_used_by, parts_used_on_model
from workorders.models import User, WorkOrder

MOST_PROPOSALS = 8
MOST_OF_SERVICE_BOM = 40
MOST_JOBS = 50


@dataclass(frozen=True)
class Proposal:
    """A part that is likely wanted, and why we think so. ``suggested`` in smallest steps, by the service BOM."""

    part: Part
    suggested: int = 0
    times_on_model: int = 0
    times_by_engineer: int = 0
    stands_for: Part | None = None


def proposals(work_order: WorkOrder | None, engineer: User | None, *, now: datetime) -> list[Proposal]:
    """The machine's service BOM, then often used on its model, then often and last used by the engineer.

    Unlisted parts cannot be asked for; the listed successor of a superseded one stands in for it. Four queries.
    """
    suggested = _suggested(work_order)
    on_model = Counter(parts_used_on_model(work_order, now)) if work_order is not None else Counter()
    used = parts_used_by(engineer, now)
    by_engineer = Counter(used)
    often = [part_id for part_id, times in by_engineer.most_common(MOST_PROPOSALS // 2) if times > 1]
    model_first = [part_id for part_id, _times in on_model.most_common(MOST_PROPOSALS // 2)]
    rest = list(dict.fromkeys([*model_first, *often, *used]))[:MOST_PROPOSALS]
    wanted = list(dict.fromkeys([*suggested, *rest]))
    parts = Part.objects.select_related("unit", "superseded_by__unit").in_bulk(wanted)
    found: dict[int, Proposal] = {}
    for part_id in wanted:
        part, stands_for = _offered(parts[part_id])
        if part is not None and part.pk not in found:
            counts = suggested.get(part_id, 0), on_model[part_id], by_engineer[part_id]
            found[part.pk] = Proposal(part, *counts, stands_for=stands_for)
    return list(found.values())


def _offered(part: Part) -> tuple[Part | None, Part | None]:
    """What may be asked for instead of ``part``, and the part it then stands for."""
    successor = part.superseded_by
    if successor is not None and successor.is_listed:
        return successor, part
    return (part if part.is_listed else None), None


def _suggested(work_order: WorkOrder | None) -> dict[int, int]:
    """Part to quantity, by the service BOM of the job's equipment model."""
    if work_order is None or work_order.equipment is None:
        return {}
    lines = ServiceBomLine.objects.filter(equipment_model_id=work_order.equipment.model_id).order_by("part__number")
    return dict(lines.values_list("part_id", "quantity")[:MOST_OF_SERVICE_BOM])


def stand_ins(parts: Iterable[Part]) -> dict[int, list[Part]]:
    """For each part the listed ones that may be asked for or granted instead: its successor, then its substitutes."""
    known = {part.pk: part for part in parts}
    found: dict[int, list[Part]] = defaultdict(list)
    for part in known.values():
        successor = part.superseded_by
        if successor is not None and successor.is_listed:
            found[part.pk].append(successor)
    rows = Substitute.objects.filter(part_id__in=known, substitute__is_listed=True)
    for row in rows.select_related("substitute__unit").order_by("pk"):
        if row.substitute not in found[row.part_id]:
            found[row.part_id].append(row.substitute)
    return dict(found)


def open_jobs(engineer: User) -> QuerySet[WorkOrder]:
    """The jobs he may ask parts for, the next first."""
    jobs = WorkOrder.objects.of_engineer(engineer).open()
    return jobs.select_related("customer").order_by("planned_at", "-pk")


def open_warehouses() -> QuerySet[Warehouse]:
    return Warehouse.objects.filter(status=WarehouseStatus.OPEN).order_by("name")
