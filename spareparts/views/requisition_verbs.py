"""What is done to a request beside approving it, as small pages: what will happen, what must be typed, one button."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from config.shared.access import View, get_visible, requires
from config.shared.submissions import submit
from config.shared.transitions import Transition
from spareparts.domain import requisitions as domain
from spareparts.enums import REQUISITION_TRANSITIONS, Permission
from spareparts.forms.requisitions import ConfirmForm, ForwardForm, WhyForm
from spareparts.models import Requisition


@dataclass(frozen=True)
class VerbPage:
    """A verb, its form, and its words: the question, what will happen, what has happened."""

    act: Callable[..., Requisition | None]
    form: type[ConfirmForm]
    title: str | Promise
    consequence: str | Promise
    done: str | Promise
    has_posting: bool = False


PAGES: dict[str, VerbPage] = {
    "submit": VerbPage(
        domain.submit_requisition,
        ConfirmForm,
        _("Send %(reference)s"),
        _("The request goes to the people who approve and hand out parts."),
        _("%(reference)s is sent."),
        has_posting=True,
    ),
    "withdraw": VerbPage(
        domain.withdraw_requisition,
        ConfirmForm,
        _("Withdraw %(reference)s"),
        _("Nobody will work on this request. You can copy it as a new one at any time."),
        _("%(reference)s is withdrawn."),
    ),
    "reject": VerbPage(
        domain.reject_requisition,
        WhyForm,
        _("Reject %(reference)s"),
        _("Nothing is handed out. The engineer sees your reason."),
        _("%(reference)s is rejected."),
    ),
    "forward": VerbPage(
        domain.forward_requisition,
        ForwardForm,
        _("Send %(reference)s to another warehouse"),
        _("What is still open is asked for there. The engineer sees both requests."),
        _("%(reference)s is sent on."),
    ),
    "cancel_rest": VerbPage(
        domain.cancel_rest,
        WhyForm,
        _("Cancel the rest of %(reference)s"),
        _("What was handed over or sent stays as it is. What is reserved goes back to the shelf."),
        _("The rest of %(reference)s is cancelled."),
        has_posting=True,
    ),
}
COPY = VerbPage(
    domain.copy_requisition,
    ConfirmForm,
    _("Copy %(reference)s as new"),
    _("A draft with the same parts, which you can change before you send it."),
    _("This is a copy of %(reference)s. Change what is different and send it."),
)


def verb_view(verb: str) -> View:
    """The page of one verb: GET asks, POST acts."""
    row = REQUISITION_TRANSITIONS[verb]

    @requires(row.permission)
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return _answer(request, pk, PAGES[verb], row)

    return view


@requires(Permission.REQUEST_PARTS)
@require_http_methods(["GET", "HEAD", "POST"])
def requisition_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A new draft, opened for changes."""
    return _answer(request, pk, COPY, None)


def _answer(request: HttpRequest, pk: int, page: VerbPage, row: Transition | None) -> HttpResponse:
    related = ("engineer", "created_by", "work_order", "warehouse", "destination", "site")
    found = get_visible(Requisition.objects.visible_to(request.user).select_related(*related), pk=pk)
    data = request.POST if request.method == "POST" else None
    form = page.form(data, requisition=found)
    words = {"reference": found}
    if data is not None and form.is_valid():
        done = submit(request, form, lambda key: _act(request, found, page, form, key))
        if done is not None:
            messages.success(request, str(page.done) % words)
            return done
        found.refresh_from_db(fields=["status", "fulfilment", "version"])
    context = {
        "form": form,
        "requisition": found,
        "title": str(page.title) % words,
        "consequence": page.consequence,
        "label": row.label if row is not None else _("Copy as new"),
        "tone": row.tone if row is not None else "",
    }
    return render(request, "spareparts/requisitions/verb.html", context)


def _act(request: HttpRequest, found: Requisition, page: VerbPage, form: Form, key: uuid.UUID) -> str:
    facts: dict[str, Any] = {"by": request.user, "at": timezone.now(), "policy": request.policy}
    if page.has_posting:
        facts["key"] = key
    made = page.act(found, **facts, **form.facts)
    if page is COPY:
        return reverse("spareparts:requisition_edit", args=[made.pk])
    return found.get_absolute_url()
