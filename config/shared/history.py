"""The history of one thing, told from its audit rows for components/timeline.html."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from config.shared.models import AuditEvent
from config.shared.verbs import in_words

EVENTS_SHOWN = 100
Looks = Mapping[str, tuple[str, str]]


def told(event: AuditEvent, looks: Looks, lines: Iterable[str] = ()) -> dict[str, Any]:
    """One event: its words, when and by whom, its reason and further ``lines``; ``looks``: verb to icon and tone."""
    icon, tone = looks.get(event.verb.partition(".")[2], ("check", ""))
    return {
        "title": in_words(event.verb),
        "at": event.at,
        "by": event.actor or _("The system"),
        "text": "\n".join(line for line in (event.reason, *lines) if line),
        "icon": icon,
        "tone": tone,
    }
