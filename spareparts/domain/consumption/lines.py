"""What one line of use says, and what can be wrong with it whatever lies where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared.errors import DomainError
from inventory.enums import Condition, LocationKind, Tracking
from inventory.models import Lot, Part, Warehouse
from spareparts.domain.costs import MOST_COST, line_cost
from spareparts.domain.routes import has_leg
from spareparts.enums import Feature, Flow, OldPartAnswer
from spareparts.policies import ModePolicy

MOST_LINES = 200
MOST_QUANTITY = 1_000_000_000  # smallest steps; what the column and a typing error can bear
USABLE = frozenset({Condition.NEW, Condition.REPAIRED})
LONGEST_REASON = 200


class NothingUsed(DomainError):
    """A document without a line."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Add at least one part and say how many you used."))


@dataclass(frozen=True)
class LineProblem:
    """What is wrong with one line: ``index`` counts from 0, ``field`` is the form field to blame."""

    index: int
    field: str
    message: str


class BadLines(DomainError):
    """All the lines that cannot be recorded, each with its part."""

    def __init__(self, problems: Sequence[LineProblem]) -> None:
        self.problems = list(problems)
        super().__init__(messages=[problem.message for problem in problems])


@dataclass(frozen=True)
class UsedPart:
    """One line: ``quantity`` smallest steps of ``part`` were used, out of ``warehouse`` or what the engineer holds.

    The old part is either the entry ``taken_from`` (key of an EquipmentPart of the machine) or ``old_part`` of the
    catalogue, which may be unlisted. ``is_taken_out`` False: it comes back, but it is still in the machine.
    ``old_reason`` says why one that must come back does not.
    """

    part: Part
    quantity: int
    lot_text: str = ""
    old_part_answer: str = OldPartAnswer.NONE
    old_part: Part | None = None
    taken_from: int | None = None
    old_serial: str = ""
    condition: str = Condition.NEW
    lot: Lot | None = None
    warehouse: Warehouse | None = None
    is_taken_out: bool = True
    old_reason: str = ""

    @property
    def has_old_part(self) -> bool:
        return self.old_part_answer != OldPartAnswer.NONE

    @property
    def is_returning(self) -> bool:
        return self.old_part_answer == OldPartAnswer.RETURNING

    @property
    def cost(self) -> Decimal:
        """Today's cost; the line of the document freezes it."""
        return line_cost(self.part.unit_cost, self.quantity, self.part.unit.decimal_places)


def check(lines: Sequence[UsedPart], policy: ModePolicy, *, has_machine: bool) -> None:
    """Refused: NothingUsed, BadLines with every problem that needs no look into the books."""
    if not lines:
        raise NothingUsed
    problems = [
        problem_at(index, line, name, words)
        for index, line in enumerate(lines)
        for name, words in _problems_of(line, policy, has_machine=has_machine)
    ]
    if len(lines) > MOST_LINES:
        problems.append(
            LineProblem(MOST_LINES, "part", _("A record holds at most %(most)s lines.") % {"most": MOST_LINES})
        )
    if problems:
        raise BadLines(problems)


def problem_at(index: int, line: UsedPart, name: str, words: str) -> LineProblem:
    """The problem with the number of its line and its part in front."""
    sentence = _("Line %(line)s, %(part)s: %(problem)s")
    return LineProblem(index, name, sentence % {"line": index + 1, "part": line.part.number, "problem": words})


def _problems_of(line: UsedPart, policy: ModePolicy, *, has_machine: bool) -> Iterator[tuple[str, str]]:
    if line.quantity <= 0:
        yield "quantity", _("the quantity must be more than zero.")
    elif line.quantity > MOST_QUANTITY or line.cost >= MOST_COST:
        yield "quantity", _("the quantity is too large.")
    yield from _old_part_problems(line, has_machine=has_machine)
    if line.warehouse is not None and not has_leg(policy, Flow.USE, LocationKind.SHELF, LocationKind.CUSTOMER):
        yield "source", _("parts are used from what the engineer holds, not from a warehouse.")
    if line.condition not in USABLE:
        yield "quantity", _("an old part cannot be used again before it is repaired.")
    if policy.has(Feature.LOTS_ENFORCED):
        yield from _lot_problems(line)


def _old_part_problems(line: UsedPart, *, has_machine: bool) -> Iterator[tuple[str, str]]:
    if line.old_part_answer not in OldPartAnswer.values:
        yield "old_part_answer", _("say what happens to the old part.")
    elif line.has_old_part and line.old_part is None and line.taken_from is None:
        yield "old_part", _("name the old part that was taken out.")
    elif not line.has_old_part and (line.old_part or line.taken_from or line.old_serial):
        yield "old_part_answer", _("an old part is named, so say what happens to it.")
    if line.taken_from is not None and not has_machine:
        yield "old_part", _("this job names no machine to take an old part from.")
    if len(line.old_reason) > LONGEST_REASON:
        yield "old_reason", _("the reason is too long.")


def _lot_problems(line: UsedPart) -> Iterator[tuple[str, str]]:
    """Batches and serial numbers where they are enforced: whether the lot lies there, the ledger says."""
    if line.part.tracking == Tracking.NONE:
        return
    if line.lot is None:
        is_serial = line.part.tracking == Tracking.SERIAL
        yield "lot", _("choose the serial number.") if is_serial else _("choose the batch.")
    elif line.lot.part_id != line.part.pk:
        yield "lot", _("%(lot)s belongs to another part.") % {"lot": line.lot}
    if line.part.tracking == Tracking.SERIAL and line.quantity > 1:
        yield "quantity", _("a serial number is one piece: use one line per number.")
