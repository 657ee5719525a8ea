"""Eva asks what the parts cost: by job, customer, machine, part, engineer, month; every figure opens its lines."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from spareparts.domain.consumption import UsedPart
from spareparts.domain.undo import undo_consumption
from spareparts.filters import days_of
from spareparts.models import ConsumptionLine
from spareparts.queries import current_policy
from tests.factories.inventory import PartCategoryFactory, PartFactory, UnitFactory
from tests.factories.spareparts import used
from tests.factories.workorders import CustomerFactory, EquipmentFactory, SiteFactory, WorkOrderFactory
from tests.spareparts.helpers import key

REPORT, LINES = "/reports/use/", "/reports/use/lines/"
TODAY = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def world(jana, tom):
    """Jana used 4 bearings and 1.5 m of cable at Aurora in November, Tom 1 bearing at Kaiser in October."""
    aurora, kaiser = CustomerFactory(name="Hotel Aurora"), CustomerFactory(name="Hotel Kaiser")
    chiller = EquipmentFactory(name="Chiller 3", serial="C3-1", site=SiteFactory(customer=aurora))
    jobs = {
        "aurora": WorkOrderFactory(number="WO-1", lead=jana, site=chiller.site, equipment=chiller),
        "kaiser": WorkOrderFactory(number="WO-2", lead=tom, site=SiteFactory(customer=kaiser)),
    }
    bearing = PartFactory(
        number="BRG-1", name="Bearing", unit_cost=Decimal("8.40"), category=PartCategoryFactory(name="Bearings")
    )
    metre = UnitFactory(code="m", name="metre", decimal_places=2)
    cable = PartFactory(number="CBL-1", name="Cable", unit=metre, unit_cost=Decimal("2.00"))
    used(jobs["aurora"], UsedPart(bearing, 4), UsedPart(cable, 150), at=datetime(2026, 11, 2, tzinfo=UTC))
    used(jobs["kaiser"], UsedPart(bearing, 1), at=datetime(2026, 10, 31, 22, 59, tzinfo=UTC))
    # Midnight in Vienna belongs to November; the record is undone and never counts.
    mistake = used(jobs["aurora"], UsedPart(bearing, 9), at=datetime(2026, 10, 31, 23, 0, tzinfo=UTC))
    facts = {"by": jana, "at": mistake.recorded_at, "policy": current_policy()}
    undo_consumption(mistake, key=key()["request_key"], **facts)
    return jobs | {"bearing": bearing, "cable": cable, "chiller": chiller}


def sums(page) -> list[tuple[str, str, int, str]]:
    """The rows of the report as people read them."""
    table = page.context["table"]
    found = []
    for row in table.rows:
        texts = [
            str(row.get_cell(name)).split(">")[1].split("<")[0] for name in ("name", "quantity", "lines", "total_cost")
        ]
        found.append((texts[0], texts[1], int(texts[2]), texts[3]))
    return found


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("job", [("WO-1 · Hotel Aurora", "4 pc · 1.5 m", 2, "€36.60"), ("WO-2 · Hotel Kaiser", "1 pc", 1, "€8.40")]),
        ("customer", [("Hotel Aurora", "4 pc · 1.5 m", 2, "€36.60"), ("Hotel Kaiser", "1 pc", 1, "€8.40")]),
        ("equipment", [("Chiller 3 (C3-1)", "4 pc · 1.5 m", 2, "€36.60"), ("No equipment", "1 pc", 1, "€8.40")]),
        ("part", [("BRG-1 Bearing", "5 pc", 2, "€42.00"), ("CBL-1 Cable", "1.5 m", 1, "€3.00")]),
        ("engineer", [("Jana Novak", "4 pc · 1.5 m", 2, "€36.60"), ("Tom Berger", "1 pc", 1, "€8.40")]),
        ("month", [("November 2026", "4 pc · 1.5 m", 2, "€36.60"), ("October 2026", "1 pc", 1, "€8.40")]),
    ],
)
def test_every_way_of_adding_up(world, eva, as_user, group, expected) -> None:
    page = as_user(eva).get(REPORT, {"group": group})

    assert sums(page) == expected
    assert page.context["totals"] == {"cost": Decimal("45.00"), "lines": 3}
    bars = [(bar["label"], bar["display"]) for bar in page.context["bars"]]
    shown = [(name, cost) for name, _quantity, _lines, cost in expected]
    assert bars == (shown[::-1] if group == "month" else shown)


@pytest.mark.parametrize("group", ["job", "customer", "equipment", "part", "engineer", "month"])
def test_every_figure_opens_exactly_its_lines(world, eva, as_user, group) -> None:
    browser = as_user(eva)
    page = browser.get(REPORT, {"group": group, "period": "90"})
    table = page.context["table"]

    for row in table.rows:
        lines = browser.get(table.url_of(row.record, table.grouping))
        assert lines.context["totals"]["lines"] == row.record["lines"]
        assert round(lines.context["totals"]["cost"], 2) == round(row.record["total_cost"], 2)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "brg 1"}, ["BRG-1", "BRG-1"]),
        ({"q": "kaiser"}, ["BRG-1"]),
        ({"q": "WO-1"}, ["CBL-1", "BRG-1"]),
        ({"first": "2026-11-01"}, ["CBL-1", "BRG-1"]),
        ({"last": "2026-10-31"}, ["BRG-1"]),
        ({"first": "2026-10-31", "last": "2026-10-31"}, ["BRG-1"]),
        ({"period": "month"}, ["CBL-1", "BRG-1"]),
        ({"period": "last_month"}, ["BRG-1"]),
        ({"period": "last_year"}, []),
        ({"no_equipment": "true"}, ["BRG-1"]),
        ({"period": "nonsense"}, []),
        ({"first": "2026-11-02", "last": "2026-11-01"}, []),
        ({"first": "30 Feb"}, []),
        ({"customer": "9" * 500}, []),
        ({"customer": "\x00"}, []),
    ],
)
def test_filters(world, eva, as_user, query, expected) -> None:
    page = as_user(eva).get(LINES, query)
    lines = sorted((row.record for row in page.context["table"].rows), key=lambda line: -line.consumption_id)
    assert sorted(line.part.number for line in lines) == sorted(expected)


def test_filters_by_engineer_category_and_links(world, eva, tom, as_user) -> None:
    browser, bearing = as_user(eva), world["bearing"]

    def count(**query) -> int:
        return browser.get(LINES, query).context["totals"]["lines"]

    assert count(engineer=tom.pk) == 1
    assert count(category=bearing.category_id) == 2
    assert count(part=world["cable"].pk) == 1
    assert count(work_order=world["kaiser"].pk, part=world["cable"].pk) == 0
    assert count(equipment=world["chiller"].pk) == 2
    page = browser.get(REPORT, {"part": bearing.pk, "group": "month", "page": "1"})
    assert page.context["chips"] == [(bearing, "?group=month")]


def test_an_unusable_filter_says_so(world, eva, as_user) -> None:
    page = as_user(eva).get(REPORT, {"first": "2026-11-02", "last": "2026-11-01"})
    assert page.context["filter"].form.errors == {"last": ["The last day is before the first."]}


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("30", "2026-02-14", "2026-03-15"),
        ("90", "2025-12-16", "2026-03-15"),
        ("", "2025-12-16", "2026-03-15"),
        ("month", "2026-03-01", "2026-03-15"),
        ("last_month", "2026-02-01", "2026-02-28"),
        ("year", "2026-01-01", "2026-03-15"),
        ("last_year", "2025-01-01", "2025-12-31"),
    ],
)
def test_periods(period, first, last) -> None:
    assert [day.isoformat() for day in days_of(period, date(2026, 3, 15))] == [first, last]


class TestFiles:
    def test_lines_as_csv(self, world, eva, as_user) -> None:
        answer = as_user(eva).get("/reports/use/lines.csv", {"period": "90"})

        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        assert len(rows) == 4
        assert rows[0][:3] == ["Record", "Recorded", "Work order"]
        assert {(row[2], row[6], row[8], row[11]) for row in rows[1:]} == {
            ("WO-1", "BRG-1", "4", "33.60"),
            ("WO-1", "CBL-1", "1.5", "3.00"),
            ("WO-2", "BRG-1", "1", "8.40"),
        }

    def test_sums_as_xlsx_without_live_formulas(self, world, eva, as_user) -> None:
        customer = world["aurora"].customer
        customer.name = '=HYPERLINK("http://x")'
        customer.save()

        answer = as_user(eva).get("/reports/use/summary.xlsx", {"group": "customer"})

        sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
        rows = [[cell.value for cell in row] for row in sheet]
        assert rows == [
            ["Customer", "Quantity", "Lines", "Cost"],
            ['\'=HYPERLINK("http://x")', "4 pc · 1.5 m", 2, 36.6],
            ["Hotel Kaiser", "1 pc", 1, 8.4],
        ]
        assert {cell.data_type for row in sheet for cell in row} == {"s", "n"}

    @pytest.mark.parametrize("name", ["lines.pdf", "people.csv", "summary.exe"])
    def test_other_files_do_not_exist(self, eva, as_user, name) -> None:
        assert as_user(eva).get(f"/reports/use/{name}").status_code == 404


@pytest.mark.parametrize("url", [REPORT, f"{REPORT}?group=month", LINES])
def test_as_many_queries_for_three_rows_as_for_one(world, eva, as_user, url) -> None:
    browser, counts = as_user(eva), []
    for more in (0, 2):
        for _each in range(more):
            used(WorkOrderFactory(), PartFactory())
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 8


def test_engineers_see_no_cost(jana, as_user) -> None:
    urls = [REPORT, LINES, "/reports/use/lines.csv"]
    assert [as_user(jana).get(url).status_code for url in urls] == [403, 403, 403]


def test_links_keep_the_filter(world, eva, as_user) -> None:
    page = as_user(eva).get(REPORT, {"group": "part", "period": "90", "q": "brg"})
    tab = parse_qs(urlsplit(page.context["tabs"][1]["url"]).query)
    assert tab == {"period": ["90"], "q": ["brg"], "group": ["customer"]}
    assert ConsumptionLine.objects.count() == 4
    assert reverse("spareparts:use_lines") == LINES
