"""What the stories of returns share: a depot with its manager, and a part."""

from decimal import Decimal

import pytest

from inventory.models import Part, Warehouse
from tests.factories.inventory import PartFactory, WarehouseFactory
from workorders.models import User


@pytest.fixture
def vienna(karl: User) -> Warehouse:
    """Karl's warehouse, the default one."""
    warehouse = WarehouseFactory(code="VIE", name="Vienna", is_default=True)
    warehouse.managers.add(karl)
    return warehouse


@pytest.fixture
def board(db: None) -> Part:
    return PartFactory(number="PCB-4471", name="Main control board", unit_cost=Decimal("120.00"))


@pytest.fixture
def fan(db: None) -> Part:
    return PartFactory(number="FAN-120", name="Exhaust fan", unit_cost=Decimal("35.00"))
