"""Parts go from one engineer to another: with consent, by a manager, and back again."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from config.shared.errors import IllegalTransition, NotAllowed, StaleDocument
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from inventory.enums import Condition, PostingReason
from inventory.models import Move, Posting
from spareparts.domain import hand_overs
from spareparts.domain.four_eyes import OwnDocument
from spareparts.domain.hand_overs import HoldsNothing, NoReceiver, OfferLapsed, UndoTooLate
from spareparts.domain.handed import BadParts, HandedPart, NoLongerThere, NothingToHandOver
from spareparts.domain.modes import ModeChanged
from spareparts.domain.routes import FlowNotInMode
from spareparts.enums import HandOverStatus, Mode
from spareparts.models import HandOver, HandOverLine
from spareparts.policies import SIMPLE
from spareparts.queries import current_policy
from spareparts.queries.holdings import holdings_of
from tests.factories.inventory import PartFactory
from tests.factories.personal import accepted, asked, gives, lost, moved, offered
from tests.factories.workorders import UserFactory, WorkOrderFactory
from tests.spareparts.helpers import refused
from tests.support.modes import in_mode
from tests.support.stock import held, personal, put

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SOON = NOON + timedelta(minutes=9)
LATE = NOON + timedelta(minutes=10)
A_DAY = NOON + timedelta(hours=24)
pytestmark = [pytest.mark.usefixtures("standard")]


@pytest.fixture
def bearing(db):
    return PartFactory(number="BRG-1")


@pytest.fixture
def six(jana, bearing):
    """Jana holds six bearings: two from 1 October, four from 1 November."""
    gives(jana, bearing, 2, at=datetime(2026, 10, 1, 8, tzinfo=UTC))
    gives(jana, bearing, 4, at=datetime(2026, 11, 1, 8, tzinfo=UTC))
    return bearing


def facts(by, at=NOON):
    return {"by": by, "at": at, "policy": current_policy()}


def undo(document, by, at=SOON, reason=""):
    hand_overs.undo_hand_over(document, key=uuid.uuid4(), reason=reason, **facts(by, at))


def ages(person):
    return [
        (layer.quantity, layer.since.date().isoformat())
        for each in holdings_of(person, at=NOON)
        for layer in each.layers
    ]


@pytest.mark.both_engines
class TestOffer:
    def test_nothing_moves_until_it_is_accepted(self, jana, tom, six) -> None:
        job = WorkOrderFactory(lead=jana)
        document = offered(jana, tom, HandedPart(six, 3, work_order=job), at=NOON, reason=" Tom needs them ")

        line = document.lines.get()
        assert (document.status, document.reason, document.expires_at) == ("offered", "Tom needs them", A_DAY)
        assert (line.quantity, line.accepted, line.work_order) == (3, 0, job)
        assert (held(personal(jana)), held(personal(tom))) == ({"BRG-1": 6}, {})
        event = AuditEvent.objects.get(verb="handover.offer")
        assert (event.actor, event.details) == (jana, {"sender": "Jana Novak", "receiver": "Tom Berger"})

    def test_accepted_the_oldest_go_first_and_keep_their_age(self, jana, tom, six) -> None:
        document = accepted(offered(jana, tom, HandedPart(six, 3), at=NOON), at=NOON)

        assert (held(personal(jana)), held(personal(tom))) == ({"BRG-1": 3}, {"BRG-1": 3})
        assert ages(tom) == [(2, "2026-10-01"), (1, "2026-11-01")]
        assert ages(jana) == [(3, "2026-11-01")]
        document.refresh_from_db()
        assert (document.status, document.decided_at, document.lines.get().accepted) == ("accepted", NOON, 3)
        assert document.posting.reason == PostingReason.HAND_OVER
        assert AuditEvent.objects.filter(verb="handover.accept", actor=tom).count() == 1

    def test_by_setting_the_clock_starts_anew(self, jana, tom, six) -> None:
        in_mode(Mode.STANDARD, hand_over_keeps_age=False)

        accepted(offered(jana, tom, HandedPart(six, 3), at=NOON), at=NOON)

        assert ages(tom) == [(3, "2026-11-23")]

    def test_accepting_fewer(self, jana, tom, six) -> None:
        grease = PartFactory(number="GRS-1")
        gives(jana, grease, 2)
        document = offered(jana, tom, HandedPart(six, 3), HandedPart(grease, 1))
        first, second = document.lines.order_by("pk")

        accepted(document, quantities={first.pk: 2})

        assert held(personal(tom)) == {"BRG-1": 2}
        assert list(document.lines.order_by("pk").values_list("quantity", "accepted")) == [(3, 2), (1, 0)]
        with refused(IllegalTransition):
            accepted(HandOver.objects.get(), quantities={second.pk: 1})

    def test_two_jobs_of_one_part_are_two_lines(self, jana, tom, six) -> None:
        jobs = [WorkOrderFactory(lead=jana), WorkOrderFactory(lead=jana)]

        accepted(offered(jana, tom, *[HandedPart(six, 2, work_order=job) for job in jobs]))

        assert ages(tom) == [(2, "2026-10-01"), (2, "2026-11-01")]
        assert held(personal(jana)) == {"BRG-1": 2}

    def test_in_advanced_a_serial_number_goes_as_it_is(self, jana, tom) -> None:
        in_mode(Mode.ADVANCED)
        pump = PartFactory(number="PMP-1", tracking="serial")
        lot = pump.lots.create(code="77-0031", is_serial=True)
        put(personal(jana), pump, 1, by=jana, lot=lot)

        accepted(offered(jana, tom, HandedPart(pump, 1, lot=lot)))

        assert [(each.lot, each.quantity) for each in holdings_of(tom, at=NOON)] == [(lot, 1)]

    def test_what_was_used_meanwhile_is_told_with_what_remains(self, jana, tom, six) -> None:
        document = offered(jana, tom, HandedPart(six, 5))
        lost(jana, six, 4)

        with refused(NoLongerThere) as caught:
            accepted(document)

        assert caught.value.messages == ["BRG-1: Jana Novak has 2 pc left, not 5 pc. Take what remains."]
        document = HandOver.objects.get()
        assert document.status == HandOverStatus.OFFERED
        accepted(document, quantities={document.lines.get().pk: 2})
        assert held(personal(tom)) == {"BRG-1": 2}

    def test_nothing_is_left(self, jana, tom, six) -> None:
        document = offered(jana, tom, HandedPart(six, 6))
        lost(jana, six, 6)

        with refused(NoLongerThere) as caught:
            accepted(document)
        assert caught.value.messages == ["BRG-1: Jana Novak has none left."]

    def test_no_answer_in_a_day_lapses(self, jana, tom, six) -> None:
        document = offered(jana, tom, six, at=NOON)

        with refused(OfferLapsed) as caught:
            accepted(document, at=A_DAY)
        assert caught.value.messages == [
            "The offer lapsed on 24 Nov 2026, 12:00. Ask Jana Novak to offer the parts again."
        ]
        document = HandOver.objects.get()
        with refused(NotAllowed):
            hand_overs.lapse_hand_over(document, **facts(tom, SOON))
        hand_overs.lapse_hand_over(document, **facts(tom, A_DAY))
        assert HandOver.objects.get().status == HandOverStatus.LAPSED

    def test_a_second_before_is_in_time(self, jana, tom, six) -> None:
        accepted(offered(jana, tom, six, at=NOON), at=A_DAY - timedelta(seconds=1))
        assert held(personal(tom)) == {"BRG-1": 1}

    def test_the_company_decides_how_long(self, jana, tom, six) -> None:
        in_mode(Mode.STANDARD, hand_over_hours=2)
        assert offered(jana, tom, six, at=NOON).expires_at == NOON + timedelta(hours=2)


class TestAnswers:
    def test_declined_and_withdrawn(self, jana, tom, six) -> None:
        no, back = offered(jana, tom, six), offered(jana, tom, six)

        with refused(NotAllowed):
            hand_overs.decline_hand_over(no, **facts(jana))
        with refused(NotAllowed):
            hand_overs.withdraw_hand_over(back, **facts(tom))
        hand_overs.decline_hand_over(no, reason="Van is full", **facts(tom))
        hand_overs.withdraw_hand_over(back, **facts(jana))

        assert [each.status for each in HandOver.objects.order_by("pk")] == ["declined", "withdrawn"]
        assert AuditEvent.objects.get(verb="handover.decline").reason == "Van is full"
        with refused(IllegalTransition):
            accepted(HandOver.objects.get(pk=no.pk))

    def test_only_the_receiver_accepts(self, jana, tom, eva, six) -> None:
        document = offered(jana, tom, six)
        for person in (jana, eva):
            with refused(NotAllowed):
                accepted(document, by=person)

    def test_more_than_was_offered(self, jana, tom, six) -> None:
        document = offered(jana, tom, HandedPart(six, 2))
        line = document.lines.get()

        with refused(BadParts) as caught:
            accepted(document, quantities={line.pk: 3})
        assert caught.value.messages == ["BRG-1: it is about 2 pc, not 3 pc."]
        with refused(NothingToHandOver):
            accepted(HandOver.objects.get(), quantities={line.pk: 0})

    def test_asked_offered_accepted(self, jana, tom, six) -> None:
        grease = PartFactory(number="GRS-1")
        document = asked(tom, jana, HandedPart(six, 8), HandedPart(grease, 1), at=NOON)
        assert (document.status, document.expires_at) == ("asked", A_DAY)
        first = document.lines.order_by("pk")[0]

        with refused(BadParts) as caught:
            hand_overs.offer_asked(document, **facts(jana))
        assert caught.value.messages == [
            "BRG-1: Jana Novak holds 6 pc, not 8 pc.",
            "GRS-1: Jana Novak holds 0 pc, not 1 pc.",
        ]
        document = HandOver.objects.get()
        hand_overs.offer_asked(document, quantities={first.pk: 5}, **facts(jana, SOON))

        document = HandOver.objects.get()
        assert (document.status, document.expires_at) == ("offered", SOON + timedelta(hours=24))
        assert list(document.lines.values_list("quantity", flat=True)) == [5]
        accepted(document)
        assert held(personal(tom)) == {"BRG-1": 5}

    def test_who_was_asked_declines_and_who_asked_withdraws(self, jana, tom, six) -> None:
        no, back = asked(tom, jana, six), asked(tom, jana, six)
        with refused(NotAllowed):
            hand_overs.offer_asked(no, **facts(tom))
        with refused(NotAllowed):
            hand_overs.decline_hand_over(no, **facts(tom))

        hand_overs.decline_hand_over(no, **facts(jana))
        hand_overs.withdraw_hand_over(back, **facts(tom))

        assert [each.status for each in HandOver.objects.order_by("pk")] == ["declined", "withdrawn"]

    def test_a_page_that_is_too_old(self, jana, tom, six) -> None:
        document = asked(tom, jana, six)
        seen = HandOver.objects.get()
        seen.version = 7
        with refused(StaleDocument):
            hand_overs.decline_hand_over(seen, **facts(jana))
        assert document.version == 0


class TestRefusals:
    def test_somebody_elses_parts(self, jana, tom, eva, six) -> None:
        with refused(NotAllowed):
            offered(jana, tom, six, by=tom)
        with refused(NotAllowed):
            asked(tom, jana, six, by=eva)

    def test_more_than_is_held(self, jana, tom, six) -> None:
        with refused(BadParts) as caught:
            offered(jana, tom, HandedPart(six, 4), HandedPart(six, 3), HandedPart(six, 1, condition=Condition.OLD))
        assert caught.value.messages == [
            "BRG-1: Jana Novak holds 6 pc, not 7 pc.",
            "BRG-1: Jana Novak holds 0 pc, not 1 pc.",
        ]
        assert not HandOver.objects.exists()

    def test_nonsense(self, jana, tom, six) -> None:
        for quantity in (0, -1, 10**9 + 1):
            with refused(BadParts):
                offered(jana, tom, HandedPart(six, quantity))
        with refused(NothingToHandOver):
            offered(jana, tom)
        with refused(BadParts) as caught:
            offered(jana, tom, *[six] * 501)
        assert caught.value.messages[0] == "A hand-over holds at most 500 lines."

    def test_who_may_not_receive(self, jana, tom, eva, six) -> None:
        gone = UserFactory(name="Gone", is_engineer=True, is_active=False)
        for person, words in (
            (jana, "Choose somebody else."),
            (eva, "Eva Lang is no engineer, or may not sign in any more."),
            (gone, "Gone is no engineer, or may not sign in any more."),
        ):
            with refused(NoReceiver) as caught:
                offered(jana, person, six)
            assert caught.value.messages == [words]

    def test_in_simple_there_is_none(self, jana, tom, six) -> None:
        policy = current_policy()
        in_mode(Mode.SIMPLE, version=policy.version + 1)
        with refused(NotAllowed):
            offered(jana, tom, six)
        with refused(NotAllowed):
            offered(jana, tom, six, policy=policy)

    def test_the_policy_of_a_page_without_hand_overs(self, jana, tom, six) -> None:
        with refused(FlowNotInMode):
            offered(jana, tom, six, policy=SIMPLE)

    def test_a_switch_of_the_mode_is_not_overtaken(self, jana, tom, six) -> None:
        policy = current_policy()
        document = offered(jana, tom, six)
        in_mode(Mode.STANDARD, version=policy.version + 1)
        with refused(ModeChanged):
            offered(jana, tom, six, policy=policy)
        with refused(ModeChanged):
            accepted(document, policy=policy)


@pytest.mark.both_engines
class TestEverything:
    def test_an_engineer_offers_all_he_holds(self, jana, tom, six) -> None:
        gives(jana, PartFactory(number="OLD-1"), 1, condition=Condition.OLD)

        document = hand_overs.hand_over_everything(sender=jana, receiver=tom, key=uuid.uuid4(), **facts(jana))

        assert (document.status, document.is_everything, document.lines.count()) == ("offered", True, 2)
        accepted(document, at=NOON)
        assert held(personal(tom)) == {"BRG-1": 6, "OLD-1 (old)": 1}
        assert held(personal(jana)) == {}

    def test_a_manager_moves_all_of_it(self, jana, tom, eva, six) -> None:
        document = hand_overs.hand_over_everything(
            sender=jana, receiver=tom, key=uuid.uuid4(), reason="Leaves the company", **facts(eva)
        )
        assert (document.status, document.is_everything, held(personal(tom))) == ("moved", True, {"BRG-1": 6})

    def test_there_is_nothing(self, jana, tom, eva) -> None:
        with refused(HoldsNothing) as caught:
            hand_overs.hand_over_everything(sender=jana, receiver=tom, key=uuid.uuid4(), reason="x", **facts(eva))
        assert caught.value.messages == ["Jana Novak holds nothing that could be handed over."]


class TestManager:
    def test_moves_without_consent_with_a_reason(self, jana, tom, eva, six) -> None:
        document = moved(jana, tom, HandedPart(six, 3), by=eva, at=NOON, reason=" Sick ")

        assert (document.status, document.reason, document.created_by) == ("moved", "Sick", eva)
        assert (document.expires_at, document.decided_at) == (None, NOON)
        assert ages(tom) == [(2, "2026-10-01"), (1, "2026-11-01")]
        assert document.lines.get().accepted == 3
        assert AuditEvent.objects.filter(verb="handover.move", actor=eva).count() == 1

    def test_not_without_a_reason_and_not_without_the_right(self, jana, tom, eva, oskar, six) -> None:
        with refused(ReasonMissing):
            moved(jana, tom, six, by=eva, reason=" ")
        for person in (tom, oskar):
            with refused(NotAllowed):
                moved(jana, tom, six, by=person)

    def test_not_to_himself_while_somebody_else_may(self, jana, six, eva) -> None:
        both = UserFactory(name="Both Hats", is_engineer=True, is_service_manager=True)
        with refused(OwnDocument):
            moved(jana, both, six, by=both)
        assert moved(jana, both, six, by=eva).status == "moved"

    def test_more_than_is_held(self, jana, tom, eva, six) -> None:
        with refused(BadParts):
            moved(jana, tom, HandedPart(six, 7), by=eva)


@pytest.mark.both_engines
class TestUndo:
    def test_who_accepted_takes_it_back_and_the_ages_are_as_before(self, jana, tom, six) -> None:
        before = ages(jana)
        document = accepted(offered(jana, tom, HandedPart(six, 3), at=NOON), at=NOON)

        undo(document, tom)

        assert (ages(jana), held(personal(tom))) == (before, {})
        document = HandOver.objects.get()
        assert document.status == HandOverStatus.UNDONE
        assert document.reversal.reverses == document.posting
        with refused(IllegalTransition):
            undo(document, tom)
        assert Posting.objects.filter(reason=PostingReason.REVERSAL).count() == 1

    def test_later_a_manager_with_a_reason(self, jana, tom, eva, six) -> None:
        document = accepted(offered(jana, tom, six, at=NOON), at=NOON)

        with refused(UndoTooLate) as caught:
            undo(document, tom, at=LATE)
        assert caught.value.messages == ["This could be undone for 10 minutes. Ask a manager to undo it."]
        with refused(ReasonMissing):
            undo(HandOver.objects.get(), eva, at=LATE)
        with refused(NotAllowed):
            undo(HandOver.objects.get(), jana)
        undo(HandOver.objects.get(), eva, at=LATE, reason="Wrong colleague")
        assert held(personal(jana)) == {"BRG-1": 6}

    def test_what_a_manager_moved_only_a_manager_takes_back(self, jana, tom, eva, six) -> None:
        document = moved(jana, tom, six, by=eva, at=NOON)
        with refused(NotAllowed):
            undo(document, tom)
        undo(HandOver.objects.get(), eva, reason="Back from leave")
        assert held(personal(jana)) == {"BRG-1": 6}

    def test_what_the_receiver_used_cannot_come_back(self, jana, tom, six) -> None:
        document = accepted(offered(jana, tom, HandedPart(six, 3), at=NOON), at=NOON)
        lost(tom, six, 2)

        with refused(NoLongerThere) as caught:
            undo(document, tom)
        assert caught.value.messages == ["BRG-1: Tom Berger has 1 pc left, not 3 pc. Take what remains."]
        assert HandOver.objects.get().status == HandOverStatus.ACCEPTED

    def test_an_offer_is_withdrawn_not_undone(self, jana, tom, eva, six) -> None:
        with refused(IllegalTransition):
            undo(offered(jana, tom, six), eva, reason="x")
        assert Move.objects.count() == 2


class TestConstraints:
    def violated(self, name, **changes) -> None:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            HandOver.objects.update(**changes)

    def test_each_says_no(self, jana, tom, six) -> None:
        document = offered(jana, tom, six)
        self.violated("hand_over_goes_to_somebody_else", receiver=jana)
        self.violated("hand_over_status_known", status="lost")
        self.violated("hand_over_moved_is_posted", status="accepted")
        key = Posting.objects.latest("pk").key
        self.violated("hand_over_moved_is_posted", posting_id=key)
        self.violated("hand_over_moved_has_reason", status="moved", posting_id=key, reason="")
        for name, changes in (
            ("hand_over_line_quantity_positive", {"quantity": 0}),
            ("hand_over_line_accepts_the_offer", {"accepted": 2}),
        ):
            with pytest.raises(IntegrityError, match=name), transaction.atomic():
                HandOverLine.objects.filter(hand_over=document).update(**changes)
