"""A small world of stock: a shelf in Vienna, Jana's and Tom's vans, a supplier and a customer."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from inventory.domain import locations
from inventory.domain.ledger import Line, post
from inventory.enums import LocationKind, PostingReason, Tracking
from inventory.models import Balance, Location, Lot, Part, Posting
from tests.factories.inventory import PartFactory, WarehouseFactory
from workorders.models import User

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def supplier(db: None) -> Location:
    return locations.outside(LocationKind.SUPPLIER)


@pytest.fixture
def customer(db: None) -> Location:
    return locations.outside(LocationKind.CUSTOMER)


@pytest.fixture
def shelf(db: None) -> Location:
    return locations.warehouse_location(WarehouseFactory(name="Vienna"), LocationKind.SHELF)


@pytest.fixture
def jana_van(jana: User) -> Location:
    return locations.personal_location(jana)


@pytest.fixture
def tom_van(tom: User) -> Location:
    return locations.personal_location(tom)


@pytest.fixture
def bearing(db: None) -> Part:
    return PartFactory(number="BRG-6204-2RS")


@pytest.fixture
def valve(db: None) -> Part:
    return PartFactory(number="VLV-SOL-24V", tracking=Tracking.SERIAL)


@pytest.fixture
def valve_77(valve: Part) -> Lot:
    return Lot.objects.create(part=valve, code="77-0031", is_serial=True)


@pytest.fixture
def book(jana: User) -> Callable[..., Posting]:
    """Post lines as Jana on Monday morning, unless told otherwise."""

    def act(*lines: Line, **changes: Any) -> Posting:
        words = {
            "reason": PostingReason.TRANSFER,
            "reference": "TR-000001",
            "by": jana,
            "at": MONDAY,
            "key": uuid.uuid4(),
        }
        return post(lines=lines, **words | changes)

    return act


def stock(place: Location) -> dict[str, int]:
    """Part number → on hand, where there is something."""
    rows = Balance.objects.filter(location=place, on_hand__gt=0)
    return {row.part.number: row.on_hand for row in rows.select_related("part")}
