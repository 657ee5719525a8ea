"""With warehouses: batches and serial numbers are enforced, a shelf may be a source, and each swap leaves a record."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from inventory.domain.errors import SerialElsewhere
from inventory.enums import Tracking
from inventory.models import Lot, Part, Warehouse
from spareparts.domain.consumption import BadLines, UsedPart
from spareparts.domain.undo import undo_consumption
from spareparts.enums import ReceivingMethod
from spareparts.models import (
    ConsumptionLine,
    EquipmentPart,
    OldPartDebt,
    ReplacementRecord,
    Shipment,
    WarehouseTerms,
)
from spareparts.policies import ModePolicy
from spareparts.queries import current_policy
from spareparts.queries.open_parts import open_for_job
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.requisitions import approved_requisition
from tests.factories.spareparts import EquipmentPartFactory, used
from tests.factories.workorders import EquipmentFactory, TeamFactory, WorkOrderFactory
from tests.spareparts.helpers import in_machine, key, refused
from tests.spareparts.shipments.steps import send
from tests.spareparts.use.helpers import batch, owed, serial, swapped
from tests.support.stock import held, personal, put, shelf
from workorders.models import User, WorkOrder

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def job(jana: User, advanced: ModePolicy) -> WorkOrder:
    lift = EquipmentFactory(name="Lift 2", serial="L2-1")
    return WorkOrderFactory(number="WO-411", lead=jana, site=lift.site, equipment=lift)


@pytest.fixture
def depot(db: None) -> Warehouse:
    return WarehouseFactory(name="Depot Vienna", is_default=True)


@pytest.fixture
def board(db: None) -> Part:
    """Every door controller has its number."""
    return PartFactory(number="DOOR-CTRL", tracking=Tracking.SERIAL)


@pytest.fixture
def oil(db: None) -> Part:
    return PartFactory(number="OIL-46", tracking=Tracking.BATCH, is_noted_in_machine=False)


class TestLots:
    def test_the_serial_number_goes_into_the_machine(self, job: WorkOrder, jana: User, board: Part) -> None:
        lot = serial(board, "SN-1")
        put(personal(jana), board, 1, by=jana, lot=lot)

        used(job, UsedPart(board, 1, lot=lot))

        assert in_machine(job.equipment) == [("DOOR-CTRL", 1, "SN-1")]
        assert (ConsumptionLine.objects.get().lot, ConsumptionLine.objects.get().lot_text) == (lot, "SN-1")

    def test_a_number_is_asked_for(self, job: WorkOrder, jana: User, board: Part, oil: Part) -> None:
        with refused(BadLines) as caught:
            used(job, board, oil)
        assert [problem.field for problem in caught.value.problems] == ["lot", "lot"]

    def test_a_serial_number_is_one_piece(self, job: WorkOrder, jana: User, board: Part) -> None:
        with refused(BadLines) as caught:
            used(job, UsedPart(board, 2, lot=serial(board, "SN-1")))
        assert caught.value.problems[0].field == "quantity"

    def test_it_must_lie_where_it_is_taken_from(self, job: WorkOrder, jana: User, tom: User, board: Part) -> None:
        lot = serial(board, "SN-1")
        put(personal(tom), board, 1, by=tom, lot=lot)
        with refused(BadLines) as caught:
            used(job, UsedPart(board, 1, lot=lot))
        assert caught.value.messages == ["Line 1, DOOR-CTRL: Jana Novak holds 0 pc of SN-1, and 1 pc are needed."]

    def test_a_lot_of_another_part_is_refused(self, job: WorkOrder, jana: User, board: Part, oil: Part) -> None:
        with refused(BadLines):
            used(job, UsedPart(board, 1, lot=batch(oil, "B1")))

    def test_a_batch_is_used_in_part(self, job: WorkOrder, jana: User, oil: Part) -> None:
        lot = batch(oil, "B1")
        put(personal(jana), oil, 5, by=jana, lot=lot)
        used(job, UsedPart(oil, 2, lot=lot))
        assert held(personal(jana)) == {"OIL-46": 3}
        assert not ReplacementRecord.objects.exists()

    def test_held_without_a_number_it_gets_one_at_its_first_use(self, job: WorkOrder, jana: User, board: Part) -> None:
        put(personal(jana), board, 2, by=jana)  # from before the mode

        used(job, UsedPart(board, 1, lot_text="SN-9"))

        assert held(personal(jana)) == {"DOOR-CTRL": 1}
        assert in_machine(job.equipment) == [("DOOR-CTRL", 1, "SN-9")]
        assert Lot.objects.get().code == "SN-9"


class TestWarehouse:
    def test_out_of_the_default_one(self, job: WorkOrder, jana: User, depot: Warehouse) -> None:
        part = PartFactory(number="REL-24")
        put(shelf(depot), part, 3, by=jana)
        used(job, UsedPart(part, 2, warehouse=depot))
        assert held(shelf(depot)) == {"REL-24": 1}
        assert ConsumptionLine.objects.get().warehouse == depot

    def test_out_of_the_one_that_serves_the_team(self, job: WorkOrder, jana: User, depot: Warehouse) -> None:
        local, part = WarehouseFactory(), PartFactory()
        WarehouseTerms.objects.create(warehouse=local).teams.add(jana.team)
        put(shelf(local), part, 1, by=jana)
        used(job, UsedPart(part, 1, warehouse=local))
        assert held(shelf(local)) == {}

    @pytest.mark.parametrize("status", ["open", "disabled"])
    def test_not_out_of_any_other(self, job: WorkOrder, jana: User, depot: Warehouse, status: str) -> None:
        other, part = WarehouseFactory(status=status), PartFactory()
        WarehouseTerms.objects.create(warehouse=other).teams.add(
            TeamFactory(name="Graz") if status == "open" else jana.team
        )
        put(shelf(other), part, 1, by=jana)
        with refused(BadLines) as caught:
            used(job, UsedPart(part, 1, warehouse=other))
        assert caught.value.problems[0].field == "source"

    def test_more_than_is_there_is_refused(self, job: WorkOrder, jana: User, depot: Warehouse) -> None:
        part = PartFactory(number="REL-24")
        put(shelf(depot), part, 1, by=jana)
        with refused(BadLines) as caught:
            used(job, UsedPart(part, 2, warehouse=depot))
        assert "Depot Vienna" in caught.value.messages[0]


class TestOldPart:
    def test_its_number_comes_from_the_machine_and_is_its_lot(self, job: WorkOrder, jana: User, board: Part) -> None:
        lot = serial(board, "SN-2")
        put(personal(jana), board, 1, by=jana, lot=lot)
        entry = EquipmentPartFactory(equipment=job.equipment, part=board, serial="SN-1")

        used(job, swapped(board, lot=lot, old_part=None, taken_from=entry.pk), at=NOON)

        debt = OldPartDebt.objects.get()
        assert (debt.lot, debt.serial) == (Lot.objects.get(code="SN-1"), "SN-1")
        record = ReplacementRecord.objects.get()
        assert (record.new_serial, record.old_serial, record.old_part) == ("SN-2", "SN-1", board)
        assert held(personal(jana)) == {"DOOR-CTRL (old)": 1}

    def test_a_missing_number_is_asked_for(self, job: WorkOrder, jana: User, board: Part) -> None:
        lot = serial(board, "SN-2")
        put(personal(jana), board, 1, by=jana, lot=lot)
        with refused(BadLines) as caught:
            used(job, swapped(board, lot=lot))
        assert caught.value.problems[0].field == "old_serial"

    def test_a_number_that_lies_elsewhere_is_refused(self, job: WorkOrder, jana: User, tom: User, board: Part) -> None:
        lot = serial(board, "SN-2")
        put(personal(jana), board, 1, by=jana, lot=lot)
        put(personal(tom), board, 1, by=tom, lot=serial(board, "SN-1"))
        with refused(SerialElsewhere):
            used(job, swapped(board, lot=lot, old_serial="SN-1"))

    def test_undo_takes_the_record_back_too(self, job: WorkOrder, jana: User, board: Part) -> None:
        lot = serial(board, "SN-2")
        put(personal(jana), board, 1, by=jana, lot=lot)
        document = used(job, swapped(board, lot=lot, old_serial="SN-1"), at=NOON)

        undo_consumption(document, by=jana, at=NOON + timedelta(minutes=1), key=uuid.uuid4(), policy=current_policy())

        assert ReplacementRecord.objects.get().undone_at is not None
        assert owed() == [("DOOR-CTRL", 1, "void")]
        assert held(personal(jana)) == {"DOOR-CTRL": 1}
        assert not EquipmentPart.objects.current().exists()


class TestConstraints:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"new_quantity": 0},
            {"old_quantity": 1},
            {"old_serial": "SN-1"},
        ],
    )
    def test_a_replacement_record_makes_sense(self, job: WorkOrder, jana: User, wrong: dict[str, object]) -> None:
        part = PartFactory()
        put(personal(jana), part, 1, by=jana)
        used(job, part)
        with pytest.raises(IntegrityError), transaction.atomic():
            ReplacementRecord.objects.update(**wrong)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"quantity": 0},
            {"value": "-1"},
            {"status": "gone"},
            {"status": "waived"},
            {"status": "left"},
            {"asked_answer": "left"},
            {"asked_at": NOON},
        ],
    )
    def test_a_debt_makes_sense(self, job: WorkOrder, jana: User, wrong: dict[str, object]) -> None:
        part = PartFactory()
        put(personal(jana), part, 1, by=jana)
        used(job, swapped(part))
        with pytest.raises(IntegrityError), transaction.atomic():
            OldPartDebt.objects.update(**wrong)


class TestReceiveAndUse:
    @pytest.fixture
    def parcel(self, job: WorkOrder, jana: User, karl: User, depot: Warehouse) -> Shipment:
        """Three relays are on the way to the site."""
        depot.managers.add(karl)
        facts = {"receiving_method": ReceivingMethod.TO_SITE, "site": job.site, "work_order": job}
        asked = approved_requisition(jana, depot, (PartFactory(number="REL-24"), 3), by=karl, **facts)
        (shipment,) = send(asked, by=karl)
        return shipment

    def test_in_one_submit(
        self, job: WorkOrder, jana: User, parcel: Shipment, as_user: Callable[[User], Client]
    ) -> None:
        browser = as_user(jana)
        page = browser.get(f"/work-orders/{job.pk}/use/")
        (line,) = page.context["lines"]
        assert f"3 pc on the way to the site ({parcel})" in page.content.decode()
        sent = {
            "lines-TOTAL_FORMS": 1,
            "lines-INITIAL_FORMS": 0,
            "lines-0-source": line.source,
            "lines-0-quantity": "2",
        }

        assert browser.post(f"/work-orders/{job.pk}/use/", sent | key()).status_code == 302

        assert held(personal(jana)) == {"REL-24": 1}
        assert Shipment.objects.get().status == "received"
        assert [(row.part.number, row.quantity) for row in open_for_job(job)] == [("REL-24", 1)]

    def test_more_than_was_sent_leaves_the_parcel_on_the_way(
        self, job: WorkOrder, jana: User, parcel: Shipment, as_user: Callable[[User], Client]
    ) -> None:
        browser = as_user(jana)
        (line,) = browser.get(f"/work-orders/{job.pk}/use/").context["lines"]
        sent = {
            "lines-TOTAL_FORMS": 1,
            "lines-INITIAL_FORMS": 0,
            "lines-0-source": line.source,
            "lines-0-quantity": "4",
        }
        refused_page = browser.post(f"/work-orders/{job.pk}/use/", sent | key())
        assert "holds 3 pc, and 4 pc are needed" in refused_page.content.decode()
        assert Shipment.objects.get().status == "shipped"


def test_the_machine_shows_its_replacements(
    job: WorkOrder, jana: User, board: Part, as_user: Callable[[User], Client]
) -> None:
    lot = serial(board, "SN-2")
    put(personal(jana), board, 1, by=jana, lot=lot)
    used(job, swapped(board, lot=lot, old_serial="SN-1"))
    page = as_user(jana).get(f"/equipment/{job.equipment_id}/parts/").content.decode()
    assert "Replacements" in page
    assert "SN-1" in page
