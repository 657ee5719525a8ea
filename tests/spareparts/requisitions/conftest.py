"""Vienna with its manager, and a few parts."""

import pytest

from inventory.enums import Tracking
from inventory.models import Part, Warehouse
from spareparts.policies import ModePolicy
from tests.factories.asking import depot
from tests.factories.inventory import PartFactory, UnitFactory
from workorders.models import User


@pytest.fixture
def vienna(advanced: ModePolicy, karl: User) -> Warehouse:
    """The default warehouse; Karl manages it."""
    return depot("Vienna", karl)


@pytest.fixture
def bearing(db: None) -> Part:
    return PartFactory(number="BRG-1")


@pytest.fixture
def belt(db: None) -> Part:
    return PartFactory(number="BLT-2")


@pytest.fixture
def valve(db: None) -> Part:
    """Has serial numbers."""
    return PartFactory(number="VLV-3", tracking=Tracking.SERIAL)


@pytest.fixture
def grease(db: None) -> Part:
    """Comes in batches."""
    return PartFactory(number="GRS-4", tracking=Tracking.BATCH)


@pytest.fixture
def hose(db: None) -> Part:
    """In metres, of two decimal places."""
    return PartFactory(number="HOS-5", unit=UnitFactory(code="m", name="metre", decimal_places=2))
