"""A worker to be killed: books five-line documents as fast as it can and says each one it was told is safe.

python -m tests.support.poster prepare      make the database and the world it works in
python -m tests.support.poster work SEED    until somebody pulls the plug
python -m tests.support.poster check        exit 1 on a torn document or a drift; the known keys come on stdin
"""

import hashlib
import os
import random
import signal
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402

from inventory import queries  # noqa: E402
from inventory.domain import locations  # noqa: E402
from inventory.domain.ledger import Line, NotEnoughStock, post  # noqa: E402
from inventory.enums import LocationKind, PostingReason  # noqa: E402
from inventory.models import Balance, Location, Move, Part, Posting, Unit, Warehouse  # noqa: E402
from workorders.models import User  # noqa: E402

LINES = 5


def prepare() -> None:
    user = User.objects.create_user("jana.novak@demo.example", name="Jana Novak")
    unit, _made = Unit.objects.get_or_create(code="pc", defaults={"name": "piece"})
    for number in range(20):
        Part.objects.create(number=f"P-{number}", name="part", unit=unit)
    locations.personal_location(user)
    locations.warehouse_location(Warehouse.objects.create(code="V", name="Vienna"), LocationKind.SHELF)


def work(seed: int, count: float = float("inf")) -> None:
    chance, user = random.Random(seed), User.objects.get()
    places = [*Location.objects.filter(is_outside=False), locations.outside(LocationKind.SUPPLIER)]
    parts = list(Part.objects.all())
    while count > 0:
        source, target = chance.sample(places, 2)
        lines = [Line(part, chance.randrange(1, 4), source, target) for part in chance.sample(parts, LINES)]
        key = uuid.uuid4()
        try:
            post(reason=PostingReason.TRANSFER, reference="TR", lines=lines, by=user, at=datetime.now(UTC), key=key)
        except NotEnoughStock:
            continue
        sys.stdout.write(f"{key}\n")
        sys.stdout.flush()
        count -= 1


def work_carelessly(seed: int) -> None:
    user, shelf = User.objects.get(), Location.objects.get(kind=LocationKind.SHELF)
    supplier, parts = locations.outside(LocationKind.SUPPLIER), list(Part.objects.all())
    while True:
        now = datetime.now(UTC)
        posting = Posting.objects.create(reason=PostingReason.TRANSFER, reference="X", posted_at=now, posted_by=user)
        sys.stdout.write(f"{posting.key}\n")
        for part in parts[:LINES]:
            Move.objects.create(
                posting=posting, part=part, condition="new", quantity=1, source=supplier, target=shelf, held_since=now
            )


def kill(count: int, act: Callable[[int], None]) -> None:
    """Forked workers: each opens a connection of its own, the parent has none."""
    chance = random.Random(8)
    connection.close()
    workers = [fork(act, seed) for seed in range(3)]
    for number in range(count):
        time.sleep(0.05 + chance.random() * 0.1)
        victim = workers.pop(chance.randrange(len(workers)))
        end(victim)
        workers.append(fork(act, 100 + number))
    time.sleep(0.2)
    for worker in workers:
        end(worker)


def fork(act: Callable[[int], None], seed: int) -> int:
    child = os.fork()
    if child == 0:
        try:
            act(seed)
        finally:
            os._exit(1)
    return child


def end(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def hashes() -> dict[str, str]:
    """One hash per table, over all its rows."""
    return {
        model.__name__: hashlib.sha256(repr(list(model.objects.order_by("pk").values())).encode()).hexdigest()
        for model in (Posting, Move, Balance, Location, Part, User)
    }


def check() -> int:
    told = {uuid.UUID(line.strip()) for line in sys.stdin if len(line.strip()) == 36}
    kept = set(Posting.objects.values_list("key", flat=True))
    torn = Posting.objects.annotate(count=Count("moves")).exclude(count=LINES).count()
    lost, drift = len(told - kept), len(queries.differences())
    print(f"{len(kept)} kept, {torn} torn, {lost} lost, {drift} differ")
    return 1 if torn or lost or drift else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare"]:
            call_command("migrate", verbosity=0)
            prepare()
        case ["work", seed]:
            work(int(seed))
        case ["kill", count]:
            kill(int(count), work)
        case ["careless", count]:
            kill(int(count), work_carelessly)
        case _:
            sys.exit(check())
