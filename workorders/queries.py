"""Reads of people and work orders. Every query is bounded and starts from what the person may see."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Subquery, When

from workorders.enums import ACTIVE_STATUSES, OPEN_STATUSES, Role, WorkOrderStatus
from workorders.models import Customer, Equipment, Site, User, WorkOrder
from workorders.models.numbers import holds_number, is_number
from workorders.models.work_orders import WorkOrderQuerySet

DONE_SHOWN = 50
UNASSIGNED_SHOWN = 50
ENGINEERS_SHOWN = 60
DAY_JOBS_SHOWN = 400
SEARCH_SHOWN = 8
READ_IN_FULL = 20_000


def day_bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first moment of ``day`` in ``zone`` and of the day after; 23 or 25 hours apart at a clock change."""
    start = datetime.combine(day, time.min, tzinfo=zone)
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    return start, end


def with_places(work_orders: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
    """Everything a list shows of a work order, in the same query."""
    return work_orders.select_related("customer", "site", "equipment", "lead")


# --- My jobs ---------------------------------------------------------------------------------------------
def _today_rule(now: datetime, zone: tzinfo) -> Q:
    """Begun, or planned before this day ends where the person is; what is overdue belongs to today."""
    _start, end = day_bounds(now.astimezone(zone).date(), zone)
    return Q(status=WorkOrderStatus.IN_PROGRESS) | Q(status__in=OPEN_STATUSES, planned_at__lt=end)


def jobs_today(user: User, *, now: datetime, zone: tzinfo) -> QuerySet[WorkOrder]:
    """What is being worked on first, then by time."""
    jobs = with_places(WorkOrder.objects.of_engineer(user).filter(_today_rule(now, zone)))
    is_waiting = Case(When(status=WorkOrderStatus.IN_PROGRESS, then=0), default=1)
    return jobs.order_by(is_waiting, F("planned_at").asc(nulls_first=True), "priority", "pk")


def jobs_next(user: User, *, now: datetime, zone: tzinfo) -> QuerySet[WorkOrder]:
    """Open jobs of later days by time, those without a time last."""
    later = WorkOrder.objects.of_engineer(user).open().exclude(_today_rule(now, zone))
    return with_places(later).order_by(F("planned_at").asc(nulls_last=True), "priority", "pk")


def jobs_done(user: User) -> QuerySet[WorkOrder]:
    """Completed jobs, the last one first."""
    done = WorkOrder.objects.of_engineer(user).filter(status=WorkOrderStatus.COMPLETED)
    return with_places(done).order_by("-completed_at", "-pk")[:DONE_SHOWN]


def job_counts(user: User, *, now: datetime, zone: tzinfo) -> dict[str, int]:
    """How many jobs are ``today`` and ``next``; an engineer has few open ones, so counting them is cheap."""
    today = _today_rule(now, zone)
    answer = WorkOrder.objects.of_engineer(user).open().aggregate(all=Count("pk"), today=Count("pk", filter=today))
    return {"today": answer["today"], "next": answer["all"] - answer["today"]}


# --- Dispatch --------------------------------------------------------------------------------------------
@dataclass
class DayLoad:
    """One engineer's jobs of one day, as lead."""

    engineer: User
    jobs: list[WorkOrder] = field(default_factory=list)


def unassigned(user: User) -> QuerySet[WorkOrder]:
    """Jobs without an engineer, the most urgent first, then the oldest."""
    new = WorkOrder.objects.visible_to(user).filter(status=WorkOrderStatus.NEW)
    return with_places(new).order_by("priority", F("planned_at").asc(nulls_last=True), "pk")


def active_engineers() -> QuerySet[User]:
    """People who may be given a job, with their team."""
    return User.objects.with_role(Role.ENGINEER).filter(is_active=True).select_related("team").order_by("name")


def day_loads(user: User, engineers: Iterable[User], *, day: date, zone: tzinfo) -> list[DayLoad]:
    """What each of ``engineers`` leads on ``day``, in their order; one query."""
    loads = {engineer.pk: DayLoad(engineer) for engineer in engineers}
    start, end = day_bounds(day, zone)
    planned = (
        WorkOrder.objects.visible_to(user)
        .filter(lead__in=loads, planned_at__gte=start, planned_at__lt=end)
        .exclude(status=WorkOrderStatus.CANCELLED)
        .select_related("customer")
        .order_by("planned_at", "pk")[:DAY_JOBS_SHOWN]
    )
    for job in planned:
        if job.lead_id is not None:
            loads[job.lead_id].jobs.append(job)
    return list(loads.values())


# --- Lists and search ------------------------------------------------------------------------------------
def matching_work_orders(work_orders: WorkOrderQuerySet, text: str) -> WorkOrderQuerySet:
    """Those that name ``text`` as number, customer, serial number or machine, or in the description.

    Customers and machines are looked up in their own, much smaller tables. The middle of a number and the
    description are read for open work orders and the newest ones only, so that the search of a large company
    does not grow with its past; a whole number and the beginning of one are found however old they are.
    """
    customers = Customer.objects.filter(name__icontains=text).order_by().values("pk")
    machines = Equipment.objects.filter(holds_number("serial", text) | Q(name__icontains=text)).order_by().values("pk")
    edge = WorkOrder.objects.order_by("-pk").annotate(edge=F("pk") - READ_IN_FULL).values("edge")[:1]
    is_read = Q(pk__gt=Subquery(edge)) | Q(status__in=ACTIVE_STATUSES)
    return work_orders.filter(
        Q(number__startswith=text)
        | Q(number__startswith=text.upper())
        | Q(pk__in=WorkOrder.objects.filter(is_number("number", text)).order_by().values("pk"))
        | Q(customer__in=customers)
        | Q(equipment__in=machines)
        | (is_read & (holds_number("number", text) | Q(description__icontains=text)))
    )


def matching_customers(customers: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """By number, name, contact person, phone, or a site's name or address."""
    return customers.filter(
        Q(number__icontains=text)
        | Q(name__icontains=text)
        | Q(contact__icontains=text)
        | Q(phone__icontains=text)
        | Q(pk__in=_customers_with_site(text))
    )


def _customers_with_site(text: str) -> QuerySet[Any, Any]:
    return Site.objects.filter(Q(name__icontains=text) | Q(address__icontains=text)).values("customer_id")


def matching_equipment(equipment: QuerySet[Equipment], text: str) -> QuerySet[Equipment]:
    """By name, serial number, model, manufacturer, site or customer."""
    return equipment.filter(
        Q(name__icontains=text)
        | holds_number("serial", text)
        | Q(model__name__icontains=text)
        | Q(model__manufacturer__icontains=text)
        | Q(site__name__icontains=text)
        | Q(site__customer__name__icontains=text)
    )


def search_work_orders(user: User, text: str, *, limit: int = SEARCH_SHOWN) -> list[WorkOrder]:
    """For the search over everything: the newest matches the person may see; one query, none for an empty text."""
    if not text.strip():
        return []
    found = matching_work_orders(WorkOrder.objects.visible_to(user), text.strip())
    return list(found.select_related("customer", "equipment", "lead").order_by("-pk")[:limit])


def search_customers(user: User, text: str, *, limit: int = SEARCH_SHOWN) -> list[Customer]:
    """Customers by name; one query, none for an empty text."""
    if not text.strip():
        return []
    return list(matching_customers(Customer.objects.visible_to(user), text.strip()).order_by("name", "pk")[:limit])


def search_equipment(user: User, text: str, *, limit: int = SEARCH_SHOWN) -> list[Equipment]:
    """Machines with model, site and customer; one query, none for an empty text."""
    if not text.strip():
        return []
    found = matching_equipment(Equipment.objects.visible_to(user), text.strip())
    return list(found.select_related("model", "site__customer").order_by("name", "pk")[:limit])
