"""Every piece a person holds has an age: first in, first out."""

import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from inventory import queries
from inventory.domain.ledger import Line, NotEnoughStock, reverse
from inventory.enums import Condition
from inventory.models import Balance, Location, Lot, Part, Posting
from tests.factories.inventory import PartFactory
from tests.ledger.conftest import MONDAY
from workorders.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
Book = Callable[..., Posting]


def day(number: int) -> datetime:
    return MONDAY + timedelta(days=number)


def ages(place: Location) -> list[tuple[int, datetime]]:
    return [(layer.quantity, layer.since) for layer in queries.layers(Location.objects.filter(pk=place.pk))]


@pytest.fixture
def undo(jana: User) -> Callable[[Posting, int], Posting]:
    def act(posting: Posting, on: int) -> Posting:
        return reverse(posting, reference="UN-1", by=jana, at=day(on), key=uuid.uuid4())

    return act


def test_the_newest_receipts_that_add_up_are_what_is_held(
    book: Book, bearing: Part, supplier: Location, customer: Location, jana_van: Location
) -> None:
    for number in (1, 2, 3):
        book(Line(bearing, 4, supplier, jana_van), at=day(number))
    book(Line(bearing, 5, jana_van, customer), at=day(4))

    assert ages(jana_van) == [(3, day(2)), (4, day(3))]
    assert queries.oldest(queries.layers(Location.objects.all())) == {(jana_van.pk, bearing.pk, "new", None): day(2)}


def test_used_and_given_back_is_as_old_as_before(
    book: Book,
    undo: Callable[[Posting, int], Posting],
    bearing: Part,
    supplier: Location,
    customer: Location,
    jana_van: Location,
) -> None:
    book(Line(bearing, 5, supplier, jana_van), at=day(1))
    used = book(Line(bearing, 2, jana_van, customer), at=day(8))
    undo(used, 9)
    assert ages(jana_van) == [(5, day(1))]


def test_a_receipt_that_was_undone_makes_nothing_young(
    book: Book, undo: Callable[[Posting, int], Posting], bearing: Part, supplier: Location, jana_van: Location
) -> None:
    book(Line(bearing, 5, supplier, jana_van), at=day(1))
    wrong = book(Line(bearing, 3, supplier, jana_van), at=day(8))
    undo(wrong, 9)
    assert ages(jana_van) == [(5, day(1))]


def test_a_hand_over_keeps_the_clock_when_told(
    book: Book, bearing: Part, supplier: Location, jana_van: Location, tom_van: Location
) -> None:
    book(Line(bearing, 5, supplier, jana_van), at=day(1))
    book(Line(bearing, 2, jana_van, tom_van, held_since=day(1)), Line(bearing, 1, jana_van, tom_van), at=day(6))
    assert ages(tom_van) == [(2, day(1)), (1, day(6))]


def test_conditions_and_lots_have_ages_of_their_own(
    book: Book, valve: Part, bearing: Part, supplier: Location, jana_van: Location
) -> None:
    first, second = (Lot.objects.create(part=valve, code=code, is_serial=True) for code in ("A", "B"))
    book(Line(valve, 1, supplier, jana_van, lot=first), at=day(1))
    book(Line(valve, 1, supplier, jana_van, lot=second), Line(bearing, 1, supplier, jana_van), at=day(2))
    book(Line(bearing, 1, supplier, jana_van, condition=Condition.OLD), at=day(3))
    found = queries.layers(Location.objects.filter(pk=jana_van.pk))

    assert {(each.part_id, each.condition, each.lot_id): each.since for each in found} == {
        (valve.pk, "new", first.pk): day(1),
        (valve.pk, "new", second.pk): day(2),
        (bearing.pk, "new", None): day(2),
        (bearing.pk, "old", None): day(3),
    }


def test_layers_always_add_up_to_what_is_held(
    book: Book,
    undo: Callable[[Posting, int], Posting],
    supplier: Location,
    customer: Location,
    shelf: Location,
    jana_van: Location,
    tom_van: Location,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """A random year, with undos; one statement for all places."""
    chance = random.Random(7)
    parts, places = [PartFactory() for _ in range(5)], [supplier, customer, shelf, jana_van, tom_van]
    open_postings: list[Posting] = []
    for number in range(250):
        source, target = chance.sample(places, 2)
        try:
            if open_postings and chance.random() < 0.3:
                undo(open_postings.pop(chance.randrange(len(open_postings))), number)
            else:
                line = Line(chance.choice(parts), chance.randrange(1, 9), source, target)
                open_postings.append(book(line, at=day(number)))
        except NotEnoughStock:
            continue
    with django_assert_num_queries(1):
        found = queries.layers(Location.objects.filter(is_outside=False))
    held: dict[tuple[int, int], int] = {}
    for layer in found:
        assert layer.quantity > 0
        key = (layer.location_id, layer.part_id)
        held[key] = held.get(key, 0) + layer.quantity
    rows = Balance.objects.filter(on_hand__gt=0).values_list("location_id", "part_id", "on_hand")
    assert held == {(location, part): count for location, part, count in rows}
