"""What these stories say often."""

import uuid
from typing import Any

from django.utils import timezone

from inventory.models import Part
from spareparts.domain.requisitions import AskedLine, create_requisition, submit_requisition
from spareparts.models import Requisition
from spareparts.queries import current_policy
from workorders.models import User


def drafted(engineer: User, *parts: tuple[Part, int], by: User | None = None, **facts: Any) -> Requisition:
    lines = [AskedLine(part, quantity) for part, quantity in parts]
    at, policy = timezone.now(), current_policy()
    return create_requisition(engineer=engineer, by=by or engineer, at=at, policy=policy, lines=lines, **facts)


def asked(engineer: User, *parts: tuple[Part, int], by: User | None = None, **facts: Any) -> Requisition:
    """Sent; what happens then is for the settings to say."""
    requisition = drafted(engineer, *parts, by=by, **facts)
    now, policy = timezone.now(), current_policy()
    submit_requisition(requisition, by=by or engineer, at=now, key=uuid.uuid4(), policy=policy)
    return requisition


def lines(*rows: dict[str, Any]) -> dict[str, str]:
    """What the browser sends for these lines."""
    data = {"lines-TOTAL_FORMS": str(len(rows)), "lines-INITIAL_FORMS": "0"}
    for index, row in enumerate(rows):
        data |= {f"lines-{index}-{name}": str(value) for name, value in row.items()}
    return data


def line(part: Part, quantity: object) -> dict[str, Any]:
    return {"part": part.pk, "quantity": quantity}


def steps(context: Any) -> list[tuple[str, str]]:
    """The parcel as label and state."""
    return [(step["label"], step["state"]) for step in context["steps"]]


def labels(context: Any) -> list[str]:
    """The buttons of the page."""
    return [str(button["label"]) for button in context["buttons"]]
