"""What a warehouse sends: split, tied, approved, cancelled, tracked; never twice, never somebody else's."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from config.shared.errors import IllegalTransition, NotAllowed, StaleDocument
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from inventory.models import Part, Posting, Warehouse
from spareparts.domain.four_eyes import OwnDocument
from spareparts.domain.modes import ModeChanged
from spareparts.domain.routes import FlowNotInMode
from spareparts.domain.shipments import approve_shipment, cancel_shipment, create_shipments, track_shipment
from spareparts.domain.shipments.errors import (
    MoreThanReserved,
    NothingToShip,
    NotYourWarehouse,
    ReservationGone,
)
from spareparts.enums import ReceivingMethod
from spareparts.models import Allocation, Grant, Shipment, ShipmentLine
from spareparts.policies import ModePolicy
from spareparts.queries.shipments import shippable_allocations, tracking_link
from tests.factories.requisitions import approved_requisition
from tests.factories.workorders import SiteFactory
from tests.spareparts.helpers import refused
from tests.spareparts.shipments.steps import counts, facts, fresh, fulfilment, send
from tests.support.modes import in_mode
from tests.support.stock import held, staging, transit
from workorders.models import User


class TestSplit:
    def test_each_engineer_and_each_site_is_an_addressee(
        self, advanced: ModePolicy, jana: User, tom: User, karl: User, vienna: Warehouse, bearing: Part
    ):
        site = SiteFactory()
        to_site = {"receiving_method": ReceivingMethod.TO_SITE, "site": site}
        rows = [
            approved_requisition(jana, vienna, (bearing, 1), by=karl),
            approved_requisition(tom, vienna, (bearing, 2), by=karl),
            approved_requisition(jana, vienna, (bearing, 3), by=karl, **to_site),
            approved_requisition(tom, vienna, (bearing, 4), by=karl, **to_site),
        ]
        sent = send(*rows, by=karl)
        assert [(each.engineer, each.site) for each in sent] == [
            (jana, None),
            (tom, None),
            (jana, site),
            (tom, site),
        ]

    def test_a_warehouse_gets_the_parts_of_several_people_in_one(
        self, advanced: ModePolicy, jana: User, tom: User, karl: User, vienna: Warehouse, linz: Warehouse, bearing: Part
    ):
        there = {"receiving_method": ReceivingMethod.TO_WAREHOUSE, "destination": linz}
        branch = approved_requisition(jana, vienna, (bearing, 1), by=karl, is_for_branch=True, **there)
        collected = approved_requisition(tom, vienna, (bearing, 2), by=karl, **there)
        (shipment,) = send(branch, collected, by=karl)
        assert (shipment.engineer, shipment.destination, shipment.lines.count()) == (None, linz, 2)

    def test_one_request_makes_one_posting_per_shipment(
        self, advanced: ModePolicy, jana: User, tom: User, karl: User, vienna: Warehouse, bearing: Part
    ):
        key = uuid.uuid4()
        mine = approved_requisition(jana, vienna, (bearing, 1), by=karl)
        his = approved_requisition(tom, vienna, (bearing, 2), by=karl)
        sent = send(mine, his, by=karl, key=key)
        assert [each.posting_id for each in sent] == [uuid.uuid5(key, "0"), uuid.uuid5(key, "1")]
        postings = [Posting.objects.get(key=each.posting_id) for each in sent]
        assert [each.reference for each in postings] == [each.reference for each in sent]

    def test_what_is_sent_is_told_in_the_history_of_shipment_and_request(
        self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing: Part
    ):
        requisition = approved_requisition(jana, vienna, (bearing, 1), by=karl)
        (shipment,) = send(requisition, by=karl)
        told = AuditEvent.objects.order_by("pk").values_list("verb", "subject_label", "actor")
        assert set(told) == {
            ("shipment.send", str(shipment), karl.pk),
            ("requisition.ship", str(requisition), karl.pk),
        }


class TestRefused:
    def test_more_than_reserved_names_every_line(
        self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing: Part, valve: Part
    ):
        requisition = approved_requisition(jana, vienna, (bearing, 2), (valve, 3), by=karl)
        rows = {each.pk: each.quantity + 1 for each in shippable_allocations([requisition.pk])}
        with refused(MoreThanReserved) as refusal:
            create_shipments([requisition], **facts(karl), quantities=rows)
        assert [part.number in text for part, text in zip([bearing, valve], refusal.value.messages, strict=True)]
        assert "2 pc are reserved, not 3 pc" in refusal.value.messages[0]
        assert held(transit(vienna)) == {}

    @pytest.mark.parametrize("quantity", [-1, 0])
    def test_less_than_one_ships_nothing(
        self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing: Part, quantity: int
    ):
        requisition = approved_requisition(jana, vienna, (bearing, 2), by=karl)
        with refused(MoreThanReserved if quantity else NothingToShip):
            send(requisition, by=karl, quantity=quantity)

    def test_nothing_reserved_is_said_by_name(
        self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing: Part
    ):
        short = approved_requisition(jana, vienna, (bearing, 2, 0), by=karl)
        with refused(NothingToShip) as refusal:
            send(short, by=karl)
        assert str(short) in str(refusal.value)
        with refused(NothingToShip):
            create_shipments([], **facts(karl))

    def test_what_was_taken_meanwhile(
        self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing: Part
    ):
        requisition = approved_requisition(jana, vienna, (bearing, 2), by=karl)
        with refused(ReservationGone):
            create_shipments([requisition], **facts(karl), quantities={987654: 1})

    def test_another_warehouses_manager(
        self, advanced: ModePolicy, jana: User, karl: User, max_weiss: User, vienna: Warehouse, linz: Warehouse, bearing
    ):
        """Linz sees the request, since it is shipped there; it still is Vienna that ships."""
        requisition = approved_requisition(
            jana, vienna, (bearing, 2), by=karl, receiving_method=ReceivingMethod.TO_WAREHOUSE, destination=linz
        )
        with refused(NotYourWarehouse):
            send(requisition, by=max_weiss)
        with refused(NotAllowed):
            send(requisition, by=jana)

    def test_a_page_that_is_too_old(self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing):
        requisition = approved_requisition(jana, vienna, (bearing, 4), by=karl)
        stale = fresh(requisition)
        send(requisition, by=karl, quantity=1)
        with refused(StaleDocument):
            create_shipments([stale], **facts(karl))

    def test_in_another_mode(self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing: Part):
        requisition = approved_requisition(jana, vienna, (bearing, 4), by=karl)
        now = facts(karl)
        in_mode("standard", version=now["policy"].version + 1)
        with refused(ModeChanged):
            create_shipments([requisition], **now)
        with refused(FlowNotInMode):
            create_shipments([requisition], **facts(karl))


class TestApproval:
    @pytest.fixture
    def waiting(self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing: Part) -> Shipment:
        in_mode("advanced", shipment_approval=True)
        requisition = approved_requisition(jana, vienna, (bearing, 10), by=karl)
        Allocation.objects.update(packed=5)
        Grant.objects.update(packed=5)
        return send(requisition, by=karl, quantity=4)[0]

    def test_what_waits_is_nobody_elses(self, waiting: Shipment, karl: User, vienna: Warehouse):
        requisition = waiting.lines.get().grant.line.requisition
        rows = Allocation.objects.order_by("quantity").values_list("quantity", "packed", "shipment")
        assert list(rows) == [(4, 4, waiting.pk), (6, 1, None)]
        assert [each.quantity for each in shippable_allocations([requisition.pk])] == [6]
        (second,) = send(requisition, by=karl)
        assert second.lines.get().quantity == 6
        with refused(NothingToShip):
            send(requisition, by=karl)

    def test_who_saved_it_does_not_approve_it(self, waiting: Shipment, karl: User, lin: User, vienna: Warehouse):
        with refused(OwnDocument) as refusal:
            approve_shipment(waiting, **facts(karl))
        assert lin.name in str(refusal.value)
        approve_shipment(waiting, **facts(lin))
        assert (fresh(waiting).status, fresh(waiting).approved_by) == ("shipped", lin)
        assert Grant.objects.values_list("reserved", "packed", "shipped").get() == (6, 1, 4)

    def test_who_is_alone_with_the_permission_may(self, waiting: Shipment, karl: User, lin: User, vienna: Warehouse):
        User.objects.exclude(pk=karl.pk).update(is_warehouse_manager=False, is_administrator=False)
        approve_shipment(waiting, **facts(karl))
        assert held(transit(vienna)) == {"BRG-6204-2RS": 4}

    def test_a_second_time_says_who_was_quicker(self, waiting: Shipment, lin: User):
        stale = fresh(waiting)
        approve_shipment(waiting, **facts(lin))
        with refused(IllegalTransition) as refusal:
            approve_shipment(stale, **facts(lin))
        assert lin.name in str(refusal.value)

    def test_cancelled_its_parts_are_reserved_as_before(
        self, waiting: Shipment, karl: User, lin: User, vienna: Warehouse
    ):
        requisition = waiting.lines.get().grant.line.requisition
        with refused(ReasonMissing):
            cancel_shipment(fresh(waiting), by=karl, at=facts(karl)["at"], policy=facts(karl)["policy"], reason=" ")
        cancel_shipment(waiting, by=karl, at=facts(karl)["at"], policy=facts(karl)["policy"], reason="Wrong address")
        assert list(Allocation.objects.values_list("quantity", "packed", "shipment")) == [(10, 5, None)]
        assert (counts(requisition), fulfilment(requisition)) == ({"granted": 10, "reserved": 10}, "Pending shipment")
        assert held(staging(vienna)) == {"BRG-6204-2RS": 10}
        with refused(IllegalTransition):
            approve_shipment(fresh(waiting), **facts(lin))

    def test_cancelled_after_the_rest_was_sent(self, waiting: Shipment, karl: User, vienna: Warehouse):
        requisition = waiting.lines.get().grant.line.requisition
        in_mode("advanced", shipment_approval=False)
        send(requisition, by=karl)
        cancel_shipment(waiting, by=karl, at=facts(karl)["at"], policy=facts(karl)["policy"], reason="Lost label")
        assert list(Allocation.objects.values_list("quantity", "shipment")) == [(4, None)]
        assert counts(requisition) == {"granted": 10, "reserved": 4, "shipped": 6}

    def test_another_warehouses_manager_neither_approves_nor_cancels(
        self, waiting: Shipment, max_weiss: User, linz: Warehouse
    ):
        with refused(NotYourWarehouse):
            approve_shipment(waiting, **facts(max_weiss))
        with refused(NotYourWarehouse):
            cancel_shipment(
                waiting, by=max_weiss, at=facts(max_weiss)["at"], policy=facts(max_weiss)["policy"], reason="x"
            )


class TestTracking:
    def test_the_number_can_be_added_later(self, advanced: ModePolicy, jana, karl, vienna, bearing):
        (shipment,) = send(approved_requisition(jana, vienna, (bearing, 1), by=karl), by=karl, carrier=" Post ")
        assert (shipment.carrier, shipment.tracking_number) == ("Post", "")
        now = facts(karl)
        track_shipment(
            shipment, by=karl, at=now["at"], policy=now["policy"], carrier="DHL", tracking_number=" JD 0146 "
        )
        stored = fresh(shipment)
        assert (stored.carrier, stored.tracking_number, stored.status) == ("DHL", "JD 0146", "shipped")

    @pytest.mark.parametrize(
        ("template", "link"),
        [
            ("https://track.example/?n={number}", "https://track.example/?n=JD+0%2F1"),
            ("", ""),
            ("https://track.example/", ""),
            ("javascript:alert({number})", ""),
        ],
    )
    def test_the_link_comes_from_the_settings(self, template: str, link: str):
        assert tracking_link(Shipment(tracking_number="JD 0/1"), template) == link
        assert tracking_link(Shipment(), template) == ""


class TestConstraints:
    """What the code never writes, the database refuses."""

    def broken(self, name: str, **changes: object) -> None:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Shipment.objects.update(**changes)

    def test_of_the_shipment(self, advanced: ModePolicy, jana, karl, vienna, bearing):
        send(approved_requisition(jana, vienna, (bearing, 2), by=karl), by=karl)
        self.broken("shipment_status_known", status="gone")
        self.broken("shipment_sent_is_posted", posting=None)
        self.broken("shipment_sent_is_posted", sent_at=None)
        self.broken("shipment_is_not_a_pick_up", receiving_method="pick_up")
        self.broken("shipment_goes_to_somebody", engineer=None)
        self.broken("shipment_goes_to_somebody", receiving_method="to_warehouse")

    @pytest.mark.parametrize(
        ("name", "changes"),
        [
            ("shipment_line_quantity_positive", {"quantity": 0}),
            ("shipment_line_arrives_once", {"received": 2, "settled": 1}),
        ],
    )
    def test_of_its_lines(self, advanced: ModePolicy, jana, karl, vienna, bearing, name, changes):
        send(approved_requisition(jana, vienna, (bearing, 2), by=karl), by=karl)
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ShipmentLine.objects.update(**changes)
