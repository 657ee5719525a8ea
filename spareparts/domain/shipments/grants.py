"""The requisitions behind a shipment: locked in one order, and how far their grants have come."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import F

from spareparts.domain.requisitions.fulfilling import Pick, allocate, refresh_fulfilment
from spareparts.domain.shipments.targets import is_collected
from spareparts.models import Allocation, Grant, Requisition, Shipment, ShipmentLine

Steps = dict[int, int]  # key of a grant → smallest steps


def lock_requisitions(shipment: Shipment) -> list[Requisition]:
    """Those behind the shipment, locked by key until the transaction ends: requisitions come before shipments.

    Whoever read one before is told that it changed.
    """
    keys = ShipmentLine.objects.filter(shipment=shipment).values("grant__line__requisition")
    # Which ones they are is written once, with the shipment; so they can be read before they are locked.
    rows = Requisition.objects.filter(pk__in=keys).order_by("pk")
    locked = list(rows.select_for_update(of=("self",)))
    Requisition.objects.filter(pk__in=[row.pk for row in locked]).update(version=F("version") + 1)
    for row in locked:
        row.version += 1
    return locked


def refresh_all(requisitions: Iterable[Requisition]) -> None:
    for requisition in requisitions:
        refresh_fulfilment(requisition)


def summed(lines: Iterable[tuple[int, int]]) -> Steps:
    """(grant, steps) added up per grant, in the order of the grants."""
    found: Steps = defaultdict(int)
    for grant, steps in sorted(lines):
        found[grant] += steps
    return dict(found)


def send_allocations(allocations: Sequence[Allocation]) -> None:
    """What lay in staging is on its way: the rows go, their grants count them as shipped."""
    packed = summed((row.grant_id, row.packed) for row in allocations)
    for grant, steps in summed((row.grant_id, row.quantity) for row in allocations).items():
        Grant.objects.filter(pk=grant).update(
            reserved=F("reserved") - steps, packed=F("packed") - packed[grant], shipped=F("shipped") + steps
        )
    Allocation.objects.filter(pk__in=[row.pk for row in allocations]).delete()


def count_received(lines: Iterable[tuple[ShipmentLine, int]], shipment: Shipment) -> None:
    """(line, steps) arrived: at the engineer's or on a branch's shelf, or packed at the destination to be collected."""
    arrived = list(lines)
    for line, steps in arrived:
        ShipmentLine.objects.filter(pk=line.pk).update(received=F("received") + steps)
    for grant, steps in summed((line.grant_id, steps) for line, steps in arrived if not is_collected(line)).items():
        Grant.objects.filter(pk=grant).update(received=F("received") + steps)
    _hold_for_collection([(line, steps) for line, steps in arrived if is_collected(line)], shipment)


def _hold_for_collection(arrived: Sequence[tuple[ShipmentLine, int]], shipment: Shipment) -> None:
    """No longer sent but reserved again, in the destination's staging, until the engineer takes it."""
    if shipment.destination is None or not arrived:
        return
    for grant, steps in summed((line.grant_id, steps) for line, steps in arrived).items():
        Grant.objects.filter(pk=grant).update(
            shipped=F("shipped") - steps, reserved=F("reserved") + steps, packed=F("packed") + steps
        )
    picks = [Pick(line.grant, line.condition, line.lot, steps) for line, steps in arrived]
    allocate(picks, shipment.destination, is_packed=True)


def count_settled(line: ShipmentLine, steps: int) -> None:
    """What will not arrive is a back-order of its request again."""
    ShipmentLine.objects.filter(pk=line.pk).update(settled=F("settled") + steps)
    Grant.objects.filter(pk=line.grant_id).update(shipped=F("shipped") - steps)
