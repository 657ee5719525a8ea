"""What approval sets moving: parts come from the supplier, or are reserved on the shelf, or are handed out at once.

A part is reserved when it lies in the staging place of its warehouse with an Allocation that says for which grant.
Both change in one transaction, always.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from inventory.domain import ledger
from inventory.enums import Condition, LocationKind, PostingReason, Tracking
from inventory.models import Location, Lot, Warehouse
from spareparts.domain.requisitions.asked import GrantedPart
from spareparts.domain.routes import place, require_leg
from spareparts.enums import Feature, Flow, Fulfilment, ReceivingMethod, RequisitionStatus
from spareparts.models import Allocation, Grant, Issue, IssueLine, Requisition, RequisitionLine, WarehouseTerms
from spareparts.policies import ModePolicy
from spareparts.queries.requisitions import free_stock, is_collected
from workorders.models import User

ATTEMPTS = 12  # each one fails only because somebody else took something; then we take what is left

Place = tuple[int, int, str, int | None]  # grant, warehouse, condition, lot


@dataclass(frozen=True, slots=True)
class Pick:
    """``quantity`` smallest steps of the grant's part, in this condition and of this lot, are taken for it."""

    grant: Grant
    condition: str
    lot: Lot | None
    quantity: int


def as_asked(lines: Sequence[RequisitionLine]) -> list[GrantedPart]:
    """Everything as it was asked for."""
    return [GrantedPart(line, line.part, line.quantity) for line in lines]


def supply(
    requisition: Requisition,
    granted: Sequence[GrantedPart],
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
) -> None:
    """Write the grants of a requisition just approved and move what can be moved now, in at most one posting.

    Without warehouses the parts come from the supplier to the engineer. From a warehouse they are reserved, as far as
    they are there, or handed out where approving already means that. What is short stays open.
    """
    grants = [Grant(line=each.line, part=each.part, granted=each.quantity, reason=each.reason) for each in granted]
    Grant.objects.bulk_create(grants)
    warehouse = requisition.warehouse
    if warehouse is None:
        _come_from_supplier(requisition, grants, by=by, at=at, key=key, policy=policy)
    elif _is_handed_out_at_once(requisition):
        _come_off_the_shelf(requisition, warehouse, grants, by=by, at=at, key=key, policy=policy)
    else:
        reserve(requisition, warehouse, grants, by=by, at=at, key=key, policy=policy)
    refresh_fulfilment(requisition, grants)


# ---------------------------------------------------------------- handed out at once
def _come_from_supplier(
    requisition: Requisition, grants: Sequence[Grant], *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy
) -> None:
    """The company's station gives the parts out; no stock of its own is booked."""
    leg = require_leg(policy, Flow.SUPPLY, LocationKind.SUPPLIER, LocationKind.ENGINEER)
    source, target = (place(kind, engineer=requisition.engineer) for kind in leg)
    picks = [Pick(grant, Condition.NEW, None, grant.granted) for grant in grants if grant.granted]
    issue = Issue.objects.create(requisition=requisition, posting_id=key, created_at=at, created_by=by)
    write_issue_lines(issue, picks, warehouse=None)
    post_picks(picks, source, target, reference=issue.reference, by=by, at=at, key=key)


def _is_handed_out_at_once(requisition: Requisition) -> bool:
    """A self-service store: who may take has taken. Shipped parts are packed first in any case."""
    if requisition.receiving_method != ReceivingMethod.PICK_UP:
        return False
    return WarehouseTerms.objects.filter(warehouse=requisition.warehouse_id, issues_on_approval=True).exists()


def _come_off_the_shelf(
    requisition: Requisition,
    warehouse: Warehouse,
    grants: Sequence[Grant],
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
) -> None:
    leg = require_leg(policy, Flow.SUPPLY, LocationKind.SHELF, LocationKind.ENGINEER)
    source, target = (place(kind, engineer=requisition.engineer, warehouse=warehouse) for kind in leg)
    issue = Issue.objects.create(requisition=requisition, posting_id=key, created_at=at, created_by=by)

    def post(picks: Sequence[Pick]) -> None:
        post_picks(picks, source, target, reference=issue.reference, by=by, at=at, key=key)

    picks = take_what_is_there(grants, warehouse, post)
    if not picks:
        issue.delete()  # nothing lies there, so nothing was handed out; all of it stays open
        return
    write_issue_lines(issue, picks, warehouse=warehouse)


def write_issue_lines(issue: Issue, picks: Sequence[Pick], *, warehouse: Warehouse | None) -> None:
    """The lines of an issue that never lay in staging, and the grants that count them."""
    IssueLine.objects.bulk_create(
        [
            IssueLine(
                issue=issue,
                grant=pick.grant,
                part_id=pick.grant.part_id,
                condition=pick.condition,
                lot=pick.lot,
                warehouse=warehouse,
                quantity=pick.quantity,
            )
            for pick in picks
        ]
    )
    for pick in picks:
        pick.grant.issued += pick.quantity
    save_grants([pick.grant for pick in picks], "issued")


# ---------------------------------------------------------------- reserving
def reserve(
    requisition: Requisition,
    warehouse: Warehouse,
    grants: Sequence[Grant],
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
) -> list[Pick]:
    """Take what is open and lies free from the shelf to staging; the lots that expire first go first.

    Of many who want the last pieces, as many get one as there are; what is short stays open, which is no refusal.
    """
    leg = require_leg(policy, Flow.SUPPLY, LocationKind.SHELF, LocationKind.STAGING)
    source, target = (place(kind, warehouse=warehouse) for kind in leg)

    def post(picks: Sequence[Pick]) -> None:
        post_picks(picks, source, target, reference=requisition.reference, by=by, at=at, key=key)

    picks = take_what_is_there(grants, warehouse, post)
    for pick in picks:
        pick.grant.reserved += pick.quantity
    save_grants([pick.grant for pick in picks], "reserved")
    allocate(picks, warehouse)
    return picks


def take_what_is_there(
    grants: Sequence[Grant], warehouse: Warehouse, post: Callable[[Sequence[Pick]], None]
) -> list[Pick]:
    """Post what the shelf can give towards the open quantities; empty when it can give nothing.

    The shelf is read without a lock, so that postings alone decide the order of locks: when somebody else was quicker
    the ledger refuses, and we look again at what is left.
    """
    for _attempt in range(ATTEMPTS):
        picks = propose(grants, warehouse)
        if not picks:
            break
        try:
            post(picks)
        except ledger.NotEnoughStock:
            continue
        return picks
    return []


def propose(grants: Iterable[Grant], warehouse: Warehouse) -> list[Pick]:
    """What lies free for the open quantities, by lot, what expires first first. One statement."""
    wanting = [grant for grant in grants if grant.open_quantity > 0]
    stock = defaultdict(list)
    for row in free_stock({grant.part_id for grant in wanting}, warehouse=warehouse):
        stock[row.part_id].append(row)
    picks = []
    for grant in wanting:
        missing = grant.open_quantity
        for row in stock[grant.part_id]:
            taken = min(missing, row.on_hand)
            if taken:
                picks.append(Pick(grant, row.condition, row.lot, taken))
                row.on_hand -= taken  # what this grant takes the next one cannot have; never saved
                missing -= taken
    return picks


def allocate(picks: Sequence[Pick], warehouse: Warehouse, *, is_packed: bool = False) -> None:
    """Say for whom lies what comes to staging. Three statements at most, whatever the number of lines."""
    if not picks:
        return
    rows = {
        place_of(row): row
        for row in Allocation.objects.filter(
            grant__in=[pick.grant.pk for pick in picks], warehouse=warehouse, shipment=None
        )
    }
    known = set(rows)
    for pick in picks:
        row = _allocation(pick, warehouse)
        row = rows.setdefault(place_of(row), row)
        row.quantity += pick.quantity
        row.packed += pick.quantity if is_packed else 0
    Allocation.objects.bulk_update([rows[each] for each in known], ["quantity", "packed"])
    Allocation.objects.bulk_create([row for each, row in rows.items() if each not in known])


def _allocation(pick: Pick, warehouse: Warehouse) -> Allocation:
    """An empty one in the pick's place."""
    return Allocation(
        grant=pick.grant,
        part_id=pick.grant.part_id,
        condition=pick.condition,
        lot=pick.lot,
        warehouse=warehouse,
        quantity=0,
    )


def place_of(row: Allocation) -> Place:
    return (row.grant_id, row.warehouse_id, str(row.condition), row.lot_id)


# ---------------------------------------------------------------- helpers of the verbs
def post_picks(
    picks: Sequence[Pick],
    source: Location,
    target: Location,
    *,
    reference: str,
    by: User,
    at: datetime,
    key: uuid.UUID,
) -> None:
    ledger.post(
        reason=PostingReason.REQUISITION,
        reference=reference,
        lines=[ledger.Line(pick.grant.part, pick.quantity, source, target, pick.condition, pick.lot) for pick in picks],
        by=by,
        at=at,
        key=key,
    )


def save_grants(grants: Iterable[Grant], *fields: str) -> None:
    """One statement, whatever the number of lines; the requisition's claim keeps everybody else away from them."""
    changed = list({grant.pk: grant for grant in grants}.values())
    if changed:
        Grant.objects.bulk_update(changed, fields)


def grants_of(requisition: Requisition) -> list[Grant]:
    """All grants, as they are now, with their parts."""
    rows = Grant.objects.filter(line__requisition=requisition)
    return list(rows.select_related("part__unit", "line").order_by("pk"))


def needs_lot(row: Allocation | Pick, policy: ModePolicy) -> bool:
    """Is it a tracked part without its lot, where lots are enforced?"""
    part = row.part if isinstance(row, Allocation) else row.grant.part
    return policy.has(Feature.LOTS_ENFORCED) and part.tracking != Tracking.NONE and row.lot is None


# ---------------------------------------------------------------- what has moved
def refresh_fulfilment(requisition: Requisition, grants: Sequence[Grant] | None = None) -> None:
    """Compute from the grants how far the requisition is, and write it when it changed.

    ``grants`` are all of them, when the caller has them. Whoever calls it has claimed the requisition.
    """
    if grants is None:
        grants = list(Grant.objects.filter(line__requisition=requisition))
    fulfilment = fulfilment_of(requisition, grants)
    if fulfilment != requisition.fulfilment:
        Requisition.objects.filter(pk=requisition.pk).update(fulfilment=fulfilment)
        requisition.fulfilment = fulfilment


def fulfilment_of(requisition: Requisition, grants: Sequence[Grant]) -> Fulfilment:
    """What has moved, in the original's words. What is cancelled no longer counts; all cancelled is cancelled."""
    if requisition.status != RequisitionStatus.APPROVED:
        return Fulfilment.NONE
    wanted = [grant for grant in grants if grant.granted > grant.cancelled]
    if not wanted:
        return Fulfilment.CANCELLED
    if requisition.receiving_method == ReceivingMethod.PICK_UP:
        return _picked_up(wanted)
    if is_collected(requisition):
        return _collected(wanted, _lying_at_destination(requisition))
    return _shipped([Way(_wanted(grant), grant.shipped, grant.received) for grant in wanted])


@dataclass(frozen=True, slots=True)
class Way:
    """How far a grant has come when it is shipped, in smallest steps: ``arrived`` of ``sent`` of ``wanted``."""

    wanted: int
    sent: int
    arrived: int


def _wanted(grant: Grant) -> int:
    return grant.granted - grant.cancelled


def _picked_up(wanted: Sequence[Grant]) -> Fulfilment:
    if all(grant.issued == _wanted(grant) for grant in wanted):
        return Fulfilment.CONFIRMED
    if any(grant.issued for grant in wanted):
        return Fulfilment.PARTIALLY_ISSUED
    return Fulfilment.PENDING_PICK_UP


def _lying_at_destination(requisition: Requisition) -> dict[int, int]:
    """Grant key → smallest steps that lie packed where the engineer collects them."""
    rows = Allocation.objects.filter(grant__line__requisition=requisition, warehouse=requisition.destination_id)
    return dict(rows.values_list("grant").annotate(Sum("quantity")).order_by())


def _collected(wanted: Sequence[Grant], lying: Mapping[int, int]) -> Fulfilment:
    """Shipped to a warehouse, collected there: until all of it has arrived a parcel, then a pick-up."""
    here = {grant.pk: lying.get(grant.pk, 0) + grant.issued for grant in wanted}
    ways = [Way(_wanted(grant), grant.shipped + here[grant.pk], here[grant.pk]) for grant in wanted]
    fulfilment = _shipped(ways)
    return _picked_up(wanted) if fulfilment == Fulfilment.RECEIVED else fulfilment


def _shipped(ways: Sequence[Way]) -> Fulfilment:
    """Something received and something not, be it unshipped or on the way, is partially received: still shippable."""
    if all(way.arrived == way.wanted for way in ways):
        return Fulfilment.RECEIVED
    if any(way.arrived for way in ways):
        return Fulfilment.PARTIALLY_RECEIVED
    if all(way.sent == way.wanted for way in ways):
        return Fulfilment.SHIPPED
    if any(way.sent for way in ways):
        return Fulfilment.PARTIALLY_SHIPPED
    return Fulfilment.PENDING_SHIPMENT
