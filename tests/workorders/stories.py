"""What the stories of work orders share."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from config.shared.errors import DomainError
from config.shared.models import AuditEvent
from tests.factories.workorders import WorkOrderFactory
from workorders.enums import WorkOrderStatus
from workorders.models import WorkOrder

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LATER = AT + timedelta(hours=2)


@contextmanager
def refused(kind: type[DomainError]) -> Iterator[pytest.ExceptionInfo[DomainError]]:
    """The body raises exactly ``kind``; as in a page, its transaction is taken back."""
    with pytest.raises(DomainError) as refusal, transaction.atomic():
        yield refusal
    assert refusal.type is kind


def job(status: str = WorkOrderStatus.ASSIGNED, **fields: Any) -> WorkOrder:
    """A work order in ``status``, with all that the database asks of it."""
    if status == WorkOrderStatus.NEW:
        fields.setdefault("lead", None)
    if status == WorkOrderStatus.COMPLETED:
        fields.setdefault("completed_at", AT - timedelta(days=1))
    return WorkOrderFactory(status=status, **fields)


def written() -> tuple[list[dict[str, Any]], list[tuple[int, int]], int]:
    """Everything a verb could write."""
    helpers = WorkOrder.helpers.through.objects.order_by("pk").values_list("workorder_id", "user_id")
    return list(WorkOrder.objects.order_by("pk").values()), list(helpers), AuditEvent.objects.count()


def verbs_of(work_order: WorkOrder) -> list[str]:
    """The verbs in its history, oldest first."""
    events = AuditEvent.objects.filter(subject_type="workorders.workorder", subject_id=str(work_order.pk))
    return list(events.order_by("pk").values_list("verb", flat=True))


def keyed(**fields: Any) -> dict[str, Any]:
    """A form as a browser sends it: with a request key."""
    return {"request_key": str(uuid.uuid4()), **fields}
