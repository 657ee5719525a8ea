"""What did not fit: the list, one discrepancy, settling it."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from config.shared import audit
from config.shared.access import get_visible, requires
from config.shared.history import EVENTS_SHOWN, told
from config.shared.paging import paged
from config.shared.submissions import submit
from spareparts.domain.shipments import settle_discrepancy
from spareparts.enums import DiscrepancyStatus, Permission
from spareparts.forms.shipment_list import DiscrepancyFilter, DiscrepancyTable, discrepancy_state, kind_context
from spareparts.forms.shipments import SettleForm
from spareparts.models import Discrepancy
from spareparts.queries import shipments as queries

LOOKS = {"open": ("alert", "warn"), "settle": ("check-fill", "good")}


@requires(Permission.VIEW_DISCREPANCIES)
@require_safe
def discrepancies(request: HttpRequest) -> HttpResponse:
    rows = queries.discrepancies(request.user).order_by("-pk")
    narrowed = DiscrepancyFilter(request.GET, queryset=rows, request=request)
    context = {"filter": narrowed, "table": paged(request, DiscrepancyTable(narrowed.qs))}
    return render(request, "spareparts/shipments/discrepancies.html", context)


def _visible(request: HttpRequest, pk: int) -> Discrepancy:
    return get_visible(queries.discrepancies(request.user), pk=pk)


@requires(Permission.VIEW_DISCREPANCIES)
@require_safe
def discrepancy(request: HttpRequest, pk: int) -> HttpResponse:
    document = _visible(request, pk)
    context = {
        "discrepancy": document,
        "kind": kind_context(document),
        "state": discrepancy_state(document),
        "is_open": document.status == DiscrepancyStatus.OPEN,
        "may_settle": request.user.has_perm(Permission.SETTLE_DISCREPANCY),
        "history": [told(event, LOOKS) for event in audit.events_of(document)[:EVENTS_SHOWN]],
    }
    return render(request, "spareparts/shipments/discrepancy.html", context)


@requires(Permission.SETTLE_DISCREPANCY)
@require_http_methods(["GET", "HEAD", "POST"])
def discrepancy_settle(request: HttpRequest, pk: int) -> HttpResponse:
    document = _visible(request, pk)
    form = SettleForm(request.POST if request.method == "POST" else None, discrepancy=document)
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            facts = {"by": request.user, "at": timezone.now(), "key": key, "policy": request.policy}
            settle_discrepancy(document, **facts, **form.cleaned_data)
            return document.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
        document = _visible(request, pk)
    is_open = document.status == DiscrepancyStatus.OPEN
    context = {"discrepancy": document, "kind": kind_context(document), "form": form, "is_open": is_open}
    return render(request, "spareparts/shipments/settle.html", context)
