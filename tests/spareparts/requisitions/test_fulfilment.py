"""How far a request is, computed from its grants, in the original's words."""

from typing import Any

import pytest

from inventory.models import Part, Warehouse
from spareparts.domain.requisitions import fulfilment_of, refresh_fulfilment
from spareparts.domain.requisitions.errors import NothingIssued
from spareparts.enums import SHIPPABLE, ReceivingMethod
from spareparts.models import Allocation, Grant, Requisition, RequisitionLine
from tests.factories.asking import act, depot, grants, sent
from tests.spareparts.helpers import refused
from tests.support.stock import held, personal, put, shelf, staging
from workorders.models import User

PICK_UP, SHIP = ReceivingMethod.PICK_UP, ReceivingMethod.TO_ENGINEER


def computed(method: str, *counts: dict[str, int], **facts: Any) -> str:
    requisition = Requisition(receiving_method=method, status=facts.pop("status", "approved"), **facts)
    return fulfilment_of(requisition, [Grant(**each) for each in counts])


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([{"granted": 10}], "pending_pick_up"),
        ([{"granted": 10, "reserved": 10, "packed": 10}], "pending_pick_up"),
        ([{"granted": 10, "reserved": 6, "issued": 4}], "partially_issued"),
        ([{"granted": 10, "issued": 10}], "confirmed"),
        ([{"granted": 10, "issued": 4, "cancelled": 6}], "confirmed"),
        ([{"granted": 10, "cancelled": 10}], "cancelled"),
        ([{"granted": 10, "issued": 10}, {"granted": 1}], "partially_issued"),
        ([{"granted": 10, "issued": 10}, {"granted": 1, "cancelled": 1}], "confirmed"),
        ([{"granted": 10, "issued": 10}, {"granted": 0}], "confirmed"),
    ],
)
def test_picked_up(counts: list[dict[str, int]], expected: str) -> None:
    assert computed(PICK_UP, *counts) == expected


@pytest.mark.parametrize(
    ("counts", "expected", "is_shippable"),
    [
        ([{"granted": 10}], "pending_shipment", True),
        ([{"granted": 10, "reserved": 10}], "pending_shipment", True),
        ([{"granted": 10, "shipped": 4}], "partially_shipped", True),
        ([{"granted": 10, "shipped": 4, "received": 4}], "partially_received", True),
        ([{"granted": 10, "shipped": 10, "received": 4}], "partially_received", True),
        ([{"granted": 10, "shipped": 10}], "shipped", False),
        ([{"granted": 10, "shipped": 10, "received": 10}], "received", False),
        ([{"granted": 10, "shipped": 4, "received": 4, "cancelled": 6}], "received", False),
        ([{"granted": 10, "cancelled": 10}], "cancelled", False),
        ([{"granted": 5, "shipped": 5, "received": 5}, {"granted": 5}], "partially_received", True),
        ([{"granted": 5, "shipped": 5}, {"granted": 5}], "partially_shipped", True),
    ],
)
def test_shipped(counts: list[dict[str, int]], expected: str, is_shippable: bool) -> None:
    assert computed(SHIP, *counts) == expected
    assert (expected in SHIPPABLE) == is_shippable


def test_what_is_not_approved_has_no_fulfilment() -> None:
    for status in ("draft", "submitted", "rejected", "withdrawn", "forwarded"):
        assert computed(PICK_UP, {"granted": 1}, status=status) == "none"


class TestShippingReservesToo:
    def test_at_approval(self, vienna: Warehouse, jana: User, karl: User, bearing: Part) -> None:
        """Also where approving hands out what is picked up: a parcel is packed first."""
        store = depot("Store", karl, issues_on_approval=True)
        put(shelf(store), bearing, 4, by=karl)
        requisition = sent(jana, (bearing, 6), warehouse=store, receiving_method=SHIP)
        assert requisition.fulfilment == "pending_shipment"
        assert (held(staging(store)), held(personal(jana))) == ({"BRG-1": 4}, {})
        assert grants(requisition) == [{"part": "BRG-1", "granted": 6, "reserved": 4}]

    def test_what_is_shipped_is_not_handed_out_at_the_desk(
        self, vienna: Warehouse, jana: User, karl: User, bearing: Part
    ) -> None:
        put(shelf(vienna), bearing, 4, by=karl)
        requisition = sent(jana, (bearing, 4), receiving_method=SHIP)
        with refused(NothingIssued) as caught:
            act("issue", requisition, by=karl)
        sentence = "This request is shipped, and nothing of it lies here to be collected."
        assert caught.value.messages == [sentence]


@pytest.mark.usefixtures("planted_drift")
class TestCollectedElsewhere:
    """Shipped to Linz, collected there. The way is made row by row: only how it is counted is told here."""

    @pytest.fixture
    def grant(self, vienna: Warehouse, jana: User, lin: User, bearing: Part) -> Grant:
        method = ReceivingMethod.TO_WAREHOUSE
        sent(jana, (bearing, 10), receiving_method=method, destination=depot("Linz", lin))
        return Grant.objects.get()

    def told(self, grant: Grant, *, here: int, **counts: int) -> str:
        requisition = Requisition.objects.get()
        Grant.objects.update(**{"shipped": 0, "issued": 0, "reserved": here} | counts)
        Allocation.objects.all().delete()
        if here:
            place = requisition.destination
            Allocation.objects.create(grant=grant, part=grant.part, warehouse=place, quantity=here, packed=here)
        refresh_fulfilment(requisition)
        requisition.refresh_from_db()
        return str(requisition.fulfilment)

    def test_a_parcel_until_all_of_it_is_there_then_a_pick_up(self, grant: Grant) -> None:
        assert self.told(grant, here=0) == "pending_shipment"
        assert self.told(grant, here=0, shipped=10) == "shipped"
        assert self.told(grant, here=4) == "partially_received"
        assert self.told(grant, here=4, shipped=6) == "partially_received"
        assert self.told(grant, here=10) == "pending_pick_up"
        assert self.told(grant, here=4, issued=6) == "partially_issued"
        assert self.told(grant, here=0, issued=10) == "confirmed"
        assert self.told(grant, here=0, issued=4, shipped=6) == "partially_received"


def test_the_reserved_of_a_branch_is_never_handed_out(vienna: Warehouse, jana: User, karl: User, bearing: Part) -> None:
    put(shelf(vienna), bearing, 4, by=karl)
    linz, method = depot("Linz", karl), ReceivingMethod.TO_WAREHOUSE
    requisition = sent(jana, (bearing, 4), receiving_method=method, destination=linz, is_for_branch=True)
    with refused(NothingIssued):
        act("issue", requisition, by=karl)
    assert RequisitionLine.objects.count() == 1
