"""The one writer of stock: ``post`` and ``reverse``.

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
from inventory.enums import Condition, PostingReason, Tracking
from inventory.models import Balance, Location, Lot, Move, Part, Posting
from inventory.models.ledger import MAX_QUANTITY

__all__ = [
    "AlreadyReversed",
    "BadLine",
    "EmptyPosting",
    "KeyReused",
    "LedgerError",
    "Line",
    "NotEnoughStock",
    "ReversalIsFinal",
    "SerialElsewhere",
    "Shortage",
    "StockBusy",
    "post",
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


def post(
    *, reason: PostingReason, reference: str, lines: Sequence[Line], by: Any, at: datetime, key: uuid.UUID
) -> Posting:
    """Book ``lines`` as one event: all of them or none.

    ``reference`` is what people read ("CO-000042"). ``key`` makes it happen once: the same key with the same content
    returns the first posting. Refused: EmptyPosting, BadLine, KeyReused, NotEnoughStock (with every short line),
    SerialElsewhere, StockBusy.
    """
    if reason == PostingReason.REVERSAL:
        raise ValueError("a reversal is made by reverse()")
    _check(lines)
    posting = Posting(key=key, reason=reason, reference=reference, posted_at=at, posted_by=by)
    return _write(posting, lines)


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
    return _write(reversal, lines)


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
    problems = [problem for line in lines if (problem := _problem_of(line))] or _passes_through(lines)
    if problems:
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
def _write(posting: Posting, lines: Sequence[Line]) -> Posting:
    posting.content_hash = _content_hash(posting, lines)
    is_alone = not connection.in_atomic_block
    for _attempt in range(ATTEMPTS):
        try:
            with _one_transaction():
                return _insert(posting, lines)
        except IntegrityError as error:
            earlier = _explain(posting, lines, error)
            if earlier is not None:
                return earlier
        except OperationalError as error:
            if not _is_contention(error):
                raise
            if not (is_alone and _is_deadlock(error)):
                raise StockBusy from error
    raise StockBusy


def _one_transaction() -> AbstractContextManager[object]:
    """A single statement outside a transaction is one by itself."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        return nullcontext()
    return transaction.atomic()


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
def _explain(posting: Posting, lines: Sequence[Line], error: IntegrityError) -> Posting | None:
    """Raise the refusal in plain words, or return the key's first posting, or None: the cause is gone, try again."""
    earlier = Posting.objects.filter(key=posting.key).first()
    if earlier is not None:
        if earlier.content_hash == posting.content_hash:
            return earlier
        raise KeyReused(earlier) from error
    if posting.reverses_id is not None:
        reversal = Posting.objects.select_related("posted_by").filter(reverses=posting.reverses_id).first()
        if reversal is not None:
            raise AlreadyReversed(reversal) from error
    if shortages := _shortages(lines):
        raise NotEnoughStock(shortages) from error
    if places := _serials_elsewhere(lines):
        raise SerialElsewhere(places) from error
    if "balance_" not in str(error):  # none of the constraints that stock can break
        raise error
    return None


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


def _is_contention(error: OperationalError) -> bool:
    """Deadlock, lock timeout or serialisation failure on PostgreSQL; a locked file on SQLite."""
    code = getattr(error.__cause__, "sqlstate", None)
    return code in {"40P01", "55P03", "40001"} or (code is None and "locked" in str(error))


def _is_deadlock(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in {"40P01", "40001"}
