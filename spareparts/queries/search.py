"""The search over everything: some of each kind, and the one thing an exact number means."""

import re
from dataclasses import dataclass, field
from typing import Any

from inventory.models import Part
from inventory.search import normalise
from spareparts.models import (
    Consumption,
    Discrepancy,
    HandOver,
    LocalPurchase,
    LossReport,
    Requisition,
    Return,
    Shipment,
    StockCount,
)
from workorders import queries as jobs
from workorders.models import Customer, Equipment, WorkOrder

SHOWN = 8
REFERENCE = re.compile(r"([a-z]{2})0*([1-9]\d{0,17})")
CONSUMPTION = "co"
DOCUMENTS: dict[str, Any] = {
    kind.PREFIX.lower(): kind
    for kind in (Requisition, Shipment, Discrepancy, Return, HandOver, LossReport, LocalPurchase, StockCount)
}


@dataclass
class Found:
    """At most SHOWN of each kind that the person may see."""

    parts: list[Part] = field(default_factory=list)
    work_orders: list[WorkOrder] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    equipment: list[Equipment] = field(default_factory=list)
    consumptions: list[Consumption] = field(default_factory=list)
    documents: list[Any] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        things = (self.parts, self.work_orders, self.customers, self.equipment, self.consumptions, self.documents)
        return not any(things)

    def only_exact(self, text: str) -> Any | None:
        """The one thing whose number is ``text``, if exactly one has it; blanks, dashes and case do not count."""
        wanted = normalise(text)
        numbered: list[tuple[Any, str]] = [
            *((part, part.number) for part in self.parts),
            *((job, job.number or "") for job in self.work_orders),
            *((customer, customer.number) for customer in self.customers),
            *((machine, machine.serial) for machine in self.equipment),
            *((each, each.reference) for each in (*self.consumptions, *self.documents)),
        ]
        exact = [thing for thing, number in numbered if normalise(number) == wanted]
        return exact[0] if len(exact) == 1 else None


def find(user: Any, text: str) -> Found:
    """What fits ``text``, each kind in its own order; at most five bounded queries."""
    if not text.strip():
        return Found()
    return Found(
        parts=list(Part.objects.visible_to(user).search(text).select_related("unit")[:SHOWN]),
        work_orders=jobs.search_work_orders(user, text, limit=SHOWN),
        customers=jobs.search_customers(user, text, limit=SHOWN),
        equipment=jobs.search_equipment(user, text, limit=SHOWN),
        **_by_reference(user, text),
    )


def _by_reference(user: Any, text: str) -> dict[str, list[Any]]:
    """The document with this reference, when the person may see it."""
    match = REFERENCE.fullmatch(normalise(text))
    if match is None:
        return {}
    prefix, pk = match.group(1), int(match.group(2))
    if prefix == CONSUMPTION:
        found = Consumption.objects.visible_to(user).filter(pk=pk)
        return {"consumptions": list(found.select_related("work_order", "engineer"))}
    kind = DOCUMENTS.get(prefix)
    return {"documents": list(kind.objects.visible_to(user).filter(pk=pk)) if kind is not None else []}
