"""The steps beside a change of the mode: the first warehouse, stock from before, and the closing document."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from config.shared.access import requires
from config.shared.submissions import answers_again, submit
from inventory.domain.warehouses import create_warehouse
from inventory.enums import WarehouseStatus
from inventory.models import Warehouse
from spareparts.domain.opening import open_stock, vanishing_stock, write_off_vanishing
from spareparts.enums import Feature, Permission
from spareparts.forms.opening import ClosingForm, OpeningForm, WarehouseForm, places_for
from spareparts.policies import policy_for
from workorders.models import User

MOST_SHOWN = 200


@requires(Permission.CHANGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
@answers_again
def settings_warehouse(request: HttpRequest) -> HttpResponse:
    """Open the first warehouse, before the mode that keeps stock there is chosen."""
    form = WarehouseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            create_warehouse(form.save(commit=False), by=request.user, at=timezone.now())
            return f"{reverse('spareparts:settings_mode')}?to=advanced"

        done = submit(request, form, act)
        if done is not None:
            return done
    context = {"form": form, "title": _("Open the first warehouse"), "action_label": _("Open warehouse")}
    context["lede"] = _(
        "The first warehouse is the default one. More, and their managers, are added in the administration."
    )
    return render(request, "spareparts/modes/form.html", context)


@requires(Permission.CHANGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def settings_opening(request: HttpRequest) -> HttpResponse:
    """Stock that lay on shelves and in vans when the mode began."""
    policy = request.policy
    if not policy.has(Feature.PERSONAL_INVENTORY):
        return redirect("spareparts:settings")
    facts: dict[str, Any] = {
        "by": request.user,
        "policy": policy,
        "places": places_for(policy, warehouses=_shelves(policy)),
    }
    form = OpeningForm(request.POST, request.FILES, **facts) if request.method == "POST" else OpeningForm(**facts)
    if request.method == "POST" and form.is_valid():
        done = submit(request, form, lambda key: _open(request, form, key))
        if done is not None:
            return done
    context = {"form": form, "title": _("Opening stock"), "action_label": _("Book opening stock"), "has_file": True}
    context["lede"] = _(
        "What lay on the shelves and in the vans when you began. It comes from outside, in one posting."
    )
    return render(request, "spareparts/modes/form.html", context)


def _shelves(policy: Any) -> list[Warehouse]:
    return list(Warehouse.objects.filter(status=WarehouseStatus.OPEN)) if policy.has(Feature.WAREHOUSE_STOCK) else []


def _open(request: HttpRequest, form: OpeningForm, key: uuid.UUID) -> str:
    kind, _dash, number = form.cleaned_data["place"].partition("-")
    where: dict[str, Any] = (
        {"warehouse": Warehouse.objects.get(pk=number)}
        if kind == "warehouse"
        else {"engineer": User.objects.get(pk=number)}
    )
    count = open_stock(by=request.user, at=timezone.now(), key=key, policy=request.policy, lines=form.lines, **where)
    words = ngettext("%(count)s line is booked.", "%(count)s lines are booked.", count) % {"count": count}
    messages.info(request, words)
    return reverse("spareparts:settings_opening")


@requires(Permission.CHANGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def settings_closing(request: HttpRequest) -> HttpResponse:
    """What would be written off on the way down, and the confirmation."""
    form = ClosingForm(request.POST if request.method == "POST" else None, initial={"to": request.GET.get("to", "")})
    data = request.POST if request.method == "POST" else request.GET
    wanted = ClosingForm({"to": data.get("to", ""), "reason": "–"})
    if not wanted.is_valid():
        return redirect("spareparts:settings")
    to = wanted.cleaned_data["to"]
    if request.method == "POST" and form.is_valid():
        done = submit(request, form, lambda key: _close(request, form, key))
        if done is not None:
            return done
    stock = vanishing_stock(request.policy, policy_for(to, is_enabled=True))
    context = {"form": form, "title": _("Closing document"), "stock": stock[:MOST_SHOWN], "count": len(stock), "to": to}
    return render(request, "spareparts/modes/closing.html", context)


def _close(request: HttpRequest, form: ClosingForm, key: uuid.UUID) -> str:
    data = form.cleaned_data
    write_off_vanishing(
        mode=data["to"], by=request.user, at=timezone.now(), key=key, policy=request.policy, reason=data["reason"]
    )
    return f"{reverse('spareparts:settings_mode')}?to={data['to']}"
