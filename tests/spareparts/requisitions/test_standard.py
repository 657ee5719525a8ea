"""Standard: a request is approved and the parts are with the engineer; nothing is kept anywhere else."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from config.shared.errors import IllegalTransition, NotAllowed, StaleDocument
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from inventory.enums import PostingReason
from inventory.models import Move, Part, Posting
from spareparts.domain.four_eyes import OwnDocument
from spareparts.domain.requisitions import AskedLine, CounterPart, issue_at_counter
from spareparts.domain.requisitions.errors import (
    MethodNotInMode,
    NotAnEngineer,
    NothingToCancel,
    NotYourWarehouse,
    UndoneAlready,
    WarehouseNotKept,
)
from spareparts.enums import ApprovalMode, Fulfilment, ReceivingMethod, RequisitionStatus
from spareparts.models import HoldingLimit, Issue, Requisition
from spareparts.policies import ModePolicy
from spareparts.queries.requisitions import availability
from tests.factories.asking import act, depot, draft, grants, sent, settings
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.workorders import TeamFactory, UserFactory
from tests.spareparts.helpers import refused
from tests.support.stock import held, personal, put
from workorders.models import User

pytestmark = pytest.mark.usefixtures("standard")


class TestDocumentedBehaviour:
    def test_automatic_approval_issues_and_the_details_show_new_part(self, jana: User, bearing: Part) -> None:
        requisition = sent(jana, (bearing, 3))

        assert (requisition.status, requisition.fulfilment) == (RequisitionStatus.APPROVED, Fulfilment.CONFIRMED)
        assert held(personal(jana)) == {"BRG-1": 3}
        move = Move.objects.get()
        assert (move.source.kind, move.get_condition_display(), move.quantity) == ("supplier", "New part", 3)
        issue = Issue.objects.get()
        assert (move.posting.reason, move.posting.reference) == (PostingReason.REQUISITION, issue.reference)
        assert grants(requisition) == [{"part": "BRG-1", "granted": 3, "issued": 3}]
        assert (requisition.decided_at is not None, requisition.decided_by) == (True, None)

    def test_manual_approval_moves_nothing_until_approved(self, jana: User, eva: User, bearing: Part) -> None:
        settings(requisition_approval=ApprovalMode.MANUAL)
        requisition = sent(jana, (bearing, 3))
        assert (requisition.status, requisition.fulfilment) == (RequisitionStatus.SUBMITTED, Fulfilment.NONE)
        assert requisition.approval_reason == "Every request is approved by somebody."
        assert Posting.objects.count() == 0

        act("approve", requisition, by=eva)

        assert (requisition.status, requisition.fulfilment) == (RequisitionStatus.APPROVED, Fulfilment.CONFIRMED)
        assert (requisition.decided_by, held(personal(jana))) == (eva, {"BRG-1": 3})

    def test_a_warehouse_as_source_is_refused_in_standard(self, jana: User, bearing: Part) -> None:
        with refused(WarehouseNotKept):
            draft(jana, (bearing, 1), warehouse=WarehouseFactory())

    def test_nothing_is_shipped(self, jana: User, bearing: Part) -> None:
        with refused(MethodNotInMode):
            draft(jana, (bearing, 1), receiving_method=ReceivingMethod.TO_ENGINEER)


class TestByRule:
    @pytest.fixture(autouse=True)
    def by_rule(self, standard: ModePolicy) -> None:
        settings(requisition_approval=ApprovalMode.BY_RULE, rule_over_limit=False)

    def test_what_no_rule_names_is_approved_at_once(self, jana: User, bearing: Part) -> None:
        assert sent(jana, (bearing, 9)).status == RequisitionStatus.APPROVED

    def test_the_quantity_counts_whole_units_of_each_line(self, jana: User, bearing: Part, hose: Part) -> None:
        """The limit of 3 means 3 pieces and 3 metres, which are 300 smallest steps."""
        settings(rule_quantity=3)
        assert sent(jana, (bearing, 2), (hose, 299)).status == RequisitionStatus.APPROVED
        requisition = sent(jana, (bearing, 3), (hose, 300))
        assert requisition.approval_reason == "BRG-1: 3 pc or more in one line.\nHOS-5: 3 m or more in one line."

    def test_the_value_is_that_of_the_whole_request(self, jana: User) -> None:
        settings(rule_value=Decimal("100.00"))
        pump, fan = PartFactory(unit_cost=Decimal("60.00")), PartFactory(unit_cost=Decimal("39.99"))
        assert sent(jana, (pump, 1), (fan, 1)).status == RequisitionStatus.APPROVED
        requisition = sent(jana, (pump, 1), (fan, 2))
        assert requisition.approval_reason == "It is worth €139.98; from €100.00 on somebody approves."

    def test_parts_with_serial_numbers(self, jana: User, bearing: Part, valve: Part) -> None:
        settings(rule_serial_tracked=True)
        requisition = sent(jana, (bearing, 1), (valve, 1))
        assert requisition.approval_reason == "VLV-3 has serial numbers."

    def test_over_the_holding_limit_counts_what_he_holds(self, jana: User, karl: User, bearing: Part) -> None:
        """One bearing is 8.40: eleven held and one asked are 100.80."""
        settings(rule_over_limit=True, holding_limit=Decimal("100.00"))
        put(personal(jana), bearing, 10, by=karl)
        put(personal(jana), bearing, 50, by=karl, condition="old")
        assert sent(jana, (bearing, 1)).status == RequisitionStatus.APPROVED
        requisition = sent(jana, (bearing, 1))
        assert requisition.approval_reason == ("Jana Novak would hold parts worth €100.80; the limit is €100.00.")

    def test_his_own_limit_counts_before_the_companys(self, jana: User, tom: User, bearing: Part) -> None:
        settings(rule_over_limit=True, holding_limit=Decimal("5.00"))
        HoldingLimit.objects.create(engineer=jana, value=Decimal("1000.00"))
        assert sent(jana, (bearing, 1)).status == RequisitionStatus.APPROVED
        assert sent(tom, (bearing, 1)).status == RequisitionStatus.SUBMITTED

    def test_without_any_limit_nobody_is_over_it(self, jana: User, bearing: Part) -> None:
        settings(rule_over_limit=True, holding_limit=None)
        assert sent(jana, (bearing, 999)).status == RequisitionStatus.APPROVED


class TestWhoDecides:
    @pytest.fixture(autouse=True)
    def manual(self, standard: ModePolicy) -> None:
        settings(requisition_approval=ApprovalMode.MANUAL)

    def test_nobody_approves_his_own(self, eva: User, karl: User, bearing: Part) -> None:
        eva.is_engineer = True
        eva.save()
        requisition = sent(eva, (bearing, 1))
        with refused(OwnDocument) as caught:
            act("approve", requisition, by=eva)
        assert caught.value.messages == ["This is your own document, so somebody else has to do this: Karl Huber."]
        with refused(OwnDocument):
            act("reject", requisition, by=eva, reason="no")
        act("approve", requisition, by=karl)
        assert requisition.status == RequisitionStatus.APPROVED

    def test_nobody_approves_what_he_wrote_for_somebody_else(
        self, jana: User, eva: User, karl: User, bearing: Part
    ) -> None:
        requisition = sent(jana, (bearing, 1), by=karl)
        with refused(OwnDocument):
            act("approve", requisition, by=karl)

    def test_who_is_alone_with_the_permission_may(self, eva: User, karl: User, bearing: Part) -> None:
        User.objects.filter(pk=karl.pk).update(is_active=False)
        eva.is_engineer = True
        eva.save()
        act("approve", requisition := sent(eva, (bearing, 1)), by=eva)
        assert requisition.status == RequisitionStatus.APPROVED

    def test_an_engineer_decides_nothing(self, jana: User, tom: User, bearing: Part) -> None:
        requisition = sent(jana, (bearing, 1))
        for verb in ("approve", "reject"):
            with refused(NotAllowed):
                act(verb, requisition, by=tom, **({"reason": "no"} if verb == "reject" else {}))

    def test_a_warehouse_manager_decides_for_the_teams_he_serves(self, karl: User, lin: User, bearing: Part) -> None:
        north, south = TeamFactory(name="North"), TeamFactory(name="South")
        nora = UserFactory(name="Nora", is_engineer=True, team=north)
        depot("Linz", karl, serves=south)
        depot("Graz", lin, serves=north)
        requisition = sent(nora, (bearing, 1))
        with refused(NotYourWarehouse):
            act("approve", requisition, by=karl)
        act("approve", requisition, by=lin)
        assert held(personal(nora)) == {"BRG-1": 1}

    def test_a_rejection_says_why(self, jana: User, eva: User, bearing: Part) -> None:
        requisition = sent(jana, (bearing, 1))
        with refused(ReasonMissing):
            act("reject", requisition, by=eva, reason=" ")
        act("reject", requisition, by=eva, reason="Use what is in your van. ")
        requisition.refresh_from_db()
        assert (requisition.status, requisition.decision_reason) == ("rejected", "Use what is in your van.")
        assert (requisition.decided_by, Posting.objects.count()) == (eva, 0)

    def test_of_two_who_decide_one_wins(self, jana: User, eva: User, karl: User, bearing: Part) -> None:
        requisition = sent(jana, (bearing, 1))
        other = Requisition.objects.get(pk=requisition.pk)
        act("approve", requisition, by=eva)
        with refused(IllegalTransition) as caught:
            act("reject", other, by=karl, reason="no")
        assert "Eva Lang changed" in str(caught.value)
        assert AuditEvent.objects.filter(verb__startswith="requisition.", subject_id=str(other.pk)).count() == 3

    def test_a_stale_draft_is_not_overwritten(self, jana: User, bearing: Part, belt: Part) -> None:
        requisition = draft(jana, (bearing, 1))
        other = Requisition.objects.get(pk=requisition.pk)
        act("edit", requisition, by=jana, lines=[AskedLine(belt, 2)])
        with refused(StaleDocument):
            act("edit", other, by=jana, lines=[AskedLine(bearing, 9)])
        assert list(requisition.lines.values_list("part__number", "quantity")) == [("BLT-2", 2)]

    def test_nothing_goes_to_somebody_who_left(self, jana: User, eva: User, bearing: Part) -> None:
        requisition = sent(jana, (bearing, 1))
        User.objects.filter(pk=jana.pk).update(is_active=False)
        requisition = Requisition.objects.get(pk=requisition.pk)
        with refused(NotAnEngineer):
            act("approve", requisition, by=eva)


class TestUndo:
    def test_undone_in_time_by_who_gave_it_out(self, jana: User, karl: User, lin: User, bearing: Part) -> None:
        settings(requisition_approval=ApprovalMode.MANUAL)
        requisition = sent(jana, (bearing, 3))
        act("approve", requisition, by=karl)
        issue = Issue.objects.get()
        with refused(NotAllowed):
            act("undo_issue", issue, by=jana)
        with refused(ReasonMissing):
            act("undo_issue", issue, by=lin)
        issue = Issue.objects.get()

        act("undo_issue", issue, by=karl)

        requisition.refresh_from_db()
        assert held(personal(jana)) == {}
        assert requisition.fulfilment == Fulfilment.CANCELLED
        assert grants(requisition) == [{"part": "BRG-1", "granted": 3, "cancelled": 3}]
        with refused(UndoneAlready):
            act("undo_issue", Issue.objects.get(), by=karl)

    def test_later_it_needs_a_reason(self, jana: User, karl: User, bearing: Part) -> None:
        sent(jana, (bearing, 3), at=timezone.now() - timedelta(minutes=10))
        with refused(ReasonMissing):
            act("undo_issue", Issue.objects.get(), by=karl)
        act("undo_issue", Issue.objects.get(), by=karl, reason="Wrong engineer")
        issue = Issue.objects.get()
        assert (issue.undone_by, issue.undo_reason) == (karl, "Wrong engineer")
        assert issue.reversal is not None
        assert issue.reversal.reverses == issue.posting


class TestTheRest:
    def test_nothing_is_left_to_cancel(self, jana: User, bearing: Part) -> None:
        with refused(NothingToCancel):
            act("cancel_rest", sent(jana, (bearing, 1)), by=jana, reason="x")

    def test_counter_hands_out_what_the_supplier_sent(
        self, standard: ModePolicy, jana: User, karl: User, bearing: Part
    ) -> None:
        requisition = issue_at_counter(
            engineer=jana,
            by=karl,
            at=timezone.now(),
            key=uuid.uuid4(),
            policy=standard,
            warehouse=None,
            parts=[CounterPart(bearing, 2)],
        )
        assert (requisition.fulfilment, held(personal(jana))) == (Fulfilment.CONFIRMED, {"BRG-1": 2})

    def test_availability_of_no_warehouse(self, jana: User, bearing: Part) -> None:
        assert availability([bearing], user=jana) == {}
