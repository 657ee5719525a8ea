"""The count of a personal inventory: what lies there against what is booked. Quantities are smallest steps."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from config.shared.transitions import transition
from inventory.domain import ledger
from inventory.enums import Condition, LocationKind, PostingReason, Tracking
from inventory.models import Balance, Location, Lot, Part
from inventory.queries import on_hand
from spareparts import queries
from spareparts.domain.aged import Going, aged_lines
from spareparts.domain.consumption import BadLines, LineProblem
from spareparts.domain.four_eyes import refuse_own
from spareparts.domain.lots import lot_for
from spareparts.domain.modes import policy_lock
from spareparts.domain.routes import place, require_leg
from spareparts.enums import COUNT_TRANSITIONS, CountStatus, Feature, Flow, Permission
from spareparts.models import StockCount, StockCountLine
from spareparts.policies import ModePolicy
from spareparts.queries.holdings import value_of
from workorders.models import User

MOST_LINES = 300
MOST_QUANTITY = 1_000_000_000  # smallest steps
Kind = tuple[int, str, int | None]  # part, condition, lot


class CountOpen(DomainError):
    """A place is counted once at a time; ``count`` is the one that is open."""

    def __init__(self, count: StockCount) -> None:
        self.count = count
        super().__init__(_("%(count)s is open already. Finish it first.") % {"count": count.reference})


class MovedMeanwhile(DomainError):
    """Parts moved in the very moment of booking; nothing was written."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Parts moved while the count was being booked. Send it again."))


@dataclass(frozen=True)
class CountedPart:
    """``counted`` smallest steps lie there; None: not counted. A difference needs a ``reason``.

    A part that is found with a batch or serial number nobody booked there names its ``lot_code``.
    """

    part: Part
    counted: int | None
    condition: str = Condition.NEW
    lot: Lot | None = None
    lot_code: str = ""
    reason: str = ""

    @property
    def kind(self) -> Kind:
        return (self.part.pk, str(self.condition), self.lot.pk if self.lot else None)


@dataclass
class Sheet:
    """What a count knows when it is sent: its rows, what is booked now, and what was typed, each by kind."""

    rows: dict[Kind, StockCountLine]
    present: dict[Kind, int]
    counted: dict[Kind, CountedPart]
    order: dict[Kind, int] = field(default_factory=dict)

    @property
    def moved(self) -> set[Kind]:
        """Kinds whose stock is not what the count saw, or came since."""
        known = {kind for kind, row in self.rows.items() if row.booked != self.present.get(kind, 0)}
        return known | {kind for kind in self.present if kind not in self.rows and kind not in self.counted}

    def difference(self, kind: Kind) -> int:
        return (self.counted[kind].counted or 0) - self.present.get(kind, 0)

    @property
    def differences(self) -> dict[Kind, int]:
        return {kind: steps for kind in self.counted if (steps := self.difference(kind))}

    @property
    def value(self) -> Decimal:
        """What the differences are worth, missing and found alike."""
        worth = [
            value_of(self.counted[kind].part, self.counted[kind].condition, abs(steps))
            for kind, steps in self.differences.items()
        ]
        return sum(worth, Decimal("0.00"))


# ---------------------------------------------------------------- counting
def open_count(*, engineer: User, by: User, at: datetime, policy: ModePolicy) -> StockCount:
    """Begin to count one's own personal inventory: a line for everything booked there, filled in as booked.

    Refused: NotAllowed (not his own), CountOpen, FlowNotInMode, ModeChanged.
    """
    if by.pk != engineer.pk or not by.has_perm(Permission.COUNT_OWN):
        raise NotAllowed
    require_leg(policy, Flow.FOUND, LocationKind.ADJUSTMENT, LocationKind.ENGINEER)
    count = StockCount(location=place(LocationKind.ENGINEER, engineer=engineer), created_at=at, created_by=by)
    with policy_lock(policy.version):
        _insert(count)
        rows = [_new_row(count, CountedPart(row.part, row.on_hand, row.condition, row.lot), row.on_hand)
                for row in on_hand(count.location)]  # fmt: skip
        StockCountLine.objects.bulk_create(rows)
        audit.record("stockcount.open", by=by, at=at, subject=count, details={"lines": len(rows)})
    return count


def _insert(count: StockCount) -> None:
    try:
        with transaction.atomic():
            count.save(force_insert=True)
    except IntegrityError as error:
        statuses = (CountStatus.COUNTING, CountStatus.WAITING)
        earlier = StockCount.objects.filter(location=count.location, status__in=statuses).first()
        if earlier is None:
            raise
        raise CountOpen(earlier) from error


def save_count(count: StockCount, *, by: User, at: datetime, policy: ModePolicy, lines: Sequence[CountedPart]) -> None:
    """Keep what was counted so far; books nothing. Parts that are not in the count yet are added.

    Refused: NotAllowed (not his own), BadLines, IllegalTransition, StaleDocument, ModeChanged.
    """
    _require_own(count, by)
    with policy_lock(policy.version), transition(count, COUNT_TRANSITIONS["save"], by=by, at=at):
        sheet = _sheet(count, lines, policy)
        _refuse(_nonsense(sheet, policy), sheet)
        _write(count, sheet)


def finish_count(
    count: StockCount, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, lines: Sequence[CountedPart]
) -> None:
    """Book the differences, or send them for approval when they are worth more than ``settings.count_limit``.

    When stock of the count moved since it saw it, nothing is booked: those lines are asked again (``counted`` is
    empty, ``booked`` as now) and the count stays open; its status tells which of the three it was.
    Refused: NotAllowed (not his own), BadLines (not counted, a difference without a reason, a lot that is missing),
    MovedMeanwhile, SerialElsewhere, FlowNotInMode, ModeChanged, IllegalTransition, StaleDocument.
    """
    _require_own(count, by)
    with policy_lock(policy.version):
        sheet = _sheet(count, lines, policy)
        _refuse(_nonsense(sheet, policy) + _unanswered(sheet), sheet)
        if sheet.moved:
            with transition(count, COUNT_TRANSITIONS["save"], by=by, at=at, details={"moved": len(sheet.moved)}):
                _write(count, sheet)
        elif sheet.value > queries.current_settings().count_limit:
            with transition(count, COUNT_TRANSITIONS["submit"], by=by, at=at, details={"value": str(sheet.value)}):
                _write(count, sheet)
        else:
            _finish(count, sheet, by=by, at=at, key=key, policy=policy)


def _finish(count: StockCount, sheet: Sheet, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy) -> None:
    posting_id = key if sheet.differences else None
    changes: dict[str, Any] = {"decided_at": at, "decided_by": by, "posting_id": posting_id}
    details = {"value": str(sheet.value), "differences": len(sheet.differences)}
    with transition(count, COUNT_TRANSITIONS["finish"], by=by, at=at, details=details, **changes):
        rows = _write(count, sheet)
        if sheet.differences:
            _post(count, rows, by=by, at=at, key=key, policy=policy)
            present = _present(count.location)
            if any(present.get(kind, 0) != (sheet.counted[kind].counted or 0) for kind in sheet.differences):
                raise MovedMeanwhile


def cancel_count(count: StockCount, *, by: User, at: datetime, policy: ModePolicy) -> None:
    """Give the count up; nothing is booked. Refused: NotAllowed, IllegalTransition, StaleDocument, ModeChanged."""
    _require_own(count, by)
    with policy_lock(policy.version), transition(count, COUNT_TRANSITIONS["cancel"], by=by, at=at, decided_at=at):
        pass


# ---------------------------------------------------------------- the second person
def approve_count(count: StockCount, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy) -> None:
    """Book the differences as they were counted, whatever moved since.

    Refused: NotAllowed (also: his own, where a second person may), NotEnoughStock (what is missing was used since),
    SerialElsewhere, FlowNotInMode, ModeChanged, IllegalTransition, StaleDocument.
    """
    refuse_own({count.location.owner_id, count.created_by_id}, by=by, permission=Permission.APPROVE_COUNT)
    changes: dict[str, Any] = {"decided_at": at, "decided_by": by, "posting_id": key}
    with policy_lock(policy.version), transition(count, COUNT_TRANSITIONS["approve"], by=by, at=at, **changes):
        _post(count, rows_of(count), by=by, at=at, key=key, policy=policy)


def reject_count(count: StockCount, *, by: User, at: datetime, policy: ModePolicy, reason: str) -> None:
    """Book nothing; the engineer counts again. Refused: as in ``approve_count``, and ReasonMissing."""
    refuse_own({count.location.owner_id, count.created_by_id}, by=by, permission=Permission.APPROVE_COUNT)
    changes: dict[str, Any] = {"decided_at": at, "decided_by": by, "decision_reason": reason.strip()}
    row = COUNT_TRANSITIONS["reject"]
    with policy_lock(policy.version), transition(count, row, by=by, at=at, reason=reason, **changes):
        pass


# ---------------------------------------------------------------- parts of it
def _require_own(count: StockCount, by: User) -> None:
    if by.pk != count.location.owner_id:
        raise NotAllowed


def rows_of(count: StockCount) -> list[StockCountLine]:
    """The lines with what a page or a posting needs of them."""
    return list(count.lines.select_related("part__unit", "lot").order_by("part__number", "condition", "pk"))


def _present(location: Location) -> dict[Kind, int]:
    rows = Balance.objects.filter(location=location, on_hand__gt=0)
    return {(part, condition, lot): steps for part, condition, lot, steps in rows.values_list(
        "part_id", "condition", "lot_id", "on_hand")}  # fmt: skip


def _sheet(count: StockCount, lines: Sequence[CountedPart], policy: ModePolicy) -> Sheet:
    """What was saved before, overlaid with ``lines``; new batches and serial numbers get their lot."""
    rows = {_kind(row): row for row in rows_of(count)}
    sheet = Sheet(rows, _present(count.location), {})
    for kind, row in rows.items():
        sheet.counted[kind] = CountedPart(row.part, row.counted, row.condition, row.lot, reason=row.reason)
    for index, line in enumerate(lines):
        typed = _with_lot(line, policy)
        sheet.counted[typed.kind] = typed
        sheet.order[typed.kind] = index
    return sheet


def _kind(row: StockCountLine) -> Kind:
    return (row.part_id, row.condition, row.lot_id)


def _with_lot(line: CountedPart, policy: ModePolicy) -> CountedPart:
    is_tracked = policy.has(Feature.LOTS_ENFORCED) and line.part.tracking != Tracking.NONE
    if not is_tracked or line.lot is not None or not line.lot_code.strip():
        return line
    return replace(line, lot=lot_for(line.part, line.lot_code))


def _nonsense(sheet: Sheet, policy: ModePolicy) -> list[tuple[Kind, str, str]]:
    """What no count could mean, as kind, field and words."""
    found = []
    for kind, line in sheet.counted.items():
        if line.counted is None:
            continue
        is_tracked = policy.has(Feature.LOTS_ENFORCED) and line.part.tracking != Tracking.NONE
        if not 0 <= line.counted <= MOST_QUANTITY:
            found.append((kind, "quantity", _("the quantity is too large.")))
        elif line.lot is not None and line.lot.is_serial and line.counted > 1:
            found.append((kind, "quantity", _("one serial number is one piece. Add a line for each.")))
        elif is_tracked and line.lot is None and line.counted > sheet.present.get(kind, 0):
            found.append((kind, "lot_code", _("name the batch or serial number of what you found.")))
    return found


def _unanswered(sheet: Sheet) -> list[tuple[Kind, str, str]]:
    """What is missing to book it: a quantity, or the reason for a difference. What moved is asked again anyway."""
    found = []
    for kind, line in sheet.counted.items():
        if kind in sheet.moved:
            continue
        if line.counted is None:
            found.append((kind, "quantity", _("say how many you counted.")))
        elif sheet.difference(kind) and not line.reason.strip():
            found.append((kind, "reason", _("say why it is not what is booked.")))
    return found


def _refuse(problems: Iterable[tuple[Kind, str, str]], sheet: Sheet) -> None:
    """Refused: BadLines, each at the line it was typed in; those of nobody's line come last."""
    found = [
        LineProblem(
            sheet.order.get(kind, MOST_LINES),
            name,
            _("%(part)s: %(problem)s") % {"part": sheet.counted[kind].part.number, "problem": words},
        )
        for kind, name, words in problems
    ]
    if len(sheet.counted) > MOST_LINES:
        words = _("A count holds at most %(most)s lines.") % {"most": MOST_LINES}
        found.append(LineProblem(MOST_LINES, "part", words))
    if found:
        raise BadLines(found)


def _write(count: StockCount, sheet: Sheet) -> list[StockCountLine]:
    """Keep the sheet: ``booked`` becomes what is booked now; of what moved meanwhile ``counted`` is forgotten."""
    moved = sheet.moved
    made = []
    for kind, line in sheet.counted.items():
        booked = sheet.present.get(kind, 0)
        row = sheet.rows.get(kind)
        if row is None:
            made.append(_new_row(count, line, booked))
            continue
        row.booked = booked
        row.counted = None if kind in moved else line.counted
        row.reason = line.reason.strip()
    StockCountLine.objects.bulk_update(sheet.rows.values(), ["booked", "counted", "reason"])
    StockCountLine.objects.bulk_create(made + _come_since(count, sheet))
    return rows_of(count)


def _come_since(count: StockCount, sheet: Sheet) -> list[StockCountLine]:
    """Lines for what came to the place since and is not in the count: not counted yet."""
    new = {kind for kind in sheet.present if kind not in sheet.counted}
    balances = (
        [row for row in on_hand(count.location) if (row.part_id, row.condition, row.lot_id) in new] if new else []
    )
    return [_new_row(count, CountedPart(row.part, None, row.condition, row.lot), row.on_hand) for row in balances]


def _new_row(count: StockCount, line: CountedPart, booked: int) -> StockCountLine:
    return StockCountLine(
        count=count, part=line.part, condition=line.condition, lot=line.lot,
        booked=booked, counted=line.counted, reason=line.reason.strip(),
    )  # fmt: skip


def _post(
    count: StockCount, rows: Sequence[StockCountLine], *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy
) -> None:
    """Missing parts go to adjustment, the oldest first; found ones come from there and are held from now on."""
    leg = require_leg(policy, Flow.FOUND, LocationKind.ADJUSTMENT, LocationKind.ENGINEER)
    require_leg(policy, Flow.LOSS, LocationKind.ENGINEER, LocationKind.ADJUSTMENT)
    outside = place(leg[0])
    steps = {row.pk: (row.counted or 0) - row.booked for row in rows}
    missing = [Going(row.part, -steps[row.pk], row.condition, row.lot) for row in rows if steps[row.pk] < 0]
    found = [
        ledger.Line(row.part, steps[row.pk], outside, count.location, row.condition, row.lot)
        for row in rows
        if steps[row.pk] > 0
    ]
    lines = [*aged_lines(missing, source=count.location, target=outside), *found]
    ledger.post(reason=PostingReason.COUNT, reference=count.reference, lines=lines, by=by, at=at, key=key)
