"""The page of one hand-over: what it says, and what the person may do with it now."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.shared import audit
from config.shared.errors import DomainError
from config.shared.verbs import in_words
from spareparts.domain import hand_overs as domain
from spareparts.domain.handed import amount
from spareparts.enums import HAND_OVER_TRANSITIONS, HandOverStatus, Permission
from spareparts.forms.personal import StepRow, StepsForm
from spareparts.models import HandOver, HandOverLine
from spareparts.queries.personal import held_now

OPEN = (HandOverStatus.ASKED, HandOverStatus.OFFERED)
TONES: dict[str, str] = {
    HandOverStatus.ASKED: "info",
    HandOverStatus.OFFERED: "info",
    HandOverStatus.ACCEPTED: "good",
    HandOverStatus.MOVED: "good",
}


def verbs_of(document: HandOver, *, by: Any, at: datetime) -> list[str]:
    """What ``by`` may do with an open hand-over now, the likely answer first."""
    if document.status not in OPEN or not by.has_perm(Permission.HAND_OVER):
        return []
    is_sender, is_receiver = by.pk == document.sender_id, by.pk == document.receiver_id
    if domain.is_expired(document, at=at):
        return ["lapse"] if is_sender or is_receiver else []
    if document.status == HandOverStatus.OFFERED:
        return ["accept", "decline"] * is_receiver + ["withdraw"] * is_sender
    return ["offer", "decline"] * is_sender + ["withdraw"] * is_receiver


def steps_form(document: HandOver, lines: Sequence[HandOverLine], data: Any = None) -> StepsForm:
    """How much of each line; at first as much as the sender still holds."""
    has = held_now(document.sender, {line.part_id for line in lines})
    rows = []
    for line in lines:
        left = has.get((line.part_id, line.condition, line.lot_id), 0)
        preset = min(line.quantity, left)
        has[line.part_id, line.condition, line.lot_id] = left - preset
        note = "" if preset == line.quantity else _remains(document, line, preset)
        rows.append(StepRow(line.pk, line.part, line.quantity, line.condition, line.lot, preset=preset, note=note))
    return StepsForm(data, rows=rows)


def _remains(document: HandOver, line: HandOverLine, left: int) -> str:
    if not left:
        return _("%(person)s has none left.") % {"person": document.sender}
    words = {"person": document.sender, "left": amount(left, line.part)}
    return _("%(person)s has %(left)s left.") % words


def page_of_hand_over(
    request: HttpRequest, document: HandOver, *, form: forms.Form | None = None, typed: Any = None
) -> HttpResponse:
    """``form`` carries what was refused, ``typed`` is what was sent with it."""
    now = timezone.now()
    lines = domain.lines_of(document)
    verbs = verbs_of(document, by=request.user, at=now)
    is_expired = document.status in OPEN and domain.is_expired(document, at=now)
    answer = next((verb for verb in verbs if verb in ("accept", "offer")), "")
    steps = form if isinstance(form, StepsForm) else steps_form(document, lines, typed) if answer else None
    context = {
        "hand_over": document,
        "lines": lines,
        "form": form,
        "steps": steps,
        "answer": answer,
        "verbs": [HAND_OVER_TRANSITIONS[verb] for verb in verbs if verb != answer],
        "badge": {
            "text": _("Lapsed") if is_expired else document.get_status_display(),
            "tone": "warn" if is_expired else TONES.get(document.status, "neutral"),
        },
        "is_open": document.status in OPEN and not is_expired,
        "is_expired": is_expired,
        "undo": _undo_words(request, document, now),
        "events": events_for(document),
    }
    return render(request, "spareparts/personal/hand_over.html", context)


def _undo_words(request: HttpRequest, document: HandOver, now: datetime) -> dict[str, Any] | None:
    """How the person may take it back now: at once, later with a reason, or not at all."""
    if document.status not in (HandOverStatus.ACCEPTED, HandOverStatus.MOVED):
        return None
    try:
        row = domain.undo_row(document, by=request.user, at=now, policy=request.policy)
    except DomainError:
        return None
    if row.needs_reason:
        return {"is_at_once": False}
    return {"is_at_once": True, "text": minutes_left(domain.undo_until(document, request.policy) - now)}


def minutes_left(span: Any) -> str:
    minutes = math.ceil(span.total_seconds() / 60)
    words = ngettext(
        "You can undo this for %(minutes)s more minute.", "You can undo this for %(minutes)s more minutes.", minutes
    )
    return words % {"minutes": minutes}


def events_for(document: Any) -> list[dict[str, Any]]:
    return [
        {"title": in_words(event.verb), "at": event.at, "by": event.actor, "text": event.reason}
        for event in audit.events_of(document)
    ]
