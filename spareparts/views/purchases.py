"""Parts bought locally: the record with its lines, its page, the receipt, and taking it back."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.shared.access import get_visible, requires
from config.shared.submissions import submit
from inventory.enums import Tracking
from spareparts.domain import purchases as domain
from spareparts.domain.consumption import BadLines
from spareparts.domain.taking_back import undo_row
from spareparts.enums import PURCHASE_TRANSITIONS, Feature, Permission
from spareparts.forms.lines import PREFIX, Catalogue, key_of
from spareparts.forms.personal_lines import PurchaseHeadForm, PurchaseLines
from spareparts.forms.search import SearchForm
from spareparts.models import LocalPurchase
from spareparts.queries.personal import open_jobs
from spareparts.views.hand_over_answers import undo_form
from spareparts.views.losses import picture
from spareparts.views.picking import PartLine, chosen_part, found_parts, next_index, note_of, typed_lines, with_part
from spareparts.views.posted_page import undo_words


@dataclass
class BoughtLine(PartLine):
    unit_cost: str = ""
    lot_code: str = ""
    asks_lot: bool = False

    @property
    def is_tracked(self) -> bool:
        return self.asks_lot and (self.part is None or self.part.tracking != Tracking.NONE)


@requires(Permission.BUY_LOCALLY)
@require_http_methods(["GET", "HEAD", "POST"])
def purchase_new(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request, {"head": _head(request, bound=False), "lines": []})
    catalogue = Catalogue.of_post(request.POST, request.user)
    formset = PurchaseLines(request.POST, prefix=PREFIX, form_kwargs={"catalogue": catalogue})
    if "find" in request.POST or "add" in request.POST:
        return _find_or_add(request, formset, catalogue)
    head = _head(request, bound=True)
    if formset.is_valid() & head.is_valid():
        done = submit(request, head, lambda key: _record(request, head, formset, key))
        if done is not None:
            return done
    lines = _typed(request, formset, catalogue, with_errors=True)
    return _show(request, {"form": head, "head": head, "formset": formset, "lines": lines})


def _head(request: HttpRequest, *, bound: bool) -> PurchaseHeadForm:
    jobs = open_jobs(request.user)
    if bound:
        return PurchaseHeadForm(request.POST, request.FILES, jobs=jobs)
    typed = {name: request.POST.get(name) for name in ("supplier", "work_order", "note")}
    return PurchaseHeadForm(jobs=jobs, initial=typed)


def _record(request: HttpRequest, head: PurchaseHeadForm, formset: Any, key: uuid.UUID) -> str:
    data = head.cleaned_data
    try:
        return domain.record_purchase(
            engineer=request.user,
            by=request.user,
            at=timezone.now(),
            key=key,
            policy=request.policy,
            lines=formset.lines,
            **{name: data[name] for name in ("supplier", "note", "photo", "work_order")},
        ).get_absolute_url()
    except BadLines as error:
        formset.add_problems(error.problems)
        error.messages = []  # said at the lines
        raise


def _typed(request: HttpRequest, formset: Any, catalogue: Catalogue, *, with_errors: bool) -> list[BoughtLine]:
    def read(prefix: str) -> BoughtLine:
        typed = {name: formset.data.get(f"{prefix}-{name}", "") for name in ("quantity", "unit_cost", "lot_code")}
        part = catalogue.by_id.get(key_of(formset.data.get(f"{prefix}-part", "")) or 0)
        return BoughtLine(prefix=prefix, part=part, note=_note(part), asks_lot=_asks_lot(request), **typed)

    return typed_lines(formset, read, with_errors=with_errors)


def _note(part: Any) -> str:
    return note_of(part) if part is not None and not part.is_listed else ""


def _asks_lot(request: HttpRequest) -> bool:
    return bool(request.policy.has(Feature.LOTS_ENFORCED))


def _find_or_add(request: HttpRequest, formset: Any, catalogue: Catalogue) -> HttpResponse:
    """Without JavaScript: find parts, or add the one chosen; everything typed stays but the photo."""
    lines = _typed(request, formset, catalogue, with_errors=False)
    context: dict[str, Any] = {"head": _head(request, bound=False)}
    form = SearchForm({"q": request.POST.get("part", "")})
    query = form.cleaned_data["q"] if form.is_valid() else ""
    if "add" in request.POST:
        part = chosen_part(request)
        context["lines"] = with_part(lines, part, lambda index: _line(request, index, part)) if part else lines
    else:
        context |= {"lines": lines, "query": query, "is_searched": True}
        context["options"] = found_parts(request.user, query)
    return _show(request, context)


def _line(request: HttpRequest, index: int | str, part: Any) -> BoughtLine:
    price = f"{part.unit_cost}" if part is not None else ""
    return BoughtLine(f"{PREFIX}-{index}", part, "1", unit_cost=price, asks_lot=_asks_lot(request))


def _show(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    context |= {
        "prefix": PREFIX,
        "total": next_index(context["lines"]),
        "empty_line": _line(request, "__prefix__", None),
    }
    return render(request, "spareparts/personal/purchase_new.html", context)


def _visible(request: HttpRequest, pk: int) -> LocalPurchase:
    related = ("engineer", "work_order", "undone_by", "posting")
    return get_visible(LocalPurchase.objects.visible_to(request.user).select_related(*related), pk=pk)


@requires(Permission.FIND_HOLDERS)
@require_safe
def purchase(request: HttpRequest, pk: int) -> HttpResponse:
    bought = _visible(request, pk)
    lines = list(bought.lines.select_related("part__unit", "lot").order_by("pk"))
    total = sum((domain.paid(line) for line in lines), start=domain.NOTHING)
    context = {"purchase": bought, "lines": [(line, domain.paid(line)) for line in lines], "total": total}
    context["undo"] = undo_words(request, bought, PURCHASE_TRANSITIONS)
    return render(request, "spareparts/personal/purchase.html", context)


@requires(Permission.FIND_HOLDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def purchase_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason where one is needed (GET), and undoes (POST)."""
    bought, now = _visible(request, pk), timezone.now()
    facts = {"by": request.user, "at": now, "policy": request.policy}
    form = undo_form(request, lambda: undo_row(bought, PURCHASE_TRANSITIONS, **facts))
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            domain.undo_purchase(bought, key=key, reason=form.cleaned_data.get("reason", ""), **facts)
            return bought.get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
    text = _("The parts leave the personal inventory of %(person)s again.") % {"person": bought.engineer}
    return render(request, "spareparts/personal/undo.html", {"document": bought, "form": form, "text": text})


@requires(Permission.FIND_HOLDERS)
@require_safe
def purchase_photo(request: HttpRequest, pk: int) -> FileResponse:
    return picture(_visible(request, pk).receipt_photo)
