"""One record of parts used: what it says, and taking it back."""

import math
import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from config.shared.access import get_visible, requires
from config.shared.errors import DomainError
from config.shared.submissions import submit
from inventory.enums import Permission as I
from spareparts.domain import undo
from spareparts.enums import CONSUMPTION_TRANSITIONS, DebtStatus, OldPartAnswer, Permission
from spareparts.forms.undo import ReasonForm, UndoForm
from spareparts.models import Consumption, ConsumptionLine, OldPartDebt
from spareparts.queries.use import lines_of


@requires(Permission.VIEW_CONSUMPTION)
@require_safe
def consumption(request: HttpRequest, pk: int) -> HttpResponse:
    document, now = _visible(request, pk), timezone.now()
    lines = list(lines_of(document))
    sees_cost = request.user.has_perm(I.SEE_COST)
    context = {
        "consumption": document,
        "work_order": document.work_order,
        "lines": lines,
        "sees_cost": sees_cost,
        "total": sum(line.cost for line in lines) if sees_cost else None,
        "next": _what_next(document, lines),
        "undo": _undo_words(request, document, now),
        "may_record": request.user.has_perm(Permission.RECORD_USE) and document.work_order.is_open,
    }
    return render(request, "spareparts/consumption.html", context)


def _visible(request: HttpRequest, pk: int) -> Consumption:
    related = ("work_order__site__customer", "work_order__equipment", "engineer", "recorded_by", "undone_by", "posting")
    return get_visible(Consumption.objects.visible_to(request.user).select_related(*related), pk=pk)


def _what_next(document: Consumption, lines: list[ConsumptionLine]) -> list[str]:
    """What follows from the record, for the person who made it."""
    if not document.is_recorded:
        return []
    owed = [line.debt for line in lines if hasattr(line, "debt")]
    sentences = _owed_words(owed)
    returning = sum(line.old_part_answer == OldPartAnswer.RETURNING for line in lines)
    if returning and not owed:
        words = ngettext("Bring the old part back.", "Bring the %(count)s old parts back.", returning)
        sentences.append(words % {"count": returning})
    if document.work_order.equipment is not None and any(_moved_the_list(line) for line in lines):
        words = _("The parts list of %(equipment)s is up to date.")
        sentences.append(words % {"equipment": document.work_order.equipment.name})
    return sentences


def _owed_words(owed: list[OldPartDebt]) -> list[str]:
    """What is still to do about old parts, each with its day."""
    sentences = []
    for debt in owed:
        words = {"part": debt.part.number, "day": formats.date_format(debt.due_on, "DATE_FORMAT")}
        if debt.status == DebtStatus.HELD:
            sentences.append(_("Bring the old part %(part)s back by %(day)s.") % words)
        elif debt.status == DebtStatus.DUE and debt.asked_answer:
            sentences.append(_("That the old part %(part)s does not come back waits for an answer.") % words)
        elif debt.status == DebtStatus.DUE:
            sentences.append(_("Take the old part %(part)s out and bring it back by %(day)s.") % words)
    return sentences


def _moved_the_list(line: ConsumptionLine) -> bool:
    return line.part.is_noted_in_machine or line.taken_from_id is not None


def _undo_words(request: HttpRequest, document: Consumption, now: datetime) -> dict[str, Any] | None:
    """How the person may take the record back now: at once, later with a reason, or not at all."""
    if not document.is_recorded:
        return None
    try:
        row = undo.undo_row(document, by=request.user, at=now, policy=request.policy)
    except DomainError:
        return None
    is_over = not document.work_order.is_open  # an undo is refused; the page behind the link says so, and corrects
    if row.needs_reason or (is_over and request.user.has_perm(Permission.UNDO_ANY_CONSUMPTION)):
        return {"is_at_once": False, "label": CONSUMPTION_TRANSITIONS["undo_later"].label}
    if is_over:
        return None
    minutes = math.ceil((undo.undo_until(document, request.policy) - now).total_seconds() / 60)
    words = ngettext(
        "You can undo this for %(minutes)s more minute.", "You can undo this for %(minutes)s more minutes.", minutes
    )
    return {"is_at_once": True, "text": words % {"minutes": minutes}}


@requires(Permission.UNDO_OWN_CONSUMPTION)
@require_http_methods(["GET", "HEAD", "POST"])
def consumption_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason where one is needed (GET), and undoes (POST)."""
    document, now = _visible(request, pk), timezone.now()
    form = _undo_form(request, document, now)
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            reason = form.cleaned_data.get("reason", "")
            facts = {"by": request.user, "at": now, "key": key, "policy": request.policy}
            undo.undo_consumption(document, reason=reason, **facts)
            return document.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
        document.refresh_from_db()
    return _show_undo(request, document, form)


def _undo_form(request: HttpRequest, document: Consumption, now: datetime) -> forms.Form:
    """Who may not undo gets the form without a reason; the domain then refuses in words."""
    data = request.POST if request.method == "POST" else None
    try:
        needs_reason = undo.undo_row(document, by=request.user, at=now, policy=request.policy).needs_reason
    except DomainError:
        needs_reason = False
    return ReasonForm(data) if needs_reason else UndoForm(data)


def _show_undo(request: HttpRequest, document: Consumption, form: forms.Form) -> HttpResponse:
    obstacles = undo.obstacles(document, policy=request.policy) if document.is_recorded else []
    may_correct = request.user.has_perm(CONSUMPTION_TRANSITIONS["correct"].permission)
    context = {
        "consumption": document,
        "form": form,
        "obstacles": obstacles,
        "correction": ReasonForm(initial=form.data) if obstacles and may_correct else None,
    }
    return render(request, "spareparts/consumption_undo.html", context)


@requires(Permission.UNDO_ANY_CONSUMPTION)
@require_http_methods(["GET", "HEAD", "POST"])
def consumption_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """The correcting entry where an undo is refused."""
    document = _visible(request, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            facts = {"by": request.user, "at": timezone.now(), "key": key, "policy": request.policy}
            undo.correct_consumption(document, reason=form.cleaned_data["reason"], **facts)
            return document.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
        document.refresh_from_db()
    context = {"consumption": document, "form": form}
    return render(request, "spareparts/consumption_correct.html", context)
