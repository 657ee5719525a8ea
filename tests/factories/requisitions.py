"""Approved requisitions with their parts reserved, made row by row: for stories that begin behind the approval."""

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone

from inventory.domain import ledger
from inventory.enums import PostingReason
from inventory.models import Lot, Part, Warehouse
from spareparts.enums import SHIPPABLE, Fulfilment, ReceivingMethod, RequisitionStatus
from spareparts.models import Allocation, Grant, Requisition, RequisitionLine
from spareparts.queries import current_policy
from tests.support.stock import put, shelf, staging
from workorders.models import User


def approved_requisition(
    engineer: User,
    warehouse: Warehouse,
    *parts: tuple[Part, int] | tuple[Part, int, int],
    by: User,
    at: datetime | None = None,
    receiving_method: str = ReceivingMethod.TO_ENGINEER,
    **facts: Any,
) -> Requisition:
    """Approved; each (part, granted) lies reserved in staging, or only ``reserved`` of it: (part, granted, reserved).

    The stock comes from the supplier, so the books add up. ``facts`` are further fields: destination, site, work_order.
    """
    at = at or timezone.now()
    is_shipped = receiving_method != ReceivingMethod.PICK_UP
    requisition = Requisition.objects.create(
        engineer=engineer,
        warehouse=warehouse,
        mode=current_policy().mode or "",
        status=RequisitionStatus.APPROVED,
        fulfilment=facts.pop("fulfilment", Fulfilment.PENDING_SHIPMENT if is_shipped else Fulfilment.PENDING_PICK_UP),
        receiving_method=receiving_method,
        created_at=at,
        created_by=engineer,
        submitted_at=at,
        decided_at=at,
        decided_by=by,
        **facts,
    )
    for part, granted, *reserved in parts:
        line = RequisitionLine.objects.create(requisition=requisition, part=part, quantity=granted)
        grant = Grant.objects.create(line=line, part=part, granted=granted)
        reserve(grant, reserved[0] if reserved else granted, by=by, at=at)
    return requisition


def reserve(grant: Grant, quantity: int, *, by: User, lot: Lot | None = None, at: datetime | None = None) -> None:
    """``quantity`` more smallest steps of the grant lie in staging, out of stock that has just come in."""
    warehouse = grant.line.requisition.warehouse
    assert warehouse is not None
    if not quantity:
        return
    at = at or timezone.now()
    put(shelf(warehouse), grant.part, quantity, by=by, at=at, lot=lot)
    ledger.post(
        reason=PostingReason.REQUISITION,
        reference=grant.line.requisition.reference,
        lines=[ledger.Line(grant.part, quantity, shelf(warehouse), staging(warehouse), lot=lot)],
        by=by,
        at=at,
        key=uuid.uuid4(),
    )
    rows = Allocation.objects.filter(grant=grant, warehouse=warehouse, lot=lot, shipment=None)
    found = rows.first()
    if found is None:
        Allocation.objects.create(grant=grant, part=grant.part, warehouse=warehouse, quantity=quantity, lot=lot)
    else:
        rows.update(quantity=found.quantity + quantity)
    Grant.objects.filter(pk=grant.pk).update(reserved=grant.reserved + quantity)
    grant.refresh_from_db()


def is_shippable(requisition: Requisition) -> bool:
    """As it stands now."""
    return Requisition.objects.get(pk=requisition.pk).fulfilment in SHIPPABLE
