"""Nobody is deactivated while he holds parts or owes old ones (product.md 5)."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.shared.templatetags.shared import format_quantity
from inventory.models import Balance
from spareparts import queries
from spareparts.enums import OWED, Feature
from spareparts.models import OldPartDebt
from workorders.models import User
from workorders.signals import person_deactivating

MOST_NAMED = 5


def refuse_leaving(sender: object, person: User, **kwargs: Any) -> list[str]:
    """What ``person`` still holds and which old parts he owes; nothing in a mode that has neither."""
    policy = queries.current_policy()
    refusals: list[str] = []
    if policy.has(Feature.PERSONAL_INVENTORY) and (held := _held(person)):
        words = _("%(person)s still holds %(parts)s.") % {"person": person, "parts": held}
        url = reverse("spareparts:hand_over_everything_of", args=[person.pk])
        refusals.append(format_html('{} <a href="{}">{}</a>', words, url, _("Hand everything over to a colleague")))
    if policy.has(Feature.OLD_PART_DEBT) and (owed := _owed(person)):
        words = _("%(person)s still owes %(parts)s. Let them come back, or waive them.")
        refusals.append(words % {"person": person, "parts": owed})
    return refusals


def _held(person: User) -> str:
    rows = Balance.objects.filter(location__owner=person, on_hand__gt=0).order_by("part__number", "pk")
    found = rows.values_list("on_hand", "part__number", "part__unit__decimal_places", "part__unit__code")
    named = [f"{format_quantity(steps, places)} {unit} {number}" for steps, number, places, unit in found[:MOST_NAMED]]
    return _listed(named, rows.count())


def _owed(person: User) -> str:
    rows = OldPartDebt.objects.filter(engineer=person, status__in=OWED).order_by("pk")
    named = [f"{debt.reference} ({debt.part.number})" for debt in rows.select_related("part")[:MOST_NAMED]]
    return _listed(named, rows.count())


def _listed(named: list[str], total: int) -> str:
    more = total - len(named)
    if more <= 0:
        return ", ".join(named)
    rest = ngettext("%(more)s more", "%(more)s more", more) % {"more": more}
    return ", ".join([*named, rest])


def connect() -> None:
    person_deactivating.connect(refuse_leaving, dispatch_uid="spareparts_refuse_leaving")
