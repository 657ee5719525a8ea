"""When I am away, and who stands in for me."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from config.shared.access import get_visible, requires
from config.shared.submissions import answers_again, submit
from spareparts.domain.absences import cancel_absence, plan_absence
from spareparts.enums import Permission
from spareparts.forms.personal import AbsenceForm
from spareparts.models import Absence
from spareparts.queries.holdings import company_zone
from spareparts.queries.personal import absences_of, deputising, possible_deputies


@requires(Permission.BE_ABSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def absences(request: HttpRequest) -> HttpResponse:
    form = _planning(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            facts = {"person": request.user, "by": request.user, "at": timezone.now(), "today": _today()}
            plan_absence(**facts, **form.cleaned_data)
            return reverse("spareparts:absences")

        done = submit(request, form, act)
        if done is not None:
            return done
    return _show(request, form, planning=form)


def _today() -> date:
    return timezone.localdate(timezone.now(), company_zone())


def _planning(request: HttpRequest, data: Any = None) -> AbsenceForm:
    return AbsenceForm(data, people=possible_deputies(request.user), today=_today())


def _show(request: HttpRequest, form: forms.Form, *, planning: AbsenceForm) -> HttpResponse:
    """``form`` carries what was refused."""
    today = _today()
    context = {"form": form, "planning": planning, "today": today}
    context |= {"mine": absences_of(request.user, today=today), "others": deputising(request.user, today=today)}
    return render(request, "spareparts/personal/absences.html", context)


@require_POST
@requires(Permission.BE_ABSENT)
@answers_again
def absence_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    absence = get_visible(Absence.objects.filter(person_id=request.user.pk).select_related("deputy"), pk=pk)
    form = forms.Form(request.POST)

    def act(key: uuid.UUID) -> str:
        cancel_absence(absence, by=request.user, at=timezone.now())
        return reverse("spareparts:absences")

    done = submit(request, form, act) if form.is_valid() else None
    return done if done is not None else _show(request, form, planning=_planning(request))
