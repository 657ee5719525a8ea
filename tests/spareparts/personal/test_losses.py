"""Lost, damaged, dead on arrival: where the parts are then, and how it is taken back."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from config.shared.errors import IllegalTransition, NotAllowed
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from inventory.domain.errors import NotEnoughStock
from inventory.enums import Condition, LocationKind, PostingReason
from inventory.models import Move, Posting
from spareparts.domain.losses import AlreadyOld, QuantityNotPositive, UnknownKind, undo_loss
from spareparts.domain.modes import ModeChanged
from spareparts.domain.taking_back import UndoRefused, UndoTooLate
from spareparts.enums import LossKind, Mode, PostedStatus
from spareparts.models import LossReport
from spareparts.queries import current_policy
from spareparts.queries.holdings import holdings_of
from tests.factories.inventory import PartFactory
from tests.factories.personal import gives, lost
from tests.factories.workorders import WorkOrderFactory
from tests.spareparts.helpers import refused
from tests.support.modes import in_mode
from tests.support.stock import held, personal, put

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SOON = NOON + timedelta(minutes=9)
LATE = NOON + timedelta(minutes=10)
pytestmark = [pytest.mark.usefixtures("standard")]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def six(jana):
    bearing = PartFactory(number="BRG-1")
    gives(jana, bearing, 6, at=datetime(2026, 10, 1, 8, tzinfo=UTC))
    return bearing


def undo(report, by, at=SOON, reason=""):
    undo_loss(report, by=by, at=at, key=uuid.uuid4(), policy=current_policy(), reason=reason)


@pytest.mark.both_engines
class TestReport:
    def test_lost_parts_are_gone(self, jana, six) -> None:
        job = WorkOrderFactory(lead=jana)
        report = lost(jana, six, 2, at=NOON, reason=" Fell off the roof ", work_order=job)

        move = Move.objects.latest("pk")
        assert (move.quantity, move.target.kind, move.posting.reason) == (2, LocationKind.ADJUSTMENT, "loss")
        assert held(personal(jana)) == {"BRG-1": 4}
        assert (report.reason, report.work_order, report.reference) == ("Fell off the roof", job, f"LO-{report.pk:06d}")
        event = AuditEvent.objects.get(verb="lossreport.report")
        assert (event.actor, event.reason) == (jana, "Fell off the roof")

    @pytest.mark.parametrize("kind", [LossKind.DAMAGED, LossKind.DEAD_ON_ARRIVAL])
    def test_broken_ones_stay_with_him_as_old_parts_from_now_on(self, jana, six, kind) -> None:
        report = lost(jana, six, 2, kind=kind, at=NOON)

        assert held(personal(jana)) == {"BRG-1": 4, "BRG-1 (old)": 2}
        assert report.posting.reason == PostingReason.CONVERSION
        since = {each.condition: each.since for each in holdings_of(jana, at=NOON)}
        assert since == {Condition.NEW: datetime(2026, 10, 1, 8, tzinfo=UTC), Condition.OLD: NOON}

    def test_an_old_part_may_be_lost(self, jana) -> None:
        pump = PartFactory(number="PMP-1")
        gives(jana, pump, condition=Condition.OLD)
        lost(jana, pump, condition=Condition.OLD)
        assert held(personal(jana)) == {}

    def test_in_advanced_a_serial_number_keeps_its_number(self, jana) -> None:
        in_mode(Mode.ADVANCED)
        pump = PartFactory(number="PMP-1", tracking="serial")
        lot = pump.lots.create(code="77-1", is_serial=True)
        put(personal(jana), pump, by=jana, lot=lot)
        lost(jana, pump, kind=LossKind.DAMAGED, lot=lot)
        assert [(each.condition, each.lot) for each in holdings_of(jana, at=NOON)] == [(Condition.OLD, lot)]


class TestRefusals:
    def test_each_in_words(self, jana, tom, eva, six) -> None:
        gives(jana, six, condition=Condition.OLD)
        with refused(AlreadyOld) as caught:
            lost(jana, six, kind=LossKind.DAMAGED, condition=Condition.OLD)
        assert caught.value.messages == ["BRG-1 is an old part already. Give it back, or report it as lost."]
        with refused(NotEnoughStock) as short:
            lost(jana, six, 7)
        assert short.value.messages == ["BRG-1: Jana Novak has 6 pc, you asked for 7 pc."]
        for quantity in (0, -1, 10**9 + 1):
            with refused(QuantityNotPositive):
                lost(jana, six, quantity)
        with refused(UnknownKind):
            lost(jana, six, kind="eaten")
        with refused(ReasonMissing):
            lost(jana, six, reason="  ")
        for person in (tom, eva):
            with refused(NotAllowed):
                lost(jana, six, by=person)
        assert not LossReport.objects.exists()

    def test_a_photo_of_a_refused_report_is_not_kept(self, jana, six, media) -> None:
        with refused(NotEnoughStock):
            lost(jana, six, 7, photo=ContentFile(b"x", name="a.jpg"))
        assert [each for each in media.rglob("*") if each.is_file()] == []
        report = lost(jana, six, photo=ContentFile(b"x", name="a.jpg"))
        assert report.photo.name.startswith("losses/")

    def test_a_switch_of_the_mode_is_not_overtaken(self, jana, six) -> None:
        policy = current_policy()
        in_mode(Mode.STANDARD, version=policy.version + 1)
        with refused(ModeChanged):
            lost(jana, six, policy=policy)


@pytest.mark.both_engines
class TestUndo:
    def test_by_himself_within_ten_minutes(self, jana, six) -> None:
        report = lost(jana, six, 2, kind=LossKind.DAMAGED, at=NOON)
        undo(report, jana)

        assert held(personal(jana)) == {"BRG-1": 6}
        report = LossReport.objects.get()
        assert (report.status, report.undone_by, report.undone_at) == (PostedStatus.UNDONE, jana, SOON)
        assert [each.since.month for each in holdings_of(jana, at=NOON)] == [10]
        with refused(IllegalTransition):
            undo(report, jana)
        assert Posting.objects.count() == 3

    def test_later_by_a_service_manager_with_a_reason(self, jana, tom, karl, eva, six) -> None:
        report = lost(jana, six, at=NOON)
        with refused(UndoTooLate) as caught:
            undo(report, jana, at=LATE)
        assert caught.value.messages == ["This could be undone for 10 minutes. Ask a service manager to undo it."]
        for person in (tom, karl):
            with refused(NotAllowed):
                undo(LossReport.objects.get(), person)
        with refused(ReasonMissing):
            undo(LossReport.objects.get(), eva)
        undo(LossReport.objects.get(), eva, at=LATE, reason=" Found in the van ")
        assert LossReport.objects.get().undo_reason == "Found in the van"

    def test_not_when_the_old_part_has_gone(self, jana, six) -> None:
        report = lost(jana, six, 2, kind=LossKind.DAMAGED, at=NOON)
        lost(jana, six, 1, condition=Condition.OLD)
        with refused(UndoRefused) as caught:
            undo(report, jana)
        assert caught.value.messages == [
            "This cannot be undone any more: some of the parts have moved on since.",
            "BRG-1 (Old part): Jana Novak has 1 pc, you asked for 2 pc.",
        ]


def test_the_database_says_no(jana, six) -> None:
    report = lost(jana, six)
    for name, changes in (
        ("lossreport_quantity_positive", {"quantity": 0}),
        ("lossreport_has_reason", {"reason": ""}),
        ("lossreport_undone_has_reversal", {"status": "undone"}),
        ("lossreport_undone_has_reversal", {"undone_at": NOON}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            LossReport.objects.filter(pk=report.pk).update(**changes)
