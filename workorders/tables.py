"""The lists of work orders, customers and equipment."""

from datetime import datetime
from functools import lru_cache
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from workorders.models import Customer, Equipment, WorkOrder
from workorders.templatetags.work_orders import (
    is_overdue,
    moment,
    priority_context,
    stands_out,
    status_context,
    tel,
    warranty_badge,
)

TITLE = {"td": {"class": "cell-title"}}
INLINE = {"td": {"class": "cell-inline nowrap"}}
QUIET = {"td": {"class": "cell-quiet"}}
QUIET_INLINE = {"td": {"class": "cell-quiet cell-inline"}}
QUIET_AFTER = {"td": {"class": "cell-quiet cell-inline cell-dot nowrap"}}
WIDE = {"td": {"class": "cell-wide"}}


def drawn_badge(context: dict[str, Any]) -> SafeString:
    return _badge(**{name: str(value) for name, value in context.items()})


@lru_cache(maxsize=500)
def _badge(**context: str) -> SafeString:
    """A list shows few different ones, each many times."""
    return render_to_string("components/badge.html", context)


class WorkOrderTable(tables.Table):
    """Needs customer, site, equipment and lead in the same query (queries.with_places)."""

    number = tables.Column(order_by="pk", linkify=True, attrs={"td": {"class": "cell-title cell-grow nowrap"}})
    status = tables.Column(orderable=False, attrs=INLINE)
    priority = tables.Column(order_by=("priority", "pk"), attrs=INLINE)
    customer = tables.Column(order_by=("customer__name", "pk"), attrs=WIDE)
    equipment = tables.Column(orderable=False, default="", attrs=QUIET)
    lead = tables.Column(
        verbose_name=_("Engineer"), order_by=("lead__name", "pk"), default=_("Not assigned"), attrs=QUIET_INLINE
    )
    planned_at = tables.Column(order_by=("planned_at", "pk"), default=_("Not planned"), attrs=QUIET_AFTER)

    class Meta:
        model = WorkOrder
        fields = ("number", "status", "priority", "customer", "equipment", "lead", "planned_at")
        empty_text = _("No work order fits. Clear the filter to see more.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now: datetime = timezone.now()

    def render_number(self, record: WorkOrder) -> str:
        return str(record)

    def render_status(self, record: WorkOrder) -> SafeString:
        return drawn_badge(status_context(record))

    def render_priority(self, record: WorkOrder) -> str:
        if stands_out(record):
            return drawn_badge(priority_context(record))
        return format_html('<span class="desk-only">{}</span>', record.get_priority_display())

    def render_customer(self, record: WorkOrder) -> SafeString:
        return format_html('<span>{}<br><span class="muted small">{}</span></span>', record.customer, record.site)

    def render_equipment(self, value: Equipment) -> str:
        return value.name

    def render_planned_at(self, record: WorkOrder) -> str | SafeString:
        text = moment(record.planned_at, self.now)
        return format_html('<span class="ink-bad strong">{}</span>', text) if is_overdue(record, self.now) else text


class CustomerTable(tables.Table):
    name = tables.Column(linkify=True, attrs={"td": {"class": "cell-title cell-grow"}}, order_by=("name", "pk"))
    number = tables.Column(attrs=QUIET_INLINE)
    contact = tables.Column(orderable=False, default="", attrs=QUIET)
    phone = tables.Column(orderable=False, default="", attrs=QUIET)

    class Meta:
        model = Customer
        fields = ("name", "number", "contact", "phone")
        empty_text = _("No customer fits. Try fewer letters.")

    def render_phone(self, value: str) -> SafeString:
        return format_html('<a href="{}">{}</a>', tel(value), value)


class EquipmentTable(tables.Table):
    """Needs model and site with its customer in the same query."""

    name = tables.Column(linkify=True, attrs=TITLE, order_by=("name", "pk"))
    model = tables.Column(order_by=("model__manufacturer", "model__name", "pk"), attrs=QUIET_INLINE)
    serial = tables.Column(attrs=QUIET_AFTER)
    customer = tables.Column(
        accessor="site__customer", verbose_name=_("Customer"), order_by=("site__customer__name", "pk"), attrs=WIDE
    )
    warranty_until = tables.Column(
        verbose_name=_("Warranty"), empty_values=(), order_by=("warranty_until", "pk"), attrs=INLINE
    )

    class Meta:
        model = Equipment
        fields = ("name", "model", "serial", "customer", "warranty_until")
        empty_text = _("No equipment fits. Try fewer letters.")

    def render_customer(self, record: Equipment) -> SafeString:
        return format_html('<span>{}<br><span class="muted small">{}</span></span>', record.site.customer, record.site)

    def render_warranty_until(self, record: Equipment) -> SafeString:
        today = timezone.localdate(timezone=timezone.get_default_timezone())
        return drawn_badge(warranty_badge(record, today))
