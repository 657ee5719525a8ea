"""The history of a work order, told from its audit rows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.history import EVENTS_SHOWN, told
from workorders.models import WorkOrder

LOOKS: dict[str, tuple[str, str]] = {
    "create": ("plus", ""),
    "assign": ("user", ""),
    "reassign": ("user", ""),
    "plan": ("calendar", ""),
    "edit": ("edit", ""),
    "start": ("play", "info"),
    "hold": ("pause", "warn"),
    "resume": ("play", "info"),
    "complete": ("check-fill", "good"),
    "cancel": ("close", "bad"),
    "reopen": ("undo", "warn"),
}


def timeline_of(work_order: WorkOrder) -> list[dict[str, Any]]:
    """What happened, newest first, for components/timeline.html; one query."""
    return [told(event, LOOKS, _details(event.details)) for event in audit.events_of(work_order)[:EVENTS_SHOWN]]


def _details(details: dict[str, Any]) -> Iterable[str]:
    if details.get("lead"):
        yield _("Lead engineer: %(name)s") % {"name": details["lead"]}
    if details.get("helpers"):
        yield _("Helpers: %(names)s") % {"names": ", ".join(details["helpers"])}
    if "planned_at" in details:
        yield _planned(details["planned_at"])
    if details.get("changed"):
        names = [str(WorkOrder._meta.get_field(name).verbose_name) for name in details["changed"]]  # type: ignore[union-attr]
        yield ", ".join(names)


def _planned(stored: str) -> str:
    if not stored:
        return _("Without a time")
    local = timezone.localtime(datetime.fromisoformat(stored))
    return _("Planned for %(moment)s") % {"moment": formats.date_format(local, "DATETIME_FORMAT")}
