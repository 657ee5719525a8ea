"""Handing reserved parts to the engineer, and taking a wrong issue back."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from config.shared.errors import NotAllowed
from config.shared.templatetags.shared import format_quantity
from config.shared.transitions import ReasonMissing, transition
from inventory.domain import ledger
from inventory.enums import LocationKind, PostingReason, WarehouseStatus
from inventory.models import Warehouse
from spareparts.domain.modes import policy_lock
from spareparts.domain.requisitions import guards
from spareparts.domain.requisitions.asked import IssuedPart
from spareparts.domain.requisitions.errors import (
    LineProblem,
    NothingIssued,
    UndoneAlready,
    WarehouseNotOpen,
    line_problem,
    refuse_bad,
)
from spareparts.domain.requisitions.fulfilling import (
    Pick,
    allocate,
    grants_of,
    needs_lot,
    refresh_fulfilment,
    save_grants,
)
from spareparts.domain.routes import place, require_leg
from spareparts.enums import REQUISITION_TRANSITIONS, Flow, ReceivingMethod
from spareparts.models import Allocation, Issue, IssueLine, Requisition
from spareparts.policies import ModePolicy
from spareparts.queries.requisitions import allocations_of, is_handed_out_at
from workorders.models import User

Chosen = list[tuple[Allocation, int]]


# ---------------------------------------------------------------- issue
def issue_requisition(
    requisition: Requisition,
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    parts: Sequence[IssuedPart] | None = None,
) -> Issue:
    """Hand ``parts`` to the engineer, or everything reserved for him here: staging→engineer in one posting.

    What was shipped to a warehouse for him to collect is handed out there in the same way. What is short stays open.
    Refused: NotAllowed, NotYourWarehouse, NotAnEngineer, ModeChanged, NothingIssued, BadLines (every bad line),
    NotEnoughStock, IllegalTransition, StaleDocument.
    """
    guards.require_receiver(requisition.engineer)
    row = REQUISITION_TRANSITIONS["issue"]
    with policy_lock(policy.version), transition(requisition, row, by=by, at=at):
        chosen = _chosen(requisition, parts, by=by, policy=policy)
        issue = Issue.objects.create(requisition=requisition, posting_id=key, created_at=at, created_by=by)
        _write_lines(issue, chosen)
        _take_from_staging(requisition, chosen)
        _post(issue, chosen, by=by, at=at, key=key, policy=policy)
    return issue


def _chosen(requisition: Requisition, parts: Sequence[IssuedPart] | None, *, by: User, policy: ModePolicy) -> Chosen:
    """What is handed over of which reservation. Refused: NothingIssued, BadLines, NotYourWarehouse."""
    reserved = [
        row
        for row in allocations_of(requisition).filter(shipment=None)
        if is_handed_out_at(requisition, row.warehouse_id)
    ]
    if parts is None:
        parts = [IssuedPart(row, row.quantity) for row in guards.his_among(reserved, by=by)]
    if not parts:
        raise _nothing(requisition)
    rows = {row.pk: row for row in reserved}
    refuse_bad(_problems(parts, rows, policy))
    chosen = [(rows[each.allocation.pk], each.quantity) for each in parts]
    guards.require_warehouses({row.warehouse_id for row, _quantity in chosen}, by=by)
    return chosen


def _nothing(requisition: Requisition) -> NothingIssued:
    if requisition.receiving_method == ReceivingMethod.PICK_UP:
        return NothingIssued(_("Nothing is reserved for this request here. Reserve what has come in first."))
    return NothingIssued(_("This request is shipped, and nothing of it lies here to be collected."))


def _problems(parts: Sequence[IssuedPart], rows: dict[int, Allocation], policy: ModePolicy) -> list[LineProblem]:
    problems = []
    asked: dict[int, int] = {}
    for index, each in enumerate(parts):
        row = rows.get(each.allocation.pk)
        asked[each.allocation.pk] = asked.get(each.allocation.pk, 0) + each.quantity
        name, words = _problem_of(row, each.quantity, asked[each.allocation.pk], policy)
        if words:
            problems.append(line_problem(index, name, each.allocation.part, words))
    return problems


def _problem_of(row: Allocation | None, quantity: int, so_far: int, policy: ModePolicy) -> tuple[str, str]:
    """The field to blame and the words; ("", "") when nothing is wrong."""
    if row is None:
        return "quantity", _("it is no longer reserved. Look at the request again.")
    if quantity <= 0:
        return "quantity", _("the quantity must be more than zero.")
    if so_far > row.quantity:
        words = {"most": f"{format_quantity(row.quantity, row.part.unit.decimal_places)} {row.part.unit.code}"}
        return "quantity", _("hand out at most the %(most)s that are reserved.") % words
    if needs_lot(row, policy):
        return "lot", _("name its batch or serial number first.")
    return "", ""


def _write_lines(issue: Issue, chosen: Chosen) -> None:
    IssueLine.objects.bulk_create(
        [
            IssueLine(
                issue=issue,
                grant_id=row.grant_id,
                part_id=row.part_id,
                condition=row.condition,
                lot=row.lot,
                warehouse_id=row.warehouse_id,
                quantity=quantity,
            )
            for row, quantity in chosen
        ]
    )


def _take_from_staging(requisition: Requisition, chosen: Chosen) -> None:
    """What was packed goes first."""
    grants = {grant.pk: grant for grant in grants_of(requisition)}
    for row, quantity in chosen:
        packed = min(row.packed, quantity)
        row.quantity -= quantity
        row.packed -= packed
        grant = grants[row.grant_id]
        grant.reserved -= quantity
        grant.packed -= packed
        grant.issued += quantity
    rows = {row.pk: row for row, _quantity in chosen}.values()
    Allocation.objects.filter(pk__in=[row.pk for row in rows if not row.quantity]).delete()
    Allocation.objects.bulk_update([row for row in rows if row.quantity], ["quantity", "packed"])
    save_grants(grants.values(), "reserved", "packed", "issued")
    refresh_fulfilment(requisition, list(grants.values()))


def _post(issue: Issue, chosen: Chosen, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy) -> None:
    leg = require_leg(policy, Flow.SUPPLY, LocationKind.STAGING, LocationKind.ENGINEER)
    staging: dict[Warehouse, Any] = {row.warehouse: None for row, _quantity in chosen}
    for warehouse in staging:
        staging[warehouse] = place(leg[0], warehouse=warehouse)
    target = place(leg[1], engineer=issue.requisition.engineer)
    ledger.post(
        reason=PostingReason.REQUISITION,
        reference=issue.reference,
        lines=[
            ledger.Line(row.part, quantity, staging[row.warehouse], target, row.condition, row.lot)
            for row, quantity in chosen
        ],
        by=by,
        at=at,
        key=key,
    )


# ---------------------------------------------------------------- undo
def undo_until(issue: Issue, policy: ModePolicy) -> datetime:
    """Until then who issued may take it back without a reason."""
    return issue.created_at + timedelta(minutes=policy.undo_minutes)


def undo_issue(issue: Issue, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, reason: str = "") -> None:
    """Take an issue back: a linked reversal, or nothing.

    What lay in staging lies there again, packed. What never lay there (without warehouses, at the counter, in a
    self-service store) goes back to where it came from, and that much of the request is cancelled: it can be copied.
    Later than the undo window, or by somebody else, it needs a reason.
    Refused: NotAllowed, NotYourWarehouse, ReasonMissing, ModeChanged, FlowNotInMode, UndoneAlready, WarehouseNotOpen
    (closed since), NotEnoughStock (the engineer no longer has it), IllegalTransition, StaleDocument.
    """
    requisition = issue.requisition
    row = REQUISITION_TRANSITIONS["undo_issue"]
    if not by.has_perm(row.permission):
        raise NotAllowed
    if (by.pk != issue.created_by_id or at >= undo_until(issue, policy)) and not reason.strip():
        raise ReasonMissing
    details = {"issue": issue.reference}
    with (
        policy_lock(policy.version),
        transition(requisition, row, by=by, at=at, reason=reason, details=details),
    ):
        _claim(issue, by=by, at=at, key=key, reason=reason)
        lines = list(issue.lines.select_related("grant", "part__unit", "lot", "warehouse").order_by("pk"))
        _require_source_open(lines, by=by)
        posting: Any = issue.posting  # a CHECK sees to it that there is one
        source = LocationKind(posting.moves.values_list("source__kind", flat=True)[:1].get())
        require_leg(policy, Flow.SUPPLY, source, LocationKind.ENGINEER)
        _give_back(requisition, lines, is_reserved_again=source == LocationKind.STAGING)
        ledger.reverse(posting, reference=issue.reference, by=by, at=at, key=key)


def _claim(issue: Issue, *, by: User, at: datetime, key: uuid.UUID, reason: str) -> None:
    changes = {"reversal_id": key, "undone_at": at, "undone_by": by, "undo_reason": reason.strip()}
    if not Issue.objects.filter(pk=issue.pk, reversal=None).update(**changes):
        raise UndoneAlready(_("%(issue)s was undone before.") % {"issue": issue})
    for name, value in changes.items():
        setattr(issue, name, value)


def _require_source_open(lines: Sequence[IssueLine], *, by: User) -> None:
    warehouses = {line.warehouse for line in lines if line.warehouse is not None}
    guards.require_warehouses({warehouse.pk for warehouse in warehouses}, by=by)
    for warehouse in warehouses:
        if warehouse.status == WarehouseStatus.CLOSED:
            words = {"warehouse": warehouse}
            raise WarehouseNotOpen(_("%(warehouse)s is closed, so nothing can go back there.") % words)


def _give_back(requisition: Requisition, lines: Sequence[IssueLine], *, is_reserved_again: bool) -> None:
    grants = {grant.pk: grant for grant in grants_of(requisition)}
    for line in lines:
        grant = grants[line.grant_id]
        grant.issued -= line.quantity
        if is_reserved_again:
            grant.reserved += line.quantity
            grant.packed += line.quantity
        else:
            grant.cancelled += line.quantity
    save_grants(grants.values(), "issued", "reserved", "packed", "cancelled")
    if is_reserved_again:
        for warehouse in {line.warehouse for line in lines if line.warehouse is not None}:
            here = [line for line in lines if line.warehouse_id == warehouse.pk]
            picks = [Pick(line.grant, line.condition, line.lot, line.quantity) for line in here]
            allocate(picks, warehouse, is_packed=True)
    refresh_fulfilment(requisition, list(grants.values()))
