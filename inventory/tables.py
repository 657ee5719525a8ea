"""The lists of the catalogue."""

from urllib.parse import urlencode

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from config.shared.templatetags.shared import money, quantity
from inventory.enums import Condition
from inventory.models import Balance, Move, Part


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


CONDITION_TONES = {Condition.NEW: "", Condition.OLD: "tone-warn", Condition.REPAIRED: "tone-info"}


def condition_badge(condition: str) -> SafeString:
    """New, Old or Repaired as people see it everywhere."""
    known = Condition(condition)
    return format_html('<span class="badge {}">{}</span>', CONDITION_TONES[known], known.label)


class MoveTable(tables.Table):
    """The ledger, the newest first: what went from where to where, and by which document."""

    posted_at = tables.DateTimeColumn(
        verbose_name=gettext_lazy("When"),
        accessor="posting__posted_at",
        orderable=False,
        format="SHORT_DATETIME_FORMAT",
    )
    part = tables.Column(linkify=True, orderable=False, attrs={"td": {"class": "cell-title nowrap"}})
    quantity = tables.Column(orderable=False, attrs={"td": {"class": "num nowrap cell-inline"}})
    condition = tables.Column(orderable=False, attrs={"td": {"class": "cell-inline"}})
    lot = tables.Column(orderable=False, default="")
    source = tables.Column(verbose_name=pgettext_lazy("a movement", "From"), orderable=False)
    target = tables.Column(verbose_name=pgettext_lazy("a movement", "To"), orderable=False)
    reason = tables.Column(verbose_name=gettext_lazy("Why"), accessor="posting__get_reason_display", orderable=False)
    reference = tables.Column(verbose_name=gettext_lazy("Document"), accessor="posting__reference", orderable=False)
    posted_by = tables.Column(verbose_name=gettext_lazy("Who"), accessor="posting__posted_by", orderable=False)

    class Meta:
        model = Move
        fields = (
            *("posted_at", "part", "quantity", "condition", "lot", "source", "target"),
            *("reason", "reference", "posted_by"),
        )
        order_by = ()
        empty_text = gettext_lazy("No movement fits. Try fewer words or clear the filter.")

    def render_quantity(self, record: Move) -> str:
        return f"{quantity(record.quantity, record.part.unit)} {record.part.unit.code}"

    def render_part(self, record: Move) -> str:
        return record.part.number

    def render_condition(self, record: Move) -> SafeString:
        return condition_badge(record.condition)


class StockTable(tables.Table):
    """What lies in the warehouses; each quantity opens the movements that made it."""

    part = tables.Column(linkify=True, orderable=False, attrs={"td": {"class": "cell-title nowrap"}})
    name = tables.Column(
        verbose_name=gettext_lazy("Name"), accessor="part__name", orderable=False, attrs={"td": {"class": "cell-wide"}}
    )
    location = tables.Column(verbose_name=gettext_lazy("Place"), orderable=False)
    bins = tables.Column(verbose_name=gettext_lazy("Bin"), empty_values=(), orderable=False)
    condition = tables.Column(orderable=False, attrs={"td": {"class": "cell-inline"}})
    lot = tables.Column(orderable=False, default="")
    on_hand = tables.Column(orderable=False, attrs={"td": {"class": "num nowrap cell-inline"}})

    class Meta:
        model = Balance
        fields = ("part", "name", "location", "bins", "condition", "lot", "on_hand")
        empty_text = gettext_lazy("Nothing lies here.")

    def render_part(self, record: Balance) -> str:
        return record.part.number

    def render_bins(self, record: Balance) -> str:
        codes = [each.code for each in record.part.bins.all() if each.warehouse_id == record.location.warehouse_id]
        return ", ".join(codes)

    def render_condition(self, record: Balance) -> SafeString:
        return condition_badge(record.condition)

    def render_on_hand(self, record: Balance) -> SafeString:
        lines = urlencode({"q": record.part.number, "place": record.location.warehouse})
        return format_html(
            '<a href="{}?{}">{} {}</a>',
            reverse("inventory:ledger"),
            lines,
            quantity(record.on_hand, record.part.unit),
            record.part.unit.code,
        )
