"""When what an engineer holds must be back: unused parts by their age, old parts by their debt (product.md 5)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from spareparts.models import SparepartsSettings
from spareparts.queries.holdings import Held, Holding, company_zone

SOON = timedelta(days=3)
"""This long before a part is due the engineer is told."""


@dataclass(frozen=True, slots=True)
class Badge:
    text: str
    tone: str
    icon: str = ""


def due_on(holding: Holding, layer: Held, settings: SparepartsSettings) -> date:
    """The last day on which this piece is in time."""
    days = settings.old_part_days if holding.is_old else settings.unused_days
    return layer.since.astimezone(company_zone()).date() + timedelta(days=days)


def first_due_on(holding: Holding, settings: SparepartsSettings) -> date | None:
    """When the oldest piece is due; None for what came a moment ago."""
    return due_on(holding, holding.layers[0], settings) if holding.layers else None


def due_quantity(holding: Holding, settings: SparepartsSettings, *, today: date) -> int:
    """How many smallest steps are late or due soon."""
    return sum(each.quantity for each in holding.layers if due_on(holding, each, settings) <= today + SOON)


def late_quantity(holding: Holding, settings: SparepartsSettings, *, today: date) -> int:
    """How many smallest steps should be back already."""
    return sum(each.quantity for each in holding.layers if due_on(holding, each, settings) < today)


def badge(due: date | None, days: int, *, today: date) -> Badge:
    """ "11 days late", "Due in 2 days" or, while there is time, "Held 3 days"."""
    if due is not None and due < today:
        late = (today - due).days
        return Badge(ngettext("%(days)d day late", "%(days)d days late", late) % {"days": late}, "bad")
    if due is not None and due <= today + SOON:
        return Badge(_soon((due - today).days), "warn", "clock")
    if days == 0:
        return Badge(_("Since today"), "neutral")
    return Badge(ngettext("Held %(days)d day", "Held %(days)d days", days) % {"days": days}, "neutral")


def days_held(days: int) -> str:
    """An age as a column of its own tells it."""
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days} if days else _("Since today")


def _soon(left: int) -> str:
    if left == 0:
        return _("Due today")
    return ngettext("Due in %(days)d day", "Due in %(days)d days", left) % {"days": left}
