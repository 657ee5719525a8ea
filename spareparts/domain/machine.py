"""The parts in a machine: what use takes out and fits, what an undo gives back, and what managers change by hand."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed, StaleDocument
from inventory.enums import Tracking
from inventory.models import Part
from spareparts.enums import ConsumptionStatus, Permission
from spareparts.models import ConsumptionLine, EquipmentPart
from workorders.models import Equipment, User

MOST_FITTED = 1_000_000_000  # smallest steps, as in a record of use


class PartTakenOut(DomainError):
    """The row is history already; history is not changed."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This part is no longer in the machine. Look at the list again."))


class QuantityNotPositive(DomainError):
    """A machine holds at least one smallest step of a part."""

    field = "quantity"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("The quantity must be more than zero."))


class QuantityTooLarge(DomainError):
    """More than the column holds: a bar code read into the wrong field, mostly."""

    field = "quantity"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("The quantity is too large."))


# ---------------------------------------------------------------- by use
@dataclass
class Exchange:
    """The rows of one machine while a document takes parts out and fits others."""

    equipment_id: int | None
    rows: dict[int, EquipmentPart] = field(default_factory=dict)
    changed: dict[int, EquipmentPart] = field(default_factory=dict)
    made: list[EquipmentPart] = field(default_factory=list)

    def left_in(self, row_id: int) -> EquipmentPart | None:
        """The row while it still holds something."""
        row = self.rows.get(row_id)
        return row if row is not None and row.removed_at is None else None

    def take(self, row: EquipmentPart, quantity: int, *, line: ConsumptionLine, at: datetime) -> None:
        """Take ``quantity`` smallest steps out; the rest, if any, stays in the row and the taken splits off."""
        self.changed[row.pk] = row
        if quantity >= row.quantity:
            row.removed_at, row.removed_by_line = at, line
            return
        row.quantity -= quantity
        self.made.append(
            EquipmentPart(
                equipment_id=row.equipment_id,
                part_id=row.part_id,
                quantity=quantity,
                serial=row.serial,
                position=row.position,
                fitted_at=row.fitted_at,
                removed_at=at,
                removed_by_line=line,
                split_from=row,
            )
        )

    def fit(self, line: ConsumptionLine, *, replaced: EquipmentPart | None, at: datetime) -> None:
        """The new part of ``line`` goes in where ``replaced`` was; its noted number is its serial if it has serials.

        What is not noted in machines (oil, cleaning agents) goes in only when it replaces an entry.
        """
        if self.equipment_id is None or not (line.part.is_noted_in_machine or replaced):
            return
        serial = line.lot_text if line.part.tracking == Tracking.SERIAL else ""
        self.made.append(
            EquipmentPart(
                equipment_id=self.equipment_id,
                part_id=line.part_id,
                quantity=line.quantity,
                serial=serial,
                position=replaced.position if replaced else "",
                fitted_at=at,
                fitted_by_line=line,
            )
        )

    def save(self) -> None:
        """One statement on PostgreSQL and at most two on SQLite, whatever the number of lines."""
        if self.changed and self.made and connection.vendor == "postgresql":
            self._save_in_one()
            return
        if self.changed:
            EquipmentPart.objects.bulk_update(self.changed.values(), ["quantity", "removed_at", "removed_by_line"])
        if self.made:
            EquipmentPart.objects.bulk_create(self.made)

    def _save_in_one(self) -> None:
        """Rows that are there already bring their key, so that their insert turns into an update."""
        rows = [*self.changed.values(), *self.made]
        fields = [each for each in EquipmentPart._meta.concrete_fields if not each.primary_key]
        values: list[Any] = []
        for row in rows:
            values += [row.pk] if row.pk else []
            values += [each.get_db_prep_save(getattr(row, each.attname), connection) for each in fields]
        marks = ", ".join(["%s"] * len(fields))
        lines = ", ".join(f"({'%s' if row.pk else 'DEFAULT'}, {marks})" for row in rows)
        columns = ", ".join(["id", *(str(each.column) for each in fields)])
        sql = (
            f"INSERT INTO {EquipmentPart._meta.db_table} ({columns}) VALUES {lines}"  # noqa: S608  names of our own
            " ON CONFLICT (id) DO UPDATE SET quantity = EXCLUDED.quantity, removed_at = EXCLUDED.removed_at,"
            " removed_by_line_id = EXCLUDED.removed_by_line_id"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, values)


def open_exchange(equipment_id: int | None, row_ids: Iterable[int]) -> Exchange:
    """Lock the current rows named, in one order. Rows of other machines and history are not found."""
    wanted = set(row_ids)
    exchange = Exchange(equipment_id)
    if wanted and equipment_id is not None:
        rows = EquipmentPart.objects.current().filter(pk__in=wanted, equipment_id=equipment_id)
        locked = rows.select_related("part__unit").select_for_update(of=("self",), no_key=True).order_by("pk")
        exchange.rows = {row.pk: row for row in locked}
    return exchange


# ---------------------------------------------------------------- undo
@dataclass
class Touched:
    """What one consumption did to a machine, and what happened there since."""

    lines: Sequence[ConsumptionLine]
    rows: dict[int, EquipmentPart]
    obstacles: list[str]

    def give_back(self, *, at: datetime) -> None:
        """Put the machine back as it was before the consumption: last line first."""
        changed: dict[int, EquipmentPart] = {}
        for line in sorted(self.lines, key=lambda each: -each.pk):
            for row in self.rows.values():
                if row.removed_by_line_id == line.pk:
                    self._put_back(row, at, changed)
                if row.fitted_by_line_id == line.pk:
                    row.undone_at = at
                    changed[row.pk] = row
        if changed:
            EquipmentPart.objects.bulk_update(
                changed.values(), ["quantity", "removed_at", "removed_by_line", "undone_at"]
            )

    def _put_back(self, row: EquipmentPart, at: datetime, changed: dict[int, EquipmentPart]) -> None:
        changed[row.pk] = row
        if row.split_from_id is None:
            row.removed_at, row.removed_by_line = None, None
            return
        parent = self.rows[row.split_from_id]
        parent.quantity += row.quantity
        changed[parent.pk] = parent
        row.undone_at = at


def touched_by(lines: Sequence[ConsumptionLine], *, for_update: bool = False) -> Touched:
    """The machine rows of a consumption's ``lines`` and, in words, every later change that stands against an undo."""
    line_ids = [line.pk for line in lines]
    taken_ids = [line.taken_from_id for line in lines if line.taken_from_id]
    rows = EquipmentPart.objects.filter(
        Q(fitted_by_line__in=line_ids) | Q(removed_by_line__in=line_ids) | Q(pk__in=taken_ids), undone_at=None
    )
    rows = rows.select_related("part", "equipment").order_by("pk")
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = {row.pk: row for row in rows}
    touched = Touched(lines, found, [])
    if found:
        touched.obstacles = _later_uses(lines, found) + _changes_by_hand(lines, found)
    return touched


def _later_uses(lines: Sequence[ConsumptionLine], rows: dict[int, EquipmentPart]) -> list[str]:
    suspects = [row.pk for row in rows.values() if not _is_as_left(row, lines)]
    if not suspects:
        return []
    last = max(line.pk for line in lines)
    later = ConsumptionLine.objects.filter(taken_from__in=suspects, pk__gt=last).exclude(
        consumption__status=ConsumptionStatus.UNDONE
    )
    sentence = _("%(part)s in %(equipment)s was changed again by %(reference)s.")
    return [
        sentence % (_place(rows[line.taken_from_id]) | {"reference": line.consumption.reference})  # type: ignore[index]
        for line in later.select_related("consumption").order_by("pk")
    ]


def _is_as_left(row: EquipmentPart, lines: Sequence[ConsumptionLine]) -> bool:
    """The row itself proves that nobody used from it since: ``lines`` took it out, or fitted it and all is there."""
    ours = {line.pk: line.quantity for line in lines}
    if row.removed_by_line_id in ours:
        return True
    return row.removed_at is None and row.version == 0 and row.quantity == ours.get(row.fitted_by_line_id or 0)


def _changes_by_hand(lines: Sequence[ConsumptionLine], rows: dict[int, EquipmentPart]) -> list[str]:
    seen = {line.taken_from_id: line.taken_from_version for line in lines if line.taken_from_id}
    sentence = _("%(part)s in %(equipment)s was changed by hand since.")
    return [
        sentence % _place(row)
        for row in rows.values()
        if row.split_from_id is None and row.version != (seen.get(row.pk) or 0)
    ]


def _place(row: EquipmentPart) -> dict[str, Any]:
    return {"part": row.part.number, "equipment": row.equipment}


# ---------------------------------------------------------------- by hand
def add_equipment_part(
    equipment: Equipment,
    *,
    part: Part,
    quantity: int,
    by: User,
    at: datetime,
    serial: str = "",
    position: str = "",
    fitted_at: datetime | None = None,
) -> EquipmentPart:
    """Note that ``quantity`` smallest steps of ``part`` are fitted.

    Refused: NotAllowed, QuantityNotPositive, QuantityTooLarge.
    """
    _require_editor(by)
    _require_quantity(quantity)
    with transaction.atomic(savepoint=False):
        row = EquipmentPart.objects.create(
            equipment=equipment,
            part=part,
            quantity=quantity,
            serial=serial,
            position=position,
            fitted_at=fitted_at or at,
        )
        _record("equipment_part.add", row, by=by, at=at, after=_facts(row))
    return row


def edit_equipment_part(
    row: EquipmentPart, *, quantity: int, serial: str, position: str, by: User, at: datetime, seen_version: int
) -> None:
    """Correct what the list says.

    Refused: NotAllowed, QuantityNotPositive, QuantityTooLarge, PartTakenOut, StaleDocument.
    """
    _require_quantity(quantity)
    before = _facts(row)
    changes = {"quantity": quantity, "serial": serial, "position": position}
    with _changing(row, by=by, seen_version=seen_version, changes=changes):
        _record("equipment_part.edit", row, by=by, at=at, before=before, after=changes)


def take_out_equipment_part(row: EquipmentPart, *, by: User, at: datetime, reason: str, seen_version: int) -> None:
    """The part is in the machine no more, without a job. Refused: NotAllowed, PartTakenOut, StaleDocument."""
    with _changing(row, by=by, seen_version=seen_version, changes={"removed_at": at}):
        _record("equipment_part.take_out", row, by=by, at=at, reason=reason, before=_facts(row))


@contextmanager
def _changing(row: EquipmentPart, *, by: User, seen_version: int, changes: dict[str, Any]) -> Iterator[None]:
    """Claim the row as it was seen, in one transaction with what the body writes."""
    _require_editor(by)
    with transaction.atomic(savepoint=False):
        rows = EquipmentPart.objects.current().filter(pk=row.pk, version=seen_version, quantity=row.quantity)
        if not rows.update(version=F("version") + 1, **changes):
            if not EquipmentPart.objects.current().filter(pk=row.pk).exists():
                raise PartTakenOut
            raise StaleDocument(_("Someone else changed this entry. Look again before you go on."))
        yield


def _require_editor(by: User) -> None:
    if not by.has_perm(Permission.EDIT_EQUIPMENT_PARTS):
        raise NotAllowed


def _require_quantity(quantity: int) -> None:
    if quantity <= 0:
        raise QuantityNotPositive
    if quantity > MOST_FITTED:
        raise QuantityTooLarge


def _facts(row: EquipmentPart) -> dict[str, Any]:
    return {"part": row.part.number, "quantity": row.quantity, "serial": row.serial, "position": row.position}


def _record(verb: str, row: EquipmentPart, *, by: User, at: datetime, reason: str = "", **details: Any) -> None:
    label = f"{row.equipment}: {row.part.number}"
    audit.record(verb, by=by, at=at, subject=row.equipment, label=label, reason=reason, details=details)
