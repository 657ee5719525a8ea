"""Reads of spare parts management."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.enums import LocationKind
from inventory.models import Balance
from spareparts.models import Consumption, SparepartsSettings
from spareparts.policies import ModePolicy, policy_for
from workorders.models import WorkOrder

MOST_COUNTED = 10_000


def current_settings() -> SparepartsSettings:
    """The one settings row; before it is first saved, the defaults."""
    return SparepartsSettings.objects.filter(pk=1).first() or SparepartsSettings(pk=1)


def current_policy() -> ModePolicy:
    return policy_of_settings(current_settings())


def policy_of_settings(row: SparepartsSettings) -> ModePolicy:
    return policy_for(row.mode, is_enabled=row.is_enabled, version=row.version, undo_minutes=row.undo_minutes)


def counted(rows: QuerySet[Any, Any]) -> str:
    """How many, without counting a million: "10000+" beyond the bound."""
    found = rows.order_by()[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}+" if found > MOST_COUNTED else str(found)


def facts_of_change() -> list[tuple[str | Promise, str]]:
    """The numbers a change of mode concerns; every one is bounded."""
    in_engineers_hands = Balance.objects.filter(location__kind=LocationKind.ENGINEER, on_hand__gt=0)
    return [
        (_("Open work orders"), counted(WorkOrder.objects.open())),
        (_("Records of parts used"), counted(Consumption.objects.all())),
        (_("Entries in personal inventories"), counted(in_engineers_hands)),
    ]


def stock_entries_by_kind(kinds: Iterable[str]) -> list[tuple[str, int]]:
    """How many balance rows hold stock, per kind of place, for the kinds that hold any."""
    rows = Balance.objects.filter(location__kind__in=list(kinds), on_hand__gt=0)
    return [
        (row["location__kind"], row["entries"])
        for row in rows.values("location__kind").annotate(entries=Count("id")).order_by("location__kind")
    ]
