"""What engineers collect before a job: the depots' first stock, and parts over the counter, a few more than needed."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from inventory.domain.locations import personal_location
from inventory.enums import Condition, OldPartRule, Tracking
from inventory.models import Balance, Bin, Lot, Part, Warehouse
from spareparts.demo.people import FIRST_ADMINISTRATOR
from spareparts.demo.stage import Stage
from spareparts.domain.consumption import UsedPart
from spareparts.domain.modes import change_terms
from spareparts.domain.opening import OpeningLine, open_stock
from spareparts.domain.requisitions import CounterPart, issue_at_counter
from spareparts.enums import ApprovalMode, Feature, OldPartAnswer
from spareparts.models import WarehouseTerms
from spareparts.queries import current_settings
from spareparts.queries.requisitions import free_stock
from workorders.models import Team, User

SERVED = {"VIE": "Vienna", "LNZ": "Linz", "GRZ": "Graz"}
SERIALS = {"full": 6, "small": 2}
TAKES_MORE = 0.3  # of all visits to the counter somebody takes a part for the van as well
PIECES = (12, 60)
WITH_THE_FIRST = "One old part came out for both."


@dataclass(frozen=True)
class Depot:
    """A warehouse and who serves at its counter."""

    warehouse: Warehouse | None
    clerk: User


def open_depots(stage: Stage) -> None:
    """Terms, bins and what lies on the shelves at the beginning; nothing where the mode keeps no such stock."""
    policy = stage.policy
    if not policy.has(Feature.PERSONAL_INVENTORY):
        return
    row, ada = current_settings(), stage.people[FIRST_ADMINISTRATOR]
    terms = {
        "requisition_approval": ApprovalMode.BY_RULE,
        "rule_value": 900,
        "old_part_default": OldPartRule.NEVER,  # the catalogue says of each part whether it comes back
    }
    change_terms(by=ada, at=stage.beginning, expected_version=row.version, **terms)
    stage.forget_policy()
    if not policy.has(Feature.WAREHOUSE_STOCK):
        return
    for warehouse in Warehouse.objects.order_by("pk"):
        served = WarehouseTerms.objects.create(warehouse=warehouse)
        served.teams.set(Team.objects.filter(name=SERVED[warehouse.code]))
        _add_bins(stage, warehouse)
        open_stock(
            by=ada,
            at=stage.beginning,
            key=stage.new_key(),
            policy=stage.policy,
            lines=list(_first_stock(stage, warehouse)),
            warehouse=warehouse,
        )


def _add_bins(stage: Stage, warehouse: Warehouse) -> None:
    parts = sorted(stage.parts.values(), key=lambda part: part.number)
    Bin.objects.bulk_create(
        Bin(warehouse=warehouse, part=part, code=f"{chr(65 + index // 60)}-{index // 6 % 10 + 1:02d}-{index % 6 + 1}")
        for index, part in enumerate(parts)
    )


def _first_stock(stage: Stage, warehouse: Warehouse) -> list[OpeningLine]:
    serials = SERIALS["small" if stage.is_small else "full"]
    lines: list[OpeningLine] = []
    for number, part in enumerate(stage.parts.values(), start=1):
        if part.tracking == Tracking.SERIAL:
            codes = [f"{warehouse.code[0]}{number:03d}-{piece:04d}" for piece in range(1, serials + 1)]
            lines += [OpeningLine(part, 1, number, code) for code in codes]
        else:
            lot = f"B{number % 40:02d}-{warehouse.code}" if part.tracking == Tracking.BATCH else ""
            lines.append(OpeningLine(part, stage.dice.randint(*PIECES) * _whole(part), number, lot))
    return lines


def _whole(part: Part) -> int:
    return int(10**part.unit.decimal_places)


def depot_of(stage: Stage, engineer: User) -> Depot:
    """The depot that serves his team, and one of its managers; where no stock is kept only the manager."""
    karl = stage.people["Karl Huber"]
    if not stage.policy.has(Feature.WAREHOUSE_STOCK):
        return Depot(None, karl)
    terms = WarehouseTerms.objects.filter(teams=engineer.team_id).select_related("warehouse").first()
    warehouse = terms.warehouse if terms is not None else Warehouse.objects.get(is_default=True)
    return Depot(warehouse, warehouse.managers.order_by("pk").first() or karl)


def supply(stage: Stage, engineer: User, lines: list[UsedPart], *, at: datetime) -> list[UsedPart]:
    """Let ``engineer`` hold what ``lines`` take, and name the lots they take; unchanged where nothing is held."""
    if not stage.policy.has(Feature.PERSONAL_INVENTORY):
        return lines
    missing = _missing(engineer, lines)
    if missing:
        if stage.dice.random() < TAKES_MORE:
            missing[stage.dice.choice(_cheap(stage))] += stage.dice.randint(1, 4)
        collect(stage, engineer, missing, at=at)
    return _with_lots(stage, engineer, lines) if stage.policy.has(Feature.LOTS_ENFORCED) else lines


def collect(stage: Stage, engineer: User, wanted: Counter[Part], *, at: datetime) -> None:
    """Over the counter, for the van. What the depot has run out of is brought in first."""
    depot = depot_of(stage, engineer)
    parts = _with_stock(stage, depot.warehouse, wanted, at=at) if depot.warehouse else _plain(wanted)
    issue_at_counter(
        engineer=engineer,
        by=depot.clerk,
        at=at,
        key=stage.new_key(),
        policy=stage.policy,
        warehouse=depot.warehouse,
        parts=parts,
    )


def _plain(wanted: Counter[Part]) -> list[CounterPart]:
    return [CounterPart(part, quantity) for part, quantity in wanted.items()]


def _missing(engineer: User, lines: list[UsedPart]) -> Counter[Part]:
    wanted: Counter[Part] = Counter()
    for line in lines:
        wanted[line.part] += line.quantity
    held = {part.pk: sum(steps for _lot, steps in rows) for part, rows in _held(engineer, list(wanted)).items()}
    return Counter(
        {part: steps - held.get(part.pk, 0) for part, steps in wanted.items() if steps > held.get(part.pk, 0)}
    )


def _held(engineer: User, parts: list[Part]) -> dict[Part, list[tuple[Lot | None, int]]]:
    found: dict[Part, list[tuple[Lot | None, int]]] = defaultdict(list)
    rows = Balance.objects.filter(
        location=personal_location(engineer), part__in=parts, on_hand__gt=0, condition=Condition.NEW
    )
    for row in rows.select_related("part", "lot").order_by("pk"):
        found[row.part].append((row.lot, row.on_hand))
    return found


def _cheap(stage: Stage) -> list[Part]:
    """What one takes for the van without thinking."""
    parts = sorted(stage.parts.values(), key=lambda part: part.number)
    return [part for part in parts if part.tracking == Tracking.NONE and part.is_listed and 2 < part.unit_cost < 120]


def _with_stock(stage: Stage, warehouse: Warehouse, wanted: Counter[Part], *, at: datetime) -> list[CounterPart]:
    shelf: dict[int, list[Balance]] = defaultdict(list)
    for row in free_stock([part.pk for part in wanted], warehouse=warehouse):
        shelf[row.part_id].append(row)
    taken: Counter[tuple[Part, Lot | None]] = Counter()
    for part, quantity in wanted.items():
        left = quantity
        for row in shelf[part.pk]:
            taken[part, row.lot] += min(left, row.on_hand)
            left -= min(left, row.on_hand)
        for lot, amount in _delivered(stage, warehouse, part, left, at=at) if left else []:
            taken[part, lot] += amount
    return [CounterPart(part, amount, lot) for (part, lot), amount in (+taken).items()]


def _delivered(
    stage: Stage, warehouse: Warehouse, part: Part, missing: int, *, at: datetime
) -> list[tuple[Lot | None, int]]:
    """The depot has run out: a delivery comes in, and the engineer takes what he needs of it."""
    if part.tracking == Tracking.SERIAL:
        lines = [OpeningLine(part, 1, row, f"N{stage.dice.randint(100_000, 999_999)}") for row in range(missing)]
    else:
        lot = f"N{stage.dice.randint(1000, 9999)}" if part.tracking == Tracking.BATCH else ""
        lines = [OpeningLine(part, missing + stage.dice.randint(4, 20) * _whole(part), 1, lot)]
    ada = stage.people[FIRST_ADMINISTRATOR]
    facts = {"at": at, "key": stage.new_key(), "policy": stage.policy, "warehouse": warehouse}
    open_stock(by=ada, lines=lines, **facts)  # type: ignore[arg-type]
    lots = {lot.code: lot for lot in Lot.objects.filter(part=part, code__in=[line.lot_code for line in lines])}
    return [(lots.get(line.lot_code), min(line.quantity, missing)) for line in lines]


def _with_lots(stage: Stage, engineer: User, lines: list[UsedPart]) -> list[UsedPart]:
    """A tracked part is used by the lots held; the old part goes with the first of them."""
    held = _held(engineer, [line.part for line in lines if line.part.tracking != Tracking.NONE])
    found: list[UsedPart] = []
    for line in lines:
        if line.part.tracking == Tracking.NONE:
            found.append(line)
            continue
        left, is_first = line.quantity, True
        for index, (lot, steps) in enumerate(held[line.part]):
            amount = min(left, steps)
            if amount:
                found.append(_of_lot(line, lot, amount, is_first=is_first))
                held[line.part][index] = (lot, steps - amount)
                left, is_first = left - amount, False
    return found


def _of_lot(line: UsedPart, lot: Lot | None, quantity: int, *, is_first: bool) -> UsedPart:
    if is_first:
        return replace(line, lot=lot, quantity=quantity, lot_text="")
    nothing = {"old_part_answer": OldPartAnswer.NONE, "taken_from": None, "old_part": None, "old_serial": ""}
    if line.old_part_answer == OldPartAnswer.RETURNING:
        nothing["old_reason"] = WITH_THE_FIRST
    return replace(line, lot=lot, quantity=quantity, lot_text="", **nothing)  # type: ignore[arg-type]
