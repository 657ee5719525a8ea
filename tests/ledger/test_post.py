"""Parts move; nothing appears or vanishes."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from inventory.domain import ledger
from inventory.domain.ledger import (
    BadLine,
    EmptyPosting,
    KeyReused,
    Line,
    NotEnoughStock,
    SerialElsewhere,
    StockBusy,
    post,
)
from inventory.enums import Condition, LocationKind, PostingReason, Tracking
from inventory.models import Balance, Location, Lot, Move, Part, Posting
from tests.factories.inventory import PartFactory, UnitFactory
from tests.ledger.conftest import MONDAY, stock
from workorders.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
Book = Callable[..., Posting]


def test_goods_come_to_the_shelf_and_go_to_a_van(
    book: Book, bearing: Part, supplier: Location, shelf: Location, jana_van: Location
) -> None:
    book(Line(bearing, 10, supplier, shelf))
    posting = book(Line(bearing, 4, shelf, jana_van))

    assert stock(shelf) == {"BRG-6204-2RS": 6}
    assert stock(jana_van) == {"BRG-6204-2RS": 4}
    move = posting.moves.get()
    assert (move.quantity, move.source, move.target, move.held_since) == (4, shelf, jana_van, MONDAY)


def test_outside_places_keep_no_balance(
    book: Book, bearing: Part, supplier: Location, customer: Location, jana_van: Location
) -> None:
    book(Line(bearing, 3, supplier, jana_van))
    book(Line(bearing, 3, jana_van, customer))
    book(Line(bearing, 7, supplier, customer))

    assert list(Balance.objects.values_list("location", "on_hand")) == [(jana_van.pk, 0)]


def test_conditions_and_batches_lie_apart(book: Book, supplier: Location, shelf: Location) -> None:
    oil = PartFactory(number="OIL-5", tracking=Tracking.BATCH)
    may = Lot.objects.create(part=oil, code="2026-05", is_serial=False)
    book(
        Line(oil, 2, supplier, shelf),
        Line(oil, 3, supplier, shelf, condition=Condition.OLD),
        Line(oil, 5, supplier, shelf, lot=may),
    )

    rows = Balance.objects.values_list("condition", "lot__code", "on_hand")
    assert sorted(rows, key=str) == [("new", "2026-05", 5), ("new", None, 2), ("old", None, 3)]


def test_two_lines_of_one_part_add_up(
    book: Book, bearing: Part, supplier: Location, shelf: Location, jana_van: Location, tom_van: Location
) -> None:
    book(Line(bearing, 2, supplier, shelf), Line(bearing, 3, supplier, shelf))
    book(Line(bearing, 1, shelf, jana_van), Line(bearing, 4, shelf, tom_van))

    assert (stock(shelf), stock(jana_van), stock(tom_van)) == ({}, {"BRG-6204-2RS": 1}, {"BRG-6204-2RS": 4})


def test_moves_keep_the_order_of_the_lines(book: Book, supplier: Location, shelf: Location) -> None:
    parts = [PartFactory() for _ in range(30)]
    parts.reverse()
    posting = book(*(Line(part, 1, supplier, shelf) for part in parts))

    assert [move.part_id for move in posting.moves.order_by("pk")] == [part.pk for part in parts]


def test_a_kept_clock_is_written_on_the_move(book: Book, bearing: Part, supplier: Location, jana_van: Location) -> None:
    earlier = MONDAY - timedelta(days=20)
    posting = book(Line(bearing, 1, supplier, jana_van, held_since=earlier))

    assert posting.moves.get().held_since == earlier


# ---------------------------------------------------------------- refusals
def test_every_short_line_is_named(
    book: Book, bearing: Part, supplier: Location, jana_van: Location, customer: Location
) -> None:
    metre = UnitFactory(code="m", name="metre", decimal_places=2)
    cable = PartFactory(number="CBL-3G1.5", unit=metre)
    fan = PartFactory(number="FAN-120-S")
    book(Line(bearing, 6, supplier, jana_van), Line(cable, 250, supplier, jana_van), Line(fan, 9, supplier, jana_van))

    with pytest.raises(NotEnoughStock) as refused:
        book(
            Line(bearing, 5, jana_van, customer),
            Line(fan, 9, jana_van, customer),
            Line(cable, 300, jana_van, customer),
            Line(bearing, 3, jana_van, customer),
        )

    assert refused.value.messages == [
        "BRG-6204-2RS: Jana Novak has 6 pc, you asked for 8 pc.",
        "CBL-3G1.5: Jana Novak has 2.5 m, you asked for 3 m.",
    ]
    assert [(each.has, each.asked) for each in refused.value.shortages] == [(6, 8), (250, 300)]
    assert stock(jana_van) == {"BRG-6204-2RS": 6, "CBL-3G1.5": 250, "FAN-120-S": 9}
    assert Posting.objects.count() == 1


def test_a_shortage_names_condition_and_serial_number(
    book: Book, bearing: Part, valve: Part, valve_77: Lot, jana_van: Location, customer: Location
) -> None:
    with pytest.raises(NotEnoughStock) as refused:
        book(
            Line(bearing, 1, jana_van, customer, condition=Condition.OLD),
            Line(valve, 1, jana_van, customer, lot=valve_77),
            Line(valve, 1, jana_van, customer, lot=valve_77, condition=Condition.OLD),
        )

    assert refused.value.messages == [
        "BRG-6204-2RS (Old part): Jana Novak has 0 pc, you asked for 1 pc.",
        "VLV-SOL-24V 77-0031: Jana Novak has 0 pc, you asked for 1 pc.",
        "VLV-SOL-24V 77-0031 (Old part): Jana Novak has 0 pc, you asked for 1 pc.",
    ]


def test_a_refusal_leaves_the_document_around_it_usable(
    book: Book, bearing: Part, supplier: Location, jana_van: Location, customer: Location
) -> None:
    with transaction.atomic():
        book(Line(bearing, 1, supplier, jana_van))
        with pytest.raises(NotEnoughStock):
            book(Line(bearing, 2, jana_van, customer))
        book(Line(bearing, 1, jana_van, customer))

    assert Posting.objects.count() == 2
    assert stock(jana_van) == {}


def test_nothing_to_book_is_refused(book: Book) -> None:
    with pytest.raises(EmptyPosting) as refused:
        book()
    assert refused.value.messages == ["There is nothing to book: add at least one line."]


@pytest.mark.parametrize("quantity", [0, -1, 10**12 + 1])
def test_an_impossible_quantity_is_refused(
    book: Book, bearing: Part, supplier: Location, shelf: Location, quantity: int
) -> None:
    with pytest.raises(BadLine) as refused:
        book(Line(bearing, quantity, supplier, shelf))
    assert refused.value.messages == ["BRG-6204-2RS: the quantity must be more than zero and not absurdly large."]
    assert not Posting.objects.exists()


def test_a_line_that_goes_nowhere_is_refused(book: Book, bearing: Part, shelf: Location) -> None:
    with pytest.raises(BadLine) as refused:
        book(Line(bearing, 1, shelf, shelf))
    assert refused.value.messages == ["BRG-6204-2RS: it would stay where it is. Choose two different places."]


def test_passing_through_an_inside_place_is_refused(
    book: Book, bearing: Part, supplier: Location, customer: Location, jana_van: Location
) -> None:
    with pytest.raises(BadLine) as refused:
        book(Line(bearing, 1, supplier, jana_van), Line(bearing, 1, jana_van, customer))
    assert refused.value.messages == [
        "BRG-6204-2RS would go into Jana Novak and out of it at once. Book it in two steps."
    ]


def test_changing_the_condition_goes_through_an_outside_place(
    book: Book, bearing: Part, supplier: Location, shelf: Location
) -> None:
    from inventory.domain import locations

    conversion = locations.outside(LocationKind.CONVERSION)
    book(Line(bearing, 2, supplier, shelf))
    book(Line(bearing, 1, shelf, conversion), Line(bearing, 1, conversion, shelf, condition=Condition.OLD))

    assert sorted(Balance.objects.values_list("condition", "on_hand")) == [("new", 1), ("old", 1)]


# ---------------------------------------------------------------- lots
def test_a_serial_number_cannot_be_in_two_places(
    book: Book, valve: Part, valve_77: Lot, supplier: Location, jana_van: Location, tom_van: Location
) -> None:
    book(Line(valve, 1, supplier, jana_van, lot=valve_77))

    with pytest.raises(SerialElsewhere) as refused:
        book(Line(valve, 1, supplier, tom_van, lot=valve_77))

    assert refused.value.messages == ["Serial number 77-0031 is already here: Jana Novak."]
    assert refused.value.places == [(valve_77, jana_van)]
    book(Line(valve, 1, jana_van, tom_van, lot=valve_77))
    assert stock(tom_van) == {"VLV-SOL-24V": 1}


def test_a_serial_number_cannot_come_twice_in_one_posting(
    book: Book, valve: Part, valve_77: Lot, supplier: Location, jana_van: Location, tom_van: Location
) -> None:
    with pytest.raises(SerialElsewhere) as refused:
        book(Line(valve, 1, supplier, jana_van, lot=valve_77), Line(valve, 1, supplier, tom_van, lot=valve_77))
    assert refused.value.messages == ["Serial number 77-0031 is already here: Jana Novak."]


def test_a_serial_number_can_change_its_condition_where_it_lies(
    book: Book, valve: Part, valve_77: Lot, supplier: Location, jana_van: Location
) -> None:
    from inventory.domain import locations

    conversion = locations.outside(LocationKind.CONVERSION)
    book(Line(valve, 1, supplier, jana_van, lot=valve_77))
    book(
        Line(valve, 1, jana_van, conversion, lot=valve_77),
        Line(valve, 1, conversion, jana_van, lot=valve_77, condition=Condition.OLD),
    )
    held = Balance.objects.filter(on_hand=1)
    assert [(row.condition, row.lot) for row in held] == [("old", valve_77)]


def test_a_lot_must_fit_its_line(
    book: Book, bearing: Part, valve: Part, valve_77: Lot, supplier: Location, shelf: Location
) -> None:
    plain = Lot.objects.create(part=bearing, code="B-1", is_serial=False)
    batch = Lot.objects.create(part=valve, code="V-1", is_serial=False)

    with pytest.raises(BadLine) as refused:
        book(
            Line(bearing, 1, supplier, shelf, lot=valve_77),
            Line(bearing, 1, supplier, shelf, lot=plain),
            Line(valve, 1, supplier, shelf, lot=batch),
            Line(valve, 2, supplier, shelf, lot=valve_77),
        )

    assert refused.value.messages == [
        "77-0031 is a batch or serial number of another part than BRG-6204-2RS.",
        "BRG-6204-2RS is not tracked the way B-1 is.",
        "VLV-SOL-24V is not tracked the way V-1 is.",
        "VLV-SOL-24V: serial number 77-0031 is one piece.",
    ]


# ---------------------------------------------------------------- once
def test_the_same_key_and_content_is_booked_once(
    book: Book, bearing: Part, supplier: Location, jana_van: Location
) -> None:
    key = uuid.uuid4()
    first = book(Line(bearing, 2, supplier, jana_van), key=key)
    again = book(Line(bearing, 2, supplier, jana_van), key=key, at=MONDAY + timedelta(minutes=1))

    assert again == first
    assert Move.objects.count() == 1
    assert stock(jana_van) == {"BRG-6204-2RS": 2}


def test_the_same_key_with_other_content_is_refused(
    book: Book, bearing: Part, tom: User, supplier: Location, jana_van: Location
) -> None:
    key = uuid.uuid4()
    first = book(Line(bearing, 2, supplier, jana_van), key=key)

    for changes in (
        {"reference": "TR-000002"},
        {"reason": PostingReason.LOCAL_PURCHASE},
        {"by": tom},
    ):
        with pytest.raises(KeyReused) as refused:
            book(Line(bearing, 2, supplier, jana_van), key=key, **changes)
        assert refused.value.posting == first
    for line in (
        Line(bearing, 3, supplier, jana_van),
        Line(bearing, 2, supplier, jana_van, condition=Condition.OLD),
        Line(bearing, 2, supplier, jana_van, held_since=MONDAY),
    ):
        with pytest.raises(KeyReused) as refused:
            book(line, key=key)
        assert refused.value.messages == ["This was already booked as TR-000001, with other content."]
    assert Move.objects.count() == 1


def test_a_replay_finds_its_posting_although_the_stock_is_gone(
    book: Book, bearing: Part, supplier: Location, jana_van: Location, customer: Location
) -> None:
    key = uuid.uuid4()
    book(Line(bearing, 2, supplier, jana_van))
    first = book(Line(bearing, 2, jana_van, customer), key=key)
    assert book(Line(bearing, 2, jana_van, customer), key=key) == first


def test_post_makes_no_reversals(book: Book, bearing: Part, supplier: Location, shelf: Location) -> None:
    with pytest.raises(ValueError, match="reverse"):
        book(Line(bearing, 1, supplier, shelf), reason=PostingReason.REVERSAL)


# ---------------------------------------------------------------- cost
@pytest.mark.parametrize("count", [1, 50, 5000])
def test_the_number_of_statements_does_not_depend_on_the_lines(
    book: Book, jana: User, supplier: Location, shelf: Location, count: int
) -> None:
    parts = [PartFactory() for _ in range(min(count, 50))]
    lines = [Line(parts[number % len(parts)], 1 + number, supplier, shelf) for number in range(count)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        post(reason=PostingReason.GOODS_RECEIPT, reference="GR-1", lines=lines, by=jana, at=MONDAY, key=uuid.uuid4())

    assert len(queries) <= 4
    assert Move.objects.count() == count


# ---------------------------------------------------------------- what is nobody's fault
def test_stock_that_arrives_while_we_look_is_used(
    book: Book,
    bearing: Part,
    supplier: Location,
    customer: Location,
    jana_van: Location,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Refused, but enough is there when the shortage is counted: the posting is tried again."""
    look = ledger._shortages

    def deliver_and_look(lines: object) -> object:
        monkeypatch.setattr(ledger, "_shortages", look)
        book(Line(bearing, 2, supplier, jana_van))
        return look(lines)  # type: ignore[arg-type]

    monkeypatch.setattr(ledger, "_shortages", deliver_and_look)
    posting = book(Line(bearing, 2, jana_van, customer))
    assert posting.moves.get().quantity == 2
    assert stock(jana_van) == {}


def test_what_never_explains_itself_is_busy(
    book: Book, bearing: Part, customer: Location, jana_van: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "_shortages", lambda lines: [])
    with pytest.raises(StockBusy):
        book(Line(bearing, 2, jana_van, customer))


def test_a_fault_of_ours_is_not_dressed_up_as_a_refusal(
    book: Book, bearing: Part, supplier: Location, jana_van: Location
) -> None:
    with pytest.raises(IntegrityError, match="posting_reason_known"):
        book(Line(bearing, 2, supplier, jana_van), reason="magic")
    with pytest.raises(IntegrityError, match="move_condition_known"):
        book(Line(bearing, 2, supplier, jana_van, condition="shiny"))
    assert not Posting.objects.exists()
