"""Recording parts used under a work order: one document, many lines, one posting."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from config.shared.transitions import ReasonMissing
from inventory.domain import ledger
from inventory.enums import PostingReason
from inventory.models import Part
from spareparts.domain.costs import MOST_COST, line_cost
from spareparts.domain.machine import Exchange, open_exchange
from spareparts.domain.modes import ModeChanged, for_share
from spareparts.domain.routes import only_leg, place
from spareparts.enums import Flow, OldPartAnswer, Permission
from spareparts.models import Consumption, ConsumptionLine, EquipmentPart, SparepartsSettings
from spareparts.policies import Leg, ModePolicy
from workorders.enums import OPEN_STATUSES
from workorders.models import User, WorkOrder

MOST_LINES = 200
MOST_QUANTITY = 1_000_000_000  # smallest steps; what the column and a typing error can bear


class WorkOrderNotOpen(DomainError):
    """Parts are used on open jobs only."""


class NotOnTheJob(DomainError):
    """The engineer is neither lead nor helper of the job."""

    field = "engineer"


class NothingUsed(DomainError):
    """A document without a line."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Add at least one part and say how many you used."))


@dataclass(frozen=True)
class LineProblem:
    """What is wrong with one line: ``index`` counts from 0, ``field`` is the form field to blame."""

    index: int
    field: str
    message: str


class BadLines(DomainError):
    """All the lines that cannot be recorded, each with its part."""

    def __init__(self, problems: Sequence[LineProblem]) -> None:
        self.problems = list(problems)
        super().__init__(messages=[problem.message for problem in problems])


@dataclass(frozen=True)
class UsedPart:
    """One line: ``quantity`` smallest steps of ``part`` were used.

    The old part is either the entry ``taken_from`` (key of an EquipmentPart of the machine) or ``old_part`` of the
    catalogue, which may be unlisted.
    """

    part: Part
    quantity: int
    lot_text: str = ""
    old_part_answer: str = OldPartAnswer.NONE
    old_part: Part | None = None
    taken_from: int | None = None
    old_serial: str = ""

    @property
    def has_old_part(self) -> bool:
        return self.old_part_answer != OldPartAnswer.NONE


def record_consumption(
    work_order: WorkOrder,
    *,
    engineer: User,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    lines: Sequence[UsedPart],
    reason: str = "",
) -> Consumption:
    """Record that ``engineer`` used ``lines`` on the job; the machine's parts list follows. All or nothing.

    ``policy`` is the one the page was made with: a switch of the mode since is refused (ModeChanged).
    Refused: NotAllowed, ReasonMissing (somebody else's use), FlowNotInMode, NothingUsed, BadLines (every bad line),
    WorkOrderNotOpen, NotOnTheJob, KeyReused (the key belongs to another event).
    """
    _require_right(engineer=engineer, by=by, reason=reason)
    leg = only_leg(policy, Flow.USE)
    _check(lines, has_machine=work_order.equipment_id is not None)
    document = Consumption(
        work_order=work_order,
        engineer=engineer,
        recorded_by=by,
        recorded_at=at,
        reason=reason.strip(),
        mode=policy.mode or "",
        posting_id=key,
    )
    with transaction.atomic(savepoint=False):
        _insert_while_open(document, policy)
        exchange = open_exchange(work_order.equipment_id, [line.taken_from for line in lines if line.taken_from])
        rows = _write_lines(document, lines, exchange, at)
        _post(document, rows, leg)
        details = {"work_order": str(work_order), "engineer": str(engineer), "lines": len(rows)}
        audit.record("consumption.record", by=by, at=at, subject=document, reason=document.reason, details=details)
    return document


def _post(document: Consumption, rows: Sequence[ConsumptionLine], leg: Leg) -> None:
    """One posting for the whole document, under the key the document already names."""
    source, target = (place(kind, engineer=document.engineer) for kind in leg)
    ledger.post(
        reason=PostingReason.CONSUMPTION,
        reference=document.reference,
        lines=[ledger.Line(row.part, row.quantity, source, target) for row in rows],
        by=document.recorded_by,
        at=document.recorded_at,
        key=document.posting_id,
    )


def _require_right(*, engineer: User, by: User, reason: str) -> None:
    """Each records his own use; somebody else's needs the permission and a reason."""
    if not by.has_perm(Permission.RECORD_USE):
        raise NotAllowed
    if engineer.pk == by.pk:
        return
    if not by.has_perm(Permission.RECORD_USE_FOR_OTHERS):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing


def _check(lines: Sequence[UsedPart], *, has_machine: bool) -> None:
    if not lines:
        raise NothingUsed
    problems = [
        LineProblem(index, name, _line_words(index, line, words))
        for index, line in enumerate(lines)
        for name, words in _problems_of(line, has_machine=has_machine)
    ]
    if len(lines) > MOST_LINES:
        problems.append(
            LineProblem(MOST_LINES, "part", _("A record holds at most %(most)s lines.") % {"most": MOST_LINES})
        )
    if problems:
        raise BadLines(problems)


def _line_words(index: int, line: UsedPart, words: str) -> str:
    return _("Line %(line)s, %(part)s: %(problem)s") % {
        "line": index + 1,
        "part": line.part.number,
        "problem": words,
    }


def _problems_of(line: UsedPart, *, has_machine: bool) -> list[tuple[str, str]]:
    problems = []
    if line.quantity <= 0:
        problems.append(("quantity", _("the quantity must be more than zero.")))
    elif line.quantity > MOST_QUANTITY or _cost_of(line) >= MOST_COST:
        problems.append(("quantity", _("the quantity is too large.")))
    if line.old_part_answer not in OldPartAnswer.values:
        problems.append(("old_part_answer", _("say what happens to the old part.")))
    elif line.has_old_part and line.old_part is None and line.taken_from is None:
        problems.append(("old_part", _("name the old part that was taken out.")))
    elif not line.has_old_part and (line.old_part or line.taken_from or line.old_serial):
        problems.append(("old_part_answer", _("an old part is named, so say what happens to it.")))
    if line.taken_from is not None and not has_machine:
        problems.append(("old_part", _("this job names no machine to take an old part from.")))
    return problems


def _cost_of(line: UsedPart) -> Decimal:
    return line_cost(line.part.unit_cost, line.quantity, line.part.unit.decimal_places)


# ---------------------------------------------------------------- the document
def _insert_while_open(document: Consumption, policy: ModePolicy) -> None:
    """Insert the document if the settings are still those of ``policy``, the job is open and the engineer on it.

    One statement reads, locks (shared, settings before the job) and writes, so that neither a switch of the mode nor
    the end of the job can slip in before the posting: they wait until this transaction ends.
    """
    fields = [each for each in Consumption._meta.concrete_fields if not each.primary_key]
    values = [each.get_db_prep_save(getattr(document, each.attname), connection) for each in fields]
    columns = ", ".join(str(each.column) for each in fields)
    statuses = sorted(OPEN_STATUSES)
    sql = (
        f"INSERT INTO {Consumption._meta.db_table} ({columns})"  # noqa: S608  names of our own tables
        f" SELECT {', '.join(['%s'] * len(fields))}"
        f" FROM {SparepartsSettings._meta.db_table} s, {WorkOrder._meta.db_table} w"
        " WHERE s.id = 1 AND s.version = %s AND w.id = %s"
        f" AND w.status IN ({', '.join(['%s'] * len(statuses))})"
        f" AND (w.lead_id = %s OR EXISTS (SELECT 1 FROM {WorkOrder.helpers.through._meta.db_table} h"
        " WHERE h.workorder_id = w.id AND h.user_id = %s))"
        f"{for_share('s', 'w')} RETURNING id"
    )
    engineer_id = document.engineer_id
    with connection.cursor() as cursor:
        guards: list[Any] = [policy.version, document.work_order_id, *statuses, engineer_id, engineer_id]
        cursor.execute(sql, [*values, *guards])
        row = cursor.fetchone()
    if row is None:
        raise _refusal(document, policy)
    document.pk = row[0]
    document._state.adding = False


def _refusal(document: Consumption, policy: ModePolicy) -> DomainError:
    """Which of the guards said no."""
    if not SparepartsSettings.objects.filter(pk=1, version=policy.version).exists():
        return ModeChanged()
    job = WorkOrder.objects.get(pk=document.work_order_id)
    if not job.is_open:
        words = {"work_order": job, "status": job.get_status_display()}
        return WorkOrderNotOpen(
            _("%(work_order)s is “%(status)s”: parts are recorded on open jobs only. Ask the dispatcher to reopen it.")
            % words
        )
    return NotOnTheJob(
        _("%(engineer)s is neither lead nor helper of %(work_order)s.")
        % {"engineer": document.engineer, "work_order": job}
    )


def _write_lines(
    document: Consumption, lines: Sequence[UsedPart], exchange: Exchange, at: datetime
) -> list[ConsumptionLine]:
    """Insert the lines with their frozen cost, and let the machine's parts list follow them."""
    rows = [_line(document, line) for line in lines]
    takings = _plan_takings(lines, rows, exchange)
    ConsumptionLine.objects.bulk_create(rows)
    for line, row in zip(lines, rows, strict=True):
        taken = takings.get(id(line))
        if taken is not None:
            exchange.take(taken, row.old_quantity or 0, line=row, at=at)
        exchange.fit(row, replaced=taken, at=at)
    exchange.save()
    return rows


def _line(document: Consumption, line: UsedPart) -> ConsumptionLine:
    return ConsumptionLine(
        consumption=document,
        part=line.part,
        quantity=line.quantity,
        lot_text=line.lot_text,
        unit_cost=line.part.unit_cost,
        cost=_cost_of(line),
        old_part_answer=line.old_part_answer,
        old_part=line.old_part,
        old_quantity=_old_quantity(line, line.old_part) if line.old_part else None,
        old_serial=line.old_serial,
    )


def _old_quantity(line: UsedPart, old_part: Part) -> int:
    """As many old ones as new ones, when they are counted in the same unit; else one."""
    return line.quantity if old_part.unit_id == line.part.unit_id else 10**old_part.unit.decimal_places


def _plan_takings(
    lines: Sequence[UsedPart], rows: Sequence[ConsumptionLine], exchange: Exchange
) -> dict[int, EquipmentPart]:
    """Which entry each line takes from, as far as it goes. Refused: BadLines when an entry is gone or used up."""
    left = {pk: row.quantity for pk, row in exchange.rows.items()}
    takings: dict[int, EquipmentPart] = {}
    problems = []
    for index, (line, row) in enumerate(zip(lines, rows, strict=True)):
        if line.taken_from is None:
            continue
        entry = exchange.rows.get(line.taken_from)
        if entry is None or not left[entry.pk]:
            words = _("the old part is no longer in the machine. Choose it again.")
            problems.append(LineProblem(index, "old_part", _line_words(index, line, words)))
            continue
        row.old_part, row.taken_from, row.taken_from_version = entry.part, entry, entry.version
        row.old_quantity = min(_old_quantity(line, entry.part), left[entry.pk])
        row.old_serial = line.old_serial or entry.serial
        left[entry.pk] -= row.old_quantity
        takings[id(line)] = entry
    if problems:
        raise BadLines(problems)
    return takings
