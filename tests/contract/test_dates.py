"""R16 on the pages: a day ends when the company's clock says so, around clock changes, leap days and year ends.

48 cases: four zones, four days, three places where a date decides (the days themselves are in tests/ledger).
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import RequestFactory
from django.utils import timezone

from spareparts.filters import UseFilter
from spareparts.queries import report
from tests.factories.inventory import PartFactory
from tests.factories.spareparts import used
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from workorders import queries
from workorders.filters import EquipmentFilter
from workorders.models import Equipment, User

# In each zone: the day of a clock change (or the one before it), the leap day, and the last days of a month and a year.
CASES = [
    (zone, date.fromisoformat(day))
    for zone, days in {
        "Europe/Vienna": ["2026-03-28", "2026-10-25", "2028-02-29", "2026-12-31"],
        "America/New_York": ["2026-03-08", "2026-10-31", "2028-02-29", "2026-12-31"],
        "Australia/Lord_Howe": ["2026-04-05", "2026-10-03", "2028-02-29", "2026-12-31"],
        "America/Havana": ["2026-03-07", "2026-10-31", "2028-02-29", "2026-12-31"],
    }.items()
    for day in days
]
EACH_DAY = pytest.mark.parametrize(("zone", "day"), CASES, ids=str)


def edges(zone: str, day: date) -> tuple[datetime, datetime]:
    """Half a minute before the company's midnight after ``day``, and after it; where the clock skips midnight, after
    the moment it skips to."""
    here = ZoneInfo(zone)
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=here).astimezone(ZoneInfo("UTC"))
    return midnight - timedelta(seconds=30), midnight + timedelta(seconds=30)


@pytest.fixture
def company(zone: str, settings: Any) -> None:
    settings.TIME_ZONE = settings.COMPANY_TIME_ZONE = zone


def lines_of(first: date, last: date) -> list[int]:
    asked = {"first": first.isoformat(), "last": last.isoformat()}
    return [
        line.quantity for line in UseFilter(asked, today=last, request=RequestFactory().get("/")).lines.order_by("pk")
    ]


@EACH_DAY
def test_parts_used_before_midnight_are_that_days_and_that_months(zone: str, day: date, company: None, jana: User):
    before, after = edges(zone, day)
    job, part = WorkOrderFactory(lead=jana), PartFactory()
    from spareparts.domain.consumption import UsedPart

    used(job, UsedPart(part, 1), at=before)
    used(job, UsedPart(part, 2), at=after)
    tomorrow = day + timedelta(days=1)
    assert (lines_of(day, day), lines_of(tomorrow, tomorrow), lines_of(day, tomorrow)) == ([1], [2], [1, 2])
    asked = {"first": day.isoformat(), "last": tomorrow.isoformat()}
    found = UseFilter(asked, today=tomorrow, request=RequestFactory().get("/"))
    months = list(report.grouped(found.lines, report.GROUPINGS["month"], report.units()))
    assert len(months) == (1 if day.month == tomorrow.month else 2)


@EACH_DAY
def test_a_warranty_ends_with_its_last_day(zone: str, day: date, company: None, eva: User):
    machine = EquipmentFactory(warranty_until=day)
    for moment, is_in in zip(edges(zone, day), (True, False), strict=True):
        with time_machine.travel(moment, tick=False):
            today = timezone.localdate(timezone=timezone.get_default_timezone())
            request = RequestFactory().get("/")
            request.user = eva
            found = EquipmentFilter({"warranty": "in"}, queryset=Equipment.objects.all(), request=request)
            assert (list(found.qs), machine.is_in_warranty(today)) == ([machine] if is_in else [], is_in)


@EACH_DAY
def test_a_job_planned_before_midnight_is_todays(zone: str, day: date, company: None, jana: User):
    before, after = edges(zone, day)
    jobs = [WorkOrderFactory(lead=jana, status="assigned", planned_at=moment) for moment in (before, after)]
    noon = datetime.combine(day, time(12), tzinfo=ZoneInfo(zone))
    here = ZoneInfo(zone)
    assert list(queries.jobs_today(jana, now=noon, zone=here)) == jobs[:1]
    assert list(queries.jobs_next(jana, now=noon, zone=here)) == jobs[1:]


def test_there_are_48_cases():
    assert len(set(CASES)) * 3 == 48
