"""What the engineers do with what they hold: give it back now and then, ask for more, send, hand over, lose, buy."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from inventory.enums import Condition, Tracking
from inventory.models import Part, Warehouse
from spareparts.demo.stage import Stage
from spareparts.demo.stories import Step
from spareparts.demo.supply import collect, depot_of
from spareparts.domain.hand_overs import HandedPart, offer_hand_over
from spareparts.domain.losses import report_loss
from spareparts.domain.purchases import BoughtPart, record_purchase
from spareparts.domain.requisitions import (
    AskedLine,
    create_requisition,
    pack_requisition,
    submit_requisition,
)
from spareparts.domain.returns import ReturnedPart, hand_over_return, prepare_return, take_back_at_counter
from spareparts.domain.shipments import create_shipments
from spareparts.enums import DebtStatus, Feature, LossKind, ReceivingMethod, ReturnMethod
from spareparts.models import OldPartDebt, Requisition
from spareparts.queries.holdings import Holding, holdings_of
from workorders.models import User, WorkOrder

GIVES_BACK_EVERY = 7  # days
UNUSED_AFTER = 6  # days
FORGETS = 0.45  # of the parts that should go back stay in the van
CARRIER = "Alpen Express"


def field_steps(stage: Stage) -> Iterator[Step]:
    """Everything beside the jobs, as far as the mode knows it; each step at its time."""
    if not stage.policy.has(Feature.PERSONAL_INVENTORY):
        return
    engineers = [person for person in stage.people.values() if person.is_engineer and person.is_active]
    for number, engineer in enumerate(engineers):
        for day in range(-80 + number, -3, GIVES_BACK_EVERY):
            at = stage.moment(stage.nearest_workday(day), "16:30") + timedelta(minutes=number)
            yield Step(at, partial(_give_back, stage, engineer))
    for days, clock, act in _scenes(stage):
        yield Step(stage.moment(stage.nearest_workday(days), clock), partial(act, stage))


def _scenes(stage: Stage) -> Iterator[tuple[int, str, Callable[..., None]]]:
    yield -40, "09:10", _takes_for_the_van
    yield -18, "09:10", _takes_for_the_van
    yield -6, "15:20", _loses
    yield -3, "12:40", _buys
    yield -1, "15:00", _asks_for_today
    yield -1, "16:10", _asks_for_much
    yield -1, "17:20", _offers
    if stage.policy.has(Feature.SHIPMENT):
        yield -2, "10:30", _is_sent_parts
        yield -1, "11:05", _sends_back
        yield -1, "14:45", _waits_for_stock


# ---------------------------------------------------------------- giving back
def _give_back(stage: Stage, engineer: User, *, at: datetime) -> None:
    """Old parts that are owed and new ones that were not needed; some are forgotten."""
    parts = [*_owed(engineer, before=at - timedelta(days=4)), *_unused(stage, engineer, at=at)]
    chosen = [part for part in parts if stage.dice.random() >= FORGETS]
    if not chosen:
        return
    depot = depot_of(stage, engineer)
    take_back_at_counter(
        engineer=engineer,
        by=depot.clerk,
        at=at,
        key=stage.new_key(),
        policy=stage.policy,
        warehouse=depot.warehouse,
        parts=chosen,
    )


def _owed(engineer: User, *, before: datetime) -> list[ReturnedPart]:
    debts = OldPartDebt.objects.filter(engineer=engineer, status=DebtStatus.HELD, created_at__lt=before)
    return [
        ReturnedPart(debt.part, debt.quantity, Condition.OLD, debt.lot, debt=debt)
        for debt in debts.select_related("part__unit", "lot").order_by("pk")
    ]


def _unused(stage: Stage, engineer: User, *, at: datetime) -> list[ReturnedPart]:
    return [
        ReturnedPart(held.part, held.quantity, held.condition, held.lot)
        for held in holdings_of(engineer, at=at)
        if not held.is_old and held.days > UNUSED_AFTER
    ]


# ---------------------------------------------------------------- taking and asking
def _some(stage: Stage, count: int) -> list[Part]:
    """Cheap parts everybody uses, the same ones in every mode."""
    plain = sorted((part for part in stage.parts.values() if _is_plain(part)), key=lambda part: part.number)
    return [plain[index * 7 % len(plain)] for index in range(count)]


def _is_plain(part: Part) -> bool:
    return part.is_listed and part.tracking == Tracking.NONE and part.unit.code == "pc" and 4 < part.unit_cost < 60


def _takes_for_the_van(stage: Stage, *, at: datetime) -> None:
    """Things for the van, of which some will not be needed."""
    parts = _some(stage, 24)
    for number, name in enumerate(("Jana Novak", "Tom Berger", "Aisha Khan", "Mia Weiss", "Chen Wei", "Luis Ortega")):
        wanted = Counter(dict.fromkeys(parts[number * 3 : number * 3 + 4], 1 + number % 3))
        collect(stage, stage.people[name], wanted, at=at)


def _ask(
    stage: Stage, name: str, parts: list[tuple[Part, int]], *, at: datetime, job: WorkOrder | None = None, **facts: Any
) -> Requisition:
    engineer = stage.people[name]
    needed_at = stage.moment(0, "13:00")
    requisition = create_requisition(
        engineer=engineer,
        by=engineer,
        at=at,
        policy=stage.policy,
        lines=[AskedLine(part, quantity) for part, quantity in parts],
        work_order=job,
        needed_at=needed_at,
        **facts,
    )
    submit_requisition(requisition, by=engineer, at=at, key=stage.new_key(), policy=stage.policy)
    return requisition


def _asks_for_today(stage: Stage, *, at: datetime) -> None:
    """Jana's parts for the job of the morning lie packed at the counter."""
    first, second = _some(stage, 2)
    job = WorkOrder.objects.filter(number="WO-10411").first()
    requisition = _ask(stage, "Jana Novak", [(first, 2), (second, 1)], at=at, job=job)
    if stage.policy.has(Feature.WAREHOUSE_STOCK):
        clerk = depot_of(stage, requisition.engineer).clerk
        pack_requisition(requisition, by=clerk, at=at, policy=stage.policy)


def _asks_for_much(stage: Stage, *, at: datetime) -> None:
    """Dear enough to wait for somebody's approval."""
    plain = [part for part in stage.parts.values() if part.is_listed and part.tracking == Tracking.NONE]
    dear = max(plain, key=lambda part: part.unit_cost)
    _ask(stage, "Tom Berger", [(dear, 3 * 10**dear.unit.decimal_places)], at=at)


def _is_sent_parts(stage: Stage, *, at: datetime) -> None:
    """A parcel to Aisha is on the way."""
    third, fourth = _some(stage, 4)[2:]
    requisition = _ask(
        stage, "Aisha Khan", [(third, 4), (fourth, 2)], at=at, receiving_method=ReceivingMethod.TO_ENGINEER
    )
    create_shipments(
        [requisition],
        by=depot_of(stage, requisition.engineer).clerk,
        at=at,
        key=stage.new_key(),
        policy=stage.policy,
        carrier=CARRIER,
        tracking_number="AE 4471 9020 11",
    )


def _waits_for_stock(stage: Stage, *, at: datetime) -> None:
    """More than the depot has: the rest stays open."""
    fifth = _some(stage, 5)[4]
    _ask(stage, "Luis Ortega", [(fifth, 90)], at=at)


# ---------------------------------------------------------------- handing on, losing, buying
def _holdings(stage: Stage, name: str, *, at: datetime) -> list[Holding]:
    return [held for held in holdings_of(stage.people[name], at=at) if not held.is_old]


def _offers(stage: Stage, *, at: datetime) -> None:
    held = _holdings(stage, "Chen Wei", at=at)
    if not held:
        return
    offer_hand_over(
        sender=stage.people["Chen Wei"],
        receiver=stage.people["Jana Novak"],
        by=stage.people["Chen Wei"],
        at=at,
        policy=stage.policy,
        parts=[HandedPart(held[0].part, held[0].quantity, held[0].condition, held[0].lot)],
        reason="You are at the chiller tomorrow, I am not.",
    )


def _sends_back(stage: Stage, *, at: datetime) -> None:
    """A parcel with what was not needed comes to the depot."""
    engineer = stage.people["Mia Weiss"]
    held = _holdings(stage, "Mia Weiss", at=at)[:2]
    if not held:
        return
    depot = depot_of(stage, engineer)
    document = prepare_return(
        engineer=engineer,
        by=engineer,
        at=at,
        policy=stage.policy,
        parts=[ReturnedPart(each.part, each.quantity, each.condition, each.lot) for each in held],
        warehouse=depot.warehouse or Warehouse.objects.get(is_default=True),
        method=ReturnMethod.SEND,
    )
    hand_over_return(document, by=engineer, at=at, key=stage.new_key(), policy=stage.policy)


def _loses(stage: Stage, *, at: datetime) -> None:
    held = _holdings(stage, "Luis Ortega", at=at)
    if not held:
        return
    engineer = stage.people["Luis Ortega"]
    report_loss(
        engineer=engineer,
        by=engineer,
        at=at,
        key=stage.new_key(),
        policy=stage.policy,
        part=held[0].part,
        quantity=10 ** held[0].part.unit.decimal_places,
        kind=LossKind.LOST,
        reason="Fell into the shaft, the pit is flooded.",
        lot=held[0].lot,
        condition=held[0].condition,
    )


def _buys(stage: Stage, *, at: datetime) -> None:
    engineer, part = stage.people["Mia Weiss"], _some(stage, 6)[5]
    record_purchase(
        engineer=engineer,
        by=engineer,
        at=at,
        key=stage.new_key(),
        policy=stage.policy,
        supplier="Eisen-Ferdl, Graz",
        lines=[BoughtPart(part, 2, (part.unit_cost * Decimal("1.2")).quantize(Decimal("0.01")))],
        note="The depot was closed already.",
    )
