"""Stock from before: what lay on shelves and in vans when the mode began, and what is written off at its end."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from config.shared.transitions import ReasonMissing
from inventory.domain import ledger, locations
from inventory.enums import INSIDE_KINDS, Condition, LocationKind, PostingReason, Tracking
from inventory.models import Balance, Location, Lot, Part, Warehouse
from inventory.queries import layers
from spareparts.domain.modes import ChangeBlocked, open_documents, policy_lock
from spareparts.domain.routes import place, require_leg
from spareparts.enums import Flow, Permission
from spareparts.models import SparepartsSettings
from spareparts.policies import ModePolicy, policy_for
from workorders.models import User

MOST_LINES = 5_000
MOST_QUANTITY = 1_000_000_000  # smallest steps


class BadOpening(DomainError):
    """Lines that cannot be booked; every one is a message."""


class NothingToWriteOff(DomainError):
    """The places that would vanish are empty."""


@dataclass(frozen=True)
class OpeningLine:
    """``quantity`` smallest steps of ``part`` lay at the place; ``lot_code`` where the part is tracked.

    ``row`` is what a refusal names: the line of the form, or of the file.
    """

    part: Part
    quantity: int
    row: int
    lot_code: str = ""
    condition: str = Condition.NEW
    held_since: datetime | None = None


def open_stock(
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    lines: Sequence[OpeningLine],
    warehouse: Warehouse | None = None,
    engineer: User | None = None,
) -> int:
    """Book what lay on the shelf of ``warehouse``, or what ``engineer`` held, from outside, in one posting.

    Answers the number of lines. Refused: NotAllowed, FlowNotInMode (the mode keeps no stock there), BadOpening (every
    bad line), ModeChanged, SerialElsewhere.
    """
    if not by.has_perm(Permission.CHANGE_SETTINGS):
        raise NotAllowed
    flow, kind = (Flow.GOODS_IN, LocationKind.SHELF) if warehouse else (Flow.LOCAL_PURCHASE, LocationKind.ENGINEER)
    leg = require_leg(policy, flow, LocationKind.SUPPLIER, kind)
    _check(lines, policy)
    with policy_lock(policy.version):
        source, target = (place(each, engineer=engineer, warehouse=warehouse) for each in leg)
        moves = _moves(lines, source, target)
        _audit("stock.opening", by=by, at=at, details={"place": str(target), "lines": len(lines)})
        _post(moves, f"OPEN-{at:%Y%m%d}", PostingReason.GOODS_RECEIPT, by=by, at=at, key=key)
    return len(lines)


def _check(lines: Sequence[OpeningLine], policy: ModePolicy) -> None:
    problems = [_("Add at least one line.")] if not lines else []
    if len(lines) > MOST_LINES:
        problems.append(_("At most %(most)s lines at once.") % {"most": MOST_LINES})
    for line in lines:
        problems += [
            _("Row %(row)s, %(part)s: %(problem)s") % {"row": line.row, "part": line.part.number, "problem": words}
            for words in _problems_of(line, policy)
        ]
    if problems:
        raise BadOpening(messages=problems)


def _problems_of(line: OpeningLine, policy: ModePolicy) -> list[str]:
    problems = []
    if not 0 < line.quantity <= MOST_QUANTITY:
        problems.append(_("the quantity must be more than zero and not absurdly large."))
    if policy.lots_enforced and line.part.tracking != Tracking.NONE and not line.lot_code:
        problems.append(_("a batch or serial number is needed."))
    if line.part.tracking == Tracking.NONE and line.lot_code:
        problems.append(_("this part is not tracked, so it has no batch or serial number."))
    if line.part.tracking == Tracking.SERIAL and line.lot_code and line.quantity != 1:
        problems.append(_("a serial number is one piece."))
    return problems


def _moves(lines: Sequence[OpeningLine], source: Location, target: Location) -> list[ledger.Line]:
    lots = lots_for([(line.part, line.lot_code) for line in lines if line.lot_code])
    return [
        ledger.Line(
            line.part,
            line.quantity,
            source,
            target,
            line.condition,
            lots.get((line.part.pk, line.lot_code)),
            line.held_since,
        )
        for line in lines
    ]


def lots_for(wanted: Sequence[tuple[Part, str]]) -> dict[tuple[int, str], Lot]:
    """The lots with these codes, made when they are new: two statements however many there are."""
    parts = {part.pk: part for part, _code in wanted}
    new = [
        Lot(part=part, code=code, is_serial=part.tracking == Tracking.SERIAL) for part, code in dict.fromkeys(wanted)
    ]
    Lot.objects.bulk_create(new, ignore_conflicts=True)
    codes = {code for _part, code in wanted}
    return {(lot.part_id, lot.code): lot for lot in Lot.objects.filter(part__in=parts, code__in=codes)}


def identify(
    *,
    engineer: User,
    part: Part,
    lot_code: str,
    quantity: int,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    condition: str = Condition.NEW,
) -> Lot:
    """Name the batch or serial number of ``quantity`` smallest steps that ``engineer`` holds without one.

    Two moves in one posting, through conversion (product.md 3); the parts stay as old as they are. Refused:
    NotAllowed, BadOpening, NotEnoughStock, SerialElsewhere, ModeChanged.
    """
    if by.pk != engineer.pk and not by.has_perm(Permission.MOVE_HOLDINGS):
        raise NotAllowed
    _check([OpeningLine(part, quantity, 1, lot_code.strip(), condition)], policy)
    with policy_lock(policy.version):
        kinds = require_leg(policy, Flow.CONVERT, LocationKind.ENGINEER, LocationKind.CONVERSION)
        held, conversion = (place(kind, engineer=engineer) for kind in kinds)
        lot = lots_for([(part, lot_code.strip())])[part.pk, lot_code.strip()]
        since = _oldest_since(held, part, condition)
        moves = [
            ledger.Line(part, quantity, held, conversion, condition),
            ledger.Line(part, quantity, conversion, held, condition, lot, since),
        ]
        _audit("stock.identify", by=by, at=at, details={"part": part.number, "lot": lot.code, "who": str(engineer)})
        _post(moves, f"ID-{part.number}"[:40], PostingReason.CONVERSION, by=by, at=at, key=key)
    return lot


def _oldest_since(held: Location, part: Part, condition: str) -> datetime | None:
    found = layers(Location.objects.filter(pk=held.pk))
    ages = [
        each.since for each in found if each.part_id == part.pk and each.condition == condition and each.lot_id is None
    ]
    return min(ages, default=None)


# ---------------------------------------------------------------- the way down
def vanishing_stock(before: ModePolicy, after: ModePolicy) -> list[Balance]:
    """What lies in places that ``after`` does not know."""
    kinds = (before.places - after.places) & INSIDE_KINDS
    rows = Balance.objects.filter(location__kind__in=[str(kind) for kind in kinds], on_hand__gt=0)
    return list(
        rows.select_related("part__unit", "lot", "location__owner", "location__warehouse").order_by("pk")[
            : MOST_LINES + 1
        ]
    )


def write_off_vanishing(*, mode: str, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, reason: str) -> int:
    """The closing document: everything in places that ``mode`` does not know moves to adjustment, in one posting.

    Answers how many entries. Refused: NotAllowed, ReasonMissing, ChangeBlocked (open documents own some of it),
    NothingToWriteOff, BadOpening (too many at once), ModeChanged.
    """
    if not by.has_perm(Permission.CHANGE_SETTINGS):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    with policy_lock(policy.version):
        after = policy_for(mode, is_enabled=True)
        if waiting := open_documents(policy, after):
            raise ChangeBlocked(messages=[str(each) for each in waiting])
        stock = vanishing_stock(policy, after)
        if not stock:
            raise NothingToWriteOff(_("Nothing lies in the places that would vanish."))
        if len(stock) > MOST_LINES:
            raise BadOpening(_("At most %(most)s lines at once.") % {"most": MOST_LINES})
        adjustment = locations.outside(LocationKind.ADJUSTMENT)
        moves = [ledger.Line(row.part, row.on_hand, row.location, adjustment, row.condition, row.lot) for row in stock]
        _audit("settings.closed_places", by=by, at=at, reason=reason, details={"entries": len(stock), "mode": mode})
        _post(moves, f"CLOSE-{at:%Y%m%d}", PostingReason.COUNT, by=by, at=at, key=key)
    return len(stock)


def _audit(verb: str, *, by: User, at: datetime, details: dict[str, object], reason: str = "") -> None:
    row = SparepartsSettings.objects.get(pk=1)
    audit.record(verb, by=by, at=at, subject=row, reason=reason, details=details)


def _post(
    moves: list[ledger.Line], reference: str, reason: PostingReason, *, by: User, at: datetime, key: uuid.UUID
) -> None:
    ledger.post(reason=reason, reference=reference, lines=moves, by=by, at=at, key=key)
