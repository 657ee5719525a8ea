"""Returns: the list, a new one filled in with what is due, one return, and handing it over."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from config.shared.access import get_visible, requires
from config.shared.paging import page_of, pages_beside
from config.shared.submissions import submit
from spareparts.domain import returns as domain
from spareparts.domain.returns.moving import goes_to_a_desk
from spareparts.domain.returns.preparing import Shrunk
from spareparts.domain.returns.problems import BadReturn
from spareparts.enums import Permission, ReturnMethod
from spareparts.forms.return_list import ReturnListForm
from spareparts.forms.returns import HandOverForm, PresetForm, ReturnForm
from spareparts.forms.undo import UndoForm
from spareparts.models import Return
from spareparts.queries import returns as queries
from spareparts.views.my_parts import company_today
from spareparts.views.return_page import ReturnPage, qr_svg

PER_PAGE = 25


@requires(Permission.VIEW_RETURNS)
@require_safe
def returns(request: HttpRequest) -> HttpResponse:
    """An engineer's own, the office's all; what is open first."""
    form = ReturnListForm(request.GET)
    rows = form.narrowed(queries.with_totals(Return.objects.visible_to(request.user)))
    page = page_of(request, rows, per_page=PER_PAGE)
    context = {
        "filter": {"form": form},
        "rows": page.object_list,
        "pages": pages_beside(request, page),
        "may_return": request.user.has_perm(Permission.RETURN_PARTS),
        "sees_all": request.user.has_perm(Permission.CHECK_IN_RETURN)
        or request.user.has_perm(Permission.VIEW_ALL_REQUISITIONS),
        "may_check_in": request.user.has_perm(Permission.CHECK_IN_RETURN),
    }
    return render(request, "spareparts/returns/returns.html", context)


def visible(request: HttpRequest, pk: int) -> Return:
    related = ("engineer", "warehouse", "created_by", "checked_in_by", "posting", "check_in_posting")
    return get_visible(Return.objects.visible_to(request.user).select_related(*related), pk=pk)


# ---------------------------------------------------------------- what goes back
@requires(Permission.RETURN_PARTS)
@require_http_methods(["GET", "HEAD", "POST"])
def return_new(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        done = submit(request, form, lambda key: _return(request, form, key))
        if done is not None:
            return done
    has_desk = goes_to_a_desk(request.policy)
    return render(request, "spareparts/returns/form.html", {"form": form, "has_desk": has_desk, "document": None})


def _form(request: HttpRequest, document: Return | None = None) -> ReturnForm:
    facts: Any = request
    engineer: Any = request.user
    now = timezone.now()
    rows = queries.proposals(
        engineer, at=now, today=company_today(), settings=facts.settings_row, policy=facts.policy, but=document
    )
    warehouses = queries.open_warehouses() if goes_to_a_desk(facts.policy) else None
    ticked = PresetForm(request.GET).ticked(rows) if document is None else None
    names = ("warehouse", "method", "carrier", "tracking_number", "note")
    initial = {name: getattr(document, name) for name in names} if document is not None else {}
    data = request.POST if request.method == "POST" else None
    return ReturnForm(data, rows=rows, ticked=ticked, engineer=engineer, warehouses=warehouses, initial=initial)


def _return(request: HttpRequest, form: ReturnForm, key: uuid.UUID) -> str:
    """Prepared; and handed over at once when it is sent, or when nobody has to take it in."""
    who: Any = request.user
    facts: Any = {"by": who, "at": timezone.now(), "policy": request.policy}  # type: ignore[attr-defined]
    try:
        document = domain.prepare_return(engineer=who, key=key, **facts, **form.facts())
    except BadReturn as error:
        form.add_problems(error.problems)
        error.messages = []  # said at the rows
        raise
    goes_now = form.cleaned_data["method"] == ReturnMethod.SEND or not goes_to_a_desk(facts["policy"])
    if goes_now and "later" not in request.POST:
        _say(request, domain.hand_over_return(document, key=key, **facts))
    return document.get_absolute_url()


def _say(request: HttpRequest, shrunk: list[Shrunk]) -> None:
    """What became smaller, since parts were used meanwhile."""
    for each in shrunk:
        messages.warning(request, str(each))


@requires(Permission.RETURN_PARTS)
@require_http_methods(["GET", "HEAD", "POST"])
def return_edit(request: HttpRequest, pk: int) -> HttpResponse:
    own = Return.objects.filter(engineer_id=request.user.pk).select_related("warehouse", "engineer")
    document = get_visible(own, pk=pk)
    form = _form(request, document)
    if request.method == "POST" and form.is_valid():
        done = submit(request, form, lambda key: _edit(request, document, form))
        if done is not None:
            return done
    context = {"form": form, "has_desk": goes_to_a_desk(request.policy), "document": document}
    return render(request, "spareparts/returns/form.html", context)


def _edit(request: HttpRequest, document: Return, form: ReturnForm) -> str:
    try:
        domain.edit_return(document, by=request.user, at=timezone.now(), policy=request.policy, **form.facts())
    except BadReturn as error:
        form.add_problems(error.problems)
        error.messages = []  # said at the rows
        raise
    return document.get_absolute_url()


# ---------------------------------------------------------------- one return
@requires(Permission.VIEW_RETURNS)
@require_safe
def return_(request: HttpRequest, pk: int) -> HttpResponse:
    document = visible(request, pk)
    page = ReturnPage(document, request.user, request.policy, timezone.now())
    return render(request, "spareparts/returns/return.html", {"return": document, "page": page, "form": UndoForm()})


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_slip(request: HttpRequest, pk: int) -> HttpResponse:
    """To print and put into the box; the desk scans its code."""
    document = visible(request, pk)
    url = request.build_absolute_uri(reverse("spareparts:open_code", args=[document.reference]))
    context = {"return": document, "lines": queries.lines_shown(document), "qr": qr_svg(url)}
    return render(request, "spareparts/returns/slip.html", context)


@requires(Permission.RETURN_PARTS)
@require_http_methods(["GET", "HEAD", "POST"])
def return_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    document = visible(request, pk)
    form = HandOverForm(request.POST) if request.method == "POST" else HandOverForm(initial=vars(document))
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            facts = {"by": request.user, "at": timezone.now(), "key": key, "policy": request.policy}
            _say(request, domain.hand_over_return(document, **facts, **form.cleaned_data))
            return document.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
        document.refresh_from_db()
    context = {"return": document, "form": form, "lines": queries.lines_shown(document)}
    return render(request, "spareparts/returns/hand_over.html", context)


@requires(Permission.RETURN_PARTS)
@require_http_methods(["GET", "HEAD", "POST"])
def return_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    document, form = visible(request, pk), UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            domain.cancel_return(document, by=request.user, at=timezone.now(), policy=request.policy)
            return document.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
        document.refresh_from_db()
    return render(request, "spareparts/returns/cancel.html", {"return": document, "form": form})
