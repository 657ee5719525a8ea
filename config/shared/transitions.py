"""A document is a table of transitions. This is the one place where a status changes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared import audit
from config.shared.errors import DomainError, IllegalTransition, NotAllowed, StaleDocument


@dataclass(frozen=True)
class Transition:
    """One row of a document's table: the verb, from where, to where, who may, and the words on its button."""

    verb: str
    sources: frozenset[str]
    target: str
    permission: str
    label: str | Promise
    needs_reason: bool = False
    tone: str = ""


class ReasonMissing(DomainError):
    """The verb asks for a reason and none was given."""

    field = "reason"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Give a reason."))


def available(document: Any, table: Mapping[str, Transition], *, by: Any) -> list[Transition]:
    """The rows that ``by`` may use on the document now, in the table's order; they draw the buttons."""
    return [row for row in table.values() if document.status in row.sources and by.has_perm(row.permission)]


@contextmanager
def transition(
    document: Any,
    row: Transition,
    *,
    by: Any,
    at: datetime,
    reason: str = "",
    details: dict[str, Any] | None = None,
    **changes: Any,
) -> Iterator[None]:
    """Claim the document for one verb, run the body, and write the audit row: all or nothing.

    The claim is a conditional update on status and version, so of two people at once one wins. ``changes`` are
    further fields of the same row. Refused: NotAllowed, ReasonMissing, IllegalTransition, StaleDocument.
    """
    if not by.has_perm(row.permission):
        raise NotAllowed
    if row.needs_reason and not reason.strip():
        raise ReasonMissing
    # No savepoint: a refusal undoes the whole event, and two statements are saved on every movement.
    with transaction.atomic(savepoint=False):
        _claim(document, row, changes)
        yield
        audit.record(
            f"{document._meta.model_name}.{row.verb}",
            by=by,
            at=at,
            subject=document,
            reason=reason,
            details=details,
        )


def _claim(document: Any, row: Transition, changes: dict[str, Any]) -> None:
    manager = type(document)._base_manager
    claimed = manager.filter(pk=document.pk, status__in=row.sources, version=document.version).update(
        status=row.target, version=F("version") + 1, **changes
    )
    if not claimed:
        raise _refusal(document, row)
    document.version += 1
    document.status = row.target
    for name, value in changes.items():
        setattr(document, name, value)


def _refusal(document: Any, row: Transition) -> DomainError:
    document.refresh_from_db()
    status = document.get_status_display()
    last = audit.events_of(document).first()
    if last is None or last.actor is None:
        return IllegalTransition(
            _("%(document)s is now “%(status)s”, so this is not possible.") % {"document": document, "status": status}
        )
    words = {
        "document": document,
        "status": status,
        "person": last.actor,
        "time": timezone.localtime(last.at).strftime("%H:%M"),
    }
    message = _("%(person)s changed %(document)s at %(time)s. It is now “%(status)s”. Look again before you go on.")
    kind = StaleDocument if document.status in row.sources else IllegalTransition
    return kind(message % words)
