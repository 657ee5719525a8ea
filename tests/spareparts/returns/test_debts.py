"""Old parts that are owed: they come back with a return, or they are owed on."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.shared.errors import NotAllowed
from inventory.enums import Condition
from inventory.models import Part, Warehouse
from spareparts.domain import debts
from spareparts.domain.returns import ReturnedPart
from spareparts.domain.returns.problems import BadReturn
from spareparts.domain.shipments.discrepancies import settle_discrepancy
from spareparts.enums import ConfirmationMode, DebtStatus, DiscrepancyOutcome, Mode
from spareparts.models import Discrepancy, OldPartDebt
from spareparts.policies import ModePolicy
from spareparts.queries import current_policy
from tests.factories.returns import hand_over, handed_over, owed, prepared
from tests.spareparts.helpers import refused
from tests.spareparts.returns.test_check_in import check_in, take_back, undo
from tests.support.modes import in_mode
from tests.support.stock import held, personal, put, shelf, transit
from workorders.models import User


@pytest.fixture
def debt(advanced: ModePolicy, jana: User, vienna: Warehouse, board: Part) -> OldPartDebt:
    return owed(jana, board)


def status(debt: OldPartDebt) -> str:
    debt.refresh_from_db()
    return debt.status


class TestTheWayBack:
    def test_held_returned_closed(self, debt: OldPartDebt, jana: User, karl: User, vienna: Warehouse):
        document = prepared(jana, ReturnedPart(debt.part, 1, Condition.OLD))
        assert (document.lines.get().debt, status(debt)) == (debt, DebtStatus.HELD)
        hand_over(document)
        assert status(debt) == DebtStatus.RETURNED
        check_in(document, karl, (1,))
        assert (status(debt), held(shelf(vienna))) == (DebtStatus.CLOSED, {"PCB-4471 (old)": 1})

    def test_a_refused_one_is_owed_again(self, debt: OldPartDebt, jana: User, karl: User):
        document = handed_over(jana, ReturnedPart(debt.part, 1, Condition.OLD))
        check_in(document, karl, (0, 1))
        assert (status(debt), held(personal(jana))) == (DebtStatus.HELD, {"PCB-4471 (old)": 1})

    def test_an_undone_check_in_makes_it_come_again(self, debt: OldPartDebt, jana: User, karl: User):
        document = handed_over(jana, ReturnedPart(debt.part, 1, Condition.OLD))
        check_in(document, karl, (1,))
        undo(document, karl)
        assert status(debt) == DebtStatus.RETURNED

    @pytest.mark.parametrize(
        ("outcome", "ends_as"),
        [
            (DiscrepancyOutcome.BACK, DebtStatus.HELD),
            (DiscrepancyOutcome.BOOKED, DebtStatus.CLOSED),
            (DiscrepancyOutcome.LOST, DebtStatus.RETURNED),
        ],
    )
    def test_a_missing_one_is_owed_until_it_is_found(
        self, debt: OldPartDebt, jana: User, karl: User, eva: User, outcome: str, ends_as: str
    ):
        document = handed_over(jana, ReturnedPart(debt.part, 1, Condition.OLD))
        check_in(document, karl, (0, 0, 1))
        assert status(debt) == DebtStatus.RETURNED
        settle_discrepancy(
            Discrepancy.objects.get(),
            by=eva,
            at=timezone.now(),
            key=uuid.uuid4(),
            policy=current_policy(),
            outcome=outcome,
            reason="Searched the van",
        )
        assert status(debt) == ends_as

    def test_standard_closes_it_at_the_hand_over(self, standard: ModePolicy, jana: User, board: Part):
        debt = owed(jana, board)
        handed_over(jana, ReturnedPart(board, 1, Condition.OLD))
        assert status(debt) == DebtStatus.CLOSED

    def test_standard_that_is_asked_closes_it_when_somebody_confirms(
        self, standard: ModePolicy, jana: User, karl: User, board: Part
    ):
        in_mode(Mode.STANDARD, return_confirmation=ConfirmationMode.MANUAL)
        debt = owed(jana, board)
        document = handed_over(jana, ReturnedPart(board, 1, Condition.OLD))
        assert status(debt) == DebtStatus.RETURNED
        check_in(document, karl, (0, 1))
        assert status(debt) == DebtStatus.HELD

    def test_the_counter_closes_it_too(self, debt: OldPartDebt, jana: User, karl: User, vienna: Warehouse):
        take_back(jana, karl, vienna, [(debt.part, 1, Condition.OLD)])
        assert status(debt) == DebtStatus.CLOSED


class TestWhichDebt:
    def test_old_parts_find_their_debts_and_the_rest_is_a_line_of_its_own(
        self, debt: OldPartDebt, jana: User, board: Part
    ):
        second = owed(jana, board, quantity=2)
        put(personal(jana), board, 1, by=jana, condition=Condition.OLD)
        document = prepared(jana, ReturnedPart(board, 4, Condition.OLD))
        assert [(line.quantity, line.debt) for line in document.lines.order_by("pk")] == [
            (1, debt),
            (2, second),
            (1, None),
        ]

    def test_a_debt_comes_back_as_a_whole(self, advanced: ModePolicy, jana: User, vienna: Warehouse, board: Part):
        debt = owed(jana, board, quantity=2)
        with refused(BadReturn) as caught:
            prepared(jana, ReturnedPart(board, 1, Condition.OLD, debt=debt))
        assert caught.value.messages == ["PCB-4471: an old part that is owed goes back as a whole."]

    def test_a_colleague_s_debt_is_refused(self, debt: OldPartDebt, tom: User, board: Part):
        put(personal(tom), board, 1, by=tom, condition=Condition.OLD)
        with refused(BadReturn):
            prepared(tom, ReturnedPart(board, 1, Condition.OLD, debt=debt))

    def test_one_that_moved_on_meanwhile_is_let_go(self, debt: OldPartDebt, jana: User, tom: User, eva: User):
        document = prepared(jana, ReturnedPart(debt.part, 1, Condition.OLD))
        debts.decide_exception(
            debt, by=eva, at=timezone.now(), policy=current_policy(), decision="waive", reason="Too old to matter"
        )
        hand_over(document)
        assert (document.lines.get().debt, status(debt)) == (None, DebtStatus.WAIVED)

    def test_of_two_returns_with_one_debt_the_second_has_nothing(self, debt: OldPartDebt, jana: User, vienna):
        put(personal(jana), debt.part, 1, by=jana, condition=Condition.OLD)
        first, second = (prepared(jana, ReturnedPart(debt.part, 1, Condition.OLD, debt=debt)) for _each in range(2))
        hand_over(first)
        hand_over(second)
        assert [document.lines.get().debt for document in (first, second)] == [debt, None]
        assert held(transit(vienna)) == {"PCB-4471 (old)": 2}


class TestDeciding:
    def test_only_who_may(self, debt: OldPartDebt, jana: User, karl: User):
        for other in (jana, karl):
            with refused(NotAllowed):
                debts.decide_exception(
                    debt, by=other, at=timezone.now(), policy=current_policy(), decision="waive", reason="x"
                )


class TestConstraints:
    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"quantity": 0}, "old_part_debt_quantity_positive"),
            ({"status": "lost"}, "old_part_debt_status_known"),
            ({"value": -1}, "old_part_debt_value_not_negative"),
            ({"status": DebtStatus.WAIVED}, "old_part_debt_let_off_by_somebody"),
            ({"asked_answer": "left"}, "old_part_debt_asked_with_reason"),
        ],
    )
    def test_a_debt(self, debt: OldPartDebt, changes: dict, name: str):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            OldPartDebt.objects.filter(pk=debt.pk).update(**changes)
