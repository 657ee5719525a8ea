"""A Monday in Vienna, and a few parts that engineers carry."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from inventory.models import Part
from tests.factories.inventory import PartFactory
from tests.support.stock import personal, put
from workorders.models import User

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def monday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def board(db: None) -> Part:
    return PartFactory(number="PCB-4471", name="Main control board", unit_cost=Decimal("120.00"))


@pytest.fixture
def fan(db: None) -> Part:
    return PartFactory(number="FAN-120", name="Exhaust fan", unit_cost=Decimal("35.50"))


def holds(engineer: User, part: Part, quantity: int = 1, *, days: int = 0, **facts: str) -> None:
    """``quantity`` smallest steps came to ``engineer`` that many days before the Monday."""
    put(personal(engineer), part, quantity, by=engineer, at=NOW - timedelta(days=days), **facts)  # type: ignore[arg-type]
