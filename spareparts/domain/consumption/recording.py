"""Writing a record of use: the document, its lines, the machine, the old parts that are owed, and one posting."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.errors import NotAllowed
from config.shared.transitions import ReasonMissing
from inventory.domain import ledger
from inventory.domain.errors import NotEnoughStock
from inventory.enums import PostingReason, Tracking
from inventory.models import Part
from spareparts.domain.consumption.document import insert_while_open
from spareparts.domain.consumption.identifying import identified
from spareparts.domain.consumption.lines import BadLines, UsedPart, check, problem_at
from spareparts.domain.consumption.owing import OldParts, judge
from spareparts.domain.consumption.sources import Sources, find_sources, shortages_at_lines
from spareparts.domain.machine import Exchange, open_exchange
from spareparts.enums import Feature, Permission
from spareparts.models import Consumption, ConsumptionLine, EquipmentPart, ReplacementRecord
from spareparts.policies import ModePolicy
from workorders.models import User, WorkOrder


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
    """Record that ``engineer`` used ``lines`` on the job; machine, old parts and debts follow. All or nothing.

    ``policy`` is the one the page was made with: a switch of the mode since is refused (ModeChanged).
    Refused: NotAllowed, ReasonMissing (somebody else's use), FlowNotInMode, NothingUsed, BadLines (every bad line;
    more than is held is one), WorkOrderNotOpen, NotOnTheJob, SerialElsewhere, KeyReused (the key belongs to another
    event).
    """
    _require_right(engineer=engineer, by=by, reason=reason)
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
        lines = identified(lines, engineer=engineer, by=by, at=at, key=key, policy=policy)
        check(lines, policy, has_machine=work_order.equipment_id is not None)
        sources = find_sources(lines, engineer=engineer, by=by, policy=policy)
        insert_while_open(document, policy)
        exchange = open_exchange(work_order.equipment_id, [line.taken_from for line in lines if line.taken_from])
        rows, old_parts = _write_lines(document, lines, exchange, at=at, policy=policy)
        details = {"work_order": str(work_order), "engineer": str(engineer), "lines": len(rows)}
        audit.record("consumption.record", by=by, at=at, subject=document, reason=document.reason, details=details)
        moves = [*sources.moves(lines), *(old_parts.moves(document, policy) if old_parts else ())]
        _post(document, moves, lines, sources)
    return document


def _post(document: Consumption, moves: Sequence[ledger.Line], lines: Sequence[UsedPart], sources: Sources) -> None:
    """One posting for the whole document, under the key the document already names. Last: it locks the balances."""
    try:
        ledger.post(
            reason=PostingReason.CONSUMPTION,
            reference=document.reference,
            lines=moves,
            by=document.recorded_by,
            at=document.recorded_at,
            key=document.posting_id,
        )
    except NotEnoughStock as error:
        raise BadLines(shortages_at_lines(error.shortages, lines, sources.places)) from error


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


# ---------------------------------------------------------------- the lines
def _write_lines(
    document: Consumption, lines: Sequence[UsedPart], exchange: Exchange, *, at: datetime, policy: ModePolicy
) -> tuple[list[ConsumptionLine], OldParts | None]:
    """Insert the lines with their frozen cost, and let the machine's parts list and the debts follow them."""
    rows = [_line(document, line) for line in lines]
    takings = _plan_takings(lines, rows, exchange)
    old_parts = None
    if policy.has(Feature.OLD_PART_DEBT):
        old_parts = judge(lines, rows, equipment=document.work_order.equipment, at=at, policy=policy)
    ConsumptionLine.objects.bulk_create(rows)
    for line, row in zip(lines, rows, strict=True):
        taken = takings.get(id(line))
        if taken is not None:
            exchange.take(taken, row.old_quantity or 0, line=row, at=at)
        exchange.fit(row, replaced=taken, at=at)
    exchange.save()
    if policy.has(Feature.REPLACEMENT_RECORD) and exchange.equipment_id is not None:
        _write_replacements(rows, exchange.equipment_id, at)
    if old_parts is not None:
        old_parts.open_debts(document, at=at)
    return rows, old_parts


def _write_replacements(rows: Sequence[ConsumptionLine], equipment_id: int, at: datetime) -> None:
    """What went into the machine and what came out, line by line; what machines do not note leaves no record."""
    noted = [row for row in rows if row.part.is_noted_in_machine or row.old_part is not None]
    if noted:
        ReplacementRecord.objects.bulk_create(
            ReplacementRecord(
                equipment_id=equipment_id,
                line=row,
                new_part=row.part,
                new_quantity=row.quantity,
                new_serial=row.lot_text if row.part.tracking == Tracking.SERIAL else "",
                old_part=row.old_part,
                old_quantity=row.old_quantity,
                old_serial=row.old_serial,
                replaced_at=at,
            )
            for row in noted
        )


def _line(document: Consumption, line: UsedPart) -> ConsumptionLine:
    return ConsumptionLine(
        consumption=document,
        part=line.part,
        quantity=line.quantity,
        lot_text=line.lot.code if line.lot is not None else line.lot_text,
        lot=line.lot,
        condition=line.condition,
        warehouse=line.warehouse,
        unit_cost=line.part.unit_cost,
        cost=line.cost,
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
            problems.append(problem_at(index, line, "old_part", words))
            continue
        row.old_part, row.taken_from, row.taken_from_version = entry.part, entry, entry.version
        row.old_quantity = min(_old_quantity(line, entry.part), left[entry.pk])
        row.old_serial = line.old_serial or entry.serial
        left[entry.pk] -= row.old_quantity
        takings[id(line)] = entry
    if problems:
        raise BadLines(problems)
    return takings
