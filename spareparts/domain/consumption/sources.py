"""Where the parts of a use come from: what the engineer holds, or a warehouse he may draw from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from config.shared.templatetags.shared import format_quantity
from inventory.domain import ledger
from inventory.domain.errors import Shortage
from inventory.enums import LocationKind
from inventory.models import Location, Part, Warehouse
from spareparts.domain.consumption.lines import BadLines, LineProblem, UsedPart, problem_at
from spareparts.domain.routes import place, require_leg
from spareparts.enums import Feature, Flow
from spareparts.policies import ModePolicy
from spareparts.queries.use import warehouses_to_draw_from
from workorders.models import User


@dataclass(frozen=True)
class Sources:
    """The place each line is taken from; all of it goes to the customer."""

    places: Sequence[Location]

    def moves(self, lines: Sequence[UsedPart]) -> list[ledger.Line]:
        """The new parts, from their places to the customer."""
        target = place(LocationKind.CUSTOMER)
        return [
            ledger.Line(line.part, line.quantity, source, target, line.condition, line.lot)
            for line, source in zip(lines, self.places, strict=True)
        ]


def find_sources(lines: Sequence[UsedPart], *, engineer: User, by: User, policy: ModePolicy) -> Sources:
    """Route every line. Refused: FlowNotInMode, BadLines (a warehouse the engineer may not draw from)."""
    _refuse_foreign(lines, engineer=engineer, by=by, policy=policy)
    own = LocationKind.ENGINEER if policy.has(Feature.PERSONAL_INVENTORY) else LocationKind.SUPPLIER
    found: dict[Warehouse | None, Location] = {}
    for line in lines:
        if line.warehouse not in found:
            kind = own if line.warehouse is None else LocationKind.SHELF
            source, _target = require_leg(policy, Flow.USE, kind, LocationKind.CUSTOMER)
            found[line.warehouse] = place(source, engineer=engineer, warehouse=line.warehouse)
    return Sources([found[line.warehouse] for line in lines])


def _refuse_foreign(lines: Sequence[UsedPart], *, engineer: User, by: User, policy: ModePolicy) -> None:
    wanted = {line.warehouse.pk for line in lines if line.warehouse is not None}
    if not wanted:
        return
    may = warehouses_to_draw_from(engineer, by=by, policy=policy).filter(pk__in=wanted)
    allowed = set(may.values_list("pk", flat=True))
    words = _("you cannot draw from this warehouse.")
    problems = [
        problem_at(index, line, "source", words)
        for index, line in enumerate(lines)
        if line.warehouse is not None and line.warehouse.pk not in allowed
    ]
    if problems:
        raise BadLines(problems)


def shortages_at_lines(
    shortages: Iterable[Shortage], lines: Sequence[UsedPart], places: Sequence[Location]
) -> list[LineProblem]:
    """What the ledger could not give, said at the first line that asked for it."""
    found = []
    for short in shortages:
        for index, (line, source) in enumerate(zip(lines, places, strict=True)):
            lot = short.lot.pk if short.lot is not None else None
            asked = (line.part.pk, str(line.condition), line.lot.pk if line.lot is not None else None, source.pk)
            if asked == (short.part.pk, str(short.condition), lot, short.location.pk):
                found.append(problem_at(index, line, "quantity", _short_words(short)))
                break
    return found


def _short_words(short: Shortage) -> str:
    words = {
        "place": short.location,
        "has": amount(short.has, short.part),
        "asked": amount(short.asked, short.part),
        "lot": short.lot.code if short.lot is not None else "",
    }
    if short.lot is not None:
        return _("%(place)s holds %(has)s of %(lot)s, and %(asked)s are needed.") % words
    return _("%(place)s holds %(has)s, and %(asked)s are needed.") % words


def amount(steps: int, part: Part) -> str:
    """So many with their unit, as people read it."""
    return f"{format_quantity(steps, part.unit.decimal_places)} {part.unit.code}"
