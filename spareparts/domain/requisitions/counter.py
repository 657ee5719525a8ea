"""At the counter: somebody stands there, so request, approval and issue are one submit."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.errors import NotAllowed
from inventory.enums import Condition, LocationKind, Tracking
from inventory.models import Balance, Part, Warehouse
from spareparts.domain.four_eyes import refuse_own
from spareparts.domain.modes import policy_lock
from spareparts.domain.requisitions import guards
from spareparts.domain.requisitions.asked import CounterPart
from spareparts.domain.requisitions.errors import LineProblem, NothingAsked, line_problem, refuse_bad
from spareparts.domain.requisitions.fulfilling import Pick, post_picks, refresh_fulfilment, write_issue_lines
from spareparts.domain.requisitions.writing import MOST_LINES, MOST_QUANTITY
from spareparts.domain.routes import place, require_leg
from spareparts.enums import Feature, Flow, Permission, RequisitionStatus
from spareparts.models import Grant, Issue, Requisition, RequisitionLine
from spareparts.policies import ModePolicy
from spareparts.queries.requisitions import free_stock
from workorders.models import User, WorkOrder


def issue_at_counter(
    *,
    engineer: User,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    warehouse: Warehouse | None,
    parts: Sequence[CounterPart],
    work_order: WorkOrder | None = None,
) -> Requisition:
    """Hand ``parts`` to ``engineer`` now: shelf→engineer, or supplier→engineer where no warehouse stock is kept.

    Writes the request, its approval and its issue. Nobody serves himself while a colleague could.
    Refused: NotAllowed, OwnDocument, NotYourWarehouse, NotAnEngineer, ModeChanged, WarehouseNotKept, NoWarehouse,
    WarehouseNotOpen, JobNotOpen, NotOnTheJob, NothingAsked, BadLines (every bad line), NotEnoughStock (all of them).
    """
    if not by.has_perm(Permission.WORK_AT_DESK):
        raise NotAllowed
    refuse_own([engineer.pk], by=by, permission=Permission.WORK_AT_DESK)
    guards.require_receiver(engineer)
    with policy_lock(policy.version):
        source = guards.source_of(warehouse, engineer=engineer, policy=policy)
        guards.require_warehouse(source.pk if source else None, by=by)
        guards.require_job(work_order, engineer=engineer)
        _check(parts, policy=policy)
        requisition = _written(engineer, source, work_order, policy, by=by, at=at)
        grants = _write_grants(requisition, parts)
        issue = Issue.objects.create(requisition=requisition, posting_id=key, created_at=at, created_by=by)
        picks = _picks(grants, parts, source)
        write_issue_lines(issue, picks, warehouse=source)
        refresh_fulfilment(requisition, list(grants.values()))
        details = {"engineer": str(engineer), "lines": len(parts), "issue": issue.reference}
        audit.record("requisition.counter", by=by, at=at, subject=requisition, details=details)
        _post(issue, picks, by=by, at=at, key=key, policy=policy)
    return requisition


def _written(
    engineer: User,
    source: Warehouse | None,
    work_order: WorkOrder | None,
    policy: ModePolicy,
    *,
    by: User,
    at: datetime,
) -> Requisition:
    """Asked for and decided in one moment."""
    return Requisition.objects.create(
        engineer=engineer,
        work_order=work_order,
        mode=policy.mode or "",
        status=RequisitionStatus.APPROVED,
        warehouse=source,
        is_at_counter=True,
        submitted_at=at,
        decided_at=at,
        decided_by=by,
        created_at=at,
        created_by=by,
    )


def _check(parts: Sequence[CounterPart], *, policy: ModePolicy) -> None:
    if not parts:
        raise NothingAsked
    problems = []
    for index, each in enumerate(parts):
        name, words = _problem_of(each, parts[:index], policy)
        if words:
            problems.append(line_problem(index, name, each.part, words))
    if len(parts) > MOST_LINES:
        problems.append(
            LineProblem(MOST_LINES, "part", _("A request holds at most %(most)s lines.") % {"most": MOST_LINES})
        )
    refuse_bad(problems)


def _problem_of(each: CounterPart, earlier: Sequence[CounterPart], policy: ModePolicy) -> tuple[str, str]:
    """The field to blame and the words; ("", "") when nothing is wrong."""
    if not each.part.is_listed:
        return "part", _("it is no longer listed, so it cannot be requested.")
    if not 0 < each.quantity <= MOST_QUANTITY:
        return "quantity", _("the quantity must be more than zero and not absurdly large.")
    if any(other.part.pk == each.part.pk and other.lot == each.lot for other in earlier):
        return "part", _("it stands on the list already. Add the quantities up.")
    return _lot_problem(each, policy)


def _lot_problem(each: CounterPart, policy: ModePolicy) -> tuple[str, str]:
    is_tracked = policy.has(Feature.LOTS_ENFORCED) and each.part.tracking != Tracking.NONE
    if is_tracked and each.lot is None:
        return "lot", _("scan or choose its batch or serial number.")
    if each.lot is not None and each.lot.part_id != each.part.pk:
        return "lot", _("%(lot)s is no batch or serial number of it.") % {"lot": each.lot.code}
    if each.lot is not None and each.lot.is_serial and each.quantity != 1:
        return "quantity", _("serial number %(lot)s is one piece.") % {"lot": each.lot.code}
    return "", ""


def _write_grants(requisition: Requisition, parts: Sequence[CounterPart]) -> dict[int, Grant]:
    """Part key → its grant: one line per part, whatever the number of its lots."""
    wanted: dict[Part, int] = defaultdict(int)
    for each in parts:
        wanted[each.part] += each.quantity
    lines = [RequisitionLine(requisition=requisition, part=part, quantity=steps) for part, steps in wanted.items()]
    RequisitionLine.objects.bulk_create(lines)
    grants = [Grant(line=line, part=line.part, granted=line.quantity) for line in lines]
    Grant.objects.bulk_create(grants)
    return {grant.part_id: grant for grant in grants}


def _picks(grants: dict[int, Grant], parts: Sequence[CounterPart], source: Warehouse | None) -> list[Pick]:
    """Which condition was handed over: new before repaired. What is not there stays in, for the ledger to name."""
    shelf: dict[tuple[int, int | None], list[Balance]] = defaultdict(list)
    if source is not None:
        for row in free_stock([each.part.pk for each in parts], warehouse=source):
            shelf[row.part_id, row.lot_id].append(row)
    picks = []
    for each in parts:
        grant, missing = grants[each.part.pk], each.quantity
        for row in shelf[each.part.pk, each.lot.pk if each.lot else None]:
            taken = min(missing, row.on_hand)
            if taken:
                picks.append(Pick(grant, row.condition, each.lot, taken))
                missing -= taken
        if missing:
            picks.append(Pick(grant, Condition.NEW, each.lot, missing))
    return _merged(picks)


def _merged(picks: Sequence[Pick]) -> list[Pick]:
    """One pick per grant, condition and lot: what is there and what is missing of it are asked for together."""
    found: dict[tuple[int, str, int | None], Pick] = {}
    for pick in picks:
        place_ = (pick.grant.pk, str(pick.condition), pick.lot.pk if pick.lot else None)
        earlier = found.get(place_)
        quantity = pick.quantity + (earlier.quantity if earlier else 0)
        found[place_] = Pick(pick.grant, pick.condition, pick.lot, quantity)
    return list(found.values())


def _post(issue: Issue, picks: Sequence[Pick], *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy) -> None:
    requisition = issue.requisition
    kind = LocationKind.SHELF if requisition.warehouse is not None else LocationKind.SUPPLIER
    leg = require_leg(policy, Flow.SUPPLY, kind, LocationKind.ENGINEER)
    source, target = (place(each, engineer=requisition.engineer, warehouse=requisition.warehouse) for each in leg)
    post_picks(picks, source, target, reference=issue.reference, by=by, at=at, key=key)
