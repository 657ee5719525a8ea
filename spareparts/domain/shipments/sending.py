"""What a warehouse sends against requisitions: saved, approved, cancelled, tracked.

Without approval stock leaves when the shipment is saved (staging → transit); with it the reserved stock is tied to
the waiting shipment, so that nobody else takes it, and leaves when somebody approves.
"""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.transitions import transition
from inventory.domain import ledger
from inventory.enums import LocationKind, PostingReason
from spareparts import queries
from spareparts.domain.four_eyes import refuse_own
from spareparts.domain.modes import policy_lock
from spareparts.domain.requisitions.guards import manages
from spareparts.domain.routes import place, require_leg
from spareparts.domain.shipments.errors import (
    MoreThanReserved,
    NothingToShip,
    NotShippable,
    NotYourWarehouse,
    ReservationGone,
)
from spareparts.domain.shipments.grants import lock_requisitions, refresh_all, send_allocations
from spareparts.enums import (
    REQUISITION_TRANSITIONS,
    SHIPMENT_TRANSITIONS,
    SHIPPABLE,
    Flow,
    Permission,
    ShipmentStatus,
)
from spareparts.models import Allocation, Requisition, Shipment, ShipmentLine
from spareparts.policies import ModePolicy
from spareparts.queries.shipments import amount, shippable_allocations
from workorders.models import User

STAGING, TRANSIT = LocationKind.STAGING, LocationKind.TRANSIT


@dataclass(frozen=True, slots=True)
class Taken:
    """``quantity`` smallest steps of ``allocation`` go into a parcel."""

    allocation: Allocation
    quantity: int

    @property
    def requisition(self) -> Requisition:
        return self.allocation.grant.line.requisition


@dataclass(slots=True)
class Parcel:
    """One shipment of several that a selection is split into, and what goes into it."""

    shipment: Shipment
    taken: list[Taken]


def create_shipments(
    requisitions: Sequence[Requisition],
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    carrier: str = "",
    tracking_number: str = "",
    note: str = "",
    quantities: Mapping[int, int] | None = None,
) -> list[Shipment]:
    """Ship what is reserved for ``requisitions``: one shipment per receiving method and addressee.

    ``quantities``: key of an allocation → smallest steps of it to ship; None: all that is reserved. The postings have
    the keys uuid5(key, "0"), "1", …. With shipment approval the shipments wait and no stock moves.
    Refused: NotAllowed, NotYourWarehouse, ModeChanged, FlowNotInMode, NotShippable (each of them), NothingToShip,
    MoreThanReserved (every line), ReservationGone, StaleDocument.
    """
    details: dict[str, Any] = {}
    with policy_lock(policy.version), ExitStack() as claims:
        require_leg(policy, Flow.SUPPLY, STAGING, TRANSIT)
        for requisition in sorted(requisitions, key=lambda each: each.pk):
            row = REQUISITION_TRANSITIONS["ship"]
            claims.enter_context(transition(requisition, row, by=by, at=at, details=details))
        _require_shippable(requisitions, by=by)
        taken = _taken(requisitions, quantities)
        waits = queries.current_settings().shipment_approval
        facts = {"carrier": carrier, "tracking_number": tracking_number, "note": note}
        parcels = _parcels(taken, by=by, at=at, key=None if waits else key, **facts)
        details["shipments"] = [str(parcel.shipment) for parcel in parcels]
        for parcel in parcels:
            verb = "shipment.create" if waits else "shipment.send"
            audit.record(verb, by=by, at=at, subject=parcel.shipment, details={"lines": len(parcel.taken)})
        if waits:
            for parcel in parcels:
                _tie(parcel)
        else:
            _leave(parcels, requisitions, by=by, at=at)
    return [parcel.shipment for parcel in parcels]


def approve_shipment(shipment: Shipment, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy) -> None:
    """Let a waiting shipment go: its stock leaves now.

    Refused: NotAllowed, OwnDocument (who saved it, where somebody else may approve), NotYourWarehouse, ModeChanged,
    FlowNotInMode, IllegalTransition, StaleDocument.
    """
    refuse_own([shipment.created_by_id], by=by, permission=Permission.APPROVE_SHIPMENT)
    _require_warehouse(shipment.warehouse_id, by=by)
    row = SHIPMENT_TRANSITIONS["approve"]
    with policy_lock(policy.version):
        require_leg(policy, Flow.SUPPLY, STAGING, TRANSIT)
        requisitions = lock_requisitions(shipment)
        with transition(shipment, row, by=by, at=at, sent_at=at, approved_by=by, posting_id=key):
            tied = shipment.allocations.select_related("grant__line__requisition", "part__unit", "lot").order_by("pk")
            parcel = Parcel(shipment, [Taken(each, each.quantity) for each in tied])
            _leave([parcel], requisitions, by=by, at=at)


def cancel_shipment(shipment: Shipment, *, by: User, at: datetime, policy: ModePolicy, reason: str) -> None:
    """Give up a waiting shipment: what was tied to it lies reserved again, for the next one.

    Refused: NotAllowed, NotYourWarehouse, ReasonMissing, ModeChanged, IllegalTransition, StaleDocument.
    """
    _require_warehouse(shipment.warehouse_id, by=by)
    with policy_lock(policy.version):
        requisitions = lock_requisitions(shipment)
        with transition(shipment, SHIPMENT_TRANSITIONS["cancel"], by=by, at=at, reason=reason):
            for allocation in shipment.allocations.order_by("pk"):
                _untie(allocation)
            refresh_all(requisitions)


def track_shipment(
    shipment: Shipment, *, by: User, at: datetime, policy: ModePolicy, carrier: str, tracking_number: str
) -> None:
    """Change how the parcel can be tracked. Refused: NotAllowed, NotYourWarehouse, ModeChanged, IllegalTransition,
    StaleDocument."""
    _require_warehouse(shipment.warehouse_id, by=by)
    row = replace(SHIPMENT_TRANSITIONS["track"], target=shipment.status)
    changes = {"carrier": carrier.strip(), "tracking_number": tracking_number.strip()}
    with policy_lock(policy.version), transition(shipment, row, by=by, at=at, details=changes, **changes):
        return


# ---------------------------------------------------------------- what may be shipped
def _require_warehouse(warehouse_id: int | None, *, by: User) -> None:
    if not manages(warehouse_id, by=by):
        raise NotYourWarehouse


def _require_shippable(requisitions: Sequence[Requisition], *, by: User) -> None:
    """As they stand now, under their locks."""
    fresh = Requisition.objects.filter(pk__in=[each.pk for each in requisitions]).order_by("pk")
    for warehouse_id in {each.warehouse_id for each in fresh}:
        _require_warehouse(warehouse_id, by=by)
    sentence = _("%(requisition)s is “%(fulfilment)s”: nothing of it can be shipped.")
    problems = [
        sentence % {"requisition": each, "fulfilment": each.get_fulfilment_display()}
        for each in fresh
        if each.fulfilment not in SHIPPABLE
    ]
    if problems:
        raise NotShippable(messages=problems)


def _taken(requisitions: Sequence[Requisition], quantities: Mapping[int, int] | None) -> list[Taken]:
    allocations = list(shippable_allocations([each.pk for each in requisitions]))
    if quantities is None:
        _require_reserved(requisitions, allocations)
        return [Taken(each, each.quantity) for each in allocations]
    wanted = {key: steps for key, steps in quantities.items() if steps}
    if not wanted:
        raise NothingToShip(_("Say how many of at least one part you ship."))
    if wanted.keys() - {each.pk for each in allocations}:
        raise ReservationGone
    taken = [Taken(each, wanted[each.pk]) for each in allocations if each.pk in wanted]
    _require_enough(taken)
    return taken


def _require_reserved(requisitions: Sequence[Requisition], allocations: Sequence[Allocation]) -> None:
    having = {each.grant.line.requisition_id for each in allocations}
    empty = [each for each in requisitions if each.pk not in having]
    if empty or not requisitions:
        sentence = _("Nothing is reserved for %(requisition)s that could be shipped.")
        raise NothingToShip(
            messages=[sentence % {"requisition": each} for each in empty] or [_("Choose at least one request.")]
        )


def _require_enough(taken: Sequence[Taken]) -> None:
    sentence = _("%(requisition)s, %(part)s: %(reserved)s are reserved, not %(quantity)s.")
    problems = [
        sentence
        % {
            "requisition": each.requisition,
            "part": each.allocation.part.number,
            "reserved": amount(each.allocation.quantity, each.allocation.part),
            "quantity": amount(each.quantity, each.allocation.part),
        }
        for each in taken
        if not 0 < each.quantity <= each.allocation.quantity
    ]
    if problems:
        raise MoreThanReserved(messages=problems)


# ---------------------------------------------------------------- one parcel per method and addressee
def addressee_of(requisition: Requisition) -> dict[str, Any]:
    """What all requisitions of one shipment have in common. A warehouse gets the parts of several engineers at once."""
    return {
        "warehouse_id": requisition.warehouse_id,
        "receiving_method": requisition.receiving_method,
        "engineer_id": None if requisition.destination_id else requisition.engineer_id,
        "destination_id": requisition.destination_id,
        "site_id": requisition.site_id,
    }


def _parcels(taken: Sequence[Taken], *, by: User, at: datetime, key: uuid.UUID | None, **facts: str) -> list[Parcel]:
    """The shipments and their lines, written; with ``key`` they are sent, without they wait."""
    groups: dict[tuple[tuple[str, Any], ...], list[Taken]] = {}
    for each in taken:
        groups.setdefault(tuple(addressee_of(each.requisition).items()), []).append(each)
    words = {name: value.strip() for name, value in facts.items()}
    parcels = []
    for number, (addressee, members) in enumerate(groups.items()):
        shipment = Shipment(created_at=at, created_by=by, **dict(addressee), **words)
        if key is not None:
            shipment.status, shipment.sent_at = ShipmentStatus.SHIPPED, at
            shipment.posting_id = uuid.uuid5(key, str(number))
        shipment.save(force_insert=True)
        ShipmentLine.objects.bulk_create([_line(shipment, each) for each in members])
        parcels.append(Parcel(shipment, members))
    return parcels


def _line(shipment: Shipment, taken: Taken) -> ShipmentLine:
    source = taken.allocation
    stock = {"part_id": source.part_id, "condition": source.condition, "lot_id": source.lot_id}
    return ShipmentLine(shipment=shipment, grant_id=source.grant_id, quantity=taken.quantity, **stock)


# ---------------------------------------------------------------- the stock
def _tie(parcel: Parcel) -> None:
    """The reserved stock belongs to the waiting shipment, in rows of its own."""
    for each in parcel.taken:
        _split_off(each, shipment=parcel.shipment)


def _split_off(taken: Taken, *, shipment: Shipment | None) -> Allocation:
    """The part of the reserved row that goes into the parcel, as a row of its own. Packed ones go first."""
    row = taken.allocation
    packed = min(row.packed, taken.quantity)
    if taken.quantity == row.quantity:
        Allocation.objects.filter(pk=row.pk).update(shipment=shipment)
        return row
    Allocation.objects.filter(pk=row.pk).update(quantity=F("quantity") - taken.quantity, packed=F("packed") - packed)
    stock = {"part_id": row.part_id, "condition": row.condition, "lot_id": row.lot_id}
    return Allocation.objects.create(
        grant=row.grant,
        warehouse_id=row.warehouse_id,
        quantity=taken.quantity,
        packed=packed,
        shipment=shipment,
        **stock,
    )


def _untie(allocation: Allocation) -> None:
    """Back to what is reserved of the same stock, or free on its own."""
    same = {
        "grant": allocation.grant_id,
        "warehouse": allocation.warehouse_id,
        "condition": allocation.condition,
        "lot": allocation.lot_id,
        "shipment": None,
    }
    more = {"quantity": F("quantity") + allocation.quantity, "packed": F("packed") + allocation.packed}
    if Allocation.objects.filter(**same).update(**more):
        allocation.delete()
    else:
        Allocation.objects.filter(pk=allocation.pk).update(shipment=None)


def _leave(parcels: Sequence[Parcel], requisitions: Sequence[Requisition], *, by: User, at: datetime) -> None:
    """Staging → transit, one posting per shipment, all booked together: two people who split parcels cannot cross."""
    events = [_event(parcel) for parcel in parcels]
    for parcel in parcels:
        send_allocations([_split_off(each, shipment=parcel.shipment) for each in parcel.taken])
    refresh_all(requisitions)
    ledger.post_together(events, by=by, at=at)


def _event(parcel: Parcel) -> ledger.Event:
    shipment = parcel.shipment
    source = place(STAGING, warehouse=shipment.warehouse)
    target = place(TRANSIT, warehouse=shipment.warehouse)
    lines = [
        ledger.Line(row.part, each.quantity, source, target, row.condition, row.lot)
        for each in parcel.taken
        for row in [each.allocation]
    ]
    if shipment.posting_id is None:
        raise ValueError(f"{shipment} waits, so nothing of it leaves")
    return ledger.Event(PostingReason.SHIPMENT, shipment.reference, lines, shipment.posting_id)
