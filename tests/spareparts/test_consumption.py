"""Jana records what she used: the document, the moves, the cost and the machine."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from config.shared.errors import NotAllowed
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from inventory.enums import LocationKind, Tracking
from inventory.models import Move
from spareparts.domain.consumption import (
    BadLines,
    NothingUsed,
    NotOnTheJob,
    UsedPart,
    WorkOrderNotOpen,
)
from spareparts.domain.costs import line_cost
from spareparts.domain.modes import ModeChanged
from spareparts.domain.routes import FlowNotInMode
from spareparts.domain.undo import undo_consumption
from spareparts.enums import ConsumptionStatus, OldPartAnswer
from spareparts.models import Consumption, ConsumptionLine, EquipmentPart
from spareparts.policies import DISABLED
from spareparts.queries import current_policy
from tests.factories.inventory import PartFactory, UnitFactory
from tests.factories.spareparts import EquipmentPartFactory, used
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.spareparts.helpers import in_machine, refused, taken_out
from workorders.enums import WorkOrderStatus
from workorders.models import User, WorkOrder

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def chiller_job(jana):
    chiller = EquipmentFactory(name="Chiller 3")
    return WorkOrderFactory(number="WO-411", lead=jana, site=chiller.site, equipment=chiller)


@pytest.fixture
def bearing(db):
    return PartFactory(number="BRG-6004-2RS", name="Bearing 6004 2RS", unit_cost=Decimal("8.40"))


@pytest.fixture
def valve(db):
    return PartFactory(number="VLV-SOL-24V", unit_cost=Decimal("61.20"), tracking=Tracking.SERIAL)


def returning(part, quantity=1, **facts):
    return UsedPart(part, quantity, old_part_answer=OldPartAnswer.RETURNING, **facts)


class TestRecording:
    def test_one_document_with_its_moves_and_frozen_cost(self, chiller_job, jana, bearing, valve) -> None:
        cable = PartFactory(
            number="CBL-3X1.5",
            unit=UnitFactory(code="m", name="metre", decimal_places=2),
            unit_cost=Decimal("2.39"),
        )
        lines = [UsedPart(bearing, 2), UsedPart(valve, 1, lot_text="88-1042"), UsedPart(cable, 150)]

        document = used(chiller_job, *lines, at=NOON)

        assert document.reference == f"CO-{document.pk:06d}"
        assert (document.engineer, document.recorded_by, document.recorded_at) == (jana, jana, NOON)
        assert [
            (line.part.number, line.quantity, line.lot_text, line.unit_cost, line.cost)
            for line in document.lines.order_by("pk")
        ] == [
            ("BRG-6004-2RS", 2, "", Decimal("8.40"), Decimal("16.80")),
            ("VLV-SOL-24V", 1, "88-1042", Decimal("61.20"), Decimal("61.20")),
            ("CBL-3X1.5", 150, "", Decimal("2.39"), Decimal("3.59")),  # 3.585 rounds half up
        ]
        moves = Move.objects.filter(posting__key=document.posting_id).order_by("pk")
        assert [(m.part_id, m.quantity, m.source.kind, m.target.kind) for m in moves] == [
            (bearing.pk, 2, LocationKind.SUPPLIER, LocationKind.CUSTOMER),
            (valve.pk, 1, LocationKind.SUPPLIER, LocationKind.CUSTOMER),
            (cable.pk, 150, LocationKind.SUPPLIER, LocationKind.CUSTOMER),
        ]
        assert document.posting.reference == document.reference
        event = AuditEvent.objects.get(verb="consumption.record")
        assert (event.actor, event.subject_label, event.details["work_order"]) == (jana, document.reference, "WO-411")

    def test_a_later_price_changes_nothing(self, chiller_job, bearing) -> None:
        document = used(chiller_job, bearing)
        bearing.unit_cost = Decimal("99.00")
        bearing.save(update_fields=["unit_cost"])

        assert document.lines.get().cost == Decimal("8.40")

    @pytest.mark.parametrize(
        ("unit_cost", "quantity", "places", "expected"),
        [
            ("8.40", 2, 0, "16.80"),
            ("2.39", 150, 2, "3.59"),
            ("0.01", 1, 3, "0.00"),
            ("0.01", 500, 3, "0.01"),
            ("0.00", 7, 0, "0.00"),
        ],
    )
    def test_cost_is_rounded_half_up(self, unit_cost, quantity, places, expected) -> None:
        assert line_cost(Decimal(unit_cost), quantity, places) == Decimal(expected)

    def test_unlisted_and_superseded_parts_may_still_be_used(self, chiller_job) -> None:
        successor = PartFactory(number="NEW-1")
        old = PartFactory(number="OLD-1", is_listed=False, superseded_by=successor)

        assert used(chiller_job, old).lines.get().part == old

    def test_a_helper_uses_for_himself(self, chiller_job, tom, bearing) -> None:
        chiller_job.helpers.add(tom)

        assert used(chiller_job, bearing, engineer=tom).engineer == tom

    def test_a_manager_records_for_the_engineer_with_a_reason(self, chiller_job, jana, eva, bearing) -> None:
        document = used(chiller_job, bearing, by=eva, reason=" Phone flat ")

        assert (document.engineer, document.recorded_by, document.reason) == (jana, eva, "Phone flat")

    def test_the_same_key_acts_once(self, chiller_job, bearing) -> None:
        key = uuid.uuid4()
        used(chiller_job, bearing, key=key)

        with pytest.raises(IntegrityError), transaction.atomic():
            used(chiller_job, bearing, key=key)

        assert Consumption.objects.count() == 1
        assert Move.objects.count() == 1


class TestRefusals:
    def test_every_bad_line_is_named(self, chiller_job, bearing, valve) -> None:
        lines = [UsedPart(bearing, 0), UsedPart(valve, 1), returning(valve), UsedPart(bearing, 2_000_000_000)]

        with refused(BadLines) as caught:
            used(chiller_job, *lines)

        assert caught.value.messages == [
            "Line 1, BRG-6004-2RS: the quantity must be more than zero.",
            "Line 3, VLV-SOL-24V: name the old part that was taken out.",
            "Line 4, BRG-6004-2RS: the quantity is too large.",
        ]
        assert [(problem.index, problem.field) for problem in caught.value.problems] == [
            (0, "quantity"),
            (2, "old_part"),
            (3, "quantity"),
        ]
        assert Consumption.objects.count() == 0

    def test_an_old_part_needs_an_answer(self, chiller_job, bearing) -> None:
        with refused(BadLines) as caught:
            used(chiller_job, UsedPart(bearing, 1, old_serial="77-0031"))

        assert caught.value.messages == ["Line 1, BRG-6004-2RS: an old part is named, so say what happens to it."]

    def test_an_answer_must_be_one_of_three(self, chiller_job, bearing) -> None:
        with refused(BadLines) as caught:
            used(chiller_job, UsedPart(bearing, 1, old_part_answer="eaten"))

        assert caught.value.messages == ["Line 1, BRG-6004-2RS: say what happens to the old part."]

    def test_no_machine_no_old_part_from_it(self, jana, bearing) -> None:
        job = WorkOrderFactory(lead=jana)
        entry = EquipmentPartFactory(part=bearing)

        with refused(BadLines) as caught:
            used(job, returning(bearing, taken_from=entry.pk))

        assert caught.value.messages == ["Line 1, BRG-6004-2RS: this job names no machine to take an old part from."]

    def test_too_many_lines(self, chiller_job, bearing) -> None:
        with refused(BadLines) as caught:
            used(chiller_job, *[bearing] * 201)

        assert caught.value.messages == ["A record holds at most 200 lines."]

    def test_nothing_used(self, chiller_job) -> None:
        with refused(NothingUsed):
            used(chiller_job)

    @pytest.mark.parametrize("status", [WorkOrderStatus.NEW, WorkOrderStatus.COMPLETED, WorkOrderStatus.CANCELLED])
    def test_the_job_must_be_open(self, chiller_job, bearing, status) -> None:
        completed_at = NOON if status == WorkOrderStatus.COMPLETED else None
        WorkOrder.objects.filter(pk=chiller_job.pk).update(status=status, completed_at=completed_at)

        with refused(WorkOrderNotOpen) as caught:
            used(chiller_job, bearing)

        assert caught.value.messages == [
            f"WO-411 is “{status.label}”: parts are recorded on open jobs only. Ask the dispatcher to reopen it."
        ]
        assert Move.objects.count() == 0

    def test_tom_is_not_on_the_job(self, chiller_job, tom, bearing) -> None:
        with refused(NotOnTheJob) as caught:
            used(chiller_job, bearing, engineer=tom)

        assert caught.value.messages == ["Tom Berger is neither lead nor helper of WO-411."]

    def test_tom_may_not_record_for_jana(self, chiller_job, tom, bearing) -> None:
        with refused(NotAllowed):
            used(chiller_job, bearing, by=tom, reason="because")

    def test_the_auditor_records_nothing(self, chiller_job, oskar, bearing) -> None:
        with refused(NotAllowed):
            used(chiller_job, bearing, by=oskar, reason="because")

    def test_a_manager_gives_a_reason(self, chiller_job, eva, bearing) -> None:
        with refused(ReasonMissing):
            used(chiller_job, bearing, by=eva, reason="  ")

    def test_a_switch_of_the_mode_is_not_overtaken(self, chiller_job, bearing, use_mode) -> None:
        policy = current_policy()
        use_mode(version=policy.version + 1)

        with refused(ModeChanged):
            used(chiller_job, bearing, policy=policy)

    def test_without_the_plugin_there_is_no_route(self, chiller_job, bearing) -> None:
        with refused(FlowNotInMode):
            used(chiller_job, bearing, policy=DISABLED)


@pytest.mark.both_engines
class TestTheMachine:
    def test_the_new_part_is_fitted_where_the_old_one_was(self, chiller_job, valve) -> None:
        entry = EquipmentPartFactory(
            equipment=chiller_job.equipment, part=valve, serial="77-0031", position="Circuit 1"
        )

        document = used(chiller_job, returning(valve, taken_from=entry.pk, lot_text="88-1042"))

        assert in_machine(chiller_job.equipment) == [("VLV-SOL-24V", 1, "88-1042")]
        assert taken_out(chiller_job.equipment) == [("VLV-SOL-24V", 1)]
        line = document.lines.get()
        assert (line.old_part, line.old_quantity, line.old_serial) == (valve, 1, "77-0031")
        assert line.fitted.position == "Circuit 1"
        assert line.removed == entry

    def test_what_is_used_up_stays_out_of_the_parts_list(self, chiller_job, jana, bearing) -> None:
        grease = PartFactory(number="GRS-LITH-400", is_noted_in_machine=False)

        document = used(chiller_job, grease, bearing, at=NOON)

        assert in_machine(chiller_job.equipment) == [("BRG-6004-2RS", 1, "")]
        assert [line.part.number for line in document.lines.order_by("pk")] == ["GRS-LITH-400", "BRG-6004-2RS"]
        assert Move.objects.count() == 2
        undo_consumption(document, by=jana, at=NOON, key=uuid.uuid4(), policy=current_policy())
        assert in_machine(chiller_job.equipment) == []

    def test_it_goes_in_where_it_replaces_an_entry(self, chiller_job, jana) -> None:
        oil = PartFactory(number="OIL-46", is_noted_in_machine=False)
        entry = EquipmentPartFactory(equipment=chiller_job.equipment, part=oil, quantity=12, position="Tank")

        document = used(chiller_job, returning(oil, 12, taken_from=entry.pk), at=NOON)

        assert document.lines.get().fitted.position == "Tank"
        assert (in_machine(chiller_job.equipment), taken_out(chiller_job.equipment)) == (
            [("OIL-46", 12, "")],
            [("OIL-46", 12)],
        )
        undo_consumption(document, by=jana, at=NOON, key=uuid.uuid4(), policy=current_policy())
        entry.refresh_from_db()
        assert (entry.quantity, entry.removed_at) == (12, None)
        assert EquipmentPart.objects.current().get() == entry

    def test_taking_some_of_many_splits_the_entry(self, chiller_job, bearing) -> None:
        entry = EquipmentPartFactory(equipment=chiller_job.equipment, part=bearing, quantity=4)

        used(chiller_job, returning(bearing, 3, taken_from=entry.pk))

        assert in_machine(chiller_job.equipment) == [("BRG-6004-2RS", 1, ""), ("BRG-6004-2RS", 3, "")]
        assert taken_out(chiller_job.equipment) == [("BRG-6004-2RS", 3)]

    def test_two_lines_may_take_from_one_entry_until_it_is_empty(self, chiller_job, bearing, valve) -> None:
        entry = EquipmentPartFactory(equipment=chiller_job.equipment, part=bearing, quantity=3)
        lines = [returning(bearing, 2, taken_from=entry.pk), returning(bearing, 2, taken_from=entry.pk)]

        document = used(chiller_job, *lines)

        assert [line.old_quantity for line in document.lines.order_by("pk")] == [2, 1]
        assert in_machine(chiller_job.equipment) == [("BRG-6004-2RS", 2, ""), ("BRG-6004-2RS", 2, "")]

    def test_an_empty_entry_is_refused(self, chiller_job, bearing) -> None:
        entry = EquipmentPartFactory(equipment=chiller_job.equipment, part=bearing)
        other = EquipmentPartFactory(part=bearing)
        lines = [returning(bearing, taken_from=entry.pk)] * 2 + [returning(bearing, taken_from=other.pk)]

        with refused(BadLines) as caught:
            used(chiller_job, *lines)

        assert caught.value.messages == [
            "Line 2, BRG-6004-2RS: the old part is no longer in the machine. Choose it again.",
            "Line 3, BRG-6004-2RS: the old part is no longer in the machine. Choose it again.",
        ]
        assert in_machine(chiller_job.equipment) == [("BRG-6004-2RS", 1, "")]

    def test_an_old_part_of_the_catalogue_is_only_noted(self, chiller_job, bearing) -> None:
        old = PartFactory(number="OLD-7", is_listed=False)

        line = used(chiller_job, returning(bearing, 2, old_part=old, old_serial="x7")).lines.get()

        assert (line.old_part, line.old_quantity, line.old_serial) == (old, 2, "x7")
        assert taken_out(chiller_job.equipment) == []

    def test_an_old_part_in_another_unit_counts_as_one(self, chiller_job, bearing) -> None:
        hose = PartFactory(unit=UnitFactory(code="m", name="metre", decimal_places=2))

        assert used(chiller_job, returning(bearing, 3, old_part=hose)).lines.get().old_quantity == 100

    def test_a_job_without_a_machine_changes_none(self, jana, bearing) -> None:
        used(WorkOrderFactory(lead=jana), bearing)

        assert EquipmentPart.objects.count() == 0


class TestInvariants:
    """The database refuses what the domain would never write."""

    @pytest.fixture
    def document(self, chiller_job, bearing):
        return used(chiller_job, bearing)

    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("consumption_undone_has_reversal", {"status": ConsumptionStatus.UNDONE}),
            ("consumption_mode_known", {"mode": "own"}),
        ],
    )
    def test_consumption(self, document, name, change) -> None:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Consumption.objects.filter(pk=document.pk).update(**change)

    def test_status_is_known(self, document, jana) -> None:
        undone = {"reversal_id": document.posting_id, "undone_at": NOON, "undone_by": jana}
        with pytest.raises(IntegrityError, match="consumption_status_known"), transaction.atomic():
            Consumption.objects.filter(pk=document.pk).update(status="lost", **undone)

    def test_somebody_elses_use_has_a_reason(self, document, eva) -> None:
        with pytest.raises(IntegrityError, match="consumption_for_others_has_reason"), transaction.atomic():
            Consumption.objects.filter(pk=document.pk).update(recorded_by=eva)

    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("consumption_line_quantity_positive", {"quantity": 0}),
            ("consumption_line_unit_cost_not_negative", {"unit_cost": Decimal("-0.01")}),
            ("consumption_line_cost_not_negative", {"cost": Decimal("-0.01")}),
            ("consumption_line_old_part_named", {"old_part_answer": OldPartAnswer.LEFT}),
            ("consumption_line_old_part_named", {"old_serial": "77"}),
            ("consumption_line_taken_from_has_version", {"taken_from_version": 1}),
        ],
    )
    def test_line(self, document, name, change) -> None:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ConsumptionLine.objects.filter(consumption=document).update(**change)

    def test_line_answer(self, document, bearing) -> None:
        change = {"old_part_answer": "eaten", "old_part": bearing, "old_quantity": 1}
        with pytest.raises(IntegrityError, match="old_part_answer_known"), transaction.atomic():
            ConsumptionLine.objects.filter(consumption=document).update(**change)

    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("equipment_part_quantity_positive", {"quantity": 0}),
            ("equipment_part_undone_came_from_use", {"undone_at": NOON}),
        ],
    )
    def test_machine_row(self, bearing, name, change) -> None:
        entry = EquipmentPartFactory(part=bearing)
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            EquipmentPart.objects.filter(pk=entry.pk).update(**change)

    def test_machine_row_taken_out_has_a_time(self, document) -> None:
        line = document.lines.get()
        with pytest.raises(IntegrityError, match="equipment_part_removed_has_time"), transaction.atomic():
            EquipmentPart.objects.filter(fitted_by_line=line).update(removed_by_line=line)

    def test_machine_row_split_is_history(self, document) -> None:
        row = document.lines.get().fitted
        with pytest.raises(IntegrityError, match="equipment_part_split_is_history"), transaction.atomic():
            EquipmentPart.objects.filter(pk=row.pk).update(split_from=row)

    @pytest.mark.django_db(transaction=True)
    def test_no_consumption_without_its_posting(self, chiller_job, jana) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Consumption.objects.create(
                work_order=chiller_job,
                engineer=jana,
                recorded_by=jana,
                recorded_at=NOON,
                mode="simple",
                posting_id=uuid.uuid4(),
            )


def test_jana_sees_her_consumptions_and_those_of_her_jobs(chiller_job, jana, tom, eva, bearing) -> None:
    mine = used(chiller_job, bearing)
    toms_job = WorkOrderFactory(lead=tom)
    toms = used(toms_job, bearing, at=NOON + timedelta(hours=1))

    assert list(Consumption.objects.visible_to(jana)) == [mine]
    assert list(Consumption.objects.visible_to(eva)) == [toms, mine]
    assert list(Consumption.objects.visible_to(User(is_active=False))) == []
