"""R6: a transition happens at most once. Work orders are raced in tests/races; here is everything else that has states,
and the test that nothing with states is forgotten."""

import pkgutil
import uuid
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from config.shared.errors import DomainError
from config.shared.transitions import Transition
from spareparts.domain import undo
from spareparts.enums import CONSUMPTION_TRANSITIONS, ConsumptionStatus, PostedStatus
from spareparts.models import Consumption
from spareparts.queries import current_policy
from tests.contract.database import contents
from tests.contract.world import World
from tests.spareparts.helpers import refused
from workorders.enums import WorkOrderStatus
from workorders.models import User, WorkOrder

# Every table of transitions, and where it is raced: the first two verb by verb, the others the verbs that compete most.
RACED = {
    ("workorders.enums", "WORK_ORDER_TRANSITIONS"): "tests.races.test_work_order_races",
    ("spareparts.enums", "CONSUMPTION_TRANSITIONS"): "tests.contract.test_transition_races",
    ("spareparts.enums", "REQUISITION_TRANSITIONS"): "tests.races.test_requisition_races",
    ("spareparts.enums", "SHIPMENT_TRANSITIONS"): "tests.races.test_shipment_races",
    ("spareparts.enums", "DISCREPANCY_TRANSITIONS"): "tests.races.test_shipment_races",
    ("spareparts.enums", "RETURN_TRANSITIONS"): "tests.races.test_return_races",
    ("spareparts.enums", "DEBT_TRANSITIONS"): "tests.races.test_use_races",
    ("spareparts.enums", "HAND_OVER_TRANSITIONS"): "tests.spareparts.personal.test_races",
    ("spareparts.enums", "COUNT_TRANSITIONS"): "tests.spareparts.personal.test_races",
}
# One posting taken back by one reversal: the same two rows as a consumption's, and the ledger reverses once.
REVERSED_ONCE = {("spareparts.enums", "LOSS_TRANSITIONS"), ("spareparts.enums", "PURCHASE_TRANSITIONS")}


def tables() -> dict[tuple[str, str], dict[str, Transition]]:
    """Every table of transitions in the code."""
    found = {}
    for app in ("config.shared", "inventory", "workorders", "spareparts"):
        package = import_module(app)
        for module in pkgutil.iter_modules(package.__path__, f"{app}."):
            if module.name.endswith("enums"):
                for name, value in vars(import_module(module.name)).items():
                    if (
                        isinstance(value, dict)
                        and value
                        and all(isinstance(each, Transition) for each in value.values())
                    ):
                        found[module.name, name] = value
    return found


def test_every_table_of_transitions_is_raced():
    assert set(tables()) == set(RACED) | REVERSED_ONCE
    assert all(import_module(module).__doc__ for module in RACED.values())


@pytest.mark.parametrize("table", sorted(REVERSED_ONCE))
def test_what_is_only_reversed_has_no_other_verb(table: tuple[str, str]):
    """Two verbs to the same end; the reversal is unique to its posting (inventory/models/ledger.py)."""
    rows = tables()[table]
    assert (set(rows), {row.target for row in rows.values()}) == ({"undo", "undo_later"}, {PostedStatus.UNDONE})


# ---------------------------------------------------------------- every illegal (status, verb)
def undo_facts(world: World, who: str, **more: Any) -> dict[str, Any]:
    facts = {"by": User.objects.get(pk=world.people[who].pk), "at": world.at, "key": uuid.uuid4(), "reason": "why"}
    return facts | {"policy": current_policy()} | more


def on_screen(world: World) -> Consumption:
    return Consumption.objects.get(pk=world.mine.consumption.pk)


def undo_it(world: World, document: Consumption) -> Any:
    return undo.undo_consumption(document, **undo_facts(world, "jana"))


def undo_it_later(world: World, document: Consumption) -> Any:
    return undo.undo_consumption(document, **undo_facts(world, "eva", at=world.at + timedelta(days=1)))


def correct_it(world: World, document: Consumption) -> Any:
    return undo.correct_consumption(document, **undo_facts(world, "eva"))


VERBS: dict[str, Callable[[World, Consumption], Any]] = {
    "undo": undo_it,
    "undo_later": undo_it_later,
    "correct": correct_it,
}


def complete_the_job(world: World) -> None:
    """What makes a correction necessary."""
    WorkOrder.objects.filter(pk=world.mine.job.pk).update(status=WorkOrderStatus.COMPLETED, completed_at=world.at)


def reopen_the_job(world: World) -> None:
    WorkOrder.objects.filter(pk=world.mine.job.pk).update(status=WorkOrderStatus.IN_PROGRESS, completed_at=None)


def bring_to(world: World, status: str) -> None:
    if status == ConsumptionStatus.UNDONE:
        undo_it(world, on_screen(world))
    if status == ConsumptionStatus.CORRECTED:
        complete_the_job(world)
        correct_it(world, on_screen(world))


def test_the_verbs_are_all_here():
    assert set(VERBS) == set(CONSUMPTION_TRANSITIONS)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", [ConsumptionStatus.UNDONE, ConsumptionStatus.CORRECTED])
def test_what_was_taken_back_is_not_taken_back_again(world: World, status: str, verb: str):
    bring_to(world, status)
    if verb == "correct":
        complete_the_job(world)
    elif status == ConsumptionStatus.CORRECTED:
        reopen_the_job(world)
    before = contents()
    with refused(DomainError):
        VERBS[verb](world, on_screen(world))
    assert contents() == before


def test_each_verb_works_from_where_the_table_says(world: World):
    """The control of the refusals above: from "recorded" the same call is granted."""
    undo_it(world, on_screen(world))
    assert on_screen(world).status == ConsumptionStatus.UNDONE
