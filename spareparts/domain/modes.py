"""Switching the plugin and its mode: a switch moves nothing, is logged, and cannot be overtaken by a posting."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import F
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
from spareparts.queries import modes as mode_queries
from workorders.models import User

# What change_terms may change: everything of the settings that is not the mode.
TERMS = frozenset(
    field.name
    for field in SparepartsSettings._meta.concrete_fields
    if field.name not in {"id", "is_enabled", "mode", "version"}
)


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
class Blocker:
    """One thing that stands against a change, in words, and the page where it can be ended."""

    words: str
    url_name: str = ""

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class ChangePreview:
    """What a change would do, computed from live data."""

    before: ModePolicy
    after: ModePolicy
    turns_on: list[str | Promise]
    turns_off: list[str | Promise]
    facts: list[Fact]
    blockers: list[Blocker]
    notes: list[str]

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
        notes=_notes(policy_for(row.mode, is_enabled=True), after),
    )


def _words(features: frozenset[Feature]) -> list[str | Promise]:
    return [words for feature, words in FEATURE_WORDS.items() if feature in features]


# ---------------------------------------------------------------- what stands against it, and what to know
def _blockers_of(row: SparepartsSettings, *, mode: str, is_enabled: bool) -> list[Blocker]:
    """A change of the mode is judged as if the plugin were on: off is no way round what stands against it."""
    if mode != row.mode:
        return _blockers(policy_for(row.mode, is_enabled=True), policy_for(mode, is_enabled=True))
    return _blockers(policy_for(row.mode, is_enabled=row.is_enabled), policy_for(mode, is_enabled=is_enabled))


def _blockers(before: ModePolicy, after: ModePolicy) -> list[Blocker]:
    """Turning off is blocked by nothing; turning on again to the same mode neither.

    A mode must be ready, documents of a vanishing kind closed, places that vanish empty, and a mode with warehouses
    needs a first one.
    """
    if after.mode is None or before.mode is None:
        return []
    if not after.is_ready:
        words = _("%(mode)s comes in a later release and cannot be chosen yet.") % {"mode": Mode(after.mode).label}
        return [Blocker(words)]
    return [*open_documents(before, after), *_stock_left(before, after), *_missing_warehouse(before, after)]


def open_documents(before: ModePolicy, after: ModePolicy) -> list[Blocker]:
    """Documents under way that could not end under ``after``."""
    vanishing = before.features - after.features
    kinds = [kind for kind in mode_queries.open_kinds() if kind.feature in vanishing]
    if Feature.WAREHOUSE_STOCK in vanishing and Feature.REQUISITION in after.features:
        kinds += mode_queries.warehouse_documents()
    if Feature.WAREHOUSE_STOCK in after.features - before.features:
        label, rows = gettext_lazy("Returns waiting for confirmation"), mode_queries.unconfirmed_returns()
        kinds.append(mode_queries.OpenKind(Feature.RETURN, label, rows, "spareparts:returns_desk"))
    found = [(kind, queries.counted(kind.rows)) for kind in kinds]
    return [
        Blocker(
            _("%(what)s: %(count)s. Finish or cancel them first.") % {"what": kind.label, "count": n}, kind.url_name
        )
        for kind, n in found
        if n != "0"
    ]


def _stock_left(before: ModePolicy, after: ModePolicy) -> list[Blocker]:
    vanishing = (before.places - after.places) & INSIDE_KINDS
    sentence = _("%(quantity)s entries still lie in “%(place)s”. Bring them back, or write them off.")
    return [
        Blocker(sentence % {"quantity": count, "place": LocationKind(kind).label}, "spareparts:settings_closing")
        for kind, count in queries.stock_entries_by_kind(vanishing)
    ]


def _missing_warehouse(before: ModePolicy, after: ModePolicy) -> list[Blocker]:
    if not after.has(Feature.WAREHOUSE_STOCK) or mode_queries.default_warehouse() is not None:
        return []
    return [Blocker(_("There is no warehouse yet. Open the first one."), "spareparts:settings_warehouse")]


def _notes(before: ModePolicy, after: ModePolicy) -> list[str]:
    """What happens besides, so that nobody is surprised."""
    notes = []
    if after.has(Feature.WAREHOUSE_STOCK) and not before.has(Feature.WAREHOUSE_STOCK):
        requests, returns = mode_queries.waiting_without_warehouse()
        count, warehouse = requests.count() + returns.count(), mode_queries.default_warehouse()
        if count and warehouse is not None:
            words = {"count": count, "warehouse": warehouse}
            notes.append(_("Open documents that get the warehouse %(warehouse)s: %(count)s") % words)
    if after.has(Feature.LOTS_ENFORCED) and not before.has(Feature.LOTS_ENFORCED):
        unidentified = queries.counted(mode_queries.unidentified())
        if unidentified != "0":
            words = {"count": unidentified}
            sentence = _("Held parts without batch or serial number: %(count)s. Each is asked for it at its next use.")
            notes.append(sentence % words)
    return notes


# ---------------------------------------------------------------- the change
def change_mode(*, mode: Mode, by: User, at: datetime, expected_version: int) -> SparepartsSettings:
    """Make ``mode`` the mode of the company. Moves no stock; open documents without a warehouse get the default one.

    Refused: NotAllowed, ModeNotReady, ChangeBlocked, ModeChanged (somebody else changed the settings meanwhile).
    """
    return _change("settings.mode_changed", by=by, at=at, expected_version=expected_version, mode=mode)


def set_enabled(*, is_enabled: bool, by: User, at: datetime, expected_version: int) -> SparepartsSettings:
    """Turn the plugin on or off. Moves no stock; off is blocked by nothing. Refused: NotAllowed, ModeChanged."""
    verb = "settings.turned_on" if is_enabled else "settings.turned_off"
    return _change(verb, by=by, at=at, expected_version=expected_version, is_enabled=is_enabled)


def change_terms(*, by: User, at: datetime, expected_version: int, **terms: Any) -> SparepartsSettings:
    """Change approvals, limits and windows: fields of the settings other than the mode. Refused: NotAllowed,
    ModeChanged.
    """
    unknown = terms.keys() - TERMS
    if unknown:
        raise ValueError(f"not a term: {sorted(unknown)}")
    return _change("settings.terms_changed", by=by, at=at, expected_version=expected_version, **terms)


def _change(verb: str, *, by: User, at: datetime, expected_version: int, **fields: Any) -> SparepartsSettings:
    if not by.has_perm(Permission.CHANGE_SETTINGS):
        raise NotAllowed
    with transaction.atomic(savepoint=False):
        row = SparepartsSettings.objects.select_for_update().get(pk=1)
        if row.version != expected_version:
            raise ModeChanged
        before = {name: getattr(row, name) for name in fields}
        _refuse_blocked(row, fields)
        _give_warehouses(row, fields)
        for name, value in fields.items():
            setattr(row, name, value)
        row.version += 1
        row.save(update_fields=[*fields, "version"])  # under the row lock; save writes the history row
        audit.record(verb, by=by, at=at, subject=row, details={"before": _plain(before), "after": _plain(fields)})
        return row


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """As JSON can hold it."""
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in fields.items()}


def _refuse_blocked(row: SparepartsSettings, fields: dict[str, Any]) -> None:
    if not fields.keys() & {"mode", "is_enabled"}:
        return
    mode = str(fields.get("mode", row.mode))
    blockers = _blockers_of(row, mode=mode, is_enabled=bool(fields.get("is_enabled", row.is_enabled)))
    if blockers:
        words = [str(each) for each in blockers]
        raise (ChangeBlocked if policy_for(mode, is_enabled=True).is_ready else ModeNotReady)(messages=words)


def _give_warehouses(row: SparepartsSettings, fields: dict[str, Any]) -> None:
    """Where warehouse stock begins, every open document gets the default warehouse."""
    before, after = (
        policy_for(row.mode, is_enabled=True),
        policy_for(str(fields.get("mode", row.mode)), is_enabled=True),
    )
    if not after.has(Feature.WAREHOUSE_STOCK) or before.has(Feature.WAREHOUSE_STOCK):
        return
    warehouse = mode_queries.default_warehouse()
    for rows in mode_queries.waiting_without_warehouse():
        rows.update(warehouse=warehouse, version=F("version") + 1)
