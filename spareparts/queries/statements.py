"""An inventory as of the evening of any day, and what a move looks like from one side."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from inventory.enums import LocationKind
from inventory.models import Location, Lot, Move, Part
from inventory.queries import span_of_days, statement
from spareparts.queries.holdings import company_zone, value_of
from workorders.models import User


@dataclass(frozen=True, slots=True)
class StatementLine:
    """``quantity`` smallest steps were held on the evening of the day, at what the part costs today."""

    part: Part
    condition: str
    lot: Lot | None
    quantity: int
    value: Decimal


def held_on(engineer: User, day: date) -> list[StatementLine]:
    """What ``engineer`` held when ``day`` ended in the company's zone, by part number. At most four statements."""
    place = Location.objects.filter(owner=engineer).first()
    if place is None:
        return []
    _start, end = span_of_days(day, day, company_zone())
    rows = [row for row in statement(place, start=end, end=end) if row.opening]
    parts = Part.objects.select_related("unit").in_bulk({row.part_id for row in rows})
    lots = Lot.objects.in_bulk({row.lot_id for row in rows if row.lot_id is not None})
    lines = [
        StatementLine(
            part=parts[row.part_id],
            condition=row.condition,
            lot=lots[row.lot_id] if row.lot_id is not None else None,
            quantity=row.opening,
            value=value_of(parts[row.part_id], row.condition, row.opening),
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (line.part.number, line.condition, line.lot.code if line.lot else ""))


def came(move: Move, engineer: User) -> bool:
    """Whether the parts came to ``engineer``; else they left him."""
    return move.target.owner_id == engineer.pk


def other_side(move: Move, engineer: User) -> str:
    """Where the parts came from or went to, in a word."""
    place = move.source if came(move, engineer) else move.target
    if place.kind == LocationKind.ENGINEER:
        return str(place.owner)
    if place.warehouse is not None:
        return str(place.warehouse)
    return str(place.get_kind_display())
