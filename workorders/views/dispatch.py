"""Dispatch: jobs nobody has yet on one side, the engineers' day on the other, assigned and planned in one form."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.shared.access import requires
from workorders import queries
from workorders.domain import work_orders as domain
from workorders.enums import Permission
from workorders.forms import AssignForm, DispatchForm
from workorders.models import User, WorkOrder
from workorders.views.acting import person, sent


@requires(Permission.DISPATCH)
def dispatch(request: HttpRequest) -> HttpResponse:
    """The chosen job (``order``) and day come from the address; posting assigns that job."""
    chosen = DispatchForm(request.GET, user=person(request), is_sent=request.method == "POST")
    chosen.is_valid()
    day, order = chosen.chosen_day, chosen.cleaned_data.get("order")
    form = None
    if order is not None:
        form = AssignForm(request.POST if request.method == "POST" else None, work_order=order)
        response = sent(request, form, lambda: assign(request, form, day), done=_("The job is assigned."))
        if response is not None:
            return response
        if form.is_bound:
            form.look_again()
    context = {"form": form, "order": order, **overview(person(request), day)}
    return render(request, "workorders/dispatch.html", context)


def assign(request: HttpRequest, form: AssignForm, day: date) -> str:
    domain.assign(form.as_seen(), by=person(request), at=timezone.now(), **form.facts)
    return page_of(day)


def page_of(day: date, order: WorkOrder | None = None) -> str:
    here = f"{reverse('workorders:dispatch')}?day={day.isoformat()}"
    return f"{here}&order={order.pk}" if order else here


def overview(user: User, day: date) -> dict[str, Any]:
    """Both sides of the page, bounded: what does not fit is found in the list."""
    zone, now = timezone.get_current_timezone(), timezone.now()
    waiting = list(queries.unassigned(user)[: queries.UNASSIGNED_SHOWN + 1])
    engineers = queries.active_engineers()[: queries.ENGINEERS_SHOWN]
    return {
        "waiting": [{"job": job, "url": page_of(day, job)} for job in waiting[: queries.UNASSIGNED_SHOWN]],
        "has_more": len(waiting) > queries.UNASSIGNED_SHOWN,
        "loads": queries.day_loads(user, engineers, day=day, zone=zone),
        "day": day,
        "is_today": day == timezone.localdate(),
        "previous_url": page_of(day - timedelta(days=1)),
        "next_url": page_of(day + timedelta(days=1)),
        "now": now,
    }
