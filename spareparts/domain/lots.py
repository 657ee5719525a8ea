"""Batches and serial numbers that people type."""

from inventory.enums import Tracking
from inventory.models import Lot, Part


def lot_for(part: Part, code: str) -> Lot:
    """The batch or serial number ``code`` of a tracked part, made when it is new; two who type it get the same one."""
    is_serial = part.tracking == Tracking.SERIAL
    lot, _is_new = Lot.objects.get_or_create(part=part, code=code.strip(), defaults={"is_serial": is_serial})
    return lot
