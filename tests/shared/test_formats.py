"""A moment and an amount are written one way on every page, in each language."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.forms import DateField
from django.utils import formats, translation

from config.shared.templatetags.shared import money, quantity
from inventory.models import Unit

MOMENT = datetime(2026, 11, 3, 9, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "moment", "day", "month", "amount"),
    [
        ("en", "3 Nov 2026, 09:04", "3 Nov 2026", "November 2026", "€36,940.79"),
        ("zh-hans", "2026年11月3日 09:04", "2026年11月3日", "2026年11月", "€36,940.79"),
    ],
)
def test_one_style(language: str, moment: str, day: str, month: str, amount: str) -> None:
    with translation.override(language):
        assert {formats.date_format(MOMENT, f"{each}DATETIME_FORMAT") for each in ("", "SHORT_")} == {moment}
        assert {formats.date_format(MOMENT, f"{each}DATE_FORMAT") for each in ("", "SHORT_")} == {day}
        assert formats.date_format(MOMENT, "YEAR_MONTH_FORMAT") == month
        assert money(Decimal("36940.79")) == amount
        assert quantity(123456, Unit(decimal_places=2)) == "1,234.56"


@pytest.mark.parametrize(("language", "typed"), [("en", "3 Nov 2026"), ("zh-hans", "2026年11月3日")])
def test_a_date_field_takes_what_browsers_send_and_what_pages_show(language: str, typed: str) -> None:
    with translation.override(language):
        assert DateField().clean("2026-11-03") == DateField().clean(typed) == date(2026, 11, 3)


@pytest.mark.parametrize(
    ("amount", "places", "words"), [("735.98", 0, "€736"), ("0.5", 0, "€1"), ("12.345", 2, "€12.35"), ("3", 2, "€3.00")]
)
def test_money_is_rounded_and_never_cut_off(amount, places, words) -> None:
    assert money(Decimal(amount), places) == words
