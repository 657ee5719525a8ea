"""Absences: from the first day to the last, both included, with a deputy or without."""

from datetime import date, datetime

from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from spareparts.enums import Permission
from spareparts.models import Absence
from workorders.models import User


class EndsBeforeItBegins(DomainError):
    field = "last_day"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("The last day cannot be before the first."))


class IsOver(DomainError):
    """What has passed is not planned."""

    field = "last_day"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This absence would be over already."))


class Overlaps(DomainError):
    """Two absences of one person share a day."""

    field = "first_day"

    def __init__(self, other: Absence) -> None:
        words = {"first": _day(other.first_day), "last": _day(other.last_day)}
        super().__init__(_("You are away from %(first)s to %(last)s already.") % words)


class NoDeputy(DomainError):
    """A deputy is somebody else, may sign in, and is there meanwhile."""

    field = "deputy"


def plan_absence(
    *,
    person: User,
    by: User,
    at: datetime,
    today: date,
    first_day: date,
    last_day: date,
    deputy: User | None = None,
) -> Absence:
    """Say that ``person`` is away; ``deputy`` answers approvals and gets the reminders meanwhile.

    Refused: NotAllowed (not his own), EndsBeforeItBegins, IsOver, Overlaps, NoDeputy (himself, may not sign in, or is
    away at the same time).
    """
    if by.pk != person.pk or not by.has_perm(Permission.BE_ABSENT):
        raise NotAllowed
    if last_day < first_day:
        raise EndsBeforeItBegins
    if last_day < today:
        raise IsOver
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=person.pk)  # two absences at once would not see each other
        other = _in_span(person, first_day, last_day)
        if other is not None:
            raise Overlaps(other)
        if deputy is not None:
            _check_deputy(deputy, person, first_day, last_day)
        absence = Absence.objects.create(person=person, deputy=deputy, first_day=first_day, last_day=last_day)
        _audit("absence.plan", absence, by=by, at=at)
    return absence


def _in_span(person: User, first_day: date, last_day: date) -> Absence | None:
    return Absence.objects.filter(person=person, first_day__lte=last_day, last_day__gte=first_day).first()


def _check_deputy(deputy: User, person: User, first_day: date, last_day: date) -> None:
    if deputy.pk == person.pk:
        raise NoDeputy(_("The deputy must be somebody else."))
    if not deputy.is_active:
        raise NoDeputy(_("%(person)s may not sign in any more.") % {"person": deputy})
    away = _in_span(deputy, first_day, last_day)
    if away is not None:
        words = {"person": deputy, "first": _day(away.first_day), "last": _day(away.last_day)}
        raise NoDeputy(_("%(person)s is away too, from %(first)s to %(last)s.") % words)


def cancel_absence(absence: Absence, *, by: User, at: datetime) -> None:
    """The person is there after all. Refused: NotAllowed (not his own). Who is second cancels nothing."""
    if by.pk != absence.person_id or not by.has_perm(Permission.BE_ABSENT):
        raise NotAllowed
    with transaction.atomic():
        row = Absence.objects.select_for_update().filter(pk=absence.pk).first()
        if row is not None:
            _audit("absence.cancel", row, by=by, at=at)
            row.delete()


def _audit(verb: str, absence: Absence, *, by: User, at: datetime) -> None:
    details = {
        "first_day": absence.first_day.isoformat(),
        "last_day": absence.last_day.isoformat(),
        "deputy": str(absence.deputy or ""),
    }
    audit.record(verb, by=by, at=at, subject=absence, details=details)


def _day(day: date) -> str:
    return formats.date_format(day, "DATE_FORMAT")
