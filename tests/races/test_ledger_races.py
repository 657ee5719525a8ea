"""Two people at once never break the count (R2, R5). SQLite hides races: these run on PostgreSQL."""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from inventory import queries, triggers
from inventory.domain import locations
from inventory.domain.ledger import Line, NotEnoughStock, StockBusy, post
from inventory.enums import LocationKind, PostingReason, Tracking
from inventory.models import Balance, Location, Lot, Move, Part, Posting
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.workorders import UserFactory
from tests.support.crowd import at_once, processes

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
CROWD = 64


class World:
    """A shelf, a supplier, twenty hot parts, and one who books."""

    def __init__(self, parts: int = 20, hot_stock: int = 0) -> None:
        self.user = UserFactory(name="Jana Novak")
        self.shelf = locations.warehouse_location(WarehouseFactory(name="Vienna"), LocationKind.SHELF)
        self.van = locations.personal_location(self.user)
        self.supplier = locations.outside(LocationKind.SUPPLIER)
        self.parts = [PartFactory() for _ in range(parts)]
        if hot_stock:
            self.book([Line(part, hot_stock, self.supplier, self.shelf) for part in self.parts])

    def book(self, lines: list[Line], key: uuid.UUID | None = None) -> Posting:
        return post(
            reason=PostingReason.TRANSFER,
            reference="TR-1",
            lines=lines,
            by=self.user,
            at=MONDAY,
            key=key or uuid.uuid4(),
        )


def kinds(results: list[Any]) -> Counter[str]:
    return Counter(type(each).__name__ for each in results)


def deadlocks() -> int:
    """How many the server has counted; it publishes its figures with a delay."""
    connection.close()
    time.sleep(1.2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


# ---------------------------------------------------------------- R2: no oversell
def take_until_empty(world: World, attempts: int) -> int:
    taken = 0
    for _ in range(attempts):
        try:
            world.book([Line(world.parts[0], 1, world.shelf, world.van)])
        except NotEnoughStock:
            continue
        taken += 1
    return taken


@pytest.mark.parametrize("units", [25, pytest.param(500, marks=pytest.mark.soak)])
def test_sixty_four_people_share_exactly_what_is_there(units: int) -> None:
    world = World(parts=1, hot_stock=units)
    results = at_once([partial(take_until_empty, world, units // 25)] * CROWD)

    assert sum(results) == min(units, CROWD * (units // 25))
    held = dict(Balance.objects.values_list("location", "on_hand"))
    assert held == {world.shelf.pk: units - sum(results), world.van.pk: sum(results)}


def test_without_the_guard_the_same_people_sell_what_is_not_there(planted_drift: None) -> None:
    """The positive control: read, check, save."""
    world = World(parts=1, hot_stock=25)
    triggers.remove(connection)
    start = Balance.objects.get(location=world.shelf)

    def take_carelessly() -> int:
        taken = 0
        for _ in range(5):
            row = Balance.objects.get(pk=start.pk)
            if row.on_hand > 0:
                row.on_hand -= 1
                row.save()
                taken += 1
        return taken

    taken = sum(at_once([take_carelessly] * CROWD))
    triggers.install(connection)
    assert taken > 25


# ---------------------------------------------------------------- R5: no deadlock
def crossing_documents(world: World, fresh: list[Part], seconds: float, seed: int) -> tuple[list[float], list[str]]:
    """Five lines on hot parts, then five on parts nobody has moved yet; every second client in the opposite order."""
    chance, taken, failures = random.Random(seed), [], []
    order = 1 if seed % 2 else -1
    end, at = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        hot = sorted(chance.sample(world.parts, 5), key=lambda part: part.pk)[::order]
        new = fresh[at : at + 5][::order]
        ways = (world.shelf, world.van) if chance.random() < 0.6 else (world.van, world.shelf)
        at += 5
        for lines in ([Line(p, 1, *ways) for p in hot], [Line(p, 1, world.supplier, world.shelf) for p in new]):
            if not lines:
                continue
            begun = time.monotonic()
            try:
                world.book(lines)
            except NotEnoughStock:
                pass
            except Exception as error:  # noqa: BLE001  any other end is a failure of the promise
                failures.append(repr(error))
            taken.append(time.monotonic() - begun)
    return taken, failures


@pytest.mark.parametrize(
    ("clients", "seconds"),
    [(8, 1.5), (32, 1.5), pytest.param(8, 30, marks=pytest.mark.soak), pytest.param(32, 30, marks=pytest.mark.soak)],
)
def test_documents_in_opposite_orders_never_deadlock(clients: int, seconds: float) -> None:
    world = World(hot_stock=100_000)
    fresh = Part.objects.bulk_create(
        Part(number=f"N-{n}", name="n", unit=world.parts[0].unit, number_key=f"N{n}", search_text="")
        for n in range(int(400 * seconds))
    )
    before = deadlocks()
    results = processes([partial(crossing_documents, world, fresh, seconds, seed) for seed in range(clients)])

    assert [failure for _taken, failures in results for failure in failures] == []
    assert deadlocks() == before
    taken = sorted(each for times, _failures in results for each in times)
    p99 = taken[int(len(taken) * 0.99)]
    print(f"{clients} clients, {seconds} s: {len(taken)} documents, p99 {p99 * 1000:.0f} ms")
    assert queries.differences() == []


def test_without_one_order_the_same_documents_deadlock(planted_drift: None) -> None:
    """The positive control: the same lines, written one after the other as they stand on the paper."""
    world = World(hot_stock=100_000)
    triggers.remove(connection)

    def in_order_of_the_paper(seed: int) -> int:
        lost, end = 0, time.monotonic() + 5
        parts = world.parts[:5][:: 1 if seed % 2 else -1]
        while time.monotonic() < end and not lost:
            try:
                with transaction.atomic():
                    for part in parts:
                        Balance.objects.filter(location=world.shelf, part=part).update(on_hand=F("on_hand") - 1)
            except DatabaseError:
                lost += 1
        return lost

    results = processes([partial(in_order_of_the_paper, seed) for seed in range(8)])
    triggers.install(connection)
    assert sum(results) > 0


# ---------------------------------------------------------------- once, and in one place
def test_a_serial_number_comes_to_one_of_sixty_four_places() -> None:
    world = World(parts=0)
    valve = PartFactory(tracking=Tracking.SERIAL)
    serial = Lot.objects.create(part=valve, code="77-0031", is_serial=True)
    vans = [locations.personal_location(UserFactory()) for _ in range(CROWD)]
    results = at_once([partial(world.book, [Line(valve, 1, world.supplier, van, lot=serial)]) for van in vans])

    assert kinds(results) == {"Posting": 1, "SerialElsewhere": CROWD - 1}
    assert Balance.objects.filter(on_hand=1).count() == Move.objects.count() == 1


def test_two_serial_numbers_in_opposite_orders_come_to_one_place_together() -> None:
    world = World(parts=0)
    valve = PartFactory(tracking=Tracking.SERIAL)
    serials = [Lot.objects.create(part=valve, code=f"S{n}", is_serial=True) for n in range(4)]
    vans = [locations.personal_location(UserFactory()) for _ in range(16)]
    before = deadlocks()
    results = at_once(
        [
            partial(world.book, [Line(valve, 1, world.supplier, van, lot=lot) for lot in serials[:: 1 - 2 * (n % 2)]])
            for n, van in enumerate(vans)
        ]
    )
    assert kinds(results) == {"Posting": 1, "SerialElsewhere": 15}
    assert deadlocks() == before


def test_the_same_key_sent_sixty_four_times_is_one_posting() -> None:
    world, key = World(parts=1), uuid.uuid4()
    results = at_once([partial(world.book, [Line(world.parts[0], 1, world.supplier, world.shelf)], key)] * CROWD)

    assert {each.pk for each in results} == {Posting.objects.get().pk}
    assert Balance.objects.get().on_hand == 1


def test_a_place_needed_by_many_at_once_is_one_row() -> None:
    jana = UserFactory(name="Jana Novak")
    results = at_once([partial(locations.personal_location, jana)] * CROWD)
    assert {each.pk for each in results} == {Location.objects.get(owner=jana).pk}


# ---------------------------------------------------------------- waiting
@contextmanager
def short_patience() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    yield


def test_waiting_too_long_is_told_in_plain_words() -> None:
    world = World(parts=1, hot_stock=5)

    def impatient() -> Posting:
        with short_patience():
            return world.book([Line(world.parts[0], 1, world.shelf, world.van)])

    with transaction.atomic():
        list(Balance.objects.select_for_update())
        (refused,) = at_once([impatient])
    assert isinstance(refused, StockBusy)
    assert refused.messages == ["Someone is working on the same parts. Try again."]


def test_two_postings_in_one_transaction_may_cross_and_say_so() -> None:
    """Why a document posts once, last: the order holds within a posting, not across two."""
    world = World(parts=2, hot_stock=9)
    between = threading.Barrier(2, timeout=10)

    def both(order: int) -> None:
        with transaction.atomic():
            first, second = world.parts[::order]
            world.book([Line(first, 1, world.shelf, world.van)])
            between.wait()
            world.book([Line(second, 1, world.shelf, world.van)])

    results = at_once([partial(both, 1), partial(both, -1)])
    assert kinds(results) == {"NoneType": 1, "StockBusy": 1}
    assert sorted(Balance.objects.values_list("on_hand", flat=True)) == [1, 1, 8, 8]


def change_tracking(part: Part) -> int:
    return Part.objects.filter(pk=part.pk).update(tracking=Tracking.BATCH)


def test_a_first_move_and_a_change_of_meaning_do_not_pass_each_other() -> None:
    """The change waits for the move it cannot see yet, and is then refused."""
    world = World(parts=1)
    moved = threading.Event()

    def move_slowly() -> None:
        with transaction.atomic():
            world.book([Line(world.parts[0], 1, world.supplier, world.shelf)])
            moved.set()
            time.sleep(0.5)

    def change_after() -> int:
        moved.wait(10)
        return change_tracking(world.parts[0])

    results = at_once([move_slowly, change_after])
    assert results[0] is None
    assert isinstance(results[1], IntegrityError)
    assert "part_meaning_fixed" in str(results[1])
