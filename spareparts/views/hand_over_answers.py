"""The answers to a hand-over: take, offer, decline, withdraw, put away, undo."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from config.shared.access import get_visible, requires
from config.shared.errors import DomainError, NotAllowed
from config.shared.submissions import submit
from spareparts.domain import hand_overs as domain
from spareparts.enums import Permission
from spareparts.forms.personal import OptionalReasonForm
from spareparts.forms.undo import ReasonForm, UndoForm
from spareparts.models import HandOver
from spareparts.views.hand_over_page import page_of_hand_over, steps_form

Act = Callable[[HandOver, dict[str, Any]], None]


@require_POST
@requires(Permission.HAND_OVER)
def hand_over_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what is offered, or less of it."""
    document = _visible(request, pk)
    form = steps_form(document, domain.lines_of(document), request.POST)
    return _answered(
        request,
        document,
        form,
        lambda key, facts: domain.accept_hand_over(document, key=key, quantities=form.steps, **facts),
    )


@require_POST
@requires(Permission.HAND_OVER)
def hand_over_offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer what a colleague asked for, or less of it."""
    document = _visible(request, pk)
    form = steps_form(document, domain.lines_of(document), request.POST)
    return _answered(
        request, document, form, lambda key, facts: domain.offer_asked(document, quantities=form.steps, **facts)
    )


@require_POST
@requires(Permission.HAND_OVER)
def hand_over_decline(request: HttpRequest, pk: int) -> HttpResponse:
    document, form = _visible(request, pk), OptionalReasonForm(request.POST)
    return _answered(
        request,
        document,
        form,
        lambda key, facts: domain.decline_hand_over(document, reason=form.cleaned_data["reason"], **facts),
    )


@require_POST
@requires(Permission.HAND_OVER)
def hand_over_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    document = _visible(request, pk)
    form = forms.Form(request.POST)
    return _answered(request, document, form, lambda key, facts: domain.withdraw_hand_over(document, **facts))


@require_POST
@requires(Permission.HAND_OVER)
def hand_over_lapse(request: HttpRequest, pk: int) -> HttpResponse:
    """Put away what nobody answered in time."""
    document = _visible(request, pk)
    form = forms.Form(request.POST)
    return _answered(request, document, form, lambda key, facts: domain.lapse_hand_over(document, **facts))


def _visible(request: HttpRequest, pk: int) -> HandOver:
    documents = HandOver.objects.visible_to(request.user).select_related("sender", "receiver", "created_by")
    return get_visible(documents, pk=pk)


def _answered(
    request: HttpRequest, document: HandOver, form: forms.Form, act: Callable[[uuid.UUID, dict[str, Any]], None]
) -> HttpResponse:
    """Do it and show the hand-over; refused, it is shown with the reason and what was typed."""
    if form.is_valid():

        def once(key: uuid.UUID) -> str:
            act(key, {"by": request.user, "at": timezone.now(), "policy": request.policy})
            return document.get_absolute_url()

        done = submit(request, form, once)
        if done is not None:
            return done
        document.refresh_from_db()
    return page_of_hand_over(request, document, form=form)


@requires(Permission.FIND_HOLDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason where one is needed (GET), and undoes (POST)."""
    document, now = _visible(request, pk), timezone.now()
    form = undo_form(request, lambda: domain.undo_row(document, by=request.user, at=now, policy=request.policy))
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            facts = {"by": request.user, "at": now, "key": key, "policy": request.policy}
            domain.undo_hand_over(document, reason=form.cleaned_data.get("reason", ""), **facts)
            return document.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
    text = _("The parts go back to %(person)s, as old as they were.") % {"person": document.sender}
    return render(request, "spareparts/personal/undo.html", {"document": document, "form": form, "text": text})


def undo_form(request: HttpRequest, row: Callable[[], Any]) -> forms.Form:
    """The form of the row by which the person may undo; who never may gets a 403, who is too late the refusal."""
    data = request.POST if request.method == "POST" else None
    try:
        return ReasonForm(data) if row().needs_reason else UndoForm(data)
    except NotAllowed as error:
        raise PermissionDenied from error
    except DomainError:
        return UndoForm(data)
