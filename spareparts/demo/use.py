"""Which parts the jobs took: most records are right at once; a few are undone or corrected, as in life."""

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from inventory.domain.catalogue import successors
from inventory.enums import Tracking
from inventory.models import Part
from spareparts.demo.customers import DISPATCHER
from spareparts.demo.fitted import serial_number
from spareparts.demo.jobs import Job
from spareparts.demo.stage import Stage
from spareparts.demo.supply import supply
from spareparts.demo.tables import amounts
from spareparts.domain.consumption import UsedPart, record_consumption
from spareparts.domain.old_parts import comes_back
from spareparts.domain.undo import correct_consumption, undo_consumption
from spareparts.enums import OldPartAnswer
from spareparts.models import Consumption, EquipmentPart
from workorders.models import User

Moment = tuple[datetime, Callable[..., Any]]
Lines = list[UsedPart]

THE_MACHINES_GAS = "refrigerant"
FOR_SOMEBODY_ELSE = "Told me by phone, his battery was empty."
UNDONE_BY_MANAGER = "Typed on the wrong job, the parts belong to the neighbouring machine."
USUALLY_LEFT = (OldPartAnswer.LEFT, OldPartAnswer.LEFT, OldPartAnswer.LEFT, OldPartAnswer.RETURNING)
ADDED = "It was added; nothing came out."
CORRECTED = "The parts came back unopened; the old ones run on."


class Record:
    """One consumption of a job: recorded once or, after an undo, again."""

    def __init__(self, stage: Stage, job: Job) -> None:
        self.stage = stage
        self.job = job
        self.engineer = job.lead
        self.documents: list[Consumption] = []
        self.replaces = list(amounts(job.row["replaces"]))
        self.uses = list(amounts(job.row["uses"]))
        if job.is_past:
            self._vary()

    def _vary(self) -> None:
        """No two jobs of a kind take quite the same."""
        dice = self.stage.dice
        self.replaces = [each for each in self.replaces if dice.random() < 0.88]
        self.uses = [(part, _about(dice, quantity)) for part, quantity in self.uses if dice.random() < 0.85]

    @property
    def is_empty(self) -> bool:
        return not (self.replaces or self.uses)

    def lines(self, *, on: date, extra: int) -> Lines:
        """New parts for what is worn in the machine as it is now, and what the work itself takes."""
        fitted = {each.position: each for each in _fitted(self.job)}
        lines = [
            _replacement(self.stage, self.job, fitted[position], count=int(count) + extra, on=on)
            for position, count in self.replaces
        ]
        return lines + [_consumable(self.stage, self.job, *each, extra=extra, on=on) for each in self.uses]

    def write(self, *, at: datetime, by: User | None = None, reason: str = "", extra: int = 0) -> None:
        assert self.engineer is not None  # noqa: S101  only assigned jobs are worked on
        lines = supply(self.stage, self.engineer, self.lines(on=at.date(), extra=extra), at=at)
        document = record_consumption(
            self.job.order,
            engineer=self.engineer,
            by=by or self.engineer,
            at=at,
            key=self.stage.new_key(),
            policy=self.stage.policy,
            lines=lines,
            reason=reason,
        )
        self.documents.append(document)

    def undo(self, *, at: datetime, by: User | None = None, reason: str = "") -> None:
        person = by or self.engineer
        assert person is not None  # noqa: S101
        policy = self.stage.policy
        undo_consumption(self.documents[-1], by=person, at=at, key=self.stage.new_key(), policy=policy, reason=reason)

    def correct(self, *, at: datetime, by: User, reason: str) -> None:
        policy = self.stage.policy
        correct_consumption(self.documents[-1], by=by, at=at, key=self.stage.new_key(), policy=policy, reason=reason)


def use_steps(stage: Stage, job: Job, at: datetime) -> Iterator[Moment]:
    """When and how the parts of a job are recorded; nothing for a job without parts."""
    record = Record(stage, job)
    if record.is_empty:
        return
    number = stage.next_use()
    if job.helpers and number % 3 == 0:
        record.engineer = job.helpers[0]
    yield from _way_of(stage, number, is_over=job.story == "done")(stage, record, at)


def _way_of(stage: Stage, number: int, *, is_over: bool) -> Callable[[Stage, Record, datetime], Iterator[Moment]]:
    """Once in a while somebody mistypes; the numbers spread these cases over the months."""
    if number % 25 == 5:
        return _mistyped
    if number % 60 == 9:
        return _undone_by_manager
    if number % 30 == 16:
        return _told_by_phone
    return _corrected if is_over and number % 50 == 12 else _simple


def _simple(stage: Stage, record: Record, at: datetime) -> Iterator[Moment]:
    yield at, record.write


def _mistyped(stage: Stage, record: Record, at: datetime) -> Iterator[Moment]:
    """One too many, seen at once: undone by the engineer and recorded again."""
    yield at, partial(record.write, extra=1)
    yield at + timedelta(minutes=4), record.undo
    yield at + timedelta(minutes=6), record.write


def _undone_by_manager(stage: Stage, record: Record, at: datetime) -> Iterator[Moment]:
    yield at, record.write
    by = stage.people[DISPATCHER]
    yield at + timedelta(minutes=13), partial(record.undo, by=by, reason=UNDONE_BY_MANAGER)


def _told_by_phone(stage: Stage, record: Record, at: datetime) -> Iterator[Moment]:
    yield at, partial(record.write, by=stage.people[DISPATCHER], reason=FOR_SOMEBODY_ELSE)


def _corrected(stage: Stage, record: Record, at: datetime) -> Iterator[Moment]:
    yield at, record.write
    by = stage.people[DISPATCHER]
    yield at + timedelta(days=1, hours=2), partial(record.correct, by=by, reason=CORRECTED)


# ---------------------------------------------------------------- the lines
def _fitted(job: Job) -> Iterator[EquipmentPart]:
    """The newest entry of a position comes last."""
    rows = EquipmentPart.objects.current().filter(equipment=job.equipment).exclude(position="")
    yield from rows.select_related("part__unit", "part__superseded_by__unit").order_by("pk")


def _replacement(stage: Stage, job: Job, old: EquipmentPart, *, count: int, on: date) -> UsedPart:
    part = (successors(old.part) or [old.part])[-1]
    must = comes_back(part, job.equipment, today=on) or comes_back(old.part, job.equipment, today=on)
    answer = OldPartAnswer.RETURNING if must else stage.dice.choice(USUALLY_LEFT)
    return UsedPart(
        part=part,
        quantity=_steps(part, str(count)),
        lot_text=_lot(stage, part),
        old_part_answer=answer,
        taken_from=old.pk if answer != OldPartAnswer.NONE else None,
        old_serial=_old_serial(stage, old) if answer == OldPartAnswer.RETURNING else "",
    )


def _old_serial(stage: Stage, old: EquipmentPart) -> str:
    """The number on the plate: known, or read off it."""
    needs_one = old.part.tracking == Tracking.SERIAL and not old.serial
    return serial_number(stage) if needs_one else ""


def _consumable(stage: Stage, job: Job, number: str, quantity: str, *, extra: int, on: date) -> UsedPart:
    part = stage.parts[stage.refrigerants[job.equipment.model.name] if number == THE_MACHINES_GAS else number]
    added = ADDED if comes_back(part, job.equipment, today=on) else ""
    return UsedPart(part=part, quantity=_steps(part, quantity) + extra, lot_text=_lot(stage, part), old_reason=added)


def _lot(stage: Stage, part: Part) -> str:
    if part.tracking == Tracking.SERIAL:
        return serial_number(stage)
    if part.tracking == Tracking.BATCH:
        return f"B{stage.dice.randint(1, 40):02d}-{stage.dice.randint(100, 999)}"
    return ""


def _about(dice: random.Random, quantity: str) -> str:
    """A measured quantity is some tenths more or less; pieces are as many as the job needs."""
    return f"{float(quantity) * dice.uniform(0.6, 1.5):.1f}" if "." in quantity else quantity


def _steps(part: Part, quantity: str) -> int:
    return int(Decimal(quantity).scaleb(part.unit.decimal_places))
