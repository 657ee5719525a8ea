"""Record parts used on a job: the page, its part search, and the document it makes."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.shared.access import get_visible, requires
from config.shared.submissions import submit
from spareparts.domain.consumption import BadLines
from spareparts.enums import Feature, Permission
from spareparts.forms.lines import PREFIX, Catalogue, key_of
from spareparts.forms.search import SearchForm
from spareparts.forms.use import BaseUseFormSet, UseHeadForm
from spareparts.queries.use import crew
from spareparts.views.picking import next_index
from spareparts.views.use_held import HeldPage
from spareparts.views.use_page import CHOICES, LineView, UsePage
from workorders.models import User, WorkOrder


@requires(Permission.RECORD_USE)
@require_http_methods(["GET", "HEAD", "POST"])
def record_use(request: HttpRequest, pk: int) -> HttpResponse:
    page = _page(request, pk)
    head = UseHeadForm(**_head_facts(request, page, bound=request.method == "POST"))
    if request.method != "POST":
        return _show(request, page, {"head": head, "lines": page.proposed_lines()})
    catalogue = page.catalogue(request.POST)
    formset = page.formset(request.POST, catalogue)
    if "find" in request.POST or "add" in request.POST:
        return _find_or_add(request, page, formset, catalogue)
    if formset.is_valid() & head.is_valid():
        done = submit(request, head, lambda key: _record(request, page, head, formset, key))
        if done is not None:
            return done
    lines = page.typed_lines(formset, catalogue, with_errors=True)
    context = {"form": head, "head": head, "formset": formset, "lines": lines}
    return _show(request, page, context)


def _page(request: HttpRequest, pk: int) -> UsePage:
    jobs = WorkOrder.objects.visible_to(request.user)
    job = get_visible(jobs.select_related("site__customer", "equipment__model", "lead"), pk=pk)
    now = timezone.now()
    engineer: Any = request.user
    if request.user.has_perm(Permission.RECORD_USE_FOR_OTHERS):
        engineer = _engineer_named(request, job) or job.lead
    facts = (job, request.user, engineer, now, timezone.localdate(now))
    if request.policy.has(Feature.PERSONAL_INVENTORY):
        return HeldPage(*facts, policy=request.policy)
    return UsePage(*facts)


def _engineer_named(request: HttpRequest, job: WorkOrder) -> User | None:
    """Whom the manager has chosen in the form, out of those on the job."""
    key = key_of(request.POST.get("engineer", ""))
    return crew(job).filter(pk=key).first() if key is not None else None


def _head_facts(request: HttpRequest, page: UsePage, *, bound: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {"by": request.user, "people": crew(page.work_order)}
    if bound:
        return facts | {"data": request.POST}
    return facts | {"initial": {name: request.POST.get(name) for name in ("engineer", "reason")}}


def _record(request: HttpRequest, page: UsePage, head: UseHeadForm, formset: BaseUseFormSet, key: uuid.UUID) -> str:
    try:
        document = page.record(
            formset,
            engineer=head.who,
            by=request.user,
            at=page.now,
            key=key,
            policy=request.policy,
            reason=head.why,
        )
    except BadLines as error:
        formset.add_problems(error.problems)
        error.messages = []  # said at the lines
        raise
    return reverse("spareparts:consumption", args=[document.pk])


def _find_or_add(request: HttpRequest, page: UsePage, formset: BaseUseFormSet, catalogue: Catalogue) -> HttpResponse:
    """Without JavaScript: find parts, or add the one chosen; everything typed stays."""
    lines = page.typed_lines(formset, catalogue, with_errors=False)
    context: dict[str, Any] = {"head": UseHeadForm(**_head_facts(request, page, bound=False))}
    form = SearchForm({"q": request.POST.get("part", "")})
    query = form.cleaned_data["q"] if form.is_valid() else ""
    if "add" in request.POST:
        context["lines"] = page.added(request, lines, catalogue)
    else:
        context |= {"lines": lines, "options": page.options(query), "query": query, "is_searched": True}
    return _show(request, page, context)


def _show(request: HttpRequest, page: UsePage, context: dict[str, Any]) -> HttpResponse:
    lines: list[LineView] = context["lines"]
    context |= {
        "page": page,
        "work_order": page.work_order,
        "equipment": page.work_order.equipment,
        "today": page.today,
        "total": next_index(lines),
        "used_count": sum(line.is_used for line in lines),
        "prefix": PREFIX,
        "empty_line": page.empty_line,
        "answers": page.answers,
        "choices": CHOICES,
        "may_record": page.work_order.is_open,
        "title": _("Parts used on %(work_order)s") % {"work_order": page.work_order},
    }
    return render(request, "spareparts/use.html", context)


@requires(Permission.RECORD_USE)
@require_safe
def use_search(request: HttpRequest, pk: int) -> HttpResponse:
    """The picker's options, each with what its line starts with."""
    page = _page(request, pk)
    form = SearchForm(request.GET)
    options = page.options(form.cleaned_data["q"] if form.is_valid() else "")
    return render(request, page.options_template, {"options": options})
