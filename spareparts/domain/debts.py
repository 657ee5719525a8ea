"""The old parts that must come back: opened by use, taken out, handed over, returned, or let off by somebody.

Quantities are smallest steps. A debt is one line of use and is never split: it moves, comes back and ends as a whole.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared.errors import DomainError, NotAllowed, StaleDocument
from config.shared.transitions import Transition, transition
from inventory.domain import ledger
from inventory.enums import Condition, LocationKind, PostingReason, Tracking
from inventory.models import Lot, Part
from spareparts.domain.costs import line_cost
from spareparts.domain.four_eyes import refuse_own
from spareparts.domain.lots import lot_for
from spareparts.domain.modes import policy_lock
from spareparts.domain.routes import place, require_leg
from spareparts.enums import DEBT_TRANSITIONS, DebtStatus, Feature, Flow, OldPartAnswer, Permission
from spareparts.models import Consumption, ConsumptionLine, OldPartDebt, SparepartsSettings
from spareparts.policies import ModePolicy
from workorders.models import User

LET_OFF = frozenset({DebtStatus.WAIVED, DebtStatus.LEFT})
ASKABLE = (OldPartAnswer.LEFT, OldPartAnswer.NONE)


class SerialMissing(DomainError):
    """An old part with serial numbers comes back under its number."""

    field = "old_serial"

    def __init__(self, part: Part) -> None:
        super().__init__(_("%(part)s has serial numbers: type the one of the old part.") % {"part": part.number})


class NothingAsked(DomainError):
    """A refusal answers a question; nobody asked one."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Nobody asked to be let off from this old part."))


class UnknownAnswer(DomainError):
    """One asks to be let off because the old part stays there, or because there is none."""

    field = "answer"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Say whether the old part stays with the customer or there is none."))


@dataclass(frozen=True)
class Owed:
    """What one line of use owes. ``asked_answer`` with ``asked_reason``: the exception asked for at once."""

    line: ConsumptionLine
    part: Part
    quantity: int
    is_taken_out: bool
    lot: Lot | None = None
    serial: str = ""
    asked_answer: str = ""
    asked_reason: str = ""


def open_debts(
    consumption: Consumption, owed: Sequence[Owed], *, at: datetime, settings: SparepartsSettings, is_warranty: bool
) -> list[OldPartDebt]:
    """Insert one debt per line: HELD when the old part is out, else DUE, with what is asked for. One statement."""
    due_on = timezone.localdate(at) + timedelta(days=settings.old_part_days)
    rows = [
        OldPartDebt(
            line=each.line,
            engineer_id=consumption.engineer_id,
            part=each.part,
            lot=each.lot,
            serial=each.serial,
            quantity=each.quantity,
            status=DebtStatus.HELD if each.is_taken_out else DebtStatus.DUE,
            due_on=due_on,
            value=line_cost(each.part.unit_cost, each.quantity, each.part.unit.decimal_places),
            is_warranty=is_warranty,
            asked_answer=each.asked_answer,
            asked_reason=each.asked_reason,
            asked_at=at if each.asked_answer else None,
            asked_by_id=consumption.recorded_by_id if each.asked_answer else None,
            created_at=at,
        )
        for each in owed
    ]
    return OldPartDebt.objects.bulk_create(rows) if rows else []


def take_out(
    debt: OldPartDebt, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, serial: str = ""
) -> None:
    """The old part is out of the machine and with the engineer: DUE → HELD, customer → engineer. Asking ends.

    Refused: NotAllowed (not his own), IllegalTransition, SerialMissing, SerialElsewhere, ModeChanged, FlowNotInMode.
    """
    if by.pk != debt.engineer_id:
        raise NotAllowed
    serial = serial.strip() or debt.serial
    with policy_lock(policy.version):
        leg = require_leg(policy, Flow.OLD_PART_OUT, LocationKind.CUSTOMER, LocationKind.ENGINEER)
        lot = old_lot(debt.part, serial, policy)
        changes: dict[str, Any] = _not_asked() | {"lot": lot, "serial": serial}
        with transition(debt, DEBT_TRANSITIONS["take_out"], by=by, at=at, **changes):
            source, target = (place(kind, engineer=by) for kind in leg)
            line = ledger.Line(debt.part, debt.quantity, source, target, Condition.OLD, lot)
            reason = PostingReason.OLD_PART
            ledger.post(reason=reason, reference=debt.reference, lines=[line], by=by, at=at, key=key)


def old_lot(part: Part, serial: str, policy: ModePolicy) -> Lot | None:
    """The lot an old part comes back as: its serial number where numbers are enforced. Refused: SerialMissing."""
    if not policy.has(Feature.LOTS_ENFORCED) or part.tracking != Tracking.SERIAL:
        return None
    if not serial:
        raise SerialMissing(part)
    return lot_for(part, serial)


def ask_exception(debt: OldPartDebt, *, by: User, at: datetime, policy: ModePolicy, answer: str, reason: str) -> None:
    """The engineer asks to be let off; the debt stays until somebody decides.

    Refused: NotAllowed (not his own), ReasonMissing, UnknownAnswer, IllegalTransition, ModeChanged.
    """
    if by.pk != debt.engineer_id:
        raise NotAllowed
    if answer not in ASKABLE:
        raise UnknownAnswer
    changes: dict[str, Any] = {
        "asked_answer": answer,
        "asked_reason": reason.strip(),
        "asked_at": at,
        "asked_by": by,
    }
    with policy_lock(policy.version), transition(debt, _keeping(debt, "ask"), by=by, at=at, reason=reason, **changes):
        pass


def decide_exception(
    debt: OldPartDebt, *, by: User, at: datetime, policy: ModePolicy, decision: str, reason: str
) -> None:
    """Waive the debt, accept that the part was left at the customer, or refuse what was asked (``decision``: the verb).

    Refused: NotAllowed (also: his own, where a second person may), ReasonMissing, NothingAsked, IllegalTransition,
    ModeChanged.
    """
    if decision == "refuse" and not debt.asked_answer:
        raise NothingAsked
    refuse_own({debt.engineer_id, debt.asked_by_id}, by=by, permission=Permission.DECIDE_DEBT)
    changes: dict[str, Any] = {"decided_at": at, "decided_by": by, "decision_reason": reason.strip()}
    if decision == "refuse":
        changes |= _not_asked()
    row = _keeping(debt, decision)
    with policy_lock(policy.version), transition(debt, row, by=by, at=at, reason=reason, **changes):
        pass


def _not_asked() -> dict[str, Any]:
    return {"asked_answer": "", "asked_reason": "", "asked_at": None, "asked_by": None}


def _keeping(debt: OldPartDebt, verb: str) -> Transition:
    """The table's row; one that keeps the status is narrowed to the status the debt has."""
    row = DEBT_TRANSITIONS[verb]
    return row if row.target else replace(row, target=debt.status, sources=row.sources & {debt.status})


# ---------------------------------------------------------------- called inside the transaction of another document
def held_debts(*, engineer: User, part: Part, lot: Lot | None = None, quantity: int) -> list[OldPartDebt]:
    """The debts that ``quantity`` old parts of the engineer settle: due first, whole ones only, locked.

    Without a ``lot`` the number does not matter.
    """
    rows = OldPartDebt.objects.filter(engineer=engineer, part=part, status=DebtStatus.HELD)
    if lot is not None:
        rows = rows.filter(lot=lot)
    found, left = [], quantity
    for debt in sorted(rows.select_for_update(no_key=True).order_by("pk"), key=lambda each: (each.due_on, each.pk)):
        if debt.quantity <= left:
            found.append(debt)
            left -= debt.quantity
    return found


def move_debts(
    *, sender: User, receiver: User, part: Part, lot: Lot | None, quantity: int, at: datetime
) -> list[OldPartDebt]:
    """The debts go with ``quantity`` old parts from ``sender`` to ``receiver``; those that went are returned.

    ``at`` is the moment of the hand-over. Nothing is audited here: the hand-over is.
    """
    going = held_debts(engineer=sender, part=part, lot=lot, quantity=quantity)
    if going:
        keys = [debt.pk for debt in going]
        OldPartDebt.objects.filter(pk__in=keys).update(engineer=receiver, version=F("version") + 1)
    for debt in going:
        debt.engineer, debt.version = receiver, debt.version + 1
    return going


def mark_returned(debts: Iterable[OldPartDebt]) -> None:
    """Their parts are on the way back (or a check-in was undone). Refused: StaleDocument, when one is neither."""
    _set(debts, sources=frozenset({DebtStatus.HELD, DebtStatus.CLOSED}), target=DebtStatus.RETURNED)


def reopen(debts: Iterable[OldPartDebt]) -> None:
    """The engineer has the parts again: refused at the check-in, or taken back. Refused: StaleDocument."""
    _set(debts, sources=frozenset({DebtStatus.RETURNED, DebtStatus.CLOSED}), target=DebtStatus.HELD)


def close(debts: Iterable[OldPartDebt]) -> None:
    """The parts came back: checked in, or taken back at the counter. Refused: StaleDocument."""
    _set(debts, sources=frozenset({DebtStatus.HELD, DebtStatus.RETURNED}), target=DebtStatus.CLOSED)


def void(debts: Iterable[OldPartDebt]) -> None:
    """The use they came from was taken back. Refused: StaleDocument, when one has moved on meanwhile."""
    given = list(debts)
    if not given:
        return
    still = Q(*[Q(pk=debt.pk, version=debt.version) for debt in given], _connector=Q.OR)
    if OldPartDebt.objects.filter(still).update(status=DebtStatus.VOID, version=F("version") + 1) != len(given):
        raise StaleDocument(_("An old part of this record has just moved on. Look again before you go on."))


def _set(debts: Iterable[OldPartDebt], *, sources: frozenset[str], target: str) -> None:
    """Move on those that are open; who was let off meanwhile stays let off."""
    given = {debt.pk: debt for debt in debts}
    if not given:
        return
    locked = OldPartDebt.objects.filter(pk__in=given).select_for_update(of=("self",), no_key=True)
    rows = list(locked.select_related("part").order_by("pk"))
    if wrong := [row for row in rows if row.status not in sources | LET_OFF]:
        sentence = _("%(debt)s (%(part)s) is now “%(status)s”. Look again before you go on.")
        raise StaleDocument(
            messages=[
                sentence % {"debt": row, "part": row.part.number, "status": row.get_status_display()} for row in wrong
            ]
        )
    going = [row.pk for row in rows if row.status in sources]
    OldPartDebt.objects.filter(pk__in=going).update(status=target, version=F("version") + 1)
    for row in rows:
        mine = given[row.pk]
        mine.status, mine.version = (target, row.version + 1) if row.pk in going else (row.status, row.version)
