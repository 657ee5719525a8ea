"""From the empty form to the sent request: written, changed, copied, sent, withdrawn. Nothing moves before approval."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.transitions import transition
from inventory.enums import WarehouseStatus
from inventory.models import Part, Warehouse
from spareparts import queries
from spareparts.domain.modes import policy_lock
from spareparts.domain.requisitions import guards
from spareparts.domain.requisitions.approval import approval_reasons
from spareparts.domain.requisitions.asked import AskedLine
from spareparts.domain.requisitions.errors import LineProblem, NothingAsked, line_problem, refuse_bad
from spareparts.domain.requisitions.fulfilling import as_asked, supply
from spareparts.domain.routes import FlowNotInMode
from spareparts.enums import REQUISITION_TRANSITIONS, Feature, Flow, Permission, ReceivingMethod, RequisitionStatus
from spareparts.models import Requisition, RequisitionLine
from spareparts.policies import ModePolicy
from workorders.enums import ACTIVE_STATUSES
from workorders.models import Site, User, WorkOrder

MOST_LINES = 200
MOST_QUANTITY = 1_000_000_000  # smallest steps; what the column and a typing error can bear


class Wishes(TypedDict, total=False):
    """What a request says beside its lines; what is left out is a request without a job, for picking up."""

    work_order: WorkOrder | None
    receiving_method: str
    destination: Warehouse | None
    is_for_branch: bool
    site: Site | None
    needed_at: datetime | None
    note: str
    warehouse: Warehouse | None


NO_WISHES: Wishes = {
    "work_order": None,
    "receiving_method": ReceivingMethod.PICK_UP,
    "destination": None,
    "is_for_branch": False,
    "site": None,
    "needed_at": None,
    "note": "",
    "warehouse": None,
}


# ---------------------------------------------------------------- writing
def create_requisition(
    *,
    engineer: User,
    by: User,
    at: datetime,
    policy: ModePolicy,
    lines: Sequence[AskedLine],
    **wishes: Unpack[Wishes],
) -> Requisition:
    """Write a draft for ``engineer``; nothing moves and nobody is asked yet.

    Without ``warehouse`` the one serving the engineer's team is the source, else the default one. Without ``site`` a
    shipment to the site goes to the job's.
    Refused: NotAllowed, NotAnEngineer, FlowNotInMode, ModeChanged, NothingAsked, BadLines (every bad line), JobNotOpen,
    NotOnTheJob, WarehouseNotKept, NoWarehouse, WarehouseNotOpen, MethodNotInMode, DestinationMissing, SiteMissing.
    """
    guards.require_requester(engineer=engineer, by=by)
    facts = NO_WISHES | wishes
    requisition = Requisition(engineer=engineer, mode=policy.mode or "", created_at=at, created_by=by, **facts)
    requisition.note = requisition.note.strip()
    with policy_lock(policy.version):
        _check(requisition, policy=policy)
        _check_lines(lines)
        requisition.save(force_insert=True)
        _write_lines(requisition, lines)
        details = {"engineer": str(engineer), "lines": len(lines)}
        audit.record("requisition.create", by=by, at=at, subject=requisition, details=details)
    return requisition


def edit_requisition(
    requisition: Requisition,
    *,
    by: User,
    at: datetime,
    policy: ModePolicy,
    lines: Sequence[AskedLine],
    **wishes: Unpack[Wishes],
) -> None:
    """Replace what a draft says, all of it. Refused: as in ``create_requisition``; IllegalTransition, StaleDocument."""
    guards.require_owner(requisition, by=by)
    facts: dict[str, Any] = {**NO_WISHES, **wishes, "mode": policy.mode or ""}
    facts["note"] = facts["note"].strip()
    with policy_lock(policy.version):
        for name, value in facts.items():
            setattr(requisition, name, value)
        _check(requisition, policy=policy)
        _check_lines(lines)
        changes = {name: getattr(requisition, name) for name in facts}
        details = {"lines": len(lines)}
        with transition(requisition, REQUISITION_TRANSITIONS["edit"], by=by, at=at, details=details, **changes):
            requisition.lines.all().delete()
            _write_lines(requisition, lines)


def copy_requisition(requisition: Requisition, *, by: User, at: datetime, policy: ModePolicy) -> Requisition:
    """A new draft with the same lines and wishes, as far as they still hold.

    An unlisted part gives way to its successor or is left out; a job that ended, and a warehouse that is no longer
    open, are left out. Somebody who may not ask for others copies for himself. Refused: as in ``create_requisition``.
    """
    is_for_him = by.pk == requisition.engineer_id or by.has_perm(Permission.REQUEST_FOR_OTHERS)
    method = requisition.receiving_method
    work_order = requisition.work_order
    if work_order is not None and work_order.status not in ACTIVE_STATUSES:
        work_order = None
    source = requisition.warehouse
    keeps_source = source is not None and policy.has(Feature.WAREHOUSE_STOCK) and source.status == WarehouseStatus.OPEN
    keeps_method = method == ReceivingMethod.PICK_UP or policy.has(Feature.SHIPMENT)
    return create_requisition(
        engineer=requisition.engineer if is_for_him else by,
        by=by,
        at=at,
        policy=policy,
        lines=_lines_of(requisition),
        work_order=work_order,
        receiving_method=method if keeps_method else ReceivingMethod.PICK_UP,
        destination=requisition.destination if keeps_method else None,
        is_for_branch=requisition.is_for_branch and keeps_method,
        site=requisition.site if keeps_method else None,
        note=requisition.note,
        warehouse=source if keeps_source else None,
    )


def _lines_of(requisition: Requisition) -> list[AskedLine]:
    """What was asked, by parts that may still be asked for; what two lines would name now is added up."""
    wanted: dict[Part, int] = {}
    for line in requisition.lines.select_related("part__unit", "part__superseded_by__unit"):
        successor = line.part.superseded_by
        part = line.part if line.part.is_listed or successor is None else successor
        if part.is_listed and part.unit_id == line.part.unit_id:
            wanted[part] = wanted.get(part, 0) + line.quantity
    return [AskedLine(part, quantity) for part, quantity in wanted.items()]


def _write_lines(requisition: Requisition, lines: Sequence[AskedLine]) -> None:
    rows = [RequisitionLine(requisition=requisition, part=line.part, quantity=line.quantity) for line in lines]
    RequisitionLine.objects.bulk_create(rows)


# ---------------------------------------------------------------- sending
def submit_requisition(requisition: Requisition, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy) -> None:
    """Send a draft. Unless the settings want somebody's approval it is approved at once, and supplied as then.

    ``key`` is the posting's, when approval moves something. What the draft says is checked again, since parts get
    unlisted, jobs end and warehouses close; a source that is missing is found again.
    Refused: as in ``create_requisition``; IllegalTransition, StaleDocument.
    """
    guards.require_owner(requisition, by=by)
    with policy_lock(policy.version):
        _check(requisition, policy=policy)
        lines = list(requisition.lines.select_related("part__unit"))
        _check_lines([AskedLine(line.part, line.quantity) for line in lines])
        reasons = approval_reasons(requisition, lines, settings=queries.current_settings())
        row = REQUISITION_TRANSITIONS["submit"]
        changes: dict[str, Any] = {
            "submitted_at": at,
            "warehouse": requisition.warehouse,
            "site": requisition.site,
            "mode": policy.mode or "",
            "approval_reason": "\n".join(reasons),
        }
        if reasons:
            with transition(requisition, row, by=by, at=at, details={"approval": reasons}, **changes):
                return
        row = replace(row, target=RequisitionStatus.APPROVED)
        changes["decided_at"] = at
        with transition(requisition, row, by=by, at=at, details={"approval": "automatic"}, **changes):
            supply(requisition, as_asked(lines), by=by, at=at, key=key, policy=policy)


def withdraw_requisition(requisition: Requisition, *, by: User, at: datetime, policy: ModePolicy) -> None:
    """Take back what nobody has decided yet. Refused: NotAllowed, ModeChanged, IllegalTransition, StaleDocument."""
    guards.require_owner(requisition, by=by)
    with (
        policy_lock(policy.version),
        transition(requisition, REQUISITION_TRANSITIONS["withdraw"], by=by, at=at),
    ):
        return


# ---------------------------------------------------------------- what must hold
def _check(requisition: Requisition, *, policy: ModePolicy) -> None:
    """Everything but the lines; finds the source, and the site of a shipment to the site."""
    if not policy.allows(Flow.SUPPLY):
        raise FlowNotInMode(Flow.SUPPLY)
    _fit_to_method(requisition)
    guards.require_receiver(requisition.engineer, is_for_branch=requisition.is_for_branch)
    guards.require_job(requisition.work_order, engineer=requisition.engineer)
    requisition.warehouse = guards.source_of(requisition.warehouse, engineer=requisition.engineer, policy=policy)
    guards.require_method(requisition, policy=policy)


def _fit_to_method(requisition: Requisition) -> None:
    """What only another receiving method asks for is dropped; the site is the job's unless another was named."""
    if requisition.receiving_method != ReceivingMethod.TO_WAREHOUSE:
        requisition.destination, requisition.is_for_branch = None, False
    if requisition.receiving_method != ReceivingMethod.TO_SITE:
        requisition.site = None
    elif requisition.site is None and requisition.work_order is not None:
        requisition.site = requisition.work_order.site


def _check_lines(lines: Sequence[AskedLine]) -> None:
    if not lines:
        raise NothingAsked
    problems = [problem for index, line in enumerate(lines) if (problem := _problem_of(index, line, lines))]
    if len(lines) > MOST_LINES:
        words = _("A request holds at most %(most)s lines.") % {"most": MOST_LINES}
        problems.append(LineProblem(MOST_LINES, "part", words))
    refuse_bad(problems)


def _problem_of(index: int, line: AskedLine, lines: Sequence[AskedLine]) -> LineProblem | None:
    if not line.part.is_listed:
        return line_problem(index, "part", line.part, _("it is no longer listed, so it cannot be requested."))
    if any(earlier.part.pk == line.part.pk for earlier in lines[:index]):
        return line_problem(index, "part", line.part, _("it stands on the request already."))
    if line.quantity <= 0:
        return line_problem(index, "quantity", line.part, _("the quantity must be more than zero."))
    if line.quantity > MOST_QUANTITY:
        return line_problem(index, "quantity", line.part, _("the quantity is too large."))
    return None
