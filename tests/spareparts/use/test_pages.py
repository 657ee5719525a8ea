"""The page where engineers hold parts: a stepper for each thing held."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from inventory.enums import OldPartRule
from inventory.models import Part, Warehouse
from spareparts.models import Consumption
from spareparts.policies import ModePolicy
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.issued import issued
from tests.factories.spareparts import EquipmentPartFactory
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.spareparts.helpers import key
from tests.spareparts.use.helpers import owed, serial
from tests.support.stock import held, personal, put, shelf
from workorders.models import User, WorkOrder

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def job(jana: User, standard: ModePolicy) -> WorkOrder:
    lift = EquipmentFactory(name="Lift 2", serial="L2-1")
    return WorkOrderFactory(number="WO-411", lead=jana, site=lift.site, equipment=lift)


@pytest.fixture
def relay(db: None) -> Part:
    return PartFactory(number="REL-24", name="Relay 24 V")


def url(job: WorkOrder) -> str:
    return f"/work-orders/{job.pk}/use/"


def sent(*lines: dict[str, Any], **more: str) -> dict[str, Any]:
    data: dict[str, Any] = {"lines-TOTAL_FORMS": len(lines), "lines-INITIAL_FORMS": 0}
    for index, line in enumerate(lines):
        data |= {f"lines-{index}-{name}": value for name, value in line.items()}
    return data | key() | more


def test_all_that_is_held_stands_ready_the_jobs_parts_first(
    job: WorkOrder, jana: User, relay: Part, as_user: SignIn
) -> None:
    put(personal(jana), PartFactory(number="AAA-1"), 2, by=jana)
    put(personal(jana), relay, 1, by=jana, condition="old")
    issued(job, relay, 6, engineer=jana)

    page = as_user(jana).get(url(job))

    assert [line.part.number for line in page.context["lines"]] == ["REL-24", "AAA-1"]
    text = page.content.decode()
    assert "You hold 6 pc" in text
    assert "For this job" in text
    assert all(line.quantity == "0" for line in page.context["lines"])


def test_one_more_and_record(job: WorkOrder, jana: User, relay: Part, as_user: SignIn) -> None:
    """Three taps: open the page, +, Record. The presets of the form go along."""
    put(personal(jana), relay, 6, by=jana)
    EquipmentPartFactory(equipment=job.equipment, part=relay)
    Part.objects.update(old_part_rule=OldPartRule.ALWAYS)
    browser = as_user(jana)
    (line,) = browser.get(url(job)).context["lines"]
    fields = {
        "source": line.source,
        "quantity": "1",
        "old_part_answer": line.old_part_answer,
        "old_choice": line.old_choice,
        "old_part": "",
        "old_serial": "",
        "old_reason": "",
        "lot_text": "",
    }
    assert browser.post(url(job), sent(fields)).status_code == 302
    assert held(personal(jana)) == {"REL-24": 5, "REL-24 (old)": 1}
    assert owed() == [("REL-24", 1, "held")]


def test_more_than_held_stays_on_the_page_with_what_was_typed(
    job: WorkOrder, jana: User, relay: Part, as_user: SignIn
) -> None:
    put(personal(jana), relay, 1, by=jana)
    page = as_user(jana).post(url(job), sent({"source": f"{relay.pk}-new-0-0", "quantity": "3"}))
    assert "Jana Novak holds 1 pc, and 3 pc are needed." in page.content.decode()
    assert page.context["lines"][0].quantity == "3"
    assert not Consumption.objects.exists()


def test_a_reason_is_asked_at_the_line(job: WorkOrder, jana: User, relay: Part, as_user: SignIn) -> None:
    Part.objects.update(old_part_rule=OldPartRule.ALWAYS)
    put(personal(jana), relay, 2, by=jana)
    source = {"source": f"{relay.pk}-new-0-0", "quantity": "1", "old_part_answer": "none"}
    page = as_user(jana).post(url(job), sent(source))
    assert "say why it does not" in page.content.decode()
    assert as_user(jana).post(url(job), sent(source | {"old_reason": "There was none"})).status_code == 302
    later = source | {"old_part_answer": "later", "old_choice": "same"}
    assert as_user(jana).post(url(job), sent(later)).status_code == 302
    assert [status for _part, _quantity, status in owed()] == ["due", "due"]


@pytest.mark.parametrize(
    "source",
    ["", "x", "1-new-0", "0-new-0-0", "99-new-0-0", "1-gone-0-0", "1-new-0-9", "9" * 80, "-1-new-0-0", "²-new-0-0"],
)
def test_nonsense_is_no_source(job: WorkOrder, jana: User, as_user: SignIn, source: str) -> None:
    page = as_user(jana).post(url(job), sent({"source": source, "quantity": "1"}))
    assert page.status_code == 200
    assert not Consumption.objects.exists()


def test_finding_and_adding_without_javascript(job: WorkOrder, jana: User, relay: Part, as_user: SignIn) -> None:
    put(personal(jana), relay, 2, by=jana)
    PartFactory(number="REL-48")
    browser = as_user(jana)
    found = browser.post(url(job), sent(part="rel", find="1"))
    assert [each["number"] for each in found.context["options"]] == ["REL-24"]
    added = browser.post(url(job), sent(add=f"{relay.pk}-new-0-0"))
    assert [(line.part, line.quantity) for line in added.context["lines"]] == [(relay, "1")]
    assert browser.get(f"{url(job)}search/?q=rel").content.decode().count('role="option"') == 1


class TestWithWarehouses:
    @pytest.fixture
    def depot(self, job: WorkOrder, advanced: ModePolicy) -> Warehouse:
        return WarehouseFactory(name="Depot Vienna", is_default=True)

    def test_shelves_are_found_and_used(
        self, job: WorkOrder, jana: User, relay: Part, depot: Warehouse, as_user: SignIn
    ) -> None:
        put(shelf(depot), relay, 3, by=jana)
        put(shelf(WarehouseFactory(name="Graz")), relay, 9, by=jana)
        browser = as_user(jana)
        found = browser.post(url(job), sent(part="rel", find="1")).context["options"]
        assert [(each["id"], each["where"]) for each in found] == [
            (f"{relay.pk}-new-0-{depot.pk}", "Depot Vienna has 3 pc")
        ]
        assert browser.post(url(job), sent({"source": found[0]["id"], "quantity": "2"})).status_code == 302
        assert held(shelf(depot)) == {"REL-24": 1}

    def test_every_serial_number_is_a_line(self, job: WorkOrder, jana: User, depot: Warehouse, as_user: SignIn) -> None:
        board = PartFactory(number="DOOR-CTRL", tracking="serial")
        for code in ("SN-1", "SN-2"):
            put(personal(jana), board, 1, by=jana, lot=serial(board, code))
        lines = as_user(jana).get(url(job)).context["lines"]
        assert [line.lot_code for line in lines] == ["SN-1", "SN-2"]
        assert as_user(jana).post(url(job), sent({"source": lines[1].source, "quantity": "1"})).status_code == 302
        assert Consumption.objects.get().lines.get().lot_text == "SN-2"

    def test_a_number_is_typed_where_it_is_missing(
        self, job: WorkOrder, jana: User, depot: Warehouse, as_user: SignIn
    ) -> None:
        board = PartFactory(number="DOOR-CTRL", tracking="serial")
        put(personal(jana), board, 1, by=jana)
        (line,) = as_user(jana).get(url(job)).context["lines"]
        assert line.needs_lot
        fields = {"source": line.source, "quantity": "1"}
        assert "choose the serial number" in as_user(jana).post(url(job), sent(fields)).content.decode()
        assert as_user(jana).post(url(job), sent(fields | {"lot_text": "SN-7"})).status_code == 302


def test_a_manager_sees_what_the_engineer_holds(
    job: WorkOrder, jana: User, eva: User, relay: Part, as_user: SignIn
) -> None:
    put(personal(jana), relay, 2, by=jana)
    browser = as_user(eva)
    page = browser.get(url(job))
    assert "Jana Novak holds 2 pc" in page.content.decode()
    line = {"source": page.context["lines"][0].source, "quantity": "1"}
    done = browser.post(url(job), sent(line, engineer=str(jana.pk), reason="She asked me to"))
    assert done.status_code == 302
    assert held(personal(jana)) == {"REL-24": 1}


def test_the_same_key_acts_once(job: WorkOrder, jana: User, relay: Part, as_user: SignIn) -> None:
    put(personal(jana), relay, 6, by=jana)
    data = sent({"source": f"{relay.pk}-new-0-0", "quantity": "1"}, request_key=str(uuid.uuid4()))
    first, second = (as_user(jana).post(url(job), data) for _each in range(2))
    assert first["Location"] == second["Location"]
    assert held(personal(jana)) == {"REL-24": 5}
