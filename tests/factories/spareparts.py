"""Machines with parts in them, and parts used on jobs, made by the domain itself."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import factory
from django.utils import timezone

from inventory.models import Part
from spareparts.domain.consumption import UsedPart, record_consumption
from spareparts.models import Consumption, EquipmentPart
from spareparts.queries import current_policy
from tests.factories.inventory import PartFactory
from tests.factories.workorders import EquipmentFactory
from workorders.models import User, WorkOrder


class EquipmentPartFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EquipmentPart

    equipment = factory.SubFactory(EquipmentFactory)
    part = factory.SubFactory(PartFactory)
    quantity = 1


def used(
    work_order: WorkOrder,
    *lines: UsedPart | Part,
    engineer: User | None = None,
    by: User | None = None,
    at: datetime | None = None,
    reason: str = "",
    key: uuid.UUID | None = None,
    **facts: Any,
) -> Consumption:
    """Record ``lines`` (a part alone: one of it) on the job, by its lead unless told otherwise."""
    engineer = engineer or work_order.lead
    assert engineer is not None
    return record_consumption(
        work_order,
        engineer=engineer,
        by=by or engineer,
        at=at or timezone.now(),
        key=key or uuid.uuid4(),
        policy=facts.get("policy") or current_policy(),
        lines=as_lines(lines),
        reason=reason,
    )


def as_lines(lines: Sequence[UsedPart | Part]) -> list[UsedPart]:
    return [line if isinstance(line, UsedPart) else UsedPart(line, 10**line.unit.decimal_places) for line in lines]
