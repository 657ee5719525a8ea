"""What hand-overs are made of: parts checked against what is held, booked as old as they are, debts behind them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared.errors import DomainError
from config.shared.templatetags.shared import format_quantity
from inventory.domain import ledger
from inventory.domain.errors import Shortage
from inventory.enums import Condition, LocationKind
from inventory.models import Lot, Part
from inventory.queries import on_hand
from spareparts.domain import debts
from spareparts.domain.aged import Going
from spareparts.domain.routes import place
from spareparts.models import HandOverLine
from workorders.models import User, WorkOrder

MOST_LINES = 500
MOST_QUANTITY = 1_000_000_000  # smallest steps; what the column and a typing error can bear


class BadParts(DomainError):
    """Parts that cannot be handed over; every one is a message."""


class NothingToHandOver(DomainError):
    def __init__(self) -> None:
        super().__init__(gettext_lazy("Choose at least one part and say how many."))


class NoLongerThere(DomainError):
    """Some of it was used or given away meanwhile; says what remains of every part."""

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        self.shortages = list(shortages)
        super().__init__(messages=[_remaining_words(each) for each in shortages])


@dataclass(frozen=True)
class HandedPart:
    """``quantity`` smallest steps of ``part``; ``work_order``: the job they were taken for."""

    part: Part
    quantity: int
    condition: str = Condition.NEW
    lot: Lot | None = None
    work_order: WorkOrder | None = None

    @property
    def going(self) -> Going:
        return Going(self.part, self.quantity, self.condition, self.lot)


def handed(line: HandOverLine, quantity: int) -> HandedPart:
    """``quantity`` of what the line is about."""
    return HandedPart(line.part, quantity, line.condition, line.lot, line.work_order)


def check_parts(parts: Sequence[HandedPart], *, held_by: User | None = None) -> None:
    """Refused: NothingToHandOver, BadParts: nonsense, or more than ``held_by`` holds."""
    if not parts:
        raise NothingToHandOver
    problems = [_("A hand-over holds at most %(most)s lines.") % {"most": MOST_LINES}] * (len(parts) > MOST_LINES)
    nonsense = [each for each in parts if not 0 < each.quantity <= MOST_QUANTITY]
    sentence = _("%(part)s: the quantity must be more than zero and not absurdly large.")
    problems += [sentence % {"part": each.part.number} for each in nonsense]
    if held_by is not None and not problems:
        problems += _beyond_what_is_held(parts, held_by)
    if problems:
        raise BadParts(messages=problems)


def _beyond_what_is_held(parts: Iterable[HandedPart], person: User) -> list[str]:
    rows = on_hand(place(LocationKind.ENGINEER, engineer=person))
    has = {(row.part_id, row.condition, row.lot_id): row.on_hand for row in rows}
    wanted: dict[tuple[int, str, int | None], int] = defaultdict(int)
    example: dict[tuple[int, str, int | None], HandedPart] = {}
    for each in parts:
        wanted[each.going.kind] += each.quantity
        example.setdefault(each.going.kind, each)
    sentence = _("%(part)s: %(person)s holds %(has)s, not %(asked)s.")
    return [
        sentence
        % {
            "part": each.part.number,
            "person": person,
            "has": amount(has.get(kind, 0), each.part),
            "asked": amount(wanted[kind], each.part),
        }
        for kind, each in example.items()
        if has.get(kind, 0) < wanted[kind]
    ]


def chosen(lines: Sequence[HandOverLine], quantities: Mapping[int, int] | None) -> dict[int, int]:
    """How much of each line (by key) is meant: all of it unless ``quantities`` says less. Refused: NothingToHandOver,
    BadParts (more than the line)."""
    wanted = {line.pk: line.quantity if quantities is None else quantities.get(line.pk, 0) for line in lines}
    sentence = _("%(part)s: it is about %(has)s, not %(asked)s.")
    problems = [
        sentence
        % {
            "part": line.part.number,
            "has": amount(line.quantity, line.part),
            "asked": amount(wanted[line.pk], line.part),
        }
        for line in lines
        if not 0 <= wanted[line.pk] <= line.quantity
    ]
    if problems:
        raise BadParts(messages=problems)
    if not any(wanted.values()):
        raise NothingToHandOver
    return wanted


def move_debts(lines: Iterable[HandOverLine], *, sender: User, receiver: User, at: datetime) -> None:
    """Old parts take their debts along. Before the posting: it takes its locks last."""
    for line in lines:
        if line.condition == Condition.OLD:
            debts.move_debts(
                sender=sender, receiver=receiver, part=line.part, lot=line.lot, quantity=line.accepted, at=at
            )


@contextmanager
def remaining_in_words() -> Iterator[None]:
    """Say what remains instead of what is short."""
    try:
        yield
    except ledger.NotEnoughStock as error:
        raise NoLongerThere(error.shortages) from error


def _remaining_words(short: Shortage) -> str:
    words = {
        "part": short.part.number if short.lot is None else f"{short.part.number} {short.lot.code}",
        "person": short.location,
        "has": amount(short.has, short.part),
        "asked": amount(short.asked, short.part),
    }
    if not short.has:
        return _("%(part)s: %(person)s has none left.") % words
    return _("%(part)s: %(person)s has %(has)s left, not %(asked)s. Take what remains.") % words


def amount(steps: int, part: Part) -> str:
    """A quantity as people read it: "1.5 m"."""
    return f"{format_quantity(steps, part.unit.decimal_places)} {part.unit.code}"
