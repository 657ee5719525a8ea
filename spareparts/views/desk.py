"""The warehouse desk: what waits on the left, the request that is worked on on the right."""

import uuid
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.shared.access import get_visible, requires
from config.shared.submissions import submit
from spareparts.domain.requisitions import issue_requisition, pack_requisition, reserve_open
from spareparts.enums import Feature, Permission
from spareparts.forms.desk import ChosenForm, PickForm
from spareparts.models import Requisition
from spareparts.queries import desk as queries
from spareparts.queries.shipments import open_discrepancies

MOST_PRINTED = 50


@requires(Permission.WORK_AT_DESK)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    chosen = _chosen(request)
    return _show(request, chosen[0] if chosen else None)


def _chosen(request: HttpRequest) -> list[Requisition]:
    """The requests the address names, of those the person may see."""
    visible = Requisition.objects.visible_to(request.user).select_related(
        "engineer", "work_order__customer", "warehouse", "destination", "site"
    )
    form = ChosenForm(request.GET, visible=visible)
    return list(form.cleaned_data["requisition"][:MOST_PRINTED]) if form.is_valid() else []


def _show(request: HttpRequest, requisition: Requisition | None, form: PickForm | None = None) -> HttpResponse:
    policy = request.policy
    waiting = queries.queue(request.user, policy=policy, urgent_before=_tomorrow())
    if requisition is None and waiting:
        requisition = waiting[0].requisition
    context: dict[str, Any] = {
        "queue": waiting,
        "tiles": _tiles(request, waiting),
        "requisition": requisition,
        "keeps_stock": policy.has(Feature.WAREHOUSE_STOCK),
    }
    if requisition is not None:
        context |= _work(requisition, form)
    return render(request, "spareparts/desk/desk.html", context)


def _tomorrow() -> datetime:
    today = timezone.localdate()
    return timezone.make_aware(datetime.combine(today + timedelta(days=1), time.min))


def _tiles(request: HttpRequest, waiting: list[queries.Queued]) -> list[dict[str, Any]]:
    """What there is to do, in numbers; each opens its lines."""
    coming = queries.returns_coming(request.user, policy=request.policy).count()
    tiles = [
        {
            "number": sum(each.is_waiting for each in waiting),
            "label": _("Waiting for approval"),
            "url": _url("approvals"),
        },
        {"number": coming, "label": _("Returns on the way"), "url": _url("returns_desk")},
    ]
    if request.policy.has(Feature.WAREHOUSE_STOCK):
        tiles = [
            {"number": sum(each.is_to_pick for each in waiting), "label": _("Requests to pick"), "url": "#to-pick"},
            {
                "number": sum(each.is_packed and not each.is_shipped for each in waiting),
                "label": _("Packed, not collected"),
                "url": "#to-pick",
            },
            *tiles,
        ]
    if found := open_discrepancies(request.user).count():
        tiles.append({"number": found, "label": _("Discrepancies to settle"), "url": _url("discrepancies")})
    return tiles


def _url(name: str) -> str:
    return reverse(f"spareparts:{name}")


def _work(requisition: Requisition, form: PickForm | None) -> dict[str, Any]:
    """The right side: where each reserved part lies, and what is short."""
    lines = queries.pick_lines(requisition)
    shorts = queries.shorts(requisition)
    form = form or PickForm(initial={"version": requisition.version}, lines=lines)
    return {
        "form": form,
        "rows": [(line, form[form.name_of(line)]) for line in lines],
        "shorts": shorts,
        "may_reserve": any(short.free for short in shorts),
        "is_issued_here": any(line.is_handed_out_here for line in lines),
        "is_shipped_on": any(not line.is_handed_out_here for line in lines),
    }


def _requisition(request: HttpRequest, pk: int) -> Requisition:
    visible = Requisition.objects.visible_to(request.user)
    return get_visible(visible.select_related("engineer", "work_order__customer", "warehouse", "destination"), pk=pk)


@requires(Permission.FULFIL_REQUISITION)
@require_POST
def desk_issue(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand over, or mark as packed, the numbers typed."""
    requisition = _requisition(request, pk)
    form = PickForm(request.POST, lines=queries.pick_lines(requisition))
    if form.is_valid():
        requisition.version = form.cleaned_data["version"]
        act = _pack if "pack" in request.POST else _issue
        done = submit(request, form, lambda key: act(request, requisition, form, key))
        if done is not None:
            return done
    return _show(request, requisition, form)


def _issue(request: HttpRequest, requisition: Requisition, form: PickForm, key: uuid.UUID) -> str:
    issue = issue_requisition(
        requisition, by=request.user, at=timezone.now(), key=key, policy=request.policy, parts=form.issued
    )
    words = {"issue": issue, "engineer": requisition.engineer, "requisition": requisition}
    messages.info(request, _("%(issue)s: the parts of %(requisition)s are with %(engineer)s now.") % words)
    return reverse("spareparts:desk")


def _pack(request: HttpRequest, requisition: Requisition, form: PickForm, key: uuid.UUID) -> str:
    pack_requisition(requisition, by=request.user, at=timezone.now(), policy=request.policy, packed=form.packed)
    return f"{reverse('spareparts:desk')}?requisition={requisition.pk}"


@requires(Permission.FULFIL_REQUISITION)
@require_POST
def desk_reserve(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Reserve what has come in for a back-order since."""
    requisition = _requisition(request, pk)
    form = Form(request.POST)
    form.is_valid()

    def act(key: uuid.UUID) -> str:
        reserve_open(requisition, by=request.user, at=timezone.now(), key=key, policy=request.policy)
        return f"{reverse('spareparts:desk')}?requisition={requisition.pk}"

    done = submit(request, form, act)
    for words in form.non_field_errors() if done is None else ():
        messages.error(request, words)
    return done or _show(request, requisition)


@requires(Permission.FULFIL_REQUISITION)
@require_safe
def pick_list(request: HttpRequest) -> HttpResponse:
    """One walk along the bins for the requests chosen, to print."""
    chosen = _chosen(request)
    context = {"requisitions": chosen, "lines": queries.to_pick(chosen), "now": timezone.now()}
    return render(request, "spareparts/desk/pick_list.html", context)
