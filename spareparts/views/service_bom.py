"""Service BOM: the parts suggested for each equipment model."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.shared.access import get_visible, requires
from config.shared.paging import paged
from config.shared.submissions import answers_again, submit
from spareparts.domain.service_bom import add_to_service_bom, remove_from_service_bom
from spareparts.enums import Permission
from spareparts.forms.machine import PartChoiceForm
from spareparts.forms.service_bom import ServiceBomForm
from spareparts.models import ServiceBomLine
from spareparts.tables import ServiceBomTable
from workorders.models import EquipmentModel

MOST_LINES = 500


@requires(Permission.VIEW_SERVICE_BOM)
@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """Every equipment model, with how many parts are suggested for it."""
    rows = EquipmentModel.objects.annotate(parts=Count("service_bom")).order_by("manufacturer", "name")
    may_edit = request.user.has_perm(Permission.EDIT_SERVICE_BOM)
    context = {"table": paged(request, ServiceBomTable(rows)), "may_edit": may_edit}
    return render(request, "spareparts/modes/service_boms.html", context)


@requires(Permission.VIEW_SERVICE_BOM)
@require_http_methods(["GET", "HEAD", "POST"])
def service_bom(request: HttpRequest, pk: int) -> HttpResponse:
    """The parts of one model; who may edit adds one here."""
    model = get_visible(EquipmentModel.objects.all(), pk=pk)
    may_edit = request.user.has_perm(Permission.EDIT_SERVICE_BOM)
    context: dict[str, Any] = {"equipment_model": model, "may_edit": may_edit}
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    if request.method == "POST" and ("find" in request.POST or "add" in request.POST):
        context |= _find_part(request)
        return _show(request, model, context)
    form = ServiceBomForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        done = submit(request, form, lambda key: _add(request, model, form))
        if done is not None:
            return done
    return _show(request, model, context | {"form": form})


def _show(request: HttpRequest, model: EquipmentModel, context: dict[str, Any]) -> HttpResponse:
    lines = ServiceBomLine.objects.filter(equipment_model=model).select_related("part__unit")
    context["lines"] = list(lines.order_by("part__number")[:MOST_LINES])
    return render(request, "spareparts/modes/service_bom.html", context)


def _find_part(request: HttpRequest) -> dict[str, Any]:
    """Without JavaScript: the parts found, or the number of the one chosen; everything typed stays."""
    typed = request.POST.dict()
    chosen = PartChoiceForm(request.POST, user=request.user)
    if chosen.is_valid() and chosen.cleaned_data["add"]:
        typed["part"] = chosen.cleaned_data["add"].number
    found: dict[str, Any] = {"form": ServiceBomForm(initial=typed, user=request.user)}
    if "find" in request.POST:
        found["options"] = chosen.found()
    return found


def _add(request: HttpRequest, model: EquipmentModel, form: ServiceBomForm) -> str:
    data = form.cleaned_data
    add_to_service_bom(
        model, part=data["part"], quantity=data["steps"], note=data["note"], by=request.user, at=timezone.now()
    )
    return reverse("spareparts:service_bom", args=[model.pk])


@requires(Permission.EDIT_SERVICE_BOM)
@require_POST
@answers_again
def remove(request: HttpRequest, pk: int, line_pk: int) -> HttpResponseBase:
    """Take one part off the list."""
    lines = ServiceBomLine.objects.visible_to(request.user).filter(equipment_model_id=min(pk, 2**63 - 1))
    line = get_visible(lines.select_related("part"), pk=line_pk)
    form = Form(request.POST)
    form.is_valid()

    def act(key: object) -> str:
        remove_from_service_bom(line, by=request.user, at=timezone.now())
        return reverse("spareparts:service_bom", args=[pk])

    return submit(request, form, act) or redirect("spareparts:service_bom", pk=pk)
