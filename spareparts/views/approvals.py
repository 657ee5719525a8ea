"""Approvals: what waits, and one request granted as asked, in part, or with a substitute."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.shared.access import get_visible, requires
from config.shared.paging import page_of, pages_beside
from config.shared.submissions import submit
from config.shared.templatetags.shared import quantity as in_words
from inventory.enums import Permission as I
from inventory.models import Part
from spareparts.domain import requisitions as domain
from spareparts.domain.costs import line_cost
from spareparts.domain.requisitions.errors import BadLines
from spareparts.enums import Permission, RequisitionStatus
from spareparts.forms.lines import step_of, typed_quantity
from spareparts.forms.requisitions import ConfirmForm, GrantForms
from spareparts.models import Requisition, RequisitionLine
from spareparts.queries.asking import stand_ins
from spareparts.queries.requisitions import free_quantities
from spareparts.views.requisition_buttons import buttons_of
from spareparts.views.requisitions import card_of, with_lines

ALL = "all"  # the button that grants everything as it was asked for


@requires(Permission.APPROVE_REQUISITION)
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for an approval, the most pressing first."""
    waiting = Requisition.objects.visible_to(request.user).filter(status=RequisitionStatus.SUBMITTED)
    in_order = waiting.order_by(F("needed_at").asc(nulls_last=True), "submitted_at", "pk")
    page = page_of(request, with_lines(in_order), per_page=25)
    sees_cost = request.user.has_perm(I.SEE_COST)
    rows = [
        card_of(each) | {"value": _value(each.lines.all()) if sees_cost else None, "is_own": _is_own(request, each)}
        for each in page.object_list
    ]
    context = {"rows": rows, "page": page, "pages": pages_beside(request, page), "now": timezone.now()}
    return render(request, "spareparts/requisitions/approvals.html", context)


def _is_own(request: HttpRequest, found: Requisition) -> bool:
    return request.user.pk in (found.engineer_id, found.created_by_id)


def _value(lines: Iterable[RequisitionLine]) -> Decimal:
    costs = (line_cost(line.part.unit_cost, line.quantity, line.part.unit.decimal_places) for line in lines)
    return sum(costs, Decimal("0.00"))


@requires(Permission.APPROVE_REQUISITION)
@require_http_methods(["GET", "HEAD", "POST"])
def requisition_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant line by line; the button of the list grants all as asked."""
    found = get_visible(with_lines(Requisition.objects.visible_to(request.user)), pk=pk)
    page = ApprovePage(request, found)
    if request.method != "POST":
        return _show(page, {})
    form = ConfirmForm(request.POST, requisition=found)
    grants = None if ALL in request.POST else GrantForms(request.POST, asked=page.asked)
    if form.is_valid() and (grants is None or grants.is_valid()):
        done = submit(request, form, lambda key: _approve(request, found, grants, key))
        if done is not None:
            messages.success(request, _("%(reference)s is approved.") % {"reference": found})
            return done
        found.refresh_from_db(fields=["status", "fulfilment", "version"])
    return _show(page, {"form": form, "formset": grants})


def _approve(request: HttpRequest, found: Requisition, grants: GrantForms | None, key: uuid.UUID) -> str:
    try:
        domain.approve_requisition(
            found,
            by=request.user,
            at=timezone.now(),
            key=key,
            policy=request.policy,
            grants=grants.grants if grants is not None else None,
        )
    except BadLines as error:
        if grants is not None:
            grants.add_problems(error.problems)
            error.messages = []  # said at the lines
        raise
    return found.get_absolute_url()


@dataclass
class GrantLine:
    """One line of the page: what was asked, what stands in the fields, and what is wrong with them."""

    line: RequisitionLine
    free: str
    others: list[tuple[Part, str]]
    quantity: str
    substitute: str = ""
    substitute_quantity: str = "0"
    reason: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        return f"line-{self.line.pk}"

    @property
    def step(self) -> str:
        return step_of(self.line.part.unit)

    @property
    def is_open(self) -> bool:
        """Its reason and substitute stand open: something else than what was asked is said."""
        return bool(self.errors or self.reason or self.substitute)


FIELDS = ("quantity", "substitute", "substitute_quantity", "reason")


class ApprovePage:
    """The lines with what may stand in for them and what lies free; two statements for all."""

    def __init__(self, request: HttpRequest, found: Requisition) -> None:
        self.request, self.requisition = request, found
        lines = list(found.lines.all())
        parts = Part.objects.filter(pk__in=[line.part_id for line in lines])
        others = stand_ins(parts.select_related("superseded_by__unit"))
        self.asked = {line: others.get(line.part_id, []) for line in lines}
        wanted = {part.pk for line, found_parts in self.asked.items() for part in (line.part, *found_parts)}
        self.free = free_quantities(wanted, warehouse=found.warehouse) if found.warehouse is not None else None

    def free_words(self, part: Part) -> str:
        if self.free is None:
            return ""
        return _("%(quantity)s free") % {"quantity": in_words(self.free.get(part.pk, 0), part.unit)}

    def lines(self, grants: GrantForms | None) -> list[GrantLine]:
        """As asked first; then as typed."""
        errors: Mapping[int, dict[str, list[str]]] = {}
        if grants is not None:
            errors = {form.asked.pk: {name: list(each) for name, each in form.errors.items()} for form in grants.forms}
        return [self._line(line, errors.get(line.pk, {}), is_typed=grants is not None) for line in self.asked]

    def _line(self, line: RequisitionLine, errors: dict[str, list[str]], *, is_typed: bool) -> GrantLine:
        typed: dict[str, Any] = {"quantity": typed_quantity(line.quantity, line.part.unit)}
        if is_typed:
            typed = {name: self.request.POST.get(f"line-{line.pk}-{name}", "") for name in FIELDS}
        others = [(part, self.free_words(part)) for part in self.asked[line]]
        return GrantLine(line, self.free_words(line.part), others, errors=errors, **typed)


def _show(page: ApprovePage, context: dict[str, Any]) -> HttpResponse:
    found, request = page.requisition, page.request
    card = card_of(found)
    buttons = buttons_of(found, card["progress"], by=request.user, policy=request.policy)
    context |= card | {
        "lines": page.lines(context.get("formset")),
        "buttons": [button for button in buttons if not button["is_primary"]],
        "is_waiting": found.status == RequisitionStatus.SUBMITTED,
        "value": _value(found.lines.all()) if request.user.has_perm(I.SEE_COST) else None,
        "now": timezone.now(),
    }
    return render(request, "spareparts/requisitions/approve.html", context)
