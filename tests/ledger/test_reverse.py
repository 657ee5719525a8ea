"""Correct by reversing: linked, once, or not at all."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from inventory.domain.ledger import (
    AlreadyReversed,
    KeyReused,
    Line,
    NotEnoughStock,
    ReversalIsFinal,
    SerialElsewhere,
    reverse,
)
from inventory.enums import Condition
from inventory.models import Location, Lot, Part, Posting
from tests.ledger.conftest import MONDAY, stock
from workorders.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
Book = Callable[..., Posting]
LATER = MONDAY + timedelta(minutes=5)


def undo(posting: Posting, by: User, **changes: object) -> Posting:
    words = {"reference": "UN-000001", "by": by, "at": LATER, "key": uuid.uuid4()}
    return reverse(posting, **words | changes)


def test_every_move_goes_back(
    book: Book, jana: User, bearing: Part, supplier: Location, jana_van: Location, customer: Location
) -> None:
    book(Line(bearing, 6, supplier, jana_van, held_since=MONDAY - timedelta(days=9)))
    used = book(Line(bearing, 2, jana_van, customer), Line(bearing, 1, customer, jana_van, condition=Condition.OLD))
    reversal = undo(used, jana)

    assert (reversal.reverses, reversal.reason, reversal.posted_at) == (used, "reversal", LATER)
    assert stock(jana_van) == {"BRG-6204-2RS": 6}
    assert [(m.quantity, m.condition, m.source, m.target, m.held_since) for m in reversal.moves.order_by("pk")] == [
        (2, "new", customer, jana_van, MONDAY),
        (1, "old", jana_van, customer, MONDAY),
    ]


def test_a_posting_is_reversed_once(
    book: Book, jana: User, tom: User, bearing: Part, supplier: Location, shelf: Location
) -> None:
    posting = book(Line(bearing, 6, supplier, shelf))
    first = undo(posting, jana)
    with pytest.raises(AlreadyReversed) as refused:
        undo(posting, tom)
    assert refused.value.reversal == first
    assert refused.value.messages == ["Jana Novak already undid this, see UN-000001."]


def test_the_same_undo_sent_twice_is_one(
    book: Book, jana: User, bearing: Part, supplier: Location, shelf: Location
) -> None:
    posting, key = book(Line(bearing, 6, supplier, shelf)), uuid.uuid4()
    assert undo(posting, jana, key=key) == undo(posting, jana, key=key)
    other = book(Line(bearing, 6, supplier, shelf))
    with pytest.raises(KeyReused):
        undo(other, jana, key=key)


def test_an_undo_is_final(book: Book, jana: User, bearing: Part, supplier: Location, shelf: Location) -> None:
    reversal = undo(book(Line(bearing, 6, supplier, shelf)), jana)
    with pytest.raises(ReversalIsFinal) as refused:
        undo(reversal, jana)
    assert refused.value.messages == ["An undo cannot be undone. Book the parts again instead."]


def test_stock_that_moved_on_cannot_come_back(
    book: Book, jana: User, bearing: Part, supplier: Location, jana_van: Location, tom_van: Location
) -> None:
    received = book(Line(bearing, 6, supplier, jana_van))
    book(Line(bearing, 4, jana_van, tom_van))
    with pytest.raises(NotEnoughStock) as refused:
        undo(received, jana)
    assert refused.value.messages == ["BRG-6204-2RS: Jana Novak has 2 pc, you asked for 6 pc."]
    assert not Posting.objects.filter(reverses__isnull=False).exists()


def test_a_serial_number_that_came_back_another_way_stays_there(
    book: Book,
    jana: User,
    valve: Part,
    valve_77: Lot,
    supplier: Location,
    customer: Location,
    jana_van: Location,
    tom_van: Location,
) -> None:
    book(Line(valve, 1, supplier, jana_van, lot=valve_77))
    used = book(Line(valve, 1, jana_van, customer, lot=valve_77))
    book(Line(valve, 1, customer, tom_van, lot=valve_77))
    with pytest.raises(SerialElsewhere) as refused:
        undo(used, jana)
    assert refused.value.messages == ["Serial number 77-0031 is already here: Tom Berger."]


def test_a_reversal_names_what_it_reverses(jana: User) -> None:
    """posting_reversal_names_what_it_reverses, both ways."""
    plain = Posting.objects.create(reason="count", reference="A", posted_at=MONDAY, posted_by=jana)
    for fields in ({"reason": "reversal"}, {"reason": "count", "reverses": plain}):
        with pytest.raises(IntegrityError, match="posting_reversal_names_what_it_reverses"), transaction.atomic():
            Posting.objects.create(reference="B", posted_at=MONDAY, posted_by=jana, **fields)
