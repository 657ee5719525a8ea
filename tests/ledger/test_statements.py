"""Statements add up (R15), and a day is a day wherever the company is (R16)."""

import random
import zoneinfo
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from inventory import queries
from inventory.domain.ledger import Line, NotEnoughStock
from inventory.models import Location, Move, Part, Posting
from inventory.queries import StatementRow, span_of_days
from tests.factories.inventory import PartFactory
from tests.ledger.conftest import MONDAY

pytestmark = [pytest.mark.both_engines]
Book = Callable[..., Posting]
DAY = timedelta(days=1)


@pytest.mark.django_db
def test_a_week_of_jana(book: Book, bearing: Part, supplier: Location, customer: Location, jana_van: Location) -> None:
    fan = PartFactory(number="FAN-120-S")
    book(Line(bearing, 6, supplier, jana_van), Line(fan, 1, supplier, jana_van), at=MONDAY - DAY)
    book(Line(bearing, 2, jana_van, customer), at=MONDAY)
    book(Line(bearing, 3, supplier, jana_van), at=MONDAY + DAY)
    book(Line(fan, 1, jana_van, customer), at=MONDAY + 2 * DAY)

    assert queries.statement(jana_van, start=MONDAY, end=MONDAY + 2 * DAY) == [
        StatementRow(bearing.pk, "new", None, opening=6, came=3, went=2),
        StatementRow(fan.pk, "new", None, opening=1, came=0, went=0),
    ]
    assert queries.statement(jana_van, start=MONDAY + 3 * DAY, end=MONDAY + 3 * DAY) == [
        StatementRow(bearing.pk, "new", None, opening=7, came=0, went=0),
    ]
    week = queries.moves_of(jana_van, start=MONDAY, end=MONDAY + 2 * DAY)
    assert [(move.quantity, move.source, move.target) for move in week] == [
        (2, jana_van, customer),
        (3, supplier, jana_van),
    ]
    assert [(row.part, row.on_hand) for row in queries.on_hand(jana_van)] == [(bearing, 7)]


@pytest.mark.django_db
def test_any_past_moment_is_the_fold_of_its_moves(
    book: Book,
    supplier: Location,
    customer: Location,
    shelf: Location,
    jana_van: Location,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """R15: 1,000 random moments."""
    chance = random.Random(15)
    parts, places = [PartFactory() for _ in range(4)], [supplier, customer, shelf, jana_van]
    moment = MONDAY - 300 * DAY
    while Posting.objects.count() < 150:
        source, target = chance.sample(places, 2)
        moment += timedelta(hours=chance.randrange(1, 90))
        try:
            book(Line(chance.choice(parts), chance.randrange(1, 9), source, target), at=moment)
        except NotEnoughStock:
            continue
    history = list(Move.objects.select_related("posting").order_by("pk"))

    for _ in range(1000):
        place = chance.choice([shelf, jana_van])
        end = MONDAY - 300 * DAY + (moment - MONDAY + 301 * DAY) * chance.random()
        start = end - DAY * chance.choice([0, 0, 7, 31])
        with django_assert_num_queries(1):
            rows = queries.statement(place, start=start, end=end)
        assert {row.part_id: row.closing for row in rows if row.closing} == folded(history, place, end)
        assert {row.part_id: row.opening for row in rows if row.opening} == folded(history, place, start)


def folded(history: list[Move], place: Location, before: datetime) -> dict[int, int]:
    sums: dict[int, int] = defaultdict(int)
    for move in history:
        if move.posting.posted_at < before:
            sums[move.part_id] += move.quantity * ((move.target_id == place.pk) - (move.source_id == place.pk))
    return {part: total for part, total in sums.items() if total}


ZONES = {
    "Europe/Vienna": ["2026-03-29", "2026-10-25"],
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],
    "America/Havana": ["2026-03-08", "2026-11-01"],  # midnight itself is skipped, and comes twice
}
PLAIN_DAYS = ["2028-02-28", "2028-02-29", "2026-12-31", "2027-01-01"]
CASES = [
    (zone, date.fromisoformat(day) + timedelta(days=shift))
    for zone, days in ZONES.items()
    for day, shifts in [*((day, (-1, 0, 1)) for day in days), *((day, (0,)) for day in PLAIN_DAYS)]
    for shift in shifts
]
CASES += [(zone, date(2027, 2, 28)) for zone in ZONES] + [(zone, date(2026, 6, 30)) for zone in ZONES]


@pytest.mark.parametrize(("name", "day"), CASES, ids=str)
def test_each_moment_belongs_to_exactly_one_day(name: str, day: date) -> None:
    """R16: 48 days around clock changes, leap days and year ends; every quarter of an hour of each is looked at."""
    zone = zoneinfo.ZoneInfo(name)
    start, end = span_of_days(day, day, zone)

    assert span_of_days(day + DAY, day + DAY, zone)[0] == end
    assert span_of_days(day - DAY, day - DAY, zone)[1] == start
    moment = start - timedelta(hours=30)
    while moment < end + timedelta(hours=30):
        assert (start <= moment < end) == (moment.astimezone(zone).date() == day), moment
        moment += timedelta(minutes=15)


def test_there_are_48_cases() -> None:
    assert len(CASES) == len(set(CASES)) == 48


def test_a_span_has_both_its_days() -> None:
    vienna = zoneinfo.ZoneInfo("Europe/Vienna")
    start, end = span_of_days(date(2026, 3, 28), date(2026, 3, 29), vienna)
    assert (start, end - start) == (datetime(2026, 3, 27, 23, tzinfo=UTC), timedelta(hours=47))
