"""Asking for parts: a new request, a draft changed, and the part search of both."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.shared.access import get_visible, requires
from config.shared.submissions import submit
from spareparts.domain import requisitions as domain
from spareparts.domain.requisitions.errors import BadLines
from spareparts.enums import REQUISITION_TRANSITIONS, Permission
from spareparts.forms.lines import PREFIX, Catalogue
from spareparts.forms.requisitions import BaseAskedFormSet, RequestForm, StartForm
from spareparts.forms.search import SearchForm
from spareparts.models import Requisition
from spareparts.views.picking import chosen_part, found_parts, next_index
from spareparts.views.request_page import EMPTY_LINE, AskLine, RequestPage

DRAFT, ADD, FIND = "draft", "add", "find"  # the buttons beside the one that sends


@requires(Permission.REQUEST_PARTS)
@require_http_methods(["GET", "HEAD", "POST"])
def requisition_new(request: HttpRequest) -> HttpResponse:
    """``?work_order=`` asks for a job, ``?part=`` puts a part on the list."""
    start = StartForm(request.GET, by=request.user)
    start.is_valid()
    known = start.cleaned_data
    page = RequestPage(request, timezone.now(), job=known.get("work_order"), part=known.get("part"))
    return _answer(page)


@requires(Permission.REQUEST_PARTS)
@require_http_methods(["GET", "HEAD", "POST"])
def requisition_edit(request: HttpRequest, pk: int) -> HttpResponse:
    related = ("engineer", "work_order__equipment", "work_order__customer", "warehouse", "destination", "site")
    draft = get_visible(Requisition.objects.visible_to(request.user).select_related(*related), pk=pk)
    return _answer(RequestPage(request, timezone.now(), job=draft.work_order, draft=draft))


def _answer(page: RequestPage) -> HttpResponse:
    request = page.request
    if request.method != "POST":
        return _show(page, {"head": page.form(), "lines": page.first_lines()})
    catalogue = Catalogue.of_post(request.POST, request.user)
    formset = page.formset(request.POST, catalogue)
    if FIND in request.POST or ADD in request.POST:
        return _find_or_add(page, formset, catalogue)
    form = page.form(request.POST)
    if formset.is_valid() & form.is_valid():
        done = submit(request, form, lambda key: _ask(page, form, formset, key))
        if done is not None:
            return done
    lines = page.typed_lines(formset, catalogue, with_errors=True)
    return _show(page, {"form": form, "head": form, "formset": formset, "lines": lines})


def _ask(page: RequestPage, form: RequestForm, formset: BaseAskedFormSet, key: uuid.UUID) -> str:
    """Write the draft, and send it when that was pressed."""
    request, asked = page.request, page.draft
    facts: dict[str, Any] = {"by": request.user, "at": page.now, "policy": request.policy}
    try:
        if asked is None:
            asked = domain.create_requisition(engineer=form.who, lines=formset.lines, **facts, **form.facts)
        else:
            domain.edit_requisition(asked, lines=formset.lines, **facts, **form.facts)
        if DRAFT in request.POST:
            done = _("%(reference)s is saved. Nobody sees it before you send it.")
        else:
            domain.submit_requisition(asked, key=key, **facts)
            done = _("%(reference)s is sent.")
    except BadLines as error:
        formset.add_problems(error.problems)
        error.messages = []  # said at the lines
        raise
    messages.success(request, done % {"reference": asked})
    return asked.get_absolute_url()


def _find_or_add(page: RequestPage, formset: BaseAskedFormSet, catalogue: Catalogue) -> HttpResponse:
    """Without JavaScript: find parts, or add the one chosen; everything typed stays."""
    request = page.request
    lines = page.typed_lines(formset, catalogue, with_errors=False)
    context: dict[str, Any] = {"head": page.form(typed=request.POST)}
    if ADD in request.POST:
        part = chosen_part(request)
        return _show(page, context | {"lines": page.added(lines, part) if part is not None else lines})
    query = _query({"q": request.POST.get("part", "")})
    options = page.options(found_parts(request.user, query))
    return _show(page, context | {"lines": lines, "options": options, "query": query, "is_searched": True})


def _query(data: Mapping[str, str]) -> str:
    form = SearchForm(data)
    return str(form.cleaned_data["q"]) if form.is_valid() else ""


def _show(page: RequestPage, context: dict[str, Any]) -> HttpResponse:
    lines: list[AskLine] = context["lines"]
    page.completed(lines)
    draft = page.draft
    context |= {
        "page": page,
        "draft": draft,
        "work_order": page.job,
        "total": next_index(lines),
        "prefix": PREFIX,
        "empty_line": EMPTY_LINE,
        "may_ask": draft is None or draft.status in REQUISITION_TRANSITIONS["edit"].sources,
        "back_url": draft.get_absolute_url() if draft is not None else _back_url(page),
        "title": _("Change %(reference)s") % {"reference": draft} if draft is not None else _("Request parts"),
    }
    return render(page.request, "spareparts/requisitions/request.html", context)


def _back_url(page: RequestPage) -> str:
    return page.job.get_absolute_url() if page.job is not None else reverse("spareparts:requisitions")


@requires(Permission.REQUEST_PARTS)
@require_safe
def requisition_search(request: HttpRequest) -> HttpResponse:
    """The picker's options, each with what of it lies free."""
    page = RequestPage(request, timezone.now())
    options = page.options(found_parts(request.user, _query(request.GET)))
    return render(request, "spareparts/requisitions/_options.html", {"options": options})
