"""Vienna sends, Linz is a branch; Karl and Lin manage Vienna, Max manages Linz."""

import pytest

from inventory.models import Part, Warehouse
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.workorders import UserFactory
from workorders.models import User


@pytest.fixture
def vienna(karl: User, lin: User) -> Warehouse:
    warehouse = WarehouseFactory(code="VIE", name="Vienna depot")
    warehouse.managers.set([karl, lin])
    return warehouse


@pytest.fixture
def max_weiss(db: None) -> User:
    """The manager of the branch."""
    return UserFactory(name="Max Weiss", is_warehouse_manager=True)


@pytest.fixture
def linz(max_weiss: User) -> Warehouse:
    warehouse = WarehouseFactory(code="LNZ", name="Linz depot")
    warehouse.managers.set([max_weiss])
    return warehouse


@pytest.fixture
def bearing(db: None) -> Part:
    return PartFactory(number="BRG-6204-2RS", name="Bearing 6204 2RS")


@pytest.fixture
def valve(db: None) -> Part:
    return PartFactory(number="VLV-SOL-24V", name="Solenoid valve 24 V")
