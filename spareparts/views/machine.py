"""The parts list of a machine: what is in it, what was, and changes by hand."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.shared.access import get_visible, requires
from config.shared.paging import paged
from config.shared.submissions import submit
from spareparts.domain import machine
from spareparts.enums import Feature, Permission
from spareparts.forms.machine import AddEntryForm, EditEntryForm, PartChoiceForm, TakeOutForm
from spareparts.models import EquipmentPart
from spareparts.queries.machine import current_parts, former_parts, replacements
from spareparts.tables import FormerPartTable
from workorders.models import Equipment


@requires(Permission.VIEW_EQUIPMENT_PARTS)
@require_safe
def equipment_parts(request: HttpRequest, pk: int) -> HttpResponse:
    equipment = _equipment(request, pk)
    context = {
        "equipment": equipment,
        "entries": current_parts(equipment),
        "history": paged(request, FormerPartTable(former_parts(equipment), prefix="h-"), per_page=20),
        "replacements": replacements(equipment) if request.policy.has(Feature.REPLACEMENT_RECORD) else [],
        "may_edit": request.user.has_perm(Permission.EDIT_EQUIPMENT_PARTS),
    }
    return render(request, "spareparts/equipment_parts.html", context)


def _equipment(request: HttpRequest, pk: int) -> Equipment:
    visible = Equipment.objects.visible_to(request.user)
    return get_visible(visible.select_related("site__customer", "model"), pk=pk)


def _entry(request: HttpRequest, pk: int, row_pk: int) -> EquipmentPart:
    """A current entry of this machine; history and other machines do not exist here.

    A form may come when the entry is out already (sent twice, or somebody was quicker): then it says so.
    """
    entries = EquipmentPart.objects.visible_to(request.user).filter(equipment_id=min(pk, 2**63 - 1))
    if request.method != "POST":
        entries = entries.current()
    return get_visible(entries.select_related("part__unit", "equipment"), pk=row_pk)


@requires(Permission.EDIT_EQUIPMENT_PARTS)
@require_http_methods(["GET", "HEAD", "POST"])
def equipment_part_add(request: HttpRequest, pk: int) -> HttpResponse:
    equipment, now = _equipment(request, pk), timezone.now()
    facts: dict[str, Any] = {"user": request.user, "today": timezone.localdate(now)}
    if "find" in request.POST or "add" in request.POST:
        return _find_part(request, equipment, facts)
    form = AddEntryForm(request.POST if request.method == "POST" else None, **facts)

    def act() -> None:
        machine.add_equipment_part(equipment, by=request.user, at=now, **form.facts())

    return _change(request, equipment, form, act, {"title": _("Add a part"), "action_label": _("Add part")})


def _find_part(request: HttpRequest, equipment: Equipment, facts: dict[str, Any]) -> HttpResponse:
    """Without JavaScript: the parts found, or the number of the one chosen; everything typed stays."""
    typed = request.POST.dict()
    chosen = PartChoiceForm(request.POST, user=request.user)
    if chosen.is_valid() and chosen.cleaned_data["add"]:
        typed["part"] = chosen.cleaned_data["add"].number
    form = AddEntryForm(initial=typed, **facts)
    context = {"form": form, "equipment": equipment, "title": _("Add a part"), "action_label": _("Add part")}
    if "find" in request.POST:
        context["options"] = chosen.found()
    return render(request, "spareparts/equipment_part_form.html", context)


@requires(Permission.EDIT_EQUIPMENT_PARTS)
@require_http_methods(["GET", "HEAD", "POST"])
def equipment_part_edit(request: HttpRequest, pk: int, row_pk: int) -> HttpResponse:
    entry = _entry(request, pk, row_pk)
    form = EditEntryForm(request.POST if request.method == "POST" else None, entry=entry)

    def act() -> None:
        machine.edit_equipment_part(entry, by=request.user, at=timezone.now(), **form.facts())

    context = {"title": _("Edit %(part)s") % {"part": entry.part.number}, "action_label": _("Save"), "entry": entry}
    return _change(request, entry.equipment, form, act, context)


@requires(Permission.EDIT_EQUIPMENT_PARTS)
@require_http_methods(["GET", "HEAD", "POST"])
def equipment_part_out(request: HttpRequest, pk: int, row_pk: int) -> HttpResponse:
    entry = _entry(request, pk, row_pk)
    form = TakeOutForm(request.POST if request.method == "POST" else None, initial={"version": entry.version})

    def act() -> None:
        data = form.cleaned_data
        facts = {"by": request.user, "at": timezone.now(), "seen_version": data["version"]}
        machine.take_out_equipment_part(entry, reason=data["reason"], **facts)

    title = _("Take %(part)s off the list") % {"part": entry.part.number}
    context = {"title": title, "action_label": _("Take off the list"), "entry": entry}
    return _change(request, entry.equipment, form, act, context)


def _change(
    request: HttpRequest, equipment: Equipment, form: forms.Form, act: Callable[[], None], context: dict[str, Any]
) -> HttpResponse:
    """Show the form, or do what it says once and go back to the list."""
    if request.method == "POST" and form.is_valid():
        url = reverse("spareparts:equipment_parts", args=[equipment.pk])

        def act_and_return(key: object) -> str:
            act()
            return url

        done = submit(request, form, act_and_return)
        if done is not None:
            return done
    return render(request, "spareparts/equipment_part_form.html", context | {"form": form, "equipment": equipment})
