"""Small words for the stories of spare parts."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from config.shared.errors import DomainError
from spareparts.models import EquipmentPart
from workorders.models import Equipment


@contextmanager
def refused(error: type[DomainError]) -> Iterator[Any]:
    """The event is refused and, like every refused request, leaves nothing behind."""
    with pytest.raises(error) as caught, transaction.atomic():
        yield caught


def in_machine(equipment: Equipment) -> list[tuple[str, int, str]]:
    """What the machine holds now: number, quantity, serial."""
    rows = EquipmentPart.objects.current().filter(equipment=equipment).order_by("part__number", "pk")
    return [(row.part.number, row.quantity, row.serial) for row in rows.select_related("part")]


def taken_out(equipment: Equipment) -> list[tuple[str, int]]:
    """What came out of it, the last first."""
    rows = EquipmentPart.objects.history().filter(equipment=equipment)
    return [(row.part.number, row.quantity) for row in rows.select_related("part")]


def key() -> dict[str, str]:
    """The hidden field of a form that was opened just now."""
    return {"request_key": str(uuid.uuid4())}
