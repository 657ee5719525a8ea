"""Which verbs somebody may use on a requisition now, so that no button is drawn that would do nothing."""

from collections.abc import Sequence

from config.shared.transitions import Transition, available
from inventory.enums import Tracking
from spareparts.domain.four_eyes import others_with
from spareparts.domain.requisitions import guards
from spareparts.domain.requisitions.fulfilling import grants_of
from spareparts.enums import ISSUABLE, REQUISITION_TRANSITIONS, SHIPPABLE, Feature, Permission
from spareparts.models import Allocation, Grant, Requisition
from spareparts.policies import ModePolicy
from spareparts.queries.requisitions import allocations_of, is_handed_out_at
from workorders.models import User

OWN = frozenset({"submit", "edit", "withdraw"})
DECISIONS = frozenset({"approve", "reject"})
OF_THE_SOURCE = frozenset({"forward", "forward_rest", "reserve", "ship"})
DRAWN_ELSEWHERE = frozenset({"undo_issue", "receive"})  # at the issue, at the shipment


def possible_verbs(requisition: Requisition, *, by: User, policy: ModePolicy) -> list[Transition]:
    """The rows of the table, in its order, that ``by`` may use on it now and that would do something."""
    rows = [row for row in available(requisition, REQUISITION_TRANSITIONS, by=by) if row.verb not in DRAWN_ELSEWHERE]
    if not rows:
        return []
    grants = grants_of(requisition)
    reserved = list(allocations_of(requisition).filter(shipment=None))
    useful = _useful(requisition, grants, reserved, policy)
    allowed = _allowed(requisition, reserved, by=by)
    return [row for row in rows if useful.get(row.verb, True) and allowed.get(row.verb, True)]


def _useful(
    requisition: Requisition, grants: Sequence[Grant], reserved: Sequence[Allocation], policy: ModePolicy
) -> dict[str, bool]:
    """For each verb that depends on more than the status: is there anything to do?"""
    is_open = any(grant.open_quantity for grant in grants)
    has_moved = any(grant.reserved or grant.issued or grant.shipped or grant.cancelled for grant in grants)
    to_hand_out = [row for row in reserved if is_handed_out_at(requisition, row.warehouse_id)]
    return {
        "forward": policy.has(Feature.WAREHOUSE_STOCK) and not has_moved,
        "forward_rest": is_open and has_moved,
        "reserve": is_open and requisition.fulfilment in ISSUABLE | SHIPPABLE,
        "swap_lot": any(row.part.tracking != Tracking.NONE for row in reserved),
        "pack": any(row.packed < row.quantity for row in reserved),
        "issue": bool(to_hand_out),
        "cancel_rest": is_open or bool(reserved),
        "ship": len(to_hand_out) < len(reserved) and requisition.fulfilment in SHIPPABLE,
    }


def _allowed(requisition: Requisition, reserved: Sequence[Allocation], *, by: User) -> dict[str, bool]:
    """For each verb that depends on more than the role: is it his?"""
    is_his = by.pk in (requisition.engineer_id, requisition.created_by_id)
    works_at_source = guards.manages(requisition.warehouse_id, by=by)
    works_here = works_at_source or bool(guards.managed_among({row.warehouse_id for row in reserved}, by=by))
    is_office = by.has_perm(Permission.VIEW_ALL_REQUISITIONS)
    may_decide = (is_office or works_at_source) and not (
        is_his and others_with(Permission.APPROVE_REQUISITION, by=by).exists()
    )
    allowed = dict.fromkeys(OWN, is_his or by.has_perm(Permission.REQUEST_FOR_OTHERS))
    allowed |= dict.fromkeys(DECISIONS, may_decide)
    allowed |= dict.fromkeys(OF_THE_SOURCE, works_at_source)
    works_with_stock = by.has_perm(Permission.FULFIL_REQUISITION) and works_at_source
    allowed |= {"swap_lot": works_here, "pack": works_here, "issue": works_here}
    allowed["cancel_rest"] = is_his or is_office or works_with_stock
    return allowed
