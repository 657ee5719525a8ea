"""Closing a job: every part taken for it is used, goes back, is kept, lost or handed on before the job ends.

Quantities are smallest steps. The veto asks on completing, cancelling and reassigning; ``answer_open_parts`` answers
everything in one event, and completes the job when that was what the engineer wanted.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed, StaleDocument
from config.shared.transitions import ReasonMissing
from spareparts.domain import debts
from spareparts.domain.consumption import UsedPart, record_consumption
from spareparts.domain.hand_overs import offer_hand_over
from spareparts.domain.handed import HandedPart
from spareparts.domain.losses import report_loss
from spareparts.domain.modes import policy_lock
from spareparts.enums import KeptAnswer, LossKind, Permission
from spareparts.models import KeptPart, OldPartDebt
from spareparts.policies import ModePolicy
from spareparts.queries.open_parts import OpenPart, open_for_job
from workorders.domain import work_orders
from workorders.models import User, WorkOrder


class RestAnswer(TextChoices):
    """What becomes of what was not used."""

    BACK = "back", pgettext_lazy("closing a job", "Goes back")
    KEPT = "kept", pgettext_lazy("closing a job", "I keep it")
    LOST = "lost", pgettext_lazy("closing a job", "Lost")
    HAND_ON = "hand_on", pgettext_lazy("closing a job", "Goes to a colleague")


class OldAnswer(TextChoices):
    """What becomes of an old part that must come back and has not been taken out."""

    TAKEN_OUT = "taken_out", gettext_lazy("I have taken it out")
    LEFT = "left", gettext_lazy("Left at the customer")
    NONE = "none", gettext_lazy("No old part")


NEEDS_REASON = frozenset({RestAnswer.KEPT, RestAnswer.LOST})
OWN_ONLY = frozenset({RestAnswer.LOST, RestAnswer.HAND_ON})


class AnswerMissing(DomainError):
    """One part's answer is not complete; ``index`` counts the answers from 0."""

    def __init__(self, index: int, field: str, message: str) -> None:
        self.index = index
        super().__init__(message, field=field)


class OldAnswerMissing(AnswerMissing):
    """The same of an old part; ``index`` counts the answers about old parts."""


@dataclass(frozen=True)
class PartAnswer:
    """``used`` of what is ``open`` went into the machine; the rest is what ``rest`` says."""

    open: OpenPart
    used: UsedPart | None = None
    rest: str = RestAnswer.BACK
    reason: str = ""
    receiver: User | None = None

    @property
    def left(self) -> int:
        return self.open.quantity - (self.used.quantity if self.used is not None else 0)


@dataclass(frozen=True)
class OldPartAnswered:
    """What becomes of the old part of ``debt``, which is not out of the machine yet."""

    debt: OldPartDebt
    answer: str
    reason: str = ""
    serial: str = ""


def answer_open_parts(
    work_order: WorkOrder,
    *,
    engineer: User,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    answers: Sequence[PartAnswer],
    old_parts: Sequence[OldPartAnswered] = (),
    reason: str = "",
    completes: bool = False,
) -> None:
    """Book every answer at once: use, loss, offer, keeping, going back, old parts; then complete the job if asked.

    For somebody else a manager answers, with a reason; what only the engineer can know is refused him.
    Refused: NotAllowed, ReasonMissing, AnswerMissing, OldAnswerMissing, StaleDocument (what is open has changed),
    ModeChanged, WorkOrderRefused, and what the single events refuse.
    """
    _require_right(work_order, engineer=engineer, by=by, reason=reason)
    facts: dict[str, Any] = {"by": by, "at": at, "policy": policy}
    with policy_lock(policy.version):
        WorkOrder.objects.select_for_update(no_key=True).only("pk").get(pk=work_order.pk)
        _check(answers, is_own=by.pk == engineer.pk)
        _refuse_changed(work_order, engineer, answers)
        _keep(work_order, engineer, answers, at)
        _offer(work_order, engineer, answers, facts)
        if answers:
            _audit(work_order, engineer, answers, by=by, at=at, reason=reason)
        _answer_old_parts(old_parts, key, facts)
        used = [answer.used for answer in answers if answer.used is not None]
        if used:
            record_consumption(work_order, engineer=engineer, key=key, lines=used, reason=reason, **facts)
        _report_lost(work_order, engineer, answers, key, facts)
        if completes:
            work_orders.complete(work_order, by=by, at=at)


def _require_right(work_order: WorkOrder, *, engineer: User, by: User, reason: str) -> None:
    if not by.has_perm(Permission.CLOSE_JOB):
        raise NotAllowed
    if by.pk == engineer.pk:
        return
    if not by.has_perm(Permission.RECORD_USE_FOR_OTHERS):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing


def _check(answers: Sequence[PartAnswer], *, is_own: bool) -> None:
    for index, answer in enumerate(answers):
        part = answer.open.part.number
        if answer.left < 0:
            words = _("%(part)s: fewer were taken for this job. Record the others as parts used.")
            raise AnswerMissing(index, "used", words % {"part": part})
        if answer.left == 0:
            continue
        if answer.rest not in RestAnswer.values:
            raise AnswerMissing(index, "rest", _("%(part)s: say what becomes of the rest.") % {"part": part})
        if answer.rest in NEEDS_REASON and not answer.reason.strip():
            raise AnswerMissing(index, "reason", _("%(part)s: give a reason.") % {"part": part})
        if answer.rest == RestAnswer.HAND_ON and answer.receiver is None:
            raise AnswerMissing(index, "receiver", _("%(part)s: choose the colleague.") % {"part": part})
        if answer.rest in OWN_ONLY and not is_own:
            raise AnswerMissing(index, "rest", _("%(part)s: only the engineer himself can say this.") % {"part": part})


def _refuse_changed(work_order: WorkOrder, engineer: User, answers: Iterable[PartAnswer]) -> None:
    now = {_place(row): row.quantity for row in open_for_job(work_order, engineer=engineer)}
    if any(now.get(_place(answer.open)) != answer.open.quantity for answer in answers):
        raise StaleDocument(_("What is open for this job has changed meanwhile. Look again before you go on."))


def _place(row: OpenPart) -> tuple[int, str, int | None]:
    return row.part.pk, str(row.condition), row.lot.pk if row.lot is not None else None


def _with_rest(answers: Iterable[PartAnswer], *wanted: str) -> list[PartAnswer]:
    return [answer for answer in answers if answer.left > 0 and answer.rest in wanted]


def _keep(work_order: WorkOrder, engineer: User, answers: Iterable[PartAnswer], at: datetime) -> None:
    words = {RestAnswer.KEPT: KeptAnswer.KEPT, RestAnswer.BACK: KeptAnswer.RETURNING}
    KeptPart.objects.bulk_create(
        KeptPart(
            work_order=work_order,
            engineer=engineer,
            part=answer.open.part,
            condition=answer.open.condition,
            lot=answer.open.lot,
            quantity=answer.left,
            answer=words[RestAnswer(answer.rest)],
            reason=answer.reason.strip(),
            answered_at=at,
        )
        for answer in _with_rest(answers, *words)
    )


def _offer(work_order: WorkOrder, engineer: User, answers: Iterable[PartAnswer], facts: dict[str, Any]) -> None:
    by_receiver: dict[User, list[HandedPart]] = defaultdict(list)
    for answer in _with_rest(answers, RestAnswer.HAND_ON):
        if answer.receiver is not None:
            row = answer.open
            part = HandedPart(row.part, answer.left, row.condition, row.lot, work_order)
            by_receiver[answer.receiver].append(part)
    for receiver in sorted(by_receiver, key=lambda each: each.pk):
        offer_hand_over(sender=engineer, receiver=receiver, parts=by_receiver[receiver], **facts)


def _report_lost(
    work_order: WorkOrder, engineer: User, answers: Iterable[PartAnswer], key: uuid.UUID, facts: dict[str, Any]
) -> None:
    for number, answer in enumerate(_with_rest(answers, RestAnswer.LOST)):
        row = answer.open
        report_loss(
            engineer=engineer,
            key=uuid.uuid5(key, f"lost {number}"),
            part=row.part,
            quantity=answer.left,
            kind=LossKind.LOST,
            reason=answer.reason,
            condition=row.condition,
            lot=row.lot,
            work_order=work_order,
            **facts,
        )


def _answer_old_parts(old_parts: Sequence[OldPartAnswered], key: uuid.UUID, facts: dict[str, Any]) -> None:
    for index, each in enumerate(old_parts):
        part = each.debt.part.number
        if each.answer not in OldAnswer.values:
            raise OldAnswerMissing(index, "answer", _("%(part)s: say what became of the old part.") % {"part": part})
        if each.answer == OldAnswer.TAKEN_OUT:
            try:
                debts.take_out(each.debt, key=uuid.uuid5(key, f"old {index}"), serial=each.serial, **facts)
            except debts.SerialMissing as error:
                raise OldAnswerMissing(index, "serial", str(error)) from error
        elif not each.reason.strip():
            raise OldAnswerMissing(index, "reason", _("%(part)s: give a reason.") % {"part": part})
        else:
            debts.ask_exception(each.debt, answer=each.answer, reason=each.reason, **facts)


def _audit(
    work_order: WorkOrder, engineer: User, answers: Sequence[PartAnswer], *, by: User, at: datetime, reason: str
) -> None:
    details = {
        "engineer": str(engineer),
        "parts": [
            {"part": each.open.part.number, "open": each.open.quantity, "rest": each.left, "answer": str(each.rest)}
            for each in answers
        ],
    }
    audit.record("job_parts.answer", by=by, at=at, subject=work_order, reason=reason.strip(), details=details)
