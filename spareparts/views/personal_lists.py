"""Lists of hand-overs, reports, purchases and counts: one's own, or everybody's for the office."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from config.shared.access import requires
from config.shared.paging import page_of, pages_beside
from spareparts.domain.hand_overs import is_expired
from spareparts.domain.handed import amount
from spareparts.enums import CountStatus, Permission, PostedStatus
from spareparts.models import HandOver, LocalPurchase, LossReport, StockCount
from spareparts.views.hand_over_page import OPEN, TONES


@dataclass(frozen=True)
class Kind:
    """One list: its words, its rows, and how a row is told."""

    url_name: str
    title: str | Promise
    empty: str | Promise
    rows: Callable[[Any], QuerySet[Any]]
    row: Callable[[Any, datetime], dict[str, Any]]
    new: str = ""
    new_label: str | Promise = ""
    new_permission: str = ""


def _when(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def _lines(count: int) -> str:
    return ngettext("%(count)s line", "%(count)s lines", count) % {"count": count}


def _hand_over_rows(user: Any) -> QuerySet[HandOver]:
    first = Case(When(status__in=OPEN, expires_at__gt=timezone.now(), then=Value(0)), default=Value(1))
    rows = HandOver.objects.visible_to(user).select_related("sender", "receiver")
    return rows.annotate(line_count=Count("lines")).order_by(first, "-pk")


def _hand_over_row(row: Any, now: datetime) -> dict[str, Any]:
    lapsed = row.status in OPEN and is_expired(row, at=now)
    words = {"sender": row.sender, "receiver": row.receiver}
    return {
        "title": _("%(sender)s to %(receiver)s") % words,
        "text": f"{row.reference} · {_lines(row.line_count)} · {_when(row.created_at)}",
        "badge": _("Lapsed") if lapsed else row.get_status_display(),
        "tone": "warn" if lapsed else TONES.get(row.status, "neutral"),
    }


def _loss_row(row: LossReport, now: datetime) -> dict[str, Any]:
    return {
        "title": f"{row.part.number} {row.part.name}",
        "text": f"{row.reference} · {row.get_kind_display()} · {row.engineer} · {_when(row.created_at)}",
        "end": f"× {amount(row.quantity, row.part)}",
        "badge": row.get_status_display(),
        "tone": "neutral" if row.status == PostedStatus.UNDONE else "good",
    }


def _purchase_row(row: Any, now: datetime) -> dict[str, Any]:
    return {
        "title": row.supplier,
        "text": f"{row.reference} · {_lines(row.line_count)} · {row.engineer} · {_when(row.created_at)}",
        "badge": row.get_status_display(),
        "tone": "neutral" if row.status == PostedStatus.UNDONE else "good",
    }


COUNT_TONES: dict[str, str] = {CountStatus.COUNTING: "info", CountStatus.WAITING: "warn", CountStatus.POSTED: "good"}


def _count_rows(user: Any) -> QuerySet[StockCount]:
    order = Case(
        When(status=CountStatus.WAITING, then=Value(0)),
        When(status=CountStatus.COUNTING, then=Value(1)),
        default=Value(2),
    )
    rows = StockCount.objects.visible_to(user).select_related("location__owner", "location__warehouse")
    return rows.annotate(line_count=Count("lines")).order_by(order, "-pk")


def _count_row(row: Any, now: datetime) -> dict[str, Any]:
    return {
        "title": str(row.location),
        "text": f"{row.reference} · {_lines(row.line_count)} · {_when(row.created_at)}",
        "badge": row.get_status_display(),
        "tone": COUNT_TONES.get(row.status, "neutral"),
    }


KINDS = (
    Kind(
        "hand_overs",
        gettext_lazy("Hand-overs"),
        gettext_lazy("No parts were handed over yet."),
        _hand_over_rows,
        _hand_over_row,
        "hand_over_new",
        gettext_lazy("Hand parts over"),
        Permission.HAND_OVER,
    ),
    Kind(
        "losses",
        gettext_lazy("Lost and damaged"),
        gettext_lazy("Nothing was reported lost or damaged."),
        lambda user: LossReport.objects.visible_to(user).select_related("part__unit", "engineer").order_by("-pk"),
        _loss_row,
        "loss_new",
        gettext_lazy("Report a part"),
        Permission.REPORT_LOSS,
    ),
    Kind(
        "purchases",
        gettext_lazy("Local purchases"),
        gettext_lazy("Nothing was bought locally yet."),
        lambda user: (
            LocalPurchase.objects.visible_to(user)
            .select_related("engineer")
            .annotate(line_count=Count("lines"))
            .order_by("-pk")
        ),
        _purchase_row,
        "purchase_new",
        gettext_lazy("Record a purchase"),
        Permission.BUY_LOCALLY,
    ),
    Kind(
        "counts",
        gettext_lazy("Stock counts"),
        gettext_lazy("Nothing was counted yet."),
        _count_rows,
        _count_row,
        "count_new",
        gettext_lazy("Count my stock"),
        Permission.COUNT_OWN,
    ),
)


def _list(request: HttpRequest, chosen: Kind) -> HttpResponse:
    now = timezone.now()
    page = page_of(request, chosen.rows(request.user))
    rows = [chosen.row(row, now) | {"url": row.get_absolute_url()} for row in page.object_list]
    tabs = [
        {"label": kind.title, "url": reverse(f"spareparts:{kind.url_name}"), "is_current": kind is chosen}
        for kind in KINDS
    ]
    context = {"kind": chosen, "rows": rows, "tabs": tabs, "pages": pages_beside(request, page)}
    if request.user.has_perm(chosen.new_permission):
        context |= {"new_url": reverse(f"spareparts:{chosen.new}"), "new_label": chosen.new_label}
    return render(request, "spareparts/personal/list.html", context)


@requires(Permission.FIND_HOLDERS)
@require_safe
def hand_overs(request: HttpRequest) -> HttpResponse:
    return _list(request, KINDS[0])


@requires(Permission.FIND_HOLDERS)
@require_safe
def losses(request: HttpRequest) -> HttpResponse:
    return _list(request, KINDS[1])


@requires(Permission.FIND_HOLDERS)
@require_safe
def purchases(request: HttpRequest) -> HttpResponse:
    return _list(request, KINDS[2])


@requires(Permission.FIND_HOLDERS)
@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    return _list(request, KINDS[3])
