"""What did not fit between a return and what lay on the counter: missing, surplus, another part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from config.shared.errors import DomainError
from spareparts.domain.four_eyes import others_with
from spareparts.domain.shipments.discrepancies import open_discrepancy
from spareparts.enums import DiscrepancyKind as K
from spareparts.enums import DiscrepancyStatus, Permission
from spareparts.models import Discrepancy, Return, ReturnLine
from workorders.models import User


class UndoRefused(DomainError):
    """Something of the check-in was settled since; every discrepancy is a message."""


@dataclass(frozen=True)
class Surprise:
    """What one line lacks or has too much of, in smallest steps; of ``wrong`` another part came instead."""

    line: ReturnLine
    short: int
    wrong: int
    surplus: int
    note: str

    @property
    def kinds(self) -> list[tuple[str, int]]:
        kinds = ((K.SHORT, self.short), (K.WRONG, self.wrong), (K.OVER, self.surplus))
        return [(kind, quantity) for kind, quantity in kinds if quantity]


def open_surprises(document: Return, found: Sequence[Surprise], *, by: User, at: datetime) -> list[str]:
    """One discrepancy for each thing that did not fit, with an owner who settles it; their references."""
    owner = _owner(document, by=by) if any(each.kinds for each in found) else None
    made = []
    for each in found:
        row = each.line
        for kind, quantity in each.kinds:
            facts = {"kind": kind, "quantity": quantity, "note": each.note, "return_line": row, "owner": owner}
            what = {"part": row.part, "condition": row.condition, "lot": row.lot}
            made.append(open_discrepancy(**facts, **what, by=by, at=at))  # type: ignore[arg-type]
    return [row.reference for row in made]


def _owner(document: Return, *, by: User) -> User | None:
    """Who had no hand in it: another manager of the warehouse, else anybody else who may settle, else who counted."""
    involved = {document.engineer_id, document.created_by_id, by.pk}
    managers = document.warehouse.managers.filter(is_active=True) if document.warehouse else User.objects.none()
    others = others_with(Permission.SETTLE_DISCREPANCY, by=by)
    return managers.exclude(pk__in=involved).first() or others.exclude(pk__in=involved).first() or by


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
