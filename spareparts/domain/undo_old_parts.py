"""What became of the old parts of a use since: against an undo they count as later events."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, Sum
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from config.shared.errors import DomainError
from inventory.domain import ledger, locations
from inventory.enums import INSIDE_KINDS, Condition, LocationKind, PostingReason
from inventory.models import Balance, Location, Lot, Move, Part, Posting
from spareparts.enums import DebtStatus
from spareparts.models import Consumption, ConsumptionLine, OldPartDebt
from spareparts.policies import ModePolicy
from workorders.models import User

GONE = frozenset({DebtStatus.RETURNED, DebtStatus.CLOSED})


class PlaceGone(DomainError):
    """The parts would go back to a place that the present mode does not have."""


def debts_of(lines: Iterable[ConsumptionLine]) -> list[OldPartDebt]:
    """The debts of the lines that still stand, by key."""
    rows = OldPartDebt.objects.filter(line__in=list(lines)).exclude(status=DebtStatus.VOID)
    return list(rows.select_related("part", "engineer").order_by("pk"))


def debt_obstacles(owed: Sequence[OldPartDebt], *, engineer_id: int) -> list[str]:
    """Old parts that went back, went to somebody else, or came out of the machine only later."""
    later = _taken_out_later(owed)
    found = []
    for debt in owed:
        words = {"debt": debt, "part": debt.part.number, "status": debt.get_status_display(), "person": debt.engineer}
        if debt.status in GONE:
            found.append(_("%(debt)s: the old part %(part)s has left: “%(status)s”.") % words)
        elif debt.engineer_id != engineer_id:
            found.append(_("%(debt)s: the old part %(part)s was handed to %(person)s.") % words)
        elif debt.reference in later:
            found.append(_("%(debt)s: the old part %(part)s was taken out of the machine later.") % words)
    return found


def voidable(owed: Sequence[OldPartDebt], *, engineer_id: int) -> list[OldPartDebt]:
    """Those that a correcting entry ends: not out yet, or still where the use put it."""
    later = _taken_out_later(owed)
    return [
        debt
        for debt in owed
        if debt.status not in GONE and debt.engineer_id == engineer_id and debt.reference not in later
    ]


def _taken_out_later(owed: Sequence[OldPartDebt]) -> set[str]:
    held = [debt.reference for debt in owed if debt.status not in {DebtStatus.DUE, DebtStatus.LEFT}]
    if not held:
        return set()
    postings = Posting.objects.filter(reason=PostingReason.OLD_PART, reference__in=held, reversed_by=None)
    return set(postings.values_list("reference", flat=True))


# ---------------------------------------------------------------- old parts that are no longer there
@dataclass(frozen=True)
class Short:
    """``missing`` smallest steps of the old part that the use brought are not at ``location`` any more."""

    part: Part
    lot: Lot | None
    location: Location
    missing: int


def shortages_of(consumption: Consumption) -> list[Short]:
    """The old parts that came with the use and are not with the engineer now. Two statements, three when some are."""
    moves = Move.objects.filter(posting__key=consumption.posting_id, condition=Condition.OLD, target__is_outside=False)
    came = moves.values("part_id", "lot_id", "target_id").annotate(steps=Sum("quantity")).order_by("part_id", "lot_id")
    rows = list(came)
    if not rows:
        return []
    there = Balance.objects.filter(
        location__in={row["target_id"] for row in rows},
        part__in={row["part_id"] for row in rows},
        condition=Condition.OLD,
    )
    held = {
        (place, part, lot): steps
        for place, part, lot, steps in there.values_list("location_id", "part_id", "lot_id", "on_hand")
    }
    short = [
        (row, missing)
        for row in rows
        if (missing := row["steps"] - held.get((row["target_id"], row["part_id"], row["lot_id"]), 0)) > 0
    ]
    return _as_shortages(short) if short else []


def _as_shortages(short: Sequence[tuple[Any, int]]) -> list[Short]:
    parts = Part.objects.select_related("unit").in_bulk({row["part_id"] for row, _missing in short})
    lots = Lot.objects.in_bulk({row["lot_id"] for row, _missing in short if row["lot_id"] is not None})
    places = Location.objects.select_related("owner").in_bulk({row["target_id"] for row, _missing in short})
    return [
        Short(parts[row["part_id"]], lots.get(row["lot_id"]), places[row["target_id"]], missing)
        for row, missing in short
    ]


def stock_obstacles(consumption: Consumption) -> list[str]:
    """Each old part that is no longer with the engineer, with the event that took it."""
    found = []
    for short in shortages_of(consumption):
        left = Move.objects.filter(source=short.location, part=short.part, condition=Condition.OLD, lot=short.lot)
        last = left.select_related("posting").order_by("-pk").first()
        words = {"part": short.part.number, "reference": "–", "time": ""}
        if last is not None:
            words["reference"] = last.posting.reference
            words["time"] = formats.date_format(timezone.localtime(last.posting.posted_at), "DATETIME_FORMAT")
        found.append(_("The old part %(part)s has left with %(reference)s (%(time)s).") % words)
    return found


def require_places(consumption: Consumption, policy: ModePolicy) -> None:
    """Refused: PlaceGone, when the moves would give parts back to a kind of place the mode does not have."""
    moves = Move.objects.filter(posting__key=consumption.posting_id)
    inside = moves.filter(Q(source__is_outside=False) | Q(target__is_outside=False))
    kinds = set(inside.values_list(F("source__kind"), flat=True)) | set(inside.values_list("target__kind", flat=True))
    if (kinds & INSIDE_KINDS) - policy.places:
        raise PlaceGone(_("In the present mode nobody holds parts, so they cannot be given back."))


def find_again(short: Sequence[Short], consumption: Consumption, *, by: User, at: datetime, key: uuid.UUID) -> None:
    """The old parts that have left are found as a difference, so that the reversal can take them back."""
    if not short:
        return
    source = locations.outside(LocationKind.ADJUSTMENT)
    lines = [ledger.Line(each.part, each.missing, source, each.location, Condition.OLD, each.lot) for each in short]
    ledger.post(reason=PostingReason.COUNT, reference=consumption.reference, lines=lines, by=by, at=at, key=key)
