"""A return until it is handed over: it reserves nothing, so what is used meanwhile makes it smaller."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction as database
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from config.shared.templatetags.shared import format_quantity
from config.shared.transitions import transition
from inventory.domain import ledger
from inventory.domain.ledger import NotEnoughStock
from inventory.enums import Condition, PostingReason, WarehouseStatus
from inventory.models import Lot, Part, Warehouse
from spareparts.domain import debts
from spareparts.domain.modes import policy_lock
from spareparts.domain.returns.identifying import identified, needs_lot
from spareparts.domain.returns.moving import Ages, ages_held, first_target, goes_to_a_desk, key_of, to_first_target
from spareparts.domain.returns.problems import BadReturn, ReturnProblem
from spareparts.enums import (
    RETURN_TRANSITIONS,
    ConfirmationMode,
    DebtStatus,
    Permission,
    ReturnMethod,
)
from spareparts.models import OldPartDebt, Return, ReturnLine
from spareparts.policies import ModePolicy
from spareparts.queries import current_settings
from spareparts.queries.returns import usual_warehouse
from workorders.models import User, WorkOrder

MOST_LINES = 150  # times the fields of a line at the desk stays below the limit of fields in one request
ATTEMPTS = 3  # parts that are used in the very moment of the hand-over


class NothingToReturn(DomainError):
    """A return without a line."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Tick at least one part and say how many go back."))


class NothingLeft(DomainError):
    """Everything on the return was used or handed on since."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Nothing of this return is with you any more. Cancel it."))


class BadWarehouse(DomainError):
    """No warehouse is named, or it takes no new documents."""

    field = "warehouse"


@dataclass(frozen=True)
class ReturnedPart:
    """``quantity`` smallest steps of what the engineer holds go back; ``debt`` is the old part they settle.

    ``lot_code``: the number of what is held without the lot it now needs; it is booked under it first.
    """

    part: Part
    quantity: int
    condition: str = Condition.NEW
    lot: Lot | None = None
    work_order: WorkOrder | None = None
    debt: OldPartDebt | None = None
    lot_code: str = ""

    @property
    def key(self) -> tuple[int, str, int | None]:
        return (self.part.pk, self.condition, self.lot.pk if self.lot else None)


@dataclass(frozen=True)
class Shrunk:
    """The return said ``asked``; ``left`` was with the engineer when it was handed over."""

    part: Part
    asked: int
    left: int

    def __str__(self) -> str:
        words = {
            "part": self.part.number,
            "asked": _amount(self.asked, self.part),
            "left": _amount(self.left, self.part),
        }
        return _("%(part)s: %(left)s instead of %(asked)s, the rest is no longer with you.") % words


def prepare_return(
    *,
    engineer: User,
    by: User,
    at: datetime,
    policy: ModePolicy,
    parts: Sequence[ReturnedPart],
    warehouse: Warehouse | None = None,
    method: str = ReturnMethod.HAND_IN,
    key: uuid.UUID | None = None,
    **facts: str,
) -> Return:
    """A return of ``parts``, which stay with the engineer until it is handed over. Nothing moves.

    Without a ``warehouse`` it is the one that serves the engineer. ``facts``: carrier, tracking_number, note. ``key``
    is needed where a ``lot_code`` is typed: naming a lot is a posting.
    Refused: NotAllowed, NothingToReturn, BadReturn (every bad part), BadWarehouse, FlowNotInMode, ModeChanged.
    """
    _require_right(engineer=engineer, by=by)
    with policy_lock(policy.version):
        if key is not None:
            parts = identified(parts, engineer=engineer, by=by, at=at, key=key, policy=policy)
        document = new_return(
            engineer=engineer, by=by, at=at, policy=policy, parts=parts, warehouse=warehouse, method=method, **facts
        )
        details = {"engineer": str(engineer), "lines": len(parts)}
        audit.record("return.prepare", by=by, at=at, subject=document, details=details)
    return document


def new_return(
    *,
    engineer: User,
    by: User,
    at: datetime,
    policy: ModePolicy,
    parts: Sequence[ReturnedPart],
    warehouse: Warehouse | None,
    **facts: Any,
) -> Return:
    """The document and its lines, within the policy lock; refused as in ``prepare_return``."""
    check_parts(parts, engineer=engineer, policy=policy)
    document = Return.objects.create(
        engineer=engineer,
        warehouse=require_warehouse(warehouse, engineer=engineer, policy=policy),
        created_at=at,
        created_by=by,
        **facts,
    )
    write_lines(document, parts)
    return document


def edit_return(
    document: Return,
    *,
    by: User,
    at: datetime,
    policy: ModePolicy,
    parts: Sequence[ReturnedPart],
    warehouse: Warehouse | None = None,
    **facts: str,
) -> None:
    """Say anew what goes back, where and how. ``facts``: method, carrier, tracking_number, note.

    Refused as in ``prepare_return``; IllegalTransition or StaleDocument when it was handed over meanwhile.
    """
    _require_own(document, by)
    with policy_lock(policy.version):
        check_parts(parts, engineer=document.engineer, policy=policy)
        warehouse = require_warehouse(warehouse, engineer=document.engineer, policy=policy)
        changes: dict[str, Any] = {"warehouse": warehouse, **facts}
        with transition(document, RETURN_TRANSITIONS["edit"], by=by, at=at, **changes):
            document.lines.all().delete()
            write_lines(document, parts)


def cancel_return(document: Return, *, by: User, at: datetime, policy: ModePolicy) -> None:
    """Nothing goes back after all. Refused: NotAllowed, IllegalTransition or StaleDocument, ModeChanged."""
    _require_own(document, by)
    with policy_lock(policy.version), transition(document, RETURN_TRANSITIONS["cancel"], by=by, at=at):
        pass


def hand_over_return(
    document: Return, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, **facts: str
) -> list[Shrunk]:
    """The parts leave the engineer: into transit, or, where no warehouse takes them in, for good.

    Each quantity is capped at what he holds now; the answer says what became smaller. Where somebody confirms
    returns without a warehouse, nothing moves before he does. ``facts``: carrier, tracking_number.
    Refused: NotAllowed, NothingLeft, BadWarehouse, IllegalTransition or StaleDocument, StockBusy, ModeChanged.
    """
    _require_own(document, by)
    with policy_lock(policy.version):
        details: dict[str, Any] = {}
        has_desk = goes_to_a_desk(policy)
        is_at_once = not has_desk and current_settings().return_confirmation == ConfirmationMode.AUTOMATIC
        changes: dict[str, Any] = dict(facts, handed_over_at=at)
        if has_desk:
            changes |= {
                "posting_id": key,
                "warehouse": require_warehouse(document.warehouse, engineer=document.engineer, policy=policy),
            }
        elif is_at_once:
            changes |= {"check_in_posting_id": key, "checked_in_at": at}
        row = RETURN_TRANSITIONS["hand_over_at_once" if is_at_once else "hand_over"]
        with transition(document, row, by=by, at=at, details=details, **changes):
            shrunk = _move(document, by=by, at=at, key=key if has_desk or is_at_once else None, policy=policy)
            details["shrunk"] = [{"part": each.part.number, "asked": each.asked, "left": each.left} for each in shrunk]
    return shrunk


def _move(document: Return, *, by: User, at: datetime, key: uuid.UUID | None, policy: ModePolicy) -> list[Shrunk]:
    """Cap, settle the debts and post; again when parts were used between the reading and the posting."""
    for _attempt in range(ATTEMPTS - 1):
        try:
            with database.atomic():
                return _try(document, by=by, at=at, key=key, policy=policy)
        except NotEnoughStock:
            continue
    return _try(document, by=by, at=at, key=key, policy=policy)


def _try(document: Return, *, by: User, at: datetime, key: uuid.UUID | None, policy: ModePolicy) -> list[Shrunk]:
    ages = ages_held(document.engineer)
    rows, shrunk = cap(lines_of(document), ages)
    is_final = key is not None and not goes_to_a_desk(policy)
    moves = to_first_target(document, [(row, row.quantity) for row in rows], ages, policy=policy)
    for row in rows:
        row.accepted = row.quantity if is_final else 0
    ReturnLine.objects.bulk_update(rows, ["quantity", "held_since", "accepted", "debt"])
    (debts.close if is_final else debts.mark_returned)(row.debt for row in rows if row.debt is not None)
    if key is not None:
        post(document, moves, by=by, at=at, key=key)
    return shrunk


def post(document: Return, moves: Sequence[ledger.Line], *, by: User, at: datetime, key: uuid.UUID) -> None:
    ledger.post(reason=PostingReason.RETURN, reference=document.reference, lines=moves, by=by, at=at, key=key)


def lines_of(document: Return) -> list[ReturnLine]:
    """The lines with all that moving them needs, in the order of their keys."""
    rows = document.lines.select_related("part__unit", "lot", "debt", "work_order").order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def cap(rows: Sequence[ReturnLine], ages: Ages) -> tuple[list[ReturnLine], list[Shrunk]]:
    """Make each line as small as what is held; what is gone falls away. Refused: NothingLeft.

    A debt that has moved on, or whose part is not whole any more, is let go of.
    """
    left: dict[Any, int] = {key_of(row): ages.left(key_of(row)) for row in rows}
    kept, shrunk = [], []
    for row in rows:
        quantity = min(row.quantity, left[key_of(row)])
        left[key_of(row)] -= quantity
        if quantity < row.quantity:
            shrunk.append(Shrunk(row.part, row.quantity, quantity))
        if not quantity:
            row.delete()
            continue
        row.quantity = quantity
        if row.debt is not None and not _settles(row):
            row.debt = None
        kept.append(row)
    if not kept:
        raise NothingLeft
    return kept, shrunk


def _settles(row: ReturnLine) -> bool:
    debt = row.debt
    is_his = debt is not None and debt.engineer_id == row.document.engineer_id
    return is_his and debt is not None and debt.status == DebtStatus.HELD and debt.quantity == row.quantity


# ---------------------------------------------------------------- what may be on a return
def check_parts(parts: Sequence[ReturnedPart], *, engineer: User, policy: ModePolicy) -> None:
    """Refused: NothingToReturn, BadReturn with every bad part, FlowNotInMode."""
    if not parts:
        raise NothingToReturn
    ages = ages_held(engineer)
    asked: Counter[Any] = Counter()
    problems = []
    for index, each in enumerate(parts):
        first_target(policy, each.condition)
        asked[each.key] += max(each.quantity, 0)
        words = _problem_of(each, engineer=engineer, policy=policy) or _too_many(each, asked[each.key], ages)
        if words:
            sentence = _("%(part)s: %(problem)s") % {"part": each.part.number, "problem": words}
            problems.append(ReturnProblem(index, sentence))
    if len(parts) > MOST_LINES:
        words = _("A return holds at most %(most)s lines.") % {"most": MOST_LINES}
        problems.append(ReturnProblem(MOST_LINES, words))
    if problems:
        raise BadReturn(problems)


def _problem_of(each: ReturnedPart, *, engineer: User, policy: ModePolicy) -> str:
    if each.quantity <= 0:
        return _("the quantity must be more than zero.")
    if each.lot is None and needs_lot(each.part, each.condition, policy):
        return _("say first which batch or serial number it is.")
    debt = each.debt
    if debt is None:
        return ""
    if (debt.part_id, debt.engineer_id, debt.quantity) != (each.part.pk, engineer.pk, each.quantity):
        return _("an old part that is owed goes back as a whole.")
    if debt.status != DebtStatus.HELD or each.condition != Condition.OLD:
        return _("this old part is not with the engineer.")
    return ""


def _too_many(each: ReturnedPart, asked: int, ages: Ages) -> str:
    held = ages.left(each.key)
    if asked <= held:
        return ""
    words = {"held": _amount(held, each.part), "asked": _amount(asked, each.part)}
    return _("%(held)s held, so %(asked)s cannot go back.") % words


def require_warehouse(warehouse: Warehouse | None, *, engineer: User, policy: ModePolicy) -> Warehouse | None:
    """The warehouse that takes the parts in; None where the mode has none. Refused: BadWarehouse."""
    if not goes_to_a_desk(policy):
        return None
    warehouse = warehouse or usual_warehouse(engineer)
    if warehouse is None:
        raise BadWarehouse(_("Choose where the parts are handed in."))
    if warehouse.status != WarehouseStatus.OPEN:
        raise BadWarehouse(_("%(warehouse)s takes nothing in at present. Choose another.") % {"warehouse": warehouse})
    return warehouse


def write_lines(document: Return, parts: Sequence[ReturnedPart]) -> list[ReturnLine]:
    """Insert the lines; old parts find the debts they settle, each a line of its own."""
    rows = [
        ReturnLine(
            document=document,
            part=each.part,
            condition=each.condition,
            lot=each.lot,
            quantity=each.quantity,
            work_order=each.work_order,
            debt=each.debt,
        )
        for each in with_debts(parts, engineer=document.engineer)
    ]
    return ReturnLine.objects.bulk_create(rows)


def with_debts(parts: Sequence[ReturnedPart], *, engineer: User) -> list[ReturnedPart]:
    """The parts, where old ones that name no debt are split into those that are owed and the rest."""
    named = {each.debt.pk for each in parts if each.debt is not None}
    found: list[ReturnedPart] = []
    for each in parts:
        if each.debt is not None or each.condition != Condition.OLD:
            found.append(each)
            continue
        left = each.quantity
        for debt in debts.held_debts(engineer=engineer, part=each.part, lot=each.lot, quantity=each.quantity):
            if debt.pk not in named and debt.lot_id == (each.lot.pk if each.lot else None):
                named.add(debt.pk)
                found.append(replace(each, quantity=debt.quantity, debt=debt))
                left -= debt.quantity
        if left:
            found.append(replace(each, quantity=left))
    return found


def _require_right(*, engineer: User, by: User) -> None:
    """Each prepares his own return; the desk and a manager may prepare one for him."""
    permission = Permission.RETURN_PARTS if by.pk == engineer.pk else Permission.CHECK_IN_RETURN
    if not by.has_perm(permission):
        raise NotAllowed


def _require_own(document: Return, by: User) -> None:
    if by.pk != document.engineer_id:
        raise NotAllowed


def _amount(steps: int, part: Part) -> str:
    return f"{format_quantity(steps, part.unit.decimal_places)} {part.unit.code}"
