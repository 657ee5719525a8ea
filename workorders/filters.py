"""What the lists of work orders, customers and equipment can be narrowed by; the only way query strings get in."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workorders import queries
from workorders.enums import ACTIVE_STATUSES, CLOSED_STATUSES, Priority, Role, WorkOrderStatus, WorkOrderType
from workorders.forms import DayField
from workorders.models import Customer, Equipment, Team, User, WorkOrder
from workorders.models.work_orders import WorkOrderQuerySet

LONGEST_SEARCH = 100
STATES = {
    "open": ACTIVE_STATUSES,
    "unassigned": frozenset({WorkOrderStatus.NEW}),
    "closed": CLOSED_STATUSES,
    "all": frozenset(WorkOrderStatus),
}


class DayFilter(django_filters.Filter):
    field_class = DayField


def engineers(request: HttpRequest) -> QuerySet[User]:
    """Those who left too: their jobs are still asked for."""
    return User.objects.with_role(Role.ENGINEER).order_by("name")


class WorkOrderFilter(django_filters.FilterSet):
    """Open jobs unless another state is asked for."""

    q = django_filters.CharFilter(
        method="search", label=_("Number, customer, serial or text"), max_length=LONGEST_SEARCH
    )
    state = django_filters.ChoiceFilter(
        method="in_state",
        label=_("Status"),
        empty_label=None,
        initial="open",
        choices=[
            ("open", pgettext_lazy("work orders", "Open")),
            ("unassigned", _("Not assigned")),
            ("closed", _("Completed or cancelled")),
            ("all", _("All")),
        ],
    )
    type = django_filters.ChoiceFilter(choices=WorkOrderType.choices, label=_("Type"), empty_label=_("All"))
    priority = django_filters.ChoiceFilter(choices=Priority.choices, label=_("Priority"), empty_label=_("All"))
    engineer = django_filters.ModelChoiceFilter(
        method="of_engineer", queryset=engineers, label=_("Engineer"), empty_label=_("All")
    )
    team = django_filters.ModelChoiceFilter(
        field_name="lead__team", queryset=Team.objects.all(), label=_("Team"), empty_label=_("All")
    )
    planned_from = DayFilter(method="from_day", label=_("Planned from"))
    planned_to = DayFilter(method="to_day", label=_("Planned to"))

    class Meta:
        model = WorkOrder
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any] | None, *, request: HttpRequest, **kwargs: Any) -> None:
        asked = data.copy() if data else {}  # type: ignore[attr-defined]
        asked["state"] = asked.get("state") or "open"
        super().__init__(asked, request=request, **kwargs)

    def search(self, queryset: WorkOrderQuerySet, name: str, value: str) -> WorkOrderQuerySet:
        return queries.matching_work_orders(queryset, value)

    def in_state(self, queryset: WorkOrderQuerySet, name: str, value: str) -> WorkOrderQuerySet:
        return queryset if value == "all" else queryset.filter(status__in=STATES[value])

    def of_engineer(self, queryset: WorkOrderQuerySet, name: str, value: User) -> WorkOrderQuerySet:
        return queryset.of_engineer(value)

    def from_day(self, queryset: WorkOrderQuerySet, name: str, value: date) -> WorkOrderQuerySet:
        start, _end = queries.day_bounds(value, timezone.get_current_timezone())
        return queryset.filter(planned_at__gte=start)

    def to_day(self, queryset: WorkOrderQuerySet, name: str, value: date) -> WorkOrderQuerySet:
        _start, end = queries.day_bounds(value, timezone.get_current_timezone())
        return queryset.filter(planned_at__lt=end)


class OwnWorkOrderFilter(WorkOrderFilter):
    """For an engineer, whose list holds his own jobs only: without the choice of people."""

    engineer = None
    team = None


class CustomerFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="search", label=_("Name, number, contact, phone or address"), max_length=LONGEST_SEARCH
    )

    class Meta:
        model = Customer
        fields: list[str] = []

    def search(self, queryset: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        return queries.matching_customers(queryset, value)


class EquipmentFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="search", label=_("Name, serial number, model, site or customer"), max_length=LONGEST_SEARCH
    )
    warranty = django_filters.ChoiceFilter(
        method="by_warranty",
        label=_("Warranty"),
        empty_label=_("All"),
        choices=[("in", _("In warranty")), ("ended", _("Warranty ended")), ("unknown", _("Not known"))],
    )

    class Meta:
        model = Equipment
        fields: list[str] = []

    def search(self, queryset: QuerySet[Equipment], name: str, value: str) -> QuerySet[Equipment]:
        return queries.matching_equipment(queryset, value)

    def by_warranty(self, queryset: QuerySet[Equipment], name: str, value: str) -> QuerySet[Equipment]:
        today = timezone.localdate(timezone=timezone.get_default_timezone())
        wanted: dict[str, dict[str, Any]] = {
            "in": {"warranty_until__gte": today},
            "ended": {"warranty_until__lt": today},
            "unknown": {"warranty_until": None},
        }
        return queryset.filter(**wanted[value])
