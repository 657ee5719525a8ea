"""What the page for recording use reads: parts likely on this job, and the parts of the machine."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from inventory.enums import WarehouseStatus
from inventory.models import Part, Warehouse
from inventory.search import normalise
from spareparts.enums import ConsumptionStatus, Feature
from spareparts.models import Consumption, ConsumptionLine, EquipmentPart
from spareparts.policies import ModePolicy
from workorders.models import User, WorkOrder

MOST_SUGGESTIONS = 6
LOOKED_BACK = timedelta(days=365)
MOST_LINES_READ = 200
MOST_MACHINE_PARTS = 200


@dataclass(frozen=True)
class Suggestion:
    """A part that is likely used on the job, and why we think so."""

    part: Part
    times_on_model: int
    is_used_by_engineer: bool
    is_in_machine: bool


def machine_parts(work_order: WorkOrder) -> list[EquipmentPart]:
    """The parts in the job's machine now."""
    if work_order.equipment_id is None:
        return []
    rows = EquipmentPart.objects.current().filter(equipment_id=work_order.equipment_id)
    return list(rows.by_position().select_related("part__unit")[:MOST_MACHINE_PARTS])


def suggestions(
    work_order: WorkOrder, engineer: User | None, machine: Iterable[EquipmentPart], *, now: datetime
) -> list[Suggestion]:
    """Often used on this equipment model, last used by this engineer, then what is in the machine; three queries."""
    on_model = Counter(parts_used_on_model(work_order, now))
    by_engineer = list(dict.fromkeys(parts_used_by(engineer, now)))
    in_machine = list(dict.fromkeys(entry.part_id for entry in machine))
    often = [part_id for part_id, _times in on_model.most_common(MOST_SUGGESTIONS - 2)]
    wanted = list(dict.fromkeys([*often, *by_engineer, *in_machine]))[:MOST_SUGGESTIONS]
    parts = Part.objects.select_related("unit").in_bulk(wanted)
    return [
        Suggestion(parts[part_id], on_model[part_id], part_id in by_engineer, part_id in in_machine)
        for part_id in wanted
    ]


def _recent(now: datetime) -> QuerySet[ConsumptionLine]:
    lines = ConsumptionLine.objects.filter(
        consumption__status=ConsumptionStatus.RECORDED, consumption__recorded_at__gte=now - LOOKED_BACK
    )
    return lines.order_by("-pk")


def parts_used_by(engineer: User | None, now: datetime) -> list[int]:
    """Newest first, as often as they were used, out of the engineer's last documents."""
    if engineer is None:
        return []
    lines = _recent(now).filter(consumption__engineer=engineer)
    return list(lines.values_list("part_id", flat=True)[:MOST_LINES_READ])


def parts_used_on_model(work_order: WorkOrder, now: datetime) -> list[int]:
    """On machines of the same model, newest first, as often as they were used."""
    if work_order.equipment is None:
        return []
    lines = _recent(now).filter(consumption__work_order__equipment__model_id=work_order.equipment.model_id)
    return list(lines.values_list("part_id", flat=True)[:MOST_LINES_READ])


def warehouses_to_draw_from(engineer: User, *, by: User, policy: ModePolicy) -> QuerySet[Warehouse]:
    """The open warehouses that serve the engineer's team, the default one, and those ``by`` manages himself."""
    if not policy.has(Feature.WAREHOUSE_STOCK):
        return Warehouse.objects.none()
    managed = Warehouse.managers.through.objects.filter(user_id=by.pk).values("warehouse_id")
    may = Q(is_default=True) | Q(pk__in=managed)
    if engineer.team_id is not None:
        may |= Q(terms__teams=engineer.team_id)
    return Warehouse.objects.filter(may, status=WarehouseStatus.OPEN).distinct().order_by("-is_default", "name")


def crew(work_order: WorkOrder) -> QuerySet[User]:
    """Lead and helpers, who may use parts on the job."""
    return User.objects.filter(Q(pk=work_order.lead_id) | Q(helped_work_orders=work_order)).distinct().order_by("name")


def parts_named(user: User, *, ids: Iterable[int], numbers: Iterable[str]) -> list[Part]:
    """The parts of a submitted form, by key or by typed number, in one query."""
    keys = [key for key in (normalise(number) for number in numbers) if key]
    named = Part.objects.visible_to(user).filter(Q(pk__in=list(ids)) | Q(number_key__in=keys))
    return list(named.select_related("unit", "superseded_by__unit"))


def lines_of(consumption: Consumption) -> QuerySet[ConsumptionLine]:
    """The lines with everything a page shows of them."""
    related = ("part__unit", "part__superseded_by", "old_part__unit", "taken_from", "warehouse", "debt__part")
    return consumption.lines.select_related(*related).order_by("pk")
