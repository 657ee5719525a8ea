"""What is done to a shipment beside receiving it, as small pages: what will happen, what must be typed, one button."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from config.shared.access import requires
from config.shared.submissions import submit
from spareparts.domain.shipments import approve_shipment, cancel_shipment, track_shipment
from spareparts.enums import SHIPMENT_TRANSITIONS, Permission
from spareparts.forms.shipments import TrackForm
from spareparts.forms.undo import ReasonForm, UndoForm
from spareparts.models import Shipment
from spareparts.queries.shipments import lines_of_shipment
from spareparts.views.shipments import visible


@dataclass(frozen=True)
class VerbPage:
    verb: str
    act: Callable[..., None]
    form: type[forms.Form]
    title: str | Promise
    consequence: str | Promise
    has_posting: bool = False


APPROVE = VerbPage(
    "approve",
    approve_shipment,
    UndoForm,
    _("Approve %(reference)s"),
    _("The parts leave the warehouse now and are on the way."),
    has_posting=True,
)
CANCEL = VerbPage(
    "cancel",
    cancel_shipment,
    ReasonForm,
    _("Cancel %(reference)s"),
    _("Nothing is sent. The parts stay reserved for their requests and can be shipped again."),
)
TRACK = VerbPage(
    "track", track_shipment, TrackForm, _("Tracking of %(reference)s"), _("Whoever waits for the parcel sees it.")
)
REQUEST_METHODS = ["GET", "HEAD", "POST"]


@requires(Permission.APPROVE_SHIPMENT)
@require_http_methods(REQUEST_METHODS)
def shipment_approve(request: HttpRequest, pk: int) -> HttpResponse:
    return _verb(request, visible(request, pk), APPROVE)


@requires(Permission.SHIP)
@require_http_methods(REQUEST_METHODS)
def shipment_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _verb(request, visible(request, pk), CANCEL)


@requires(Permission.SHIP)
@require_http_methods(REQUEST_METHODS)
def shipment_track(request: HttpRequest, pk: int) -> HttpResponse:
    return _verb(request, visible(request, pk), TRACK)


def _verb(request: HttpRequest, document: Shipment, page: VerbPage) -> HttpResponse:
    form = page.form(request.POST) if request.method == "POST" else page.form(initial=_initial(document))
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            facts: dict[str, Any] = {"by": request.user, "at": timezone.now(), "policy": request.policy}
            if page.has_posting:
                facts["key"] = key
            page.act(document, **facts, **form.cleaned_data)
            return document.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
        document.refresh_from_db()
    return _show(request, document, page, form)


def _show(request: HttpRequest, document: Shipment, page: VerbPage, form: forms.Form) -> HttpResponse:
    row = SHIPMENT_TRANSITIONS[page.verb]
    context = {
        "shipment": document,
        "form": form,
        "title": page.title % {"reference": document.reference},
        "consequence": page.consequence,
        "label": row.label,
        "tone": row.tone,
        "is_possible": document.status in row.sources,
        "lines": list(lines_of_shipment(document)) if page.has_posting else [],
    }
    return render(request, "spareparts/shipments/verb.html", context)


def _initial(document: Shipment) -> dict[str, str]:
    return {"carrier": document.carrier, "tracking_number": document.tracking_number}
