"""The demo's tables agree with each other."""

from decimal import Decimal

import pytest

from inventory.enums import OldPartRule, Tracking
from spareparts.demo.stories import STORIES
from spareparts.demo.tables import amounts, listed, read
from workorders.enums import Priority, WorkOrderType

PARTS = {row["number"]: row for row in read("parts")}
PARTS["refrigerant"] = PARTS["REF-R32"]  # stands for the gas of the machine
PLACES = {row["code"]: int(row["decimal_places"]) for row in read("units")}
POSITIONS = {(row["model"], row["position"]) for row in read("model_parts")}
MODEL_OF = {(row["site"], row["name"]): row["model"] for row in read("equipment")}


def check_digit(code: str) -> str:
    weighted = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(code[:12]))
    return str(-weighted % 10)


def test_every_barcode_is_an_ean_13_of_the_range_shops_may_give_themselves() -> None:
    codes = [code for row in PARTS.values() for code in listed(row["barcodes"])]

    assert len(codes) > 300
    assert len(codes) == len(set(codes))
    assert {len(code) for code in codes} == {13}
    assert {code[:2] for code in codes} == {"29"}
    assert [code for code in codes if check_digit(code) != code[12]] == []


def test_every_part_has_known_words_and_a_price() -> None:
    assert len(PARTS) - 1 == len(read("parts"))
    assert {row["tracking"] for row in PARTS.values()} == set(Tracking.values)
    assert {row["old_part"] for row in PARTS.values()} == set(OldPartRule.values)
    assert {row["unit"] for row in PARTS.values()} == PLACES.keys()
    assert [row["number"] for row in PARTS.values() if Decimal(row["cost"]) <= 0] == []


def test_a_superseded_part_is_unlisted_and_its_successor_is_listed() -> None:
    superseded = [row for row in PARTS.values() if row["superseded_by"]]

    assert len(superseded) >= 5
    assert {row["listed"] for row in superseded} == {"no"}
    assert {PARTS[row["superseded_by"]]["listed"] for row in superseded} == {"yes"}


def test_a_machine_has_four_to_ten_known_parts() -> None:
    rows = read("model_parts")
    counts = {model: sum(row["model"] == model for row in rows) for model in {row["model"] for row in rows}}

    assert counts.keys() == {row["name"] for row in read("models")}
    assert {model for model, count in counts.items() if not 4 <= count <= 10} == set()
    assert {row["part"] for row in rows} <= PARTS.keys()
    assert {row["refrigerant"] for row in read("models") if row["kind"] == "chiller"} <= PARTS.keys()


def test_every_site_and_machine_stands_somewhere() -> None:
    customers = {row["number"] for row in read("customers")}
    sites = {(row["customer"], row["name"]) for row in read("sites")}
    equipment = read("equipment")

    assert {customer for customer, _name in sites} == customers
    assert {(row["customer"], row["site"]) for row in equipment} == sites
    assert len({row["serial"] for row in equipment}) == len(equipment)
    assert {row["model"] for row in equipment} <= {row["name"] for row in read("models")}


@pytest.mark.parametrize("table", ["job_kinds", "now"])
def test_a_job_takes_known_parts_in_amounts_their_unit_can_show(table: str) -> None:
    for row in read(table):
        assert row["type"] in WorkOrderType.values
        assert row["priority"] in Priority.values
        for number, quantity in amounts(row["uses"]):
            assert -Decimal(quantity).as_tuple().exponent <= PLACES[PARTS[number]["unit"]], (number, quantity)


def test_the_jobs_of_now_name_real_people_machines_and_positions() -> None:
    people = {row["name"] for row in read("people") if "engineer" in row["roles"].split()}
    for row in read("now"):
        assert row["story"] in STORIES
        assert {name for name in (row["engineer"], *listed(row["helper"])) if name} <= people
        model = MODEL_OF[row["site"], row["equipment"]]
        assert {(model, position) for position, _n in amounts(row["replaces"])} <= POSITIONS, row["description"]


def test_the_kinds_of_job_replace_what_some_machine_of_the_kind_has() -> None:
    kind_of = {row["name"]: row["kind"] for row in read("models")}
    has = {(kind_of[model], position) for model, position in POSITIONS}
    asked = {(row["kind"], position) for row in read("job_kinds") for position, _n in amounts(row["replaces"])}

    assert asked <= has
