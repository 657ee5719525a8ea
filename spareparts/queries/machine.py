"""Reads of the parts in machines."""

from django.db.models import QuerySet

from spareparts.models import EquipmentPart, ReplacementRecord
from workorders.models import Equipment

MOST_SHOWN = 500
MOST_REPLACEMENTS = 50


def current_parts(equipment: Equipment, *, limit: int = MOST_SHOWN) -> list[EquipmentPart]:
    """What is in the machine now, by position, each with the record that fitted it."""
    rows = EquipmentPart.objects.current().filter(equipment=equipment).by_position()
    return list(rows.select_related("part__unit", "fitted_by_line__consumption__work_order")[:limit])


def former_parts(equipment: Equipment) -> QuerySet[EquipmentPart]:
    """What was in it, last taken out first, with the records that fitted it and took it out."""
    rows = EquipmentPart.objects.history().filter(equipment=equipment)
    return rows.select_related("part__unit", "removed_by_line__consumption__work_order")


def replacements(equipment: Equipment, *, limit: int = MOST_REPLACEMENTS) -> list[ReplacementRecord]:
    """Which part left the machine and which came in, the latest first; what was undone is left out."""
    rows = ReplacementRecord.objects.filter(equipment=equipment, undone_at=None)
    related = ("new_part__unit", "old_part__unit", "line__consumption__work_order")
    return list(rows.select_related(*related).order_by("-replaced_at", "-pk")[:limit])
