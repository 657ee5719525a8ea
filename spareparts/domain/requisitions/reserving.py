"""Between approval and handing over: back-orders, other lots, packing, and giving up what is not needed any more."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from config.shared.errors import NotAllowed
from config.shared.templatetags.shared import format_quantity
from config.shared.transitions import transition
from inventory.domain import ledger
from inventory.enums import LocationKind, PostingReason
from inventory.models import Balance, Lot, Part, Warehouse
from spareparts.domain.modes import policy_lock
from spareparts.domain.requisitions import guards
from spareparts.domain.requisitions.asked import PackedLine
from spareparts.domain.requisitions.errors import (
    LotNotThere,
    NothingToCancel,
    NothingToPack,
    NothingToReserve,
    line_problem,
    refuse_bad,
)
from spareparts.domain.requisitions.fulfilling import (
    Pick,
    allocate,
    grants_of,
    refresh_fulfilment,
    reserve,
    save_grants,
)
from spareparts.domain.routes import place, require_leg
from spareparts.enums import REQUISITION_TRANSITIONS, Flow, Permission
from spareparts.models import Allocation, Grant, Requisition
from spareparts.policies import ModePolicy
from spareparts.queries.requisitions import BackOrder, allocations_of, back_orders, free_stock
from workorders.models import User


# ---------------------------------------------------------------- back-orders
def reserve_open(requisition: Requisition, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy) -> list[Pick]:
    """Reserve what is open and has come in since, as far as it is there: shelf→staging in one posting.

    Refused: NotAllowed, NotYourWarehouse, ModeChanged, NothingToReserve, IllegalTransition, StaleDocument.
    """
    guards.require_warehouse(requisition.warehouse_id, by=by)
    row = REQUISITION_TRANSITIONS["reserve"]
    with policy_lock(policy.version), transition(requisition, row, by=by, at=at):
        grants, warehouse = grants_of(requisition), requisition.warehouse
        if warehouse is None or not any(grant.open_quantity for grant in grants):
            raise NothingToReserve(_("Nothing is open any more: all of it is reserved or on its way."))
        picks = reserve(requisition, warehouse, grants, by=by, at=at, key=key, policy=policy)
        if not picks:
            sentence = _("Nothing of what is missing lies free in %(warehouse)s now.")
            raise NothingToReserve(sentence % {"warehouse": warehouse})
        refresh_fulfilment(requisition, grants)
    return picks


def stock_arrived(warehouse: Warehouse, parts: Iterable[Part]) -> list[BackOrder]:
    """The back-orders that what has just come in can serve, the oldest request first; free stock is offered once.

    Goods receipts, returns and transfers ask this when they have put something on the shelf. It offers and reserves
    nothing: who works at the desk decides, by ``reserve_open``.
    """
    keys = {part.pk for part in parts}
    return [each for each in back_orders(warehouse, parts=keys) if each.can_be_reserved]


# ---------------------------------------------------------------- another lot
def swap_lot(
    allocation: Allocation,
    *,
    lot: Lot,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    quantity: int | None = None,
) -> None:
    """Take ``lot`` instead of the reserved one, back and forth in one posting; what is swapped is packed anew.

    ``quantity`` smallest steps of it, or as many as are reserved and lie free. Refused: NotAllowed, NotYourWarehouse,
    ModeChanged, LotNotThere, NotEnoughStock (somebody was quicker), IllegalTransition, StaleDocument.
    """
    requisition = allocation.grant.line.requisition
    guards.require_warehouse(allocation.warehouse_id, by=by)
    details = {"part": allocation.part.number, "from": str(allocation.lot or "–"), "to": lot.code}
    row = REQUISITION_TRANSITIONS["swap_lot"]
    with policy_lock(policy.version), transition(requisition, row, by=by, at=at, details=details):
        reserved = _still_reserved(allocation)
        free = _free_of_lot(reserved, lot)
        swapped = min(reserved.quantity, free.on_hand) if quantity is None else quantity
        if not 0 < swapped <= reserved.quantity:
            raise LotNotThere(_("Swap at most what is reserved."), field="quantity")
        _post_swap(requisition, reserved, free, swapped, by=by, at=at, key=key, policy=policy)
        _replace(reserved, free, swapped)


def _still_reserved(allocation: Allocation) -> Allocation:
    rows = Allocation.objects.select_related("grant__line__requisition", "part__unit", "lot", "warehouse")
    found = rows.filter(pk=allocation.pk).first()
    if found is None:
        raise LotNotThere(_("It is no longer reserved. Look at the request again."))
    if found.shipment_id is not None:
        raise LotNotThere(_("It waits with its shipment. Cancel the shipment first."))
    return found


def _free_of_lot(reserved: Allocation, lot: Lot) -> Balance:
    """Where the lot lies free, in the reserved condition if it can be. Refused: LotNotThere."""
    words = {"part": reserved.part.number, "lot": lot.code, "warehouse": reserved.warehouse}
    if lot.part_id != reserved.part_id:
        raise LotNotThere(_("%(lot)s is none of %(part)s.") % words)
    if lot.pk == reserved.lot_id:
        raise LotNotThere(_("%(part)s %(lot)s is reserved already.") % words)
    rows = list(free_stock([reserved.part_id], warehouse=reserved.warehouse).filter(lot=lot))
    same = [row for row in rows if row.condition == reserved.condition]
    found = next(iter(same + rows), None)
    if found is None:
        raise LotNotThere(_("%(part)s %(lot)s does not lie free in %(warehouse)s.") % words)
    return found


def _post_swap(
    requisition: Requisition,
    reserved: Allocation,
    free: Balance,
    quantity: int,
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
) -> None:
    leg = require_leg(policy, Flow.SUPPLY, LocationKind.SHELF, LocationKind.STAGING)
    shelf, staging = (place(kind, warehouse=reserved.warehouse) for kind in leg)
    ledger.post(
        reason=PostingReason.REQUISITION,
        reference=requisition.reference,
        lines=[
            ledger.Line(reserved.part, quantity, staging, shelf, reserved.condition, reserved.lot),
            ledger.Line(reserved.part, quantity, shelf, staging, free.condition, free.lot),
        ],
        by=by,
        at=at,
        key=key,
    )


def _replace(reserved: Allocation, free: Balance, quantity: int) -> None:
    rest = reserved.quantity - quantity
    unpacked = reserved.packed - min(reserved.packed, rest)
    if rest:
        Allocation.objects.filter(pk=reserved.pk).update(quantity=rest, packed=reserved.packed - unpacked)
    else:
        Allocation.objects.filter(pk=reserved.pk).delete()
    allocate([Pick(reserved.grant, free.condition, free.lot, quantity)], reserved.warehouse)
    if unpacked:
        reserved.grant.packed -= unpacked
        save_grants([reserved.grant], "packed")


# ---------------------------------------------------------------- packing
def pack_requisition(
    requisition: Requisition,
    *,
    by: User,
    at: datetime,
    policy: ModePolicy,
    packed: Sequence[PackedLine] | None = None,
) -> None:
    """Mark what has been taken from the shelf and packed; None: everything that is reserved. Nothing moves.

    Refused: NotAllowed, NotYourWarehouse, ModeChanged, NothingToPack, BadLines, IllegalTransition, StaleDocument.
    """
    row = REQUISITION_TRANSITIONS["pack"]
    with policy_lock(policy.version), transition(requisition, row, by=by, at=at):
        rows = {each.pk: each for each in allocations_of(requisition)}
        if packed is None:
            packed = [PackedLine(each, each.quantity) for each in guards.his_among(list(rows.values()), by=by)]
        if not packed:
            raise NothingToPack(_("Nothing is reserved for this request, so nothing can be packed."))
        refuse_bad([problem for index, each in enumerate(packed) if (problem := _pack_problem(index, each, rows))])
        chosen = [rows[each.allocation.pk] for each in packed]
        guards.require_warehouses({each.warehouse_id for each in chosen}, by=by)
        for each in packed:
            rows[each.allocation.pk].packed = each.quantity
        Allocation.objects.bulk_update(chosen, ["packed"])
        save_grants(_recount_packed(rows.values()), "packed")


def _pack_problem(index: int, line: PackedLine, rows: dict[int, Allocation]) -> Any:
    part = line.allocation.part
    row = rows.get(line.allocation.pk)
    if row is None:
        return line_problem(index, "quantity", part, _("it is no longer reserved. Look at the request again."))
    if not 0 <= line.quantity <= row.quantity:
        return line_problem(index, "quantity", part, _("pack at most the %(most)s that are reserved.") % _most(row))
    return None


def _most(row: Allocation) -> dict[str, str]:
    return {"most": f"{format_quantity(row.quantity, row.part.unit.decimal_places)} {row.part.unit.code}"}


def _recount_packed(rows: Iterable[Allocation]) -> list[Grant]:
    """The grants with what is packed for them now."""
    grants: dict[int, Grant] = {}
    for row in rows:
        if row.grant_id not in grants:
            grants[row.grant_id] = row.grant
            row.grant.packed = 0
        grants[row.grant_id].packed += row.packed
    return list(grants.values())


# ---------------------------------------------------------------- giving up
def cancel_rest(
    requisition: Requisition, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, reason: str
) -> None:
    """Give up what is neither handed over nor sent: back-orders end, what is reserved goes staging→shelf at once.

    What waits with a shipment stays with it. Refused: NotAllowed, ReasonMissing, ModeChanged, NothingToCancel,
    IllegalTransition, StaleDocument.
    """
    _require_canceller(requisition, by=by)
    row = REQUISITION_TRANSITIONS["cancel_rest"]
    with policy_lock(policy.version), transition(requisition, row, by=by, at=at, reason=reason):
        grants = {grant.pk: grant for grant in grants_of(requisition)}
        reserved = list(allocations_of(requisition).filter(shipment=None))
        if not reserved and not any(grant.open_quantity for grant in grants.values()):
            raise NothingToCancel(_("Nothing is left to cancel: all of it was handed over or sent."))
        for grant in grants.values():
            grant.cancelled += grant.open_quantity
        for each in reserved:
            grant = grants[each.grant_id]
            grant.reserved -= each.quantity
            grant.packed -= each.packed
            grant.cancelled += each.quantity
        save_grants(grants.values(), "reserved", "packed", "cancelled")
        Allocation.objects.filter(pk__in=[each.pk for each in reserved]).delete()
        refresh_fulfilment(requisition, list(grants.values()))
        _put_back(requisition, reserved, by=by, at=at, key=key, policy=policy)


def _require_canceller(requisition: Requisition, *, by: User) -> None:
    """Who asked, the office, or the warehouse."""
    if by.pk in (requisition.engineer_id, requisition.created_by_id) or by.has_perm(Permission.VIEW_ALL_REQUISITIONS):
        return
    if not by.has_perm(Permission.FULFIL_REQUISITION):
        raise NotAllowed
    guards.require_warehouse(requisition.warehouse_id, by=by)


def _put_back(
    requisition: Requisition,
    reserved: Sequence[Allocation],
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
) -> None:
    if not reserved:
        return
    leg = require_leg(policy, Flow.SUPPLY, LocationKind.SHELF, LocationKind.STAGING)
    warehouses = {each.warehouse for each in reserved}
    shelf, staging = ({each: place(kind, warehouse=each) for each in warehouses} for kind in leg)
    ledger.post(
        reason=PostingReason.REQUISITION,
        reference=requisition.reference,
        lines=[
            ledger.Line(
                each.part,
                each.quantity,
                staging[each.warehouse],
                shelf[each.warehouse],
                each.condition,
                each.lot,
            )
            for each in reserved
        ],
        by=by,
        at=at,
        key=key,
    )
