"""Parts that leave a place as old as they are: first in, first out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from inventory.domain import ledger
from inventory.enums import Condition
from inventory.models import Location, Lot, Part
from inventory.queries import layers

Kind = tuple[int, str, int | None]  # part, condition, lot


@dataclass(frozen=True)
class Going:
    """``quantity`` smallest steps of what a place holds."""

    part: Part
    quantity: int
    condition: str = Condition.NEW
    lot: Lot | None = None

    @property
    def kind(self) -> Kind:
        return (self.part.pk, str(self.condition), self.lot.pk if self.lot else None)


def aged_lines(
    going: Iterable[Going], *, source: Location, target: Location, keeps_age: bool = True
) -> list[ledger.Line]:
    """The lines that take ``going`` from ``source`` to ``target``, one for each age; without ``keeps_age`` as of now.

    What is not there any more gets a line as well: the ledger refuses it, and names all that is short.
    """
    if not keeps_age:
        return [ledger.Line(each.part, each.quantity, source, target, each.condition, each.lot) for each in going]
    found: dict[Kind, list[tuple[int, datetime | None]]] = defaultdict(list)
    for layer in reversed(layers(Location.objects.filter(pk=source.pk))):
        found[layer.part_id, layer.condition, layer.lot_id].append((layer.quantity, layer.since))
    return [
        ledger.Line(each.part, quantity, source, target, each.condition, each.lot, since)
        for each in going
        for quantity, since in _take(found[each.kind], each.quantity)
    ]


def _take(ages: list[tuple[int, datetime | None]], wanted: int) -> list[tuple[int, datetime | None]]:
    """Take ``wanted`` smallest steps off the end of ``ages``, where the oldest stand."""
    taken: list[tuple[int, datetime | None]] = []
    while wanted and ages:
        quantity, since = ages.pop()
        taken.append((min(quantity, wanted), since))
        if quantity > wanted:
            ages.append((quantity - wanted, since))
        wanted -= taken[-1][0]
    return [*taken, (wanted, None)] if wanted else taken
