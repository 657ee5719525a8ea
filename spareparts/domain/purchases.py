"""Parts an engineer bought himself: from outside into his personal inventory. Quantities are smallest steps."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from inventory.domain import ledger
from inventory.enums import LocationKind, PostingReason, Tracking
from inventory.models import Lot, Part
from spareparts.domain.consumption import BadLines, LineProblem
from spareparts.domain.costs import line_cost
from spareparts.domain.lots import lot_for
from spareparts.domain.modes import policy_lock
from spareparts.domain.photos import stored_or_forgotten
from spareparts.domain.routes import place, require_leg
from spareparts.domain.taking_back import undo_posted
from spareparts.enums import PURCHASE_TRANSITIONS, Feature, Flow, Permission
from spareparts.models import LocalPurchase, LocalPurchaseLine
from spareparts.policies import ModePolicy
from workorders.models import User, WorkOrder

MOST_LINES = 100
MOST_QUANTITY = 1_000_000_000  # smallest steps
MOST_COST = Decimal("9999999999.99")  # what the column holds
NOTHING = Decimal("0.00")


class SupplierMissing(DomainError):
    field = "supplier"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Say where you bought the parts."))


class NothingBought(DomainError):
    def __init__(self) -> None:
        super().__init__(gettext_lazy("Add at least one part and say how many you bought."))


@dataclass(frozen=True)
class BoughtPart:
    """``quantity`` smallest steps at ``unit_cost`` a unit; ``lot_code`` where the mode enforces lots."""

    part: Part
    quantity: int
    unit_cost: Decimal
    lot_code: str = ""


def record_purchase(
    *,
    engineer: User,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    supplier: str,
    lines: Sequence[BoughtPart],
    note: str = "",
    photo: "ContentFile[bytes] | None" = None,
    work_order: WorkOrder | None = None,
) -> LocalPurchase:
    """Book what the engineer bought as held by him. ``photo`` of the receipt comes from ``clean_picture``.

    Refused: NotAllowed (not his own), SupplierMissing, NothingBought, BadLines (every bad line: quantity, price,
    unlisted, a batch or serial number that is missing), SerialElsewhere, FlowNotInMode, ModeChanged, KeyReused.
    """
    if by.pk != engineer.pk or not by.has_perm(Permission.BUY_LOCALLY):
        raise NotAllowed
    if not supplier.strip():
        raise SupplierMissing
    _check(lines, policy)
    purchase = LocalPurchase(
        engineer=engineer, created_at=at, created_by=by, posting_id=key, supplier=supplier.strip(),
        note=note.strip(), receipt_photo=photo or "", work_order=work_order,
    )  # fmt: skip
    with policy_lock(policy.version), stored_or_forgotten(purchase, "receipt_photo"):
        leg = require_leg(policy, Flow.LOCAL_PURCHASE, LocationKind.SUPPLIER, LocationKind.ENGINEER)
        purchase.save(force_insert=True)
        rows = [_row(purchase, line, policy) for line in lines]
        LocalPurchaseLine.objects.bulk_create(rows)
        details = {"supplier": purchase.supplier, "lines": len(rows)}
        audit.record("localpurchase.record", by=by, at=at, subject=purchase, details=details)
        source, target = (place(kind, engineer=engineer) for kind in leg)
        moves = [ledger.Line(row.part, row.quantity, source, target, lot=row.lot) for row in rows]
        facts = {"reason": PostingReason.LOCAL_PURCHASE, "reference": purchase.reference, "lines": moves}
        ledger.post(**facts, by=by, at=at, key=key)  # type: ignore[arg-type]
    return purchase


def _row(purchase: LocalPurchase, line: BoughtPart, policy: ModePolicy) -> LocalPurchaseLine:
    lot: Lot | None = None
    if policy.has(Feature.LOTS_ENFORCED) and line.part.tracking != Tracking.NONE:
        lot = lot_for(line.part, line.lot_code)
    return LocalPurchaseLine(
        purchase=purchase, part=line.part, quantity=line.quantity, unit_cost=line.unit_cost, lot=lot
    )


def _check(lines: Sequence[BoughtPart], policy: ModePolicy) -> None:
    if not lines:
        raise NothingBought
    problems = [
        LineProblem(index, field, _("%(part)s: %(problem)s") % {"part": line.part.number, "problem": words})
        for index, line in enumerate(lines)
        for field, words in _problems_of(line, policy)
    ]
    if len(lines) > MOST_LINES:
        words = _("A purchase holds at most %(most)s lines.") % {"most": MOST_LINES}
        problems.append(LineProblem(MOST_LINES, "part", words))
    if problems:
        raise BadLines(problems)


def _problems_of(line: BoughtPart, policy: ModePolicy) -> list[tuple[str, str]]:
    problems = []
    if not 0 < line.quantity <= MOST_QUANTITY:
        problems.append(("quantity", _("the quantity must be more than zero and not absurdly large.")))
    if not 0 <= line.unit_cost <= MOST_COST:
        problems.append(("unit_cost", _("the price must be zero or more and not absurdly large.")))
    if not line.part.is_listed:
        problems.append(("part", _("it is unlisted: no new ones are taken in. Choose the part that replaces it.")))
    if policy.has(Feature.LOTS_ENFORCED):
        problems += _lot_problems(line)
    return problems


def _lot_problems(line: BoughtPart) -> list[tuple[str, str]]:
    if line.part.tracking == Tracking.NONE:
        return [("lot_code", _("it has no batches or serial numbers."))] if line.lot_code.strip() else []
    if not line.lot_code.strip():
        words = _("type its serial number.") if line.part.tracking == Tracking.SERIAL else _("type its batch.")
        return [("lot_code", words)]
    if line.part.tracking == Tracking.SERIAL and line.quantity != 10**line.part.unit.decimal_places:
        return [("quantity", _("one serial number is one piece. Add a line for each."))]
    return []


def paid(line: LocalPurchaseLine) -> Decimal:
    """What the whole line cost, rounded to the cent."""
    return line_cost(line.unit_cost, line.quantity, line.part.unit.decimal_places)


def undo_purchase(
    purchase: LocalPurchase, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, reason: str = ""
) -> None:
    """The parts leave the personal inventory again. Refused: see ``undo_posted``."""
    undo_posted(purchase, PURCHASE_TRANSITIONS, by=by, at=at, key=key, policy=policy, reason=reason)
