"""A request shown like a parcel: how far it is, in steps and in a word."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from spareparts.enums import ISSUABLE, Fulfilment, ReceivingMethod, RequisitionStatus
from spareparts.models import Grant, Issue, Requisition, RequisitionLine
from spareparts.queries.requisitions import is_collected

S, F, M = RequisitionStatus, Fulfilment, ReceivingMethod


@dataclass(frozen=True)
class Progress:
    """What the grants of a request add up to, in smallest steps; ``live`` is granted and not cancelled."""

    live: int = 0
    open: int = 0
    reserved: int = 0
    packed: int = 0
    issued: int = 0
    shipped: int = 0
    received: int = 0
    cancelled: int = 0

    @property
    def has_moved(self) -> bool:
        """Something was done to it beside approving."""
        return bool(self.reserved or self.issued or self.shipped or self.cancelled)

    @classmethod
    def of(cls, grants: Iterable[Grant]) -> "Progress":
        rows = list(grants)
        return cls(
            live=sum(each.granted - each.cancelled for each in rows),
            open=sum(each.open_quantity for each in rows),
            reserved=sum(each.reserved for each in rows),
            packed=sum(each.packed for each in rows),
            issued=sum(each.issued for each in rows),
            shipped=sum(each.shipped for each in rows),
            received=sum(each.received for each in rows),
            cancelled=sum(each.cancelled for each in rows),
        )


@dataclass(frozen=True)
class GrantRow:
    """What was granted for a line and how far it is, in smallest steps. Needs the lots of what lies and was issued."""

    grant: Grant
    is_substitute: bool
    is_less: bool

    @property
    def on_the_way(self) -> int:
        return self.grant.shipped - self.grant.received

    @property
    def unpacked(self) -> int:
        return self.grant.reserved - self.grant.packed

    @property
    def lots(self) -> list[str]:
        """Batches and serial numbers reserved or handed over; what was taken back is not."""
        handed = [row.lot for row in self.grant.issue_lines.all() if row.issue.undone_at is None]
        lying = [row.lot for row in self.grant.allocations.all()]
        return list(dict.fromkeys(str(lot) for lot in (*handed, *lying) if lot is not None))


def rows_of(line: RequisitionLine) -> list[GrantRow]:
    """The grants of one line; the one that is all as asked says nothing beside how far it is."""
    return [
        GrantRow(grant, grant.part_id != line.part_id, grant.granted != line.quantity) for grant in line.grants.all()
    ]


def issues_of(rows: Iterable[tuple[RequisitionLine, list[GrantRow]]]) -> list[Issue]:
    """The hand-overs behind the grants, the newest first."""
    lines = (line for _asked, grants in rows for row in grants for line in row.grant.issue_lines.all())
    return sorted({line.issue for line in lines}, key=lambda issue: -issue.pk)


def steps_of(requisition: Requisition, grants: Iterable[Grant]) -> list[dict[str, Any]]:
    """Steps for components/steps.html: those done, the one it is at, those to come. Nothing for what went no way."""
    if requisition.status not in {S.SUBMITTED, S.APPROVED} or requisition.fulfilment == F.CANCELLED:
        return []
    progress = Progress.of(grants)
    is_approved = requisition.status == S.APPROVED
    steps = [(pgettext("parcel", "Asked"), True, ""), (pgettext("parcel", "Approved"), is_approved, "")]
    steps += _way(requisition, progress, is_approved=is_approved)
    return _drawn(steps)


Step = tuple[str, bool, str]


def _way(requisition: Requisition, progress: Progress, *, is_approved: bool) -> list[Step]:
    """What comes after the approval: label, whether it is done, and a word while it is not."""
    is_all = is_approved and progress.live > 0
    with_you = pgettext("parcel", "With you")
    if requisition.warehouse_id is None:
        return [(with_you, is_all and progress.issued == progress.live, "")]
    if requisition.receiving_method != M.PICK_UP:
        return _sent_way(requisition, progress)
    is_packed = is_all and progress.packed + progress.issued == progress.live
    is_taken = is_all and progress.issued == progress.live
    waiting = _("Waiting for stock") if progress.open else ""
    partly = _("Some are with you") if progress.issued else ""
    packed = (pgettext("parcel", "Packed"), is_packed, waiting)
    return [packed, (pgettext("parcel", "At counter"), is_taken, ""), (with_you, is_taken, partly)]


SENT = frozenset({F.SHIPPED, F.RECEIVED, F.PENDING_PICK_UP, F.PARTIALLY_ISSUED, F.CONFIRMED})
"""Fulfilments of a shipped request of which nothing waits at its source any more."""


def _sent_way(requisition: Requisition, progress: Progress) -> list[Step]:
    """By parcel: to the engineer or the site, onto a branch's shelf, or to a counter where it is collected."""
    now = requisition.fulfilment
    is_gone = now in SENT or (now == F.PARTIALLY_RECEIVED and not progress.open and not progress.reserved)
    waiting = _("Waiting for stock") if progress.open else ""
    packed = (pgettext("parcel", "Packed"), is_gone, waiting)
    is_here = now in SENT - {F.SHIPPED}
    on_the_way = (pgettext("parcel", "On the way"), is_here, "")
    if not is_collected(requisition):
        partly = _("Some have arrived") if progress.received else ""
        return [packed, on_the_way, (pgettext("parcel", "Received"), is_here, partly)]
    is_taken = now == F.CONFIRMED
    at_counter = (pgettext("parcel", "At counter"), is_taken, "")
    return [packed, on_the_way, at_counter, (pgettext("parcel", "With you"), is_taken, "")]


def _drawn(steps: list[Step]) -> list[dict[str, Any]]:
    """The first step that is not done is where it is now; nothing after it counts as done."""
    drawn, is_reached = [], True
    for label, is_done, note in steps:
        state = ("done" if is_done else "current") if is_reached else "todo"
        is_reached = state == "done"
        drawn.append({"label": label, "state": state, "note": "" if state == "done" else note})
    return drawn


def next_words(requisition: Requisition, progress: Progress) -> str:
    """What happens next, in one sentence; "" when nothing does."""
    if requisition.status == S.DRAFT:
        return _("This is a draft: nobody has seen it yet.")
    if requisition.status == S.SUBMITTED:
        return _("Somebody will approve it. You see here how far it is.")
    if requisition.status != S.APPROVED or requisition.warehouse is None:
        return ""
    is_here = requisition.fulfilment in ISSUABLE
    place = requisition.destination if is_collected(requisition) else requisition.warehouse
    words = {"warehouse": place if is_here else requisition.warehouse}
    sentences = (
        (is_here and progress.packed > 0, _("The parts are packed. Collect them at %(warehouse)s.")),
        (progress.reserved > progress.packed, _("%(warehouse)s gets the parts ready.")),
        (progress.shipped > progress.received, _("The parts are on the way. Confirm what arrives.")),
        (progress.open > 0, _("What is missing stays open and is reserved when stock arrives.")),
    )
    return next((sentence % words for is_so, sentence in sentences if is_so), "")
