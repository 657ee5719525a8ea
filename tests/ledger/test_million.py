"""R4: a million moves are verified within two seconds, and one piece too many among them is found."""

import time

import pytest
from django.db import connection
from django.db.models import F

from inventory import queries, triggers
from inventory.domain.ledger import Line
from inventory.enums import LocationKind
from inventory.models import Balance, Location, Move, Part
from tests.factories.inventory import UnitFactory
from tests.factories.workorders import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

NUMBERS = "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < %s)"
# Out to a van, and every second one back again, over 400 parts and 500 vans.
FILL = """
INSERT INTO inventory_move (posting_id, part_id, condition, quantity, source_id, target_id, held_since)
{numbers} SELECT %s, %s + n %% 400, 'new', 1 + n %% 7, {places}, %s FROM number ORDER BY n
"""


@pytest.mark.parametrize("moves", [20_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_many_moves_are_verified(
    book: object, bearing: Part, supplier: Location, shelf: Location, moves: int, planted_drift: None
) -> None:
    posting = book(Line(bearing, 1, supplier, shelf))  # type: ignore[operator]
    Part.objects.bulk_create(
        Part(number=f"M-{n:04}", name="m", unit=UnitFactory(), number_key=f"M{n:04}", search_text="")
        for n in range(400)
    )
    first_part = Part.objects.get(number="M-0000").pk
    Location.objects.bulk_create(
        Location(kind=LocationKind.ENGINEER, owner=UserFactory(), is_outside=False) for _ in range(500)
    )
    first_van = Location.objects.filter(kind=LocationKind.ENGINEER).order_by("pk").last().pk - 499
    since = connection.ops.adapt_datetimefield_value(posting.posted_at)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL statement_timeout = 0")
        for places, share in (
            (f"{supplier.pk}, {first_van} + n %% 500", 2),
            (f"{first_van} + n %% 500, {supplier.pk}", 4),
        ):
            count = moves * 2 // 3 if share == 2 else moves // 3
            statement = FILL.format(numbers=NUMBERS, places=places)
            cursor.execute(statement, [count, posting.pk, first_part, since])
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE inventory_move")

    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        assert queries.differences() == []
        taken.append(time.perf_counter() - begun)
    print(f"{connection.vendor}: {Move.objects.count()} moves verified in {min(taken):.2f} s")

    row = Balance.objects.filter(part_id=first_part, on_hand__gt=0).first()
    with triggers.balances_writable(connection):
        Balance.objects.filter(pk=row.pk).update(on_hand=F("on_hand") + 1)
    assert [(each.location_id, each.booked - each.moved) for each in queries.differences()] == [(row.location_id, 1)]
