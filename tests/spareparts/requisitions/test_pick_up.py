"""Advanced, pick up: reserved at approval, packed, handed out; what is short stays open on the same request."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from config.shared.errors import NotAllowed, StaleDocument
from config.shared.transitions import ReasonMissing
from inventory.domain import ledger
from inventory.domain.errors import NotEnoughStock
from inventory.enums import PostingReason, WarehouseStatus
from inventory.models import Location, Lot, Move, Part, Posting, Substitute, Warehouse
from spareparts.domain.requisitions import GrantedPart, IssuedPart, PackedLine, stock_arrived
from spareparts.domain.requisitions.errors import (
    BadLines,
    LotNotThere,
    NothingIssued,
    NothingToCancel,
    NothingToPack,
    NothingToReserve,
    NotYourWarehouse,
    WarehouseNotOpen,
)
from spareparts.domain.shipments import create_shipments
from spareparts.enums import ApprovalMode, Fulfilment, ReceivingMethod
from spareparts.models import Allocation, Grant, Issue, Requisition
from spareparts.queries import current_policy
from spareparts.queries.requisitions import back_orders
from tests.factories.asking import act, depot, grants, sent, settings
from tests.factories.inventory import PartFactory
from tests.spareparts.helpers import refused
from tests.support.stock import held, personal, put, shelf, staging
from workorders.models import User


def reserved(requisition: Requisition) -> list[tuple[str, str, int, int]]:
    """Part, lot, reserved, packed."""
    rows = Allocation.objects.filter(grant__line__requisition=requisition).select_related("part", "lot").order_by("pk")
    return [(row.part.number, str(row.lot or ""), row.quantity, row.packed) for row in rows]


def lots_at(place: Location) -> dict[str, int]:
    rows = place.balances.filter(on_hand__gt=0, lot__isnull=False)
    return {row.lot.code: row.on_hand for row in rows.select_related("lot")}


def batch(part: Part, code: str, expires_on: date | None = None) -> Lot:
    return Lot.objects.create(part=part, code=code, is_serial=False, expires_on=expires_on)


def serial(part: Part, code: str) -> Lot:
    return Lot.objects.create(part=part, code=code, is_serial=True)


def first(requisition: Requisition) -> Allocation:
    found = Allocation.objects.filter(grant__line__requisition=requisition).order_by("pk").first()
    assert found is not None
    return found


class TestReserve:
    def test_approval_moves_what_is_there_from_the_shelf_to_staging(
        self, vienna: Warehouse, jana: User, karl: User, bearing: Part, belt: Part
    ) -> None:
        put(shelf(vienna), bearing, 5, by=karl)
        put(shelf(vienna), belt, 1, by=karl)

        requisition = sent(jana, (bearing, 2), (belt, 3))

        assert (requisition.status, requisition.fulfilment) == ("approved", Fulfilment.PENDING_PICK_UP)
        assert (held(shelf(vienna)), held(staging(vienna))) == ({"BRG-1": 3}, {"BLT-2": 1, "BRG-1": 2})
        assert grants(requisition) == [
            {"part": "BRG-1", "granted": 2, "reserved": 2},
            {"part": "BLT-2", "granted": 3, "reserved": 1},
        ]
        assert Posting.objects.filter(reference=requisition.reference).count() == 1

    def test_nothing_there_posts_nothing(self, vienna: Warehouse, jana: User, bearing: Part) -> None:
        requisition = sent(jana, (bearing, 2))
        assert (requisition.fulfilment, Posting.objects.count()) == (Fulfilment.PENDING_PICK_UP, 0)
        assert grants(requisition) == [{"part": "BRG-1", "granted": 2}]

    def test_old_parts_are_never_reserved_repaired_ones_are(
        self, vienna: Warehouse, jana: User, karl: User, bearing: Part
    ) -> None:
        put(shelf(vienna), bearing, 5, by=karl, condition="old")
        put(shelf(vienna), bearing, 1, by=karl, condition="repaired")
        put(shelf(vienna), bearing, 1, by=karl)
        requisition = sent(jana, (bearing, 4))
        assert held(staging(vienna)) == {"BRG-1": 1, "BRG-1 (repaired)": 1}
        assert grants(requisition) == [{"part": "BRG-1", "granted": 4, "reserved": 2}]

    def test_what_expires_first_is_proposed_first(
        self, vienna: Warehouse, jana: User, karl: User, grease: Part
    ) -> None:
        for code, day in (("C", None), ("B", date(2027, 5, 1)), ("A", date(2027, 1, 1))):
            put(shelf(vienna), grease, 2, by=karl, lot=batch(grease, code, day))
        put(shelf(vienna), grease, 9, by=karl)  # nobody knows its batch: not for issue until it is identified
        requisition = sent(jana, (grease, 5))
        assert reserved(requisition) == [("GRS-4", "A", 2, 0), ("GRS-4", "B", 2, 0), ("GRS-4", "C", 1, 0)]

    def test_each_serial_number_is_one_piece(self, vienna: Warehouse, jana: User, karl: User, valve: Part) -> None:
        for code in ("S1", "S2", "S3"):
            put(shelf(vienna), valve, 1, by=karl, lot=serial(valve, code))
        requisition = sent(jana, (valve, 2))
        assert reserved(requisition) == [("VLV-3", "S1", 1, 0), ("VLV-3", "S2", 1, 0)]
        assert lots_at(shelf(vienna)) == {"S3": 1}

    def test_two_grants_of_one_part_share_what_is_there(
        self, vienna: Warehouse, jana: User, karl: User, eva: User, bearing: Part, belt: Part
    ) -> None:
        settings(requisition_approval=ApprovalMode.MANUAL)
        Substitute.objects.create(part=belt, substitute=bearing)
        put(shelf(vienna), bearing, 3, by=karl)
        requisition = sent(jana, (bearing, 2), (belt, 2))
        one, two = requisition.lines.all()
        act(
            "approve",
            requisition,
            by=eva,
            grants=[GrantedPart(one, bearing, 2), GrantedPart(two, bearing, 2, "fits as well")],
        )
        assert grants(requisition) == [
            {"part": "BRG-1", "granted": 2, "reserved": 2},
            {"part": "BRG-1", "granted": 2, "reserved": 1},
        ]


class TestPack:
    def test_a_mark_that_moves_nothing(self, vienna: Warehouse, jana: User, karl: User, bearing: Part) -> None:
        put(shelf(vienna), bearing, 5, by=karl)
        requisition = sent(jana, (bearing, 4))
        act("pack", requisition, by=karl, packed=[PackedLine(first(requisition), 3)])
        assert grants(requisition) == [{"part": "BRG-1", "granted": 4, "reserved": 4, "packed": 3}]
        act("pack", requisition, by=karl, packed=[PackedLine(first(requisition), 1)])
        assert reserved(requisition) == [("BRG-1", "", 4, 1)]
        act("pack", requisition, by=karl)
        assert grants(requisition) == [{"part": "BRG-1", "granted": 4, "reserved": 4, "packed": 4}]

    def test_of_several_lots(self, vienna: Warehouse, jana: User, karl: User, grease: Part) -> None:
        for code in ("A", "B"):
            put(shelf(vienna), grease, 2, by=karl, lot=batch(grease, code))
        requisition = sent(jana, (grease, 4))
        act("pack", requisition, by=karl, packed=[PackedLine(first(requisition), 2)])
        assert grants(requisition) == [{"part": "GRS-4", "granted": 4, "reserved": 4, "packed": 2}]
        act("pack", requisition, by=karl)
        assert grants(requisition) == [{"part": "GRS-4", "granted": 4, "reserved": 4, "packed": 4}]

    def test_refused(self, vienna: Warehouse, jana: User, karl: User, lin: User, tom: User, bearing: Part) -> None:
        put(shelf(vienna), bearing, 5, by=karl)
        requisition, other = sent(jana, (bearing, 2)), sent(tom, (bearing, 2))
        with refused(NotAllowed):
            act("pack", requisition, by=jana)
        for packed in (None, [PackedLine(first(requisition), 1)]):
            with refused(NotYourWarehouse):
                act("pack", requisition, by=lin, packed=packed)
            requisition.refresh_from_db()
        nothing = sent(jana, (PartFactory(), 1))
        with refused(NothingToPack):
            act("pack", nothing, by=karl)
        for row, quantity in ((first(requisition), 3), (first(requisition), -1), (first(other), 1)):
            with refused(BadLines):
                act("pack", requisition, by=karl, packed=[PackedLine(row, quantity)])
            requisition.refresh_from_db()


class TestIssue:
    def test_all_of_it_in_one_step(self, vienna: Warehouse, jana: User, karl: User, bearing: Part, belt: Part) -> None:
        put(shelf(vienna), bearing, 5, by=karl)
        put(shelf(vienna), belt, 5, by=karl)
        requisition = sent(jana, (bearing, 2), (belt, 1))

        issue = act("issue", requisition, by=karl)

        assert (requisition.fulfilment, requisition.get_fulfilment_display()) == ("confirmed", "Warehouse confirmed")
        assert (held(staging(vienna)), held(personal(jana))) == ({}, {"BLT-2": 1, "BRG-1": 2})
        assert Posting.objects.get(reference=issue.reference).moves.count() == 2
        assert grants(requisition) == [
            {"part": "BRG-1", "granted": 2, "issued": 2},
            {"part": "BLT-2", "granted": 1, "issued": 1},
        ]

    def test_a_part_of_it_and_the_rest_later(self, vienna: Warehouse, jana: User, karl: User, bearing: Part) -> None:
        put(shelf(vienna), bearing, 3, by=karl)
        requisition = sent(jana, (bearing, 5))
        act("pack", requisition, by=karl, packed=[PackedLine(first(requisition), 1)])
        act("issue", requisition, by=karl, parts=[IssuedPart(first(requisition), 2)])
        assert requisition.fulfilment == Fulfilment.PARTIALLY_ISSUED
        assert grants(requisition) == [{"part": "BRG-1", "granted": 5, "reserved": 1, "issued": 2}]

        put(shelf(vienna), bearing, 9, by=karl)
        act("reserve", requisition, by=karl)
        act("issue", requisition, by=karl)
        assert (requisition.fulfilment, held(personal(jana))) == (Fulfilment.CONFIRMED, {"BRG-1": 5})
        assert [issue.lines.count() for issue in Issue.objects.order_by("pk")] == [1, 1]

    def test_a_serial_number_must_lie_where_it_is_taken_from(
        self, vienna: Warehouse, jana: User, karl: User, valve: Part
    ) -> None:
        """Reservations and staging never part; were they to, the ledger would still refuse."""
        lot = serial(valve, "S1")
        put(shelf(vienna), valve, 1, by=karl, lot=lot)
        requisition = sent(jana, (valve, 1))
        elsewhere = serial(valve, "S9")
        row = first(requisition)
        with refused(NotEnoughStock) as caught:
            Allocation.objects.filter(pk=row.pk).update(lot=elsewhere)
            act("issue", requisition, by=karl)
        sentence = "VLV-3 S9: Vienna · Packed and waiting has 0 pc, you asked for 1 pc."
        assert caught.value.messages == [sentence]

    def test_a_tracked_part_needs_its_lot(self, vienna: Warehouse, jana: User, karl: User, valve: Part) -> None:
        put(shelf(vienna), valve, 1, by=karl, lot=serial(valve, "S1"))
        requisition = sent(jana, (valve, 1))
        with refused(BadLines) as caught:
            Allocation.objects.filter(pk=first(requisition).pk).update(lot=None)
            act("issue", requisition, by=karl)
        assert [each.field for each in caught.value.problems] == ["lot"]

    def test_every_bad_line_is_named(self, vienna: Warehouse, jana: User, tom: User, karl: User, bearing: Part) -> None:
        put(shelf(vienna), bearing, 9, by=karl)
        requisition, other = sent(jana, (bearing, 2)), sent(tom, (bearing, 2))
        row = first(requisition)
        wrong = [IssuedPart(row, 0), IssuedPart(row, 2), IssuedPart(row, 1), IssuedPart(first(other), 1)]
        with refused(BadLines) as caught:
            act("issue", requisition, by=karl, parts=wrong)
        assert [each.index for each in caught.value.problems] == [0, 2, 3]

    def test_refused(self, vienna: Warehouse, jana: User, karl: User, lin: User, ada: User, bearing: Part) -> None:
        requisition = sent(jana, (bearing, 2))
        with refused(NothingIssued):
            act("issue", requisition, by=karl)
        requisition.refresh_from_db()
        put(shelf(vienna), bearing, 9, by=karl)
        with refused(NotYourWarehouse):
            act("reserve", requisition, by=lin)
        act("reserve", requisition, by=karl)
        stale = Requisition.objects.get(pk=requisition.pk)
        for parts in (None, [IssuedPart(first(requisition), 1)]):
            with refused(NotYourWarehouse):
                act("issue", requisition, by=lin, parts=parts)
            requisition.refresh_from_db()
        with refused(NotAllowed):
            act("issue", requisition, by=jana)
        act("issue", requisition, by=ada)
        with refused(StaleDocument):
            act("issue", stale, by=karl)


class TestBackOrder:
    def test_offered_when_stock_arrives_the_oldest_first(
        self, vienna: Warehouse, jana: User, tom: User, karl: User, bearing: Part, belt: Part
    ) -> None:
        older, younger = sent(jana, (bearing, 3)), sent(tom, (bearing, 2), (belt, 1))
        assert stock_arrived(vienna, [bearing, belt]) == []
        put(shelf(vienna), bearing, 4, by=karl)
        offers = stock_arrived(vienna, [bearing])
        told = [(each.requisition.pk, each.open, each.free) for each in offers]
        assert told == [(older.pk, 3, 3), (younger.pk, 2, 1)]
        everything = [(each.grant.part.number, each.open, each.free) for each in back_orders(vienna)]
        assert everything == [("BRG-1", 3, 3), ("BRG-1", 2, 1), ("BLT-2", 1, 0)]
        assert back_orders(depot("Linz")) == []

        act("reserve", older, by=karl)
        assert [(each.requisition.pk, each.free) for each in stock_arrived(vienna, [bearing])] == [(younger.pk, 1)]

    def test_reserved_on_top_of_what_is_reserved(
        self, vienna: Warehouse, jana: User, karl: User, bearing: Part
    ) -> None:
        put(shelf(vienna), bearing, 1, by=karl)
        requisition = sent(jana, (bearing, 3))
        put(shelf(vienna), bearing, 1, by=karl)
        act("reserve", requisition, by=karl)
        assert reserved(requisition) == [("BRG-1", "", 2, 0)]

    def test_nothing_there_and_nothing_open(self, vienna: Warehouse, jana: User, karl: User, bearing: Part) -> None:
        requisition = sent(jana, (bearing, 1))
        with refused(NothingToReserve) as caught:
            act("reserve", requisition, by=karl)
        assert caught.value.messages == ["Nothing of what is missing lies free in Vienna now."]
        requisition.refresh_from_db()
        put(shelf(vienna), bearing, 1, by=karl)
        act("reserve", requisition, by=karl)
        with refused(NothingToReserve) as caught:
            act("reserve", requisition, by=karl)
        assert caught.value.messages == ["Nothing is open any more: all of it is reserved or on its way."]


class TestSwapLot:
    @pytest.fixture
    def requisition(self, vienna: Warehouse, jana: User, karl: User, grease: Part) -> Requisition:
        """Three of A are reserved and packed; two of B and one of A lie on the shelf."""
        put(shelf(vienna), grease, 4, by=karl, lot=batch(grease, "A", date(2027, 1, 1)))
        put(shelf(vienna), grease, 2, by=karl, lot=batch(grease, "B", date(2027, 5, 1)))
        requisition = sent(jana, (grease, 3))
        act("pack", requisition, by=karl)
        return requisition

    def swap(self, requisition: Requisition, code: str, by: User, **facts: int) -> None:
        rows = Allocation.objects.select_related("grant__line__requisition", "part", "lot", "warehouse")
        row = rows.filter(grant__line__requisition=requisition).order_by("pk")[0]
        act("swap_lot", row, by=by, lot=Lot.objects.get(code=code), **facts)

    def test_back_and_forth_in_one_posting(self, requisition: Requisition, vienna: Warehouse, karl: User) -> None:
        postings = Posting.objects.count()
        self.swap(requisition, "B", karl)
        assert Posting.objects.count() == postings + 1
        assert sorted(reserved(requisition)) == [("GRS-4", "A", 1, 1), ("GRS-4", "B", 2, 0)]
        assert (lots_at(shelf(vienna)), lots_at(staging(vienna))) == ({"A": 3}, {"A": 1, "B": 2})
        assert grants(requisition) == [{"part": "GRS-4", "granted": 3, "reserved": 3, "packed": 1}]

    def test_some_of_it_and_back_again(self, requisition: Requisition, vienna: Warehouse, karl: User) -> None:
        self.swap(requisition, "B", karl, quantity=1)
        assert reserved(requisition) == [("GRS-4", "A", 2, 2), ("GRS-4", "B", 1, 0)]
        other = Allocation.objects.select_related("grant__line__requisition").get(lot__code="B")
        act("swap_lot", other, by=karl, lot=Lot.objects.get(code="A"))
        assert reserved(requisition) == [("GRS-4", "A", 3, 2)]

    def test_refused(
        self, requisition: Requisition, karl: User, lin: User, jana: User, valve: Part, vienna: Warehouse
    ) -> None:
        serial(valve, "S1")
        batch(requisition.lines.get().part, "C")
        for code, facts in (("A", {}), ("S1", {}), ("C", {}), ("B", {"quantity": 4}), ("B", {"quantity": 0})):
            with refused(LotNotThere):
                self.swap(requisition, code, karl, **facts)
        with refused(NotEnoughStock):
            self.swap(requisition, "B", karl, quantity=3)
        with refused(NotYourWarehouse):
            self.swap(requisition, "B", lin)
        with refused(NotAllowed):
            self.swap(requisition, "B", jana)

    def test_what_is_gone_is_said(self, requisition: Requisition, karl: User) -> None:
        row = Allocation.objects.select_related("grant__line__requisition").get()
        act("issue", requisition, by=karl)
        row.grant.line.requisition.refresh_from_db()
        with refused(LotNotThere):
            act("swap_lot", row, by=karl, lot=Lot.objects.get(code="B"))


class TestCancelTheRest:
    def test_the_reserved_goes_back_and_the_open_ends(
        self, vienna: Warehouse, jana: User, karl: User, bearing: Part
    ) -> None:
        put(shelf(vienna), bearing, 3, by=karl)
        requisition = sent(jana, (bearing, 5))
        act("pack", requisition, by=karl)
        act("issue", requisition, by=karl, parts=[IssuedPart(first(requisition), 1)])
        act("cancel_rest", requisition, by=jana, reason="Not needed any more")
        assert requisition.fulfilment == Fulfilment.CONFIRMED
        assert (held(shelf(vienna)), held(staging(vienna)), held(personal(jana))) == ({"BRG-1": 2}, {}, {"BRG-1": 1})
        assert grants(requisition) == [{"part": "BRG-1", "granted": 5, "issued": 1, "cancelled": 4}]
        with refused(NothingToCancel):
            act("cancel_rest", requisition, by=jana, reason="x")

    def test_all_cancelled_is_cancelled(self, vienna: Warehouse, jana: User, bearing: Part) -> None:
        requisition = sent(jana, (bearing, 5))
        act("cancel_rest", requisition, by=jana, reason="x")
        assert (requisition.fulfilment, Posting.objects.count()) == (Fulfilment.CANCELLED, 0)

    def test_by_who_asked_the_office_or_the_warehouse(
        self, vienna: Warehouse, jana: User, tom: User, karl: User, lin: User, eva: User, bearing: Part
    ) -> None:
        requisition = sent(jana, (bearing, 5))
        for person, error in ((tom, NotAllowed), (lin, NotYourWarehouse)):
            with refused(error):
                act("cancel_rest", requisition, by=person, reason="x")
        with refused(ReasonMissing):
            act("cancel_rest", requisition, by=karl, reason="")
        for person in (karl, eva):
            act("cancel_rest", sent(jana, (bearing, 1)), by=person, reason="x")


class TestWaitingWithAShipment:
    """What waits for the approval of its shipment is the shipment's."""

    @pytest.fixture
    def requisition(self, vienna: Warehouse, jana: User, karl: User, grease: Part) -> Requisition:
        settings(shipment_approval=True)
        put(shelf(vienna), grease, 2, by=karl, lot=batch(grease, "A"))
        requisition = sent(jana, (grease, 5), receiving_method=ReceivingMethod.TO_ENGINEER)
        facts = {"by": karl, "at": timezone.now(), "key": uuid.uuid4(), "policy": current_policy()}
        create_shipments([requisition], **facts)
        put(shelf(vienna), grease, 1, by=karl, lot=batch(grease, "B"))
        return Requisition.objects.get(pk=requisition.pk)

    def test_no_other_lot(self, requisition: Requisition, karl: User) -> None:
        row = Allocation.objects.select_related("grant__line__requisition").get()
        with refused(LotNotThere) as caught:
            act("swap_lot", row, by=karl, lot=Lot.objects.get(code="B"))
        assert caught.value.messages == ["It waits with its shipment. Cancel the shipment first."]

    def test_the_rest_is_cancelled_without_it(self, requisition: Requisition, vienna: Warehouse, karl: User) -> None:
        act("reserve", requisition, by=karl)
        act("cancel_rest", requisition, by=karl, reason="x")
        assert grants(requisition) == [{"part": "GRS-4", "granted": 5, "reserved": 2, "cancelled": 3}]
        assert lots_at(staging(vienna)) == {"A": 2}


class TestUndo:
    def test_what_lay_in_staging_lies_there_again(
        self, vienna: Warehouse, jana: User, karl: User, bearing: Part
    ) -> None:
        put(shelf(vienna), bearing, 3, by=karl)
        requisition = sent(jana, (bearing, 3))
        act("issue", requisition, by=karl, parts=[IssuedPart(first(requisition), 2)])
        act("undo_issue", Issue.objects.get(), by=karl)
        requisition.refresh_from_db()
        assert requisition.fulfilment == Fulfilment.PENDING_PICK_UP
        assert grants(requisition) == [{"part": "BRG-1", "granted": 3, "reserved": 3, "packed": 2}]
        assert (reserved(requisition), held(staging(vienna))) == ([("BRG-1", "", 3, 2)], {"BRG-1": 3})
        act("issue", requisition, by=karl)
        assert held(personal(jana)) == {"BRG-1": 3}

    def test_not_what_he_no_longer_has(self, vienna: Warehouse, jana: User, karl: User, bearing: Part) -> None:
        put(shelf(vienna), bearing, 3, by=karl)
        act("issue", sent(jana, (bearing, 3)), by=karl)
        _hand_in(personal(jana), shelf(vienna), bearing, karl)
        with refused(NotEnoughStock) as caught:
            act("undo_issue", Issue.objects.get(), by=karl)
        assert caught.value.messages == ["BRG-1: Jana Novak has 0 pc, you asked for 3 pc."]

    def test_not_into_a_closed_warehouse(self, vienna: Warehouse, jana: User, karl: User, bearing: Part) -> None:
        linz = depot("Linz", karl)
        put(shelf(linz), bearing, 3, by=karl)
        act("issue", sent(jana, (bearing, 3), warehouse=linz), by=karl)
        Warehouse.objects.filter(pk=linz.pk).update(status=WarehouseStatus.CLOSED)
        with refused(WarehouseNotOpen):
            act("undo_issue", Issue.objects.get(), by=karl)


def _hand_in(source: Location, target: Location, part: Part, by: User) -> None:
    lines = [ledger.Line(part, 3, source, target)]
    at, key = timezone.now(), uuid.uuid4()
    ledger.post(reason=PostingReason.RETURN, reference="RT", lines=lines, by=by, at=at, key=key)


class TestSelfService:
    def test_approval_already_hands_out_what_is_there(
        self, vienna: Warehouse, jana: User, karl: User, bearing: Part, belt: Part
    ) -> None:
        store = depot("Store", karl, issues_on_approval=True)
        put(shelf(store), bearing, 2, by=karl)
        requisition = sent(jana, (bearing, 3), warehouse=store)
        assert requisition.fulfilment == Fulfilment.PARTIALLY_ISSUED
        assert (held(shelf(store)), held(staging(store)), held(personal(jana))) == ({}, {}, {"BRG-1": 2})
        assert [(move.source.kind, move.target.kind) for move in Move.objects.order_by("pk")[1:]] == [
            ("shelf", "engineer")
        ]

        put(shelf(store), bearing, 9, by=karl)
        act("reserve", requisition, by=karl)
        act("issue", requisition, by=karl)
        assert (requisition.fulfilment, held(personal(jana))) == (Fulfilment.CONFIRMED, {"BRG-1": 3})

    def test_nothing_there_is_no_issue(self, vienna: Warehouse, jana: User, karl: User, bearing: Part) -> None:
        store = depot("Store", karl, issues_on_approval=True)
        requisition = sent(jana, (bearing, 3), warehouse=store)
        assert (requisition.fulfilment, Issue.objects.count()) == (Fulfilment.PENDING_PICK_UP, 0)

    def test_undone_it_lies_on_the_shelf_and_that_much_is_cancelled(
        self, vienna: Warehouse, jana: User, karl: User, bearing: Part
    ) -> None:
        store = depot("Store", karl, issues_on_approval=True)
        put(shelf(store), bearing, 3, by=karl)
        requisition = sent(jana, (bearing, 3), warehouse=store)
        act("undo_issue", Issue.objects.get(), by=karl, reason="Not his")
        requisition.refresh_from_db()
        assert (requisition.fulfilment, held(shelf(store))) == (Fulfilment.CANCELLED, {"BRG-1": 3})


class TestMoments:
    def test_the_moment_is_the_callers(self, vienna: Warehouse, jana: User, karl: User, bearing: Part) -> None:
        monday = datetime(2026, 11, 23, 8, tzinfo=UTC)
        put(shelf(vienna), bearing, 3, by=karl, at=monday)
        requisition = sent(jana, (bearing, 3), at=monday)
        issue = act("issue", requisition, by=karl, at=monday + timedelta(hours=1))
        assert (requisition.submitted_at, requisition.decided_at) == (monday, monday)
        assert issue.posting.posted_at == monday + timedelta(hours=1)
        assert Grant.objects.get().issued == 3
