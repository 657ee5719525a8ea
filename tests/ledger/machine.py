"""A random life of the ledger beside a model in plain Python: after every call both must agree (R1)."""

import uuid
from collections import Counter
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from inventory import queries
from inventory.domain import locations
from inventory.domain.ledger import (
    AlreadyReversed,
    BadLine,
    EmptyPosting,
    KeyReused,
    LedgerError,
    Line,
    NotEnoughStock,
    ReversalIsFinal,
    SerialElsewhere,
    post,
    reverse,
)
from inventory.enums import Condition, LocationKind, PostingReason, Tracking
from inventory.models import Balance, Lot, Move, Posting
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.workorders import UserFactory
from tests.ledger.conftest import MONDAY

Key = tuple[int, int, str, int | None]
LINES = st.lists(
    st.tuples(
        st.integers(0, 5),  # what: plain part, metre, one of two batches, one of two serial numbers
        st.sampled_from([1, 1, 1, 2, 3, 8, 0, -1]),
        st.integers(0, 4),  # from: shelf, Jana, Tom, supplier, conversion
        st.integers(0, 4),
        st.sampled_from([Condition.NEW, Condition.NEW, Condition.OLD]),
    ),
    max_size=4,
)


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.people = [UserFactory(name=name) for name in ("Jana Novak", "Tom Berger")]
        plain, metre = PartFactory(), PartFactory()
        oil, valve = PartFactory(tracking=Tracking.BATCH), PartFactory(tracking=Tracking.SERIAL)
        lots = [Lot.objects.create(part=oil, code=code, is_serial=False) for code in "AB"]
        lots += [Lot.objects.create(part=valve, code=code, is_serial=True) for code in "ST"]
        self.things = [(plain, None), (metre, None), *((lot.part, lot) for lot in lots)]
        self.places = [
            locations.warehouse_location(WarehouseFactory(), LocationKind.SHELF),
            *map(locations.personal_location, self.people),
            locations.outside(LocationKind.SUPPLIER),
            locations.outside(LocationKind.CONVERSION),
        ]
        self.serials = {lot.pk for lot in lots if lot.is_serial}
        self.held: Counter[Key] = Counter()
        self.moves = 0
        self.done: list[tuple[Posting, list[Line], uuid.UUID]] = []
        self.undone: dict[int, tuple[Posting, uuid.UUID]] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    # ---------------------------------------------------------------- what the model expects
    def lines(self, drawn: list[tuple[Any, ...]]) -> list[Line]:
        return [
            Line(self.things[what][0], count, self.places[a], self.places[b], condition, self.things[what][1])
            for what, count, a, b, condition in drawn
        ]

    def after(self, lines: list[Line]) -> Counter[Key]:
        held = Counter(self.held)
        for line in lines:
            held[key(line, line.source)] -= 0 if line.source.is_outside else line.quantity
            held[key(line, line.target)] += 0 if line.target.is_outside else line.quantity
        return held

    def refusal(self, lines: list[Line]) -> type[LedgerError] | None:
        if not lines:
            return EmptyPosting
        takes = {key(line, line.source) for line in lines if not line.source.is_outside}
        puts = {key(line, line.target) for line in lines if not line.target.is_outside}
        if takes & puts or any(is_bad(line) for line in lines):
            return BadLine
        held = self.after(lines)
        if min(held.values(), default=0) < 0:
            return NotEnoughStock
        here = Counter(lot for (_place, _part, _condition, lot), count in held.items() for _ in range(count))
        return SerialElsewhere if any(here[lot] > 1 for lot in self.serials) else None

    def short(self, lines: list[Line]) -> set[tuple[Key, int, int]]:
        asked: Counter[Key] = Counter()
        for line in lines:
            if not line.source.is_outside:
                asked[key(line, line.source)] += line.quantity
        return {(place, self.held[place], count) for place, count in asked.items() if self.held[place] < count}

    def apply(self, lines: list[Line]) -> None:
        self.held = +self.after(lines)
        self.moves += len(lines)

    # ---------------------------------------------------------------- what happens
    def attempt(self, lines: list[Line], expected: type[LedgerError] | None, act: Any) -> Posting | None:
        refusal: LedgerError | None = None
        try:
            posting: Posting | None = act()
        except LedgerError as refused:
            posting, refusal = None, refused
        assert (type(refusal) if refusal else None) is expected, f"{refusal!r} instead of {expected}"
        if isinstance(refusal, NotEnoughStock):
            told = {(key(each, each.location), each.has, each.asked) for each in refusal.shortages}
            assert told == self.short(lines)
            assert len(refusal.messages) == len(told)
        if posting is not None:
            self.apply(lines)
        return posting

    def book(self, lines: list[Line], key: uuid.UUID, reference: str = "TR-1") -> Posting:
        words = {"reason": PostingReason.TRANSFER, "reference": reference, "by": self.people[0], "at": MONDAY}
        return post(lines=lines, key=key, **words)

    @rule(drawn=LINES)
    def post_lines(self, drawn: list[tuple[Any, ...]]) -> None:
        lines, fresh = self.lines(drawn), uuid.uuid4()
        posting = self.attempt(lines, self.refusal(lines), lambda: self.book(lines, fresh))
        if posting is not None:
            self.done.append((posting, lines, fresh))

    @rule(
        goods=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9), st.booleans()), min_size=1, max_size=3),
        to=st.integers(0, 2),
    )
    def receive(self, goods: list[tuple[int, int, bool]], to: int) -> None:
        conditions = {True: Condition.OLD, False: Condition.NEW}
        self.post_lines([(what, count, 3, to, conditions[is_old]) for what, count, is_old in goods])

    @rule(what=st.integers(4, 5), to=st.integers(0, 2))
    def receive_serial(self, what: int, to: int) -> None:
        self.post_lines([(what, 1, 3, to, Condition.NEW)])

    @rule(what=st.integers(0, 5), through=st.integers(0, 2), out_first=st.booleans())
    def pass_through(self, what: int, through: int, out_first: bool) -> None:
        lines = [(what, 1, 3, through, Condition.NEW), (what, 1, through, 4, Condition.NEW)]
        self.post_lines(lines[::-1] if out_first else lines)

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        posting, lines, used = data.draw(st.sampled_from(self.done))
        assert self.book(lines, used) == posting

    @precondition(lambda self: self.done)
    @rule(data=st.data(), drawn=LINES.filter(bool))
    def reuse_a_key(self, data: st.DataObject, drawn: list[tuple[Any, ...]]) -> None:
        _posting, before, used = data.draw(st.sampled_from(self.done))
        lines = self.lines(drawn)
        if lines == before or self.refusal(lines) in {BadLine, EmptyPosting}:
            return
        self.attempt(lines, KeyReused, lambda: self.book(lines, used))

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        posting, lines, _used = data.draw(st.sampled_from(self.done))
        back = [Line(x.part, x.quantity, x.target, x.source, x.condition, x.lot) for x in lines]
        expected = AlreadyReversed if posting.pk in self.undone else self.refusal(back)
        fresh = uuid.uuid4()
        reversal = self.attempt(back, expected, lambda: self.reverse(posting, fresh))
        if reversal is not None:
            assert reversal.reverses == posting
            self.undone[posting.pk] = (reversal, fresh)

    @precondition(lambda self: self.undone)
    @rule(data=st.data())
    def undo_an_undo(self, data: st.DataObject) -> None:
        reversal, used = data.draw(st.sampled_from(sorted(self.undone.values(), key=lambda each: each[0].pk)))
        assert reversal.reverses is not None
        assert self.reverse(reversal.reverses, used) == reversal
        self.attempt([], ReversalIsFinal, lambda: self.reverse(reversal, uuid.uuid4()))

    def reverse(self, posting: Posting, fresh: uuid.UUID) -> Posting:
        return reverse(posting, reference="UN-1", by=self.people[1], at=MONDAY, key=fresh)

    # ---------------------------------------------------------------- what always holds
    @invariant()
    def balances_equal_the_model(self) -> None:
        rows = Balance.objects.filter(on_hand__gt=0, location__in=self.places)
        values = rows.values_list("location_id", "part_id", "condition", "lot_id", "on_hand")
        assert {tuple(row[:4]): row[4] for row in values} == dict(self.held)
        assert Move.objects.count() == self.moves
        assert queries.differences() == []


def key(line: Any, place: Any) -> Key:
    return (place.pk, line.part.pk, str(line.condition), line.lot.pk if line.lot else None)


def is_bad(line: Line) -> bool:
    many = line.lot is not None and line.lot.is_serial and line.quantity != 1
    return line.quantity <= 0 or line.source == line.target or many
