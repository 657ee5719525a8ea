"""Returns and old parts owed, made by the domain itself."""

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone

from inventory.models import Part, Warehouse
from spareparts.domain.consumption import UsedPart
from spareparts.domain.returns import ReturnedPart, hand_over_return, prepare_return
from spareparts.enums import OldPartAnswer
from spareparts.models import OldPartDebt, Return
from spareparts.queries import current_policy
from tests.factories.spareparts import used
from tests.factories.workorders import WorkOrderFactory
from tests.support.stock import personal, put
from workorders.models import User, WorkOrder


def prepared(
    engineer: User,
    *parts: tuple[Part, int] | ReturnedPart,
    warehouse: Warehouse | None = None,
    at: datetime | None = None,
    **facts: Any,
) -> Return:
    """A return of what the engineer holds: (part, quantity) means new parts."""
    return prepare_return(
        engineer=engineer,
        by=engineer,
        at=at or timezone.now(),
        policy=current_policy(),
        parts=[each if isinstance(each, ReturnedPart) else ReturnedPart(*each) for each in parts],
        warehouse=warehouse,
        **facts,
    )


def handed_over(engineer: User, *parts: Any, warehouse: Warehouse | None = None, **facts: Any) -> Return:
    """The same, already on its way."""
    document = prepared(engineer, *parts, warehouse=warehouse, **facts)
    hand_over(document)
    return document


def hand_over(document: Return, *, at: datetime | None = None, **facts: Any) -> list[Any]:
    return hand_over_return(
        document, by=document.engineer, at=at or timezone.now(), key=uuid.uuid4(), policy=current_policy(), **facts
    )


def owed(
    engineer: User, part: Part, *, quantity: int = 1, work_order: WorkOrder | None = None, **facts: Any
) -> OldPartDebt:
    """An old part that must come back, as a use leaves it: it lies in the engineer's hands. ``facts`` of the debt."""
    put(personal(engineer), part, quantity, by=engineer)
    job = work_order or WorkOrderFactory(lead=engineer)
    line = UsedPart(part, quantity, old_part_answer=OldPartAnswer.RETURNING, old_part=part)
    document = used(job, line, engineer=engineer)
    debt = OldPartDebt.objects.get(line__consumption=document)
    if facts:
        OldPartDebt.objects.filter(pk=debt.pk).update(**facts)
        debt.refresh_from_db()
    return debt
