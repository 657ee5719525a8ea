"""The desk counts and inspects: accepted, refused, missing, too much; and takes its word back."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from config.shared.errors import IllegalTransition, NotAllowed
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from inventory.domain import ledger
from inventory.enums import LocationKind
from inventory.models import Location, Part, Warehouse
from inventory.queries import layers
from spareparts.domain.four_eyes import OwnDocument
from spareparts.domain.returns import (
    Inspected,
    ReturnedPart,
    check_in_return,
    confirm_return,
    take_back_at_counter,
    undo_check_in,
)
from spareparts.domain.returns.check_in import NothingHandedIn
from spareparts.domain.returns.problems import BadReturn
from spareparts.domain.returns.surprises import UndoRefused
from spareparts.domain.shipments.discrepancies import settle_discrepancy
from spareparts.enums import (
    ConfirmationMode,
    DiscrepancyKind,
    DiscrepancyOutcome,
    Disposition,
    Mode,
    ReturnStatus,
)
from spareparts.models import Discrepancy, Return
from spareparts.policies import ModePolicy
from spareparts.queries import current_policy
from tests.factories.inventory import WarehouseFactory
from tests.factories.returns import handed_over, prepared
from tests.factories.workorders import WorkOrderFactory
from tests.spareparts.helpers import refused
from tests.support.modes import in_mode
from tests.support.stock import held, personal, put, shelf, transit
from workorders.models import User


def check_in(document: Return, by: User, *found: tuple[int, ...] | dict, at: datetime | None = None) -> None:
    """``found``: per line (accepted, refused, short) or the facts of Inspected; without it everything is accepted."""
    lines = []
    for row, each in zip(document.lines.order_by("pk"), found, strict=True):
        facts = each if isinstance(each, dict) else dict(zip(("accepted", "refused", "short"), each, strict=False))
        lines.append(Inspected(row, **({"inspection": "Bent"} | facts)))
    check_in_return(document, by=by, at=at or timezone.now(), key=uuid.uuid4(), policy=current_policy(), lines=lines)


def undo(document: Return, by: User, *, at: datetime | None = None, reason: str = "") -> None:
    undo_check_in(document, by=by, at=at or timezone.now(), key=uuid.uuid4(), policy=current_policy(), reason=reason)


@pytest.fixture
def coming(advanced: ModePolicy, jana: User, vienna: Warehouse, board: Part) -> Return:
    """Four boards on their way, held for thirty days."""
    put(personal(jana), board, 4, by=jana, at=timezone.now() - timedelta(days=30))
    return handed_over(jana, (board, 4))


class TestAdvanced:
    def test_accepted_parts_lie_on_the_shelf(self, coming: Return, karl: User, vienna: Warehouse):
        check_in(coming, karl, (4,))
        assert (coming.status, coming.checked_in_by) == (ReturnStatus.CHECKED_IN, karl)
        assert (held(shelf(vienna)), held(transit(vienna))) == ({"PCB-4471": 4}, {})
        assert AuditEvent.objects.filter(verb="return.check_in", subject_id=str(coming.pk)).count() == 1

    @pytest.mark.parametrize(
        ("disposition", "on_the_shelf"),
        [
            (Disposition.SHELF, {"PCB-4471": 4}),
            (Disposition.REPAIR, {"PCB-4471": 4}),
            (Disposition.CLAIM, {"PCB-4471": 4}),
            (Disposition.SCRAP, {}),
        ],
    )
    def test_each_disposition_has_its_place(
        self, coming: Return, karl: User, vienna: Warehouse, disposition: str, on_the_shelf: dict
    ):
        check_in(coming, karl, {"accepted": 4, "disposition": disposition})
        assert held(shelf(vienna)) == on_the_shelf
        assert coming.lines.get().disposition == disposition
        scrapped = ledger.Posting.objects.get(key=coming.check_in_posting_id).moves.filter(
            target__kind=LocationKind.SCRAP
        )
        assert scrapped.exists() is (disposition == Disposition.SCRAP)

    def test_refused_parts_go_back_as_old_as_they_were(self, coming: Return, karl: User, jana: User, vienna: Warehouse):
        check_in(coming, karl, (1, 3))
        assert (held(personal(jana)), held(shelf(vienna))) == ({"PCB-4471": 3}, {"PCB-4471": 1})
        (layer,) = layers(Location.objects.filter(owner=jana))
        assert (timezone.now() - layer.since).days == 30

    def test_missing_parts_stay_on_the_way_until_settled(
        self, coming: Return, karl: User, lin: User, vienna: Warehouse
    ):
        vienna.managers.add(lin)
        check_in(coming, karl, (3, 0, 1))
        found = Discrepancy.objects.get()
        assert (found.kind, found.quantity, found.owner, found.return_line) == (
            DiscrepancyKind.SHORT,
            1,
            lin,
            coming.lines.get(),
        )
        assert held(transit(vienna)) == {"PCB-4471": 1}

    @pytest.mark.parametrize(
        ("outcome", "with_jana", "on_the_shelf"),
        [
            (DiscrepancyOutcome.BACK, {"PCB-4471": 1}, {"PCB-4471": 3}),
            (DiscrepancyOutcome.LOST, {}, {"PCB-4471": 3}),
            (DiscrepancyOutcome.BOOKED, {}, {"PCB-4471": 4}),
        ],
    )
    def test_settling_moves_what_was_missing(
        self, coming: Return, karl: User, lin: User, jana: User, vienna: Warehouse, outcome, with_jana, on_the_shelf
    ):
        vienna.managers.add(lin)
        check_in(coming, karl, (3, 0, 1))
        settle_discrepancy(
            Discrepancy.objects.get(),
            by=lin,
            at=timezone.now(),
            key=uuid.uuid4(),
            policy=current_policy(),
            outcome=outcome,
            reason="Found in the van",
        )
        assert (held(personal(jana)), held(shelf(vienna)), held(transit(vienna))) == (with_jana, on_the_shelf, {})

    def test_surplus_and_wrong_parts_are_written_down(self, coming: Return, karl: User, vienna: Warehouse):
        check_in(coming, karl, {"accepted": 3, "wrong": 1, "surplus": 2, "inspection": "A fan instead of a board"})
        assert list(Discrepancy.objects.order_by("pk").values_list("kind", "quantity")) == [
            (DiscrepancyKind.WRONG, 1),
            (DiscrepancyKind.OVER, 2),
        ]

    @pytest.mark.parametrize(
        ("found", "words"),
        [
            ((3,), "accepted, refused, missing and wrong do not add up to what was returned."),
            ((5, -1), "a number cannot be less than zero."),
            ((5,), "more was counted than the return says. Count the rest as surplus."),
            ({"accepted": 4, "disposition": "moon"}, "say where it goes."),
            ({"accepted": 3, "refused": 1, "inspection": " "}, "say in a few words what is wrong."),
        ],
    )
    def test_what_does_not_add_up_is_refused(self, coming: Return, karl: User, found, words: str):
        with refused(BadReturn) as caught:
            check_in(coming, karl, found)
        assert caught.value.messages == [f"PCB-4471: {words}"]
        coming.refresh_from_db()
        assert coming.status == ReturnStatus.HANDED_OVER

    def test_checked_in_once(self, coming: Return, karl: User):
        check_in(coming, karl, (4,))
        with refused(IllegalTransition):
            check_in(coming, karl, (4,))

    def test_only_the_desk_of_this_warehouse(self, coming: Return, lin: User, tom: User, jana: User):
        WarehouseFactory(name="Graz").managers.add(lin)
        for other in (lin, tom, jana):
            with refused(NotAllowed):
                check_in(coming, other, (4,))

    def test_nobody_checks_in_his_own_where_another_may(self, coming: Return, jana: User, karl: User):
        jana.is_warehouse_manager = True
        jana.save(update_fields=["is_warehouse_manager"])
        coming.warehouse.managers.add(jana)
        with refused(OwnDocument):
            check_in(coming, User.objects.get(pk=jana.pk), (4,))


class TestAtTheCounter:
    def test_a_prepared_return_is_handed_in_and_counted_in_one(
        self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, board: Part, fan: Part
    ):
        put(personal(jana), board, 4, by=jana)
        put(personal(jana), fan, 1, by=jana)
        document = prepared(jana, (board, 4), (fan, 1))
        check_in(document, karl, (2, 1), (0,))
        assert (held(shelf(vienna)), held(personal(jana))) == ({"PCB-4471": 2}, {"FAN-120": 1, "PCB-4471": 2})
        assert [(line.quantity, line.accepted, line.refused) for line in document.lines.all()] == [(3, 2, 1)]
        assert not Discrepancy.objects.exists()

    def test_handing_in_nothing_is_refused(self, advanced: ModePolicy, jana: User, karl: User, vienna, board: Part):
        put(personal(jana), board, 1, by=jana)
        document = prepared(jana, (board, 1))
        with refused(NothingHandedIn):
            check_in(document, karl, (0,))

    def test_more_than_the_books_give_is_refused_in_words(
        self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, board: Part
    ):
        put(personal(jana), board, 2, by=jana)
        document = prepared(jana, (board, 2))
        handed_over(jana, (board, 1))
        with refused(ledger.NotEnoughStock) as caught:
            check_in(document, karl, (2,))
        assert caught.value.messages == ["PCB-4471: Jana Novak has 1 pc, you asked for 2 pc."]

    def test_taking_back_needs_no_preparation(
        self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, board: Part, fan: Part
    ):
        put(personal(jana), board, 2, by=jana)
        put(personal(jana), fan, 1, by=jana)
        document = take_back(jana, karl, vienna, [(board, 2), (fan, 1)], [Disposition.SHELF, Disposition.SCRAP])
        assert (document.status, document.is_at_counter) == (ReturnStatus.CHECKED_IN, True)
        assert (held(shelf(vienna)), held(personal(jana))) == ({"PCB-4471": 2}, {})
        verbs = AuditEvent.objects.filter(subject_id=str(document.pk), subject_type="spareparts.return")
        assert list(verbs.order_by("pk").values_list("verb", flat=True)) == ["return.take_back", "return.check_in"]

    def test_each_row_goes_its_own_way(
        self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, board: Part
    ):
        put(personal(jana), board, 3, by=jana)
        job = WorkOrderFactory(lead=jana)
        parts = [ReturnedPart(board, 1), ReturnedPart(board, 2, work_order=job)]
        take_back_at_counter(
            engineer=jana,
            by=karl,
            at=timezone.now(),
            key=uuid.uuid4(),
            policy=current_policy(),
            warehouse=vienna,
            parts=parts,
            dispositions=[Disposition.SHELF, Disposition.SCRAP],
        )
        assert held(shelf(vienna)) == {"PCB-4471": 1}

    def test_standard_takes_back_too(self, standard: ModePolicy, jana: User, karl: User, board: Part):
        put(personal(jana), board, 2, by=jana)
        document = take_back(jana, karl, None, [(board, 1)])
        assert (document.warehouse, held(personal(jana))) == (None, {"PCB-4471": 1})

    def test_not_from_oneself_and_not_by_an_engineer(
        self, advanced: ModePolicy, jana: User, tom: User, karl: User, lin: User, vienna: Warehouse, board: Part
    ):
        put(personal(jana), board, 2, by=jana)
        karl.is_engineer = True
        karl.save(update_fields=["is_engineer"])
        with refused(OwnDocument):
            take_back(karl, karl, vienna, [(board, 1)])
        with refused(NotAllowed):
            take_back(jana, tom, vienna, [(board, 1)])


def take_back(
    engineer: User, by: User, warehouse: Warehouse | None, parts: list, dispositions: list | None = None
) -> Return:
    return take_back_at_counter(
        engineer=engineer,
        by=by,
        at=timezone.now(),
        key=uuid.uuid4(),
        policy=current_policy(),
        warehouse=warehouse,
        parts=[ReturnedPart(*each) for each in parts],
        dispositions=dispositions or [],
    )


class TestStandard:
    @pytest.fixture
    def waiting(self, standard: ModePolicy, jana: User, board: Part) -> Return:
        in_mode(Mode.STANDARD, return_confirmation=ConfirmationMode.MANUAL)
        put(personal(jana), board, 4, by=jana)
        return handed_over(jana, (board, 4))

    def confirm(self, document: Return, by: User) -> None:
        confirm_return(document, by=by, at=timezone.now(), key=uuid.uuid4(), policy=current_policy())

    def test_confirming_takes_the_parts_from_the_engineer(self, waiting: Return, karl: User, jana: User):
        self.confirm(waiting, karl)
        assert (waiting.status, held(personal(jana))) == (ReturnStatus.CHECKED_IN, {})

    def test_what_was_used_meanwhile_is_not_confirmed(self, waiting: Return, karl: User, jana: User, board: Part):
        in_mode(Mode.STANDARD, return_confirmation=ConfirmationMode.AUTOMATIC)
        handed_over(jana, (board, 3))
        self.confirm(waiting, karl)
        line = waiting.lines.get()
        assert (line.accepted, line.refused, line.inspection) == (1, 3, "No longer with the engineer.")

    def test_refusing_it_all_leaves_the_parts_where_they_are(self, waiting: Return, karl: User, jana: User):
        check_in(waiting, karl, (0, 4))
        assert (waiting.check_in_posting_id, held(personal(jana))) == (None, {"PCB-4471": 4})

    def test_an_undone_confirmation_waits_again(self, waiting: Return, karl: User, jana: User):
        self.confirm(waiting, karl)
        undo(waiting, karl)
        assert (waiting.status, held(personal(jana))) == (ReturnStatus.HANDED_OVER, {"PCB-4471": 4})
        self.confirm(waiting, karl)
        assert held(personal(jana)) == {}


class TestUndo:
    def test_at_once_without_a_reason(self, coming: Return, karl: User, jana: User, vienna: Warehouse):
        check_in(coming, karl, (2, 1, 1))
        undo(coming, karl)
        assert (coming.status, coming.checked_in_at) == (ReturnStatus.HANDED_OVER, None)
        assert (held(transit(vienna)), held(shelf(vienna)), held(personal(jana))) == ({"PCB-4471": 4}, {}, {})
        assert [(line.accepted, line.refused) for line in coming.lines.all()] == [(0, 0)]
        assert not Discrepancy.objects.exists()
        check_in(coming, karl, (4,))
        assert held(shelf(vienna)) == {"PCB-4471": 4}

    def test_later_or_by_another_with_a_reason(self, coming: Return, karl: User, eva: User, vienna: Warehouse):
        check_in(coming, karl, (4,))
        later = timezone.now() + timedelta(minutes=11)
        for by, at in ((karl, later), (eva, timezone.now())):
            with refused(ReasonMissing):
                undo(coming, by, at=at)
        undo(coming, eva, reason="Counted the wrong box")
        assert held(transit(vienna)) == {"PCB-4471": 4}
        assert AuditEvent.objects.get(verb="return.undo_check_in_later").reason == "Counted the wrong box"

    def test_not_when_the_parts_moved_on(self, coming: Return, karl: User, vienna: Warehouse, board: Part, jana: User):
        check_in(coming, karl, (4,))
        line = ledger.Line(board, 1, shelf(vienna), personal(jana))
        ledger.post(
            reason=ledger.PostingReason.TRANSFER,
            reference="X",
            lines=[line],
            by=karl,
            at=timezone.now(),
            key=uuid.uuid4(),
        )
        with refused(ledger.NotEnoughStock):
            undo(coming, karl)
        coming.refresh_from_db()
        assert coming.status == ReturnStatus.CHECKED_IN

    def test_not_when_a_discrepancy_is_settled(self, coming: Return, karl: User, eva: User):
        check_in(coming, karl, (3, 0, 1))
        found = Discrepancy.objects.get()
        settle_discrepancy(
            found,
            by=eva,
            at=timezone.now(),
            key=uuid.uuid4(),
            policy=current_policy(),
            outcome=DiscrepancyOutcome.LOST,
            reason="Gone",
        )
        with refused(UndoRefused) as caught:
            undo(coming, karl)
        assert caught.value.messages == [f"{found.reference} of this return is settled already, so the check-in stays."]

    def test_the_hand_over_alone_can_not_be_undone_here(self, coming: Return, karl: User):
        with refused(IllegalTransition):
            undo(coming, karl, reason="x")
