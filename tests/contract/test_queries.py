"""A page costs the same number of queries whether it shows one row or three, and few."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.shared import audit
from inventory.models import PartBarcode
from spareparts.domain.consumption import UsedPart
from spareparts.queries import current_settings
from tests.contract import permissions
from tests.contract.changing import TABLE
from tests.contract.objects import url
from tests.contract.test_double_submit import Sending
from tests.contract.world import World
from tests.factories.inventory import PartFactory
from tests.factories.spareparts import EquipmentPartFactory, used
from tests.factories.workorders import EquipmentFactory, SiteFactory, WorkOrderFactory
from workorders.enums import WorkOrderStatus
from workorders.models import User


@dataclass(frozen=True)
class Page:
    """A page that shows rows; ``most`` queries, session, person and settings included."""

    address: str
    target: str
    who: str
    most: int = 8
    query: str = ""


LISTS = (
    Page("workorders:my_jobs", "-", "jana"),
    Page("workorders:my_jobs", "-", "jana", query="show=next"),
    Page("workorders:my_jobs", "-", "jana", query="show=done"),
    Page("workorders:work_orders", "-", "eva", query="state=all"),
    Page("workorders:work_orders", "-", "jana", query="state=all"),
    Page("workorders:dispatch", "-", "eva"),
    Page("workorders:work_order_new", "-", "eva"),
    Page("workorders:customers", "-", "eva"),
    Page("workorders:customers", "-", "jana"),
    Page("workorders:equipment_list", "-", "eva"),
    Page("workorders:equipment_list", "-", "jana"),
    Page("inventory:parts", "-", "ada"),
    Page("inventory:part_search", "-", "jana", query="q=bearing"),
    Page("inventory:parts_export", "-", "ada"),
    Page("spareparts:use_report", "-", "eva", query="group=job"),
    Page("spareparts:use_report", "-", "eva", query="group=month"),
    Page("spareparts:use_report", "-", "eva", query="group=equipment"),
    Page("spareparts:use_lines", "-", "eva"),
    Page("spareparts:use_export", "report", "eva"),
    Page("spareparts:use_search", "job", "jana", query="q=bearing"),
    Page("spareparts:search", "-", "eva", most=9, query="q=hotel"),
    Page("spareparts:settings", "-", "ada"),
    Page("imports:export", "customers", "ada"),
    Page("imports:export", "sites", "ada"),
    Page("imports:export", "equipment", "ada"),
    Page("imports:export", "work-orders", "ada"),
    Page("imports:export", "parts", "ada"),
    # One thing with its lists around it.
    Page("workorders:work_order", "job", "jana", most=14),
    Page("workorders:work_order", "job", "eva", most=14),
    Page("workorders:customer", "customer", "eva", most=10),
    Page("workorders:equipment", "machine", "eva", most=10),
    Page("spareparts:equipment_parts", "machine", "eva", most=8),
    Page("spareparts:consumption", "used", "jana", most=12),
    Page("spareparts:record_use", "job", "jana", most=12),
    Page("inventory:part", "part", "ada", most=10),
)
# Pages that show one form or one sentence: they have no rows to multiply.
NOT_LISTS = {
    "workorders:me", "workorders:work_order_edit", "workorders:work_order_assign", "workorders:work_order_plan",
    "workorders:work_order_start", "workorders:work_order_hold", "workorders:work_order_resume",
    "workorders:work_order_complete", "workorders:work_order_cancel", "workorders:work_order_reopen",
    "workorders:customer_new", "workorders:customer_edit", "workorders:site_new", "workorders:site_edit",
    "workorders:equipment_new", "workorders:equipment_edit", "spareparts:consumption_undo",
    "spareparts:consumption_correct", "spareparts:equipment_part_add", "spareparts:equipment_part_edit",
    "spareparts:equipment_part_out", "inventory:part_import", "imports:start", "imports:example", "imports:columns",
    "imports:progress",
}  # fmt: skip
FORMS_WITH_CHOICES = [
    ("workorders:work_order_edit", "job"), ("workorders:work_order_assign", "job"),
    ("workorders:work_order_reopen", "done"), ("workorders:equipment_edit", "machine"),
    ("spareparts:equipment_part_add", "machine"), ("spareparts:consumption_undo", "used"),
]  # fmt: skip


def one_more_of_everything(world: World) -> None:
    """A row more in every list of the company, and around Jana's job, machine and customer."""
    mine, people = world.mine, world.people
    world.another_corner()
    part = PartFactory(name="Bearing", category=world.parts[0].category, superseded_by=None)
    PartBarcode.objects.create(part=world.parts[0], code=f"code-{part.pk}")
    PartFactory(superseded_by=world.parts[0])
    EquipmentPartFactory(equipment=mine.equipment, part=part)
    used(mine.job, UsedPart(part, 1), UsedPart(world.parts[2], 1), at=world.at)
    site = SiteFactory(customer=mine.customer)
    EquipmentFactory(site=site)
    for status in (
        WorkOrderStatus.NEW,
        WorkOrderStatus.ASSIGNED,
        WorkOrderStatus.COMPLETED,
        WorkOrderStatus.IN_PROGRESS,
    ):
        lead = None if status == WorkOrderStatus.NEW else mine.engineer
        done_at = world.at if status == WorkOrderStatus.COMPLETED else None
        WorkOrderFactory(site=mine.site, equipment=mine.equipment, status=status, lead=lead, completed_at=done_at)
    helper = User.objects.create_user(
        f"helper{part.pk}@demo.example", name="Helper", is_engineer=True, team=people["tom"].team
    )
    mine.job.helpers.add(helper)
    audit.record("settings.turned_on", by=helper, at=world.at, subject=current_settings())
    audit.record("workorder.plan", by=helper, at=world.at, subject=mine.job)


def statements(world: World, who: str, path: str) -> list[str]:
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        response = world.client(who).get(path)
        getattr(response, "getvalue", bytes)()
    assert response.status_code == 200, path
    return [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]


def path_of(page: Page, world: World) -> str:
    return f"{url(page.address, page.target, world)}?{page.query}"


def test_one_row_or_three_cost_the_same(world: World):
    one_more_of_everything(world)
    with_one = {page: len(statements(world, page.who, path_of(page, world))) for page in LISTS}
    one_more_of_everything(world)
    one_more_of_everything(world)
    with_three = {page: len(statements(world, page.who, path_of(page, world))) for page in LISTS}
    differing = [
        f"{page}: {with_one[page]}, then {with_three[page]}" for page in LISTS if with_one[page] != with_three[page]
    ]
    assert differing == []
    dear = [f"{page}: {count}" for page, count in with_three.items() if count > page.most]
    assert dear == []


def test_a_form_costs_the_same_however_much_it_offers(world: World):
    one_more_of_everything(world)
    paths = [url(address, target, world) for address, target in FORMS_WITH_CHOICES]
    with_one = [len(statements(world, "eva", path)) for path in paths]
    one_more_of_everything(world)
    one_more_of_everything(world)
    assert [len(statements(world, "eva", path)) for path in paths] == with_one


def test_every_page_is_a_list_or_is_not():
    shown = {
        row.address
        for row in permissions.for_state(permissions.PAGES, is_on=True)
        if row.method == "GET" and "200" in row.answers and ":" in row.address
    }
    assert shown - {page.address for page in LISTS} - NOT_LISTS == set(), "pages without a line"


@pytest.mark.parametrize("lines", [1, 10])
def test_recording_parts_costs_twelve_statements_whatever_the_lines(world: World, lines: int):
    """A movement request with everything: session, person, form, rules, document, ledger."""
    world.parts += [PartFactory() for _ in range(10)]
    sending = Sending(next(row for row in TABLE if row.address == "spareparts:record_use"), world, world.mine)
    for number in range(1, lines):
        sending.data |= {
            f"lines-{number}-part": world.parts[number].pk, f"lines-{number}-quantity": "1",
            f"lines-{number}-old_part_answer": "none",
        }  # fmt: skip
    sending.data["lines-TOTAL_FORMS"] = str(lines)
    sending.data["lines-0-old_part_answer"], sending.data["lines-0-old_serial"] = "none", ""
    with CaptureQueriesContext(connection) as captured:
        assert sending.send().status_code == 302
    told = [query["sql"][:110] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(told) <= 12, "\n".join(told)


def test_a_page_that_asks_for_each_row_is_found(world: World, monkeypatch: pytest.MonkeyPatch):
    """The control: the list of work orders without its joins."""
    from workorders import queries

    monkeypatch.setattr(queries, "with_places", lambda rows: rows)
    page: Any = Page("workorders:work_orders", "-", "eva", query="state=all")
    one_more_of_everything(world)
    before = len(statements(world, "eva", path_of(page, world)))
    one_more_of_everything(world)
    assert len(statements(world, "eva", path_of(page, world))) > before
