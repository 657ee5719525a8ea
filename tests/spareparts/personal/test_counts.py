"""An engineer counts what he has: as booked, different, moved meanwhile, too much to book alone."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from config.shared.errors import IllegalTransition, NotAllowed
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from inventory.domain import ledger
from inventory.domain.errors import NotEnoughStock
from inventory.enums import Condition, LocationKind
from inventory.models import Lot, Move, Posting
from spareparts.domain import counts
from spareparts.domain.consumption import BadLines
from spareparts.domain.counts import CountedPart, CountOpen, MovedMeanwhile
from spareparts.domain.four_eyes import OwnDocument
from spareparts.enums import CountStatus, Mode
from spareparts.models import StockCount, StockCountLine
from spareparts.queries import current_policy
from spareparts.queries.holdings import holdings_of
from tests.factories.inventory import PartFactory
from tests.factories.personal import finished, gives, lost, opened
from tests.factories.workorders import UserFactory
from tests.spareparts.helpers import refused
from tests.support.modes import in_mode
from tests.support.stock import held, personal, put

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
pytestmark = [pytest.mark.usefixtures("standard")]


@pytest.fixture
def six(jana):
    bearing = PartFactory(number="BRG-1", unit_cost=Decimal("8.40"))
    gives(jana, bearing, 2, at=datetime(2026, 10, 1, 8, tzinfo=UTC))
    gives(jana, bearing, 4, at=datetime(2026, 11, 1, 8, tzinfo=UTC))
    return bearing


def facts(by):
    return {"by": by, "at": NOON, "policy": current_policy()}


def approve(count, by):
    counts.approve_count(count, key=uuid.uuid4(), **facts(by))


def kept(count):
    return list(count.lines.order_by("pk").values_list("part__number", "condition", "booked", "counted", "reason"))


@pytest.mark.both_engines
class TestCounting:
    def test_opened_it_is_filled_in_with_what_is_booked(self, jana, six) -> None:
        gives(jana, six, 1, condition=Condition.OLD)
        count = opened(jana)
        assert kept(count) == [("BRG-1", "new", 6, 6, ""), ("BRG-1", "old", 1, 1, "")]
        assert AuditEvent.objects.get(verb="stockcount.open").details == {"lines": 2}

    def test_as_booked_posts_nothing(self, jana, six) -> None:
        count = finished(opened(jana), at=NOON)
        assert (count.status, count.posting_id, count.decided_by) == (CountStatus.POSTED, None, jana)
        assert Posting.objects.count() == 2

    def test_missing_ones_go_the_oldest_first_and_found_ones_come(self, jana, six) -> None:
        grease = PartFactory(number="GRS-1")
        count = finished(
            opened(jana),
            CountedPart(six, 3, reason=" Forgot to record "),
            CountedPart(grease, 2, reason="Left by Luis"),
            at=NOON,
        )

        assert held(personal(jana)) == {"BRG-1": 3, "GRS-1": 2}
        assert [each.since for each in holdings_of(jana, at=NOON)] == [datetime(2026, 11, 1, 8, tzinfo=UTC), NOON]
        assert kept(count) == [("BRG-1", "new", 6, 3, "Forgot to record"), ("GRS-1", "new", 0, 2, "Left by Luis")]
        moves = Move.objects.filter(posting=count.posting).order_by("pk")
        assert {each.source.kind for each in moves} == {LocationKind.ENGINEER, LocationKind.ADJUSTMENT}
        assert AuditEvent.objects.get(verb="stockcount.finish").details == {"value": "42.00", "differences": 2}

    def test_saved_it_waits(self, jana, six) -> None:
        count = opened(jana)
        counts.save_count(count, lines=[CountedPart(six, 5), CountedPart(six, 1, Condition.OLD)], **facts(jana))
        assert kept(count) == [("BRG-1", "new", 6, 5, ""), ("BRG-1", "old", 0, 1, "")]
        assert StockCount.objects.get().status == CountStatus.COUNTING

    def test_what_moved_meanwhile_is_asked_again(self, jana, six) -> None:
        grease = PartFactory(number="GRS-1")
        count = opened(jana)
        lost(jana, six)
        gives(jana, grease)

        finished(count, CountedPart(six, 6))
        count = StockCount.objects.get()
        assert count.status == CountStatus.COUNTING
        assert kept(count) == [("BRG-1", "new", 5, None, ""), ("GRS-1", "new", 1, None, "")]
        with refused(BadLines) as caught:
            finished(count, CountedPart(six, 5))
        assert caught.value.messages == ["GRS-1: say how many you counted."]

        count = finished(StockCount.objects.get(), CountedPart(six, 5), CountedPart(grease, 1))
        assert (count.status, count.posting_id) == (CountStatus.POSTED, None)

    def test_what_moves_in_the_moment_of_booking(self, jana, six, monkeypatch) -> None:
        """As if somebody else's posting came between our look and ours."""
        count, post = opened(jana), ledger.post

        def after_another(**facts):
            monkeypatch.setattr(ledger, "post", post)
            lost(jana, six)
            return post(**facts)

        monkeypatch.setattr(ledger, "post", after_another)
        with refused(MovedMeanwhile):
            finished(count, CountedPart(six, 5, reason="Broken"))
        assert StockCount.objects.get().status == CountStatus.COUNTING

    def test_in_advanced_what_is_found_names_its_number(self, jana) -> None:
        in_mode(Mode.ADVANCED)
        pump = PartFactory(number="PMP-1", tracking="serial", unit_cost=Decimal("1.00"))
        lot = pump.lots.create(code="77-1", is_serial=True)
        put(personal(jana), pump, by=jana, lot=lot)
        count = opened(jana)

        with refused(BadLines) as caught:
            finished(count, CountedPart(pump, 1, reason="x"), CountedPart(pump, 2, lot=lot, reason="x"))
        assert sorted(caught.value.messages) == [
            "PMP-1: name the batch or serial number of what you found.",
            "PMP-1: one serial number is one piece. Add a line for each.",
        ]
        finished(StockCount.objects.get(), CountedPart(pump, 1, lot_code="77-2", reason="In the glove box"))
        assert sorted(Lot.objects.values_list("code", flat=True)) == ["77-1", "77-2"]
        assert len(holdings_of(jana, at=NOON)) == 2


class TestRefusals:
    def test_one_count_at_a_time(self, jana, six) -> None:
        count = opened(jana)
        with refused(CountOpen) as caught:
            opened(jana)
        assert caught.value.messages == [f"{count.reference} is open already. Finish it first."]
        assert caught.value.count == count

    def test_a_difference_has_a_reason(self, jana, six) -> None:
        with refused(BadLines) as caught:
            finished(opened(jana), CountedPart(six, 5, reason=" "))
        assert [(each.index, each.field, each.message) for each in caught.value.problems] == [
            (0, "reason", "BRG-1: say why it is not what is booked.")
        ]

    def test_nonsense(self, jana, six) -> None:
        with refused(BadLines):
            finished(opened(jana), CountedPart(six, 10**9 + 1, reason="x"))
        parts = [PartFactory() for _one in range(300)]
        with refused(BadLines) as caught:
            counts.save_count(opened(jana), lines=[CountedPart(part, 1) for part in parts], **facts(jana))
        assert caught.value.messages == ["A count holds at most 300 lines."]

    def test_only_ones_own(self, jana, tom, eva, six) -> None:
        count = opened(jana)
        with refused(NotAllowed):
            opened(jana, by=eva)
        with refused(NotAllowed):
            finished(count, by=tom)
        with refused(NotAllowed):
            counts.save_count(count, lines=[], **facts(tom))
        with refused(NotAllowed):
            counts.cancel_count(count, **facts(tom))

    def test_a_finished_count_is_finished(self, jana, six) -> None:
        count = finished(opened(jana))
        with refused(IllegalTransition):
            finished(count)
        with refused(IllegalTransition):
            counts.cancel_count(StockCount.objects.get(), **facts(jana))


@pytest.mark.both_engines
class TestSecondPerson:
    @pytest.fixture
    def waiting(self, jana, six) -> StockCount:
        in_mode(Mode.STANDARD, count_limit=Decimal("50.39"))
        return finished(opened(jana), CountedPart(six, 0, reason="Stolen"))

    def test_up_to_the_limit_nobody_is_asked(self, jana, six) -> None:
        in_mode(Mode.STANDARD, count_limit=Decimal("50.40"))
        assert finished(opened(jana), CountedPart(six, 0, reason="Stolen")).status == CountStatus.POSTED

    def test_above_it_nothing_is_booked_until_somebody_approves(self, jana, karl, waiting) -> None:
        assert (waiting.status, held(personal(jana))) == (CountStatus.WAITING, {"BRG-1": 6})
        approve(waiting, karl)
        count = StockCount.objects.get()
        assert (count.status, count.decided_by, held(personal(jana))) == (CountStatus.POSTED, karl, {})

    def test_the_difference_is_booked_whatever_moved_since(self, jana, karl, six) -> None:
        in_mode(Mode.STANDARD, count_limit=Decimal("0.00"))
        count = finished(opened(jana), CountedPart(six, 5, reason="Stolen"))
        lost(jana, six, 2)
        approve(count, karl)
        assert held(personal(jana)) == {"BRG-1": 3}

    def test_unless_what_is_missing_was_used(self, jana, karl, waiting, six) -> None:
        lost(jana, six, 1)
        with refused(NotEnoughStock):
            approve(waiting, karl)

    def test_nobody_approves_his_own(self, six, jana, karl) -> None:
        in_mode(Mode.STANDARD, count_limit=Decimal("0.00"))
        both = UserFactory(name="Both Hats", is_engineer=True, is_service_manager=True)
        gives(both, six, 2)
        count = finished(opened(both), CountedPart(six, 1, reason="Broken"))
        with refused(OwnDocument):
            approve(count, both)
        with refused(OwnDocument):
            counts.reject_count(StockCount.objects.get(), reason="x", **facts(both))
        approve(StockCount.objects.get(), karl)

    def test_rejected_with_a_reason_he_counts_again(self, jana, karl, waiting) -> None:
        with refused(ReasonMissing):
            counts.reject_count(waiting, reason=" ", **facts(karl))
        counts.reject_count(StockCount.objects.get(), reason=" Look again ", **facts(karl))
        count = StockCount.objects.get()
        assert (count.status, count.decision_reason) == (CountStatus.REJECTED, "Look again")
        assert opened(jana).status == CountStatus.COUNTING

    def test_given_up_while_waiting(self, jana, waiting) -> None:
        counts.cancel_count(waiting, **facts(jana))
        assert StockCount.objects.get().status == CountStatus.CANCELLED

    def test_engineers_do_not_approve(self, jana, tom, waiting) -> None:
        with refused(NotAllowed):
            approve(waiting, tom)


def test_the_database_says_no(jana, six) -> None:
    count = opened(jana)
    key = Posting.objects.latest("pk").key
    for name, changes in (
        ("stock_count_status_known", {"status": "lost"}),
        ("stock_count_posted_when_booked", {"posting_id": key}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            StockCount.objects.filter(pk=count.pk).update(**changes)
    with pytest.raises(IntegrityError, match=r"stock_count_one_open_per_place|location_id"), transaction.atomic():
        StockCount.objects.create(location=count.location, created_at=NOON, created_by=jana)
    with pytest.raises(IntegrityError, match="stock_count_line_once"), transaction.atomic():
        StockCountLine.objects.create(count=count, part=six, booked=1)
