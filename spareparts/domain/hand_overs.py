"""Hand-overs between engineers: offered or asked for, answered, moved by a manager, and taken back.

Quantities are smallest steps. Nothing is reserved by an offer: whoever uses the part first has it, and accepting says
what remains (product.md 5).
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from config.shared.transitions import ReasonMissing, Transition, transition
from inventory.domain import ledger
from inventory.enums import LocationKind, PostingReason
from inventory.models import Posting
from inventory.queries import on_hand
from spareparts import queries
from spareparts.domain.aged import aged_lines
from spareparts.domain.four_eyes import refuse_own
from spareparts.domain.handed import HandedPart, check_parts, chosen, handed, move_debts, remaining_in_words
from spareparts.domain.modes import for_share, policy_lock
from spareparts.domain.routes import place, require_leg
from spareparts.enums import HAND_OVER_TRANSITIONS, Flow, HandOverStatus, Permission
from spareparts.models import HandOver, HandOverLine
from spareparts.policies import ModePolicy
from workorders.models import User

__all__ = [
    "HandedPart",
    "HoldsNothing",
    "NoReceiver",
    "OfferLapsed",
    "UndoTooLate",
    "accept_hand_over",
    "ask_hand_over",
    "decline_hand_over",
    "hand_over_everything",
    "is_expired",
    "lapse_hand_over",
    "lines_of",
    "move_holdings",
    "offer_asked",
    "offer_hand_over",
    "undo_hand_over",
    "undo_row",
    "undo_until",
    "withdraw_hand_over",
]
ENGINEER = LocationKind.ENGINEER


class HoldsNothing(DomainError):
    """Everything was to be handed over, and there is nothing."""

    def __init__(self, person: User) -> None:
        super().__init__(_("%(person)s holds nothing that could be handed over.") % {"person": person})


class NoReceiver(DomainError):
    """Parts go to an engineer who may sign in, and to somebody else."""

    field = "receiver"


class OfferLapsed(DomainError):
    """Nobody answered in time; judged when somebody accepts."""

    def __init__(self, hand_over: HandOver) -> None:
        when = formats.date_format(timezone.localtime(hand_over.expires_at), "DATETIME_FORMAT")
        sentence = _("The offer lapsed on %(time)s. Ask %(person)s to offer the parts again.")
        super().__init__(sentence % {"time": when, "person": hand_over.sender})


class UndoTooLate(DomainError):
    """The window has passed; a manager may still undo."""


# ---------------------------------------------------------------- how one begins
def offer_hand_over(
    *,
    sender: User,
    receiver: User,
    by: User,
    at: datetime,
    policy: ModePolicy,
    parts: Sequence[HandedPart],
    reason: str = "",
    is_everything: bool = False,
) -> HandOver:
    """Offer ``parts`` to a colleague, who has ``settings.hand_over_hours`` to answer. Moves nothing.

    Refused: NotAllowed (somebody else's parts), NothingToHandOver, BadParts (more than is held), NoReceiver,
    FlowNotInMode, ModeChanged.
    """
    if by.pk != sender.pk or not by.has_perm(Permission.HAND_OVER):
        raise NotAllowed
    with _may_begin(policy, receiver, other=sender):
        check_parts(parts, held_by=sender)
        people = {"sender": sender, "receiver": receiver}
        document = _insert(HandOverStatus.OFFERED, by=by, at=at, reason=reason, is_everything=is_everything, **people)
        _insert_lines(document, parts)
        _audit("handover.offer", document, by=by, at=at, reason=reason)
    return document


def ask_hand_over(
    *,
    receiver: User,
    sender: User,
    by: User,
    at: datetime,
    policy: ModePolicy,
    parts: Sequence[HandedPart],
    reason: str = "",
) -> HandOver:
    """Ask a colleague for parts; whether he has them is for him to say. Moves nothing.

    Refused: NotAllowed, NothingToHandOver, BadParts, NoReceiver, FlowNotInMode, ModeChanged.
    """
    if by.pk != receiver.pk or not by.has_perm(Permission.HAND_OVER):
        raise NotAllowed
    with _may_begin(policy, sender, other=receiver):
        check_parts(parts)
        people = {"sender": sender, "receiver": receiver}
        document = _insert(HandOverStatus.ASKED, by=by, at=at, reason=reason, **people)
        _insert_lines(document, parts)
        _audit("handover.ask", document, by=by, at=at, reason=reason)
    return document


def hand_over_everything(
    *, sender: User, receiver: User, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, reason: str = ""
) -> HandOver:
    """Everything ``sender`` holds: an offer when he does it himself, moved at once when a manager does.

    Refused: HoldsNothing, and as in ``offer_hand_over`` or ``move_holdings``.
    """
    held = on_hand(place(ENGINEER, engineer=sender))
    parts = [HandedPart(row.part, row.on_hand, row.condition, row.lot) for row in held]
    if not parts:
        raise HoldsNothing(sender)
    facts: dict[str, Any] = {"sender": sender, "receiver": receiver, "by": by, "at": at, "policy": policy}
    facts |= {"parts": parts, "reason": reason, "is_everything": True}
    return offer_hand_over(**facts) if by.pk == sender.pk else move_holdings(key=key, **facts)


def move_holdings(
    *,
    sender: User,
    receiver: User,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    parts: Sequence[HandedPart],
    reason: str,
    is_everything: bool = False,
) -> HandOver:
    """A manager moves parts from one engineer to another without their consent; both find it on their page.

    Refused: NotAllowed (also: he is one of the two and somebody else may do it), ReasonMissing, NothingToHandOver,
    BadParts, NoReceiver, NoLongerThere, FlowNotInMode, ModeChanged, KeyReused.
    """
    if not by.has_perm(Permission.MOVE_HOLDINGS):
        raise NotAllowed
    refuse_own({sender.pk, receiver.pk}, by=by, permission=Permission.MOVE_HOLDINGS)
    if not reason.strip():
        raise ReasonMissing
    with _may_begin(policy, receiver, other=sender):
        check_parts(parts, held_by=sender)
        facts: dict[str, Any] = {"sender": sender, "receiver": receiver, "is_everything": is_everything}
        facts |= {"posting_id": key, "decided_at": at}
        document = _insert(HandOverStatus.MOVED, by=by, at=at, reason=reason, **facts)
        lines = _insert_lines(document, parts, is_accepted=True)
        _audit("handover.move", document, by=by, at=at, reason=reason)
        _post(document, lines, by=by, at=at, key=key)
    return document


# ---------------------------------------------------------------- the answers
def offer_asked(
    hand_over: HandOver,
    *,
    by: User,
    at: datetime,
    policy: ModePolicy,
    quantities: Mapping[int, int] | None = None,
) -> None:
    """The colleague who was asked offers the parts, or fewer (line key → smallest steps). The clock starts anew.

    Refused: NotAllowed (not the one who was asked), NothingToHandOver, BadParts, IllegalTransition, StaleDocument.
    """
    _require(by.pk == hand_over.sender_id)
    with policy_lock(policy.version):
        expires_at = _expiry(at)
        with transition(hand_over, HAND_OVER_TRANSITIONS["offer"], by=by, at=at, expires_at=expires_at):
            lines = lines_of(hand_over)
            offered = chosen(lines, quantities)
            parts = [handed(line, offered[line.pk]) for line in lines if offered[line.pk]]
            check_parts(parts, held_by=hand_over.sender)
            _keep_offered(lines, offered)


def accept_hand_over(
    hand_over: HandOver,
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    quantities: Mapping[int, int] | None = None,
) -> None:
    """The receiver takes all that is offered, or ``quantities`` of it (line key → smallest steps); debts go with it.

    Refused: NotAllowed (not the receiver), OfferLapsed, NothingToHandOver, BadParts (more than offered),
    NoLongerThere (used meanwhile: what remains), FlowNotInMode, ModeChanged, IllegalTransition, StaleDocument.
    """
    _require(by.pk == hand_over.receiver_id)
    changes: dict[str, Any] = {"decided_at": at, "posting_id": key}
    with policy_lock(policy.version), transition(hand_over, HAND_OVER_TRANSITIONS["accept"], by=by, at=at, **changes):
        if is_expired(hand_over, at=at):
            raise OfferLapsed(hand_over)
        lines = lines_of(hand_over)
        accepted = chosen(lines, quantities)
        for line in lines:
            line.accepted = accepted[line.pk]
        HandOverLine.objects.bulk_update(lines, ["accepted"])
        _require_leg(policy)
        _post(hand_over, [line for line in lines if line.accepted], by=by, at=at, key=key)


def decline_hand_over(hand_over: HandOver, *, by: User, at: datetime, policy: ModePolicy, reason: str = "") -> None:
    """Whose turn it is says no. Refused: NotAllowed, IllegalTransition, StaleDocument, ModeChanged."""
    asked = hand_over.status == HandOverStatus.ASKED
    _require(by.pk == (hand_over.sender_id if asked else hand_over.receiver_id))
    _end(hand_over, "decline", by=by, at=at, policy=policy, reason=reason)


def withdraw_hand_over(hand_over: HandOver, *, by: User, at: datetime, policy: ModePolicy) -> None:
    """Who asked or offered takes it back. Refused: NotAllowed, IllegalTransition, StaleDocument, ModeChanged."""
    asked = hand_over.status == HandOverStatus.ASKED
    _require(by.pk == (hand_over.receiver_id if asked else hand_over.sender_id))
    _end(hand_over, "withdraw", by=by, at=at, policy=policy)


def lapse_hand_over(hand_over: HandOver, *, by: User, at: datetime, policy: ModePolicy) -> None:
    """Put away what nobody answered in time. Refused: NotAllowed (also: there is still time), IllegalTransition."""
    _require(by.pk in (hand_over.sender_id, hand_over.receiver_id) and is_expired(hand_over, at=at))
    _end(hand_over, "lapse", by=by, at=at, policy=policy)


def _end(hand_over: HandOver, verb: str, *, by: User, at: datetime, policy: ModePolicy, reason: str = "") -> None:
    row = HAND_OVER_TRANSITIONS[verb]
    with policy_lock(policy.version), transition(hand_over, row, by=by, at=at, reason=reason, decided_at=at):
        pass


# ---------------------------------------------------------------- taking it back
def undo_until(hand_over: HandOver, policy: ModePolicy) -> datetime:
    """The moment from which only a manager may undo."""
    return (hand_over.decided_at or hand_over.created_at) + timedelta(minutes=policy.undo_minutes)


def undo_row(hand_over: HandOver, *, by: User, at: datetime, policy: ModePolicy) -> Transition:
    """The row by which ``by`` may undo now: who accepted within the window, later a manager. Refused: UndoTooLate,
    NotAllowed."""
    is_own = by.pk == hand_over.receiver_id and hand_over.expires_at is not None  # offered once, not moved
    if is_own and at < undo_until(hand_over, policy) and by.has_perm(Permission.HAND_OVER):
        return HAND_OVER_TRANSITIONS["undo"]
    if by.has_perm(Permission.MOVE_HOLDINGS):
        return HAND_OVER_TRANSITIONS["undo_later"]
    if is_own:
        sentence = _("This could be undone for %(minutes)s minutes. Ask a manager to undo it.")
        raise UndoTooLate(sentence % {"minutes": policy.undo_minutes})
    raise NotAllowed


def undo_hand_over(
    hand_over: HandOver, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, reason: str = ""
) -> None:
    """Everything goes back to the sender, as old as it was, and debts with it; or nothing does.

    Refused: NotAllowed, UndoTooLate, ReasonMissing, NoLongerThere (the receiver used some of it), ModeChanged,
    IllegalTransition, StaleDocument.
    """
    row = undo_row(hand_over, by=by, at=at, policy=policy)
    with policy_lock(policy.version), transition(hand_over, row, by=by, at=at, reason=reason, reversal_id=key):
        lines = [line for line in lines_of(hand_over) if line.accepted]
        move_debts(lines, sender=hand_over.receiver, receiver=hand_over.sender, at=at)
        posting = Posting.objects.get(key=str(hand_over.posting_id))
        with remaining_in_words():
            ledger.reverse(posting, reference=hand_over.reference, by=by, at=at, key=key)


# ---------------------------------------------------------------- is it still open
def is_expired(hand_over: HandOver, *, at: datetime) -> bool:
    """The time to answer is over."""
    return hand_over.expires_at is not None and at >= hand_over.expires_at


# ---------------------------------------------------------------- parts of it
def lines_of(hand_over: HandOver) -> list[HandOverLine]:
    """The lines with what a page or a posting needs of them."""
    return list(hand_over.lines.select_related("part__unit", "lot", "work_order").order_by("pk"))


def _require(is_right: bool) -> None:
    if not is_right:
        raise NotAllowed


def _require_leg(policy: ModePolicy) -> None:
    require_leg(policy, Flow.HAND_OVER, ENGINEER, ENGINEER)


@contextmanager
def _may_begin(policy: ModePolicy, person: User, *, other: User) -> Iterator[None]:
    """The mode has hand-overs, and ``person`` is an engineer who cannot be deactivated before this is written."""
    _require_leg(policy)
    if person.pk == other.pk:
        raise NoReceiver(_("Choose somebody else."))
    with policy_lock(policy.version):
        with connection.cursor() as cursor:
            table = User._meta.db_table
            cursor.execute(f"SELECT is_active, is_engineer FROM {table} WHERE id = %s{for_share()}", [person.pk])  # noqa: S608
            is_active, is_engineer = cursor.fetchone()
        if not (is_active and is_engineer):
            raise NoReceiver(_("%(person)s is no engineer, or may not sign in any more.") % {"person": person})
        yield


def _insert(status: str, *, by: User, at: datetime, reason: str, **facts: Any) -> HandOver:
    waits = status in (HandOverStatus.ASKED, HandOverStatus.OFFERED)
    return HandOver.objects.create(
        status=status,
        created_at=at,
        created_by=by,
        reason=reason.strip(),
        expires_at=_expiry(at) if waits else None,
        **facts,
    )


def _expiry(at: datetime) -> datetime:
    return at + timedelta(hours=queries.current_settings().hand_over_hours)


def _insert_lines(document: HandOver, parts: Sequence[HandedPart], *, is_accepted: bool = False) -> list[HandOverLine]:
    rows = [
        HandOverLine(
            hand_over=document,
            part=each.part,
            quantity=each.quantity,
            accepted=each.quantity if is_accepted else 0,
            condition=each.condition,
            lot=each.lot,
            work_order=each.work_order,
        )
        for each in parts
    ]
    return HandOverLine.objects.bulk_create(rows)


def _audit(verb: str, document: HandOver, *, by: User, at: datetime, reason: str) -> None:
    details = {"sender": str(document.sender), "receiver": str(document.receiver)}
    audit.record(verb, by=by, at=at, subject=document, reason=reason.strip(), details=details)


def _keep_offered(lines: Sequence[HandOverLine], offered: Mapping[int, int]) -> None:
    """What is not offered leaves the document; the rest is offered as far as the colleague goes."""
    HandOverLine.objects.filter(pk__in=[line.pk for line in lines if not offered[line.pk]]).delete()
    kept = [line for line in lines if offered[line.pk]]
    for line in kept:
        line.quantity = offered[line.pk]
    HandOverLine.objects.bulk_update(kept, ["quantity"])


def _post(document: HandOver, lines: Sequence[HandOverLine], *, by: User, at: datetime, key: uuid.UUID) -> None:
    """Debts first, the ledger last."""
    move_debts(lines, sender=document.sender, receiver=document.receiver, at=at)
    source, target = (place(ENGINEER, engineer=person) for person in (document.sender, document.receiver))
    keeps_age = queries.current_settings().hand_over_keeps_age
    going = [handed(line, line.accepted).going for line in lines]
    with remaining_in_words():
        ledger.post(
            reason=PostingReason.HAND_OVER,
            reference=document.reference,
            lines=aged_lines(going, source=source, target=target, keeps_age=keeps_age),
            by=by,
            at=at,
            key=key,
        )
