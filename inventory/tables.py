"""The lists of the catalogue."""

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared.templatetags.shared import money
from inventory.models import Part


class PartTable(tables.Table):
    number = tables.Column(linkify=True, attrs={"td": {"class": "cell-title nowrap"}})
    name = tables.Column(attrs={"td": {"class": "cell-wide"}})
    category = tables.Column(order_by=("category__name", "number"), attrs={"td": {"class": "cell-quiet cell-grow"}})
    manufacturer = tables.Column(attrs={"td": {"class": "cell-desk"}})
    unit_cost = tables.Column(verbose_name=gettext_lazy("Cost"), attrs={"td": {"class": "num nowrap cell-inline"}})
    is_listed = tables.Column(
        verbose_name=gettext_lazy("State"), orderable=False, empty_values=(), attrs={"td": {"class": "cell-inline"}}
    )

    class Meta:
        model = Part
        fields = ("number", "name", "category", "manufacturer", "unit_cost", "is_listed")
        empty_text = gettext_lazy("No part fits. Try fewer letters or clear the filter.")

    def render_unit_cost(self, record: Part) -> str:
        return f"{money(record.unit_cost)} / {record.unit.code}"

    def render_is_listed(self, record: Part) -> str | SafeString:
        """Only what is unusual is worth a word."""
        if record.is_listed:
            return ""
        return format_html('<span class="badge">{}</span>', _("Unlisted"))
