"""At the counter: pick the engineer, scan, issue."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config.shared.access import requires
from config.shared.submissions import submit
from inventory.domain.catalogue import options
from inventory.enums import Tracking
from inventory.models import Part
from spareparts.domain.requisitions import issue_at_counter
from spareparts.domain.requisitions.errors import BadLines
from spareparts.enums import Feature, Permission
from spareparts.forms.desk import CounterForm, CounterFormSet, lots_typed
from spareparts.forms.lines import PREFIX, Catalogue, key_of
from spareparts.queries.desk import warehouses_of
from spareparts.views.picking import PartLine, chosen_part, found_parts, next_index, note_of, typed_lines, with_part


@dataclass
class CounterLine(PartLine):
    """A part on the counter, with the batch or serial number typed."""

    lot: str = ""

    @property
    def is_tracked(self) -> bool:
        return self.part is not None and self.part.tracking != Tracking.NONE


@requires(Permission.WORK_AT_DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: HttpRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    keeps_stock = request.policy.has(Feature.WAREHOUSE_STOCK)
    head = CounterForm(data, by=request.user, warehouses=warehouses_of(request.user) if keeps_stock else None)
    if data is None:
        return _show(request, head, [])
    catalogue = Catalogue.of_post(data, request.user)
    formset = CounterFormSet(
        data, prefix=PREFIX, form_kwargs={"catalogue": catalogue, "lots": lots_typed(data, catalogue)}
    )

    def read(prefix: str) -> CounterLine:
        return _line(prefix, data, catalogue)

    if "find" in data or "add" in data:
        return _find_or_add(request, head, typed_lines(formset, read, with_errors=False))
    if formset.is_valid() & head.is_valid():
        done = submit(request, head, lambda key: _issue(request, head, formset, key))
        if done is not None:
            return done
    return _show(request, head, typed_lines(formset, read, with_errors=True), formset=formset)


def _line(prefix: str, data: Any, catalogue: Catalogue) -> CounterLine:
    part = catalogue.by_id.get(key_of(data.get(f"{prefix}-part", "")) or 0)
    typed = {name: data.get(f"{prefix}-{name}", "") for name in ("quantity", "lot")}
    return CounterLine(prefix, part, **{name: value for name, value in typed.items() if value})


def _find_or_add(request: HttpRequest, head: CounterForm, lines: list[CounterLine]) -> HttpResponse:
    """Without JavaScript: find parts, or add the one chosen; everything typed stays."""
    head = CounterForm(initial=request.POST.dict(), by=request.user, warehouses=_queryset(head))
    if "add" not in request.POST:
        query = request.POST.get("part", "")[:120]
        found = {"options": options(found_parts(request.user, query)), "query": query, "is_searched": True}
        return _show(request, head, lines, **found)
    part = chosen_part(request)
    if part is not None:
        lines = with_part(lines, part, lambda index: _fresh(index, part))
    return _show(request, head, lines)


def _queryset(head: CounterForm) -> Any:
    field: Any = head.fields.get("warehouse")
    return field.queryset if field is not None else None


def _fresh(index: int, part: Part) -> CounterLine:
    return CounterLine(f"{PREFIX}-{index}", part, quantity="1", note=note_of(part))


def _issue(request: HttpRequest, head: CounterForm, formset: Any, key: uuid.UUID) -> str:
    data = head.cleaned_data
    try:
        requisition = issue_at_counter(
            engineer=data["engineer"],
            by=request.user,
            at=timezone.now(),
            key=key,
            policy=request.policy,
            warehouse=data.get("warehouse"),
            parts=formset.lines,
            work_order=data["work_order"],
        )
    except BadLines as error:
        formset.add_problems(error.problems)
        error.messages = []  # said at the lines
        raise
    words = {"requisition": requisition, "engineer": requisition.engineer}
    messages.info(request, _("%(requisition)s: the parts are with %(engineer)s now.") % words)
    return reverse("spareparts:requisition", args=[requisition.pk])


def _show(request: HttpRequest, head: CounterForm, lines: list[CounterLine], **more: Any) -> HttpResponse:
    context = {
        "form": head,
        "lines": lines,
        "total": next_index(lines),
        "used_count": sum(line.is_used for line in lines),
        "prefix": PREFIX,
        "empty_line": CounterLine(f"{PREFIX}-__prefix__", None, quantity="1"),
        "enforces_lots": request.policy.has(Feature.LOTS_ENFORCED),
    }
    return render(request, "spareparts/desk/counter.html", context | more)
