"""Taking back what was handed over for a request."""

import uuid

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from config.shared.access import get_visible, requires
from config.shared.submissions import submit
from spareparts.domain.requisitions import undo_issue, undo_until
from spareparts.enums import Permission
from spareparts.forms.undo import ReasonForm, UndoForm
from spareparts.models import Issue, Requisition


@requires(Permission.WORK_AT_DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def issue_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason where one is needed (GET), and undoes (POST)."""
    visible = Issue.objects.filter(requisition__in=Requisition.objects.visible_to(request.user))
    issue = get_visible(visible.select_related("requisition__engineer", "undone_by", "posting"), pk=pk)
    form = _form(request, issue)
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            facts = {"by": request.user, "at": timezone.now(), "key": key, "policy": request.policy}
            undo_issue(issue, reason=form.cleaned_data.get("reason", ""), **facts)
            return issue.requisition.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
        issue.refresh_from_db()
    return render(request, "spareparts/requisitions/issue_undo.html", {"issue": issue, "form": form})


def _form(request: HttpRequest, issue: Issue) -> forms.Form:
    """Who issued it may take it back at once; later, or for somebody else, it needs a reason."""
    data = request.POST if request.method == "POST" else None
    is_at_once = request.user.pk == issue.created_by_id and timezone.now() < undo_until(issue, request.policy)
    return UndoForm(data) if is_at_once else ReasonForm(data)
