"""The desk for returns: what comes in, counting and inspecting it, taking back without a prepared return, undo."""

import uuid
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from config.shared.access import requires
from config.shared.paging import page_of, pages_beside
from config.shared.submissions import answers_again, submit
from inventory.enums import WarehouseStatus
from spareparts.domain import returns as domain
from spareparts.domain.returns.check_in import undo_row
from spareparts.domain.returns.moving import goes_to_a_desk
from spareparts.domain.returns.problems import BadReturn
from spareparts.enums import Permission, ReturnStatus
from spareparts.forms.check_in import CheckInForm, CodeForm
from spareparts.forms.returns import EngineerForm, TakeBackForm
from spareparts.forms.undo import ReasonForm, UndoForm
from spareparts.models import Return
from spareparts.queries import returns as queries
from spareparts.views.my_parts import company_today
from spareparts.views.returns import visible
from workorders.models import User
from workorders.queries import active_engineers

PER_PAGE = 25


@requires(Permission.CHECK_IN_RETURN)
@require_safe
def returns_desk(request: HttpRequest) -> HttpResponseBase:
    """The queue, and a field for the scanner: the code of a return opens its check-in."""
    form = CodeForm(request.GET)
    key = form.return_key()
    if key is not None and Return.objects.visible_to(request.user).filter(pk=key).exists():
        return redirect("spareparts:return_check_in", pk=key)
    page = page_of(request, queries.coming(request.user), per_page=PER_PAGE)
    context = {
        "form": CodeForm(),
        "not_found": form.cleaned_data.get("code", "") if form.is_valid() else "",
        "rows": page.object_list,
        "pages": pages_beside(request, page),
        "has_desk": goes_to_a_desk(request.policy),
        "handed_over": ReturnStatus.HANDED_OVER,
    }
    return render(request, "spareparts/returns/desk.html", context)


# ---------------------------------------------------------------- counting
@requires(Permission.CHECK_IN_RETURN)
@require_http_methods(["GET", "HEAD", "POST"])
def return_check_in(request: HttpRequest, pk: int) -> HttpResponse:
    document = visible(request, pk)
    lines = queries.lines_shown(document)
    prefetch_related_objects(lines, "part__barcodes")  # the scanner knows them
    data = request.POST if request.method == "POST" else None
    form = CheckInForm(data, lines=lines, version=document.version)
    if request.method == "POST" and form.is_valid():
        done = submit(request, form, lambda key: _check_in(request, document, form, key))
        if done is not None:
            return done
    context = {
        "return": document,
        "form": form,
        "has_desk": goes_to_a_desk(request.policy),
        "is_open": document.status in (ReturnStatus.PREPARED, ReturnStatus.HANDED_OVER),
        "comes_now": document.posting_id is None,
    }
    return render(request, "spareparts/returns/check_in.html", context)


def _check_in(request: HttpRequest, document: Return, form: CheckInForm, key: uuid.UUID) -> str:
    document.version = form.cleaned_data["version"]  # what the desk has seen
    try:
        domain.check_in_return(
            document, by=request.user, at=timezone.now(), key=key, policy=request.policy, lines=form.found
        )
    except BadReturn as error:
        form.add_problems(error.problems)
        error.messages = []  # said at the lines
        raise
    return document.get_absolute_url()


@requires(Permission.CHECK_IN_RETURN)
@require_http_methods(["POST"])
def return_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Where no warehouse takes parts in: all of it came back, in one press from the list."""
    document, form = visible(request, pk), UndoForm(request.POST)
    form.is_valid()

    def act(key: uuid.UUID) -> str:
        domain.confirm_return(document, by=request.user, at=timezone.now(), key=key, policy=request.policy)
        return document.get_absolute_url()

    done = submit(request, form, act)
    return done or render(request, "spareparts/returns/refused.html", {"return": document, "form": form})


@requires(Permission.CHECK_IN_RETURN)
@require_http_methods(["GET", "HEAD", "POST"])
@answers_again
def return_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason where one is needed (GET), and undoes (POST)."""
    document, now = visible(request, pk), timezone.now()
    facts = {"by": request.user, "at": now, "policy": request.policy}
    data = request.POST if request.method == "POST" else None
    needs_reason = undo_row(document, **facts).needs_reason
    form = ReasonForm(data) if needs_reason else UndoForm(data)
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            domain.undo_check_in(document, key=key, reason=form.cleaned_data.get("reason", ""), **facts)
            return document.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
        document.refresh_from_db()
    return render(request, "spareparts/returns/undo.html", {"return": document, "form": form})


# ---------------------------------------------------------------- the counter
@requires(Permission.CHECK_IN_RETURN)
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest) -> HttpResponse:
    """First whose parts they are, then how many of which."""
    chooser = EngineerForm(request.GET or None, engineers=active_engineers())
    engineer = chooser.chosen()
    if engineer is None:
        return render(request, "spareparts/returns/take_back_whose.html", {"form": chooser})
    form = _take_back_form(request, engineer)
    if request.method == "POST" and form.is_valid():
        done = submit(request, form, lambda key: _take_back(request, engineer, form, key))
        if done is not None:
            return done
    own = Return.objects.visible_to(request.user).filter(engineer=engineer, status=ReturnStatus.PREPARED)
    context = {"form": form, "engineer": engineer, "prepared": own.order_by("-pk")[:3]}
    return render(request, "spareparts/returns/take_back.html", context)


def _take_back_form(request: HttpRequest, engineer: User) -> TakeBackForm:
    facts: Any = request
    rows = queries.proposals(
        engineer, at=timezone.now(), today=company_today(), settings=facts.settings_row, policy=facts.policy
    )
    prefetch_related_objects([row.part for row in rows], "barcodes")  # the scanner knows them
    warehouses = None
    if goes_to_a_desk(facts.policy):
        warehouses = queries.desk_warehouses(facts.user).filter(status=WarehouseStatus.OPEN)
    return TakeBackForm(request.POST if request.method == "POST" else None, rows=rows, warehouses=warehouses)


def _take_back(request: HttpRequest, engineer: User, form: TakeBackForm, key: uuid.UUID) -> str:
    facts: Any = {"by": request.user, "at": timezone.now(), "key": key, "policy": request.policy}  # type: ignore[attr-defined]
    try:
        return domain.take_back_at_counter(engineer=engineer, **facts, **form.facts()).get_absolute_url()
    except BadReturn as error:
        form.add_problems(error.problems)
        error.messages = []  # said at the rows
        raise
