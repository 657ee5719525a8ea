"""Where returned parts go under the mode, and how old they are: what lines of a return mean in the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from inventory import queries as stock
from inventory.domain import ledger
from inventory.enums import WAREHOUSE_KINDS, Condition, LocationKind
from inventory.models import Balance, Location, Move
from spareparts.domain.routes import FlowNotInMode, place, require_leg
from spareparts.enums import Disposition, Flow
from spareparts.models import Return, ReturnLine
from spareparts.policies import ModePolicy
from workorders.models import User

Key = tuple[int, str, int | None]  # part, condition, lot
TARGETS = {Disposition.SCRAP: LocationKind.SCRAP}  # everything else lies on the shelf, marked


def key_of(line: ReturnLine) -> Key:
    return (line.part_id, line.condition, line.lot_id)


def flow_of(condition: str) -> Flow:
    """Old parts travel back on a flow of their own."""
    return Flow.OLD_PART_BACK if condition == Condition.OLD else Flow.UNUSED_BACK


def first_target(policy: ModePolicy, condition: str = Condition.NEW) -> LocationKind:
    """Where parts come to when the engineer hands them over. Refused: FlowNotInMode."""
    flow = flow_of(condition)
    for way in policy.routes.get(flow, ()):
        if way[0][0] == LocationKind.ENGINEER:
            return way[0][1]
    raise FlowNotInMode(flow)


def goes_to_a_desk(policy: ModePolicy) -> bool:
    """Is there a warehouse that takes the parts in, or are they gone once they are handed over?"""
    return first_target(policy) in WAREHOUSE_KINDS


class Ages:
    """What lies somewhere, by age; ``take`` uses it up, the oldest first. Quantities are smallest steps."""

    def __init__(self, layers: Iterable[tuple[Key, datetime, int]]) -> None:
        self._layers: dict[Key, list[tuple[datetime, int]]] = defaultdict(list)
        for key, since, quantity in layers:
            self._layers[key].append((since, quantity))

    def left(self, key: Key) -> int:
        return sum(quantity for _since, quantity in self._layers.get(key, ()))

    def take(self, key: Key, quantity: int) -> list[tuple[datetime, int]]:
        """At most ``quantity`` out of what is left, with the moment each part of it is held since."""
        taken = []
        layers = self._layers.get(key, [])
        while quantity and layers:
            since, there = layers[0]
            part = min(there, quantity)
            taken.append((since, part))
            quantity -= part
            layers[0] = (since, there - part)
            if not layers[0][1]:
                layers.pop(0)
        return taken


def ages_held(engineer: User) -> Ages:
    """What the engineer holds, by age. One statement."""
    found = stock.layers(Location.objects.filter(owner=engineer))
    return Ages(((layer.part_id, layer.condition, layer.lot_id), layer.since, layer.quantity) for layer in found)


def ages_handed_over(document: Return) -> Ages:
    """What the return brought into transit, by age: what is refused goes back as old as it was."""
    moves = Move.objects.filter(posting=document.posting).order_by("pk")
    return Ages(((move.part_id, move.condition, move.lot_id), move.held_since, move.quantity) for move in moves)


def to_first_target(
    document: Return, amounts: Sequence[tuple[ReturnLine, int]], ages: Ages, *, policy: ModePolicy
) -> list[ledger.Line]:
    """``amounts`` leave the engineer, age by age; each line is told since when its oldest piece was held."""
    lines = []
    for row, quantity in amounts:
        leg = require_leg(policy, flow_of(row.condition), LocationKind.ENGINEER, first_target(policy, row.condition))
        source, target = (place(kind, engineer=document.engineer, warehouse=document.warehouse) for kind in leg)
        layers = ages.take(key_of(row), quantity)
        missing = quantity - sum(taken for _since, taken in layers)
        row.held_since = min((since for since, _taken in layers), default=None)
        for since, taken in layers:
            lines.append(ledger.Line(row.part, taken, source, target, row.condition, row.lot, since))
        if missing:  # not there: the ledger says so in words
            lines.append(ledger.Line(row.part, missing, source, target, row.condition, row.lot))
    return lines


def from_transit(
    document: Return,
    row: ReturnLine,
    quantity: int,
    kind: LocationKind,
    *,
    policy: ModePolicy,
    flow: Flow | None = None,
) -> ledger.Line:
    """``quantity`` of the line go from transit to ``kind``. Refused: FlowNotInMode."""
    leg = require_leg(policy, flow_of(row.condition), LocationKind.TRANSIT, kind)
    source, target = (place(each, engineer=document.engineer, warehouse=document.warehouse) for each in leg)
    return ledger.Line(row.part, quantity, source, target, row.condition, row.lot)


def lock_stock(document: Return, rows: Iterable[ReturnLine], *, kinds: Iterable[LocationKind]) -> None:
    """Take the balance rows of two postings in the one order before the first of them."""
    places = [place(kind, engineer=document.engineer, warehouse=document.warehouse) for kind in kinds]
    held = Balance.objects.filter(location__in=places, part__in={row.part_id for row in rows})
    list(held.select_for_update(no_key=True).order_by("pk"))
