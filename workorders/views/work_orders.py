"""Work orders: the list, one of them, a new one, a changed one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from config.shared.access import get_visible, requires
from config.shared.paging import paged
from workorders import queries
from workorders.domain import work_orders as domain
from workorders.enums import Permission
from workorders.filters import OwnWorkOrderFilter, WorkOrderFilter
from workorders.forms import EditWorkOrderForm, NewWorkOrderForm, StartNewForm
from workorders.models import Customer, Equipment, WorkOrder
from workorders.panels import Place, panels_for
from workorders.tables import WorkOrderTable
from workorders.timeline import timeline_of
from workorders.views.acting import person, sent

CUSTOMERS_OFFERED = 20


@requires(Permission.VIEW_WORK_ORDERS)
def work_orders(request: HttpRequest) -> HttpResponse:
    """All the person may see, narrowed by the filter."""
    sees_all = request.user.has_perm(Permission.VIEW_ALL_WORK_ORDERS)
    filter_class = WorkOrderFilter if sees_all else OwnWorkOrderFilter
    visible = queries.with_places(WorkOrder.objects.visible_to(request.user))
    narrowed = filter_class(request.GET, queryset=visible, request=request)
    table = paged(request, WorkOrderTable(narrowed.qs))
    return render(request, "workorders/work_orders.html", {"filter": narrowed, "table": table})


@requires(Permission.VIEW_WORK_ORDERS)
def work_order(request: HttpRequest, pk: int) -> HttpResponse:
    """One job: where, what, who, what happened, and what can be done now."""
    found = get_visible(detailed(request), pk=pk)
    verbs = domain.verbs_for(found, by=person(request))
    context = {
        "work_order": found,
        "buttons": [button(row.verb, row, found) for row in verbs],
        "events": timeline_of(found),
        "panels": panels_for(Place.WORK_ORDER, request, found),
        "now": timezone.now(),
        "today": timezone.localdate(timezone=timezone.get_default_timezone()),
    }
    return render(request, "workorders/work_order.html", context)


def detailed(request: HttpRequest) -> Any:
    """Visible work orders with everything their page shows."""
    visible = WorkOrder.objects.visible_to(request.user)
    return visible.select_related("customer", "site", "equipment__model", "lead__team", "created_by").prefetch_related(
        "helpers"
    )


ONE_PRESS = {"start", "resume"}
NEXT_STEPS = {"assign", "start", "resume", "complete"}  # what is rare or takes something back is never the blue one
ICONS = {
    "start": "play",
    "resume": "play",
    "complete": "check",
    "hold": "pause",
    "assign": "user",
    "reassign": "user",
    "plan": "calendar",
    "edit": "edit",
    "cancel": "close",
    "reopen": "undo",
}


def button(verb: str, row: Any, found: WorkOrder) -> dict[str, Any]:
    """How the page draws one row of the transition table: a press that acts, or a link to a small page."""
    page = "assign" if verb == "reassign" else verb
    return {
        "label": row.label,
        "url_name": f"workorders:work_order_{page}",
        "icon": ICONS[verb],
        "acts": verb in ONE_PRESS,
        "is_next_step": verb in NEXT_STEPS and row.target != found.status,
        "tone": row.tone,
    }


@requires(Permission.DISPATCH)
def work_order_new(request: HttpRequest) -> HttpResponse:
    """First for whom, then what: sites and machines offered are the customer's."""
    chosen = StartNewForm(request.GET, user=person(request))
    chosen.is_valid()
    machine: Equipment | None = chosen.cleaned_data.get("equipment")
    customer: Customer | None = machine.site.customer if machine else chosen.cleaned_data.get("customer")
    if customer is None:
        return choose_customer(request, chosen)
    form = NewWorkOrderForm(
        request.POST or None,
        customer=customer,
        user=person(request),
        initial=first_place(customer, machine),
    )

    def act() -> str:
        made = domain.create_work_order(by=person(request), at=timezone.now(), customer=customer, **form.cleaned_data)
        return made.get_absolute_url()

    response = sent(request, form, act, done=_("The work order is open."))
    return response or render(request, "workorders/work_order_new.html", {"form": form, "customer": customer})


def choose_customer(request: HttpRequest, chosen: StartNewForm) -> HttpResponse:
    text = chosen.cleaned_data.get("q", "")
    visible = Customer.objects.visible_to(request.user)
    found = queries.matching_customers(visible, text) if text else visible
    context = {"chosen": chosen, "text": text, "customers": found.order_by("name", "pk")[:CUSTOMERS_OFFERED]}
    return render(request, "workorders/choose_customer.html", context)


def first_place(customer: Customer, machine: Equipment | None) -> dict[str, Any]:
    """The machine's site; without a machine the customer's only site, if there is but one."""
    if machine is not None:
        return {"site": machine.site_id, "equipment": machine.pk}
    sites = list(customer.sites.values_list("pk", flat=True)[:2])
    return {"site": sites[0]} if len(sites) == 1 else {}


@requires(Permission.DISPATCH)
def work_order_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what the job is about."""
    found = get_visible(WorkOrder.objects.visible_to(request.user).select_related("customer"), pk=pk)
    form = EditWorkOrderForm(request.POST or None, work_order=found, user=person(request))

    def act() -> str:
        domain.edit_work_order(form.as_seen(), by=person(request), at=timezone.now(), **form.facts)
        return found.get_absolute_url()

    response = sent(request, form, act, done=_("The work order is changed."))
    if response is None and form.is_bound:
        form.look_again()
    return response or render(request, "workorders/work_order_edit.html", {"form": form, "work_order": found})
