"""What the original's help pages say about shipments."""

import pytest

from inventory.models import Part, Warehouse
from spareparts.domain.shipments.errors import NotShippable
from spareparts.enums import Fulfilment, ReceivingMethod
from spareparts.models import Requisition, Shipment
from spareparts.policies import ModePolicy
from spareparts.queries.shipments import shippable_requisitions
from tests.factories.requisitions import approved_requisition, is_shippable
from tests.factories.workorders import SiteFactory
from tests.spareparts.helpers import refused
from tests.spareparts.shipments.steps import counts, fulfilment, receive, send
from tests.support.stock import held, personal, staging, transit
from workorders.models import User


def test_request_10_ship_4_receive_4_then_ship_and_receive_6(
    advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing: Part
):
    requisition = approved_requisition(jana, vienna, (bearing, 10), by=karl)
    assert fulfilment(requisition) == "Pending shipment"

    (first,) = send(requisition, by=karl, quantity=4)
    assert fulfilment(requisition) == "Partially shipped"
    assert (held(staging(vienna)), held(transit(vienna))) == ({bearing.number: 6}, {bearing.number: 4})

    receive(first, 4, by=jana)
    assert fulfilment(requisition) == "Partially received"
    assert is_shippable(requisition)
    assert held(personal(jana)) == {bearing.number: 4}

    (second,) = send(requisition, by=karl)
    assert fulfilment(requisition) == "Partially received"
    receive(second, 6, by=jana)
    assert fulfilment(requisition) == "Received"
    assert counts(requisition) == {"granted": 10, "shipped": 10, "received": 10}
    assert (held(personal(jana)), held(transit(vienna))) == ({bearing.number: 10}, {})


@pytest.mark.parametrize("elsewhere", sorted(set(Fulfilment) - {"none", "cancelled"}))
def test_only_three_statuses_are_offered_to_a_shipment(
    advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing: Part, elsewhere: str
):
    requisition = approved_requisition(jana, vienna, (bearing, 1), by=karl, fulfilment=elsewhere)
    offered = list(shippable_requisitions(karl)) == [requisition]
    assert offered == (elsewhere in {"pending_shipment", "partially_shipped", "partially_received"})
    if not offered:
        with refused(NotShippable) as refusal:
            send(requisition, by=karl)
        assert str(requisition) in str(refusal.value)
    assert Shipment.objects.count() == 0


def test_different_receiving_methods_never_share_a_shipment(
    advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, linz: Warehouse, bearing: Part
):
    to_jana = approved_requisition(jana, vienna, (bearing, 2), by=karl)
    also_to_jana = approved_requisition(jana, vienna, (bearing, 1), by=karl)
    to_site = approved_requisition(
        jana, vienna, (bearing, 3), by=karl, receiving_method=ReceivingMethod.TO_SITE, site=SiteFactory()
    )
    to_linz = approved_requisition(
        jana, vienna, (bearing, 4), by=karl, receiving_method=ReceivingMethod.TO_WAREHOUSE, destination=linz
    )
    sent = send(to_linz, to_jana, to_site, also_to_jana, by=karl)
    assert [(each.receiving_method, [line.quantity for line in each.lines.all()]) for each in sent] == [
        ("to_engineer", [2, 1]),
        ("to_site", [3]),
        ("to_warehouse", [4]),
    ]
    methods = Requisition.objects.values_list("lines__grants__shipment_lines__shipment", "receiving_method")
    assert len({shipment for shipment, _method in methods}) == len(set(methods)) == 3


def test_with_shipment_approval_stock_leaves_at_approval_not_at_save(
    advanced: ModePolicy, jana: User, karl: User, lin: User, vienna: Warehouse, bearing: Part, use_mode
):
    from spareparts.domain.shipments import approve_shipment
    from tests.spareparts.shipments.steps import facts

    use_mode("advanced", shipment_approval=True)
    requisition = approved_requisition(jana, vienna, (bearing, 10), by=karl)
    (shipment,) = send(requisition, by=karl, quantity=4)
    assert (shipment.status, shipment.posting_id, shipment.sent_at) == ("waiting", None, None)
    assert (held(staging(vienna)), held(transit(vienna))) == ({bearing.number: 10}, {})
    assert fulfilment(requisition) == "Pending shipment"

    approve_shipment(shipment, **facts(lin))
    assert (held(staging(vienna)), held(transit(vienna))) == ({bearing.number: 6}, {bearing.number: 4})
    assert fulfilment(requisition) == "Partially shipped"
