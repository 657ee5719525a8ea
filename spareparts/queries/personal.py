"""What the pages of hand-overs, reports, purchases, counts and absences read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.models import Balance
from spareparts.enums import HandOverStatus, Permission
from spareparts.models import Absence, HandOver
from spareparts.rules import RULES
from workorders.models import User, WorkOrder

MOST_NOTES = 10
TOLD_FOR = timedelta(days=7)


# ---------------------------------------------------------------- what waits for whom
@dataclass(frozen=True)
class Note:
    """A sentence for My parts, and the page it leads to."""

    tone: str
    text: str
    url: str
    action_label: str


def notes_of(user: User, *, at: datetime) -> list[Note]:
    """Offers and questions that wait for ``user``, and what managers moved from or to him lately. One query."""
    waiting = waiting_for(user, at=at)
    told = Q(status=HandOverStatus.MOVED, decided_at__gt=at - TOLD_FOR) & (Q(sender=user) | Q(receiver=user))
    rows = HandOver.objects.filter(waiting | told).select_related("sender", "receiver", "created_by")
    counted = rows.annotate(kinds=Count("lines"), first=Min("lines__part__number")).order_by("-pk")
    return [_note(row, user) for row in counted[:MOST_NOTES]]


def waiting_for(user: User, *, at: datetime) -> Q:
    """The hand-overs that ``user`` has to answer: offered to him, or asked of him."""
    offered = Q(status=HandOverStatus.OFFERED, receiver=user)
    return (offered | Q(status=HandOverStatus.ASKED, sender=user)) & Q(expires_at__gt=at)


def _note(row: HandOver, user: User) -> Note:
    words = {"parts": _parts(row), "manager": row.created_by, "sender": row.sender, "receiver": row.receiver}
    words["reason"] = row.reason
    url = row.get_absolute_url()
    if row.status == HandOverStatus.OFFERED:
        return Note("info", _("%(sender)s offers you %(parts)s.") % words, url, _("Look and take"))
    if row.status == HandOverStatus.ASKED:
        return Note("info", _("%(receiver)s asks you for %(parts)s.") % words, url, _("Answer"))
    if row.receiver_id == user.pk:
        sentence = _("%(manager)s moved %(parts)s from %(sender)s to you: %(reason)s")
    else:
        sentence = _("%(manager)s moved %(parts)s from you to %(receiver)s: %(reason)s")
    return Note("warn", sentence % words, url, _("Look"))


def _parts(row: HandOver) -> str:
    """ "BRG-6204", or "BRG-6204 and 2 more": the annotations of ``notes_of``."""
    first, more = getattr(row, "first", None) or "–", getattr(row, "kinds", 1) - 1
    if more <= 0:
        return str(first)
    return ngettext("%(part)s and %(more)s more", "%(part)s and %(more)s more", more) % {"part": first, "more": more}


# ---------------------------------------------------------------- people
def colleagues(user: User) -> QuerySet[User]:
    """Every other engineer who may sign in."""
    return engineers().exclude(pk=user.pk)


def engineers() -> QuerySet[User]:
    return User.objects.filter(is_engineer=True, is_active=True).order_by("name", "pk")


def possible_deputies(user: User) -> QuerySet[User]:
    """Everybody else who may sign in and wears a hat that can be absent."""
    wears_a_hat = Q(pk__in=[])
    for role in RULES[Permission.BE_ABSENT].roles:
        wears_a_hat |= Q(**{f"is_{role.value}": True})
    return User.objects.filter(wears_a_hat, is_active=True).exclude(pk=user.pk).order_by("name", "pk")


def absences_of(user: User, *, today: date) -> QuerySet[Absence]:
    """What is planned and not over yet, the next first."""
    rows = Absence.objects.filter(person=user, last_day__gte=today)
    return rows.select_related("deputy").order_by("first_day", "pk")


def deputising(user: User, *, today: date) -> QuerySet[Absence]:
    """Whom ``user`` stands in for, now or soon."""
    rows = Absence.objects.filter(deputy=user, last_day__gte=today)
    return rows.select_related("person").order_by("first_day", "pk")


def deputy_of(person: User, *, on: date) -> User | None:
    """Who answers approvals and gets the reminders of ``person`` on that day; None when he is there himself."""
    rows = Absence.objects.filter(person=person, first_day__lte=on, last_day__gte=on, deputy__is_active=True)
    absence = rows.select_related("deputy").order_by("pk").first()
    return absence.deputy if absence is not None else None


def deputised_ids(user: User, *, on: date) -> list[int]:
    """The keys of the people whose deputy ``user`` is on that day."""
    rows = Absence.objects.filter(deputy=user, first_day__lte=on, last_day__gte=on)
    return list(rows.order_by("person_id").values_list("person_id", flat=True).distinct())


# ---------------------------------------------------------------- what they hold and work on
def held_rows(user: User) -> QuerySet[Balance]:
    """What ``user`` holds, with everything a form shows of it."""
    rows = Balance.objects.filter(location__owner=user, on_hand__gt=0)
    return rows.select_related("part__unit", "lot").order_by("part__number", "condition", "pk")


def held_now(user: User, parts: Iterable[int]) -> dict[tuple[int, str, int | None], int]:
    """How much ``user`` holds of each of ``parts`` (keys), by part, condition and lot. One query."""
    rows = Balance.objects.filter(location__owner=user, part__in=list(parts), on_hand__gt=0)
    return {
        (part, condition, lot): on_hand
        for part, condition, lot, on_hand in rows.values_list("part_id", "condition", "lot_id", "on_hand")
    }


def open_jobs(user: User) -> QuerySet[WorkOrder]:
    """The open jobs ``user`` is lead or helper of: what a report or a purchase may be for."""
    mine = WorkOrder.objects.open().filter(Q(lead=user) | Q(helpers=user))
    return mine.distinct().order_by("number")
