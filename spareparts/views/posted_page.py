"""What the pages of reports and purchases say about taking them back."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from config.shared.errors import DomainError
from config.shared.transitions import Transition
from spareparts.domain.taking_back import undo_row, undo_until
from spareparts.enums import PostedStatus
from spareparts.views.hand_over_page import minutes_left


def undo_words(request: HttpRequest, document: Any, table: Mapping[str, Transition]) -> dict[str, Any] | None:
    """How the person may take it back now: at once, later with a reason, or not at all."""
    now = timezone.now()
    if document.status != PostedStatus.POSTED:
        return None
    try:
        row = undo_row(document, table, by=request.user, at=now, policy=request.policy)
    except DomainError:
        return None
    if row.needs_reason:
        return {"is_at_once": False}
    return {"is_at_once": True, "text": minutes_left(undo_until(document, request.policy) - now)}
