"""Taking it back: for ten minutes by the engineer, later by a manager, or a correcting entry."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from config.shared.errors import IllegalTransition, NotAllowed, StaleDocument
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from inventory.enums import LocationKind, PostingReason
from inventory.models import Move, Posting
from spareparts.domain.consumption import UsedPart
from spareparts.domain.machine import edit_equipment_part, take_out_equipment_part
from spareparts.domain.modes import ModeChanged
from spareparts.domain.undo import (
    CorrectionNotNeeded,
    UndoRefused,
    UndoTooLate,
    correct_consumption,
    obstacles,
    undo_consumption,
    undo_until,
)
from spareparts.enums import ConsumptionStatus, OldPartAnswer
from spareparts.models import Consumption, EquipmentPart
from spareparts.policies import STANDARD
from spareparts.queries import current_policy
from tests.factories.inventory import PartFactory
from tests.factories.spareparts import EquipmentPartFactory, used
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.spareparts.helpers import in_machine, refused, taken_out
from workorders.domain import work_orders
from workorders.models import WorkOrder

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SOON = NOON + timedelta(minutes=9)
LATE = NOON + timedelta(minutes=10)


@pytest.fixture
def job(jana):
    chiller = EquipmentFactory(name="Chiller 3", serial="C3-1")
    return WorkOrderFactory(number="WO-411", lead=jana, site=chiller.site, equipment=chiller)


@pytest.fixture
def bearing(db):
    return PartFactory(number="BRG-6004-2RS")


@pytest.fixture
def four_bearings(job, bearing):
    return EquipmentPartFactory(equipment=job.equipment, part=bearing, quantity=4)


def swap(entry, quantity=1):
    return UsedPart(entry.part, quantity, old_part_answer=OldPartAnswer.RETURNING, taken_from=entry.pk)


def undo(document, by, at=SOON, reason="", **facts):
    undo_consumption(
        document, by=by, at=at, key=uuid.uuid4(), reason=reason, policy=facts.get("policy") or current_policy()
    )


def correct(document, by, reason="Counted wrong", at=LATE):
    correct_consumption(document, by=by, at=at, key=uuid.uuid4(), reason=reason, policy=current_policy())


@pytest.mark.both_engines
class TestUndo:
    def test_moves_and_machine_go_back_together(self, job, jana, bearing, four_bearings) -> None:
        document = used(job, swap(four_bearings, 3), at=NOON)

        undo(document, jana)

        document = Consumption.objects.get()
        assert (document.status, document.undone_by, document.undone_at) == (ConsumptionStatus.UNDONE, jana, SOON)
        assert in_machine(job.equipment) == [("BRG-6004-2RS", 4, "")]
        assert taken_out(job.equipment) == []
        assert document.reversal.reverses == document.posting
        assert document.reversal.reason == PostingReason.REVERSAL
        back = Move.objects.get(posting=document.reversal)
        assert (back.part, back.quantity, back.source.kind, back.target.kind) == (
            bearing,
            3,
            LocationKind.CUSTOMER,
            LocationKind.SUPPLIER,
        )
        assert AuditEvent.objects.filter(verb="consumption.undo", actor=jana).count() == 1

    def test_several_lines_go_back_in_order(self, job, jana, bearing, four_bearings) -> None:
        document = used(job, swap(four_bearings, 2), swap(four_bearings, 2), PartFactory(), at=NOON)

        undo(document, jana)

        assert in_machine(job.equipment) == [("BRG-6004-2RS", 4, "")]

    def test_the_last_first_then_the_one_before(self, job, jana, four_bearings) -> None:
        first = used(job, swap(four_bearings), at=NOON)
        second = used(job, swap(four_bearings), at=NOON)

        undo(second, jana)
        undo(first, jana)

        assert in_machine(job.equipment) == [("BRG-6004-2RS", 4, "")]

    def test_a_job_without_a_machine(self, jana, bearing) -> None:
        document = used(WorkOrderFactory(lead=jana), bearing, at=NOON)

        undo(document, jana)

        assert Posting.objects.count() == 2

    def test_who_recorded_may_undo_too(self, job, eva, bearing) -> None:
        document = used(job, bearing, by=eva, reason="Phone flat", at=NOON)

        undo(document, eva)

        assert AuditEvent.objects.filter(verb="consumption.undo", actor=eva).count() == 1

    def test_later_a_manager_with_a_reason(self, job, eva, bearing) -> None:
        document = used(job, bearing, at=NOON)

        undo(document, eva, at=LATE, reason=" Wrong job ")

        assert Consumption.objects.get().undo_reason == "Wrong job"
        assert AuditEvent.objects.get(verb="consumption.undo_later").reason == " Wrong job "


class TestWhoAndWhen:
    def test_ten_minutes_are_up(self, job, jana, bearing) -> None:
        document = used(job, bearing, at=NOON)

        assert undo_until(document, current_policy()) == LATE
        with refused(UndoTooLate) as caught:
            undo(document, jana, at=LATE)

        assert caught.value.messages == ["This could be undone for 10 minutes. Ask a service manager to undo it."]

    def test_a_manager_gives_a_reason(self, job, eva, bearing) -> None:
        document = used(job, bearing, at=NOON)

        with refused(ReasonMissing):
            undo(document, eva, at=LATE)

    def test_tom_may_not(self, job, tom, bearing) -> None:
        document = used(job, bearing, at=NOON)

        with refused(NotAllowed):
            undo(document, tom)

    def test_twice(self, job, jana, bearing) -> None:
        document = used(job, bearing, at=NOON)
        stale = Consumption.objects.get()
        undo(document, jana)

        with refused(IllegalTransition):
            undo(stale, jana)
        assert Posting.objects.count() == 2

    def test_a_switch_of_the_mode_is_not_overtaken(self, job, jana, bearing, use_mode) -> None:
        document = used(job, bearing, at=NOON)
        policy = current_policy()
        use_mode(version=policy.version + 1)

        with refused(ModeChanged):
            undo(document, jana, policy=policy)

    def test_somebody_touched_it_meanwhile(self, job, jana, bearing) -> None:
        document = used(job, bearing, at=NOON)
        Consumption.objects.update(version=7)

        with refused(StaleDocument):
            undo(document, jana)


@pytest.mark.both_engines
class TestLaterEvents:
    def test_the_machine_was_changed_again(self, job, jana, bearing, four_bearings) -> None:
        first = used(job, swap(four_bearings), at=NOON)
        second = used(job, swap(four_bearings), at=NOON)

        with refused(UndoRefused) as caught:
            undo(first, jana)

        assert caught.value.messages == [f"BRG-6004-2RS in Chiller 3 (C3-1) was changed again by {second.reference}."]
        assert in_machine(job.equipment) == [
            ("BRG-6004-2RS", 2, ""),
            ("BRG-6004-2RS", 1, ""),
            ("BRG-6004-2RS", 1, ""),
        ]

    def test_the_new_part_was_taken_out_again(self, job, jana, bearing) -> None:
        first = used(job, bearing, at=NOON)
        second = used(job, swap(EquipmentPart.objects.get()), at=NOON)

        assert obstacles(first, policy=current_policy()) == [
            f"BRG-6004-2RS in Chiller 3 (C3-1) was changed again by {second.reference}."
        ]
        undo(second, jana)
        assert obstacles(first, policy=current_policy()) == []
        undo(Consumption.objects.get(pk=first.pk), jana)
        assert in_machine(job.equipment) == []

    def test_the_list_was_changed_by_hand(self, job, jana, eva, bearing, four_bearings) -> None:
        document = used(job, swap(four_bearings), at=NOON)
        four_bearings.refresh_from_db()
        edit_equipment_part(four_bearings, quantity=2, serial="", position="", by=eva, at=SOON, seen_version=0)
        take_out_equipment_part(document.lines.get().fitted, by=eva, at=SOON, reason="", seen_version=0)

        with refused(UndoRefused) as caught:
            undo(document, jana)

        assert caught.value.messages == ["BRG-6004-2RS in Chiller 3 (C3-1) was changed by hand since."] * 2

    def test_a_change_by_hand_before_the_use_is_no_obstacle(self, job, jana, eva, four_bearings) -> None:
        edit_equipment_part(four_bearings, quantity=3, serial="", position="", by=eva, at=NOON, seen_version=0)
        four_bearings.refresh_from_db()
        document = used(job, swap(four_bearings), at=NOON)

        undo(document, jana)

        assert in_machine(job.equipment) == [("BRG-6004-2RS", 3, "")]

    def test_the_job_is_completed(self, job, jana, bearing) -> None:
        document = used(job, bearing, at=NOON)
        work_orders.complete(WorkOrder.objects.get(), by=jana, at=SOON)

        with refused(UndoRefused) as caught:
            undo(document, jana)

        assert caught.value.messages == ["WO-411 is “Completed” since 23 Nov 2026, 12:09 (Jana Novak)."]

    def test_the_job_is_cancelled_and_nobody_knows_when(self, job, bearing) -> None:
        document = used(job, bearing, at=NOON)
        WorkOrder.objects.update(status="cancelled")
        document.work_order.refresh_from_db()

        assert obstacles(document, policy=current_policy()) == ["WO-411 is “Cancelled”."]

    def test_the_mode_changed(self, job, bearing) -> None:
        document = used(job, bearing, at=NOON)

        assert obstacles(document, policy=STANDARD) == ["The mode changed from Simple to Standard since."]


@pytest.mark.both_engines
class TestCorrecting:
    def test_the_cost_goes_and_the_machine_stays(self, job, jana, eva, bearing) -> None:
        document = used(job, bearing, at=NOON)
        work_orders.complete(WorkOrder.objects.get(), by=jana, at=SOON)

        correct(document, eva)

        document = Consumption.objects.get()
        assert (document.status, document.undo_reason) == (ConsumptionStatus.CORRECTED, "Counted wrong")
        assert document.reversal.reverses == document.posting
        assert in_machine(job.equipment) == [("BRG-6004-2RS", 1, "")]
        assert AuditEvent.objects.filter(verb="consumption.correct", actor=eva).count() == 1

    def test_an_undo_is_better_while_it_is_possible(self, job, eva, bearing) -> None:
        document = used(job, bearing, at=NOON)

        with refused(CorrectionNotNeeded):
            correct(document, eva)

    def test_only_managers_correct(self, job, jana, bearing) -> None:
        document = used(job, bearing, at=NOON)

        with refused(NotAllowed):
            correct(document, jana)

    def test_a_correction_gives_a_reason(self, job, eva, bearing) -> None:
        document = used(job, bearing, at=NOON)

        with refused(ReasonMissing):
            correct(document, eva, reason="")

    def test_a_corrected_use_still_stands_in_the_machine(self, job, jana, eva, bearing, four_bearings) -> None:
        first = used(job, swap(four_bearings), at=NOON)
        second = used(job, swap(four_bearings), at=NOON)
        third = used(job, swap(four_bearings), at=NOON)
        correct(second, eva)

        assert obstacles(first, policy=current_policy()) == [
            f"BRG-6004-2RS in Chiller 3 (C3-1) was changed again by {later.reference}." for later in (second, third)
        ]
