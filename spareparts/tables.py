"""Lists of spare parts management."""

from collections.abc import Mapping, Sequence
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.shared.templatetags.shared import money, quantity
from inventory.enums import Condition
from inventory.models import Move, Unit
from spareparts.models import ConsumptionLine, EquipmentPart
from spareparts.queries.due import days_held
from spareparts.queries.report import Grouping, name_of, quantity_of
from spareparts.queries.statements import came, other_side
from workorders.models import User

FACT = {"td": {"class": "num nowrap cell-fact"}}
TITLE = {"td": {"class": "cell-title cell-grow"}}
QUIET = {"td": {"class": "cell-quiet cell-inline"}}
QUIET_AFTER = {"td": {"class": "cell-quiet cell-inline cell-dot"}}


def _steps(steps: int, part: Any) -> str:
    return f"{quantity(steps, part.unit)} {part.unit.code}"


class FormerPartTable(tables.Table):
    """What came out of a machine."""

    part = tables.Column(linkify=True, orderable=False, attrs=TITLE)
    quantity = tables.Column(orderable=False, attrs={"td": {"class": "num nowrap cell-inline"}})
    serial = tables.Column(orderable=False)
    removed_at = tables.DateTimeColumn(format="DATE_FORMAT", orderable=False, attrs=QUIET)
    removed_by_line = tables.Column(verbose_name=_("By"), orderable=False, empty_values=(), attrs=QUIET_AFTER)

    class Meta:
        model = EquipmentPart
        fields = ("part", "quantity", "serial", "removed_at", "removed_by_line")
        empty_text = _("Nothing was taken out yet.")

    def render_quantity(self, record: EquipmentPart) -> str:
        return _steps(record.quantity, record.part)

    def render_removed_by_line(self, record: EquipmentPart) -> str | SafeString:
        if record.removed_by_line is None:
            return "–"
        document = record.removed_by_line.consumption
        return format_html('<a href="{}">{}</a>', document.get_absolute_url(), document.work_order)


class UseLineTable(tables.Table):
    """Lines of parts used, the newest first."""

    reference = tables.Column(
        verbose_name=_("Record"),
        accessor="consumption",
        orderable=False,
        linkify=True,
        attrs={"td": {"class": "cell-title cell-grow nowrap"}},
    )
    recorded_at = tables.DateTimeColumn(
        accessor="consumption__recorded_at",
        format="DATETIME_FORMAT",
        verbose_name=pgettext_lazy("time", "Recorded"),
        orderable=False,
        attrs={"td": {"class": "cell-quiet cell-end nowrap"}},
    )
    work_order = tables.Column(
        accessor="consumption__work_order",
        orderable=False,
        linkify=True,
        attrs={"td": {"class": "cell-quiet cell-inline nowrap"}},
    )
    customer = tables.Column(
        accessor="consumption__work_order__customer", orderable=False, linkify=True, attrs=QUIET_AFTER
    )
    engineer = tables.Column(accessor="consumption__engineer", orderable=False, attrs=QUIET_AFTER)
    part = tables.Column(orderable=False, linkify=True, attrs={"td": {"class": "cell-wide"}})
    quantity = tables.Column(orderable=False, attrs={"td": {"class": "num nowrap cell-inline cell-grow"}})
    cost = tables.Column(orderable=False, attrs={"td": {"class": "num nowrap cell-inline"}})

    class Meta:
        model = ConsumptionLine
        fields = ("reference", "recorded_at", "work_order", "customer", "engineer", "part", "quantity", "cost")
        empty_text = _("No parts were used here in this time. Widen the filter.")

    def render_quantity(self, record: ConsumptionLine) -> str:
        return _steps(record.quantity, record.part)

    def render_cost(self, record: ConsumptionLine) -> str:
        return money(record.cost)


class UseGroupTable(tables.Table):
    """Sums of parts used; every figure opens its lines."""

    name = tables.Column(empty_values=(), orderable=False, attrs={"td": {"class": "cell-title"}})
    quantity = tables.Column(verbose_name=_("Quantity"), empty_values=(), orderable=False, attrs=FACT)
    lines = tables.Column(verbose_name=_("Lines"), attrs=FACT)
    total_cost = tables.Column(verbose_name=_("Cost"), attrs=FACT)

    class Meta:
        empty_text = _("No parts were used in this time. Widen the filter.")

    def __init__(self, rows: Any, *, grouping: Grouping, units: Sequence[Unit], url_of: Any, **kwargs: Any) -> None:
        self.grouping, self.units, self.url_of = grouping, units, url_of
        super().__init__(rows, **kwargs)
        self.columns["name"].column.verbose_name = grouping.label

    def _link(self, record: Mapping[str, Any], text: object) -> SafeString:
        return format_html('<a href="{}">{}</a>', self.url_of(record, self.grouping), text)

    def render_name(self, record: Mapping[str, Any]) -> SafeString:
        return self._link(record, name_of(record, self.grouping))

    def render_quantity(self, record: Mapping[str, Any]) -> SafeString:
        return self._link(record, quantity_of(record, self.units))

    def render_lines(self, record: Mapping[str, Any], value: int) -> SafeString:
        return self._link(record, value)

    def render_total_cost(self, record: Mapping[str, Any], value: Any) -> SafeString:
        return self._link(record, money(value))


class ServiceBomTable(tables.Table):
    """Equipment models with how many parts are suggested for each."""

    name = tables.Column(
        verbose_name=_("Model"),
        orderable=False,
        attrs=TITLE,
        linkify=("spareparts:service_bom", {"pk": tables.A("pk")}),
    )
    manufacturer = tables.Column(verbose_name=_("Manufacturer"), orderable=False)
    parts = tables.Column(verbose_name=_("Parts suggested"), orderable=False, attrs=FACT)

    class Meta:
        empty_text = _("There are no equipment models yet.")


def _lot_and_part(record: Any) -> SafeString:
    """Number and name as a link, and the batch or serial number."""
    lot = format_html('<span class="muted small"> {}</span>', record.lot) if record.lot else ""
    part = record.part
    name = format_html('<div class="muted small">{}</div>', part.name)
    return format_html('<a href="{}">{}</a>{}{}', part.get_absolute_url(), part.number, lot, name)


class MoveTable(tables.Table):
    """What came to an engineer and what left him, the newest first; ``urls`` are the pages of the references."""

    posted_at = tables.DateTimeColumn(
        accessor="posting__posted_at",
        format="SHORT_DATETIME_FORMAT",
        verbose_name=_("When"),
        orderable=False,
        attrs={"td": {"class": "cell-quiet cell-inline cell-grow nowrap"}},
    )
    quantity = tables.Column(orderable=False, attrs={"td": {"class": "num nowrap cell-inline strong"}})
    part = tables.Column(orderable=False, attrs={"td": {"class": "cell-wide cell-title"}})
    condition = tables.Column(orderable=False, attrs={"td": {"class": "cell-inline nowrap"}})
    reason = tables.Column(accessor="posting__get_reason_display", verbose_name=_("Why"), orderable=False, attrs=QUIET)
    side = tables.Column(verbose_name=_("From or to"), empty_values=(), orderable=False, attrs=QUIET)
    reference = tables.Column(
        accessor="posting__reference",
        verbose_name=_("Reference"),
        orderable=False,
        attrs={"td": {"class": "cell-inline nowrap"}},
    )

    class Meta:
        model = Move
        fields = ("posted_at", "quantity", "part", "condition", "reason", "side", "reference")
        empty_text = _("Nothing moved here. Widen the filter.")

    def __init__(self, rows: Any, *, engineer: User, **kwargs: Any) -> None:
        self.engineer, self.urls = engineer, dict[str, str]()
        super().__init__(rows, **kwargs)

    def render_part(self, record: Move) -> SafeString:
        return _lot_and_part(record)

    def render_condition(self, record: Move) -> str | SafeString:
        return _condition(record.condition)

    def render_quantity(self, record: Move) -> str:
        return f"{'+' if came(record, self.engineer) else '−'}{_steps(record.quantity, record.part)}"

    def render_side(self, record: Move) -> str:
        return other_side(record, self.engineer)

    def render_reference(self, record: Move, value: str) -> str | SafeString:
        url = self.urls.get(value, "")
        return format_html('<a href="{}">{}</a>', url, value) if url else value


CONDITION_TONES = {Condition.OLD: "warn", Condition.REPAIRED: "info"}


def _condition(condition: str) -> str | SafeString:
    """New, old or repaired; what is not new stands out, since the three must never be mixed up."""
    known = Condition(condition)
    if known not in CONDITION_TONES:
        return str(known.label)
    return format_html('<span class="badge tone-{}">{}</span>', CONDITION_TONES[known], known.label)


class StatementTable(tables.Table):
    """What somebody held on the evening of a day; every quantity opens the moves that make it."""

    part = tables.Column(verbose_name=_("Part"), orderable=False, attrs=TITLE)
    condition = tables.Column(
        verbose_name=_("Condition"), orderable=False, attrs={"td": {"class": "nowrap cell-inline"}}
    )
    quantity = tables.Column(verbose_name=_("Quantity"), orderable=False, attrs=FACT)
    value = tables.Column(verbose_name=_("Value today"), orderable=False, attrs=FACT)

    class Meta:
        empty_text = _("Nothing was held on this day.")

    def __init__(self, rows: Any, *, moves_url: str, **kwargs: Any) -> None:
        self.moves_url = moves_url
        super().__init__(rows, **kwargs)

    def render_part(self, record: Any) -> SafeString:
        return _lot_and_part(record)

    def render_condition(self, record: Any) -> str | SafeString:
        return _condition(record.condition)

    def render_quantity(self, record: Any) -> SafeString:
        url = f"{self.moves_url}&part={record.part.pk}&condition={record.condition}"
        return format_html('<a href="{}">{}</a>', url, _steps(record.quantity, record.part))

    def render_value(self, value: Any) -> str:
        return money(value)


class HeldTable(tables.Table):
    """Parts in engineers' hands, the oldest first."""

    engineer = tables.Column(
        verbose_name=_("Engineer"), orderable=False, attrs={"td": {"class": "cell-quiet cell-inline cell-most"}}
    )
    part = tables.Column(verbose_name=_("Part"), orderable=False, attrs={"td": {"class": "cell-title cell-wide"}})
    condition = tables.Column(
        verbose_name=_("Condition"), orderable=False, attrs={"td": {"class": "nowrap cell-inline"}}
    )
    quantity = tables.Column(verbose_name=_("Quantity"), orderable=False, attrs=FACT)
    days = tables.Column(verbose_name=_("Held"), orderable=False, attrs=FACT)
    value = tables.Column(verbose_name=_("Value"), orderable=False, attrs=FACT)

    class Meta:
        sequence = ("part", "engineer", "condition", "quantity", "days", "value")
        empty_text = _("Nobody holds such parts.")

    def render_engineer(self, record: Any) -> SafeString:
        url = reverse("spareparts:engineer_holdings", args=[record.engineer_id])
        return format_html('<a href="{}">{}</a>', url, record.engineer)

    def render_part(self, record: Any) -> SafeString:
        return _lot_and_part(record)

    def render_condition(self, record: Any) -> str | SafeString:
        return _condition(record.condition)

    def render_quantity(self, record: Any) -> SafeString:
        moves = reverse("spareparts:engineer_moves", args=[record.engineer_id])
        url = f"{moves}?part={record.part.pk}&condition={record.condition}"
        return format_html('<a href="{}">{}</a>', url, _steps(record.quantity, record.part))

    def render_days(self, value: int) -> str:
        return days_held(value)

    def render_value(self, value: Any) -> str:
        return money(value)
