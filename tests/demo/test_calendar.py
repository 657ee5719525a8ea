"""The demo's days."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from spareparts.demo.stage import Stage

VIENNA = ZoneInfo("Europe/Vienna")


def stage(at: datetime) -> Stage:
    return Stage(at=at)


def test_today_is_the_companys_day_and_not_the_servers() -> None:
    assert stage(datetime(2026, 11, 22, 23, 30, tzinfo=ZoneInfo("UTC"))).today == date(2026, 11, 23)


@pytest.mark.parametrize(("days", "workday"), [(0, 0), (1, 1), (6, 8), (7, 8), (-1, -2), (-7, -9), (-8, -9)])
def test_planned_work_leaves_out_weekends_but_not_today(days: int, workday: int) -> None:
    sunday = stage(datetime(2026, 11, 22, 9, 0, tzinfo=VIENNA))

    assert sunday.nearest_workday(days) == workday


def test_a_clock_time_is_the_wall_clock_on_both_sides_of_the_change_to_winter_time() -> None:
    monday = stage(datetime(2026, 10, 26, 12, 0, tzinfo=VIENNA))

    assert monday.moment(0, "09:30").utcoffset() != monday.moment(-3, "09:30").utcoffset()
    assert {monday.moment(days, "09:30").hour for days in (0, -3)} == {9}


@pytest.mark.parametrize(("months", "year", "month"), [(0, 2026, 1), (-1, 2025, 12), (12, 2027, 1), (-13, 2024, 12)])
def test_months_are_counted_over_the_year(months: int, year: int, month: int) -> None:
    found = stage(datetime(2026, 1, 31, 9, 0, tzinfo=VIENNA)).day_months_away(months)

    assert (found.year, found.month) == (year, month)
