"""What we propose about the part that comes out, so that nobody types what we know."""

from collections.abc import Iterable
from datetime import date

from inventory.enums import OldPartRule
from inventory.models import Part
from spareparts.enums import OldPartAnswer
from spareparts.models import EquipmentPart
from workorders.models import Equipment


def comes_back(part: Part, equipment: Equipment | None, *, today: date, company_rule: str = OldPartRule.NEVER) -> bool:
    """Must the old part come back when ``part`` is fitted? By the part's own rule or by the company's.

    The company's rule is about parts of machines: oil and cleaning agents replace nothing that could come back.
    """
    in_warranty = equipment is not None and equipment.is_in_warranty(today)
    rules = {part.old_part_rule, company_rule if part.is_noted_in_machine else OldPartRule.NEVER}
    return OldPartRule.ALWAYS in rules or (OldPartRule.WARRANTY in rules and in_warranty)


def preset_answer(
    part: Part, equipment: Equipment | None, *, today: date, company_rule: str = OldPartRule.NEVER
) -> OldPartAnswer:
    """ "Returning" when the old part must come back: always, or while the machine is in warranty (product.md 5)."""
    if comes_back(part, equipment, today=today, company_rule=company_rule):
        return OldPartAnswer.RETURNING
    return OldPartAnswer.NONE


def preset_entry(part: Part, machine: Iterable[EquipmentPart]) -> EquipmentPart | None:
    """The entry of the machine that ``part`` most likely replaces: the same part, else one it supersedes."""
    entries = list(machine)
    same = [entry for entry in entries if entry.part_id == part.pk]
    older = [entry for entry in entries if entry.part.superseded_by_id == part.pk]
    return next(iter(same + older), None)
