"""What an engineer booked alone, taken back: by himself within the window, later by a manager with a reason."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from config.shared.errors import DomainError, NotAllowed
from config.shared.transitions import Transition, transition
from inventory.domain import ledger
from inventory.models import Posting
from spareparts.domain.modes import policy_lock
from spareparts.policies import ModePolicy
from workorders.models import User


class UndoTooLate(DomainError):
    """The window has passed and the person may not undo later."""


class UndoRefused(DomainError):
    """The parts have moved on since; every short one is a message."""


def undo_until(document: Any, policy: ModePolicy) -> datetime:
    """The moment from which only a manager may undo."""
    moment: datetime = document.created_at + timedelta(minutes=policy.undo_minutes)
    return moment


def undo_row(
    document: Any, table: Mapping[str, Transition], *, by: User, at: datetime, policy: ModePolicy
) -> Transition:
    """The row of ``table`` by which ``by`` may undo now. Refused: UndoTooLate, NotAllowed."""
    is_own = by.pk == document.engineer_id
    if is_own and at < undo_until(document, policy) and by.has_perm(table["undo"].permission):
        return table["undo"]
    if by.has_perm(table["undo_later"].permission):
        return table["undo_later"]
    if is_own:
        sentence = _("This could be undone for %(minutes)s minutes. Ask a service manager to undo it.")
        raise UndoTooLate(sentence % {"minutes": policy.undo_minutes})
    raise NotAllowed


def undo_posted(
    document: Any,
    table: Mapping[str, Transition],
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    reason: str = "",
) -> None:
    """Reverse the document's posting as a whole. Refused: as ``undo_row``, ReasonMissing, ModeChanged,
    IllegalTransition, StaleDocument, UndoRefused (the parts have moved on), SerialElsewhere."""
    row = undo_row(document, table, by=by, at=at, policy=policy)
    changes: dict[str, Any] = {"reversal_id": key, "undone_at": at, "undone_by": by, "undo_reason": reason.strip()}
    with policy_lock(policy.version), transition(document, row, by=by, at=at, reason=reason, **changes):
        posting = Posting.objects.get(key=document.posting_id)
        try:
            ledger.reverse(posting, reference=document.reference, by=by, at=at, key=key)
        except ledger.NotEnoughStock as error:
            head = _("This cannot be undone any more: some of the parts have moved on since.")
            raise UndoRefused(messages=[head, *error.messages]) from error
