"""Approved otherwise than asked, and sent on to another warehouse."""

import pytest

from config.shared.errors import IllegalTransition, NotAllowed
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from inventory.enums import WarehouseStatus
from inventory.models import Part, Substitute, Warehouse
from spareparts.domain.requisitions import GrantedPart, IssuedPart
from spareparts.domain.requisitions.errors import (
    AlreadyForwarded,
    BadLines,
    NothingGranted,
    NothingToForward,
    NotYourWarehouse,
    WarehouseNotKept,
    WarehouseNotOpen,
)
from spareparts.enums import ApprovalMode, Fulfilment, ReceivingMethod, RequisitionStatus
from spareparts.models import Allocation, Grant, Requisition
from spareparts.policies import ModePolicy
from tests.factories.asking import act, depot, draft, grants, sent, settings
from tests.factories.inventory import PartFactory
from tests.spareparts.helpers import refused
from tests.support.modes import in_mode
from tests.support.stock import held, personal, put, shelf, staging
from workorders.models import User


@pytest.fixture
def manual(advanced: ModePolicy) -> None:
    settings(requisition_approval=ApprovalMode.MANUAL)


@pytest.mark.usefixtures("manual")
class TestGrants:
    def test_fewer_with_a_reason(self, vienna: Warehouse, jana: User, eva: User, bearing: Part, belt: Part) -> None:
        requisition = sent(jana, (bearing, 5), (belt, 1))
        one, two = requisition.lines.all()
        answers = [GrantedPart(one, bearing, 3, " You have two. "), GrantedPart(two, belt, 0, "Scarce")]
        act("approve", requisition, by=eva, grants=answers)
        said = list(Grant.objects.order_by("pk").values_list("granted", "reason"))
        assert said == [(3, "You have two."), (0, "Scarce")]
        assert requisition.fulfilment == Fulfilment.PENDING_PICK_UP
        event = AuditEvent.objects.get(verb="requisition.approve")
        assert event.details["granted"][0] == {"part": "BRG-1", "quantity": 3, "reason": "You have two."}

    def test_what_was_not_granted_is_no_back_order(
        self, vienna: Warehouse, jana: User, eva: User, karl: User, bearing: Part, belt: Part
    ) -> None:
        put(shelf(vienna), bearing, 3, by=eva)
        requisition = sent(jana, (bearing, 5), (belt, 1))
        one, two = requisition.lines.all()
        act("approve", requisition, by=eva, grants=[GrantedPart(one, bearing, 3, "x"), GrantedPart(two, belt, 0, "x")])
        act("issue", requisition, by=karl)
        assert requisition.fulfilment == Fulfilment.CONFIRMED

    def test_a_substitute_as_a_second_grant(
        self, vienna: Warehouse, jana: User, eva: User, bearing: Part, belt: Part
    ) -> None:
        Substitute.objects.create(part=bearing, substitute=belt)
        put(shelf(vienna), belt, 9, by=eva)
        requisition = sent(jana, (bearing, 5))
        line = requisition.lines.get()
        answers = [GrantedPart(line, bearing, 2, "Only two left"), GrantedPart(line, belt, 3, "Fits as well")]
        act("approve", requisition, by=eva, grants=answers)
        assert grants(requisition) == [
            {"part": "BRG-1", "granted": 2},
            {"part": "BLT-2", "granted": 3, "reserved": 3},
        ]

    def test_the_successor_may_be_granted(self, vienna: Warehouse, jana: User, eva: User, bearing: Part) -> None:
        requisition = sent(jana, (bearing, 5))
        newer = PartFactory(number="BRG-2")
        Part.objects.filter(pk=bearing.pk).update(superseded_by=newer)
        act("approve", requisition, by=eva, grants=[GrantedPart(requisition.lines.get(), newer, 5, "New series")])
        assert grants(requisition) == [{"part": "BRG-2", "granted": 5}]

    def test_every_wrong_grant_is_named(
        self, vienna: Warehouse, jana: User, tom: User, eva: User, bearing: Part, belt: Part
    ) -> None:
        unlisted = PartFactory(number="OLD-1", is_listed=False)
        Substitute.objects.create(part=bearing, substitute=unlisted)
        requisition, other = sent(jana, (bearing, 5)), sent(tom, (belt, 1))
        line, foreign = requisition.lines.get(), other.lines.get()
        wrong = [
            GrantedPart(line, bearing, 6, "generous"),
            GrantedPart(line, bearing, 1, "again"),
            GrantedPart(line, belt, 1, "no substitute"),
            GrantedPart(line, unlisted, 1, "unlisted"),
            GrantedPart(foreign, belt, 1),
        ]
        with refused(BadLines) as caught:
            act("approve", requisition, by=eva, grants=wrong)
        problems = [(each.index, each.field) for each in caught.value.problems]
        assert problems == [(0, "quantity"), (1, "part"), (2, "part"), (3, "part"), (4, "part")]

    def test_otherwise_than_asked_needs_a_reason(self, vienna: Warehouse, jana: User, eva: User, bearing: Part) -> None:
        requisition = sent(jana, (bearing, 5))
        for quantity, field in ((4, "reason"), (-1, "quantity")):
            with refused(BadLines) as caught:
                answer = [GrantedPart(requisition.lines.get(), bearing, quantity, " ")]
                act("approve", requisition, by=eva, grants=answer)
            assert [each.field for each in caught.value.problems] == [field]

    def test_every_line_is_answered_and_something_granted(
        self, vienna: Warehouse, jana: User, eva: User, bearing: Part, belt: Part
    ) -> None:
        requisition = sent(jana, (bearing, 5), (belt, 1))
        one, two = requisition.lines.all()
        with refused(BadLines) as caught:
            act("approve", requisition, by=eva, grants=[GrantedPart(one, bearing, 5)])
        assert caught.value.messages == ["Line 2, BLT-2: say how much is granted; nothing is 0, with a reason."]
        with refused(NothingGranted):
            nothing = [GrantedPart(one, bearing, 0, "no"), GrantedPart(two, belt, 0, "no")]
            act("approve", requisition, by=eva, grants=nothing)

    def test_somebody_elses_warehouse(
        self, vienna: Warehouse, jana: User, lin: User, karl: User, bearing: Part
    ) -> None:
        requisition = sent(jana, (bearing, 5))
        with refused(NotYourWarehouse):
            act("approve", requisition, by=lin)
        act("approve", requisition, by=karl)

    def test_what_is_under_way_goes_on_in_a_disabled_warehouse(
        self, vienna: Warehouse, jana: User, eva: User, karl: User, bearing: Part
    ) -> None:
        linz = depot("Linz", karl)
        put(shelf(linz), bearing, 1, by=karl)
        requisition = sent(jana, (bearing, 1), warehouse=linz)
        Warehouse.objects.filter(pk=linz.pk).update(status=WarehouseStatus.DISABLED)
        act("approve", Requisition.objects.get(pk=requisition.pk), by=eva)
        assert held(staging(linz)) == {"BRG-1": 1}


class TestAfterASwitch:
    def test_a_request_of_standard_finds_its_warehouse(self, jana: User, eva: User, karl: User, bearing: Part) -> None:
        in_mode("standard", requisition_approval=ApprovalMode.MANUAL)
        requisition = sent(jana, (bearing, 1))
        in_mode("advanced")
        vienna = depot("Vienna", karl)
        put(shelf(vienna), bearing, 1, by=karl)
        act("approve", requisition, by=eva)
        assert (requisition.warehouse, held(staging(vienna))) == (vienna, {"BRG-1": 1})

    def test_one_with_a_warehouse_stays_where_no_stock_is_kept(
        self, vienna: Warehouse, jana: User, eva: User, bearing: Part, manual: None
    ) -> None:
        requisition = sent(jana, (bearing, 1))
        in_mode("standard")
        with refused(WarehouseNotKept):
            act("approve", requisition, by=eva)


class TestForward:
    def test_waiting_for_approval_all_of_it_goes_on(
        self, vienna: Warehouse, manual: None, jana: User, karl: User, lin: User, bearing: Part
    ) -> None:
        linz = depot("Linz", lin)
        requisition = sent(jana, (bearing, 5), note="Soon")

        successor = act("forward", requisition, by=karl, warehouse=linz, reason="None left here")

        assert (requisition.status, requisition.fulfilment) == (RequisitionStatus.FORWARDED, Fulfilment.NONE)
        facts = (successor.status, successor.warehouse, successor.forwarded_from, successor.engineer, successor.note)
        assert facts == ("submitted", linz, requisition, jana, "Soon")
        assert successor.approval_reason == "Sent on by Vienna: None left here"
        assert successor.created_by == jana
        put(shelf(linz), bearing, 5, by=lin)
        act("approve", successor, by=lin)
        act("issue", successor, by=lin)
        assert held(personal(jana)) == {"BRG-1": 5}

    def test_approved_but_nothing_there_all_of_it_goes_on(
        self, vienna: Warehouse, jana: User, karl: User, lin: User, bearing: Part
    ) -> None:
        requisition = sent(jana, (bearing, 5))
        successor = act("forward", requisition, by=karl, warehouse=depot("Linz", lin), reason="None left")
        assert (requisition.status, requisition.fulfilment) == (RequisitionStatus.FORWARDED, Fulfilment.NONE)
        assert grants(requisition) == [{"part": "BRG-1", "granted": 5, "cancelled": 5}]
        assert list(successor.lines.values_list("part__number", "quantity")) == [("BRG-1", 5)]

    def test_what_he_lacks_goes_on_and_the_rest_stays(
        self, vienna: Warehouse, jana: User, karl: User, lin: User, bearing: Part
    ) -> None:
        put(shelf(vienna), bearing, 2, by=karl)
        requisition = sent(jana, (bearing, 5))
        successor = act("forward", requisition, by=karl, warehouse=depot("Linz", lin), reason="Two here")
        assert (requisition.status, requisition.fulfilment) == (RequisitionStatus.APPROVED, Fulfilment.PENDING_PICK_UP)
        assert grants(requisition) == [{"part": "BRG-1", "granted": 5, "reserved": 2, "cancelled": 3}]
        assert list(successor.lines.values_list("part__number", "quantity")) == [("BRG-1", 3)]
        act("issue", requisition, by=karl)
        assert requisition.fulfilment == Fulfilment.CONFIRMED
        assert AuditEvent.objects.filter(verb="requisition.forward_rest").count() == 1

    def test_once(self, vienna: Warehouse, jana: User, karl: User, lin: User, bearing: Part) -> None:
        put(shelf(vienna), bearing, 2, by=karl)
        linz = depot("Linz", lin)
        requisition = sent(jana, (bearing, 5))
        act("forward", requisition, by=karl, warehouse=linz, reason="x")
        row = Allocation.objects.get(grant__line__requisition=requisition)
        act("issue", requisition, by=karl, parts=[IssuedPart(row, 1)])
        with refused(AlreadyForwarded):
            act("forward", requisition, by=karl, warehouse=linz, reason="x")

    def test_refused(self, vienna: Warehouse, jana: User, karl: User, lin: User, eva: User, bearing: Part) -> None:
        linz = depot("Linz", lin)
        requisition = sent(jana, (bearing, 5))
        for person, error in ((lin, NotYourWarehouse), (eva, NotYourWarehouse), (jana, NotYourWarehouse)):
            with refused(error):
                act("forward", requisition, by=person, warehouse=linz, reason="x")
        with refused(NothingToForward):
            act("forward", requisition, by=karl, warehouse=vienna, reason="x")
        with refused(ReasonMissing):
            act("forward", requisition, by=karl, warehouse=linz, reason="")
        vienna.managers.add(eva)
        with refused(NotAllowed):
            act("forward", requisition, by=eva, warehouse=linz, reason="x")
        Warehouse.objects.filter(pk=linz.pk).update(status=WarehouseStatus.CLOSED)
        with refused(WarehouseNotOpen):
            act("forward", requisition, by=karl, warehouse=linz, reason="x")

    def test_not_to_where_it_is_shipped_nor_without_anything_open(
        self, vienna: Warehouse, jana: User, karl: User, lin: User, bearing: Part
    ) -> None:
        linz, graz = depot("Linz", lin), depot("Graz", lin)
        method = ReceivingMethod.TO_WAREHOUSE
        shipped = sent(jana, (bearing, 5), receiving_method=method, destination=linz)
        with refused(NothingToForward):
            act("forward", shipped, by=karl, warehouse=linz, reason="x")
        put(shelf(vienna), bearing, 2, by=karl)
        requisition = sent(jana, (bearing, 2))
        with refused(NothingToForward):
            act("forward", requisition, by=karl, warehouse=graz, reason="x")
        with refused(IllegalTransition):
            act("forward", draft(jana, (bearing, 2)), by=karl, warehouse=graz, reason="x")
