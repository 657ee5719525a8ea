"""Parts that an engineer took for a job, row by row: for stories that begin behind the issue."""

import uuid
from datetime import datetime

from django.utils import timezone

from inventory.domain import ledger, locations
from inventory.enums import LocationKind, PostingReason
from inventory.models import Lot, Part
from spareparts.enums import Fulfilment, RequisitionStatus
from spareparts.models import Grant, Issue, IssueLine, Requisition, RequisitionLine
from spareparts.queries import current_policy
from tests.support.stock import personal
from workorders.models import User, WorkOrder


def issued(
    work_order: WorkOrder | None,
    part: Part,
    quantity: int = 1,
    *,
    engineer: User,
    lot: Lot | None = None,
    at: datetime | None = None,
) -> Issue:
    """``quantity`` smallest steps came from outside to ``engineer``, issued for the job."""
    at = at or timezone.now()
    requisition = Requisition.objects.create(
        engineer=engineer,
        work_order=work_order,
        mode=current_policy().mode or "",
        status=RequisitionStatus.APPROVED,
        fulfilment=Fulfilment.CONFIRMED,
        created_at=at,
        created_by=engineer,
        submitted_at=at,
        decided_at=at,
    )
    line = RequisitionLine.objects.create(requisition=requisition, part=part, quantity=quantity)
    grant = Grant.objects.create(line=line, part=part, granted=quantity, issued=quantity)
    source = locations.outside(LocationKind.SUPPLIER)
    posting = ledger.post(
        reason=PostingReason.REQUISITION,
        reference=requisition.reference,
        lines=[ledger.Line(part, quantity, source, personal(engineer), lot=lot)],
        by=engineer,
        at=at,
        key=uuid.uuid4(),
    )
    issue = Issue.objects.create(requisition=requisition, posting=posting, created_at=at, created_by=engineer)
    IssueLine.objects.create(issue=issue, grant=grant, part=part, quantity=quantity, lot=lot)
    return issue
