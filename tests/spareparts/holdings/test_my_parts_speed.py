"""The home of an engineer stays as quick as on the first day: at most ten queries, however much he holds."""

import time
import uuid
from datetime import timedelta
from statistics import median

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.domain import ledger, locations
from inventory.enums import LocationKind, PostingReason
from spareparts.enums import ReceivingMethod
from tests.factories.asking import sent
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.personal import gives, offered
from tests.factories.requisitions import approved_requisition
from tests.factories.returns import owed, prepared
from tests.factories.workorders import UserFactory, WorkOrderFactory
from tests.spareparts.holdings.conftest import NOW
from tests.support.stock import personal

MOST_QUERIES = 10
HOME = "/my/parts/"
YEARS = 3

pytestmark = pytest.mark.usefixtures("monday")


def carries(engineer, lines: int, *, years: int) -> None:
    """``lines`` parts now; each came and was used up once a month for ``years`` before."""
    parts = [PartFactory() for _count in range(lines)]
    mine, supplier = personal(engineer), locations.outside(LocationKind.SUPPLIER)
    customer = locations.outside(LocationKind.CUSTOMER)
    months = [NOW - timedelta(days=30 * month) for month in range(12 * years, 0, -1)]
    for at in months:
        _book(PostingReason.GOODS_RECEIPT, [(part, supplier, mine) for part in parts], engineer, at)
        _book(PostingReason.CONSUMPTION, [(part, mine, customer) for part in parts], engineer, at + timedelta(days=9))
    _book(PostingReason.GOODS_RECEIPT, [(part, supplier, mine) for part in parts], engineer, NOW - timedelta(days=13))


def _book(reason, lines, engineer, at) -> None:
    moves = [ledger.Line(part, 1, source, target) for part, source, target in lines]
    ledger.post(reason=reason, reference="GR-TEST", lines=moves, by=engineer, at=at, key=uuid.uuid4())


def with_everything(engineer, colleague, karl) -> None:
    """A job with parts, an old part owed, something to collect, a prepared return and an offer."""
    job = WorkOrderFactory(lead=engineer, planned_at=NOW)
    requisition = approved_requisition(
        engineer, WarehouseFactory(), (PartFactory(), 1), by=karl, receiving_method=ReceivingMethod.PICK_UP
    )
    assert requisition.pk
    owed(engineer, PartFactory(), work_order=job)
    part = PartFactory()
    gives(engineer, part)
    prepared(engineer, (part, 1))
    gives(colleague, part)
    offered(colleague, engineer, part)


def asked(browser) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(HOME).status_code == 200
    assert len(queries) <= MOST_QUERIES, [query["sql"][:120] for query in queries]
    return len(queries)


def seconds(browser, times: int = 7) -> float:
    """The median of several looks."""
    taken = []
    for _count in range(times):
        begun = time.perf_counter()
        browser.get(HOME)
        taken.append(time.perf_counter() - begun)
    return median(taken)


@pytest.mark.django_db
def test_two_hundred_lines_and_years_of_history_cost_no_query_more(
    advanced, jana, tom, karl, as_user, record_property
) -> None:
    new, busy = UserFactory(name="New Engineer", is_engineer=True), jana
    WarehouseFactory(name="Vienna", is_default=True)
    carries(new, 20, years=0)
    carries(busy, 200, years=YEARS)
    for engineer in (new, busy):
        with_everything(engineer, tom, karl)
    few, many = as_user(new), as_user(busy)
    few.get(HOME)

    assert asked(few) == asked(many)

    ratio = seconds(many) / seconds(few)
    record_property("time of 200 lines with history / time of 20 lines", round(ratio, 2))
    print(f"\n200 lines and {YEARS} years of history against 20 lines: {ratio:.2f} times the time")


@pytest.mark.django_db
def test_parts_for_a_job_cost_no_query_more(standard, jana, as_user) -> None:
    browser, counts = as_user(jana), []
    for _count in range(3):
        sent(jana, (PartFactory(), 1), work_order=WorkOrderFactory(lead=jana, planned_at=NOW))
        counts.append(asked(browser))

    assert counts[0] == counts[2]
