"""Where the parts of a shipment line come to when they arrive."""

from inventory.enums import LocationKind
from inventory.models import Location
from spareparts.domain.routes import place, require_leg
from spareparts.enums import Flow
from spareparts.models import Shipment, ShipmentLine
from spareparts.policies import ModePolicy


def is_collected(line: ShipmentLine) -> bool:
    """Does an engineer collect this line at the warehouse it is shipped to?"""
    requisition = line.grant.line.requisition
    return requisition.destination_id is not None and not requisition.is_for_branch


def kind_of_target(line: ShipmentLine, shipment: Shipment) -> LocationKind:
    if shipment.destination_id is None:
        return LocationKind.ENGINEER
    return LocationKind.STAGING if is_collected(line) else LocationKind.SHELF


def target_of(line: ShipmentLine, shipment: Shipment, *, policy: ModePolicy) -> Location:
    """The engineer, a branch's shelf, or the destination's staging. Refused: FlowNotInMode."""
    kind = kind_of_target(line, shipment)
    require_leg(policy, Flow.SUPPLY, LocationKind.TRANSIT, kind)
    return place(kind, engineer=line.grant.line.requisition.engineer, warehouse=shipment.destination)
