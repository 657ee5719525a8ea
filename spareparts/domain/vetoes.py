"""The objections of spare parts management to the end of a job: what is open for it, and where to answer."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from config.shared.templatetags.shared import format_quantity
from spareparts import queries
from spareparts.enums import DebtStatus, Feature, Permission
from spareparts.models import OldPartDebt
from spareparts.queries.open_parts import open_for_job
from workorders.models import User, WorkOrder
from workorders.signals import work_order_cancelling, work_order_completing, work_order_reassigning

MOST_NAMED = 5


def connect() -> None:
    """Ask us before a job ends or changes hands."""
    work_order_completing.connect(_completing, dispatch_uid="spareparts_completing")
    work_order_cancelling.connect(_cancelling, dispatch_uid="spareparts_cancelling")
    work_order_reassigning.connect(_reassigning, dispatch_uid="spareparts_reassigning")


def _completing(*, work_order: WorkOrder, by: User, **facts: Any) -> list[str]:
    return refusals(work_order, by=by, then="complete")


def _cancelling(*, work_order: WorkOrder, by: User, **facts: Any) -> list[str]:
    return refusals(work_order, by=by)


def _reassigning(*, work_order: WorkOrder, by: User, leaving: Iterable[User], **facts: Any) -> list[str]:
    return refusals(work_order, by=by, only={person.pk for person in leaving})


def refusals(work_order: WorkOrder, *, by: User, then: str = "", only: set[int] | None = None) -> list[str]:
    """One sentence per engineer (of ``only`` these) with what is open, and the way to answer for who may.

    With the plugin off, or where nobody holds parts, nothing is refused.
    """
    if not queries.current_policy().has(Feature.PERSONAL_INVENTORY):
        return []
    open_things: dict[User, list[str]] = defaultdict(list)
    for row in open_for_job(work_order):
        quantity = format_quantity(row.quantity, row.part.unit.decimal_places)
        open_things[row.engineer].append(f"{quantity} {row.part.unit.code} {row.part.number}")
    for debt in unanswered_debts(work_order):
        open_things[debt.engineer].append(_("old part %(part)s") % {"part": debt.part.number})
    people = [person for person in open_things if only is None or person.pk in only]
    return [_refusal(work_order, person, open_things[person], by=by, then=then) for person in people]


def unanswered_debts(work_order: WorkOrder, *, engineer: User | None = None) -> list[OldPartDebt]:
    """Old parts of the job that are still in the machine and that nobody asked to be let off from."""
    rows = OldPartDebt.objects.filter(line__consumption__work_order=work_order, status=DebtStatus.DUE, asked_answer="")
    if engineer is not None:
        rows = rows.filter(engineer=engineer)
    return list(rows.select_related("part__unit", "engineer").order_by("pk"))


def _refusal(work_order: WorkOrder, person: User, things: list[str], *, by: User, then: str) -> str:
    named = ", ".join(things[:MOST_NAMED])
    if len(things) > MOST_NAMED:
        named = _("%(parts)s and %(count)s more") % {"parts": named, "count": len(things) - MOST_NAMED}
    words = {"person": person, "work_order": work_order, "parts": named}
    sentence = _("%(person)s still has parts for %(work_order)s: %(parts)s.") % words
    is_own = person.pk == by.pk
    if not (is_own or by.has_perm(Permission.RECORD_USE_FOR_OTHERS)):
        return sentence
    url = reverse("spareparts:closing", args=[work_order.pk]) + f"?engineer={person.pk}"
    if then and is_own:
        url += f"&then={then}"
    return format_html('{} <a href="{}">{}</a>', sentence, url, _("Say what becomes of them"))
