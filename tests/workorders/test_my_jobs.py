"""What "today" means: the day where the engineer is, with what is late and what is begun."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from tests.workorders.stories import job
from workorders import queries
from workorders.models import User

pytestmark = pytest.mark.django_db
VIENNA, SHANGHAI, NEW_YORK = (ZoneInfo(name) for name in ("Europe/Vienna", "Asia/Shanghai", "America/New_York"))


def numbers(jobs: object) -> list[str]:
    return [each.number for each in jobs]  # type: ignore[attr-defined]


def test_today_next_and_done(jana: User, tom: User):
    now = datetime(2026, 11, 23, 10, 0, tzinfo=VIENNA)
    job("assigned", lead=jana, number="late", planned_at=now - timedelta(days=9))
    job("assigned", lead=jana, number="this evening", planned_at=now.replace(hour=23, minute=59))
    job("assigned", lead=jana, number="at midnight", planned_at=now.replace(hour=0) + timedelta(days=1))
    job("in_progress", lead=jana, number="begun", planned_at=now + timedelta(days=5))
    job("on_hold", lead=jana, number="waiting", planned_at=now - timedelta(days=1))
    job("on_hold", lead=jana, number="waiting, no time")
    job("assigned", lead=jana, number="no time")
    job("assigned", lead=tom, number="not mine", planned_at=now)
    job("cancelled", lead=jana, number="cancelled", planned_at=now)
    job("completed", lead=jana, number="older", completed_at=now - timedelta(days=3))
    job("completed", lead=jana, number="newer", completed_at=now - timedelta(days=2))
    helped = job("assigned", lead=tom, number="helped", planned_at=now)
    helped.helpers.add(jana)

    today = queries.jobs_today(jana, now=now, zone=VIENNA)
    later = queries.jobs_next(jana, now=now, zone=VIENNA)
    assert numbers(today) == ["begun", "late", "waiting", "helped", "this evening"]
    assert numbers(later) == ["at midnight", "waiting, no time", "no time"]
    assert numbers(queries.jobs_done(jana)) == ["newer", "older"]
    assert queries.job_counts(jana, now=now, zone=VIENNA) == {"today": 5, "next": 3}


@pytest.mark.parametrize(
    ("zone", "is_today"),
    [(VIENNA, False), (UTC, True), (NEW_YORK, True), (SHANGHAI, True)],
)
def test_half_past_eleven_at_night_is_another_time_elsewhere(zone: ZoneInfo, is_today: bool, jana: User):
    """23:30 in Vienna: a job at 00:15 is tomorrow there, this evening in New York, and this morning in Shanghai."""
    now = datetime(2026, 11, 23, 23, 30, tzinfo=VIENNA)
    job("assigned", lead=jana, planned_at=datetime(2026, 11, 24, 0, 15, tzinfo=VIENNA))
    expected = {"today": 1, "next": 0} if is_today else {"today": 0, "next": 1}
    assert queries.job_counts(jana, now=now, zone=zone) == expected


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 29), VIENNA, 23),
        (date(2026, 10, 25), VIENNA, 25),
        (date(2026, 11, 23), VIENNA, 24),
        (date(2026, 3, 8), NEW_YORK, 23),
        (date(2026, 11, 1), NEW_YORK, 25),
        (date(2024, 2, 29), SHANGHAI, 24),
        (date(2026, 12, 31), ZoneInfo("Pacific/Auckland"), 24),
        (date(2026, 4, 24), ZoneInfo("Africa/Cairo"), 23),  # there midnight itself does not exist
    ],
)
def test_a_day_has_as_many_hours_as_the_clocks_say(day: date, zone: ZoneInfo, hours: int):
    start, end = queries.day_bounds(day, zone)
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("planned", "is_today"),
    [("2026-10-25T00:30", True), ("2026-10-25T23:30", True), ("2026-10-26T00:15", False)],
)
def test_the_long_day_of_the_autumn_ends_at_its_own_midnight(planned: str, is_today: bool, jana: User):
    now = datetime(2026, 10, 25, 1, 0, tzinfo=VIENNA)
    job("assigned", lead=jana, planned_at=datetime.fromisoformat(planned).replace(tzinfo=VIENNA))
    assert (len(queries.jobs_today(jana, now=now, zone=VIENNA)) == 1) is is_today


@time_machine.travel(datetime(2026, 11, 23, 22, 30, tzinfo=UTC), tick=False)
@pytest.mark.parametrize(("zone", "shown"), [("", []), ("Asia/Shanghai", ["WO-1"])])
def test_the_page_uses_the_persons_own_zone(zone: str, shown: list[str], jana: User, as_user: Callable[[User], Client]):
    """At 23:30 in Vienna it is 06:30 of the next day in Shanghai."""
    jana.time_zone = zone
    jana.save()
    job("assigned", lead=jana, number="WO-1", planned_at=datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI))
    job("assigned", lead=jana, number="WO-2", planned_at=datetime(2026, 11, 25, 9, 0, tzinfo=SHANGHAI))
    assert numbers(as_user(jana).get("/jobs/").context["jobs"]) == shown
