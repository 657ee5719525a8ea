"""What the lists of the catalogue can be narrowed by; the only way query strings get in."""

import django_filters
from django.utils.translation import gettext_lazy as _

from inventory.enums import Tracking
from inventory.models import Part, PartCategory
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
