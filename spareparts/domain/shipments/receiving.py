"""What arrived of a shipment, line by line: well, damaged, missing, or more than was sent.

Damaged and missing parts stay on the way with an open discrepancy until somebody settles it; what is over never draws
on other goods on the way. Whatever the receipt does not speak of stays on the way.
"""

import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.errors import NotAllowed
from config.shared.transitions import transition
from inventory.domain import ledger
from inventory.enums import LocationKind, PostingReason, Tracking
from inventory.models import Location
from spareparts.domain.modes import policy_lock
from spareparts.domain.routes import place
from spareparts.domain.shipments.discrepancies import open_discrepancy, owner_of
from spareparts.domain.shipments.errors import ArrivedTooMuch, NothingArrived, NotYourParcel
from spareparts.domain.shipments.grants import count_received, lock_requisitions, refresh_all
from spareparts.domain.shipments.targets import kind_of_target, target_of
from spareparts.enums import ON_THE_WAY, REQUISITION_TRANSITIONS, SHIPMENT_TRANSITIONS, DiscrepancyKind, Permission
from spareparts.models import Receipt, ReceiptLine, Requisition, Shipment, ShipmentLine
from spareparts.policies import ModePolicy
from spareparts.queries.shipments import amount, expected, lines_of_shipment, may_receive
from workorders.models import User

TRANSIT = LocationKind.TRANSIT
MOST_OVER = 1_000_000_000  # smallest steps; a typing error, not a parcel


@dataclass(frozen=True, slots=True)
class Arrived:
    """Of ``line``, in smallest steps: ``received`` well, ``damaged``, ``short`` (missing), ``over`` (not sent)."""

    line: ShipmentLine
    received: int
    damaged: int = 0
    short: int = 0
    over: int = 0

    @property
    def answered(self) -> int:
        """How much of what is on the way this speaks of."""
        return self.received + self.damaged + self.short

    @property
    def says_something(self) -> bool:
        return bool(self.answered or self.over)


def receive_shipment(
    shipment: Shipment, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, lines: Sequence[Arrived]
) -> Receipt:
    """Take in what arrived; each deviation opens a discrepancy that somebody at the sender owns.

    What arrived well goes to the engineer, onto a branch's shelf, or into the destination's staging for the engineer
    who collects it there. Partial receipts are possible.
    Refused: NotAllowed, NotYourParcel, ModeChanged, FlowNotInMode, NothingArrived, ArrivedTooMuch (every such line),
    IllegalTransition, StaleDocument.
    """
    if not by.has_perm(Permission.RECEIVE):
        raise NotAllowed
    if not may_receive(shipment, by):
        raise NotYourParcel
    with policy_lock(policy.version), ExitStack() as claims:
        requisitions = lock_requisitions(shipment)
        _lock(shipment, by=by, at=at)
        arrived, is_all = _checked(shipment, lines)
        row = SHIPMENT_TRANSITIONS["receive" if is_all else "receive_part"]
        claims.enter_context(transition(shipment, row, by=by, at=at))
        _claim(requisitions, arrived, claims, by=by, at=at)
        receipt = _write(shipment, arrived, by=by, at=at, key=key)
        _open_discrepancies(shipment, arrived, by=by, at=at)
        refresh_all(requisitions)
        _post(receipt, shipment, arrived, policy=policy)
    return receipt


def _lock(shipment: Shipment, *, by: User, at: datetime) -> None:
    """Hold off other receipts and settlements while the lines are read. Refused like the claim that follows, but
    before the lines are judged: who was too late is told so, not that his numbers are wrong."""
    version, status = Shipment.objects.select_for_update().values_list("version", "status").get(pk=shipment.pk)
    if version != shipment.version or status not in ON_THE_WAY:
        with transition(shipment, SHIPMENT_TRANSITIONS["receive_part"], by=by, at=at):
            raise NothingArrived  # never reached: the claim refuses


def _claim(
    requisitions: Sequence[Requisition], arrived: Sequence[Arrived], claims: ExitStack, *, by: User, at: datetime
) -> None:
    """The requests of which something arrived tell it in their history."""
    touched = {each.line.grant.line.requisition_id for each in arrived if each.received}
    for requisition in requisitions:
        if requisition.pk in touched:
            claims.enter_context(transition(requisition, REQUISITION_TRANSITIONS["receive"], by=by, at=at))


# ---------------------------------------------------------------- what is said
def _checked(shipment: Shipment, lines: Sequence[Arrived]) -> tuple[list[Arrived], bool]:
    """What was said, on the lines as they stand now; and whether nothing more can arrive after it."""
    now = {line.pk: line for line in lines_of_shipment(shipment)}
    if any(each.line.pk not in now for each in lines) or len({each.line.pk for each in lines}) < len(lines):
        raise NotYourParcel
    arrived = [
        Arrived(now[each.line.pk], each.received, each.damaged, each.short, each.over)
        for each in sorted(lines, key=lambda each: each.line.pk)
        if each.says_something
    ]
    if not arrived:
        raise NothingArrived
    if problems := [problem for each in arrived if (problem := _problem_of(each))]:
        raise ArrivedTooMuch(messages=problems)
    left = sum(expected(line) for line in now.values()) - sum(each.answered for each in arrived)
    return arrived, left == 0


def _problem_of(each: Arrived) -> str | None:
    words = {"part": each.line.part.number, "left": amount(expected(each.line), each.line.part)}
    if min(each.received, each.damaged, each.short, each.over) < 0 or each.over > MOST_OVER:
        return _("%(part)s: the quantities cannot be negative or absurdly large.") % words
    if each.answered > expected(each.line):
        return (
            _("%(part)s: only %(left)s can still arrive. Enter what came beyond that as “more than was sent”.") % words
        )
    return None


# ---------------------------------------------------------------- what is written
def _write(shipment: Shipment, arrived: Sequence[Arrived], *, by: User, at: datetime, key: uuid.UUID) -> Receipt:
    moves = any(each.received for each in arrived)
    receipt = Receipt(shipment=shipment, created_at=at, created_by=by, posting_id=key if moves else None)
    receipt.save(force_insert=True)
    ReceiptLine.objects.bulk_create(
        ReceiptLine(
            receipt=receipt,
            shipment_line=each.line,
            received=each.received,
            damaged=each.damaged,
            short=each.short,
            over=each.over,
        )
        for each in arrived
    )
    well = [(each.line, each.received) for each in arrived if each.received]
    count_received(well, shipment)
    details = {"lines": len(arrived), "shipment": str(shipment)}
    audit.record("receipt.record", by=by, at=at, subject=receipt, details=details)
    return receipt


def _open_discrepancies(shipment: Shipment, arrived: Sequence[Arrived], *, by: User, at: datetime) -> None:
    owner = owner_of(shipment, by=by) if any(each.damaged or each.short or each.over for each in arrived) else None
    for each in arrived:
        for kind, steps in _deviations(each):
            # Which serial number a surplus piece has, nobody sent; it is identified later.
            is_other = kind == DiscrepancyKind.OVER and each.line.part.tracking == Tracking.SERIAL
            open_discrepancy(
                kind=kind,
                quantity=steps,
                part=each.line.part,
                condition=each.line.condition,
                lot=None if is_other else each.line.lot,
                by=by,
                at=at,
                owner=owner,
                shipment_line=each.line,
            )


def _deviations(each: Arrived) -> list[tuple[DiscrepancyKind, int]]:
    all_kinds = [
        (DiscrepancyKind.DAMAGED, each.damaged),
        (DiscrepancyKind.SHORT, each.short),
        (DiscrepancyKind.OVER, each.over),
    ]
    return [(kind, steps) for kind, steps in all_kinds if steps]


# ---------------------------------------------------------------- the stock
def _post(receipt: Receipt, shipment: Shipment, arrived: Sequence[Arrived], *, policy: ModePolicy) -> None:
    """Transit → where each line was going, in one posting; none when nothing arrived well."""
    if receipt.posting_id is None:
        return
    source = place(TRANSIT, warehouse=shipment.warehouse)
    targets: dict[tuple[LocationKind, int], Location] = {}
    lines = []
    for each in arrived:
        if not each.received:
            continue
        line = each.line
        who = (kind_of_target(line, shipment), line.grant.line.requisition.engineer_id)
        if who not in targets:
            targets[who] = target_of(line, shipment, policy=policy)
        lines.append(ledger.Line(line.part, each.received, source, targets[who], line.condition, line.lot))
    ledger.post(
        reason=PostingReason.RECEIPT,
        reference=receipt.reference,
        lines=lines,
        by=receipt.created_by,
        at=receipt.created_at,
        key=receipt.posting_id,
    )
