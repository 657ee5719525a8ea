"""The count of one's own stock: open, count, finish; and the second person who approves."""

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from config.shared.access import get_visible, requires
from config.shared.submissions import submit
from inventory.enums import Condition, LocationKind
from spareparts.domain import counts as domain
from spareparts.domain.consumption import BadLines
from spareparts.enums import CountStatus, Feature, Permission
from spareparts.forms.lines import PREFIX, Catalogue, key_of
from spareparts.forms.personal_lines import CountForm, FoundLines
from spareparts.forms.search import SearchForm
from spareparts.forms.undo import ReasonForm
from spareparts.models import StockCount
from spareparts.queries.personal import held_rows
from spareparts.views.count_page import show_count
from spareparts.views.picking import PartLine, chosen_part, found_parts, next_index, typed_lines, with_part

OPEN = (CountStatus.COUNTING, CountStatus.WAITING)


@dataclass
class FoundLine(PartLine):
    condition: str = Condition.NEW
    lot_code: str = ""
    reason: str = ""


@requires(Permission.COUNT_OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def count_new(request: HttpRequest) -> HttpResponse:
    """What a count is, and the button that opens one; who has one open goes on with it."""
    mine = StockCount.objects.filter(location__owner_id=request.user.pk, status__in=OPEN).first()
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            facts = {"engineer": request.user, "by": request.user, "at": timezone.now(), "policy": request.policy}
            return domain.open_count(**facts).get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
    elif mine is not None:
        return redirect(mine)
    context = {"form": form, "kinds": held_rows(request.user).count()}
    return render(request, "spareparts/personal/count_new.html", context)


def _visible(request: HttpRequest, pk: int) -> StockCount:
    counts = StockCount.objects.visible_to(request.user).filter(location__kind=LocationKind.ENGINEER)
    return get_visible(counts.select_related("location__owner", "created_by", "decided_by", "posting"), pk=pk)


@requires(Permission.FIND_HOLDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """While its engineer counts it is a form: save, or finish. After that, and for all others, it is told."""
    document = _visible(request, pk)
    rows = domain.rows_of(document)
    is_mine = document.location.owner_id == request.user.pk and request.user.has_perm(Permission.COUNT_OWN)
    if request.method == "POST" and not is_mine:
        raise PermissionDenied
    if request.method != "POST":
        may_count = is_mine and document.status == CountStatus.COUNTING
        return (
            _form_page(request, document, rows, CountForm(rows=rows))
            if may_count
            else show_count(request, document, rows)
        )
    catalogue = Catalogue.of_post(request.POST, request.user)
    form = CountForm(request.POST, rows=rows)
    found = FoundLines(request.POST, prefix=PREFIX, form_kwargs={"catalogue": catalogue})
    if "find" in request.POST or "add" in request.POST:
        return _find_or_add(request, document, form, found, catalogue)
    if form.is_valid() & found.is_valid():
        done = submit(request, form, lambda key: _act(request, document, form, found, key))
        if done is not None:
            _say(request, document)
            return done
        document.refresh_from_db()
    lines = _typed(found, catalogue, with_errors=True)
    return _form_page(request, document, rows, form, formset=found, lines=lines, errors=form)


def _act(request: HttpRequest, document: StockCount, form: CountForm, found: Any, key: uuid.UUID) -> str:
    facts = {"by": request.user, "at": timezone.now(), "policy": request.policy}
    facts["lines"] = [*form.lines, *found.lines]
    try:
        if "finish" in request.POST:
            domain.finish_count(document, key=key, **facts)
        else:
            domain.save_count(document, **facts)
    except BadLines as error:
        form.add_problems(error.problems, found)
        error.messages = []  # said at the lines
        raise
    return document.get_absolute_url()


def _say(request: HttpRequest, document: StockCount) -> None:
    """What finishing meant, where the page alone would not say it."""
    if document.status != CountStatus.COUNTING:
        return
    if "finish" in request.POST:
        words = _("Some parts moved while you counted. Count those once more.")
        messages.warning(request, words)
    else:
        messages.success(request, _("Saved. Nothing is booked until you finish the count."))


def _typed(found: Any, catalogue: Catalogue, *, with_errors: bool) -> list[FoundLine]:
    def read(prefix: str) -> FoundLine:
        names = ("quantity", "condition", "lot_code", "reason")
        typed = {name: found.data.get(f"{prefix}-{name}", "") for name in names}
        part = catalogue.by_id.get(key_of(found.data.get(f"{prefix}-part", "")) or 0)
        return FoundLine(prefix=prefix, part=part, **typed)

    return typed_lines(found, read, with_errors=with_errors)


def _find_or_add(
    request: HttpRequest, document: StockCount, form: CountForm, found: Any, catalogue: Catalogue
) -> HttpResponse:
    """Without JavaScript: find parts, or add the one chosen; everything typed stays."""
    lines = _typed(found, catalogue, with_errors=False)
    search = SearchForm({"q": request.POST.get("part", "")})
    query = search.cleaned_data["q"] if search.is_valid() else ""
    context: dict[str, Any] = {}
    if "add" in request.POST:
        part = chosen_part(request)
        if part is not None:
            lines = with_part(lines, part, lambda index: FoundLine(f"{PREFIX}-{index}", part, "1"))
    else:
        context = {"query": query, "is_searched": True, "options": found_parts(request.user, query)}
    return _form_page(request, document, form.rows, form, lines=lines, **context)


def _form_page(
    request: HttpRequest, document: StockCount, rows: Any, form: CountForm, *, errors: Any = None, **context: Any
) -> HttpResponse:
    lines = context.setdefault("lines", [])
    context |= {
        "count": document,
        "counting": form,
        "form": errors,
        "rows": list(form.shown()),
        "prefix": PREFIX,
        "total": next_index(lines),
        "empty_line": FoundLine(f"{PREFIX}-__prefix__", None, "1"),
        "conditions": Condition.choices,
        "asks_lot": request.policy.has(Feature.LOTS_ENFORCED),
        "asked_again": sum(row.counted is None for row in rows),
    }
    return render(request, "spareparts/personal/count_form.html", context)


@require_POST
@requires(Permission.COUNT_OWN)
def count_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the count up."""
    return _decided(
        request, pk, forms.Form(request.POST), lambda document, key, facts: domain.cancel_count(document, **facts)
    )


@require_POST
@requires(Permission.APPROVE_COUNT)
def count_approve(request: HttpRequest, pk: int) -> HttpResponse:
    form = forms.Form(request.POST)
    return _decided(request, pk, form, lambda document, key, facts: domain.approve_count(document, key=key, **facts))


@require_POST
@requires(Permission.APPROVE_COUNT)
def count_reject(request: HttpRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST)
    return _decided(
        request,
        pk,
        form,
        lambda document, key, facts: domain.reject_count(document, reason=form.cleaned_data["reason"], **facts),
    )


def _decided(request: HttpRequest, pk: int, form: forms.Form, act: Any) -> HttpResponse:
    document = _visible(request, pk)
    if form.is_valid():

        def once(key: uuid.UUID) -> str:
            act(document, key, {"by": request.user, "at": timezone.now(), "policy": request.policy})
            return document.get_absolute_url()

        done = submit(request, form, once)
        if done is not None:
            return done
        document.refresh_from_db()
    return show_count(request, document, domain.rows_of(document), form=form)
