"""Where engineers hold parts: used is what is held, and the old part comes back as a debt."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from inventory.enums import OldPartRule
from inventory.models import Move, Part
from spareparts.domain.consumption import BadLines, UsedPart
from spareparts.domain.undo import UndoRefused, correct_consumption, obstacles, undo_consumption
from spareparts.enums import DebtStatus, OldPartAnswer
from spareparts.models import Consumption, OldPartDebt, ReplacementRecord
from spareparts.policies import ModePolicy
from spareparts.queries import current_policy
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.spareparts import EquipmentPartFactory, used
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.spareparts.helpers import in_machine, refused
from tests.spareparts.use.helpers import owed, swapped
from tests.support.stock import held, personal, put
from workorders.models import User, WorkOrder

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SOON = NOON + timedelta(minutes=5)


@pytest.fixture
def job(jana: User, standard: ModePolicy) -> WorkOrder:
    chiller = EquipmentFactory(name="Chiller 3", serial="C3-1")
    return WorkOrderFactory(number="WO-411", lead=jana, site=chiller.site, equipment=chiller)


@pytest.fixture
def relay(db: None) -> Part:
    return PartFactory(number="REL-24", name="Relay 24 V", unit_cost=Decimal("12.50"))


def undo(document: Consumption, by: User, at: datetime = SOON, reason: str = "") -> None:
    undo_consumption(document, by=by, at=at, key=uuid.uuid4(), policy=current_policy(), reason=reason)


class TestWhatIsHeld:
    def test_used_parts_leave_the_engineer(self, job: WorkOrder, jana: User, relay: Part) -> None:
        put(personal(jana), relay, 6, by=jana)

        document = used(job, UsedPart(relay, 2), at=NOON)

        assert held(personal(jana)) == {"REL-24": 4}
        line = document.lines.get()
        assert (line.unit_cost, line.cost, line.warehouse) == (Decimal("12.50"), Decimal("25.00"), None)
        assert in_machine(job.equipment) == [("REL-24", 2, "")]
        assert not ReplacementRecord.objects.exists()

    def test_more_than_held_is_refused_naming_held(self, job: WorkOrder, jana: User, relay: Part) -> None:
        put(personal(jana), relay, 2, by=jana)

        with refused(BadLines) as caught:
            used(job, UsedPart(relay, 3))

        assert caught.value.messages == ["Line 1, REL-24: Jana Novak holds 2 pc, and 3 pc are needed."]
        assert caught.value.problems[0].field == "quantity"
        assert not Consumption.objects.exists()

    def test_what_a_colleague_holds_does_not_count(self, job: WorkOrder, jana: User, tom: User, relay: Part) -> None:
        put(personal(tom), relay, 2, by=tom)
        with refused(BadLines):
            used(job, relay)

    def test_a_warehouse_as_source_is_refused(self, job: WorkOrder, jana: User, relay: Part) -> None:
        put(personal(jana), relay, 2, by=jana)
        with refused(BadLines) as caught:
            used(job, UsedPart(relay, 1, warehouse=WarehouseFactory(is_default=True)))
        assert caught.value.messages == [
            "Line 1, REL-24: parts are used from what the engineer holds, not from a warehouse."
        ]

    def test_all_short_lines_are_named_at_once(self, job: WorkOrder, jana: User, relay: Part) -> None:
        other = PartFactory(number="FUSE-10")
        put(personal(jana), relay, 1, by=jana)
        with refused(BadLines) as caught:
            used(job, UsedPart(relay, 2), UsedPart(other, 1))
        assert [problem.index for problem in caught.value.problems] == [0, 1]

    def test_old_parts_are_not_used_again(self, job: WorkOrder, jana: User, relay: Part) -> None:
        put(personal(jana), relay, 1, by=jana, condition="old")
        with refused(BadLines):
            used(job, UsedPart(relay, 1, condition="old"))

    def test_a_repaired_one_may_be_used(self, job: WorkOrder, jana: User, relay: Part) -> None:
        put(personal(jana), relay, 1, by=jana, condition="repaired")
        used(job, UsedPart(relay, 1, condition="repaired"))
        assert held(personal(jana)) == {}


class TestOldPart:
    def test_it_comes_out_in_the_same_posting_and_is_owed(self, job: WorkOrder, jana: User, relay: Part) -> None:
        put(personal(jana), relay, 2, by=jana)
        entry = EquipmentPartFactory(equipment=job.equipment, part=relay, quantity=1)

        document = used(job, swapped(relay, old_part=None, taken_from=entry.pk), at=NOON)

        assert held(personal(jana)) == {"REL-24": 1, "REL-24 (old)": 1}
        assert Move.objects.filter(posting__key=document.posting_id).count() == 2
        debt = OldPartDebt.objects.get()
        assert (debt.engineer, debt.status, debt.due_on) == (jana, DebtStatus.HELD, date(2026, 11, 30))
        assert (debt.value, debt.is_warranty, debt.asked_answer) == (Decimal("12.50"), False, "")
        assert in_machine(job.equipment) == [("REL-24", 1, "")]

    def test_not_taken_out_yet_is_due_and_moves_nothing(self, job: WorkOrder, jana: User, relay: Part) -> None:
        put(personal(jana), relay, 1, by=jana)
        used(job, swapped(relay, is_taken_out=False))
        assert held(personal(jana)) == {}
        assert owed() == [("REL-24", 1, "due")]

    def test_without_a_rule_nothing_is_asked(self, job: WorkOrder, jana: User, relay: Part) -> None:
        put(personal(jana), relay, 2, by=jana)
        used(job, relay, UsedPart(relay, 1, old_part_answer=OldPartAnswer.LEFT, old_part=relay))
        assert owed() == []

    @pytest.mark.parametrize("answer", [OldPartAnswer.LEFT, OldPartAnswer.NONE])
    def test_the_parts_rule_asks_for_a_reason(self, job: WorkOrder, jana: User, relay: Part, answer: str) -> None:
        Part.objects.filter(pk=relay.pk).update(old_part_rule=OldPartRule.ALWAYS)
        relay.refresh_from_db()
        put(personal(jana), relay, 1, by=jana)
        old = {"old_part": relay} if answer == OldPartAnswer.LEFT else {}
        with refused(BadLines) as caught:
            used(job, UsedPart(relay, 1, old_part_answer=answer, **old))
        assert caught.value.problems[0].field == "old_reason"

        used(job, UsedPart(relay, 1, old_part_answer=answer, old_reason="Customer keeps it", **old), at=NOON)

        debt = OldPartDebt.objects.get()
        assert (debt.status, debt.asked_answer, debt.asked_reason) == (DebtStatus.DUE, answer, "Customer keeps it")
        assert (debt.asked_by, debt.asked_at) == (jana, NOON)
        assert held(personal(jana)) == {}

    def test_in_warranty_the_company_wants_it_back(self, job: WorkOrder, jana: User, relay: Part) -> None:
        job.equipment.warranty_until = date(2026, 11, 23)
        job.equipment.save()
        put(personal(jana), relay, 2, by=jana)
        with refused(BadLines):
            used(job, relay, at=NOON)
        used(job, swapped(relay), at=NOON)
        assert OldPartDebt.objects.get().is_warranty

    def test_oil_leaves_nothing_to_bring_back(self, job: WorkOrder, jana: User, relay: Part) -> None:
        job.equipment.warranty_until = date(2026, 11, 23)
        job.equipment.save()
        oil = PartFactory(number="OIL", is_noted_in_machine=False)
        put(personal(jana), oil, 2, by=jana)
        used(job, oil, at=NOON)
        assert owed() == []


class TestUndo:
    def test_parts_machine_old_part_and_debt_together(self, job: WorkOrder, jana: User, relay: Part) -> None:
        put(personal(jana), relay, 2, by=jana)
        entry = EquipmentPartFactory(equipment=job.equipment, part=relay, quantity=1, serial="old one")
        document = used(job, swapped(relay, old_part=None, taken_from=entry.pk), at=NOON)

        undo(document, jana)

        assert held(personal(jana)) == {"REL-24": 2}
        assert in_machine(job.equipment) == [("REL-24", 1, "old one")]
        assert owed() == [("REL-24", 1, "void")]

    @pytest.mark.parametrize(("status", "words"), [("returned", "On the way back"), ("closed", "Came back")])
    def test_refused_when_the_old_part_went_back(
        self, job: WorkOrder, jana: User, relay: Part, status: str, words: str, planted_drift: None
    ) -> None:
        put(personal(jana), relay, 1, by=jana)
        document = used(job, swapped(relay), at=NOON)
        OldPartDebt.objects.update(status=status)
        with refused(UndoRefused) as caught:
            undo(document, jana)
        debt = OldPartDebt.objects.get()
        assert caught.value.messages == [f"{debt}: the old part REL-24 has left: “{words}”."]
        assert obstacles(document, policy=current_policy()) == caught.value.messages

    def test_refused_when_a_colleague_has_it(
        self, job: WorkOrder, jana: User, tom: User, relay: Part, planted_drift: None
    ) -> None:
        put(personal(jana), relay, 1, by=jana)
        document = used(job, swapped(relay), at=NOON)
        OldPartDebt.objects.update(engineer=tom)
        with refused(UndoRefused) as caught:
            undo(document, jana)
        assert "was handed to Tom Berger" in caught.value.messages[0]

    def test_a_correction_leaves_the_old_part_that_came_back(
        self, job: WorkOrder, jana: User, eva: User, relay: Part
    ) -> None:
        from inventory.domain import ledger, locations
        from inventory.enums import LocationKind, PostingReason

        put(personal(jana), relay, 1, by=jana)
        document = used(job, swapped(relay), at=NOON)
        line = ledger.Line(relay, 1, personal(jana), locations.outside(LocationKind.SUPPLIER), "old")
        ledger.post(
            reason=PostingReason.RETURN, reference="RT-000001", lines=[line], by=jana, at=NOON, key=uuid.uuid4()
        )
        OldPartDebt.objects.update(status="closed")
        assert [words for words in obstacles(document, policy=current_policy()) if "RT-000001" in words]

        correct_consumption(
            document, by=eva, at=SOON, key=uuid.uuid4(), policy=current_policy(), reason="It was another job"
        )

        assert held(personal(jana)) == {"REL-24": 1}
        assert owed() == [("REL-24", 1, "closed")]
        document.refresh_from_db()
        assert document.status == "corrected"

    def test_a_decided_exception_is_void_too(self, job: WorkOrder, jana: User, relay: Part) -> None:
        put(personal(jana), relay, 1, by=jana)
        document = used(job, swapped(relay, is_taken_out=False), at=NOON)
        undo(document, jana)
        assert owed() == [("REL-24", 1, "void")]
        assert held(personal(jana)) == {"REL-24": 1}
