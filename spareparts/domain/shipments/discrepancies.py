"""What did not fit between what was sent and what arrived: opened with an owner, settled with a reason.

Missing, damaged and wrong parts are still on the way until then. *Back*: they lie at the sender again. *Lost*: they are
written off. *Booked*: they have arrived after all. What is *over* was never on the way: it is booked where it was
found, or it goes back and no stock moves.
"""

import uuid
from datetime import datetime

from django.db.models import F

from config.shared import audit
from config.shared.errors import NotAllowed
from config.shared.transitions import transition
from inventory.domain import ledger
from inventory.enums import Condition, LocationKind, PostingReason
from inventory.models import Location, Lot, Part
from spareparts.domain import debts
from spareparts.domain.four_eyes import others_with, refuse_own
from spareparts.domain.modes import policy_lock
from spareparts.domain.routes import place, require_leg
from spareparts.domain.shipments.errors import OutcomeNotPossible
from spareparts.domain.shipments.grants import count_received, count_settled, lock_requisitions, refresh_all
from spareparts.domain.shipments.targets import target_of
from spareparts.enums import DISCREPANCY_TRANSITIONS, DebtStatus, DiscrepancyOutcome, Flow, Permission
from spareparts.models import Discrepancy, Receipt, Requisition, Return, ReturnLine, Shipment, ShipmentLine
from spareparts.policies import ModePolicy
from spareparts.queries.shipments import IN_TRANSIT
from workorders.models import User

SHELF, TRANSIT = LocationKind.SHELF, LocationKind.TRANSIT
ENGINEER, ADJUSTMENT = LocationKind.ENGINEER, LocationKind.ADJUSTMENT
BACK, LOST, BOOKED = DiscrepancyOutcome.BACK, DiscrepancyOutcome.LOST, DiscrepancyOutcome.BOOKED


def open_discrepancy(
    *,
    kind: str,
    quantity: int,
    part: Part,
    condition: str,
    lot: Lot | None,
    by: User,
    at: datetime,
    owner: User | None,
    shipment_line: ShipmentLine | None = None,
    return_line: ReturnLine | None = None,
    note: str = "",
) -> Discrepancy:
    """Write down that ``quantity`` smallest steps did not fit; moves nothing. Within the transaction of its cause."""
    row = Discrepancy.objects.create(
        kind=kind,
        quantity=quantity,
        part=part,
        condition=condition,
        lot=lot,
        owner=owner,
        shipment_line=shipment_line,
        return_line=return_line,
        note=note.strip(),
        created_at=at,
        created_by=by,
    )
    details = {"kind": str(kind), "quantity": quantity, "part": part.number, "owner": str(owner or "")}
    audit.record("discrepancy.open", by=by, at=at, subject=row, details=details)
    return row


def owner_of(shipment: Shipment, *, by: User) -> User | None:
    """A manager of the sending warehouse: first one who had no hand in it and may settle, else one who had."""
    managers = shipment.warehouse.managers.filter(is_active=True).order_by("pk")
    involved = {each for each in (shipment.created_by_id, shipment.approved_by_id, by.pk) if each}
    return (
        managers.exclude(pk__in=involved).first()
        or managers.first()
        or others_with(Permission.SETTLE_DISCREPANCY, by=by).first()
    )


def outcomes_of(discrepancy: Discrepancy) -> list[DiscrepancyOutcome]:
    """How it can be settled: what was never on the way cannot be lost."""
    return [BACK, LOST, BOOKED] if discrepancy.kind in IN_TRANSIT else [BACK, BOOKED]


def settle_discrepancy(
    discrepancy: Discrepancy, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, outcome: str, reason: str
) -> None:
    """Say what became of it; the stock follows.

    Refused: NotAllowed, OwnDocument (who sent or received it, where somebody else may settle), ReasonMissing,
    OutcomeNotPossible, ModeChanged, FlowNotInMode, IllegalTransition, StaleDocument.
    """
    if outcome not in outcomes_of(discrepancy):
        raise OutcomeNotPossible
    refuse_own(_people_of(discrepancy), by=by, permission=Permission.SETTLE_DISCREPANCY)
    if not Discrepancy.objects.visible_to(by).filter(pk=discrepancy.pk).exists():
        raise NotAllowed
    facts = {"outcome": outcome, "settled_at": at, "settled_by": by, "settle_reason": reason.strip()}
    moves = _moves_stock(discrepancy, outcome)
    row = DISCREPANCY_TRANSITIONS["settle"]
    with policy_lock(policy.version):
        requisitions = _lock_source(discrepancy)
        details = {"outcome": outcome, "quantity": discrepancy.quantity, "part": discrepancy.part.number}
        facts["posting_id"] = key if moves else None
        with transition(discrepancy, row, by=by, at=at, reason=reason, details=details, **facts):
            if discrepancy.kind in IN_TRANSIT:
                _count(discrepancy, outcome)
                _tell_debt(discrepancy, outcome)
            refresh_all(requisitions)
            if moves:
                _post(discrepancy, outcome, policy=policy, at=at, by=by, key=key)


def _moves_stock(discrepancy: Discrepancy, outcome: str) -> bool:
    """What is over and goes back never was in the books; nor was what was never handed over to a warehouse."""
    back = discrepancy.return_line
    if back is not None and (back.document.warehouse is None or back.document.posting_id is None):
        return False
    return discrepancy.kind in IN_TRANSIT or outcome == BOOKED


def _people_of(discrepancy: Discrepancy) -> set[int | None]:
    """Who sent it, who received it: none of them settles it."""
    people: set[int | None] = {discrepancy.created_by_id}
    if discrepancy.shipment_line is not None:
        shipment = discrepancy.shipment_line.shipment
        people |= {shipment.created_by_id, shipment.approved_by_id, shipment.engineer_id}
        people |= set(Receipt.objects.filter(shipment=shipment).values_list("created_by_id", flat=True))
    if discrepancy.return_line is not None:
        document = discrepancy.return_line.document
        people |= {document.engineer_id, document.created_by_id, document.checked_in_by_id}
    return people


def _lock_source(discrepancy: Discrepancy) -> list[Requisition]:
    """Requisitions, then the shipment or the return: a receipt and a settlement of one line do not meet."""
    line, back = discrepancy.shipment_line, discrepancy.return_line
    if back is not None:
        list(Return.objects.filter(pk=back.document_id).select_for_update().values_list("pk"))
    if line is None:
        return []
    requisitions = lock_requisitions(line.shipment)
    list(Shipment.objects.filter(pk=line.shipment_id).select_for_update().values_list("pk"))
    return [each for each in requisitions if each.pk == line.grant.line.requisition_id]


# ---------------------------------------------------------------- what follows
def _count(discrepancy: Discrepancy, outcome: str) -> None:
    """The line ends; what does not arrive is a back-order of its request again."""
    line, back = discrepancy.shipment_line, discrepancy.return_line
    if line is not None and outcome == BOOKED:
        count_received([(line, discrepancy.quantity)], line.shipment)
    elif line is not None:
        count_settled(line, discrepancy.quantity)
    elif back is not None:
        ReturnLine.objects.filter(pk=back.pk).update(settled=F("settled") + discrepancy.quantity)


def _tell_debt(discrepancy: Discrepancy, outcome: str) -> None:
    """An old part that came after all is owed no longer, one that went back is owed as before; a lost one stays a debt
    until somebody waives it."""
    debt = discrepancy.return_line.debt if discrepancy.return_line is not None else None
    if debt is None or debt.status != DebtStatus.RETURNED:
        return
    if outcome == BOOKED:
        debts.close([debt])
    elif outcome == BACK:
        debts.reopen([debt])


def _post(
    discrepancy: Discrepancy, outcome: str, *, policy: ModePolicy, by: User, at: datetime, key: uuid.UUID
) -> None:
    back = discrepancy.return_line
    if back is not None:
        source, target = _places_of_return(back, discrepancy, outcome, policy=policy)
    else:
        source, target = _places_of_shipment(discrepancy, outcome, policy=policy)
    line = ledger.Line(
        discrepancy.part,
        discrepancy.quantity,
        source,
        target,
        discrepancy.condition,
        discrepancy.lot,
        # What goes back to the engineer is as old in his hands as it was.
        held_since=back.held_since if back is not None and outcome == BACK else None,
    )
    usual = PostingReason.RECEIPT if back is None else PostingReason.RETURN
    reason = PostingReason.LOSS if outcome == LOST else usual
    ledger.post(reason=reason, reference=discrepancy.reference, lines=[line], by=by, at=at, key=key)


def _places_of_shipment(discrepancy: Discrepancy, outcome: str, *, policy: ModePolicy) -> tuple[Location, Location]:
    """From where to where. Nobody sent what is over, so it comes from adjustment. Refused: FlowNotInMode."""
    line = discrepancy.shipment_line
    if line is None:
        raise ValueError(f"{discrepancy} is of no shipment")
    shipment = line.shipment
    if discrepancy.kind not in IN_TRANSIT:
        kind = ENGINEER if shipment.destination_id is None else SHELF
        require_leg(policy, Flow.FOUND, ADJUSTMENT, kind)
        engineer = line.grant.line.requisition.engineer
        return place(ADJUSTMENT), place(kind, engineer=engineer, warehouse=shipment.destination)
    source = place(TRANSIT, warehouse=shipment.warehouse)
    if outcome == LOST:
        require_leg(policy, Flow.LOSS, TRANSIT, ADJUSTMENT)
        return source, place(ADJUSTMENT)
    if outcome == BOOKED:
        return source, target_of(line, shipment, policy=policy)
    require_leg(policy, Flow.SUPPLY, TRANSIT, SHELF)
    return source, place(SHELF, warehouse=shipment.warehouse)


def _places_of_return(
    line: ReturnLine, discrepancy: Discrepancy, outcome: str, *, policy: ModePolicy
) -> tuple[Location, Location]:
    """The sender of a return is its engineer. Refused: FlowNotInMode."""
    document = line.document
    shelf = place(SHELF, warehouse=document.warehouse)
    if discrepancy.kind not in IN_TRANSIT:
        require_leg(policy, Flow.FOUND, ADJUSTMENT, SHELF)
        return place(ADJUSTMENT), shelf
    source = place(TRANSIT, warehouse=document.warehouse)
    if outcome == LOST:
        require_leg(policy, Flow.LOSS, TRANSIT, ADJUSTMENT)
        return source, place(ADJUSTMENT)
    kind = SHELF if outcome == BOOKED else ENGINEER
    flow = Flow.OLD_PART_BACK if line.condition == Condition.OLD else Flow.UNUSED_BACK
    require_leg(policy, flow, TRANSIT, kind)
    return source, shelf if outcome == BOOKED else place(ENGINEER, engineer=document.engineer)
