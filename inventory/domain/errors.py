"""Why the ledger refuses, in words for the person who asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared.errors import DomainError
from config.shared.templatetags.shared import format_quantity
from inventory.enums import Condition
from inventory.models import Location, Lot, Part, Posting


class LedgerError(DomainError):
    """A posting that was refused; nothing was written."""


class EmptyPosting(LedgerError):
    """A posting without a line."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("There is nothing to book: add at least one line."))


class BadLine(LedgerError):
    """A line that no stock could make right: its quantity, its places or its lot."""


class KeyReused(LedgerError):
    """The key was used before, for other content; ``posting`` is what was booked then."""

    def __init__(self, posting: Posting) -> None:
        self.posting = posting
        words = {"reference": posting.reference}
        super().__init__(_("This was already booked as %(reference)s, with other content.") % words)


class AlreadyReversed(LedgerError):
    """A posting is reversed at most once; ``reversal`` is the one that did it."""

    def __init__(self, reversal: Posting) -> None:
        self.reversal = reversal
        words = {"reference": reversal.reference, "person": reversal.posted_by}
        super().__init__(_("%(person)s already undid this, see %(reference)s.") % words)


class ReversalIsFinal(LedgerError):
    """What was undone is booked again, not undone twice."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("An undo cannot be undone. Book the parts again instead."))


@dataclass(frozen=True)
class Shortage:
    """``has`` and ``asked`` count smallest steps of the part's unit."""

    part: Part
    condition: str
    lot: Lot | None
    location: Location
    has: int
    asked: int


class NotEnoughStock(LedgerError):
    """A place holds less than was asked of it. ``shortages`` names every short line, not only the first."""

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        self.shortages = list(shortages)
        super().__init__(messages=[_shortage_sentence(each) for each in shortages])


class SerialElsewhere(LedgerError):
    """A serial number is in at most one place; ``places`` pairs each lot with where it lies now."""

    def __init__(self, places: Iterable[tuple[Lot, Location]]) -> None:
        self.places = list(places)
        sentence = _("Serial number %(serial)s is already here: %(place)s.")
        super().__init__(messages=[sentence % {"serial": lot, "place": place} for lot, place in self.places])


class StockBusy(LedgerError):
    """Somebody held the same parts for too long, or two writers crossed. Trying again is right."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Someone is working on the same parts. Try again."))


def _shortage_sentence(short: Shortage) -> str:
    words = {
        "part": short.part.number,
        "kind": "" if short.condition == Condition.NEW else Condition(short.condition).label,
        "lot": short.lot.code if short.lot is not None else "",
        "place": short.location,
        "has": _amount(short.has, short.part),
        "asked": _amount(short.asked, short.part),
    }
    if words["lot"] and words["kind"]:
        return _("%(part)s %(lot)s (%(kind)s): %(place)s has %(has)s, you asked for %(asked)s.") % words
    if words["lot"]:
        return _("%(part)s %(lot)s: %(place)s has %(has)s, you asked for %(asked)s.") % words
    if words["kind"]:
        return _("%(part)s (%(kind)s): %(place)s has %(has)s, you asked for %(asked)s.") % words
    return _("%(part)s: %(place)s has %(has)s, you asked for %(asked)s.") % words


def _amount(steps: int, part: Part) -> str:
    return f"{format_quantity(steps, part.unit.decimal_places)} {part.unit.code}"
