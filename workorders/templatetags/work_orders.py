"""How work orders look: badges of status, priority and warranty, moments, and telephone links."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from workorders.enums import Priority, WorkOrderStatus
from workorders.models import Equipment, WorkOrder

register = template.Library()

S = WorkOrderStatus
STATUS_LOOKS = {
    S.NEW: ("warn", "tag"),
    S.ASSIGNED: ("neutral", "user"),
    S.IN_PROGRESS: ("info", "play"),
    S.ON_HOLD: ("warn", "pause"),
    S.COMPLETED: ("good", "check-fill"),
    S.CANCELLED: ("neutral", "close"),
}
PRIORITY_TONES = {Priority.URGENT: "bad", Priority.HIGH: "warn"}
NOT_IN_A_TELEPHONE_NUMBER = re.compile(r"[^0-9+*#]")


def status_context(work_order: WorkOrder) -> dict[str, Any]:
    tone, icon = STATUS_LOOKS[WorkOrderStatus(work_order.status)]
    return {"text": work_order.get_status_display(), "tone": tone, "icon": icon}


def priority_context(work_order: WorkOrder) -> dict[str, Any]:
    tone = PRIORITY_TONES.get(Priority(work_order.priority), "neutral")
    return {"text": work_order.get_priority_display(), "tone": tone, "icon": "alert-fill" if tone == "bad" else ""}


@register.inclusion_tag("components/badge.html")
def status_badge(work_order: WorkOrder) -> dict[str, Any]:
    return status_context(work_order)


@register.inclusion_tag("components/badge.html")
def priority_badge(work_order: WorkOrder) -> dict[str, Any]:
    return priority_context(work_order)


@register.filter
def stands_out(work_order: WorkOrder) -> bool:
    """Whether the priority is worth a badge in a list."""
    return Priority(work_order.priority) in PRIORITY_TONES


@register.filter
def is_overdue(work_order: WorkOrder, now: datetime) -> bool:
    """Planned for an earlier moment and nobody has begun."""
    waiting = work_order.status in {S.NEW, S.ASSIGNED, S.ON_HOLD}
    return bool(waiting and work_order.planned_at and work_order.planned_at < now)


@register.inclusion_tag("components/badge.html")
def warranty_badge(equipment: Equipment, today: date) -> dict[str, Any]:
    """In warranty until a date, expired, or not known; ``today`` in the company's zone."""
    if equipment.warranty_until is None:
        return {"text": _("Warranty not known"), "tone": "neutral", "icon": ""}
    words = {"date": formats.date_format(equipment.warranty_until, "DATE_FORMAT")}
    if equipment.is_in_warranty(today):
        return {"text": _("In warranty until %(date)s") % words, "tone": "good", "icon": "shield"}
    return {"text": _("Warranty ended %(date)s") % words, "tone": "neutral", "icon": ""}


@register.filter
def tel(number: str) -> str:
    """The address of a telephone link: digits only, a + in front kept; nothing in brackets, as in +43 (0)1."""
    return "tel:" + NOT_IN_A_TELEPHONE_NUMBER.sub("", number.replace("(0)", ""))


@register.filter
def moment(at: datetime | None, now: datetime) -> str:
    """When something is planned, as people say it: today, tomorrow or the weekday, in the person's zone."""
    if at is None:
        return _("Not planned")
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    words = {"time": formats.time_format(local, "TIME_FORMAT")}
    near = {
        today - timedelta(days=1): _("Yesterday, %(time)s"),
        today: _("Today, %(time)s"),
        today + timedelta(days=1): _("Tomorrow, %(time)s"),
    }
    if local.date() in near:
        return near[local.date()] % words
    if local.year != today.year:
        return formats.date_format(local, "DATETIME_FORMAT")
    words |= {"weekday": formats.date_format(local, "D"), "day": formats.date_format(local, "MONTH_DAY_FORMAT")}
    return _("%(weekday)s %(day)s, %(time)s") % words
