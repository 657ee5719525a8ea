"""What arrived: where it goes, what is missing, damaged or over; the rest stays on the way."""

import pytest
from django.db import IntegrityError, transaction

from config.shared.errors import IllegalTransition, NotAllowed, StaleDocument
from inventory.enums import Tracking
from inventory.models import Lot, Part, Posting, Warehouse
from spareparts.domain.requisitions import issue_requisition
from spareparts.domain.shipments import Arrived, receive_shipment
from spareparts.domain.shipments.errors import ArrivedTooMuch, NothingArrived, NotYourParcel
from spareparts.enums import ReceivingMethod
from spareparts.models import Allocation, Discrepancy, Grant, Receipt, ReceiptLine, Shipment
from spareparts.policies import ModePolicy
from spareparts.queries.shipments import expected
from tests.factories.inventory import PartFactory
from tests.factories.requisitions import approved_requisition, is_shippable, reserve
from tests.factories.workorders import SiteFactory
from tests.spareparts.helpers import refused
from tests.spareparts.shipments.steps import facts, fresh, fulfilment, receive, send
from tests.support.stock import held, personal, shelf, staging, transit
from workorders.models import User


@pytest.fixture
def parcel(advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing: Part, valve: Part) -> Shipment:
    """10 bearings and 3 valves on the way to Jana."""
    requisition = approved_requisition(jana, vienna, (bearing, 10), (valve, 3), by=karl)
    return send(requisition, by=karl)[0]


def found() -> list[tuple[str, int, str]]:
    rows = Discrepancy.objects.order_by("pk").select_related("part")
    return [(str(row.kind), row.quantity, row.part.number) for row in rows]


class TestWhereItGoes:
    def test_to_the_engineer(self, parcel: Shipment, jana: User, vienna: Warehouse, bearing: Part, valve: Part):
        receipt = receive(parcel, by=jana)
        assert held(personal(jana)) == {bearing.number: 10, valve.number: 3}
        assert held(transit(vienna)) == {}
        assert (fresh(parcel).status, found()) == ("received", [])
        posting = Posting.objects.get(key=receipt.posting_id)
        assert (posting.reference, posting.reason, posting.posted_by) == (receipt.reference, "receipt", jana)

    def test_at_the_site_it_is_the_engineers_too(self, advanced, jana, karl, vienna, bearing):
        site = {"receiving_method": ReceivingMethod.TO_SITE, "site": SiteFactory()}
        (shipment,) = send(approved_requisition(jana, vienna, (bearing, 2), by=karl, **site), by=karl)
        receive(shipment, by=jana)
        assert held(personal(jana)) == {bearing.number: 2}

    def test_onto_the_shelf_of_a_branch(self, advanced, jana, karl, max_weiss, vienna, linz, bearing):
        there = {"receiving_method": ReceivingMethod.TO_WAREHOUSE, "destination": linz, "is_for_branch": True}
        requisition = approved_requisition(jana, vienna, (bearing, 5), by=karl, **there)
        (shipment,) = send(requisition, by=karl)
        receive(shipment, by=max_weiss)
        assert (held(shelf(linz)), held(staging(linz)), fulfilment(requisition)) == (
            {bearing.number: 5},
            {},
            "Received",
        )

    def test_into_staging_for_the_engineer_who_collects(self, advanced, jana, karl, max_weiss, vienna, linz, bearing):
        there = {"receiving_method": ReceivingMethod.TO_WAREHOUSE, "destination": linz}
        requisition = approved_requisition(jana, vienna, (bearing, 10), by=karl, **there)
        (first,) = send(requisition, by=karl, quantity=4)
        receive(first, by=max_weiss)
        assert (fulfilment(requisition), is_shippable(requisition)) == ("Partially received", True)
        assert held(staging(linz)) == {bearing.number: 4}
        assert list(Allocation.objects.filter(warehouse=linz).values_list("quantity", "packed")) == [(4, 4)]
        (second,) = send(requisition, by=karl)
        assert second.lines.get().quantity == 6  # what lies in Linz is not shipped again
        receive(second, by=max_weiss)
        assert fulfilment(requisition) == "Pending pick-up"
        assert list(Allocation.objects.filter(warehouse=linz).values_list("quantity", "packed")) == [(10, 10)]

        issue_requisition(fresh(requisition), **facts(max_weiss))
        assert (held(personal(jana)), held(staging(linz))) == ({bearing.number: 10}, {})
        assert fulfilment(requisition) == "Warehouse confirmed"

    def test_serial_numbers_travel_as_they_are(self, advanced, jana, karl, vienna):
        pump = PartFactory(number="PMP-1", tracking=Tracking.SERIAL)
        requisition = approved_requisition(jana, vienna, (pump, 2, 0), by=karl)
        for code in ("77-1", "77-2"):
            lot = Lot.objects.create(part=pump, code=code, is_serial=True)
            reserve(Grant.objects.get(), 1, by=karl, lot=lot)
        (shipment,) = send(requisition, by=karl)
        receive(shipment, 1, {"short": 1}, by=jana)
        assert held(personal(jana)) == {"PMP-1": 1}
        assert Discrepancy.objects.get().lot == shipment.lines.last().lot


class TestDeviations:
    def test_what_is_missing_or_damaged_stays_on_the_way_with_an_owner(
        self, parcel: Shipment, jana: User, karl: User, lin: User, vienna: Warehouse, bearing: Part, valve: Part
    ):
        receive(parcel, {"received": 7, "damaged": 1, "short": 2}, 3, by=jana)
        assert held(personal(jana)) == {bearing.number: 7, valve.number: 3}
        assert held(transit(vienna)) == {bearing.number: 3}
        assert found() == [("damaged", 1, bearing.number), ("short", 2, bearing.number)]
        assert {row.owner for row in Discrepancy.objects.all()} == {lin}  # Karl sent it
        assert fresh(parcel).status == "received"  # nothing more is expected; the rest is looked for

    def test_over_never_draws_on_other_goods_on_the_way(
        self, parcel: Shipment, jana: User, karl: User, vienna: Warehouse, bearing: Part, valve: Part
    ):
        (other,) = send(approved_requisition(jana, vienna, (bearing, 6), by=karl), by=karl)
        receive(parcel, {"received": 10, "over": 2}, 3, by=jana)
        assert held(personal(jana)) == {bearing.number: 10, valve.number: 3}
        assert held(transit(vienna)) == {bearing.number: 6}
        assert found() == [("over", 2, bearing.number)]
        receive(other, 6, by=jana)
        assert held(transit(vienna)) == {}

    def test_the_rest_stays_on_the_way(self, parcel: Shipment, jana: User, vienna: Warehouse, bearing, valve):
        receive(parcel, 4, 0, by=jana)
        assert (fresh(parcel).status, held(transit(vienna))) == (
            "partially_received",
            {bearing.number: 6, valve.number: 3},
        )
        receive(parcel, 6, 3, by=jana)
        assert (fresh(parcel).status, held(transit(vienna))) == ("received", {})

    def test_what_is_disputed_cannot_be_received(self, parcel: Shipment, jana: User):
        receive(parcel, {"short": 8}, 0, by=jana)
        with refused(ArrivedTooMuch) as refusal:
            receive(parcel, 3, 0, by=jana)
        assert "only 2 pc can still arrive" in str(refusal.value)
        receive(parcel, 2, 3, by=jana)
        assert fresh(parcel).status == "received"

    def test_only_deviations_make_no_posting(self, parcel: Shipment, jana: User, vienna: Warehouse):
        receipt = receive(parcel, {"short": 10}, {"short": 3}, by=jana)
        assert (receipt.posting_id, held(personal(jana))) == (None, {})
        assert counts_of(parcel) == [(0, 0), (0, 0)]

    def test_a_surplus_serial_number_is_nobodys_yet(self, advanced, jana, karl, vienna):
        pump = PartFactory(number="PMP-1", tracking=Tracking.SERIAL)
        requisition = approved_requisition(jana, vienna, (pump, 1, 0), by=karl)
        reserve(Grant.objects.get(), 1, by=karl, lot=Lot.objects.create(part=pump, code="77-1", is_serial=True))
        (shipment,) = send(requisition, by=karl)
        receive(shipment, {"received": 1, "over": 1}, by=jana)
        assert Discrepancy.objects.get().lot is None


def counts_of(shipment: Shipment) -> list[tuple[int, int]]:
    return list(shipment.lines.order_by("pk").values_list("received", "settled"))


class TestRefused:
    def test_more_than_is_on_the_way_names_every_line(self, parcel: Shipment, jana: User, bearing, valve):
        with refused(ArrivedTooMuch) as refusal:
            receive(parcel, 11, {"received": 2, "damaged": 1, "short": 1}, by=jana)
        assert [text.split(":")[0] for text in refusal.value.messages] == [bearing.number, valve.number]
        assert Receipt.objects.count() == 0

    @pytest.mark.parametrize("said", [{"received": -1}, {"short": -1}, {"over": 10**9 + 1}])
    def test_strange_numbers(self, parcel: Shipment, jana: User, said: dict[str, int]):
        with refused(ArrivedTooMuch):
            receive(parcel, said, 0, by=jana)

    def test_nothing_said(self, parcel: Shipment, jana: User):
        with refused(NothingArrived):
            receive(parcel, 0, 0, by=jana)

    def test_a_line_of_another_shipment_or_twice(self, parcel: Shipment, jana, karl, vienna, bearing):
        (other,) = send(approved_requisition(jana, vienna, (bearing, 6), by=karl), by=karl)
        line = other.lines.get()
        with refused(NotYourParcel):
            receive_shipment(fresh(parcel), **facts(jana), lines=[Arrived(line, 1)])
        with refused(NotYourParcel):
            receive_shipment(fresh(other), **facts(jana), lines=[Arrived(line, 1), Arrived(line, 1)])

    def test_who_receives(self, parcel: Shipment, jana, tom, karl, ada, vienna):
        """The engineer his own, not the sender for him; an administrator may."""
        for other in (tom, karl):
            with refused(NotYourParcel):
                receive(parcel, 1, 0, by=other)
        receive(parcel, 1, 0, by=ada)
        assert held(personal(jana)) == {"BRG-6204-2RS": 1}

    def test_who_receives_at_a_warehouse(self, advanced, jana, eva, karl, max_weiss, vienna, linz, bearing):
        there = {"receiving_method": ReceivingMethod.TO_WAREHOUSE, "destination": linz}
        (shipment,) = send(approved_requisition(jana, vienna, (bearing, 1), by=karl, **there), by=karl)
        for other in (jana, karl):
            with refused(NotYourParcel):
                receive(shipment, by=other)
        with refused(NotAllowed):
            receive(shipment, by=eva)
        receive(shipment, by=max_weiss)

    def test_all_of_it_was_received_before(self, parcel: Shipment, jana: User):
        stale = fresh(parcel)
        receive(parcel, 1, 0, by=jana)
        with refused(StaleDocument):
            receive_shipment(stale, **facts(jana), lines=[Arrived(parcel.lines.first(), 1)])
        receive(parcel, 9, 3, by=jana)
        with refused(IllegalTransition):
            receive(parcel, {"over": 1}, 0, by=jana)


class TestConstraints:
    def test_a_line_says_something(self, parcel: Shipment, jana: User):
        receipt = receive(parcel, 1, 0, by=jana)
        with pytest.raises(IntegrityError, match="receipt_line_says_something"), transaction.atomic():
            ReceiptLine.objects.create(receipt=receipt, shipment_line=parcel.lines.first())

    def test_a_request_never_receives_more_than_was_shipped(self, parcel: Shipment):
        with pytest.raises(IntegrityError, match="grant_received_was_shipped"), transaction.atomic():
            Grant.objects.update(received=11)


def test_what_can_still_arrive_is_known_of_any_line(parcel: Shipment, jana: User):
    receive(parcel, {"received": 3, "short": 2}, 0, by=jana)
    assert [expected(line) for line in parcel.lines.order_by("pk")] == [5, 3]
