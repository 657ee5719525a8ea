"""What a count says: its lines, its differences and what they are worth, and what may be decided about it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from inventory.enums import Condition
from inventory.enums import Permission as I
from spareparts.domain.four_eyes import others_with
from spareparts.enums import CountStatus, Permission
from spareparts.forms.undo import ReasonForm
from spareparts.models import StockCount, StockCountLine
from spareparts.queries.holdings import value_of
from spareparts.views.hand_over_page import events_for


def show_count(
    request: HttpRequest, document: StockCount, rows: Sequence[StockCountLine], *, form: forms.Form | None = None
) -> HttpResponse:
    """``form`` carries what was refused."""
    told = [_told(row) for row in rows]
    differing = [row for row in told if row["difference"]]
    is_waiting = document.status == CountStatus.WAITING
    may_decide = is_waiting and request.user.has_perm(Permission.APPROVE_COUNT)
    is_own = request.user.pk in (document.location.owner_id, document.created_by_id)
    context = {
        "count": document,
        "form": form,
        "differing": differing,
        "matching": [row for row in told if not row["difference"]],
        "value": sum((row["value"] for row in differing), Decimal("0.00")),
        "sees_cost": request.user.has_perm(I.SEE_COST) or is_own,
        "may_decide": may_decide and not (is_own and others_with(Permission.APPROVE_COUNT, by=request.user).exists()),
        "may_cancel": is_waiting and document.location.owner_id == request.user.pk,
        "is_own": is_own,
        "rejection": form if isinstance(form, ReasonForm) else ReasonForm(),
        "events": events_for(document),
    }
    return render(request, "spareparts/personal/count.html", context)


def _told(row: StockCountLine) -> dict[str, Any]:
    difference = 0 if row.counted is None else row.counted - row.booked
    return {
        "row": row,
        "difference": difference,
        "missing": -difference if difference < 0 else 0,
        "found": difference if difference > 0 else 0,
        "value": value_of(row.part, row.condition, abs(difference)),
        "condition_words": "" if row.condition == Condition.NEW else Condition(row.condition).label,
    }
