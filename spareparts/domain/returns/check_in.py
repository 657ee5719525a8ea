"""What the desk does: count and inspect what came back, line by line, and take it back when that was wrong."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from config.shared.transitions import Transition, transition
from inventory.domain import ledger
from inventory.enums import LocationKind
from inventory.models import Warehouse
from spareparts.domain import debts
from spareparts.domain.four_eyes import refuse_own
from spareparts.domain.modes import policy_lock
from spareparts.domain.returns import moving
from spareparts.domain.returns.identifying import identified
from spareparts.domain.returns.preparing import (
    ReturnedPart,
    lines_of,
    new_return,
    post,
    require_warehouse,
)
from spareparts.domain.returns.problems import BadReturn, ReturnProblem
from spareparts.domain.returns.surprises import Surprise, forget_surprises, open_surprises
from spareparts.enums import RETURN_TRANSITIONS, DebtStatus, Disposition, Permission
from spareparts.models import Return, ReturnLine
from spareparts.policies import ModePolicy
from spareparts.queries.returns import desk_warehouses
from workorders.models import User, WorkOrder

HAND_OVER = "hand-over"  # makes the key of the posting that comes before the check-in


class NothingHandedIn(DomainError):
    """Of a return that is still with the engineer nothing was handed in."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Nothing was handed in: count at least one part, or leave the return as it is."))


class UndoTooLate(DomainError):
    """The window has passed, or somebody else checked it in: a reason is needed."""

    field = "reason"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This was checked in a while ago or by somebody else: give a reason."))


@dataclass(frozen=True)
class Inspected:
    """What the desk found of one line, in smallest steps.

    ``wrong``: so many of another part came instead; ``surplus``: more than the line says. Of a return that was handed
    over accepted, refused, short and wrong add up to the line.
    """

    line: ReturnLine
    accepted: int
    refused: int = 0
    short: int = 0
    disposition: str = Disposition.SHELF
    inspection: str = ""
    wrong: int = 0
    surplus: int = 0

    @property
    def handed_in(self) -> int:
        return self.accepted + self.refused


def check_in_return(
    document: Return, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, lines: Sequence[Inspected]
) -> None:
    """Book what was counted: accepted to its place, refused back to the engineer; what is missing stays in transit.

    A return that was not handed over yet is handed in at the counter: what was not counted stays with the engineer.
    Missing, surplus and wrong parts open discrepancies. Refused: NotAllowed (also: his own), BadReturn,
    NothingHandedIn, NotEnoughStock, IllegalTransition or StaleDocument, ModeChanged.
    """
    _require_desk(document, by)
    with policy_lock(policy.version):
        _check_in(document, by=by, at=at, key=key, policy=policy, lines=lines)


def confirm_return(
    document: Return,
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    lines: Sequence[Inspected] | None = None,
) -> None:
    """Where no warehouse takes parts in: say that they came back. Without ``lines`` all that the engineer still holds.

    Refused: as in ``check_in_return``.
    """
    _require_desk(document, by)
    with policy_lock(policy.version):
        if lines is None:
            lines = _all_that_is_held(document)
        _check_in(document, by=by, at=at, key=key, policy=policy, lines=lines)


def take_back_at_counter(
    *,
    engineer: User,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    warehouse: Warehouse | None,
    parts: Sequence[ReturnedPart],
    dispositions: Sequence[str] = (),
    note: str = "",
) -> Return:
    """Return, hand-over and check-in in one: the parts lie on the counter. ``dispositions`` go with ``parts``.

    Refused: NotAllowed (also: his own), NothingToReturn, BadReturn, BadWarehouse, ModeChanged.
    """
    if not by.has_perm(Permission.CHECK_IN_RETURN):
        raise NotAllowed
    refuse_own([engineer.pk], by=by, permission=Permission.CHECK_IN_RETURN)
    with policy_lock(policy.version):
        parts = identified(parts, engineer=engineer, by=by, at=at, key=key, policy=policy)
        document = new_return(
            engineer=engineer,
            by=by,
            at=at,
            policy=policy,
            parts=parts,
            warehouse=warehouse,
            is_at_counter=True,
            note=note,
        )
        _require_desk(document, by)
        audit.record("return.take_back", by=by, at=at, subject=document, details={"engineer": str(engineer)})
        _check_in(document, by=by, at=at, key=key, policy=policy, lines=_as_they_lie(document, parts, dispositions))
    return document


def _as_they_lie(document: Return, parts: Sequence[ReturnedPart], dispositions: Sequence[str]) -> list[Inspected]:
    """All of it is accepted; each line goes where its part was said to go."""
    wanted = {(*each.key, _pk(each.work_order)): chosen for each, chosen in zip(parts, dispositions, strict=False)}
    return [
        Inspected(
            row, row.quantity, disposition=wanted.get((*moving.key_of(row), row.work_order_id), Disposition.SHELF)
        )
        for row in lines_of(document)
    ]


def _pk(job: WorkOrder | None) -> int | None:
    return job.pk if job is not None else None


def _require_desk(document: Return, by: User) -> None:
    """The desk of this warehouse, and not one's own return where somebody else could check it in."""
    if not by.has_perm(Permission.CHECK_IN_RETURN):
        raise NotAllowed
    if document.warehouse_id is not None and not desk_warehouses(by).filter(pk=document.warehouse_id).exists():
        raise NotAllowed
    refuse_own([document.engineer_id], by=by, permission=Permission.CHECK_IN_RETURN)


# ---------------------------------------------------------------- counting
def _check_in(
    document: Return, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, lines: Sequence[Inspected]
) -> None:
    has_desk = moving.goes_to_a_desk(policy)
    comes_now = document.posting_id is None
    moved = sum(each.handed_in if has_desk else each.accepted for each in lines)
    changes: dict[str, Any] = {"checked_in_at": at, "checked_in_by": by}
    if moved:
        changes["check_in_posting_id"] = key
    first_key = uuid.uuid5(key, HAND_OVER)
    if has_desk and comes_now:
        warehouse = require_warehouse(document.warehouse, engineer=document.engineer, policy=policy)
        changes |= {"posting_id": first_key, "warehouse": warehouse}
    if document.handed_over_at is None:
        changes["handed_over_at"] = at
    details: dict[str, Any] = {}
    with transition(document, RETURN_TRANSITIONS["check_in"], by=by, at=at, details=details, **changes):
        found = _read(document, lines, comes_now=comes_now)
        moves = _hand_in(document, found, by=by, at=at, policy=policy) if has_desk and comes_now else []
        _write(document, found, policy=policy)
        details["discrepancies"] = open_surprises(document, _surprises(found), by=by, at=at)
        if moves:
            post(document, moves, by=by, at=at, key=first_key)
        if moved:
            post(document, _moves(document, found, policy=policy), by=by, at=at, key=key)


def _read(document: Return, lines: Sequence[Inspected], *, comes_now: bool) -> list[Inspected]:
    """The findings on the lines as they are now, each line once. Refused: BadReturn, NothingHandedIn.

    Of what only comes now, less makes the line smaller: the rest stays with the engineer and is not missing.
    """
    rows = {row.pk: row for row in lines_of(document)}
    given = {each.line.pk: each for each in lines}
    problems, found = [], []
    for index, (pk, row) in enumerate(rows.items()):
        each = replace(given.get(pk) or Inspected(row, 0, short=row.quantity), line=row)
        words = _problem_of(each, comes_now=comes_now)
        if words:
            sentence = _("%(part)s: %(problem)s") % {"part": row.part.number, "problem": words}
            problems.append(ReturnProblem(index, sentence))
        found.append(each)
    if problems or set(given) - set(rows):
        raise BadReturn(problems or [ReturnProblem(0, _("The return was changed meanwhile. Look again."))])
    return _only_what_came(found) if comes_now else found


def _only_what_came(found: Sequence[Inspected]) -> list[Inspected]:
    """Old parts that are owed come back as a whole: what did not come is owed as before."""
    came, let_go = [], []
    for each in found:
        if each.handed_in < each.line.quantity and each.line.debt is not None:
            let_go.append(each.line.debt)
            each.line.debt = None
        if not each.handed_in:
            each.line.delete()
            continue
        each.line.quantity = each.handed_in
        came.append(replace(each, short=0, wrong=0))
    if not came:
        raise NothingHandedIn
    debts.reopen(debt for debt in let_go if debt.status == DebtStatus.RETURNED)
    return came


def _problem_of(each: Inspected, *, comes_now: bool) -> str:
    adds_up = comes_now or each.handed_in + each.short + each.wrong == each.line.quantity
    is_strange = each.refused or each.wrong or each.surplus
    rules = (
        (min(each.accepted, each.refused, each.short, each.wrong, each.surplus) >= 0,
         _("a number cannot be less than zero.")),
        (each.handed_in <= each.line.quantity, _("more was counted than the return says. Count the rest as surplus.")),
        (adds_up, _("accepted, refused, missing and wrong do not add up to what was returned.")),
        (each.disposition in Disposition.values, _("say where it goes.")),
        (not is_strange or each.inspection.strip(), _("say in a few words what is wrong.")),
    )  # fmt: skip
    return next((words for is_fine, words in rules if not is_fine), "")


def _surprises(found: Sequence[Inspected]) -> list[Surprise]:
    return [Surprise(each.line, each.short, each.wrong, each.surplus, each.inspection) for each in found]


def _hand_in(
    document: Return, found: Sequence[Inspected], *, by: User, at: datetime, policy: ModePolicy
) -> list[ledger.Line]:
    """Into transit first, at the counter; the balance rows of both postings are taken in one order."""
    rows = [each.line for each in found]
    kinds = (LocationKind.ENGINEER, LocationKind.TRANSIT, LocationKind.SHELF)
    moving.lock_stock(document, rows, kinds=kinds)
    ages = moving.ages_held(document.engineer)
    return moving.to_first_target(document, [(row, row.quantity) for row in rows], ages, policy=policy)


def _write(document: Return, found: Sequence[Inspected], *, policy: ModePolicy) -> None:
    """The lines say what became of them, and the debts follow: closed, owed again, or still on the way."""
    for each in found:
        row = each.line
        row.accepted, row.refused = each.accepted, each.refused
        row.disposition = each.disposition if each.accepted else ""
        row.inspection = each.inspection.strip()[:200]
    fields = ["quantity", "held_since", "accepted", "refused", "disposition", "inspection", "debt"]
    ReturnLine.objects.bulk_update([each.line for each in found], fields)
    owed = [each for each in found if each.line.debt is not None and each.line.debt.status in DEBTS_ON_A_RETURN]
    coming = [each.line.debt for each in owed if each.line.debt and each.line.debt.status == DebtStatus.HELD]
    debts.mark_returned(coming)
    debts.close(each.line.debt for each in owed if each.line.debt and each.accepted == each.line.quantity)
    debts.reopen(each.line.debt for each in owed if each.line.debt and each.refused)


DEBTS_ON_A_RETURN = frozenset({DebtStatus.HELD, DebtStatus.RETURNED})


def _moves(document: Return, found: Sequence[Inspected], *, policy: ModePolicy) -> list[ledger.Line]:
    """Accepted parts go to their place, refused ones back to the engineer as old as they were."""
    if not moving.goes_to_a_desk(policy):
        ages = moving.ages_held(document.engineer)
        return moving.to_first_target(
            document, [(each.line, each.accepted) for each in found if each.accepted], ages, policy=policy
        )
    lines = []
    ages = moving.ages_handed_over(document)
    for each in found:
        layers = ages.take(moving.key_of(each.line), each.line.quantity)
        back = moving.Ages((moving.key_of(each.line), since, quantity) for since, quantity in layers)
        for since, quantity in back.take(moving.key_of(each.line), each.refused):
            line = moving.from_transit(document, each.line, quantity, LocationKind.ENGINEER, policy=policy)
            lines.append(replace(line, held_since=since))
        if each.accepted:
            kind = moving.TARGETS.get(Disposition(each.disposition), LocationKind.SHELF)
            lines.append(moving.from_transit(document, each.line, each.accepted, kind, policy=policy))
    return lines


def _all_that_is_held(document: Return) -> list[Inspected]:
    ages = moving.ages_held(document.engineer)
    found = []
    for row in lines_of(document):
        held = sum(quantity for _since, quantity in ages.take(moving.key_of(row), row.quantity))
        reason = "" if held == row.quantity else _("No longer with the engineer.")
        found.append(Inspected(row, held, refused=row.quantity - held, inspection=reason))
    return found


# ---------------------------------------------------------------- taking it back
def undo_row(document: Return, *, by: User, at: datetime, policy: ModePolicy) -> Transition:
    """The row of the table by which ``by`` may take the check-in back: at once his own, else with a reason."""
    until = (document.checked_in_at or at) + timedelta(minutes=policy.undo_minutes)
    is_own = by.pk == document.checked_in_by_id
    return RETURN_TRANSITIONS["undo_check_in" if is_own and at < until else "undo_check_in_later"]


def undo_check_in(
    document: Return, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, reason: str = ""
) -> None:
    """The parts are where they were before they were counted: with the desk, or with the engineer.

    Open discrepancies of the check-in go with it; a settled one refuses. Refused: NotAllowed, ReasonMissing,
    UndoRefused, NotEnoughStock (the parts moved on), IllegalTransition or StaleDocument, ModeChanged.
    """
    _require_desk(document, by)
    row = undo_row(document, by=by, at=at, policy=policy)
    posting = document.check_in_posting
    changes: dict[str, Any] = {"checked_in_at": None, "checked_in_by": None, "check_in_posting_id": None}
    details: dict[str, Any] = {"posting": str(document.check_in_posting_id or "")}
    with (
        policy_lock(policy.version),
        transition(document, row, by=by, at=at, reason=reason, details=details, **changes),
    ):
        rows = lines_of(document)
        details["discrepancies"] = forget_surprises(document)
        came = [each.debt for each in rows if each.debt and each.debt.status in (DebtStatus.CLOSED, DebtStatus.HELD)]
        for each in rows:
            each.accepted, each.refused, each.disposition, each.inspection = 0, 0, "", ""
        ReturnLine.objects.bulk_update(rows, ["accepted", "refused", "disposition", "inspection"])
        debts.mark_returned(came)
        if posting is not None:
            ledger.reverse(posting, reference=document.reference, by=by, at=at, key=key)
