"""Customers and their sites."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from config.shared.access import get_visible, requires
from config.shared.paging import paged
from workorders import queries
from workorders.domain import equipment as domain
from workorders.enums import Permission
from workorders.filters import CustomerFilter
from workorders.models import Customer, Equipment, Site, WorkOrder
from workorders.panels import Place, panels_for
from workorders.place_forms import CustomerForm, SiteForm
from workorders.tables import CustomerTable
from workorders.views.acting import person, sent

SITES_SHOWN = 100
EQUIPMENT_SHOWN = 100
JOBS_SHOWN = 20


@requires(Permission.VIEW_CUSTOMERS)
def customers(request: HttpRequest) -> HttpResponse:
    narrowed = CustomerFilter(request.GET, queryset=Customer.objects.visible_to(request.user), request=request)
    table = paged(request, CustomerTable(narrowed.qs))
    return render(request, "workorders/customers.html", {"filter": narrowed, "table": table})


@requires(Permission.VIEW_CUSTOMERS)
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to call, the sites with their machines, the latest jobs."""
    found = get_visible(Customer.objects.visible_to(request.user), pk=pk)
    machines = Equipment.objects.visible_to(request.user).filter(site__customer=found).select_related("model")
    jobs = queries.with_places(WorkOrder.objects.visible_to(request.user).filter(customer=found))
    context = {
        "customer": found,
        "sites": with_machines(Site.objects.visible_to(request.user).filter(customer=found), machines),
        "jobs": jobs.order_by("-pk")[:JOBS_SHOWN],
        "panels": panels_for(Place.CUSTOMER, request, found),
        "now": timezone.now(),
        "today": timezone.localdate(timezone=timezone.get_default_timezone()),
    }
    return render(request, "workorders/customer.html", context)


def with_machines(sites: Any, machines: Any) -> list[dict[str, Any]]:
    """Each site with its machines, in two queries."""
    placed: dict[int, list[Equipment]] = {}
    for machine in machines.order_by("name", "pk")[:EQUIPMENT_SHOWN]:
        placed.setdefault(machine.site_id, []).append(machine)
    return [{"site": site, "machines": placed.get(site.pk, [])} for site in sites[:SITES_SHOWN]]


@requires(Permission.DISPATCH)
def customer_new(request: HttpRequest) -> HttpResponse:
    form = CustomerForm.showing(None, request.POST or None)

    def act() -> str:
        return domain.add_customer(by=person(request), **form.cleaned_data).get_absolute_url()

    response = sent(request, form, act, done=_("The customer is added. Add a site next."))
    return response or render(request, "workorders/customer_form.html", {"form": form})


@requires(Permission.DISPATCH)
def customer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_visible(Customer.objects.visible_to(request.user), pk=pk)
    form = CustomerForm.showing(found, request.POST or None)

    def act() -> str:
        return domain.change_customer(found, by=person(request), **form.cleaned_data).get_absolute_url()

    response = sent(request, form, act, done=_("The customer is changed."))
    return response or render(request, "workorders/customer_form.html", {"form": form, "customer": found})


@requires(Permission.DISPATCH)
def site_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new site of customer ``pk``."""
    found = get_visible(Customer.objects.visible_to(request.user), pk=pk)
    form = SiteForm.showing(None, request.POST or None)

    def act() -> str:
        domain.add_site(by=person(request), customer=found, **form.cleaned_data)
        return found.get_absolute_url()

    response = sent(request, form, act, done=_("The site is added."))
    return response or render(request, "workorders/site_form.html", {"form": form, "customer": found})


@requires(Permission.DISPATCH)
def site_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_visible(Site.objects.visible_to(request.user).select_related("customer"), pk=pk)
    form = SiteForm.showing(found, request.POST or None)

    def act() -> str:
        domain.change_site(found, by=person(request), **form.cleaned_data)
        return found.customer.get_absolute_url()

    response = sent(request, form, act, done=_("The site is changed."))
    context = {"form": form, "customer": found.customer, "site": found}
    return response or render(request, "workorders/site_form.html", context)
