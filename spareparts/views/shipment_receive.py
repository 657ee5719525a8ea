"""Receiving a shipment: one tap when all of it arrived, else line by line."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config.shared.access import requires
from config.shared.submissions import submit
from spareparts.domain.shipments import receive_shipment
from spareparts.enums import ON_THE_WAY, Permission
from spareparts.forms.shipment_list import addressee, state_context
from spareparts.forms.shipments import ReceiveForm
from spareparts.models import Discrepancy, Shipment
from spareparts.queries.shipments import expected, lines_of_shipment, may_receive
from spareparts.views.shipments import visible


@requires(Permission.RECEIVE)
@require_http_methods(["GET", "HEAD", "POST"])
def shipment_receive(request: HttpRequest, pk: int) -> HttpResponse:
    document = visible(request, pk)
    lines = list(lines_of_shipment(document))
    form = ReceiveForm(request.POST if request.method == "POST" else None, shipment=document, lines=lines)
    if request.method == "POST" and form.is_valid():
        done = submit(request, form, lambda key: _receive(request, document, form, key))
        if done is not None:
            return done
        document = visible(request, pk)
        lines = list(lines_of_shipment(document))
    return _show(request, document, form, lines)


def _receive(request: HttpRequest, document: Shipment, form: ReceiveForm, key: uuid.UUID) -> str:
    """The version is the one the page was made with: what somebody else received meanwhile is not received again."""
    document.version = form.cleaned_data["version"]
    facts = {"by": request.user, "at": timezone.now(), "key": key, "policy": request.policy}
    receipt = receive_shipment(document, lines=form.arrived, **facts)
    found = Discrepancy.objects.filter(shipment_line__shipment=document, created_at=receipt.created_at)
    names = [str(each) for each in found.order_by("pk")]
    if names:
        sentence = _("%(receipt)s is recorded. The warehouse was told what did not fit: %(discrepancies)s.")
        messages.warning(request, sentence % {"receipt": receipt, "discrepancies": ", ".join(names)})
    else:
        messages.success(request, _("%(receipt)s is recorded.") % {"receipt": receipt})
    return document.get_absolute_url()


def _show(request: HttpRequest, document: Shipment, form: ReceiveForm, lines: list[object]) -> HttpResponse:
    """Sent with something wrong, the form shows what was typed; its version is the present one from then on."""
    if form.is_bound:
        form.data = {**form.data.dict(), "version": str(document.version)}
    left = [line for line in lines if expected(line)]
    context = {
        "shipment": document,
        "addressee": addressee(document),
        "state": state_context(document),
        "form": form,
        "rows": form.rows(),
        "may_receive": bool(left) and document.status in ON_THE_WAY and may_receive(document, request.user),
        "is_over": not left or document.status not in ON_THE_WAY,
    }
    return render(request, "spareparts/shipments/receive.html", context)
