"""Switching the plugin and its mode: a switch moves nothing, is logged, and cannot be overtaken by a posting."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from inventory.enums import INSIDE_KINDS, LocationKind
from spareparts import queries
from spareparts.enums import FEATURE_WORDS, Feature, Mode, Permission
from spareparts.models import SparepartsSettings
from spareparts.policies import ModePolicy, policy_for
from workorders.models import User


class ModeChanged(DomainError):
    """The settings changed between reading the policy and posting under it."""

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("The settings of spare parts management have just changed. Look again before you go on.")
        )


class ModeNotReady(DomainError):
    """The mode comes with a later release."""


class ChangeBlocked(DomainError):
    """Something stands in the way of the change; every obstacle is a message."""


@dataclass(frozen=True)
class Fact:
    """A number of the company that the change concerns."""

    label: str | Promise
    value: str


@dataclass(frozen=True)
class ChangePreview:
    """What a change would do, computed from live data."""

    before: ModePolicy
    after: ModePolicy
    turns_on: list[str | Promise]
    turns_off: list[str | Promise]
    facts: list[Fact]
    blockers: list[str]

    @property
    def changes_nothing(self) -> bool:
        return self.before.mode == self.after.mode


@contextmanager
def policy_lock(expected_version: int) -> Iterator[None]:
    """Hold off any switch until the transaction ends. Refused: ModeChanged when one came first.

    Many postings share the lock; only a switch waits for them. SQLite writes one at a time, so it needs no words.
    """
    with transaction.atomic(savepoint=False):
        if locked_version() != expected_version:
            raise ModeChanged
        yield


def locked_version() -> int:
    """The version of the settings, locked in share mode until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT version FROM {SparepartsSettings._meta.db_table} WHERE id = 1{for_share()}")  # noqa: S608
        row = cursor.fetchone()
    return int(row[0]) if row else -1


def for_share(*tables: str) -> str:
    """The clause that shares a row lock: PostgreSQL has it, SQLite's IMMEDIATE transactions need none."""
    if connection.vendor != "postgresql":
        return ""
    return " FOR SHARE" + (f" OF {', '.join(tables)}" if tables else "")


def preview_change(*, mode: str, is_enabled: bool) -> ChangePreview:
    """What would turn on and off, the numbers concerned, and what blocks it. Changes nothing."""
    row = queries.current_settings()
    before = queries.policy_of_settings(row)
    after = policy_for(mode, is_enabled=is_enabled)
    return ChangePreview(
        before=before,
        after=after,
        turns_on=_words(after.features - before.features),
        turns_off=_words(before.features - after.features),
        facts=[Fact(label, value) for label, value in queries.facts_of_change()],
        blockers=_blockers_of(row, mode=mode, is_enabled=is_enabled),
    )


def _words(features: frozenset[Feature]) -> list[str | Promise]:
    return [words for feature, words in FEATURE_WORDS.items() if feature in features]


def _blockers_of(row: SparepartsSettings, *, mode: str, is_enabled: bool) -> list[str]:
    """A change of the mode is judged as if the plugin were on: off is no way round what stands against it."""
    if mode != row.mode:
        return _blockers(policy_for(row.mode, is_enabled=True), policy_for(mode, is_enabled=True))
    return _blockers(policy_for(row.mode, is_enabled=row.is_enabled), policy_for(mode, is_enabled=is_enabled))


def _blockers(before: ModePolicy, after: ModePolicy) -> list[str]:
    """Turning off is blocked by nothing; a mode must be ready, and places that vanish must be empty."""
    if after.mode is None:
        return []
    if not after.is_ready:
        return [_("%(mode)s comes in a later release and cannot be chosen yet.") % {"mode": Mode(after.mode).label}]
    vanishing = (before.places - after.places) & INSIDE_KINDS
    return [
        _("%(quantity)s entries still lie in “%(place)s”. Bring them back first.")
        % {"quantity": count, "place": LocationKind(kind).label}
        for kind, count in queries.stock_entries_by_kind(vanishing)
    ]


def change_mode(*, mode: Mode, by: User, at: datetime, expected_version: int) -> SparepartsSettings:
    """Make ``mode`` the mode of the company. Moves no stock.

    Refused: NotAllowed, ModeNotReady, ChangeBlocked, ModeChanged (somebody else changed the settings meanwhile).
    """
    return _change("settings.mode_changed", by=by, at=at, expected_version=expected_version, mode=mode)


def set_enabled(*, is_enabled: bool, by: User, at: datetime, expected_version: int) -> SparepartsSettings:
    """Turn the plugin on or off. Moves no stock; off is blocked by nothing. Refused: NotAllowed, ModeChanged."""
    verb = "settings.turned_on" if is_enabled else "settings.turned_off"
    return _change(verb, by=by, at=at, expected_version=expected_version, is_enabled=is_enabled)


def set_undo_minutes(*, minutes: int, by: User, at: datetime, expected_version: int) -> SparepartsSettings:
    """How long an engineer may undo his own records. Refused: NotAllowed, ModeChanged."""
    verb = "settings.undo_minutes_changed"
    return _change(verb, by=by, at=at, expected_version=expected_version, undo_minutes=minutes)


def _change(
    verb: str, *, by: User, at: datetime, expected_version: int, **fields: str | bool | int
) -> SparepartsSettings:
    if not by.has_perm(Permission.CHANGE_SETTINGS):
        raise NotAllowed
    with transaction.atomic(savepoint=False):
        row = SparepartsSettings.objects.select_for_update().get(pk=1)
        if row.version != expected_version:
            raise ModeChanged
        before = {name: getattr(row, name) for name in fields}
        _refuse_blocked(row, fields)
        for name, value in fields.items():
            setattr(row, name, value)
        row.version += 1
        row.save(update_fields=[*fields, "version"])  # under the row lock; save writes the history row
        audit.record(verb, by=by, at=at, subject=row, details={"before": before, "after": fields})
        return row


def _refuse_blocked(row: SparepartsSettings, fields: dict[str, str | bool | int]) -> None:
    mode = str(fields.get("mode", row.mode))
    blockers = _blockers_of(row, mode=mode, is_enabled=bool(fields.get("is_enabled", row.is_enabled)))
    if blockers:
        raise (ChangeBlocked if policy_for(mode, is_enabled=True).is_ready else ModeNotReady)(messages=blockers)
