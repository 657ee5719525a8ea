"""Machines at the customers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from config.shared.access import get_visible, requires
from config.shared.paging import paged
from workorders import queries
from workorders.domain import equipment as domain
from workorders.enums import Permission
from workorders.filters import EquipmentFilter
from workorders.models import Customer, Equipment, WorkOrder
from workorders.panels import Place, panels_for
from workorders.place_forms import EquipmentForm
from workorders.tables import EquipmentTable
from workorders.views.acting import person, sent

JOBS_SHOWN = 50


@requires(Permission.VIEW_CUSTOMERS)
def equipment_list(request: HttpRequest) -> HttpResponse:
    visible = Equipment.objects.visible_to(request.user).select_related("model", "site__customer")
    narrowed = EquipmentFilter(request.GET, queryset=visible, request=request)
    table = paged(request, EquipmentTable(narrowed.qs))
    return render(request, "workorders/equipment_list.html", {"filter": narrowed, "table": table})


@requires(Permission.VIEW_CUSTOMERS)
def equipment(request: HttpRequest, pk: int) -> HttpResponse:
    """One machine: what it is, where it stands, its warranty, its jobs."""
    visible = Equipment.objects.visible_to(request.user).select_related("model", "site__customer")
    found = get_visible(visible, pk=pk)
    jobs = queries.with_places(WorkOrder.objects.visible_to(request.user).filter(equipment=found))
    context = {
        "equipment": found,
        "jobs": jobs.order_by("-pk")[:JOBS_SHOWN],
        "panels": panels_for(Place.EQUIPMENT, request, found),
        "now": timezone.now(),
        "today": timezone.localdate(timezone=timezone.get_default_timezone()),
    }
    return render(request, "workorders/equipment.html", context)


@requires(Permission.DISPATCH)
def equipment_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new machine of customer ``pk``."""
    customer = get_visible(Customer.objects.visible_to(request.user), pk=pk)
    form = EquipmentForm.showing(None, request.POST or None, customer=customer, user=request.user, model=None)

    def act() -> str:
        return domain.add_equipment(by=person(request), **form.facts).get_absolute_url()

    response = sent(request, form, act, done=_("The equipment is added."))
    return response or render(request, "workorders/equipment_form.html", {"form": form, "customer": customer})


@requires(Permission.DISPATCH)
def equipment_edit(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Equipment.objects.visible_to(request.user).select_related("model", "site__customer")
    found = get_visible(visible, pk=pk)
    customer = found.site.customer
    form = EquipmentForm.showing(found, request.POST or None, customer=customer, user=request.user, model=found.model)

    def act() -> str:
        return domain.change_equipment(found, by=person(request), **form.facts).get_absolute_url()

    response = sent(request, form, act, done=_("The equipment is changed."))
    context = {"form": form, "customer": customer, "equipment": found}
    return response or render(request, "workorders/equipment_form.html", context)
