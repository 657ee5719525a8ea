"""Requests as the domain itself makes them: written, sent, decided."""

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone

from inventory.models import Part, Warehouse
from spareparts.domain import requisitions
from spareparts.domain.requisitions import AskedLine
from spareparts.models import Grant, Requisition, SparepartsSettings, WarehouseTerms
from spareparts.queries import current_policy
from tests.factories.inventory import WarehouseFactory
from workorders.models import Team, User


def settings(**fields: Any) -> None:
    """The company's terms, as if they had been set long ago."""
    SparepartsSettings.objects.filter(pk=1).update(**fields)


def depot(name: str = "Vienna", *managers: User, serves: Team | None = None, **terms: Any) -> Warehouse:
    """An open warehouse; the first one is the default."""
    is_default = not Warehouse.objects.filter(is_default=True).exists()
    warehouse: Warehouse = WarehouseFactory(name=name, is_default=is_default)
    warehouse.managers.set(managers)
    row = WarehouseTerms.objects.create(warehouse=warehouse, **terms)
    if serves is not None:
        row.teams.add(serves)
    return warehouse


def draft(engineer: User, *lines: tuple[Part, int], by: User | None = None, **facts: Any) -> Requisition:
    """A request nobody was sent yet; each line (part, smallest steps)."""
    return requisitions.create_requisition(
        engineer=engineer,
        by=by or engineer,
        at=facts.pop("at", None) or timezone.now(),
        policy=facts.pop("policy", None) or current_policy(),
        lines=[AskedLine(part, quantity) for part, quantity in lines],
        **facts,
    )


def sent(engineer: User, *lines: tuple[Part, int], by: User | None = None, **facts: Any) -> Requisition:
    """A draft that was sent at once: approved where that is automatic."""
    requisition = draft(engineer, *lines, by=by, **facts)
    act("submit", requisition, by=by or engineer, at=facts.get("at"))
    return requisition


KEYLESS = frozenset({"withdraw", "reject", "forward", "pack", "copy", "edit"})
NAMES = {
    "reserve": "reserve_open",
    "cancel_rest": "cancel_rest",
    "swap_lot": "swap_lot",
    "undo_issue": "undo_issue",
}


def act(verb: str, document: Any, *, by: User, at: datetime | None = None, **facts: Any) -> Any:
    """Do ``verb`` now, under the present policy, with a key of its own where it may post."""
    facts.setdefault("policy", current_policy())
    if verb not in KEYLESS:
        facts.setdefault("key", uuid.uuid4())
    name = NAMES.get(verb, f"{verb}_requisition")
    return getattr(requisitions, name)(document, by=by, at=at or timezone.now(), **facts)


def grants(requisition: Requisition) -> list[dict[str, Any]]:
    """What the grants say now, what is zero left out."""
    counts = ("granted", "reserved", "packed", "issued", "shipped", "received", "cancelled")
    return [
        {"part": grant.part.number} | {name: getattr(grant, name) for name in counts if getattr(grant, name)}
        for grant in Grant.objects.filter(line__requisition=requisition).select_related("part").order_by("pk")
    ]
