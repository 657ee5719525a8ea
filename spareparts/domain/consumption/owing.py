"""The old parts of a use: which must come back, which come out now, and the debts they leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.domain import ledger
from inventory.enums import Condition, LocationKind
from inventory.models import Part
from spareparts import queries
from spareparts.domain import debts
from spareparts.domain.consumption.lines import BadLines, LineProblem, UsedPart, problem_at
from spareparts.domain.old_parts import comes_back
from spareparts.domain.routes import place, require_leg
from spareparts.enums import Flow
from spareparts.models import Consumption, ConsumptionLine, SparepartsSettings
from spareparts.policies import ModePolicy
from workorders.models import Equipment


@dataclass(frozen=True)
class OldParts:
    """What the lines of one use owe, and the settings by which they do."""

    owed: Sequence[debts.Owed]
    settings: SparepartsSettings
    is_warranty: bool

    def moves(self, document: Consumption, policy: ModePolicy) -> list[ledger.Line]:
        """What is out of the machine now goes to the engineer, as old."""
        out = [each for each in self.owed if each.is_taken_out]
        if not out:
            return []
        leg = require_leg(policy, Flow.OLD_PART_OUT, LocationKind.CUSTOMER, LocationKind.ENGINEER)
        source, target = (place(kind, engineer=document.engineer) for kind in leg)
        return [ledger.Line(each.part, each.quantity, source, target, Condition.OLD, each.lot) for each in out]

    def open_debts(self, document: Consumption, *, at: datetime) -> None:
        """Insert the debts; the lines they belong to are there already."""
        debts.open_debts(document, self.owed, at=at, settings=self.settings, is_warranty=self.is_warranty)


def judge(
    lines: Sequence[UsedPart],
    rows: Sequence[ConsumptionLine],
    *,
    equipment: Equipment | None,
    at: datetime,
    policy: ModePolicy,
) -> OldParts:
    """What each line owes. ``rows`` name their old parts already, and learn the reason why one does not come back.

    Refused: BadLines (an old part that must come back does not and no reason is given, or its serial is missing).
    """
    settings = queries.current_settings()
    today = timezone.localdate(at)
    owed: list[debts.Owed] = []
    problems: list[LineProblem] = []
    for index, (line, row) in enumerate(zip(lines, rows, strict=True)):
        row.old_reason = line.old_reason.strip()
        must = comes_back(line.part, equipment, today=today, company_rule=settings.old_part_default)
        try:
            if line.is_returning and row.old_part is not None:
                owed.append(_returning(line, row, row.old_part, policy))
            elif must:
                owed.append(_asked(line, row))
        except _Refused as refusal:
            problems.append(problem_at(index, line, refusal.field, str(refusal)))
    if problems:
        raise BadLines(problems)
    return OldParts(owed, settings, equipment is not None and equipment.is_in_warranty(today))


class _Refused(Exception):
    """Why one line cannot stand as it is, and the field to blame."""

    def __init__(self, field: str, words: str) -> None:
        self.field = field
        super().__init__(words)


def _returning(line: UsedPart, row: ConsumptionLine, part: Part, policy: ModePolicy) -> debts.Owed:
    quantity = row.old_quantity or 0
    lot = None
    if line.is_taken_out:
        try:
            lot = debts.old_lot(part, row.old_serial, policy)
        except debts.SerialMissing:
            raise _Refused("old_serial", _("type the serial number of the old part.")) from None
        if lot is not None and quantity != 1:
            raise _Refused("old_serial", _("a serial number is one piece: use one line per number."))
    return debts.Owed(row, part, quantity, line.is_taken_out, lot, row.old_serial)


def _asked(line: UsedPart, row: ConsumptionLine) -> debts.Owed:
    """It must come back and he says it does not: a debt until somebody decides. Without an old part, the new one's."""
    if not row.old_reason:
        raise _Refused("old_reason", _("the old part must come back: say why it does not."))
    return debts.Owed(
        row,
        row.old_part or line.part,
        row.old_quantity or line.quantity,
        is_taken_out=False,
        serial=row.old_serial,
        asked_answer=line.old_part_answer,
        asked_reason=row.old_reason,
    )
