"""Taking a consumption back: a linked reversal of moves and machine together, or nothing; else a correcting entry."""

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from config.shared.transitions import Transition, transition
from inventory.domain import ledger
from spareparts.domain.machine import Touched, touched_by
from spareparts.domain.modes import ModeChanged, for_share
from spareparts.enums import CONSUMPTION_TRANSITIONS, Mode, Permission
from spareparts.models import Consumption, ConsumptionLine, SparepartsSettings
from spareparts.policies import ModePolicy
from workorders.enums import WorkOrderStatus
from workorders.models import User, WorkOrder


class UndoTooLate(DomainError):
    """The window has passed and the person may not undo later."""


class UndoRefused(DomainError):
    """Something happened since; every later event is a message. A correcting entry is still possible."""


class CorrectionNotNeeded(DomainError):
    """The consumption can still be undone, which is better: the machine follows."""


def undo_until(consumption: Consumption, policy: ModePolicy) -> datetime:
    """The moment from which only a manager may undo."""
    return consumption.recorded_at + timedelta(minutes=policy.undo_minutes)


def undo_row(consumption: Consumption, *, by: User, at: datetime, policy: ModePolicy) -> Transition:
    """The row of the table by which ``by`` may undo now. Refused: UndoTooLate, NotAllowed."""
    is_own = by.pk in (consumption.engineer_id, consumption.recorded_by_id)
    if is_own and at < undo_until(consumption, policy) and by.has_perm(Permission.UNDO_OWN_CONSUMPTION):
        return CONSUMPTION_TRANSITIONS["undo"]
    if by.has_perm(Permission.UNDO_ANY_CONSUMPTION):
        return CONSUMPTION_TRANSITIONS["undo_later"]
    if is_own:
        raise UndoTooLate(
            _("This could be undone for %(minutes)s minutes. Ask a service manager to undo it.")
            % {"minutes": policy.undo_minutes}
        )
    raise NotAllowed


def obstacles(consumption: Consumption, *, policy: ModePolicy) -> list[str]:
    """What happened since that stands against an undo, each later event by name; empty when nothing does."""
    return _obstacles(consumption, consumption.work_order, touched_by(list(consumption.lines.all())), policy)


def _obstacles(consumption: Consumption, work_order: WorkOrder, touched: Touched, policy: ModePolicy) -> list[str]:
    return _mode_obstacle(consumption, policy) + _job_obstacle(work_order) + touched.obstacles


def _mode_obstacle(consumption: Consumption, policy: ModePolicy) -> list[str]:
    if policy.mode is None or policy.mode == consumption.mode:
        return []
    before = Mode(consumption.mode).label
    return [_("The mode changed from %(before)s to %(after)s since.") % {"before": before, "after": policy.mode.label}]


def _job_obstacle(work_order: WorkOrder) -> list[str]:
    ended = {WorkOrderStatus.COMPLETED: "workorder.complete", WorkOrderStatus.CANCELLED: "workorder.cancel"}
    verb = ended.get(WorkOrderStatus(work_order.status))
    if verb is None:
        return []
    event = audit.events_of(work_order).filter(verb=verb).first()
    words = {"work_order": work_order, "status": work_order.get_status_display()}
    if event is None:
        return [_("%(work_order)s is “%(status)s”.") % words]
    words["time"] = formats.date_format(timezone.localtime(event.at), "DATETIME_FORMAT")
    words["person"] = str(event.actor or "–")
    return [_("%(work_order)s is “%(status)s” since %(time)s (%(person)s).") % words]


def undo_consumption(
    consumption: Consumption, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, reason: str = ""
) -> None:
    """Reverse the moves and put the machine back as it was: both or nothing.

    The engineer or who recorded it may within ``policy.undo_minutes``, a manager later with a reason.
    Refused: NotAllowed, UndoTooLate, ReasonMissing, ModeChanged, IllegalTransition or StaleDocument (already undone),
    UndoRefused with every later event (machine changed again, job ended, mode changed).
    """
    row = undo_row(consumption, by=by, at=at, policy=policy)
    with (
        _job_and_lines(consumption, policy) as (work_order, lines),
        _claimed(consumption, row, by=by, at=at, key=key, reason=reason),
    ):
        touched = touched_by(lines, for_update=True)
        if refusals := _obstacles(consumption, work_order, touched, policy):
            raise UndoRefused(messages=refusals)
        touched.give_back(at=at)
        _reverse(consumption, by=by, at=at, key=key)


def correct_consumption(
    consumption: Consumption, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, reason: str
) -> None:
    """Reverse moves and cost when an undo is refused; the machine's parts list stays as it is.

    Refused: NotAllowed, ReasonMissing, ModeChanged, IllegalTransition or StaleDocument (already undone),
    CorrectionNotNeeded (nothing stands against an undo).
    """
    row = CONSUMPTION_TRANSITIONS["correct"]
    with (
        _job_and_lines(consumption, policy) as (work_order, lines),
        _claimed(consumption, row, by=by, at=at, key=key, reason=reason),
    ):
        if not _obstacles(consumption, work_order, touched_by(lines, for_update=True), policy):
            raise CorrectionNotNeeded(_("Nothing stands against an undo: undo it, so that the machine follows."))
        _reverse(consumption, by=by, at=at, key=key)


def _claimed(
    consumption: Consumption, row: Transition, *, by: User, at: datetime, key: uuid.UUID, reason: str
) -> AbstractContextManager[None]:
    return transition(
        consumption,
        row,
        by=by,
        at=at,
        reason=reason,
        reversal_id=key,
        undone_at=at,
        undone_by=by,
        undo_reason=reason.strip(),
    )


@contextmanager
def _job_and_lines(consumption: Consumption, policy: ModePolicy) -> Iterator[tuple[WorkOrder, list[ConsumptionLine]]]:
    """The job as it is now, which cannot end before this transaction does, and the lines, which never change.

    One statement reads them and locks (shared, settings before the job), as when the use was recorded.
    Refused: ModeChanged when the settings are no longer those of ``policy``.
    """
    line, settings, job = (each._meta.db_table for each in (ConsumptionLine, SparepartsSettings, WorkOrder))
    sql = (
        "SELECT l.*, s.version AS policy_version, w.number AS job_number, w.status AS job_status"  # noqa: S608  our own names
        f" FROM {line} l, {settings} s, {job} w"
        f" WHERE l.consumption_id = %s AND s.id = 1 AND w.id = %s ORDER BY l.id{for_share('s', 'w')}"
    )
    with transaction.atomic(savepoint=False):
        rows = ConsumptionLine.objects.raw(sql, [consumption.pk, consumption.work_order_id])
        lines: list[Any] = list(rows.using(connection.alias))
        if any(each.policy_version != policy.version for each in lines):
            raise ModeChanged
        yield WorkOrder(pk=consumption.work_order_id, number=lines[0].job_number, status=lines[0].job_status), lines


def _reverse(consumption: Consumption, *, by: User, at: datetime, key: uuid.UUID) -> None:
    """Last in the transaction: the ledger takes its locks after all others."""
    ledger.reverse(consumption.posting, reference=consumption.reference, by=by, at=at, key=key)
