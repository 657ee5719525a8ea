"""What the demo company does not have of itself: one of every document, Jana's or made for her, by the domain."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from inventory.models import Part, Warehouse
from spareparts.domain.counts import CountedPart
from spareparts.domain.shipments import Arrived, create_shipments, receive_shipment
from spareparts.enums import ReceivingMethod
from spareparts.models import Absence, Discrepancy, Issue, Requisition, ServiceBomLine, Shipment
from spareparts.queries import current_policy
from tests.factories.asking import act, draft, sent, settings
from tests.factories.personal import bought, finished, gives, lost, offered, opened
from tests.factories.returns import handed_over, owed, prepared
from tests.support.stock import put, shelf
from workorders.models import User, WorkOrder

SHIPPED = {"receiving_method": ReceivingMethod.TO_ENGINEER}


def all_documents(job: WorkOrder, jana: User) -> dict[str, int]:
    """Name to key of one of each."""
    depot = Warehouse.objects.get(name="Vienna depot")
    karl, tom = (User.objects.get(name=name) for name in ("Karl Huber", "Tom Berger"))
    part = Part.objects.get(number="BAT-12-12")
    put(shelf(depot), part, 100, by=karl, at=timezone.now() - timedelta(hours=3))
    gives(jana, part, 20, at=timezone.now() - timedelta(hours=2))
    gives(tom, part, 20, at=timezone.now() - timedelta(hours=2))
    ServiceBomLine.objects.create(equipment_model=job.equipment.model, part=part, quantity=1)
    made = _requests(jana, karl, part, job) | _parcels(jana, karl, part)
    made |= _personal(jana, tom, part) | _returns(jana, part, depot, job)
    return {name: document.pk for name, document in made.items()}


def _requests(jana: User, karl: User, part: Part, job: WorkOrder) -> dict[str, Any]:
    settings(requisition_approval="manual")
    submitted = sent(jana, (part, 2))
    settings(requisition_approval="automatic")
    issue: Issue = act("issue", sent(jana, (part, 3)), by=karl)
    return {
        "submitted": submitted,
        "approved": sent(jana, (part, 4), work_order=job),
        "to_ship": sent(jana, (part, 5), **SHIPPED),
        "issue": issue,
        "draft": draft(jana, (part, 1)),
    }


def _parcels(jana: User, karl: User, part: Part) -> dict[str, Any]:
    settings(shipment_approval=True)
    waiting = _ship(sent(jana, (part, 2), **SHIPPED), karl)
    settings(shipment_approval=False)
    short = _ship(sent(jana, (part, 3), **SHIPPED), karl)
    arrived = [Arrived(short.lines.get(), received=1, short=2)]
    receive_shipment(short, by=jana, at=timezone.now(), key=uuid.uuid4(), policy=current_policy(), lines=arrived)
    return {
        "waiting_shipment": waiting,
        "discrepancy": Discrepancy.objects.get(),
        "shipment": _ship(sent(jana, (part, 6), **SHIPPED), karl),
    }


def _ship(requisition: Requisition, karl: User) -> Shipment:
    (shipment,) = create_shipments([requisition], by=karl, at=timezone.now(), key=uuid.uuid4(), policy=current_policy())
    return shipment


def _personal(jana: User, tom: User, part: Part) -> dict[str, Any]:
    waiting = opened(tom)
    settings(count_limit=0)
    counted = [
        CountedPart(row.part, max(row.booked - 1, 0), row.condition, row.lot, reason="Miscounted")
        for row in waiting.lines.all()
    ]
    finished(waiting, *counted)
    settings(count_limit=100)
    today = timezone.now().date()
    Absence.objects.create(person=jana, deputy=tom, first_day=today, last_day=today + timedelta(days=3))
    return {
        "offer": offered(tom, jana, part),
        "loss": lost(jana, part),
        "purchase": bought(jana, part),
        "count": opened(jana),
        "waiting_count": waiting,
    }


def _returns(jana: User, part: Part, depot: Warehouse, job: WorkOrder) -> dict[str, Any]:
    return {
        "prepared": prepared(jana, (part, 2), warehouse=depot),
        "handed_over": handed_over(jana, (part, 3), warehouse=depot),
        "debt": owed(jana, Part.objects.get(number="BRG-6006-2RS"), work_order=job),
    }
