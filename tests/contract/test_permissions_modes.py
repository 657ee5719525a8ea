"""S1 and S2 where personal and warehouse inventory is kept: every address answers everybody as the table says."""

from typing import Any

import pytest
from django.urls import reverse

from spareparts.enums import Mode
from tests.contract import addresses, permissions, permissions_modes
from tests.contract.database import undone
from tests.contract.permissions import Expected
from tests.contract.sampling import part_of, told
from tests.contract.test_permissions import answer_of, written_by
from tests.contract.world import PEOPLE, World, turn_off
from tests.contract.world_advanced import NAMES, Documents, make_advanced
from tests.support.modes import in_mode

WITHOUT_WAREHOUSES = (
    *("desk_issue", "desk_reserve", "pick_list", "requisition_forward"),
    *("shipment_approve", "shipment_cancel", "shipment_new", "shipment_track", "shipment_receive"),
    *("service_bom", "service_bom_remove", "service_boms"),
)


def arguments(row: Expected, world: World, made: Documents) -> dict[str, Any]:
    """What the word in the table means."""
    if row.target in NAMES:
        return made.keys(row.target)
    return {
        "-": {},
        "jana": {"pk": world.people["jana"].pk},
        "job": {"pk": world.mine.job.pk},
        "model": {"pk": world.mine.equipment.model_id},
        "code": {"code": "BRG"},
        "csv": {"what": "parts", "format_name": "csv"} if "holdings" in row.address else {"format_name": "csv"},
    }[row.target]


def wrong_answers(world: World, made: Documents, asked: list[tuple[str, Expected]]) -> list[str]:
    wrong = []
    for who, row in asked:
        with undone():
            got = answer_of(world, who, row.method, reverse(row.address, kwargs=arguments(row, world, made)))
        if got != row.of(who):
            wrong.append(f"{who} {row.method} {row.address} {row.target}: expected {row.of(who)}, got {got}")
    return wrong


def questions(rows: list[Expected]) -> list[tuple[str, Expected]]:
    return [(who, row) for row in rows for who in PEOPLE]


def name_of(question: tuple[str, Expected]) -> str:
    who, row = question
    return f"{who} {row.method} {row.address}"


class TestAdvanced:
    @pytest.fixture
    def made(self, world: World) -> Documents:
        return make_advanced(world)

    def test_a_fixed_part_of_the_table_holds(self, world: World, made: Documents) -> None:
        """Strangers are asked everything that names an object, everybody a part of the rest."""
        asked = questions(permissions.read(permissions_modes.ADVANCED))
        by_key = [each for each in asked if each[0] in ("tom", "lin") and each[1].target in NAMES]
        others = part_of([each for each in asked if each not in by_key], one_in=14, name=name_of)
        wrong = wrong_answers(world, made, by_key + others)
        assert not wrong, told(wrong)

    @pytest.mark.soak
    def test_the_whole_table_holds(self, world: World, made: Documents) -> None:
        wrong = wrong_answers(world, made, questions(permissions.read(permissions_modes.ADVANCED)))
        assert not wrong, told(wrong)

    def test_looking_writes_nothing(self, world: World, made: Documents) -> None:
        rows = [row for row in permissions.read(permissions_modes.ADVANCED) if row.method == "GET"]
        for who in ("jana", "karl"):
            allowed = [row for row in rows if row.of(who) == "200"]
            pages = [(row.address, reverse(row.address, kwargs=arguments(row, world, made))) for row in allowed]
            assert written_by(world, who, pages) == []

    def test_in_standard_what_needs_a_warehouse_is_refused(self, world: World, made: Documents) -> None:
        in_mode(Mode.STANDARD)
        rows = [row for row in permissions.read(permissions_modes.ADVANCED) if row.of("ada") in ("200", "405")]
        rows = [row for row in rows if row.address.partition(":")[2] in WITHOUT_WAREHOUSES and row.method == "GET"]
        for person in world.people.values():
            vars(person).pop("policy", None)
        got = {}
        for row in rows:
            with undone():
                got[row.address] = answer_of(
                    world, "ada", "GET", reverse(row.address, kwargs=arguments(row, world, made))
                )
        assert {name for name, answer in got.items() if answer != "403"} == set()


class TestSimple:
    def asked(self, world: World) -> list[str]:
        """Everybody × every new address, refused unless the table says otherwise."""
        known = {(row.address, row.method): row for row in permissions.read(permissions_modes.IN_SIMPLE)}
        wrong = []
        rows = [row for row in permissions.read(permissions_modes.ADVANCED) if row.method == "GET"]
        for row in rows:
            pattern = addresses.all_addresses()[row.address]
            keys = {"pk": 1, "line_pk": 1} if "line_pk" in pattern else {"pk": 1}
            keys = keys if "<int:pk>" in pattern else self.words(row, pattern)
            for who in ("anonymous", "jana", "karl", "eva", "ada"):
                with undone():
                    got = answer_of(world, who, "GET", reverse(row.address, kwargs=keys))
                wanted = known.get((row.address, "GET"))
                refused = {"in"} if who == "anonymous" else {"403"}
                right = {wanted.of(who)} if wanted else refused | {"405"} & {row.of(who)}
                if got not in right:
                    wrong.append(f"{who} {row.address}: got {got}")
        return wrong

    def words(self, row: Expected, pattern: str) -> dict[str, Any]:
        if "code" in pattern and row.target == "code":
            return {"code": "BRG"}
        if "<slug:what>" in pattern:
            return {"what": "parts", "format_name": "csv"}
        return {"format_name": "csv"} if "format_name" in pattern else {}

    def test_the_pages_do_not_exist(self, world: World) -> None:
        wrong = self.asked(world)
        assert not wrong, told(wrong)

    def test_nor_with_the_plugin_off(self, world: World) -> None:
        turn_off()
        for person in world.people.values():
            vars(person).pop("policy", None)
        wrong = [each for each in self.asked(world) if "settings" not in each]
        assert not wrong, told(wrong)
