"""The one writer of stock: ``post``, ``post_together`` and ``reverse``.

A posting is two inserts, whatever the number of its lines: its row, and all its moves at once. The database
applies the moves to the balances (inventory/trigger_text) and refuses what stock cannot give. Nothing is read before:
only a refused posting is looked into, to say why.

Called alone, a posting is a transaction of its own. Called inside one, it is a savepoint in it, so that a refusal
leaves the outer transaction usable and shortages are computed after the rollback. Then let it be the last thing that
takes locks: they are taken in one order within a posting, not across two (docs/ledger.md).
"""

import hashlib
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from inventory.domain.errors import (
    AlreadyReversed,
    BadLine,
    EmptyPosting,
    KeyReused,
    LedgerError,
    NotEnoughStock,
    ReversalIsFinal,
    SerialElsewhere,
    Shortage,
    StockBusy,
)
from inventory.domain.locks import is_contention, is_deadlock
from inventory.enums import Condition, PostingReason, Tracking
from inventory.models import Balance, Location, Lot, Move, Part, Posting
from inventory.models.ledger import MAX_QUANTITY

__all__ = [
    "AlreadyReversed",
    "BadLine",
    "EmptyPosting",
    "Event",
    "KeyReused",
    "LedgerError",
    "Line",
    "NotEnoughStock",
    "ReversalIsFinal",
    "SerialElsewhere",
    "Shortage",
    "StockBusy",
    "post",
    "post_together",
    "reverse",
]

ATTEMPTS = 12  # a shortage that is over when we look is tried again; at 3, one in 40,000 documents gave up
Place = tuple[int, int, str, int | None]  # location, part, condition, lot

_MOVE_COLUMNS = "posting_id, part_id, condition, lot_id, quantity, source_id, target_id, held_since"
# PostgreSQL: the posting and its moves are one statement, so that a posting alone is one journey to the server.
_INSERT_ALL = f"""
WITH posting AS (
    INSERT INTO inventory_posting (key, content_hash, reason, reference, posted_at, posted_by_id, reverses_id)
    VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id
)
INSERT INTO inventory_move ({_MOVE_COLUMNS})
SELECT posting.id, part, condition, lot, quantity, source, target, held_since
FROM posting, unnest(
    %s::bigint[], %s::varchar[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[]
) WITH ORDINALITY AS line (part, condition, lot, quantity, source, target, held_since, number)
ORDER BY number
RETURNING posting_id
"""
_INSERT_MOVES = f"""
INSERT INTO inventory_move ({_MOVE_COLUMNS})
SELECT %s, {", ".join(f"json_extract(value, '$[{index}]')" for index in range(7))}
FROM json_each(%s) ORDER BY key
"""
_INSERT_TOGETHER = f"""
INSERT INTO inventory_move ({_MOVE_COLUMNS})
SELECT posting, part, condition, lot, quantity, source, target, held_since
FROM unnest(
    %s::bigint[], %s::bigint[], %s::varchar[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[]
) WITH ORDINALITY AS line (posting, part, condition, lot, quantity, source, target, held_since, number)
ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class Line:
    """``quantity`` smallest steps of ``part`` go from ``source`` to ``target``.

    ``held_since`` keeps an older clock running (hand-over, refused return); without it the clock starts now.
    """

    part: Part
    quantity: int
    source: Location
    target: Location
    condition: str = Condition.NEW
    lot: Lot | None = None
    held_since: datetime | None = None

    @property
    def taken_from(self) -> Place:
        return (self.source.pk, self.part.pk, str(self.condition), self.lot.pk if self.lot else None)

    @property
    def put_into(self) -> Place:
        return (self.target.pk, self.part.pk, str(self.condition), self.lot.pk if self.lot else None)


@dataclass(frozen=True, slots=True)
class Event:
    """One posting of several that are booked together."""

    reason: PostingReason
    reference: str
    lines: Sequence[Line]
    key: uuid.UUID


def post(
    *, reason: PostingReason, reference: str, lines: Sequence[Line], by: Any, at: datetime, key: uuid.UUID
) -> Posting:
    """Book ``lines`` as one event: all of them or none.

    ``reference`` is what people read ("CO-000042"). ``key`` makes it happen once: the same key with the same content
    returns the first posting. Refused: EmptyPosting, BadLine, KeyReused, NotEnoughStock (with every short line),
    SerialElsewhere, StockBusy.
    """
    return post_together([Event(reason, reference, lines, key)], by=by, at=at)[0]


def post_together(events: Sequence[Event], *, by: Any, at: datetime) -> list[Posting]:
    """Book several events at once: all of them or none. Each key is its own.

    Their moves are one insert, so the locks of all are taken in one order and two such people cannot cross.
    Refused as in ``post``; no event may take what another one brings.
    """
    if any(event.reason == PostingReason.REVERSAL for event in events):
        raise ValueError("a reversal is made by reverse()")
    for event in events:
        _check(event.lines)
    if problems := _passes_through([line for event in events for line in event.lines]):
        raise BadLine(messages=problems)
    facts = {"posted_at": at, "posted_by": by}
    return _write([(Posting(key=e.key, reason=e.reason, reference=e.reference, **facts), e.lines) for e in events])


def reverse(posting: Posting, *, reference: str, by: Any, at: datetime, key: uuid.UUID) -> Posting:
    """Book the opposite of every move of ``posting``, once; how long parts were held is carried over.

    Refused: ReversalIsFinal, AlreadyReversed, KeyReused, and as in ``post`` when the stock has moved on.
    """
    if posting.reverses_id is not None:
        raise ReversalIsFinal
    moves = posting.moves.select_related("part__unit", "lot", "source", "target").order_by("pk")
    lines = [_opposite(move) for move in moves]
    reversal = Posting(
        key=key, reason=PostingReason.REVERSAL, reference=reference, posted_at=at, posted_by=by, reverses=posting
    )
    return _write([(reversal, lines)])[0]


def _opposite(move: Move) -> Line:
    return Line(
        part=move.part,
        quantity=move.quantity,
        source=move.target,
        target=move.source,
        condition=move.condition,
        lot=move.lot,
        held_since=move.held_since,
    )


# ---------------------------------------------------------------- before: what no stock could make right
def _check(lines: Sequence[Line]) -> None:
    if not lines:
        raise EmptyPosting
    if problems := [problem for line in lines if (problem := _problem_of(line))]:
        raise BadLine(messages=problems)


def _problem_of(line: Line) -> str | None:
    words = {"part": line.part.number}
    if line.quantity <= 0 or line.quantity > MAX_QUANTITY:
        return _("%(part)s: the quantity must be more than zero and not absurdly large.") % words
    if line.source.pk == line.target.pk:
        return _("%(part)s: it would stay where it is. Choose two different places.") % words
    if line.lot is None:
        return None
    return _lot_problem(line, line.lot, words | {"lot": line.lot.code})


def _lot_problem(line: Line, lot: Lot, words: dict[str, str]) -> str | None:
    if lot.part_id != line.part.pk:
        return _("%(lot)s is a batch or serial number of another part than %(part)s.") % words
    if line.part.tracking == Tracking.NONE or lot.is_serial != (line.part.tracking == Tracking.SERIAL):
        return _("%(part)s is not tracked the way %(lot)s is.") % words
    if lot.is_serial and line.quantity != 1:
        return _("%(part)s: serial number %(lot)s is one piece.") % words
    return None


def _passes_through(lines: Iterable[Line]) -> list[str]:
    """Stock that would come and go in one posting: PostgreSQL nets it, SQLite goes row by row, people mean neither."""
    puts = {line.put_into for line in lines if not line.target.is_outside}
    sentence = _("%(part)s would go into %(place)s and out of it at once. Book it in two steps.")
    return [
        sentence % {"part": line.part.number, "place": line.source}
        for line in lines
        if not line.source.is_outside and line.taken_from in puts
    ]


# ---------------------------------------------------------------- writing
def _write(events: list[tuple[Posting, Sequence[Line]]]) -> list[Posting]:
    for posting, lines in events:
        posting.content_hash = _content_hash(posting, lines)
    is_alone = not connection.in_atomic_block
    for _attempt in range(ATTEMPTS):
        try:
            with _one_transaction(len(events)):
                return _insert_all(events)
        except IntegrityError as error:
            if earlier := _explain(events, error):
                return earlier
        except OperationalError as error:
            if not is_contention(error):
                raise
            if not (is_alone and is_deadlock(error)):
                raise StockBusy from error
    raise StockBusy


def _one_transaction(postings: int) -> AbstractContextManager[object]:
    """A single statement outside a transaction is one by itself."""
    if connection.vendor == "postgresql" and postings == 1 and not connection.in_atomic_block:
        return nullcontext()
    return transaction.atomic()


def _insert_all(events: list[tuple[Posting, Sequence[Line]]]) -> list[Posting]:
    if connection.vendor == "postgresql" and len(events) > 1:
        return _insert_together(events)
    return [_insert(posting, lines) for posting, lines in events]


def _insert_together(events: list[tuple[Posting, Sequence[Line]]]) -> list[Posting]:
    """Several postings, then the moves of all as one statement: the trigger sorts them together."""
    for posting, _lines in events:
        posting.pk = None
        posting.save(force_insert=True)
    rows = [
        (
            posting.pk,
            *line.taken_from[1:],
            line.quantity,
            line.source.pk,
            line.target.pk,
            line.held_since or posting.posted_at,
        )
        for posting, lines in events
        for line in lines
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_TOGETHER, [*map(list, zip(*rows, strict=True))])
    return [posting for posting, _lines in events]


def _insert(posting: Posting, lines: Sequence[Line]) -> Posting:
    """Write the posting and all its moves, in the order of the lines; only what brings a serial number in comes last.

    SQLite applies row by row: a number has to leave one place before it comes to another.
    """
    posting.pk = None
    lines = sorted(lines, key=lambda line: bool(line.lot and line.lot.is_serial and line.source.is_outside))
    since = [line.held_since or posting.posted_at for line in lines]
    rows = [(*line.taken_from[1:], line.quantity, line.source.pk, line.target.pk) for line in lines]
    if connection.vendor == "postgresql":
        _insert_in_one(posting, [*map(list, zip(*rows, strict=True)), since])
    else:
        posting.save(force_insert=True)
        times = [connection.ops.adapt_datetimefield_value(moment) for moment in since]
        text = json.dumps([(*row, moment) for row, moment in zip(rows, times, strict=True)])
        with connection.cursor() as cursor:
            cursor.execute(_INSERT_MOVES, [posting.pk, text])
    return posting


def _insert_in_one(posting: Posting, columns: list[list[Any]]) -> None:
    head: list[Any] = [posting.key, posting.content_hash, str(posting.reason), posting.reference, posting.posted_at]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_ALL, [*head, posting.posted_by_id, posting.reverses_id, *columns])
        posting.pk = cursor.fetchone()[0]
    posting._state.adding, posting._state.db = False, connection.alias


def _content_hash(posting: Posting, lines: Sequence[Line]) -> str:
    """What makes two postings the same one: everything but the moment."""
    head = (str(posting.reason), posting.reference, posting.posted_by_id, posting.reverses_id)
    body = [
        (
            *line.taken_from,
            line.target.pk,
            line.quantity,
            line.held_since and line.held_since.astimezone(UTC).isoformat(),
        )
        for line in lines
    ]
    return hashlib.sha256(repr((head, body)).encode()).hexdigest()


# ---------------------------------------------------------------- after: why the database refused
def _explain(events: list[tuple[Posting, Sequence[Line]]], error: IntegrityError) -> list[Posting]:
    """Raise the refusal in plain words, or return the keys' first postings, or []: the cause is gone, try again."""
    if earlier := _earlier([posting for posting, _lines in events], error):
        return earlier
    lines = [line for _posting, lines in events for line in lines]
    posting = events[0][0]
    if posting.reverses_id is not None:
        reversals = Posting.objects.select_related("posted_by")
        if reversal := reversals.filter(reverses=posting.reverses_id).first():
            raise AlreadyReversed(reversal) from error
    if shortages := _shortages(lines):
        raise NotEnoughStock(shortages) from error
    if places := _serials_elsewhere(lines):
        raise SerialElsewhere(places) from error
    if "balance_" not in str(error):  # none of the constraints that stock can break
        raise error
    return []


def _earlier(postings: Sequence[Posting], error: IntegrityError) -> list[Posting]:
    """What was booked under the keys before, when it is the same; [] when the keys are new."""
    known = {row.key: row for row in Posting.objects.filter(key__in=[posting.key for posting in postings])}
    for posting in postings if known else []:
        found = known.get(posting.key)
        if found is None or found.content_hash != posting.content_hash:
            raise KeyReused(found or next(iter(known.values()))) from error
    return [known[posting.key] for posting in postings if known]


def _shortages(lines: Iterable[Line]) -> list[Shortage]:
    asked: dict[Place, int] = defaultdict(int)
    example: dict[Place, Line] = {}
    for line in lines:
        if not line.source.is_outside:
            asked[line.taken_from] += line.quantity
            example.setdefault(line.taken_from, line)
    held = _held(asked)
    return [
        Shortage(line.part, str(line.condition), line.lot, line.source, held.get(place, 0), asked[place])
        for place, line in example.items()
        if held.get(place, 0) < asked[place]
    ]


def _held(places: Iterable[Place]) -> dict[Place, int]:
    keys = list(places)
    rows = Balance.objects.filter(location__in={key[0] for key in keys}, part__in={key[1] for key in keys})
    return {
        (location, part, condition, lot): on_hand
        for location, part, condition, lot, on_hand in rows.values_list(
            "location_id", "part_id", "condition", "lot_id", "on_hand"
        )
    }


def _serials_elsewhere(lines: Iterable[Line]) -> list[tuple[Lot, Location]]:
    """Serial lots that would come to a second inside place. The place they are taken from does not count."""
    coming = {line.lot.pk: line for line in lines if line.lot and line.lot.is_serial and not line.target.is_outside}
    leaving = {line.taken_from for line in lines if not line.source.is_outside}
    twice = _serials_put_twice(lines)
    rows = Balance.objects.filter(lot__in=coming, on_hand__gt=0).select_related(
        "location__owner", "location__warehouse"
    )
    elsewhere = [
        (coming[row.lot_id].lot, row.location)
        for row in rows
        if row.lot_id is not None and (row.location_id, row.part_id, row.condition, row.lot_id) not in leaving
    ]
    return [(lot, place) for lot, place in [*elsewhere, *twice] if lot is not None]


def _serials_put_twice(lines: Iterable[Line]) -> list[tuple[Lot, Location]]:
    first: dict[int, Location] = {}
    twice = []
    for line in lines:
        if line.lot and line.lot.is_serial and not line.target.is_outside:
            if line.lot.pk in first:
                twice.append((line.lot, first[line.lot.pk]))
            first.setdefault(line.lot.pk, line.target)
    return twice
