"""What we propose about the part that comes out, so that nobody types what we know."""

from collections.abc import Iterable
from datetime import date

from inventory.enums import OldPartRule
from inventory.models import Part
from spareparts.enums import OldPartAnswer
from spareparts.models import EquipmentPart
from workorders.models import Equipment


def preset_answer(part: Part, equipment: Equipment | None, *, today: date) -> OldPartAnswer:
    """ "Returning" when the part's rule says so: always, or while the machine is in warranty (product.md 5)."""
    if part.old_part_rule == OldPartRule.ALWAYS:
        return OldPartAnswer.RETURNING
    in_warranty = equipment is not None and equipment.is_in_warranty(today)
    if part.old_part_rule == OldPartRule.WARRANTY and in_warranty:
        return OldPartAnswer.RETURNING
    return OldPartAnswer.NONE


def preset_entry(part: Part, machine: Iterable[EquipmentPart]) -> EquipmentPart | None:
    """The entry of the machine that ``part`` most likely replaces: the same part, else one it supersedes."""
    entries = list(machine)
    same = [entry for entry in entries if entry.part_id == part.pk]
    older = [entry for entry in entries if entry.part.superseded_by_id == part.pk]
    return next(iter(same + older), None)
