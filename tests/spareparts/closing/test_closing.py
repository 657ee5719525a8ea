"""Nothing taken for a job is left hanging when the job ends."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from config.shared.errors import NotAllowed, StaleDocument
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from inventory.enums import OldPartRule
from inventory.models import Part
from spareparts.domain.closing import AnswerMissing, PartAnswer, RestAnswer, answer_open_parts
from spareparts.domain.consumption import UsedPart
from spareparts.models import Consumption, HandOver, KeptPart, LossReport, OldPartDebt
from spareparts.policies import ModePolicy
from spareparts.queries import current_policy
from spareparts.queries.open_parts import open_by_engineer, open_for_job
from tests.factories.inventory import PartFactory
from tests.factories.issued import issued
from tests.factories.spareparts import used
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.spareparts.helpers import key, refused
from tests.spareparts.use.helpers import owed, swapped
from tests.support.stock import held, personal, put
from workorders.domain import work_orders
from workorders.models import User, WorkOrder
from workorders.signals import WorkOrderRefused

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def job(jana: User, standard: ModePolicy) -> WorkOrder:
    lift = EquipmentFactory(name="Lift 2", serial="L2-1")
    return WorkOrderFactory(number="WO-411", lead=jana, site=lift.site, equipment=lift)


@pytest.fixture
def relay(db: None) -> Part:
    return PartFactory(number="REL-24", name="Relay 24 V")


def opened(job: WorkOrder, engineer: User | None = None) -> dict[str, int]:
    return {row.part.number: row.quantity for row in open_for_job(job, engineer=engineer)}


def answer(job: WorkOrder, engineer: User, *answers: PartAnswer, by: User | None = None, **facts: Any) -> None:
    answer_open_parts(
        job,
        engineer=engineer,
        by=by or engineer,
        at=NOON,
        key=facts.pop("key", None) or uuid.uuid4(),
        policy=current_policy(),
        answers=answers,
        **facts,
    )


def only(job: WorkOrder) -> Any:
    (row,) = open_for_job(job)
    return row


class TestWhatIsOpen:
    def test_issued_and_not_used(self, job: WorkOrder, jana: User, relay: Part) -> None:
        issued(job, relay, 4, engineer=jana)
        used(job, UsedPart(relay, 1))
        assert opened(job) == {"REL-24": 3}
        assert [(row.work_order, row.quantity) for row in open_by_engineer(jana)] == [(job, 3)]

    def test_van_stock_is_not_open(self, job: WorkOrder, jana: User, relay: Part) -> None:
        put(personal(jana), relay, 4, by=jana)
        issued(None, relay, 2, engineer=jana)
        assert opened(job) == {}

    def test_capped_at_what_is_held(self, job: WorkOrder, jana: User, relay: Part) -> None:
        other = WorkOrderFactory(lead=jana)
        issued(job, relay, 4, engineer=jana)
        used(other, UsedPart(relay, 3))
        assert opened(job) == {"REL-24": 1}

    def test_undone_use_is_open_again_and_undone_issue_is_not(self, job: WorkOrder, jana: User, relay: Part) -> None:
        from spareparts.domain.undo import undo_consumption

        issued(job, relay, 1, engineer=jana)
        document = used(job, relay, at=NOON)
        assert opened(job) == {}
        undo_consumption(document, by=jana, at=NOON, key=uuid.uuid4(), policy=current_policy())
        assert opened(job) == {"REL-24": 1}

    def test_one_statement_however_much(
        self, job: WorkOrder, jana: User, relay: Part, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(1):
            open_for_job(job, engineer=jana)
        for _each in range(3):
            issued(job, PartFactory(), 2, engineer=jana)
        with django_assert_num_queries(2):  # and the parts by key
            assert len(open_for_job(job, engineer=jana)) == 3


class TestVeto:
    def test_completing_names_what_is_open(self, job: WorkOrder, jana: User, relay: Part) -> None:
        issued(job, relay, 2, engineer=jana)
        with refused(WorkOrderRefused) as caught:
            work_orders.complete(job, by=jana, at=NOON)
        assert caught.value.messages[0].startswith("Jana Novak still has parts for WO-411: 2 pc REL-24.")
        assert f'href="/work-orders/{job.pk}/closing/?engineer={jana.pk}&amp;then=complete"' in caught.value.messages[0]

    def test_a_helpers_parts_count_and_the_lead_cannot_answer_for_him(
        self, job: WorkOrder, jana: User, tom: User, relay: Part
    ) -> None:
        job.helpers.add(tom)
        issued(job, relay, 1, engineer=tom)
        with refused(WorkOrderRefused) as caught:
            work_orders.complete(job, by=jana, at=NOON)
        assert caught.value.messages == ["Tom Berger still has parts for WO-411: 1 pc REL-24."]

    def test_cancelling_and_reassigning_ask_too(
        self, job: WorkOrder, jana: User, tom: User, eva: User, relay: Part
    ) -> None:
        issued(job, relay, 1, engineer=jana)
        with refused(WorkOrderRefused):
            work_orders.cancel(job, by=eva, at=NOON, reason="Customer called")
        job.refresh_from_db()
        with refused(WorkOrderRefused) as caught:
            work_orders.assign(job, by=eva, at=NOON, lead=tom)
        assert f"/closing/?engineer={jana.pk}" in caught.value.messages[0]
        job.refresh_from_db()
        work_orders.assign(job, by=eva, at=NOON, lead=jana, helpers=[tom])

    @pytest.mark.parametrize("change", [{"is_enabled": False}, {"mode": "simple"}])
    def test_lifted_where_nobody_holds_parts(
        self, job: WorkOrder, jana: User, relay: Part, use_mode: Callable[..., Any], change: dict[str, Any]
    ) -> None:
        issued(job, relay, 1, engineer=jana)
        use_mode(**{"mode": "standard"} | change)
        work_orders.complete(job, by=jana, at=NOON)

    def test_an_old_part_still_in_the_machine(self, job: WorkOrder, jana: User, relay: Part) -> None:
        put(personal(jana), relay, 1, by=jana)
        used(job, swapped(relay, is_taken_out=False), at=NOON)
        with refused(WorkOrderRefused) as caught:
            work_orders.complete(job, by=jana, at=NOON)
        assert "old part REL-24" in caught.value.messages[0]

    def test_an_asked_exception_does_not_hold_the_job(self, job: WorkOrder, jana: User, relay: Part) -> None:
        Part.objects.update(old_part_rule=OldPartRule.ALWAYS)
        relay.refresh_from_db()
        put(personal(jana), relay, 1, by=jana)
        used(job, UsedPart(relay, 1, old_reason="There was none"))
        work_orders.complete(job, by=jana, at=NOON)
        assert owed() == [("REL-24", 1, "due")]


class TestAnswers:
    def test_used_and_the_rest_goes_back(self, job: WorkOrder, jana: User, relay: Part) -> None:
        issued(job, relay, 3, engineer=jana)

        answer(job, jana, PartAnswer(only(job), UsedPart(relay, 1)), completes=True)

        assert Consumption.objects.get().lines.get().quantity == 1
        assert [(kept.quantity, kept.answer) for kept in KeptPart.objects.all()] == [(2, "returning")]
        assert held(personal(jana)) == {"REL-24": 2}
        job.refresh_from_db()
        assert job.status == "completed"
        assert AuditEvent.objects.filter(verb="job_parts.answer").count() == 1

    @pytest.mark.parametrize("rest", [RestAnswer.KEPT, RestAnswer.LOST])
    def test_keeping_and_losing_need_a_reason(self, job: WorkOrder, jana: User, relay: Part, rest: str) -> None:
        issued(job, relay, 1, engineer=jana)
        with refused(AnswerMissing) as caught:
            answer(job, jana, PartAnswer(only(job), rest=rest))
        assert (caught.value.field, caught.value.index) == ("reason", 0)

    def test_kept_with_a_reason(self, job: WorkOrder, jana: User, relay: Part) -> None:
        issued(job, relay, 1, engineer=jana)
        answer(job, jana, PartAnswer(only(job), rest=RestAnswer.KEPT, reason="Next job needs it"))
        assert opened(job) == {}
        assert KeptPart.objects.get().reason == "Next job needs it"
        work_orders.complete(job, by=jana, at=NOON)

    def test_lost_leaves_the_engineer(self, job: WorkOrder, jana: User, relay: Part) -> None:
        issued(job, relay, 1, engineer=jana)
        answer(job, jana, PartAnswer(only(job), rest=RestAnswer.LOST, reason="Fell into the shaft"))
        assert held(personal(jana)) == {}
        assert LossReport.objects.get().work_order == job
        assert opened(job) == {}

    def test_handed_on_is_offered_to_the_colleague(self, job: WorkOrder, jana: User, tom: User, relay: Part) -> None:
        issued(job, relay, 1, engineer=jana)
        with refused(AnswerMissing):
            answer(job, jana, PartAnswer(only(job), rest=RestAnswer.HAND_ON))
        answer(job, jana, PartAnswer(only(job), rest=RestAnswer.HAND_ON, receiver=tom))
        assert HandOver.objects.get().receiver == tom
        assert opened(job) == {}

    def test_more_than_was_taken_is_refused(self, job: WorkOrder, jana: User, relay: Part) -> None:
        issued(job, relay, 1, engineer=jana)
        with refused(AnswerMissing) as caught:
            answer(job, jana, PartAnswer(only(job), UsedPart(relay, 2)))
        assert caught.value.field == "used"

    def test_what_changed_meanwhile_is_asked_again(self, job: WorkOrder, jana: User, relay: Part) -> None:
        issued(job, relay, 2, engineer=jana)
        seen = only(job)
        used(job, relay)
        with refused(StaleDocument):
            answer(job, jana, PartAnswer(seen))

    def test_a_manager_answers_with_a_reason_but_not_what_only_the_engineer_knows(
        self, job: WorkOrder, jana: User, tom: User, eva: User, relay: Part
    ) -> None:
        issued(job, relay, 1, engineer=jana)
        back = PartAnswer(only(job))
        with refused(NotAllowed):
            answer(job, jana, back, by=tom)
        with refused(ReasonMissing):
            answer(job, jana, back, by=eva)
        with refused(AnswerMissing):
            answer(job, jana, PartAnswer(only(job), rest=RestAnswer.LOST, reason="Gone"), by=eva, reason="Jana is ill")
        answer(job, jana, back, by=eva, reason="Jana is ill")
        assert opened(job) == {}


class TestPage:
    def url(self, job: WorkOrder, query: str = "") -> str:
        return f"/work-orders/{job.pk}/closing/{query}"

    def line(self, job: WorkOrder, **facts: Any) -> dict[str, Any]:
        row = only(job)
        prefix = f"open-{row.part.pk}-new-0"
        facts = {"seen": row.quantity, "used": "0", "rest": "back"} | facts
        return {f"{prefix}-{name}": value for name, value in facts.items()}

    def test_presets_answer_and_complete_in_one_submit(
        self, job: WorkOrder, jana: User, relay: Part, as_user: Callable[[User], Client]
    ) -> None:
        issued(job, relay, 2, engineer=jana)
        page = as_user(jana).get(self.url(job, "?then=complete")).content.decode()
        assert "Save and complete the job" in page
        assert "2 pc not used yet" in page

        sent = as_user(jana).post(self.url(job, "?then=complete"), self.line(job, used="1") | key())

        assert sent.status_code == 302
        job.refresh_from_db()
        assert job.status == "completed"

    def test_what_is_missing_stands_at_its_line_and_nothing_is_written(
        self, job: WorkOrder, jana: User, relay: Part, as_user: Callable[[User], Client]
    ) -> None:
        issued(job, relay, 2, engineer=jana)
        sent = as_user(jana).post(self.url(job), self.line(job, used="1", rest="kept") | key())
        assert "REL-24: give a reason." in sent.content.decode()
        assert not Consumption.objects.exists()

    def test_an_old_part_that_must_come_back(
        self, job: WorkOrder, jana: User, relay: Part, as_user: Callable[[User], Client]
    ) -> None:
        Part.objects.update(old_part_rule=OldPartRule.ALWAYS)
        issued(job, relay, 1, engineer=jana)
        browser = as_user(jana)
        wrong = browser.post(self.url(job), self.line(job, used="1", old_answer="none") | key())
        assert "say why it does not" in wrong.content.decode()
        assert browser.post(self.url(job), self.line(job, used="1", old_answer="returning") | key()).status_code == 302
        assert owed() == [("REL-24", 1, "held")]

    def test_an_old_part_taken_out_at_last(
        self, job: WorkOrder, jana: User, relay: Part, as_user: Callable[[User], Client]
    ) -> None:
        put(personal(jana), relay, 1, by=jana)
        used(job, swapped(relay, is_taken_out=False))
        debt = OldPartDebt.objects.get()
        sent = as_user(jana).post(self.url(job, "?then=complete"), {f"old-{debt.pk}-answer": "taken_out"} | key())
        assert sent.status_code == 302
        assert held(personal(jana)) == {"REL-24 (old)": 1}

    def test_a_manager_sees_whose_they_are_and_says_why(
        self, job: WorkOrder, jana: User, eva: User, relay: Part, as_user: Callable[[User], Client]
    ) -> None:
        issued(job, relay, 1, engineer=jana)
        browser = as_user(eva)
        query = f"?engineer={jana.pk}"
        assert "Why you answer for somebody else" in browser.get(self.url(job, query)).content.decode()
        assert browser.post(self.url(job, query), self.line(job) | key()).status_code == 200
        assert browser.post(self.url(job, query), self.line(job) | {"reason": "Ill"} | key()).status_code == 302
        assert opened(job) == {}

    def test_nobody_elses_job_and_no_such_page_where_nobody_holds_parts(
        self, job: WorkOrder, jana: User, tom: User, as_user: Callable[[User], Client], use_mode: Callable[..., Any]
    ) -> None:
        assert as_user(tom).get(self.url(job)).status_code == 404
        assert as_user(jana).get(self.url(job)).status_code == 200
        use_mode("simple")
        assert as_user(jana).get(self.url(job)).status_code == 403

    def test_the_verb_page_leads_here(
        self, job: WorkOrder, jana: User, relay: Part, as_user: Callable[[User], Client]
    ) -> None:
        issued(job, relay, 1, engineer=jana)
        sent = as_user(jana).post(f"/work-orders/{job.pk}/complete/", {"version": job.version} | key())
        assert (
            f'<a href="/work-orders/{job.pk}/closing/?engineer={jana.pk}&amp;then=complete">' in sent.content.decode()
        )

    def test_the_job_shows_what_is_open_to_him_and_to_the_office(
        self, job: WorkOrder, jana: User, eva: User, tom: User, relay: Part, as_user: Callable[[User], Client]
    ) -> None:
        job.helpers.add(tom)
        issued(job, relay, 2, engineer=jana)
        link = f"/work-orders/{job.pk}/closing/?engineer={jana.pk}"
        assert link in as_user(jana).get(job.get_absolute_url()).content.decode()
        assert link in as_user(eva).get(job.get_absolute_url()).content.decode()
        assert "Not used yet" not in as_user(tom).get(job.get_absolute_url()).content.decode()
