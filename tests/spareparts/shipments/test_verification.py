"""What is on the way belongs to a document: a planted fault of every kind is found by name."""

import uuid

import pytest
from django.utils import timezone

from inventory.domain import ledger
from inventory.enums import PostingReason
from inventory.models import Part, Warehouse
from spareparts.models import Grant, ReceiptLine, Shipment, ShipmentLine
from spareparts.policies import ModePolicy
from spareparts.queries.verification import document_differences
from tests.factories.requisitions import approved_requisition
from tests.spareparts.shipments.steps import receive, send
from tests.support.stock import put, shelf, transit
from workorders.models import User

pytestmark = pytest.mark.usefixtures("planted_drift")


@pytest.fixture
def parcel(advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing: Part) -> Shipment:
    (shipment,) = send(approved_requisition(jana, vienna, (bearing, 10), by=karl), by=karl)
    receive(shipment, 4, by=jana)
    return shipment


def found() -> list[str]:
    return sorted(each.check for each in document_differences())


def test_nothing_is_found_where_nothing_is_wrong(parcel: Shipment):
    assert found() == []


def test_stock_on_the_way_that_no_document_knows(parcel: Shipment, karl: User, vienna: Warehouse, bearing: Part):
    put(shelf(vienna), bearing, 3, by=karl)
    ledger.post(
        reason=PostingReason.SHIPMENT,
        reference="SH-999999",
        lines=[ledger.Line(bearing, 3, shelf(vienna), transit(vienna))],
        by=karl,
        at=timezone.now(),
        key=uuid.uuid4(),
    )
    assert [str(each) for each in document_differences()] == [
        f"what is on the way belongs to a document: warehouse-{vienna.pk:06d}, part {bearing.pk}, difference 3"
    ]


def test_a_line_that_was_sent_in_another_quantity(parcel: Shipment):
    ShipmentLine.objects.update(quantity=11)
    assert found() == [
        "grants count their shipments",
        "shipment lines equal their moves",
        "what is on the way belongs to a document",
    ]


def test_a_receipt_that_says_something_else(parcel: Shipment):
    ReceiptLine.objects.update(received=5)
    assert found() == ["receipt lines equal their moves", "shipment lines count their receipts"]


@pytest.mark.parametrize("changes", [{"shipped": 9}, {"received": 5}])
def test_a_grant_that_counts_wrongly(parcel: Shipment, changes: dict[str, int]):
    Grant.objects.update(**changes)
    assert found() == ["grants count their shipments"]
