"""The office's list of requests: what narrows it, and how its rows are drawn."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from inventory.models import Part, Warehouse
from inventory.search import normalise
from spareparts.enums import ISSUABLE, OPEN_FULFILMENTS, SHIPPABLE, Feature, Fulfilment, RequisitionStatus
from spareparts.models import Requisition
from spareparts.policies import ModePolicy
from workorders.filters import engineers
from workorders.models.numbers import holds_number
from workorders.tables import INLINE, QUIET_AFTER, QUIET_INLINE, drawn_badge
from workorders.templatetags.work_orders import moment

LONGEST_SEARCH = 100
REFERENCE = re.compile(r"rq0*([1-9]\d{0,17})")
S, F = RequisitionStatus, Fulfilment
STATES: dict[str, Q] = {
    "open": Q(status=S.SUBMITTED) | Q(status=S.APPROVED, fulfilment__in=OPEN_FULFILMENTS),
    "waiting": Q(status=S.SUBMITTED),
    "counter": Q(status=S.APPROVED, fulfilment__in=ISSUABLE),
    "shipping": Q(status=S.APPROVED, fulfilment__in=SHIPPABLE),
    "done": Q(status=S.APPROVED) & ~Q(fulfilment__in=OPEN_FULFILMENTS),
    "refused": Q(status__in=[S.REJECTED, S.WITHDRAWN, S.FORWARDED]),
    "all": Q(),
}


STATUS_LOOKS: dict[str, tuple[str, str]] = {
    S.DRAFT: ("neutral", "edit"),
    S.SUBMITTED: ("warn", "clock"),
    S.APPROVED: ("info", "check"),
    S.REJECTED: ("bad", "alert-fill"),
    S.WITHDRAWN: ("neutral", "undo"),
    S.FORWARDED: ("neutral", "truck"),
}
FULFILMENT_LOOKS: dict[str, tuple[str, str]] = {
    F.PENDING_PICK_UP: ("info", "clock"),
    F.PENDING_SHIPMENT: ("info", "clock"),
    F.PARTIALLY_ISSUED: ("warn", "clock"),
    F.PARTIALLY_SHIPPED: ("warn", "truck"),
    F.SHIPPED: ("info", "truck"),
    F.PARTIALLY_RECEIVED: ("warn", "clock"),
    F.CONFIRMED: ("good", "check-fill"),
    F.RECEIVED: ("good", "check-fill"),
    F.CANCELLED: ("neutral", "close"),
}


def state_context(requisition: Requisition) -> dict[str, Any]:
    """The state in one word for components/badge.html: what was decided, or, once approved, what has moved."""
    if requisition.fulfilment != F.NONE:
        tone, icon = FULFILMENT_LOOKS[requisition.fulfilment]
        return {"text": requisition.get_fulfilment_display(), "tone": tone, "icon": icon}
    tone, icon = STATUS_LOOKS[requisition.status]
    return {"text": requisition.get_status_display(), "tone": tone, "icon": icon}


class RequisitionFilter(django_filters.FilterSet):
    """Requests under way unless another state is asked for; drafts are their writers' alone."""

    q = django_filters.CharFilter(
        method="search", label=gettext_lazy("Request, engineer, job or part"), max_length=LONGEST_SEARCH
    )
    state = django_filters.ChoiceFilter(
        method="in_state",
        label=gettext_lazy("Status"),
        empty_label=None,
        initial="open",
        choices=[
            ("open", pgettext_lazy("requests", "Under way")),
            ("waiting", gettext_lazy("Waiting for approval")),
            ("counter", gettext_lazy("To hand out")),
            ("shipping", gettext_lazy("To ship")),
            ("done", pgettext_lazy("requests", "Done")),
            ("refused", gettext_lazy("Rejected, withdrawn or sent on")),
            ("all", gettext_lazy("All")),
        ],
    )
    engineer = django_filters.ModelChoiceFilter(
        queryset=engineers, label=gettext_lazy("Engineer"), empty_label=gettext_lazy("All")
    )
    warehouse = django_filters.ModelChoiceFilter(
        queryset=Warehouse.objects.order_by("name"), label=gettext_lazy("Warehouse"), empty_label=gettext_lazy("All")
    )

    class Meta:
        model = Requisition
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any] | None, *, request: HttpRequest, **kwargs: Any) -> None:
        asked = data.copy() if data else {}
        asked["state"] = asked.get("state") or "open"
        super().__init__(asked, request=request, **kwargs)
        policy: ModePolicy = request.policy
        if not policy.has(Feature.WAREHOUSE_STOCK):
            del self.filters["warehouse"]
        if not policy.has(Feature.SHIPMENT):
            choices = self.filters["state"].extra["choices"]
            self.filters["state"].extra["choices"] = [
                each for each in choices if each[0] not in {"counter", "shipping"}
            ]

    def search(self, queryset: QuerySet[Requisition], name: str, value: str) -> QuerySet[Requisition]:
        match = REFERENCE.fullmatch(normalise(value))
        if match is not None:
            return queryset.filter(pk=int(match.group(1)))
        parts = Part.objects.search(value).order_by().values("pk")
        with_part = Q(pk__in=Requisition.objects.filter(lines__part__in=parts).values("pk"))
        of_job = holds_number("work_order__number", value)
        return queryset.filter(with_part | of_job | Q(engineer__name__icontains=value))

    def in_state(self, queryset: QuerySet[Requisition], name: str, value: str) -> QuerySet[Requisition]:
        return queryset.filter(STATES[value]).exclude(status=S.DRAFT)


class RequisitionTable(tables.Table):
    """Needs engineer, work order and warehouse in the same query, and ``parts``, the number of lines."""

    reference = tables.Column(
        verbose_name=pgettext_lazy("document", "Request"),
        accessor="reference",
        order_by="pk",
        linkify=lambda record: record.get_absolute_url(),
        attrs={"td": {"class": "cell-title cell-grow nowrap"}},
    )
    status = tables.Column(orderable=False, attrs=INLINE)
    engineer = tables.Column(order_by=("engineer__name", "pk"), attrs={"td": {"class": "cell-wide"}})
    work_order = tables.Column(verbose_name=gettext_lazy("For"), orderable=False, empty_values=(), attrs=QUIET_INLINE)
    parts = tables.Column(verbose_name=gettext_lazy("Parts"), orderable=False, attrs=QUIET_AFTER)
    warehouse = tables.Column(orderable=False, default="", attrs={"td": {"class": "cell-desk"}})
    needed_at = tables.Column(
        verbose_name=gettext_lazy("Needed by"), order_by=("needed_at", "pk"), default="", attrs=QUIET_AFTER
    )
    submitted_at = tables.DateTimeColumn(
        verbose_name=pgettext_lazy("time", "Sent"),
        format="DATETIME_FORMAT",
        order_by="pk",
        attrs={"td": {"class": "cell-desk"}},
    )

    class Meta:
        model = Requisition
        fields = (
            "reference", "status", "engineer", "work_order", "parts", "warehouse", "needed_at", "submitted_at",
        )  # fmt: skip
        empty_text = gettext_lazy("No request fits. Clear the filter to see more.")

    def __init__(self, *args: Any, policy: ModePolicy, **kwargs: Any) -> None:
        hidden = () if policy.has(Feature.WAREHOUSE_STOCK) else ("warehouse",)
        super().__init__(*args, exclude=hidden, **kwargs)
        self.now = timezone.now()

    def render_status(self, record: Requisition) -> SafeString:
        return drawn_badge(state_context(record))

    def render_work_order(self, record: Requisition) -> SafeString | str:
        return str(record.work_order) if record.work_order is not None else _("Van stock")

    def render_parts(self, value: int) -> str:
        return ngettext("%(count)s part", "%(count)s parts", value) % {"count": value}

    def render_needed_at(self, record: Requisition, value: datetime) -> SafeString | str:
        words = moment(value, self.now)
        is_late = value < self.now and record.fulfilment in {*OPEN_FULFILMENTS, F.NONE}
        return format_html('<span class="ink-bad strong">{}</span>', words) if is_late else words
