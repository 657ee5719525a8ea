"""A bar code read into the field for the quantity is a refusal in words, never an error of the database."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from spareparts.domain.consumption import BadLines, UsedPart
from spareparts.domain.machine import QuantityTooLarge, add_equipment_part, edit_equipment_part
from spareparts.models import Consumption, EquipmentPart
from tests.factories.inventory import PartFactory, UnitFactory
from tests.factories.spareparts import EquipmentPartFactory, used
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.spareparts.helpers import key, refused
from workorders.models import User

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def controller(db: None) -> Any:
    return PartFactory(number="CTL-9", unit_cost=Decimal("250000.00"))


def test_a_cost_beyond_the_column_is_refused_at_the_line(controller: Any, jana: User):
    job = WorkOrderFactory(lead=jana, status="assigned")
    with refused(BadLines) as caught:
        used(job, UsedPart(controller, 999_999_999))
    assert caught.value.messages == ["Line 1, CTL-9: the quantity is too large."]
    assert Consumption.objects.count() == 0


def test_the_largest_cost_that_fits_is_kept(controller: Any, jana: User):
    used(WorkOrderFactory(lead=jana, status="assigned"), UsedPart(controller, 399_999_999))
    assert Consumption.objects.get().lines.get().cost == Decimal("99999999750000.00")


class TestMachine:
    """999 999 999 metres are more centimetres than the column holds."""

    @pytest.fixture
    def rope(self, db: None) -> Any:
        return PartFactory(number="ROPE-8", unit=UnitFactory(code="m", name="metre", decimal_places=2))

    def test_added_and_corrected(self, rope: Any, eva: User):
        machine = EquipmentFactory()
        with refused(QuantityTooLarge):
            add_equipment_part(machine, part=rope, quantity=99_999_999_900, by=eva, at=NOW)
        row = EquipmentPartFactory(equipment=machine, part=rope, quantity=100)
        with refused(QuantityTooLarge):
            edit_equipment_part(row, quantity=99_999_999_900, serial="", position="", by=eva, at=NOW, seen_version=0)
        assert list(EquipmentPart.objects.values_list("quantity", flat=True)) == [100]

    def test_the_page_says_so_at_the_field(self, rope: Any, eva: User, as_user: Any):
        machine = EquipmentFactory()
        words = {"part": "ROPE-8", "quantity": "999999999", "serial": "", "position": "", "fitted_on": "", **key()}
        response = as_user(eva).post(f"/equipment/{machine.pk}/parts/add/", words)
        assert response.context["form"].errors == {"quantity": ["The quantity is too large."]}
