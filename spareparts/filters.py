"""What the use report can be narrowed by; the only way query strings get in."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Part, PartCategory
from spareparts.models import ConsumptionLine
from spareparts.queries.report import JOB, recorded_lines, span
from workorders.models import Customer, Equipment, User, WorkOrder
from workorders.models.numbers import holds_number

DEFAULT_PERIOD = "90"
LONGEST_SEARCH = 100
PERIODS = [
    ("30", gettext_lazy("Last 30 days")),
    ("90", gettext_lazy("Last 90 days")),
    ("month", gettext_lazy("This month")),
    ("last_month", gettext_lazy("Last month")),
    ("year", gettext_lazy("This year")),
    ("last_year", gettext_lazy("Last year")),
]


def days_of(period: str, today: date) -> tuple[date, date]:
    """First and last day of a preset."""
    first_of_month = today.replace(day=1)
    if period == "month":
        return first_of_month, today
    if period == "last_month":
        last = first_of_month - timedelta(days=1)
        return last.replace(day=1), last
    if period == "year":
        return today.replace(month=1, day=1), today
    if period == "last_year":
        return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    return today - timedelta(days=int(period or DEFAULT_PERIOD) - 1), today


class UseFilterForm(forms.Form):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day is before the first."))
        return data


def _day(label: Any) -> django_filters.DateFilter:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return django_filters.DateFilter(label=label, method="nothing", widget=widget)


def _one(queryset: QuerySet[Any, Any], path: str) -> django_filters.ModelChoiceFilter:
    """Chosen by a link, shown as something to take away: a list of all customers would be endless."""
    return django_filters.ModelChoiceFilter(queryset=queryset, field_name=path, widget=forms.HiddenInput)


class UseFilter(django_filters.FilterSet):
    """Lines of parts used. Days given win over the period."""

    period = django_filters.ChoiceFilter(
        choices=PERIODS, label=gettext_lazy("Period"), method="nothing", empty_label=None, null_label=None
    )
    first = _day(gettext_lazy("From"))
    last = _day(gettext_lazy("To"))
    engineer = django_filters.ModelChoiceFilter(
        queryset=User.objects.filter(is_engineer=True),
        field_name="consumption__engineer",
        label=gettext_lazy("Engineer"),
        empty_label=gettext_lazy("All"),
    )
    category = django_filters.ModelChoiceFilter(
        queryset=PartCategory.objects.all(),
        field_name="part__category",
        label=gettext_lazy("Category"),
        empty_label=gettext_lazy("All"),
    )
    q = django_filters.CharFilter(
        method="search", label=gettext_lazy("Part, customer or job"), max_length=LONGEST_SEARCH
    )
    work_order = _one(WorkOrder.objects.all(), JOB)
    customer = _one(Customer.objects.all(), f"{JOB}__customer")
    equipment = _one(Equipment.objects.all(), f"{JOB}__equipment")
    part = _one(Part.objects.all(), "part")
    no_equipment = django_filters.BooleanFilter(
        field_name=f"{JOB}__equipment", lookup_expr="isnull", widget=forms.HiddenInput
    )

    CHIPS = ("work_order", "customer", "equipment", "part")

    class Meta:
        model = ConsumptionLine
        form = UseFilterForm
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date, **kwargs: Any) -> None:
        super().__init__(data, queryset=recorded_lines(), **kwargs)
        self.today = today
        self.form.fields["period"].initial = DEFAULT_PERIOD

    @cached_property
    def days(self) -> tuple[date, date]:
        """First and last day that count."""
        data = self.form.cleaned_data if self.form.is_bound and self.form.is_valid() else {}
        first, last = days_of(data.get("period") or DEFAULT_PERIOD, self.today)
        if data.get("first") or data.get("last"):
            last = data.get("last") or self.today
            first = data.get("first") or days_of(DEFAULT_PERIOD, last)[0]
        return first, last

    @cached_property
    def lines(self) -> QuerySet[ConsumptionLine]:
        """What is left of the lines; nothing when the filter cannot be understood."""
        if self.form.is_bound and not self.form.is_valid():
            return recorded_lines().none()
        start, end = span(*self.days)
        return self.qs.filter(consumption__recorded_at__gte=start, consumption__recorded_at__lt=end)

    def nothing(self, queryset: QuerySet[ConsumptionLine], name: str, value: Any) -> QuerySet[ConsumptionLine]:
        """The days are applied together, in ``lines``."""
        return queryset

    def search(self, queryset: QuerySet[ConsumptionLine], name: str, value: str) -> QuerySet[ConsumptionLine]:
        parts = Part.objects.search(value).order_by().values("pk")
        return queryset.filter(
            Q(part__in=parts)
            | holds_number(f"{JOB}__number", value)
            | Q(**{f"{JOB}__customer__name__icontains": value})
        )

    @property
    def chips(self) -> list[tuple[str, Any]]:
        """What was chosen by a link: the parameter and the thing."""
        data = self.form.cleaned_data if self.form.is_bound and self.form.is_valid() else {}
        found: list[tuple[str, Any]] = [(name, data[name]) for name in self.CHIPS if data.get(name)]
        if data.get("no_equipment"):
            found.append(("no_equipment", _("No equipment")))
        return found
