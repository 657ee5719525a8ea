"""How old is what Jana holds: first in, first out, whatever happened in between."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from inventory.domain import ledger, locations
from inventory.enums import Condition, LocationKind, PostingReason
from inventory.models import Posting
from spareparts.domain.handed import HandedPart
from spareparts.domain.undo import undo_consumption
from spareparts.models import SparepartsSettings
from spareparts.queries import current_policy, current_settings
from spareparts.queries.due import badge, due_on, due_quantity, late_quantity
from spareparts.queries.holdings import held_value, holdings_of
from tests.factories.inventory import PartFactory, UnitFactory
from tests.factories.personal import accepted, offered
from tests.factories.spareparts import used
from tests.factories.workorders import WorkOrderFactory
from tests.support.stock import personal, put

AT = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def ages(engineer, at=AT) -> list[tuple[str, str, int, int]]:
    """Number, condition, quantity and whole days of the oldest piece."""
    return [(each.part.number, each.condition, each.quantity, each.days) for each in holdings_of(engineer, at=at)]


@pytest.fixture
def bearing(standard):
    return PartFactory(number="BRG-1", unit_cost=Decimal("8.40"))


def test_the_newest_arrivals_that_add_up_are_what_is_held(jana, bearing) -> None:
    put(personal(jana), bearing, 4, by=jana, at=AT - 30 * DAY)
    put(personal(jana), bearing, 3, by=jana, at=AT - 5 * DAY)
    used(WorkOrderFactory(lead=jana), bearing, at=AT - 2 * DAY)

    (holding,) = holdings_of(jana, at=AT)

    assert (holding.quantity, holding.days, holding.value) == (6, 30, Decimal("50.40"))
    assert [(each.quantity, each.days) for each in holding.layers] == [(3, 30), (3, 5)]


def test_use_and_undo_does_not_make_young(jana, bearing) -> None:
    put(personal(jana), bearing, 2, by=jana, at=AT - 20 * DAY)
    document = used(WorkOrderFactory(lead=jana), bearing, at=AT - DAY)
    assert ages(jana) == [("BRG-1", "new", 1, 20)]

    undo_consumption(document, by=jana, at=AT - DAY + timedelta(minutes=5), key=uuid.uuid4(), policy=current_policy())

    assert ages(jana) == [("BRG-1", "new", 2, 20)]


@pytest.mark.parametrize(("keeps", "days"), [(True, 20), (False, 1)])
def test_a_hand_over_keeps_the_clock_by_setting(jana, tom, bearing, keeps, days) -> None:
    SparepartsSettings.objects.update(hand_over_keeps_age=keeps)
    put(personal(jana), bearing, 2, by=jana, at=AT - 20 * DAY)

    accepted(offered(jana, tom, HandedPart(bearing, 2), at=AT - DAY), at=AT - DAY)

    assert ages(jana) == []
    assert ages(tom) == [("BRG-1", "new", 2, days)]


def test_a_reversal_and_what_it_reversed_cancel_out(jana, bearing) -> None:
    put(personal(jana), bearing, 1, by=jana, at=AT - 9 * DAY)
    put(personal(jana), bearing, 1, by=jana, at=AT - DAY)
    ledger.reverse(Posting.objects.order_by("pk").last(), reference="GR-TEST", by=jana, at=AT, key=uuid.uuid4())

    assert ages(jana) == [("BRG-1", "new", 1, 9)]


def test_conditions_and_measured_parts_are_told_apart(jana, bearing) -> None:
    metre = UnitFactory(code="m", name="metre", decimal_places=2)
    cable = PartFactory(number="CBL-1", unit=metre, unit_cost=Decimal("2.00"))
    put(personal(jana), cable, 150, by=jana, at=AT - 3 * DAY)
    put(personal(jana), bearing, 2, by=jana, at=AT - 2 * DAY, condition=Condition.OLD)
    put(personal(jana), bearing, 1, by=jana, at=AT - DAY, condition=Condition.REPAIRED)

    found = [(each.part.number, each.condition, each.pieces, each.value) for each in holdings_of(jana, at=AT)]

    assert found == [
        ("CBL-1", "new", 1, Decimal("3.00")),
        ("BRG-1", "old", 2, Decimal("0.00")),
        ("BRG-1", "repaired", 1, Decimal("8.40")),
    ]
    assert held_value(jana) == Decimal("11.40")


def test_nobody_else_is_counted(jana, tom, bearing) -> None:
    put(personal(tom), bearing, 2, by=tom, at=AT)

    assert holdings_of(jana, at=AT) == []
    assert held_value(jana) == Decimal("0.00")


def test_midnight_in_the_companys_zone_makes_a_day(jana, bearing) -> None:
    """23:30 in Vienna on the 22nd is 22:30 in Greenwich; half an hour later it is a day old."""
    put(personal(jana), bearing, 1, by=jana, at=datetime(2026, 11, 22, 22, 30, tzinfo=UTC))

    assert ages(jana, at=datetime(2026, 11, 22, 22, 50, tzinfo=UTC)) == [("BRG-1", "new", 1, 0)]
    assert ages(jana, at=datetime(2026, 11, 22, 23, 5, tzinfo=UTC)) == [("BRG-1", "new", 1, 1)]


@pytest.mark.parametrize(
    ("held", "words", "tone", "due", "late"),
    [
        (0, "Since today", "neutral", 0, 0),
        (1, "Held 1 day", "neutral", 0, 0),
        (10, "Held 10 days", "neutral", 0, 0),
        (11, "Due in 3 days", "warn", 2, 0),
        (13, "Due in 1 day", "warn", 2, 0),
        (14, "Due today", "warn", 2, 0),
        (15, "1 day late", "bad", 2, 2),
        (25, "11 days late", "bad", 2, 2),
    ],
)
def test_what_the_badge_says(jana, bearing, held, words, tone, due, late) -> None:
    put(personal(jana), bearing, 2, by=jana, at=AT - held * DAY)
    (holding,) = holdings_of(jana, at=AT)
    settings, today = current_settings(), timezone.localdate(AT, timezone.get_default_timezone())

    shown = badge(due_on(holding, holding.layers[0], settings), holding.days, today=today)

    assert (shown.text, shown.tone) == (words, tone)
    assert (due_quantity(holding, settings, today=today), late_quantity(holding, settings, today=today)) == (due, late)


def test_settings_decide_when_parts_are_due(jana, bearing) -> None:
    SparepartsSettings.objects.update(unused_days=30, old_part_days=2)
    put(personal(jana), bearing, 1, by=jana, at=AT - 20 * DAY)
    put(personal(jana), bearing, 1, by=jana, at=AT - 3 * DAY, condition=Condition.OLD)
    settings, today = current_settings(), timezone.localdate(AT, timezone.get_default_timezone())

    late = [late_quantity(each, settings, today=today) for each in holdings_of(jana, at=AT)]

    assert late == [0, 1]


def test_a_part_that_came_back_refused_is_as_old_as_before(jana, bearing) -> None:
    """Whatever brings it back says since when it was held."""
    line = ledger.Line(
        bearing, 1, locations.outside(LocationKind.SUPPLIER), personal(jana), Condition.NEW, None, AT - 40 * DAY
    )
    ledger.post(reason=PostingReason.RETURN, reference="RT-000001", lines=[line], by=jana, at=AT, key=uuid.uuid4())

    assert ages(jana) == [("BRG-1", "new", 1, 40)]
