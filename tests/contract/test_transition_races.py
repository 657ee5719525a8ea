"""R6: of 64 who do the same at once, one did it. Work orders are raced in tests/races."""

import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from config.shared.errors import DomainError
from config.shared.models import AuditEvent
from inventory.domain import ledger, warehouses
from inventory.enums import WarehouseStatus
from inventory.models import Posting, Warehouse
from spareparts import policies
from spareparts.domain import machine, modes
from spareparts.enums import CONSUMPTION_TRANSITIONS, Mode
from spareparts.models import EquipmentPart, SparepartsSettings
from tests.contract.test_transitions import VERBS, complete_the_job, on_screen
from tests.contract.world import World
from tests.support.crowd import at_once
from workorders.models import User

CROWD = 64
Deed = Callable[[], Any]


def settings_verb(name: str, world: World, **words: Any) -> Deed:
    version = SparepartsSettings.objects.get_or_create(pk=1)[0].version
    facts = {"at": world.at, "expected_version": version, **words}
    return lambda: getattr(modes, name)(by=User.objects.get(pk=world.people["ada"].pk), **facts)


def warehouse_verb(name: str, world: World) -> Deed:
    found = Warehouse.objects.get(pk=world.w2.pk)
    return lambda: getattr(warehouses, name)(found, by=User.objects.get(pk=world.people["ada"].pk), at=world.at)


def entry_verb(world: World, *, is_out: bool) -> Deed:
    row = EquipmentPart.objects.get(pk=world.mine.entry.pk)
    facts: dict[str, Any] = {"at": world.at, "seen_version": row.version}
    if is_out:
        return lambda: machine.take_out_equipment_part(row, by=eva(world), reason="gone", **facts)
    return lambda: machine.edit_equipment_part(row, quantity=5, serial="", position="", by=eva(world), **facts)


def eva(world: World) -> User:
    return User.objects.get(pk=world.people["eva"].pk)


def consumption_verb(verb: str, world: World) -> Deed:
    document = on_screen(world)
    return lambda: VERBS[verb](world, document)


# What is raced: the audit row of the one winner, and how one of the crowd is made ready.
RACES: dict[str, Callable[[World], Deed]] = {
    "consumption.undo": lambda world: consumption_verb("undo", world),
    "consumption.undo_later": lambda world: consumption_verb("undo_later", world),
    "consumption.correct": lambda world: consumption_verb("correct", world),
    "settings.turned_off": lambda world: settings_verb("set_enabled", world, is_enabled=False),
    "settings.terms_changed": lambda world: settings_verb("change_terms", world, undo_minutes=3),
    "settings.mode_changed": lambda world: settings_verb("change_mode", world, mode=Mode.ADVANCED),
    "equipment_part.edit": lambda world: entry_verb(world, is_out=False),
    "equipment_part.take_out": lambda world: entry_verb(world, is_out=True),
    "warehouse.disable": lambda world: warehouse_verb("disable", world),
    "warehouse.enable": lambda world: warehouse_verb("enable", world),
    "warehouse.close": lambda world: warehouse_verb("close", world),
}


def arrange(verb: str, world: World) -> None:
    if verb == "consumption.correct":
        complete_the_job(world)
    if verb.startswith("warehouse."):
        SparepartsSettings.objects.update_or_create(pk=1, defaults={"mode": Mode.ADVANCED})
        status = WarehouseStatus.DISABLED if verb == "warehouse.enable" else WarehouseStatus.OPEN
        Warehouse.objects.filter(pk=world.w2.pk).update(status=status)


@pytest.fixture
def advanced_is_ready(monkeypatch: pytest.MonkeyPatch) -> Any:
    ready = policies.replace(policies.ADVANCED, is_ready=True)
    monkeypatch.setattr(policies, "POLICIES", {**policies.POLICIES, Mode.ADVANCED: ready})
    policies.policy_for.cache_clear()
    yield
    policies.policy_for.cache_clear()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", RACES)
def test_of_64_at_once_one_wins(verb: str, committed_world: World, advanced_is_ready: None):
    world = committed_world
    arrange(verb, world)
    if verb == "warehouse.close":
        empty_the_shelf(world)
    postings = Posting.objects.count()
    crowd = [RACES[verb](world) for _one in range(CROWD)]
    results = at_once(crowd)
    outcomes = Counter("done" if not isinstance(each, Exception) else type(each).__name__ for each in results)
    strange = [repr(each) for each in results if isinstance(each, Exception) and not isinstance(each, DomainError)]
    assert (strange, outcomes["done"]) == ([], 1), outcomes
    assert AuditEvent.objects.filter(verb=verb).count() == 1
    assert Posting.objects.count() - postings == (1 if verb.startswith("consumption.") else 0)


def empty_the_shelf(world: World) -> None:
    receipt = Posting.objects.get(reference="GR-000001")
    ledger.reverse(receipt, reference="GR-000001", by=world.people["karl"], at=world.at, key=uuid.uuid4())


def test_every_verb_of_a_consumption_is_raced():
    assert {f"consumption.{verb}" for verb in CONSUMPTION_TRANSITIONS} <= set(RACES)
