"""Reads of the parts in machines."""

from django.db.models import QuerySet

from spareparts.models import EquipmentPart
from workorders.models import Equipment

MOST_SHOWN = 500


def current_parts(equipment: Equipment, *, limit: int = MOST_SHOWN) -> list[EquipmentPart]:
    """What is in the machine now, by position, each with the record that fitted it."""
    rows = EquipmentPart.objects.current().filter(equipment=equipment).by_position()
    return list(rows.select_related("part__unit", "fitted_by_line__consumption__work_order")[:limit])


def former_parts(equipment: Equipment) -> QuerySet[EquipmentPart]:
    """What was in it, last taken out first, with the records that fitted it and took it out."""
    rows = EquipmentPart.objects.history().filter(equipment=equipment)
    return rows.select_related("part__unit", "removed_by_line__consumption__work_order")
