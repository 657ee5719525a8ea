"""Parts lost, damaged or dead on arrival: the report, its page, its photo, and taking it back."""

import uuid
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.shared.access import get_visible, requires
from config.shared.submissions import submit
from inventory.domain import images
from spareparts.domain import losses as domain
from spareparts.domain.taking_back import undo_row
from spareparts.enums import LOSS_TRANSITIONS, Permission
from spareparts.forms.personal import HoldingQuery, LossForm
from spareparts.models import LossReport
from spareparts.queries.personal import held_rows, open_jobs
from spareparts.views.hand_over_answers import undo_form
from spareparts.views.posted_page import undo_words


@requires(Permission.REPORT_LOSS)
@require_http_methods(["GET", "HEAD", "POST"])
def loss_new(request: HttpRequest) -> HttpResponse:
    held = held_rows(request.user)
    form = LossForm(**_data(request), rows=held, jobs=open_jobs(request.user))
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            facts = {"engineer": request.user, "by": request.user, "at": timezone.now(), "policy": request.policy}
            return domain.report_loss(key=key, **facts, **form.facts()).get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
    return render(request, "spareparts/personal/loss_new.html", {"form": form, "holds_something": held.exists()})


def _data(request: HttpRequest) -> dict[str, Any]:
    if request.method == "POST":
        return {"data": request.POST, "files": request.FILES}
    return {"initial": {"holding": HoldingQuery(request.GET).find(held_rows(request.user))}}


def _visible(request: HttpRequest, pk: int) -> LossReport:
    related = ("engineer", "part__unit", "lot", "work_order", "undone_by", "posting")
    return get_visible(LossReport.objects.visible_to(request.user).select_related(*related), pk=pk)


@requires(Permission.FIND_HOLDERS)
@require_safe
def loss(request: HttpRequest, pk: int) -> HttpResponse:
    report = _visible(request, pk)
    context = {"loss": report, "undo": undo_words(request, report, LOSS_TRANSITIONS)}
    return render(request, "spareparts/personal/loss.html", context)


@requires(Permission.FIND_HOLDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def loss_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason where one is needed (GET), and undoes (POST)."""
    report, now = _visible(request, pk), timezone.now()
    facts = {"by": request.user, "at": now, "policy": request.policy}
    form = undo_form(request, lambda: undo_row(report, LOSS_TRANSITIONS, **facts))
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            domain.undo_loss(report, key=key, reason=form.cleaned_data.get("reason", ""), **facts)
            return report.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
    text = _("The parts are with %(person)s again, as they were.") % {"person": report.engineer}
    return render(request, "spareparts/personal/undo.html", {"document": report, "form": form, "text": text})


@requires(Permission.FIND_HOLDERS)
@require_safe
def loss_photo(request: HttpRequest, pk: int) -> FileResponse:
    return picture(_visible(request, pk).photo)


def picture(file: Any) -> FileResponse:
    """A stored picture for somebody who may see it; drawn by us, so its kind is known."""
    name = file.name or ""
    kind = images.TYPES.get(name.rsplit(".", 1)[-1])
    if kind is None or not file.storage.exists(name):
        raise Http404
    response = FileResponse(file.open("rb"), content_type=kind)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
