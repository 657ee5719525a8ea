"""From asking to holding, with nothing made by hand: a request, its approval, two shipments, a job."""

from inventory.models import Part, Warehouse
from spareparts.domain.requisitions import AskedLine, create_requisition, reserve_open, submit_requisition
from spareparts.enums import ReceivingMethod
from spareparts.models import Discrepancy
from spareparts.policies import ModePolicy
from tests.spareparts.shipments.steps import counts, facts, fresh, fulfilment, receive, send, settle
from tests.support.stock import held, personal, put, shelf, transit
from workorders.models import User


def test_asked_shipped_short_settled_shipped_again(
    advanced: ModePolicy, jana: User, karl: User, lin: User, vienna: Warehouse, bearing: Part
):
    put(shelf(vienna), bearing, 6, by=karl)
    now = facts(jana)
    key = now.pop("key")
    requisition = create_requisition(
        engineer=jana,
        **now,
        lines=[AskedLine(bearing, 10)],
        receiving_method=ReceivingMethod.TO_ENGINEER,
        warehouse=vienna,
    )
    submit_requisition(requisition, **now, key=key)
    assert (fulfilment(requisition), counts(requisition)) == ("Pending shipment", {"granted": 10, "reserved": 6})

    (first,) = send(requisition, by=karl)
    receive(first, {"received": 5, "short": 1}, by=jana)
    assert (fulfilment(requisition), held(transit(vienna))) == ("Partially received", {bearing.number: 1})
    settle(Discrepancy.objects.get(), "back", by=lin, reason="It lay beside the box")

    put(shelf(vienna), bearing, 4, by=karl)
    reserve_open(fresh(requisition), **facts(karl))
    (second,) = send(requisition, by=karl)
    receive(second, by=jana)
    assert fulfilment(requisition) == "Received"
    assert counts(requisition) == {"granted": 10, "shipped": 10, "received": 10}
    assert (held(personal(jana)), held(shelf(vienna)), held(transit(vienna))) == ({bearing.number: 10}, {}, {})
