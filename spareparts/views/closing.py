"""Parts of a job before it ends: one screen, one submit."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config.shared.access import get_visible, requires
from config.shared.submissions import submit
from spareparts import queries
from spareparts.domain.closing import AnswerMissing, OldAnswer, OldAnswerMissing, RestAnswer, answer_open_parts
from spareparts.domain.consumption import BadLines
from spareparts.domain.old_parts import comes_back, preset_entry
from spareparts.domain.vetoes import unanswered_debts
from spareparts.enums import Feature, OldPartAnswer, Permission
from spareparts.forms.closing import (
    AllLines,
    ClosingHeadForm,
    ClosingQueryForm,
    OldPartForm,
    OpenPartForm,
)
from spareparts.forms.use_held import OLD_CHOICES
from spareparts.queries.open_parts import open_for_job
from spareparts.queries.use import machine_parts
from workorders.models import User, WorkOrder


@dataclass
class ClosingPage:
    """The forms of one engineer's open parts."""

    work_order: WorkOrder
    engineer: User
    completes: bool
    head: ClosingHeadForm
    parts: list[OpenPartForm]
    old_parts: list[OldPartForm]

    @property
    def is_empty(self) -> bool:
        return not (self.parts or self.old_parts)

    def place_problems(self, error: AnswerMissing) -> None:
        """What the domain refused stands at its line."""
        forms: Any = self.old_parts if isinstance(error, OldAnswerMissing) else self.parts
        forms[error.index].add_error(error.field, error.messages[0])
        error.messages = []

    def place_bad_lines(self, error: BadLines) -> None:
        used = [form for form in self.parts if form.used_part is not None]
        names = {"quantity": "used", "lot": "used", "old_part_answer": "old_answer", "old_part": "old_answer"}
        for problem in error.problems:
            field = names.get(problem.field, problem.field)
            form = used[min(problem.index, len(used) - 1)]
            form.add_error(field if field in form.fields else "used", problem.message)
        error.messages = []


@requires(Permission.CLOSE_JOB)
@require_http_methods(["GET", "HEAD", "POST"])
def closing(request: HttpRequest, pk: int) -> HttpResponse:
    jobs = WorkOrder.objects.visible_to(request.user).select_related("site__customer", "equipment__model", "lead")
    page = _page(request, get_visible(jobs, pk=pk))
    lines = AllLines([*page.parts, *page.old_parts])
    if request.method == "POST" and lines.are_valid() & page.head.is_valid():
        done = submit(request, page.head, lambda key: _answer(request, page, key))
        if done is not None:
            messages.success(request, _done_words(page))
            return done
    context = {
        "page": page,
        "work_order": page.work_order,
        "form": page.head,
        "formset": lines,
        "old_choices": OLD_CHOICES,
        "old_answers": OldAnswer.choices,
        "title": _("Parts of %(work_order)s before it ends") % {"work_order": page.work_order},
    }
    return render(request, "spareparts/closing/closing.html", context)


def _page(request: HttpRequest, job: WorkOrder) -> ClosingPage:
    query = ClosingQueryForm(request.GET)
    wanted = query.cleaned_data if query.is_valid() else {}
    engineer = _engineer(request, job, wanted.get("engineer"))
    is_own = engineer.pk == request.user.pk
    data = request.POST if request.method == "POST" else None
    rows = open_for_job(job, engineer=engineer)
    return ClosingPage(
        work_order=job,
        engineer=engineer,
        completes=is_own and wanted.get("then") == "complete",
        head=ClosingHeadForm(data, is_own=is_own),
        parts=_part_forms(request, job, rows, is_own=is_own) if rows else [],
        old_parts=[
            OldPartForm(data, debt=debt, initial={"answer": OldAnswer.TAKEN_OUT})
            for debt in (unanswered_debts(job, engineer=engineer) if is_own else [])
        ],
    )


def _engineer(request: HttpRequest, job: WorkOrder, key: int | None) -> User:
    """An engineer answers for himself; a manager for whom the link names, else for the lead."""
    if not request.user.has_perm(Permission.RECORD_USE_FOR_OTHERS) or key == request.user.pk:
        return request.user  # type: ignore[return-value]
    if key is None:
        return job.lead or request.user  # type: ignore[return-value]
    found = User.objects.filter(pk=key, is_engineer=True).first()
    if found is None:
        raise Http404
    return found


def _part_forms(request: HttpRequest, job: WorkOrder, rows: list[Any], *, is_own: bool) -> list[OpenPartForm]:
    settings, machine, today = queries.current_settings(), machine_parts(job), timezone.localdate()
    others = User.objects.filter(is_engineer=True, is_active=True).exclude(pk=rows[0].engineer.pk).order_by("name")
    colleagues = list(others) if is_own else []
    owes = request.policy.has(Feature.OLD_PART_DEBT)  # type: ignore[attr-defined]
    return [
        OpenPartForm(
            request.POST if request.method == "POST" else None,
            row=row,
            must=owes and comes_back(row.part, job.equipment, today=today, company_rule=settings.old_part_default),
            entry=preset_entry(row.part, machine),
            colleagues=colleagues,
            is_own=is_own,
            initial={"used": "0", "rest": RestAnswer.BACK, "old_answer": OldPartAnswer.RETURNING},
        )
        for row in rows
    ]


def _answer(request: HttpRequest, page: ClosingPage, key: uuid.UUID) -> str:
    try:
        answer_open_parts(
            page.work_order,
            engineer=page.engineer,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
            key=key,
            policy=request.policy,  # type: ignore[attr-defined]
            answers=[form.answer for form in page.parts],
            old_parts=[form.answered for form in page.old_parts],
            reason=page.head.why,
            completes=page.completes,
        )
    except AnswerMissing as error:
        page.place_problems(error)
        raise
    except BadLines as error:
        page.place_bad_lines(error)
        raise
    return reverse("workorders:work_order", args=[page.work_order.pk])


def _done_words(page: ClosingPage) -> str:
    words = {"work_order": page.work_order}
    if page.completes:
        return _("%(work_order)s is completed, and its parts are answered for.") % words
    return _("The parts of %(work_order)s are answered for.") % words
