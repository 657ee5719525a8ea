"""What the office and the warehouse say to a request: approved as asked or otherwise, rejected, or sent on."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.errors import NotAllowed
from config.shared.transitions import transition
from inventory.models import Part, Substitute, Warehouse
from spareparts.domain.four_eyes import refuse_own
from spareparts.domain.modes import policy_lock
from spareparts.domain.requisitions import guards
from spareparts.domain.requisitions.asked import GrantedPart
from spareparts.domain.requisitions.errors import (
    AlreadyForwarded,
    LineProblem,
    NothingGranted,
    NothingToForward,
    line_problem,
    refuse_bad,
)
from spareparts.domain.requisitions.fulfilling import as_asked, grants_of, refresh_fulfilment, save_grants, supply
from spareparts.domain.requisitions.writing import MOST_QUANTITY
from spareparts.enums import REQUISITION_TRANSITIONS, Feature, Fulfilment, Permission, RequisitionStatus
from spareparts.models import Grant, Requisition, RequisitionLine
from spareparts.policies import ModePolicy
from workorders.models import User


# ---------------------------------------------------------------- approve
def approve_requisition(
    requisition: Requisition,
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    grants: Sequence[GrantedPart] | None = None,
) -> None:
    """Grant what was asked, or what ``grants`` say: fewer, or a substitute, each with a reason. Then supply it.

    Without warehouses the parts go from the supplier to the engineer; else they are reserved as far as they are there.
    ``grants`` answer for every line; None grants all as asked. ``key`` is the posting's, if anything moves.
    Refused: NotAllowed, OwnDocument, NotYourWarehouse, ModeChanged, NotAnEngineer, BadLines (every grant that is
    wrong, by its index), NothingGranted, WarehouseNotKept, NoWarehouse, IllegalTransition, StaleDocument.
    """
    _require_right(requisition, by=by)
    guards.require_receiver(requisition.engineer, is_for_branch=requisition.is_for_branch)
    with policy_lock(policy.version):
        lines = list(requisition.lines.select_related("part__unit"))
        granted = as_asked(lines) if grants is None else _checked(lines, grants)
        changes: dict[str, Any] = {"decided_at": at, "decided_by": by, "decision_reason": ""}
        changes["warehouse"] = _source_of(requisition, policy)
        details = {"granted": [_words_of(each) for each in granted if _is_other_than_asked(each)]}
        with transition(requisition, REQUISITION_TRANSITIONS["approve"], by=by, at=at, details=details, **changes):
            supply(requisition, granted, by=by, at=at, key=key, policy=policy)


def _require_right(requisition: Requisition, *, by: User) -> None:
    """Nobody decides about what he asked for himself, or wrote for somebody else."""
    permission = Permission.APPROVE_REQUISITION
    if not by.has_perm(permission):
        raise NotAllowed
    refuse_own((requisition.engineer_id, requisition.created_by_id), by=by, permission=permission)
    guards.require_decider(requisition, by=by)


def _source_of(requisition: Requisition, policy: ModePolicy) -> Warehouse | None:
    """What is under way goes on in a disabled warehouse; a request from another mode finds its source now."""
    if requisition.warehouse is not None and policy.has(Feature.WAREHOUSE_STOCK):
        return requisition.warehouse
    return guards.source_of(requisition.warehouse, engineer=requisition.engineer, policy=policy)


def _is_other_than_asked(granted: GrantedPart) -> bool:
    return granted.part.pk != granted.line.part_id or granted.quantity != granted.line.quantity


def _words_of(granted: GrantedPart) -> dict[str, Any]:
    return {"part": granted.part.number, "quantity": granted.quantity, "reason": granted.reason.strip()}


# ---------------------------------------------------------------- what is granted
def _checked(lines: Sequence[RequisitionLine], grants: Sequence[GrantedPart]) -> list[GrantedPart]:
    """Every grant as it will be written. Refused: BadLines (``index`` counts the grants), NothingGranted."""
    by_key = {line.pk: line for line in lines}
    stand_ins = _substitutes_of(lines) if any(each.part.pk != each.line.part_id for each in grants) else {}
    problems = []
    seen: set[tuple[int, int]] = set()
    for index, each in enumerate(grants):
        line = by_key.get(each.line.pk)
        name, words = ("part", _("it is no line of this request.")) if line is None else ("", "")
        if line is not None:
            name, words = _problem_of(each, line, stand_ins.get(line.part_id, set()), seen)
        if words:
            problems.append(line_problem(index, name, each.part, words))
        seen.add((each.line.pk, each.part.pk))
    refuse_bad(problems or _unanswered(lines, grants))
    if not any(each.quantity for each in grants):
        raise NothingGranted
    return [GrantedPart(by_key[each.line.pk], each.part, each.quantity, each.reason.strip()[:200]) for each in grants]


def _problem_of(
    granted: GrantedPart, line: RequisitionLine, stand_ins: set[int], seen: set[tuple[int, int]]
) -> tuple[str, str]:
    """The field to blame and the words; ("", "") when nothing is wrong."""
    if (line.pk, granted.part.pk) in seen:
        return "part", _("it is granted twice for one line. Add the quantities up.")
    if granted.part.pk != line.part_id and (words := _substitute_problem(granted, line, stand_ins)):
        return "part", words
    if granted.quantity < 0 or granted.quantity > MOST_QUANTITY:
        return "quantity", _("the quantity is too large or less than zero.")
    if granted.quantity > line.quantity and granted.part.unit_id == line.part.unit_id:
        return "quantity", _("more than was asked for. Grant at most that much.")
    if _is_other_than_asked(granted) and not granted.reason.strip():
        return "reason", _("it is not what was asked for, so give a reason.")
    return "", ""


def _substitute_problem(granted: GrantedPart, line: RequisitionLine, stand_ins: set[int]) -> str:
    if granted.part.pk not in stand_ins:
        return _("it is no substitute of %(asked)s in the catalogue.") % {"asked": line.part.number}
    if not granted.part.is_listed:
        return _("it is no longer listed. Choose another substitute.")
    return ""


def _unanswered(lines: Sequence[RequisitionLine], grants: Sequence[GrantedPart]) -> list[LineProblem]:
    """Lines about which nothing was said: silence is no answer to who asked."""
    answered = {each.line.pk for each in grants}
    words = _("say how much is granted; nothing is 0, with a reason.")
    return [
        line_problem(index, "quantity", line.part, words) for index, line in enumerate(lines) if line.pk not in answered
    ]


def _substitutes_of(lines: Sequence[RequisitionLine]) -> dict[int, set[int]]:
    """Part key → keys of what may be granted instead: named substitutes, and the part's successor."""
    found: dict[int, set[int]] = defaultdict(set)
    for line in lines:
        if line.part.superseded_by_id is not None:
            found[line.part_id].add(line.part.superseded_by_id)
    named = Substitute.objects.filter(part__in=[line.part_id for line in lines])
    for part_id, substitute_id in named.values_list("part_id", "substitute_id"):
        found[part_id].add(substitute_id)
    return found


# ---------------------------------------------------------------- reject
def reject_requisition(requisition: Requisition, *, by: User, at: datetime, policy: ModePolicy, reason: str) -> None:
    """Say no, with a reason. Nothing moves.

    Refused: NotAllowed, OwnDocument, NotYourWarehouse, ReasonMissing, ModeChanged, IllegalTransition, StaleDocument.
    """
    _require_right(requisition, by=by)
    row = REQUISITION_TRANSITIONS["reject"]
    changes: dict[str, Any] = {"decided_at": at, "decided_by": by, "decision_reason": reason.strip()}
    with policy_lock(policy.version), transition(requisition, row, by=by, at=at, reason=reason, **changes):
        return


# ---------------------------------------------------------------- send on
def forward_requisition(
    requisition: Requisition, *, by: User, at: datetime, policy: ModePolicy, warehouse: Warehouse, reason: str
) -> Requisition:
    """Let another warehouse supply it: all of it while nothing has moved, else what is open. Nothing moves.

    Returns the linked requisition, which waits there for approval; the engineer sees both. Of a request of which
    something is reserved, handed over or sent, the rest is cancelled here and asked for there.
    Refused: NotAllowed, NotYourWarehouse, ReasonMissing, ModeChanged, WarehouseNotOpen, NothingToForward,
    AlreadyForwarded, IllegalTransition, StaleDocument.
    """
    guards.require_warehouse(requisition.warehouse_id, by=by)
    with policy_lock(policy.version):
        guards.require_next_source(requisition, warehouse)
        if Requisition.objects.filter(forwarded_from=requisition).exists():
            words = {"requisition": requisition}
            raise AlreadyForwarded(_("%(requisition)s was sent on before. Send on its successor.") % words)
        grants = grants_of(requisition)
        has_moved = any(each.reserved or each.issued or each.shipped or each.cancelled for each in grants)
        row = REQUISITION_TRANSITIONS["forward_rest" if has_moved else "forward"]
        changes = {} if has_moved else {"fulfilment": Fulfilment.NONE}
        details = {"from": str(requisition.warehouse), "to": str(warehouse)}
        with transition(requisition, row, by=by, at=at, reason=reason, details=details, **changes):
            asked = _cancel_open(requisition, grants) if grants else _asked(requisition)
            return _successor(requisition, warehouse, asked, at=at, by=by, reason=reason)


def _asked(requisition: Requisition) -> dict[Part, int]:
    return {line.part: line.quantity for line in requisition.lines.select_related("part")}


def _cancel_open(requisition: Requisition, grants: Sequence[Grant]) -> dict[Part, int]:
    """The open quantities, which are cancelled here. Refused: NothingToForward."""
    wanted: dict[Part, int] = defaultdict(int)
    for grant in grants:
        wanted[grant.part] += grant.open_quantity
        grant.cancelled += grant.open_quantity
    wanted = {part: quantity for part, quantity in wanted.items() if quantity}
    if not wanted:
        raise NothingToForward(_("Nothing is open any more: all of it is reserved or on its way."))
    save_grants(grants, "cancelled")
    refresh_fulfilment(requisition, grants)
    return wanted


def _successor(
    requisition: Requisition, warehouse: Warehouse, asked: dict[Part, int], *, by: User, at: datetime, reason: str
) -> Requisition:
    """The same wishes at another warehouse. It stays the document of who wrote it, not of who sent it on."""
    words = {"warehouse": requisition.warehouse, "reason": reason.strip()}
    successor = Requisition.objects.create(
        engineer=requisition.engineer,
        work_order=requisition.work_order,
        mode=requisition.mode,
        status=RequisitionStatus.SUBMITTED,
        receiving_method=requisition.receiving_method,
        warehouse=warehouse,
        destination=requisition.destination,
        is_for_branch=requisition.is_for_branch,
        site=requisition.site,
        needed_at=requisition.needed_at,
        note=requisition.note,
        submitted_at=requisition.submitted_at,
        approval_reason=_("Sent on by %(warehouse)s: %(reason)s") % words,
        forwarded_from=requisition,
        created_at=at,
        created_by=requisition.created_by,
    )
    RequisitionLine.objects.bulk_create(
        [RequisitionLine(requisition=successor, part=part, quantity=quantity) for part, quantity in asked.items()]
    )
    details = {"engineer": str(successor.engineer), "lines": len(asked), "forwarded_from": requisition.reference}
    audit.record("requisition.create", by=by, at=at, subject=successor, details=details)
    return successor
