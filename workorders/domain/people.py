"""People come by invitation, change their hats, and leave. Each step leaves exactly one audit row."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from config.shared.transitions import ReasonMissing
from workorders.enums import Permission, Role
from workorders.models import Team, User
from workorders.signals import person_deactivating

OWN_FIELDS = frozenset({"name", "phone", "language", "time_zone", "theme"})
MANAGED_FIELDS = OWN_FIELDS | {"email", "team"}


class RolesMissing(DomainError):
    """A person without a role could sign in and open nothing."""

    def __init__(self) -> None:
        super().__init__(_("Choose at least one role."))


class EmailTaken(DomainError):
    field = "email"

    def __init__(self) -> None:
        super().__init__(_("Somebody already uses this e-mail address."))


class LastAdministrator(DomainError):
    def __init__(self, person: User) -> None:
        message = _("%(person)s is the last administrator who may sign in. Make somebody else administrator first.")
        super().__init__(message % {"person": person.name})


class CannotDeactivateYourself(DomainError):
    def __init__(self) -> None:
        super().__init__(_("You cannot deactivate yourself. Ask another administrator."))


class NotYetSettled(DomainError):
    """Something the person still holds or owes must be settled first; ``messages`` has all of it."""


def invite_person(
    *,
    name: str,
    email: str,
    roles: Iterable[Role],
    by: User,
    at: datetime,
    team: Team | None = None,
    phone: str = "",
    language: str = "",
    time_zone: str = "",
) -> User:
    """Add a person who cannot sign in until he sets a password; the caller sends the link once this is committed.

    Refused: NotAllowed, RolesMissing, EmailTaken.
    """
    _require_manager(by)
    chosen = _chosen(roles)
    person = User(
        name=name.strip(), email=email.strip().lower(), team=team, phone=phone, language=language,
        time_zone=time_zone, date_joined=at, **_flags(chosen),
    )  # fmt: skip
    person.set_unusable_password()
    with transaction.atomic():
        _save_new(person)
        audit.record("person.invited", by=by, at=at, subject=person, details={"roles": sorted(chosen)})
    return person


def change_person(person: User, *, by: User, at: datetime, **changes: Any) -> frozenset[str]:
    """Change fields of a person and return the names of those that differ; no difference writes nothing.

    Everybody may change his own OWN_FIELDS; an administrator the MANAGED_FIELDS of all.
    Refused: NotAllowed, EmailTaken.
    """
    if not (by.pk == person.pk and OWN_FIELDS.issuperset(changes)):
        _require_manager(by)
    unknown = changes.keys() - MANAGED_FIELDS
    if unknown:
        raise ValueError(f"Not a field that changes this way: {sorted(unknown)}")
    if "email" in changes:
        changes["email"] = changes["email"].strip().lower()
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=person.pk)
        details = {
            name: {"from": _plain(getattr(row, name)), "to": _plain(value)}
            for name, value in changes.items()
            if getattr(row, name) != value
        }
        if details:
            _write(row, {name: changes[name] for name in details})
            audit.record("person.changed", by=by, at=at, subject=row, details=details)
    _copy(row, person, changes)
    return frozenset(details)


def change_roles(person: User, *, roles: Iterable[Role], by: User, at: datetime) -> None:
    """Give a person exactly these roles; they hold from his next click. The same roles write nothing.

    Refused: NotAllowed, RolesMissing, LastAdministrator.
    """
    _require_manager(by)
    wanted = _chosen(roles)
    with transaction.atomic():
        row, administrators = _lock_with_administrators(person)
        before = roles_of(row)
        if wanted != before:
            if Role.ADMINISTRATOR not in wanted and administrators == {row.pk}:
                raise LastAdministrator(row)
            _write(row, _flags(wanted))
            details = {"added": sorted(wanted - before), "removed": sorted(before - wanted)}
            audit.record("person.roles_changed", by=by, at=at, subject=row, details=details)
    _copy(row, person, _flags(wanted))


def deactivate_person(person: User, *, by: User, at: datetime, reason: str) -> None:
    """End all sessions of a person and let him in no more; his records stay.

    Refused: NotAllowed, ReasonMissing, CannotDeactivateYourself, LastAdministrator, and NotYetSettled with every
    objection of those who listen to ``person_deactivating``. Who is not active already stays so, unwritten.
    """
    _require_manager(by)
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        row, administrators = _lock_with_administrators(person)
        if row.is_active:
            _check_may_leave(row, by=by, at=at, administrators=administrators)
            _write(row, {"is_active": False, "session_epoch": row.session_epoch + 1})
            audit.record("person.deactivated", by=by, at=at, subject=row, reason=reason.strip())
    _copy(row, person, ("is_active", "session_epoch"))


def reactivate_person(person: User, *, by: User, at: datetime, reason: str = "") -> None:
    """Let a person sign in again with the password and the roles he had; old sessions stay ended."""
    _require_manager(by)
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=person.pk)
        if not row.is_active:
            _write(row, {"is_active": True})
            audit.record("person.reactivated", by=by, at=at, subject=row, reason=reason.strip())
    _copy(row, person, ("is_active", "session_epoch"))


def end_sessions(person: User, *, by: User, at: datetime) -> None:
    """Sign a person out everywhere at the next click; everybody may do it for himself. Refused: NotAllowed."""
    if by.pk != person.pk:
        _require_manager(by)
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=person.pk)
        _write(row, {"session_epoch": row.session_epoch + 1})
        audit.record("person.sessions_ended", by=by, at=at, subject=row)
    _copy(row, person, ["session_epoch"])


def remove_second_factor(person: User, *, by: User, at: datetime) -> bool:
    """Take the second factor off an account whose owner lost phone and codes; whether there was one.

    Who asks must be known to the administrator: from then on the password alone opens the account. Refused: NotAllowed.
    """
    _require_manager(by)
    with transaction.atomic():
        removed, _kinds = Authenticator.objects.filter(user=person).delete()
        if removed:
            audit.record("person.second_factor_removed", by=by, at=at, subject=person)
    return bool(removed)


def roles_of(person: User) -> frozenset[Role]:
    """The roles stored for a person, also while he may not sign in."""
    return frozenset(role for role in Role if getattr(person, f"is_{role.value}"))


def _require_manager(by: User) -> None:
    if not by.has_perm(Permission.MANAGE_PEOPLE):
        raise NotAllowed


def _chosen(roles: Iterable[Role]) -> frozenset[Role]:
    chosen = frozenset(Role(role) for role in roles)
    if not chosen:
        raise RolesMissing
    return chosen


def _flags(roles: frozenset[Role]) -> dict[str, bool]:
    return {f"is_{role.value}": role in roles for role in Role}


def _lock_with_administrators(person: User) -> tuple[User, set[int]]:
    """The locked row of ``person`` and the keys of all active administrators.

    All of these rows are locked in one order, so two administrators who remove each other at once cannot both win.
    """
    active = User.objects.filter(is_administrator=True, is_active=True)
    rows = (active | User.objects.filter(pk=person.pk)).select_for_update().order_by("pk")
    locked = {row.pk: row for row in rows}
    administrators = {key for key, row in locked.items() if row.is_administrator and row.is_active}
    return locked[person.pk], administrators


def _check_may_leave(row: User, *, by: User, at: datetime, administrators: set[int]) -> None:
    if row.pk == by.pk:
        raise CannotDeactivateYourself
    if administrators == {row.pk}:
        raise LastAdministrator(row)
    answers = person_deactivating.send(sender=User, person=row, by=by, at=at)
    refusals = [refusal for _receiver, answer in answers for refusal in answer or ()]
    if refusals:
        raise NotYetSettled(messages=refusals)


def _save_new(person: User) -> None:
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise EmailTaken from error


def _write(row: User, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(update_fields=list(values))
    except IntegrityError as error:
        raise EmailTaken from error


def _copy(row: User, person: User, names: Iterable[str]) -> None:
    for name in names:
        setattr(person, name, getattr(row, name))


def _plain(value: Any) -> str:
    return "" if value is None else str(value)
