"""Jana's job, the depot with what lies in it, and what a browser sends."""

from collections.abc import Callable

import pytest

from inventory.models import Part, Warehouse
from spareparts.enums import ApprovalMode
from spareparts.models import Requisition, SparepartsSettings
from tests.factories.inventory import PartFactory, UnitFactory, WarehouseFactory
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.spareparts.requisitions_pages.helpers import asked
from tests.support.stock import put, shelf
from workorders.models import User, WorkOrder


@pytest.fixture
def job(jana: User) -> WorkOrder:
    chiller = EquipmentFactory(name="Chiller 3", serial="C3-1")
    return WorkOrderFactory(number="WO-411", lead=jana, site=chiller.site, equipment=chiller)


@pytest.fixture
def bearing(db: None) -> Part:
    return PartFactory(number="BRG-6004-2RS", name="Bearing 6004 2RS")


@pytest.fixture
def cable(db: None) -> Part:
    metre = UnitFactory(code="m", name="metre", decimal_places=2)
    return PartFactory(number="CBL-FLEX-3", name="Rubber cable", unit=metre)


@pytest.fixture
def vienna(db: None, karl: User) -> Warehouse:
    """The default warehouse, Karl's."""
    warehouse = WarehouseFactory(code="VIE", name="Vienna", is_default=True)
    warehouse.managers.add(karl)
    return warehouse


@pytest.fixture
def stocked(vienna: Warehouse, bearing: Part, karl: User) -> Warehouse:
    """Three bearings lie in Vienna."""
    put(shelf(vienna), bearing, 3, by=karl)
    return vienna


@pytest.fixture
def manual(db: None) -> None:
    """Every request needs an approval."""
    SparepartsSettings.objects.update(requisition_approval=ApprovalMode.MANUAL)


@pytest.fixture
def waiting(manual: None, jana: User, bearing: Part, karl: User) -> Callable[..., Requisition]:
    """Jana's request that waits for approval."""
    return lambda **facts: asked(jana, (bearing, 4), **facts)
