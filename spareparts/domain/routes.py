"""From a flow of the mode to real places in the ledger."""

from config.shared.errors import DomainError
from inventory.domain import locations
from inventory.enums import OUTSIDE_KINDS, LocationKind
from inventory.models import Location
from spareparts.enums import Flow
from spareparts.policies import Leg, ModePolicy
from workorders.models import User


class FlowNotInMode(DomainError):
    """The present mode has no route for this flow."""


def only_leg(policy: ModePolicy, flow: Flow) -> Leg:
    """The leg of the flow's first route, which must be walked at once: a route of two legs has a receipt step."""
    for way in policy.routes.get(flow, ()):
        if len(way) == 1:
            return way[0]
    raise FlowNotInMode(flow)


def place(kind: LocationKind, *, engineer: User) -> Location:
    """The one location a leg of this kind means for ``engineer``."""
    if kind in OUTSIDE_KINDS:
        return locations.outside(kind)
    if kind == LocationKind.ENGINEER:
        return locations.personal_location(engineer)
    raise FlowNotInMode(kind)
