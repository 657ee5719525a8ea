"""What lies where, since when, and whether the books add up. Nouns: nothing here changes anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from inventory.models import Balance, Location, Move

# One text for both engines. A lot is compared in full words: SQLite returned wrong rows when it joined on the unique
# index's expression, and has not always known IS NOT DISTINCT FROM.
SAME_LOT = "({0}.lot_id = {1}.lot_id OR ({0}.lot_id IS NULL AND {1}.lot_id IS NULL))"


@dataclass(frozen=True, slots=True)
class Difference:
    """A balance that is not the sum of its moves. ``booked`` is the balance, ``moved`` the sum, in smallest steps."""

    location_id: int
    part_id: int
    condition: str
    lot_id: int | None
    booked: int
    moved: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One part, condition and lot of a place over a span of time, in smallest steps."""

    part_id: int
    condition: str
    lot_id: int | None
    opening: int
    came: int
    went: int

    @property
    def closing(self) -> int:
        return self.opening + self.came - self.went


@dataclass(frozen=True, slots=True)
class Layer:
    """``quantity`` smallest steps of what a place holds came with ``move`` and are held ``since`` then."""

    location_id: int
    part_id: int
    condition: str
    lot_id: int | None
    move_id: int
    posting_id: int
    since: datetime
    quantity: int


def on_hand(location: Location) -> QuerySet[Balance]:
    """What lies at an inside place now."""
    held = Balance.objects.filter(location=location, on_hand__gt=0)
    return held.select_related("part__unit", "lot").order_by("part__number", "condition", "lot__code")


# ---------------------------------------------------------------- do the books add up
# The handful of outside places is left out early; asking "not one of these" is half the work of joining the places.
OUTSIDE = "SELECT id FROM inventory_location WHERE is_outside"
DIFFERENCES = f"""
SELECT location_id, part_id, condition, lot_id, SUM(booked) AS booked, SUM(moved) AS moved
FROM (
    SELECT target_id AS location_id, part_id, condition, lot_id, quantity AS moved, 0 AS booked
    FROM inventory_move WHERE target_id NOT IN ({OUTSIDE})
    UNION ALL
    SELECT source_id, part_id, condition, lot_id, -quantity, 0
    FROM inventory_move WHERE source_id NOT IN ({OUTSIDE})
    UNION ALL
    SELECT location_id, part_id, condition, lot_id, 0, on_hand
    FROM inventory_balance
) AS entry
GROUP BY location_id, part_id, condition, lot_id
HAVING SUM(booked) <> SUM(moved)
"""


def differences() -> list[Difference]:
    """Every balance that is not what its moves add up to: none, unless somebody went round the ledger."""
    with connection.cursor() as cursor:
        cursor.execute(f"{DIFFERENCES} ORDER BY 1, 2, 3, 4")
        rows = cursor.fetchall()
    return [
        Difference(location, part, condition, lot, int(booked), int(moved))
        for location, part, condition, lot, booked, moved in rows
    ]


# ---------------------------------------------------------------- statements
_STATEMENT = """
SELECT side.part_id, side.condition, side.lot_id,
       SUM(CASE WHEN posting.posted_at < %(start)s THEN side.change ELSE 0 END),
       SUM(CASE WHEN posting.posted_at >= %(start)s AND side.change > 0 THEN side.change ELSE 0 END),
       SUM(CASE WHEN posting.posted_at >= %(start)s AND side.change < 0 THEN -side.change ELSE 0 END)
FROM (
    SELECT posting_id, part_id, condition, lot_id, quantity AS change FROM inventory_move WHERE target_id = %(place)s
    UNION ALL
    SELECT posting_id, part_id, condition, lot_id, -quantity FROM inventory_move WHERE source_id = %(place)s
) AS side
JOIN inventory_posting AS posting ON posting.id = side.posting_id
WHERE posting.posted_at < %(end)s
GROUP BY side.part_id, side.condition, side.lot_id
ORDER BY side.part_id, side.condition, side.lot_id
"""


def statement(location: Location, *, start: datetime, end: datetime) -> list[StatementRow]:
    """What lay there before ``start``, what came and went before ``end`` and what was left. One statement.

    With ``start`` = ``end`` the opening is the stock as of that moment. Parts at zero with nothing in the span are
    left out. Outside places work too; theirs may be negative.
    """
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"place": location.pk, "start": adapt(start), "end": adapt(end)})
        rows = cursor.fetchall()
    return [
        StatementRow(part, condition, lot, int(opening), int(came), int(went))
        for part, condition, lot, opening, came, went in rows
        if opening or came or went
    ]


def moves_of(location: Location, *, start: datetime, end: datetime) -> QuerySet[Move]:
    """The moves behind a statement, oldest first."""
    of_place = Move.objects.filter(Q(source=location) | Q(target=location))
    in_span = of_place.filter(posting__posted_at__gte=start, posting__posted_at__lt=end)
    return in_span.select_related("posting__posted_by", "part__unit", "lot", "source", "target").order_by("pk")


def span_of_days(first: date, last: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """From the first moment of ``first`` up to, and without, the first moment after ``last``, in ``zone``; as UTC.

    A day starts at its midnight, or, where the clock skips midnight, at the moment it skips to.
    """
    return _start_of(first, zone), _start_of(last + timedelta(days=1), zone)


def _start_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


# ---------------------------------------------------------------- ages
# The newest arrivals that add up to what is held are what is held. An undo and what it undid are left out together, so
# that parts used and given back are as old as before.
_LAYERS = f"""
SELECT location_id, part_id, condition, lot_id, move_id, posting_id, held_since,
       CASE WHEN newer + quantity > on_hand THEN on_hand - newer ELSE quantity END
FROM (
    SELECT balance.location_id, balance.part_id, balance.condition, balance.lot_id, balance.on_hand,
           move.id AS move_id, move.posting_id, move.held_since, move.quantity,
           SUM(move.quantity) OVER (PARTITION BY balance.id ORDER BY move.id DESC) - move.quantity AS newer
    FROM inventory_balance AS balance
    JOIN inventory_move AS move
      ON move.target_id = balance.location_id AND move.part_id = balance.part_id
     AND move.condition = balance.condition AND {SAME_LOT.format("move", "balance")}
    JOIN inventory_posting AS posting ON posting.id = move.posting_id
    LEFT JOIN inventory_posting AS reversal ON reversal.reverses_id = posting.id
    WHERE balance.on_hand > 0 AND balance.location_id IN ({{places}})
      AND posting.reverses_id IS NULL AND reversal.id IS NULL
) AS arrival
WHERE newer < on_hand
ORDER BY location_id, part_id, condition, lot_id, move_id
"""


def layers(locations: QuerySet[Location]) -> list[Layer]:
    """What each of ``locations`` holds, by arrival, oldest first: first in, first out. One statement for all."""
    try:
        places, parameters = locations.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # nowhere
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LAYERS.format(places=places), parameters)
        rows = cursor.fetchall()
    return [
        Layer(location, part, condition, lot, move, posting, _as_datetime(since), int(quantity))
        for location, part, condition, lot, move, posting, since, quantity in rows
    ]


def oldest(found: Iterable[Layer]) -> dict[tuple[int, int, str, int | None], datetime]:
    """For each place, part, condition and lot: since when its oldest piece is held."""
    ages: dict[tuple[int, int, str, int | None], datetime] = {}
    for layer in found:
        key = (layer.location_id, layer.part_id, layer.condition, layer.lot_id)
        ages[key] = min(ages.get(key, layer.since), layer.since)
    return ages


def _as_datetime(value: Any) -> datetime:
    """PostgreSQL gives a moment with its zone; SQLite what Django wrote: UTC, unsaid, maybe still as text."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
