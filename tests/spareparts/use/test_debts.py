"""An old part that must come back: taken out at last, asked about, decided, handed on."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from config.shared.errors import IllegalTransition, NotAllowed, StaleDocument
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from inventory.enums import Tracking
from inventory.models import Part
from spareparts.domain import debts
from spareparts.domain.four_eyes import OwnDocument
from spareparts.domain.modes import ModeChanged
from spareparts.domain.undo import UndoRefused, undo_consumption
from spareparts.enums import DebtStatus, Mode
from spareparts.models import OldPartDebt
from spareparts.policies import ModePolicy
from spareparts.queries import current_policy
from tests.factories.inventory import PartFactory
from tests.factories.spareparts import used
from tests.factories.workorders import UserFactory, WorkOrderFactory
from tests.spareparts.helpers import refused
from tests.spareparts.use.helpers import owed, serial, swapped
from tests.support.modes import in_mode
from tests.support.stock import held, personal, put
from workorders.models import User

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def relay(db: None) -> Part:
    return PartFactory(number="REL-24")


def owe(engineer: User, part: Part, **facts: Any) -> OldPartDebt:
    """The engineer used one of the part and owes the old one."""
    new = {"lot": serial(part, f"NEW-{uuid.uuid4()}"[:20])} if part.tracking == Tracking.SERIAL else {}
    put(personal(engineer), part, 1, by=engineer, **new)
    document = used(WorkOrderFactory(lead=engineer), swapped(part, **new | facts), at=NOON)
    return OldPartDebt.objects.get(line__consumption=document)


def act(verb: Any, debt: OldPartDebt, by: User, **facts: Any) -> None:
    verb(debt, by=by, at=NOON, policy=facts.pop("policy", None) or current_policy(), **facts)


class TestTakenOutAtLast:
    def test_it_comes_to_the_engineer(self, standard: ModePolicy, jana: User, relay: Part) -> None:
        debt = owe(jana, relay, is_taken_out=False)
        act(debts.ask_exception, debt, jana, answer="left", reason="Too heavy")
        act(debts.take_out, debt, jana, key=uuid.uuid4())
        assert held(personal(jana)) == {"REL-24 (old)": 1}
        debt.refresh_from_db()
        assert (debt.status, debt.asked_answer) == (DebtStatus.HELD, "")
        assert AuditEvent.objects.filter(verb="oldpartdebt.take_out").count() == 1

    def test_only_by_himself_and_once(self, standard: ModePolicy, jana: User, tom: User, relay: Part) -> None:
        debt = owe(jana, relay, is_taken_out=False)
        with refused(NotAllowed):
            act(debts.take_out, debt, tom, key=uuid.uuid4())
        act(debts.take_out, debt, jana, key=uuid.uuid4())
        with refused(IllegalTransition):
            act(debts.take_out, debt, jana, key=uuid.uuid4())

    def test_with_its_number_where_numbers_are_enforced(self, advanced: ModePolicy, jana: User) -> None:
        debt = owe(jana, PartFactory(number="DOOR", tracking=Tracking.SERIAL), is_taken_out=False)
        with refused(debts.SerialMissing):
            act(debts.take_out, debt, jana, key=uuid.uuid4())
        act(debts.take_out, debt, jana, key=uuid.uuid4(), serial="SN-1")
        debt.refresh_from_db()
        assert (str(debt.lot), debt.serial) == ("SN-1", "SN-1")

    def test_then_the_use_is_not_undone_any_more(self, standard: ModePolicy, jana: User, relay: Part) -> None:
        debt = owe(jana, relay, is_taken_out=False)
        act(debts.take_out, debt, jana, key=uuid.uuid4())
        with refused(UndoRefused) as caught:
            act(undo_consumption, debt.line.consumption, jana, key=uuid.uuid4())  # type: ignore[arg-type]
        assert "was taken out of the machine later" in caught.value.messages[0]

    def test_a_switch_of_the_mode_is_not_overtaken(self, standard: ModePolicy, jana: User, relay: Part) -> None:
        debt = owe(jana, relay, is_taken_out=False)
        in_mode(Mode.ADVANCED, version=standard.version + 1)
        with refused(ModeChanged):
            act(debts.take_out, debt, jana, key=uuid.uuid4(), policy=standard)


class TestException:
    @pytest.mark.parametrize(("decision", "status"), [("waive", "waived"), ("leave", "left"), ("refuse", "due")])
    def test_asked_and_decided(
        self, standard: ModePolicy, jana: User, eva: User, relay: Part, decision: str, status: str
    ) -> None:
        debt = owe(jana, relay, is_taken_out=False)
        act(debts.ask_exception, debt, jana, answer="left", reason="Welded in")
        act(debts.decide_exception, debt, eva, decision=decision, reason="Seen the photo")
        debt.refresh_from_db()
        assert (debt.status, debt.decided_by, debt.decision_reason) == (status, eva, "Seen the photo")
        assert (debt.asked_answer == "") == (decision == "refuse")
        assert AuditEvent.objects.filter(verb=f"oldpartdebt.{decision}").count() == 1

    def test_reasons_and_answers(self, standard: ModePolicy, jana: User, eva: User, relay: Part) -> None:
        debt = owe(jana, relay, is_taken_out=False)
        with refused(ReasonMissing):
            act(debts.ask_exception, debt, jana, answer="left", reason=" ")
        with refused(debts.UnknownAnswer):
            act(debts.ask_exception, debt, jana, answer="returning", reason="No")
        with refused(debts.NothingAsked):
            act(debts.decide_exception, debt, eva, decision="refuse", reason="No")
        with refused(ReasonMissing):
            act(debts.decide_exception, debt, eva, decision="waive", reason="")

    def test_who_may(self, standard: ModePolicy, jana: User, tom: User, eva: User, relay: Part) -> None:
        debt = owe(jana, relay, is_taken_out=False)
        with refused(NotAllowed):
            act(debts.ask_exception, debt, tom, answer="left", reason="No")
        with refused(NotAllowed):
            act(debts.decide_exception, debt, tom, decision="waive", reason="No")

    def test_nobody_decides_his_own_where_a_second_may(self, standard: ModePolicy, eva: User, relay: Part) -> None:
        both = UserFactory(name="Max Both", is_engineer=True, is_service_manager=True)
        debt = owe(both, relay, is_taken_out=False)
        with refused(OwnDocument):
            act(debts.decide_exception, debt, both, decision="waive", reason="Mine")
        User.objects.filter(pk=eva.pk).update(is_active=False)
        act(debts.decide_exception, debt, both, decision="waive", reason="Alone here")

    def test_one_decision_wins(self, standard: ModePolicy, jana: User, eva: User, relay: Part) -> None:
        debt = owe(jana, relay, is_taken_out=False)
        seen = OldPartDebt.objects.get()
        act(debts.decide_exception, debt, eva, decision="waive", reason="Old")
        with refused(IllegalTransition):
            act(debts.decide_exception, seen, eva, decision="leave", reason="Old")

    def test_what_is_out_is_not_left_there(self, standard: ModePolicy, jana: User, eva: User, relay: Part) -> None:
        with refused(IllegalTransition):
            act(debts.decide_exception, owe(jana, relay), eva, decision="leave", reason="No")


class TestWithOtherDocuments:
    def test_a_debt_goes_with_its_part(self, standard: ModePolicy, jana: User, tom: User, relay: Part) -> None:
        first, second = owe(jana, relay), owe(jana, relay)
        gone = debts.move_debts(sender=jana, receiver=tom, part=relay, lot=None, quantity=1, at=NOON)
        assert gone == [first]
        second.refresh_from_db()
        assert (OldPartDebt.objects.get(pk=first.pk).engineer, second.engineer) == (tom, jana)
        assert debts.held_debts(engineer=jana, part=relay, quantity=5) == [second]
        OldPartDebt.objects.update(engineer=jana)  # nothing moved in this story

    def test_let_off_meanwhile_it_stays_let_off(self, standard: ModePolicy, jana: User, eva: User, relay: Part) -> None:
        debt = owe(jana, relay)
        act(debts.decide_exception, debt, eva, decision="waive", reason="Old")
        debts.close([debt])
        assert owed() == [("REL-24", 1, "waived")]

    def test_what_moved_on_is_refused(self, standard: ModePolicy, jana: User, relay: Part) -> None:
        debt = owe(jana, relay, is_taken_out=False)
        for verb in (debts.mark_returned, debts.close, debts.reopen):
            with refused(StaleDocument):
                verb([debt])
        with refused(StaleDocument):
            debt.version += 1
            debts.void([debt])
