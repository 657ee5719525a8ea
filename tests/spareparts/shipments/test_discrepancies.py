"""What did not fit is settled by somebody else: back, lost or booked; the stock and the request follow."""

import pytest
from django.db import IntegrityError, transaction

from config.shared.errors import IllegalTransition, NotAllowed
from config.shared.transitions import ReasonMissing
from inventory.models import Part, Warehouse
from spareparts.domain.four_eyes import OwnDocument
from spareparts.domain.shipments import outcomes_of, settle_discrepancy
from spareparts.domain.shipments.errors import OutcomeNotPossible
from spareparts.enums import ReceivingMethod
from spareparts.models import Allocation, Discrepancy, Requisition
from spareparts.policies import ModePolicy
from tests.factories.requisitions import approved_requisition
from tests.spareparts.helpers import refused
from tests.spareparts.shipments.steps import counts, facts, fresh, fulfilment, receive, reserve_rest, send, settle
from tests.support.stock import held, personal, shelf, staging, transit
from workorders.models import User


@pytest.fixture
def request_of_10(advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing: Part) -> Requisition:
    return approved_requisition(jana, vienna, (bearing, 10), by=karl)


def two(kind: str, requisition: Requisition, *, sent_by: User, by: User) -> Discrepancy:
    """Of 10 sent 8 arrive well, and 2 are missing or damaged; or all 10 arrive and 2 more."""
    (shipment,) = send(requisition, by=sent_by)
    receive(shipment, {"received": 10 if kind == "over" else 8, kind: 2}, by=by)
    return Discrepancy.objects.get()


class TestMissingOrDamaged:
    @pytest.mark.parametrize("kind", ["short", "damaged"])
    def test_back_at_the_sender(self, request_of_10, jana, karl, lin, vienna, bearing, kind):
        row = two(kind, request_of_10, sent_by=karl, by=jana)
        assert fulfilment(request_of_10) == "Partially received"
        settle(row, "back", by=lin, reason="Never left the shelf")
        assert (held(shelf(vienna)), held(transit(vienna))) == ({bearing.number: 2}, {})
        assert counts(request_of_10) == {"granted": 10, "shipped": 8, "received": 8}
        stored = fresh(row)
        assert (stored.status, stored.settled_by, stored.settle_reason) == ("settled", lin, "Never left the shelf")

    def test_what_came_back_is_shipped_again(self, request_of_10, jana, karl, lin, vienna, bearing):
        settle(two("short", request_of_10, sent_by=karl, by=jana), "back", by=lin)
        assert fulfilment(request_of_10) == "Partially received"
        reserve_rest(request_of_10, by=karl)
        (second,) = send(request_of_10, by=karl)
        receive(second, by=jana)
        assert (fulfilment(request_of_10), held(personal(jana))) == ("Received", {bearing.number: 10})

    def test_lost_is_written_off_and_stays_a_back_order(self, request_of_10, jana, karl, lin, vienna, bearing):
        settle(two("short", request_of_10, sent_by=karl, by=jana), "lost", by=lin)
        assert (held(shelf(vienna)), held(transit(vienna))) == ({}, {})
        assert counts(request_of_10) == {"granted": 10, "shipped": 8, "received": 8}
        assert fulfilment(request_of_10) == "Partially received"

    def test_booked_it_has_arrived_after_all(self, request_of_10, jana, karl, lin, vienna, bearing):
        settle(two("short", request_of_10, sent_by=karl, by=jana), "booked", by=lin)
        assert (held(personal(jana)), held(transit(vienna))) == ({bearing.number: 10}, {})
        assert fulfilment(request_of_10) == "Received"

    def test_booked_for_who_collects_it_at_a_branch(self, advanced, jana, karl, lin, max_weiss, vienna, linz, bearing):
        there = {"receiving_method": ReceivingMethod.TO_WAREHOUSE, "destination": linz}
        requisition = approved_requisition(jana, vienna, (bearing, 10), by=karl, **there)
        settle(two("short", requisition, sent_by=karl, by=max_weiss), "booked", by=lin)
        assert held(staging(linz)) == {bearing.number: 10}
        assert Allocation.objects.get(warehouse=linz).quantity == 10


class TestOver:
    def test_booked_where_it_was_found(self, request_of_10, jana, karl, lin, vienna, bearing):
        row = two("over", request_of_10, sent_by=karl, by=jana)
        settle(row, "booked", by=lin)
        assert held(personal(jana)) == {bearing.number: 12}
        assert counts(request_of_10) == {"granted": 10, "shipped": 10, "received": 10}

    def test_onto_the_shelf_where_a_parcel_came_to_a_warehouse(
        self, advanced, jana, karl, lin, max_weiss, vienna, linz, bearing
    ):
        there = {"receiving_method": ReceivingMethod.TO_WAREHOUSE, "destination": linz}
        requisition = approved_requisition(jana, vienna, (bearing, 10), by=karl, **there)
        settle(two("over", requisition, sent_by=karl, by=max_weiss), "booked", by=lin)
        assert (held(shelf(linz)), held(staging(linz))) == ({bearing.number: 2}, {bearing.number: 10})

    def test_back_moves_nothing_since_it_never_left_the_books(self, request_of_10, jana, karl, lin, vienna, bearing):
        row = two("over", request_of_10, sent_by=karl, by=jana)
        settle(row, "back", by=lin)
        assert (fresh(row).posting_id, held(personal(jana))) == (None, {bearing.number: 10})

    def test_it_cannot_be_lost(self, request_of_10, jana, karl, lin, vienna):
        row = two("over", request_of_10, sent_by=karl, by=jana)
        assert outcomes_of(row) == ["back", "booked"]
        for outcome in ("lost", "", "gone"):
            with refused(OutcomeNotPossible):
                settle(row, outcome, by=lin)


class TestWhoSettles:
    def test_not_who_sent_it_nor_who_received_it(
        self, advanced, jana, karl, lin, eva, max_weiss, vienna, linz, bearing
    ):
        there = {"receiving_method": ReceivingMethod.TO_WAREHOUSE, "destination": linz, "is_for_branch": True}
        requisition = approved_requisition(jana, vienna, (bearing, 10), by=karl, **there)
        row = two("short", requisition, sent_by=karl, by=max_weiss)
        for person in (karl, max_weiss):
            with refused(OwnDocument):
                settle(row, "lost", by=person)
        with refused(NotAllowed):
            settle(row, "lost", by=jana)
        settle(row, "lost", by=eva)

    def test_not_the_manager_of_another_warehouse(self, request_of_10, jana, karl, max_weiss, vienna, linz):
        row = two("short", request_of_10, sent_by=karl, by=jana)
        with refused(NotAllowed):
            settle(row, "lost", by=max_weiss)

    def test_who_is_alone_may(self, request_of_10, jana, karl, lin, vienna):
        row = two("short", request_of_10, sent_by=karl, by=jana)
        User.objects.exclude(pk=karl.pk).update(is_warehouse_manager=False, is_service_manager=False)
        settle(row, "lost", by=karl)
        assert fresh(row).settled_by == karl

    def test_once_and_with_a_reason(self, request_of_10, jana, karl, lin, vienna):
        row = two("short", request_of_10, sent_by=karl, by=jana)
        with refused(ReasonMissing):
            settle(row, "lost", by=lin, reason=" ")
        settle(row, "lost", by=lin)
        with refused(IllegalTransition) as refusal:
            settle_discrepancy(fresh(row), **facts(lin), outcome="booked", reason="again")
        assert lin.name in str(refusal.value)


class TestBothAreTold:
    def test_the_engineer_the_sender_and_the_office_see_it(
        self, request_of_10, jana, tom, karl, lin, eva, max_weiss, vienna, linz
    ):
        two("short", request_of_10, sent_by=karl, by=jana)
        seeing = [each.name for each in User.objects.order_by("pk") if Discrepancy.objects.visible_to(each).exists()]
        assert sorted(seeing) == ["Eva Lang", "Jana Novak", "Karl Huber", "Lin Zhang"]

    def test_the_engineer_who_collects_too(self, advanced, jana, karl, lin, max_weiss, vienna, linz, bearing):
        there = {"receiving_method": ReceivingMethod.TO_WAREHOUSE, "destination": linz}
        requisition = approved_requisition(jana, vienna, (bearing, 10), by=karl, **there)
        two("short", requisition, sent_by=karl, by=max_weiss)
        seeing = {each.name for each in User.objects.all() if Discrepancy.objects.visible_to(each).exists()}
        assert seeing == {"Jana Novak", "Karl Huber", "Lin Zhang", "Max Weiss"}


class TestConstraints:
    @pytest.mark.parametrize(
        ("name", "changes"),
        [
            ("discrepancy_quantity_positive", {"quantity": 0}),
            ("discrepancy_of_exactly_one_line", {"shipment_line": None}),
            ("discrepancy_settled_has_outcome", {"status": "settled"}),
            ("discrepancy_settled_has_outcome", {"outcome": "lost"}),
        ],
    )
    def test_what_the_database_refuses(self, request_of_10, jana, karl, lin, vienna, name, changes):
        two("short", request_of_10, sent_by=karl, by=jana)
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Discrepancy.objects.update(**changes)
