"""From a flow of the mode to real places in the ledger."""

from config.shared.errors import DomainError
from inventory.domain import locations
from inventory.enums import OUTSIDE_KINDS, WAREHOUSE_KINDS, LocationKind
from inventory.models import Location, Warehouse
from spareparts.enums import Flow
from spareparts.policies import Leg, ModePolicy
from workorders.models import User


class FlowNotInMode(DomainError):
    """The present mode has no route for this flow."""


def has_leg(policy: ModePolicy, flow: Flow, source: LocationKind, target: LocationKind) -> bool:
    """Does some route of the flow go from ``source`` straight to ``target``?"""
    return any((source, target) in way for way in policy.routes.get(flow, ()))


def require_leg(policy: ModePolicy, flow: Flow, source: LocationKind, target: LocationKind) -> Leg:
    """The leg, when the mode has it on a route of the flow. Refused: FlowNotInMode."""
    if not has_leg(policy, flow, source, target):
        raise FlowNotInMode(flow)
    return source, target


def place(kind: LocationKind, *, engineer: User | None = None, warehouse: Warehouse | None = None) -> Location:
    """The one location a leg of this kind means for ``engineer`` or ``warehouse``."""
    if kind in OUTSIDE_KINDS:
        return locations.outside(kind)
    if kind == LocationKind.ENGINEER and engineer is not None:
        return locations.personal_location(engineer)
    if kind in WAREHOUSE_KINDS and warehouse is not None:
        return locations.warehouse_location(warehouse, kind)
    raise FlowNotInMode(kind)
