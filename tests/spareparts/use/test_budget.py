"""Statements where engineers hold parts: the same however many lines, and close to the twelve of Simple."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from spareparts.enums import Mode
from tests.factories.inventory import PartFactory
from tests.factories.issued import issued
from tests.factories.spareparts import EquipmentPartFactory
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.spareparts.helpers import key
from tests.support.modes import in_mode
from tests.support.stock import personal, put
from workorders.models import User, WorkOrder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_engines]
FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
EXTRA = 0 if connection.vendor == "postgresql" else 1


@pytest.fixture
def job(jana: User) -> WorkOrder:
    in_mode(Mode.STANDARD)
    lift = EquipmentFactory()
    return WorkOrderFactory(lead=jana, site=lift.site, equipment=lift)


@pytest.fixture
def browser(job: WorkOrder, jana: User, as_user) -> Client:
    """One that has recorded before: the outside places are remembered."""
    browser = as_user(jana)
    part = PartFactory()
    put(personal(jana), part, 1, by=jana)
    browser.post(url(job), sent([(f"{part.pk}-new-0-0", "none", "same")]) | key())
    return browser


def url(job: WorkOrder) -> str:
    return f"/work-orders/{job.pk}/use/"


def sent(lines: list[tuple[str, str, str]]) -> dict[str, str]:
    data = {"lines-TOTAL_FORMS": str(len(lines)), "lines-INITIAL_FORMS": "0"}
    for index, (source, answer, choice) in enumerate(lines):
        facts = {"source": source, "quantity": "1", "old_part_answer": answer, "old_choice": choice}
        data |= {f"lines-{index}-{name}": value for name, value in facts.items()}
    return data


def statements(browser: Client, method: str, path: str, data: dict[str, str] | None = None) -> int:
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        response = getattr(browser, method)(path, data)
    assert response.status_code in {200, 302}
    return len([query for query in captured if query["sql"].split()[0] not in FRAME])


@pytest.mark.parametrize("count", [1, 20])
def test_recording(job: WorkOrder, jana: User, browser: Client, count: int) -> None:
    parts = PartFactory.create_batch(count)
    for part in parts:
        put(personal(jana), part, 1, by=jana)
    data = sent([(f"{part.pk}-new-0-0", "none", "same") for part in parts])
    assert statements(browser, "post", url(job), data | key()) == 14 + EXTRA


@pytest.mark.parametrize("count", [1, 20])
def test_recording_with_old_parts(job: WorkOrder, jana: User, browser: Client, count: int) -> None:
    entries = [EquipmentPartFactory(equipment=job.equipment) for _each in range(count)]
    for entry in entries:
        put(personal(jana), entry.part, 1, by=jana)
    data = sent([(f"{entry.part_id}-new-0-0", "returning", f"entry-{entry.pk}") for entry in entries])
    assert statements(browser, "post", url(job), data | key()) == 17 + 2 * EXTRA


def test_pages_cost_the_same_with_one_and_three(job: WorkOrder, jana: User, browser: Client) -> None:
    issued(job, PartFactory(), 1, engineer=jana)
    with_one = [statements(browser, "get", path) for path in (url(job), f"/work-orders/{job.pk}/closing/")]
    for _each in range(2):
        issued(job, PartFactory(), 1, engineer=jana)
    assert [statements(browser, "get", path) for path in (url(job), f"/work-orders/{job.pk}/closing/")] == with_one
    assert max(with_one) <= 12
