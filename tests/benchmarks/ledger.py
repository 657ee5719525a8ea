"""How fast is a posting? Run: python -m tests.benchmarks.ledger [--seconds 5]

Works in a scratch database of its own (DATABASE_URL says which engine) and drops it. Machines are noisy: read the
ratios within one run, not seconds across runs. The goals are in docs/ledger.md.

The peer is the leanest bare ORM movement: two F() updates, one posting, one move, in one transaction, no triggers.
"""

import argparse
import multiprocessing
import os
import random
import statistics
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.db.models import F  # noqa: E402

from inventory import queries, triggers  # noqa: E402
from inventory.domain import locations  # noqa: E402
from inventory.domain.ledger import Line, post  # noqa: E402
from inventory.enums import Condition, LocationKind, PostingReason  # noqa: E402
from inventory.models import Balance, Location, Move, Part, Posting, Unit, Warehouse  # noqa: E402
from workorders.models import User  # noqa: E402

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
PLENTY = 1_000_000_000


class World:
    def __init__(self, parts: int, people: int) -> None:
        unit, _made = Unit.objects.get_or_create(code="pc", defaults={"name": "piece"})
        Part.objects.bulk_create(Part(number=f"P-{n}", name=f"Part {n}", unit=unit) for n in range(parts))
        self.parts = list(Part.objects.order_by("pk"))
        self.users = [User.objects.create(name=f"E{n}", email=f"e{n}@demo.example") for n in range(people)]
        self.people = [locations.personal_location(user) for user in self.users]
        warehouse = Warehouse.objects.create(code="W", name="W")
        self.shelf = locations.warehouse_location(warehouse, LocationKind.SHELF)
        supplier = locations.outside(LocationKind.SUPPLIER)
        self.book([Line(part, PLENTY, supplier, self.shelf) for part in self.parts])
        for place in self.people:
            self.book([Line(part, 1000, self.shelf, place) for part in self.parts])

    def book(self, lines: list[Line]) -> None:
        post(
            reason=PostingReason.TRANSFER,
            reference="BENCH",
            lines=lines,
            by=self.users[0],
            at=AT,
            key=uuid.uuid4(),
        )

    def lines(self, count: int) -> list[Line]:
        place = random.choice(self.people)
        return [Line(part, 1, self.shelf, place) for part in random.sample(self.parts, count)]


def book_some(world: World, count: int) -> None:
    world.book(world.lines(count))


def bare_orm(world: World, count: int) -> None:
    lines = world.lines(count)
    with transaction.atomic():
        posting = Posting.objects.create(
            key=uuid.uuid4(), reason=PostingReason.TRANSFER, reference="BENCH", posted_at=AT, posted_by=world.users[0]
        )
        for line in lines:
            for place, change in ((line.source, -line.quantity), (line.target, line.quantity)):
                row = Balance.objects.filter(location=place, part=line.part, condition=Condition.NEW, lot=None)
                row.update(on_hand=F("on_hand") + change)
            Move.objects.create(
                posting=posting,
                part=line.part,
                condition=Condition.NEW,
                quantity=line.quantity,
                source=line.source,
                target=line.target,
                held_since=AT,
            )


def milliseconds(act: Callable[[], None], seconds: float) -> float:
    taken = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def compare(world: World, seconds: float) -> None:
    for count in (1, 50):
        ours, theirs = [], []
        for _round in range(3):
            ours.append(milliseconds(partial(book_some, world, count), seconds))
            triggers.remove(connection)
            theirs.append(milliseconds(partial(bare_orm, world, count), seconds))
            triggers.install(connection)
        a, b = statistics.median(ours), statistics.median(theirs)
        print(f"{count:>3} lines: post {a:.2f} ms, bare ORM {b:.2f} ms, ratio {b / a:.1f}", flush=True)


def one_client(seconds: float, seed: int, width: int, sink: "multiprocessing.Queue[tuple[list[float], int]]") -> None:
    random.seed(seed)
    connection.close()
    user = User.objects.first()
    shelf = Location.objects.get(kind=LocationKind.SHELF)
    people = list(Location.objects.filter(kind=LocationKind.ENGINEER))
    parts = list(Part.objects.select_related("unit").order_by("pk")[:20])
    taken, failed = [], 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        place = random.choice(people)
        lines = [Line(part, 1, shelf, place) for part in random.sample(parts, width)]
        start = time.perf_counter()
        try:
            post(reason=PostingReason.TRANSFER, reference="BENCH", lines=lines, by=user, at=AT, key=uuid.uuid4())
        except Exception as error:  # noqa: BLE001  a failure is a figure here
            failed += 1
            print(repr(error))
        taken.append(time.perf_counter() - start)
    sink.put((taken, failed))


def clients(count: int, seconds: float, width: int) -> None:
    sink: multiprocessing.Queue[tuple[list[float], int]] = multiprocessing.Queue()
    connection.close()
    workers = [multiprocessing.Process(target=one_client, args=(seconds, seed, width, sink)) for seed in range(count)]
    for worker in workers:
        worker.start()
    results = [sink.get() for _ in workers]
    for worker in workers:
        worker.join()
    taken = sorted(each for times, _failed in results for each in times)
    failed = sum(failed for _times, failed in results)
    p99 = taken[int(len(taken) * 0.99)] * 1000
    print(
        f"{count} clients, {width}-line documents on 20 hot parts: {len(taken) / seconds:.0f}/s,"
        f" p50 {statistics.median(taken) * 1000:.1f} ms, p99 {p99:.1f} ms, failed {failed}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3)
    seconds = parser.parse_args().seconds
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        world = World(parts=200, people=20)
        print(connection.vendor, flush=True)
        compare(world, seconds)
        for width in (5, 1):
            clients(8, seconds * 3, width)
        assert queries.differences() == []
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
