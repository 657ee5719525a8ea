"""Stock for stories: it comes from the supplier through the ledger, like any other."""

import uuid
from datetime import datetime

from django.utils import timezone

from inventory.domain import ledger, locations
from inventory.enums import Condition, LocationKind, PostingReason
from inventory.models import Balance, Location, Lot, Part, Warehouse
from workorders.models import User


def shelf(warehouse: Warehouse) -> Location:
    return locations.warehouse_location(warehouse, LocationKind.SHELF)


def staging(warehouse: Warehouse) -> Location:
    return locations.warehouse_location(warehouse, LocationKind.STAGING)


def transit(warehouse: Warehouse) -> Location:
    return locations.warehouse_location(warehouse, LocationKind.TRANSIT)


def personal(engineer: User) -> Location:
    return locations.personal_location(engineer)


def put(
    place: Location,
    part: Part,
    quantity: int = 1,
    *,
    by: User,
    at: datetime | None = None,
    condition: str = Condition.NEW,
    lot: Lot | None = None,
) -> None:
    """``quantity`` smallest steps of ``part`` come from the supplier to ``place``."""
    ledger.post(
        reason=PostingReason.GOODS_RECEIPT,
        reference="GR-TEST",
        lines=[ledger.Line(part, quantity, locations.outside(LocationKind.SUPPLIER), place, Condition(condition), lot)],
        by=by,
        at=at or timezone.now(),
        key=uuid.uuid4(),
    )


def held(place: Location) -> dict[str, int]:
    """What lies there, by part number; old parts as "number (old)"."""
    found: dict[str, int] = {}
    for row in Balance.objects.filter(location=place, on_hand__gt=0).select_related("part").order_by("part__number"):
        name = row.part.number if row.condition == Condition.NEW else f"{row.part.number} ({row.condition})"
        found[name] = found.get(name, 0) + row.on_hand
    return found
