"""What did not fit between a return and what lay on the counter: missing, surplus, another part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from config.shared.errors import DomainError
from inventory.enums import Condition
from inventory.models import Part
from spareparts.enums import DiscrepancyKind, DiscrepancyStatus
from spareparts.models import Discrepancy, Return, ReturnLine
from workorders.models import User


class UndoRefused(DomainError):
    """Something of the check-in was settled since; every discrepancy is a message."""


@dataclass(frozen=True)
class Surprise:
    """What one line lacks or has too much of, in smallest steps."""

    line: ReturnLine
    short: int
    surplus: int
    wrong_part: Part | None
    wrong_quantity: int
    note: str


def open_surprises(document: Return, found: Sequence[Surprise], *, by: User, at: datetime) -> list[str]:
    """One discrepancy for each thing that did not fit; their references. Whoever counted owns them until settled."""
    from spareparts.domain.shipments.discrepancies import open_discrepancy  # noqa: PLC0415

    made = []
    for each in found:
        facts = {"by": by, "at": at, "owner": by, "return_line": each.line, "note": each.note}
        same = {"part": each.line.part, "condition": each.line.condition, "lot": each.line.lot}
        if each.short:
            made.append(open_discrepancy(kind=DiscrepancyKind.SHORT, quantity=each.short, **same, **facts))
        if each.surplus:
            made.append(open_discrepancy(kind=DiscrepancyKind.OVER, quantity=each.surplus, **same, **facts))
        if each.wrong_part is not None:
            other = {"part": each.wrong_part, "condition": Condition(each.line.condition), "lot": None}
            made.append(open_discrepancy(kind=DiscrepancyKind.WRONG, quantity=each.wrong_quantity, **other, **facts))
    return [row.reference for row in made]


def forget_surprises(document: Return) -> list[str]:
    """The open discrepancies of a check-in that is taken back go with it. Refused: UndoRefused, naming settled ones."""
    rows = list(Discrepancy.objects.select_for_update().filter(return_line__document=document).order_by("pk"))
    settled = [row for row in rows if row.status == DiscrepancyStatus.SETTLED]
    if settled:
        sentence = _("%(discrepancy)s of this return is settled already, so the check-in stays.")
        raise UndoRefused(messages=[sentence % {"discrepancy": row} for row in settled])
    names = [row.reference for row in rows]
    Discrepancy.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return names
