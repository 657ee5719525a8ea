"""The history of a work order, told from its audit rows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.models import AuditEvent
from config.shared.verbs import in_words
from workorders.models import WorkOrder

EVENTS_SHOWN = 100
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
    return [told(event) for event in audit.events_of(work_order)[:EVENTS_SHOWN]]


def told(event: AuditEvent) -> dict[str, Any]:
    verb = event.verb.partition(".")[2]
    icon, tone = LOOKS.get(verb, ("check", ""))
    lines = [line for line in (event.reason, *_details(event.details)) if line]
    return {
        "title": in_words(event.verb),
        "at": event.at,
        "by": event.actor or _("The system"),
        "text": "\n".join(lines),
        "icon": icon,
        "tone": tone,
    }


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
