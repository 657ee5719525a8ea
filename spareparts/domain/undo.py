"""Taking a consumption back: a linked reversal of moves, machine, replacement record and debt together, or nothing.

Where something happened since, a manager may still record a correcting entry: moves and cost go back, the machine and
old parts that have left stay as they are.
"""

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
from inventory.domain.errors import NotEnoughStock
from spareparts.domain import debts
from spareparts.domain.machine import Touched, touched_by
from spareparts.domain.modes import ModeChanged, for_share
from spareparts.domain.undo_old_parts import (
    debt_obstacles,
    debts_of,
    find_again,
    require_places,
    shortages_of,
    stock_obstacles,
    voidable,
)
from spareparts.enums import CONSUMPTION_TRANSITIONS, Feature, Mode, Permission
from spareparts.models import Consumption, ConsumptionLine, OldPartDebt, ReplacementRecord, SparepartsSettings
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
    lines = list(consumption.lines.all())
    return [
        *_obstacles(consumption, consumption.work_order, touched_by(lines), policy),
        *debt_obstacles(debts_of(lines), engineer_id=consumption.engineer_id),
        *(stock_obstacles(consumption) if policy.has(Feature.PERSONAL_INVENTORY) else ()),
    ]


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
    """Reverse the moves, put the machine back as it was, and void replacement records and debts: all or nothing.

    The engineer or who recorded it may within ``policy.undo_minutes``, a manager later with a reason.
    Refused: NotAllowed, UndoTooLate, ReasonMissing, ModeChanged, IllegalTransition or StaleDocument (already undone),
    UndoRefused with every later event (machine changed again, old part gone, job ended, mode changed).
    """
    row = undo_row(consumption, by=by, at=at, policy=policy)
    with (
        _job_and_lines(consumption, policy) as (work_order, lines),
        _claimed(consumption, row, by=by, at=at, key=key, reason=reason),
    ):
        touched = touched_by(lines, for_update=True)
        owed = debts_of(lines) if any(line.debt_key for line in lines) else []
        refusals = _obstacles(consumption, work_order, touched, policy)
        if refusals := [*refusals, *debt_obstacles(owed, engineer_id=consumption.engineer_id)]:
            raise UndoRefused(messages=refusals)
        touched.give_back(at=at)
        if any(line.replacement_key for line in lines):
            ReplacementRecord.objects.filter(line__in=lines).update(undone_at=at)
        debts.void(owed)
        _reverse_or_refuse(consumption, by=by, at=at, key=key)


def correct_consumption(
    consumption: Consumption, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, reason: str
) -> None:
    """Reverse moves and cost when an undo is refused; the machine's parts list stays as it is.

    Debts whose old part is still with the engineer are void; one that has left stays what it is, and the books find it
    again as a difference. Refused: NotAllowed, ReasonMissing, ModeChanged, IllegalTransition or StaleDocument (already
    undone), CorrectionNotNeeded (nothing stands against an undo), PlaceGone (the mode keeps no such stock).
    """
    row = CONSUMPTION_TRANSITIONS["correct"]
    with (
        _job_and_lines(consumption, policy) as (work_order, lines),
        _claimed(consumption, row, by=by, at=at, key=key, reason=reason),
    ):
        owed, short = debts_of(lines), shortages_of(consumption)
        refusals = _obstacles(consumption, work_order, touched_by(lines, for_update=True), policy)
        if not (refusals or short or debt_obstacles(owed, engineer_id=consumption.engineer_id)):
            raise CorrectionNotNeeded(_("Nothing stands against an undo: undo it, so that the machine follows."))
        require_places(consumption, policy)
        debts.void(voidable(owed, engineer_id=consumption.engineer_id))
        find_again(short, consumption, by=by, at=at, key=uuid.uuid5(key, "found"))
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
def _job_and_lines(consumption: Consumption, policy: ModePolicy) -> Iterator[tuple[WorkOrder, list[Any]]]:
    """The job as it is now, which cannot end before this transaction does, and the lines, which never change.

    One statement reads them and locks (shared, settings before the job), as when the use was recorded.
    Refused: ModeChanged when the settings are no longer those of ``policy``.
    """
    line, settings, job, debt, replacement = (
        each._meta.db_table for each in (ConsumptionLine, SparepartsSettings, WorkOrder, OldPartDebt, ReplacementRecord)
    )
    sql = (
        "SELECT l.*, s.version AS policy_version, w.number AS job_number, w.status AS job_status,"  # noqa: S608  our own names
        " d.id AS debt_key, r.id AS replacement_key"
        f" FROM {line} l CROSS JOIN {settings} s CROSS JOIN {job} w LEFT JOIN {debt} d ON d.line_id = l.id"
        f" LEFT JOIN {replacement} r ON r.line_id = l.id"
        f" WHERE l.consumption_id = %s AND s.id = 1 AND w.id = %s ORDER BY l.id{for_share('s', 'w')}"
    )
    with transaction.atomic(savepoint=False):
        rows = ConsumptionLine.objects.raw(sql, [consumption.pk, consumption.work_order_id])
        lines: list[Any] = list(rows.using(connection.alias))
        if any(each.policy_version != policy.version for each in lines):
            raise ModeChanged
        yield WorkOrder(pk=consumption.work_order_id, number=lines[0].job_number, status=lines[0].job_status), lines


def _reverse_or_refuse(consumption: Consumption, *, by: User, at: datetime, key: uuid.UUID) -> None:
    try:
        _reverse(consumption, by=by, at=at, key=key)
    except NotEnoughStock as error:
        raise UndoRefused(messages=stock_obstacles(consumption) or error.messages) from error


def _reverse(consumption: Consumption, *, by: User, at: datetime, key: uuid.UUID) -> None:
    """Last in the transaction: the ledger takes its locks after all others."""
    ledger.reverse(consumption.posting, reference=consumption.reference, by=by, at=at, key=key)
