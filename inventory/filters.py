"""What the lists of the catalogue can be narrowed by; the only way query strings get in."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.enums import Condition, LocationKind, PostingReason, Tracking
from inventory.models import Balance, Move, Part, PartCategory, Warehouse
from inventory.models.catalogue import PartQuerySet


class PartFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label=_("Number, name or barcode"))
    category = django_filters.ModelChoiceFilter(
        queryset=PartCategory.objects.all(), label=_("Category"), empty_label=_("All")
    )
    listed = django_filters.ChoiceFilter(
        field_name="is_listed",
        label=_("State"),
        choices=[("True", _("Listed")), ("False", _("Unlisted"))],
        empty_label=_("All"),
    )
    tracking = django_filters.ChoiceFilter(choices=Tracking.choices, label=_("Tracking"), empty_label=_("All"))

    class Meta:
        model = Part
        fields = ["q", "category", "listed", "tracking"]

    def search(self, queryset: PartQuerySet, name: str, value: str) -> PartQuerySet:
        return queryset.search(value)


def parts_matching(text: str) -> QuerySet[Part]:
    """A bounded set of parts, so that a search in millions of moves stays one."""
    return Part.objects.filter(pk__in=list(Part.objects.search(text).values_list("pk", flat=True)[:MOST_PARTS]))


MOST_PARTS = 50
DATE = forms.DateInput(attrs={"type": "date", "class": "short"})


class MoveFilter(django_filters.FilterSet):
    """The ledger, narrowed by what people remember of a movement."""

    q = django_filters.CharFilter(method="of_part", label=_("Part number, name or barcode"), max_length=120)
    reference = django_filters.CharFilter(method="of_document", label=_("Document"), max_length=40)
    place = django_filters.CharFilter(method="of_place", label=_("Engineer or warehouse"), max_length=80)
    reason = django_filters.ChoiceFilter(
        field_name="posting__reason", choices=PostingReason.choices, label=_("Why"), empty_label=_("All")
    )
    lot = django_filters.CharFilter(
        field_name="lot__code", lookup_expr="iexact", label=_("Batch or serial number"), max_length=60
    )
    first = django_filters.DateFilter(
        field_name="posting__posted_at", lookup_expr="date__gte", label=_("From day"), widget=DATE
    )
    last = django_filters.DateFilter(
        field_name="posting__posted_at", lookup_expr="date__lte", label=_("To day"), widget=DATE
    )

    class Meta:
        model = Move
        fields = ["q", "reference", "place", "reason", "lot", "first", "last"]

    def of_part(self, queryset: QuerySet[Move], name: str, value: str) -> QuerySet[Move]:
        return queryset.filter(part__in=parts_matching(value))

    def of_document(self, queryset: QuerySet[Move], name: str, value: str) -> QuerySet[Move]:
        return queryset.filter(posting__reference=value.strip().upper())

    def of_place(self, queryset: QuerySet[Move], name: str, value: str) -> QuerySet[Move]:
        named = Q(source__owner__name__icontains=value) | Q(target__owner__name__icontains=value)
        return queryset.filter(
            named | Q(source__warehouse__name__icontains=value) | Q(target__warehouse__name__icontains=value)
        )


class StockFilter(django_filters.FilterSet):
    """What lies in the warehouses."""

    q = django_filters.CharFilter(method="of_part", label=_("Number, name or barcode"), max_length=120)
    warehouse = django_filters.ModelChoiceFilter(
        field_name="location__warehouse", queryset=Warehouse.objects.none(), label=_("Warehouse"), empty_label=_("All")
    )
    kind = django_filters.ChoiceFilter(
        field_name="location__kind",
        label=_("Place"),
        empty_label=_("All"),
        choices=[
            (kind.value, kind.label)
            for kind in (LocationKind.SHELF, LocationKind.STAGING, LocationKind.TRANSIT, LocationKind.REPAIR)
        ],
    )
    condition = django_filters.ChoiceFilter(choices=Condition.choices, label=_("Condition"), empty_label=_("All"))

    class Meta:
        model = Balance
        fields = ["q", "warehouse", "kind", "condition"]

    def __init__(self, *args: Any, warehouses: QuerySet[Warehouse], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["warehouse"].queryset = warehouses

    def of_part(self, queryset: QuerySet[Balance], name: str, value: str) -> QuerySet[Balance]:
        return queryset.filter(part__in=parts_matching(value))
