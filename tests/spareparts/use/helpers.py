"""Small words for the stories of use where engineers hold parts."""

from typing import Any

from inventory.models import Lot, Part
from spareparts.domain.consumption import UsedPart
from spareparts.enums import OldPartAnswer
from spareparts.models import OldPartDebt

RETURNING = OldPartAnswer.RETURNING


def swapped(part: Part, quantity: int = 1, **facts: Any) -> UsedPart:
    """``quantity`` new ones for as many old ones of the same part, which come back."""
    return UsedPart(part, quantity, old_part_answer=RETURNING, **({"old_part": part} | facts))


def serial(part: Part, code: str) -> Lot:
    return Lot.objects.create(part=part, code=code, is_serial=True)


def batch(part: Part, code: str) -> Lot:
    return Lot.objects.create(part=part, code=code, is_serial=False)


def owed() -> list[tuple[str, int, str]]:
    """Every debt: part, quantity, status."""
    rows = OldPartDebt.objects.select_related("part").order_by("pk")
    return [(row.part.number, row.quantity, str(row.status)) for row in rows]
