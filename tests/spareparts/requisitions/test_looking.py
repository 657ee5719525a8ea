"""What people are told before they act: free stock, proposals, buttons, and in how many statements."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.enums import WarehouseStatus
from inventory.models import Lot, Part, Warehouse
from spareparts.domain.requisitions import possible_verbs
from spareparts.enums import ApprovalMode, ReceivingMethod
from spareparts.models import Requisition
from spareparts.policies import ModePolicy
from spareparts.queries.requisitions import availability, back_orders, stock_proposals, value_held
from tests.factories.asking import act, depot, draft, sent, settings
from tests.factories.inventory import PartFactory
from tests.support.stock import personal, put, shelf
from workorders.models import User


class TestAvailability:
    def test_what_lies_free_in_open_warehouses_never_old(
        self, vienna: Warehouse, jana: User, oskar: User, karl: User, bearing: Part, belt: Part
    ) -> None:
        linz, graz = depot("Linz"), depot("Graz")
        put(shelf(vienna), bearing, 3, by=karl)
        put(shelf(vienna), bearing, 1, by=karl, condition="repaired")
        put(shelf(vienna), bearing, 9, by=karl, condition="old")
        put(shelf(linz), bearing, 1, by=karl)
        put(shelf(graz), bearing, 5, by=karl)
        Warehouse.objects.filter(pk=graz.pk).update(status=WarehouseStatus.DISABLED)
        found = availability([bearing, belt], user=jana)
        assert [(each.warehouse, each.free) for each in found[bearing.pk]] == [(linz, 1), (vienna, 4)]
        assert found.get(belt.pk, []) == []
        assert availability([bearing], user=oskar) == {}

    def test_what_is_reserved_is_no_longer_free(
        self, vienna: Warehouse, jana: User, tom: User, karl: User, bearing: Part
    ) -> None:
        put(shelf(vienna), bearing, 3, by=karl)
        sent(tom, (bearing, 2))
        assert [each.free for each in availability([bearing], user=jana)[bearing.pk]] == [1]

    def test_one_statement_for_many_parts(self, vienna: Warehouse, jana: User, karl: User) -> None:
        parts = [PartFactory() for _each in range(3)]
        for part in parts:
            put(shelf(vienna), part, 1, by=karl)
        jana.has_perm("any")
        for wanted in (parts[:1], parts):
            with CaptureQueriesContext(connection) as statements:
                assert len(availability(wanted, user=jana)) == len(wanted)
            assert len(statements) == 1


def test_lots_are_proposed_first_expired_first(vienna: Warehouse, karl: User, grease: Part) -> None:
    for code, day in (("C", None), ("B", date(2027, 5, 1)), ("A", date(2027, 1, 1))):
        lot = Lot.objects.create(part=grease, code=code, is_serial=False, expires_on=day)
        put(shelf(vienna), grease, 2, by=karl, lot=lot)
    proposed = [(str(each.lot), each.free, each.quantity) for each in stock_proposals(grease, vienna, 3)]
    assert proposed == [("A", 2, 2), ("B", 2, 1), ("C", 2, 0)]


def test_what_an_engineer_holds_is_worth(jana: User, karl: User, bearing: Part, hose: Part) -> None:
    """Two bearings and one and a half metres at 8.40, and an old part that is worth nothing."""
    assert str(value_held(jana)) == "0.00"
    put(personal(jana), bearing, 2, by=karl)
    put(personal(jana), hose, 150, by=karl)
    put(personal(jana), bearing, 5, by=karl, condition="old")
    assert str(value_held(jana)) == "29.40"


def test_back_orders_in_two_statements(vienna: Warehouse, jana: User, tom: User, karl: User) -> None:
    parts = [PartFactory() for _each in range(3)]
    for wanted in (parts[:1], parts):
        sent(tom, *((part, 5) for part in wanted))
        with CaptureQueriesContext(connection) as statements:
            for each in back_orders(vienna):
                assert str(each.requisition.engineer) == "Tom Berger"
                assert each.grant.part.unit.code == "pc"
        assert len(statements) == 2


class TestButtons:
    def drawn(self, requisition: Requisition, by: User, policy: ModePolicy) -> list[str]:
        fresh = Requisition.objects.get(pk=requisition.pk)
        return [row.verb for row in possible_verbs(fresh, by=by, policy=policy)]

    def test_of_a_draft(self, vienna: Warehouse, advanced: ModePolicy, jana: User, oskar: User, bearing: Part) -> None:
        requisition = draft(jana, (bearing, 1))
        assert self.drawn(requisition, jana, advanced) == ["submit", "edit", "withdraw"]
        assert self.drawn(requisition, oskar, advanced) == []

    def test_of_one_that_waits(
        self, vienna: Warehouse, advanced: ModePolicy, jana: User, eva: User, karl: User, lin: User, bearing: Part
    ) -> None:
        settings(requisition_approval=ApprovalMode.MANUAL)
        requisition = sent(jana, (bearing, 1))
        assert self.drawn(requisition, jana, advanced) == ["withdraw"]
        assert self.drawn(requisition, eva, advanced) == ["withdraw", "approve", "reject"]
        assert self.drawn(requisition, karl, advanced) == ["withdraw", "approve", "reject", "forward"]
        assert self.drawn(requisition, lin, advanced) == ["withdraw"]
        own = sent(jana, (bearing, 1), by=karl)
        assert self.drawn(own, karl, advanced) == ["withdraw", "forward"]

    def test_of_one_to_be_picked_up(
        self, vienna: Warehouse, advanced: ModePolicy, jana: User, karl: User, lin: User, bearing: Part
    ) -> None:
        put(shelf(vienna), bearing, 1, by=karl)
        requisition = sent(jana, (bearing, 2))
        assert self.drawn(requisition, jana, advanced) == ["cancel_rest"]
        assert self.drawn(requisition, lin, advanced) == []
        all_of_it = ["forward_rest", "reserve", "pack", "issue", "cancel_rest"]
        assert self.drawn(requisition, karl, advanced) == all_of_it
        act("pack", requisition, by=karl)
        act("issue", requisition, by=karl)
        assert self.drawn(requisition, karl, advanced) == ["forward_rest", "reserve", "cancel_rest"]
        act("cancel_rest", requisition, by=karl, reason="x")
        assert self.drawn(requisition, karl, advanced) == []

    def test_of_one_to_be_shipped(
        self, vienna: Warehouse, advanced: ModePolicy, jana: User, karl: User, grease: Part
    ) -> None:
        lot = Lot.objects.create(part=grease, code="A", is_serial=False)
        put(shelf(vienna), grease, 1, by=karl, lot=lot)
        requisition = sent(jana, (grease, 1), receiving_method=ReceivingMethod.TO_ENGINEER)
        assert self.drawn(requisition, karl, advanced) == ["swap_lot", "pack", "cancel_rest", "ship"]

    def test_in_standard(self, standard: ModePolicy, jana: User, karl: User, bearing: Part) -> None:
        assert self.drawn(sent(jana, (bearing, 1)), karl, standard) == []


class TestStatements:
    """The number of statements does not grow with the lines."""

    @pytest.fixture
    def parts(self, vienna: Warehouse, karl: User) -> list[Part]:
        parts = [PartFactory() for _each in range(20)]
        for part in parts:
            put(shelf(vienna), part, 99, by=karl)
        return parts

    def story(self, jana: User, karl: User, parts: list[Part]) -> list[int]:
        """Statements of writing, sending, packing, handing out, taking back and cancelling."""
        counted = []
        requisition = None
        for verb in ("draft", "submit", "pack", "issue", "undo_issue", "cancel_rest"):
            with CaptureQueriesContext(connection) as statements:
                if verb == "draft":
                    requisition = draft(jana, *((part, 2) for part in parts))
                elif verb == "undo_issue":
                    act(verb, requisition.issues.get(), by=karl)  # type: ignore[union-attr]
                    requisition = Requisition.objects.get(pk=requisition.pk)  # type: ignore[union-attr]
                else:
                    facts = {"reason": "x"} if verb == "cancel_rest" else {}
                    act(verb, requisition, by=jana if verb == "submit" else karl, **facts)
            counted.append(len(statements))
        return counted

    def test_constant(self, vienna: Warehouse, jana: User, karl: User, parts: list[Part]) -> None:
        self.story(jana, karl, parts)  # the places exist from now on
        few, many = self.story(jana, karl, parts[:3]), self.story(jana, karl, parts)
        assert few == many
        assert max(many) <= 35, many
