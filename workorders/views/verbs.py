"""The verbs of a work order as pages: what will happen, what must be typed, one button."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.shared.access import View, get_visible, requires
from workorders.domain import work_orders as domain
from workorders.enums import WORK_ORDER_TRANSITIONS
from workorders.forms import AssignForm, ConfirmForm, PlanForm, ReasonForm, ReopenForm, VersionedForm
from workorders.models import WorkOrder
from workorders.views.acting import sent


@dataclass(frozen=True)
class VerbPage:
    """A verb, its form, and its words: the question, what will happen, what has happened."""

    act: Callable[..., None]
    form: type[VersionedForm]
    title: str | Promise
    consequence: str | Promise
    done: str | Promise


PAGES: dict[str, VerbPage] = {
    "assign": VerbPage(
        domain.assign,
        AssignForm,
        _("Assign %(number)s"),
        _("The engineers find the job in their list."),
        _("%(number)s is assigned."),
    ),
    "plan": VerbPage(
        domain.plan,
        PlanForm,
        _("Plan %(number)s"),
        _("The engineers see the new time in their list."),
        _("%(number)s is planned."),
    ),
    "start": VerbPage(
        domain.start,
        ConfirmForm,
        _("Start work on %(number)s"),
        _("The job shows as in progress, so that the office knows somebody is there."),
        _("Work on %(number)s has started."),
    ),
    "hold": VerbPage(
        domain.hold,
        ReasonForm,
        _("Put %(number)s on hold"),
        _("The job stays with its engineers and waits until it is resumed. Say what it waits for."),
        _("%(number)s is on hold."),
    ),
    "resume": VerbPage(
        domain.resume,
        ConfirmForm,
        _("Resume work on %(number)s"),
        _("The job shows as in progress again."),
        _("Work on %(number)s goes on."),
    ),
    "complete": VerbPage(
        domain.complete,
        ConfirmForm,
        _("Complete %(number)s"),
        _("The job is closed and moves to the jobs done. The office can reopen it."),
        _("%(number)s is completed."),
    ),
    "cancel": VerbPage(
        domain.cancel,
        ReasonForm,
        _("Cancel %(number)s"),
        _("The job will not be done and leaves the lists of its engineers. It can be reopened."),
        _("%(number)s is cancelled."),
    ),
    "reopen": VerbPage(
        domain.reopen,
        ReopenForm,
        _("Reopen %(number)s"),
        _("The job goes back to the engineer you choose and can be worked on again."),
        _("%(number)s is open again."),
    ),
}


def verb_view(verb: str) -> View:
    """The page of one verb: GET asks, POST acts."""
    page, row = PAGES[verb], WORK_ORDER_TRANSITIONS[verb]

    @requires(row.permission)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        found = get_visible(WorkOrder.objects.visible_to(request.user).select_related("customer"), pk=pk)
        form = page.form(request.POST if request.method == "POST" else None, work_order=found)
        words = {"number": found}

        def act() -> str:
            page.act(form.as_seen(), by=request.user, at=timezone.now(), **form.facts)
            return found.get_absolute_url()

        response = sent(request, form, act, done=str(page.done) % words)
        if response is None and form.is_bound:
            form.look_again()
        return response or render(request, "workorders/verb.html", verb_context(page, row, form, words))

    return view


def verb_context(page: VerbPage, row: Any, form: VersionedForm, words: dict[str, Any]) -> dict[str, Any]:
    return {
        "form": form,
        "work_order": form.work_order,
        "title": str(page.title) % words,
        "consequence": page.consequence,
        "label": row.label,
        "tone": row.tone,
    }
