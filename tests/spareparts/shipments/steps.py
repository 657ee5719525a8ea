"""Small words for the stories of shipments."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from spareparts.domain import shipments
from spareparts.domain.requisitions import reserve_open
from spareparts.domain.shipments import Arrived
from spareparts.models import Allocation, Discrepancy, Grant, Receipt, Requisition, Shipment
from spareparts.queries import current_policy
from workorders.models import User


def facts(by: User, key: uuid.UUID | None = None) -> dict[str, Any]:
    return {"by": by, "at": timezone.now(), "key": key or uuid.uuid4(), "policy": current_policy()}


def fresh(document: Any) -> Any:
    return type(document).objects.get(pk=document.pk)


def send(*requisitions: Requisition, by: User, **more: Any) -> list[Shipment]:
    """Ship what is reserved for them; with ``quantity`` that much of the first reservation."""
    rows = [fresh(each) for each in requisitions]
    if "quantity" in more:
        allocation = Allocation.objects.filter(grant__line__requisition__in=rows, shipment=None).earliest("pk")
        more["quantities"] = {allocation.pk: more.pop("quantity")}
    return shipments.create_shipments(rows, **facts(by, more.pop("key", None)), **more)


def receive(shipment: Shipment, *said: int | dict[str, int], by: User) -> Receipt:
    """Per line in order: how many arrived, or {received, damaged, short, over}; nothing said: all of it."""
    lines = list(shipment.lines.order_by("pk"))
    answers: Sequence[Any] = said or [line.on_the_way for line in lines]
    arrived = [
        Arrived(line, **({"received": 0} | each if isinstance(each, dict) else {"received": each}))
        for line, each in zip(lines, answers, strict=True)
    ]
    return shipments.receive_shipment(fresh(shipment), **facts(by), lines=arrived)


def settle(discrepancy: Discrepancy, outcome: str, *, by: User, reason: str = "Looked it up") -> None:
    shipments.settle_discrepancy(fresh(discrepancy), **facts(by), outcome=outcome, reason=reason)


def counts(requisition: Requisition) -> dict[str, int]:
    """What its one grant counts."""
    grant = Grant.objects.get(line__requisition=requisition)
    names = ("granted", "reserved", "shipped", "received", "cancelled")
    return {name: getattr(grant, name) for name in names if getattr(grant, name)}


def fulfilment(requisition: Requisition) -> str:
    return str(Requisition.objects.get(pk=requisition.pk).get_fulfilment_display())


def reserve_rest(requisition: Requisition, *, by: User) -> None:
    reserve_open(fresh(requisition), **facts(by))
