"""What spare parts management shows on the pages of the lower apps."""

from typing import Any

from django.db.models import Prefetch, Sum
from django.http import HttpRequest
from django.urls import reverse

from inventory import panels as part_panels
from inventory.enums import Permission as I
from inventory.models import Part
from spareparts.enums import Permission
from spareparts.forms.requisition_list import state_context
from spareparts.models import Consumption, ConsumptionLine, Requisition, RequisitionLine
from spareparts.queries.machine import current_parts
from spareparts.queries.open_parts import open_for_job
from spareparts.queries.report import JOB, cents, recorded_lines
from spareparts.queries.who_has import who_has
from workorders import panels as job_panels
from workorders.models import Customer, Equipment, WorkOrder

MOST_ROWS = 8
MOST_DOCUMENT_LINES = 200


def parts_used(request: HttpRequest, work_order: WorkOrder) -> dict[str, Any] | None:
    """On a job: the lines used, their cost for those who may see it, and the way to record more."""
    user = request.user
    if not user.has_perm(Permission.VIEW_CONSUMPTION):
        return None
    lines = list(
        ConsumptionLine.objects.filter(consumption__work_order=work_order)
        .select_related("part__unit", "consumption__engineer")
        .order_by("-pk")[:MOST_DOCUMENT_LINES]
    )
    for line in lines:
        line.consumption.work_order = work_order
    counted = [line for line in lines if line.consumption.is_recorded]
    sees_cost = user.has_perm(I.SEE_COST)
    return {
        "work_order": work_order,
        "lines": lines,
        "sees_cost": sees_cost,
        "total": sum(line.cost for line in counted) if sees_cost else None,
        "may_record": work_order.is_open and user.has_perm(Permission.RECORD_USE),
    }


def requests_for(request: HttpRequest, work_order: WorkOrder) -> dict[str, Any] | None:
    """On a job: what was requested for it, how far that is, and the way to request more."""
    user = request.user
    if not user.has_perm(Permission.VIEW_REQUISITIONS):
        return None
    lines = Prefetch("lines", RequisitionLine.objects.select_related("part__unit").order_by("pk"))
    found = Requisition.objects.visible_to(user).filter(work_order=work_order).select_related("engineer")
    shown = found.prefetch_related(lines).order_by("-pk")[:MOST_ROWS]
    return {
        "work_order": work_order,
        "rows": [{"requisition": each, "state": state_context(each)} for each in shown],
        "may_ask": work_order.is_open and user.has_perm(Permission.REQUEST_PARTS),
    }


def open_parts(request: HttpRequest, work_order: WorkOrder) -> dict[str, Any] | None:
    """On a job: what was taken for it and is not answered for, his own or, for managers, everybody's."""
    user: Any = request.user
    if not (work_order.is_open and user.has_perm(Permission.CLOSE_JOB)):
        return None
    is_manager = user.has_perm(Permission.RECORD_USE_FOR_OTHERS)
    rows = open_for_job(work_order, engineer=None if is_manager else user)
    if not rows:
        return None
    url = reverse("spareparts:closing", args=[work_order.pk])
    people = {row.engineer.pk: row.engineer for row in rows}
    links = [(person, f"{url}?engineer={person.pk}") for person in people.values()]
    return {"rows": rows, "links": links, "names_people": is_manager}


def machine(request: HttpRequest, equipment: Equipment) -> dict[str, Any] | None:
    """On a machine: the parts in it, and who fitted them."""
    if not request.user.has_perm(Permission.VIEW_EQUIPMENT_PARTS):
        return None
    entries = current_parts(equipment, limit=MOST_ROWS + 1)
    url = reverse("spareparts:equipment_parts", args=[equipment.pk])
    return {"entries": entries[:MOST_ROWS], "has_more": len(entries) > MOST_ROWS, "url": url}


def used_lately(request: HttpRequest, part: Part) -> dict[str, Any] | None:
    """On a part: the last records that used it and that the person may see."""
    if not request.user.has_perm(Permission.VIEW_CONSUMPTION):
        return None
    lines = recorded_lines().filter(part=part)
    is_own = not request.user.has_perm(Permission.VIEW_ALL_CONSUMPTION)
    if is_own:
        lines = lines.filter(consumption__in=Consumption.objects.visible_to(request.user))
    shown = lines.select_related("consumption__engineer", f"{JOB}__customer").order_by("-pk")[:MOST_ROWS]
    report = request.user.has_perm(Permission.VIEW_USE_REPORT)
    url = f"{reverse('spareparts:use_lines')}?part={part.pk}" if report else ""
    return {"lines": list(shown), "part": part, "url": url, "is_own": is_own}


def who_has_one(request: HttpRequest, part: Part) -> dict[str, Any] | None:
    """On a part: me, my colleagues, the warehouses and what is on the way; one tap asks a colleague for one."""
    user: Any = request.user
    if not user.has_perm(Permission.FIND_HOLDERS):
        return None
    found = who_has(part, user=user, settings=request.settings_row, policy=request.policy)  # type: ignore[attr-defined]
    return {
        "found": found,
        "part": part,
        "links": user.has_perm(Permission.VIEW_HOLDINGS),
        "may_request": user.has_perm(Permission.REQUEST_PARTS),
        "may_ask": user.has_perm(Permission.HAND_OVER),
    }


def cost_of_customer(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """On a customer: what the parts used there cost, and the way to the report."""
    if not request.user.has_perm(Permission.VIEW_USE_REPORT):
        return None
    found = recorded_lines().filter(**{f"{JOB}__customer": customer}).aggregate(cost=Sum("cost"))
    url = f"{reverse('spareparts:use_report')}?customer={customer.pk}&period=year&group=equipment"
    return {"cost": cents(found["cost"]), "url": url}


def register() -> None:
    job_panels.register(
        job_panels.Place.WORK_ORDER,
        job_panels.Panel("open_parts", "spareparts/closing/_panel_open_parts.html", open_parts, order=5),
    )
    job_panels.register(
        job_panels.Place.WORK_ORDER,
        job_panels.Panel("parts_used", "spareparts/_panel_work_order.html", parts_used, order=10),
    )
    job_panels.register(
        job_panels.Place.WORK_ORDER,
        job_panels.Panel("requests", "spareparts/requisitions/_panel_work_order.html", requests_for, order=20),
    )
    job_panels.register(
        job_panels.Place.EQUIPMENT,
        job_panels.Panel("machine", "spareparts/_panel_equipment.html", machine, order=10),
    )
    job_panels.register(
        job_panels.Place.CUSTOMER,
        job_panels.Panel("parts_cost", "spareparts/_panel_customer.html", cost_of_customer, order=10),
    )
    part_panels.register(part_panels.Panel("used_lately", "spareparts/_panel_part.html", used_lately, order=10))
    part_panels.register(part_panels.Panel("who_has", "spareparts/_panel_who_has.html", who_has_one, order=5))
