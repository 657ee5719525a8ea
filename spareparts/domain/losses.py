"""Reports of parts lost, damaged or dead on arrival. Quantities are smallest steps."""

import uuid
from datetime import datetime

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from config.shared.transitions import ReasonMissing
from inventory.domain import ledger
from inventory.enums import Condition, LocationKind, PostingReason
from inventory.models import Lot, Part
from spareparts.domain.aged import Going, aged_lines
from spareparts.domain.modes import policy_lock
from spareparts.domain.photos import stored_or_forgotten
from spareparts.domain.routes import place, require_leg
from spareparts.domain.taking_back import undo_posted
from spareparts.enums import LOSS_TRANSITIONS, Flow, LossKind, Permission
from spareparts.models import LossReport
from spareparts.policies import ModePolicy
from workorders.models import User, WorkOrder

MOST_QUANTITY = 1_000_000_000  # smallest steps


class QuantityNotPositive(DomainError):
    field = "quantity"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Say how many: more than zero, and not absurdly many."))


class UnknownKind(DomainError):
    field = "kind"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Say what happened: lost, damaged or dead on arrival."))


class AlreadyOld(DomainError):
    """A damaged or dead part becomes an old part; this one is."""

    field = "kind"

    def __init__(self, part: Part) -> None:
        sentence = _("%(part)s is an old part already. Give it back, or report it as lost.")
        super().__init__(sentence % {"part": part.number})


def report_loss(
    *,
    engineer: User,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    part: Part,
    quantity: int,
    kind: str,
    reason: str,
    condition: str = Condition.NEW,
    lot: Lot | None = None,
    photo: "ContentFile[bytes] | None" = None,
    work_order: WorkOrder | None = None,
) -> LossReport:
    """Book what the engineer lost as gone, or what is damaged or dead on arrival as an old part he still holds.

    A debt of a lost old part stays until somebody waives it. ``photo`` comes from ``clean_picture``.
    Refused: NotAllowed (not his own), ReasonMissing, QuantityNotPositive, UnknownKind, AlreadyOld, NotEnoughStock,
    FlowNotInMode, ModeChanged, KeyReused.
    """
    if by.pk != engineer.pk or not by.has_perm(Permission.REPORT_LOSS):
        raise NotAllowed
    _check(part, quantity=quantity, kind=kind, condition=condition, reason=reason)
    report = LossReport(
        engineer=engineer, created_at=at, created_by=by, posting_id=key, kind=kind, reason=reason.strip(),
        part=part, quantity=quantity, condition=condition, lot=lot, work_order=work_order, photo=photo or "",
    )  # fmt: skip
    with policy_lock(policy.version), stored_or_forgotten(report, "photo"):
        report.save(force_insert=True)
        details = {"part": part.number, "quantity": quantity, "kind": kind}
        audit.record("lossreport.report", by=by, at=at, subject=report, reason=report.reason, details=details)
        reason_of_posting = PostingReason.LOSS if kind == LossKind.LOST else PostingReason.CONVERSION
        lines = _lost_lines(report, policy) if kind == LossKind.LOST else _broken_lines(report, policy)
        ledger.post(reason=reason_of_posting, reference=report.reference, lines=lines, by=by, at=at, key=key)
    return report


def _check(part: Part, *, quantity: int, kind: str, condition: str, reason: str) -> None:
    if kind not in LossKind.values:
        raise UnknownKind
    if not 0 < quantity <= MOST_QUANTITY:
        raise QuantityNotPositive
    if not reason.strip():
        raise ReasonMissing
    if kind != LossKind.LOST and condition == Condition.OLD:
        raise AlreadyOld(part)


def _lost_lines(report: LossReport, policy: ModePolicy) -> list[ledger.Line]:
    leg = require_leg(policy, Flow.LOSS, LocationKind.ENGINEER, LocationKind.ADJUSTMENT)
    source, target = (place(kind, engineer=report.engineer) for kind in leg)
    return aged_lines([_going(report)], source=source, target=target)


def _broken_lines(report: LossReport, policy: ModePolicy) -> list[ledger.Line]:
    """Two moves through conversion; the old part is held from now on, since now it is due to come back."""
    leg = require_leg(policy, Flow.CONVERT, LocationKind.ENGINEER, LocationKind.CONVERSION)
    held, outside = (place(kind, engineer=report.engineer) for kind in leg)
    out = aged_lines([_going(report)], source=held, target=outside)
    return [*out, ledger.Line(report.part, report.quantity, outside, held, Condition.OLD, report.lot)]


def _going(report: LossReport) -> Going:
    return Going(report.part, report.quantity, report.condition, report.lot)


def undo_loss(
    report: LossReport, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, reason: str = ""
) -> None:
    """The parts are with the engineer again, as they were. Refused: see ``undo_posted``."""
    undo_posted(report, LOSS_TRANSITIONS, by=by, at=at, key=key, policy=policy, reason=reason)
