"""The lists of shipments and of discrepancies: what narrows them, and how their rows are drawn."""

import re
from collections.abc import Mapping
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from config.shared.templatetags.shared import quantity
from inventory.models import Part, Warehouse
from inventory.search import normalise
from spareparts.enums import ON_THE_WAY, DiscrepancyKind, DiscrepancyStatus, ReceivingMethod, ShipmentStatus
from spareparts.models import Discrepancy, Shipment, ShipmentLine
from workorders.filters import engineers
from workorders.tables import INLINE, QUIET_AFTER, QUIET_INLINE, drawn_badge

LONGEST_SEARCH = 100
REFERENCE = re.compile(r"(sh|rq|di)0*([1-9]\d{0,17})")
DESK = {"td": {"class": "cell-desk"}}
S = ShipmentStatus
OPEN = {S.WAITING, *ON_THE_WAY}
SHIPMENT_LOOKS: dict[str, tuple[str, str]] = {
    S.WAITING: ("warn", "clock"),
    S.SHIPPED: ("info", "truck"),
    S.PARTIALLY_RECEIVED: ("warn", "truck"),
    S.RECEIVED: ("good", "check-fill"),
    S.CANCELLED: ("neutral", "close"),
}
KIND_LOOKS: dict[str, tuple[str, str]] = {
    DiscrepancyKind.SHORT: ("bad", "minus"),
    DiscrepancyKind.DAMAGED: ("bad", "alert"),
    DiscrepancyKind.OVER: ("warn", "plus"),
    DiscrepancyKind.WRONG: ("bad", "refresh"),
}


def state_context(shipment: Shipment) -> dict[str, Any]:
    """For components/badge.html."""
    tone, icon = SHIPMENT_LOOKS[shipment.status]
    return {"text": shipment.get_status_display(), "tone": tone, "icon": icon}


def kind_context(discrepancy: Discrepancy) -> dict[str, Any]:
    tone, icon = KIND_LOOKS[discrepancy.kind]
    return {"text": discrepancy.get_kind_display(), "tone": tone, "icon": icon}


def discrepancy_state(discrepancy: Discrepancy) -> dict[str, Any]:
    if discrepancy.status == DiscrepancyStatus.OPEN:
        return {"text": discrepancy.get_status_display(), "tone": "warn", "icon": "clock"}
    return {"text": discrepancy.get_outcome_display(), "tone": "good", "icon": "check-fill"}


def addressee(shipment: Shipment) -> str:
    """Who or what it is sent to, in words."""
    if shipment.destination is not None:
        return str(shipment.destination)
    if shipment.site is not None:
        return f"{shipment.engineer} · {shipment.site}"
    return str(shipment.engineer)


def _all(label: Any, queryset: Any) -> django_filters.ModelChoiceFilter:
    return django_filters.ModelChoiceFilter(queryset=queryset, label=label, empty_label=gettext_lazy("All"))


class _StateFilter(django_filters.FilterSet):
    """Open ones unless another state is asked for."""

    FIRST = "open"

    def __init__(self, data: Mapping[str, Any] | None, **kwargs: Any) -> None:
        asked = data.copy() if data else {}
        asked["state"] = asked.get("state") or self.FIRST
        super().__init__(asked, **kwargs)


class ShipmentFilter(_StateFilter):
    q = django_filters.CharFilter(
        method="search", label=gettext_lazy("Shipment, request, part or tracking number"), max_length=LONGEST_SEARCH
    )
    state = django_filters.ChoiceFilter(
        method="in_state",
        label=gettext_lazy("Status"),
        empty_label=None,
        initial="open",
        choices=[
            ("open", pgettext_lazy("shipments", "Under way")),
            ("waiting", gettext_lazy("Waiting for approval")),
            ("received", pgettext_lazy("shipment", "Received")),
            ("cancelled", pgettext_lazy("shipment", "Cancelled")),
            ("all", gettext_lazy("All")),
        ],
    )
    receiving_method = django_filters.ChoiceFilter(
        label=gettext_lazy("Receiving method"),
        empty_label=gettext_lazy("All"),
        choices=[each for each in ReceivingMethod.choices if each[0] != ReceivingMethod.PICK_UP],
    )
    engineer = _all(gettext_lazy("Engineer"), engineers)
    warehouse = _all(pgettext_lazy("shipment", "From"), Warehouse.objects.order_by("name"))

    class Meta:
        model = Shipment
        fields: list[str] = []

    def search(self, queryset: QuerySet[Shipment], name: str, value: str) -> QuerySet[Shipment]:
        match = REFERENCE.fullmatch(normalise(value))
        if match is not None and match.group(1) == "sh":
            return queryset.filter(pk=int(match.group(2)))
        if match is not None and match.group(1) == "rq":
            lines = ShipmentLine.objects.filter(grant__line__requisition=int(match.group(2)))
        else:
            lines = ShipmentLine.objects.filter(part__in=Part.objects.search(value).order_by().values("pk"))
        named = Q(tracking_number__icontains=value) | Q(engineer__name__icontains=value)
        return queryset.filter(named | Q(pk__in=lines.values("shipment")))

    def in_state(self, queryset: QuerySet[Shipment], name: str, value: str) -> QuerySet[Shipment]:
        if value == "all":
            return queryset
        return queryset.filter(status__in=OPEN if value == "open" else {value})


class ShipmentTable(tables.Table):
    """Needs engineer, destination, site and warehouse in the same query, and ``parts``, the number of lines."""

    reference = tables.Column(
        verbose_name=pgettext_lazy("document", "Shipment"),
        order_by="pk",
        linkify=lambda record: record.get_absolute_url(),
        attrs={"td": {"class": "cell-title cell-grow nowrap"}},
    )
    status = tables.Column(orderable=False, attrs=INLINE)
    to = tables.Column(
        verbose_name=pgettext_lazy("shipment", "To"),
        orderable=False,
        empty_values=(),
        attrs={"td": {"class": "cell-wide"}},
    )
    receiving_method = tables.Column(orderable=False, attrs=QUIET_INLINE)
    parts = tables.Column(verbose_name=gettext_lazy("Parts"), orderable=False, attrs=DESK)
    warehouse = tables.Column(orderable=False, attrs=DESK)
    sent_at = tables.DateTimeColumn(
        verbose_name=pgettext_lazy("time", "Sent"),
        format="DATETIME_FORMAT",
        order_by=("sent_at", "pk"),
        default="",
        attrs=QUIET_AFTER,
    )

    class Meta:
        model = Shipment
        fields = ("reference", "status", "to", "receiving_method", "parts", "warehouse", "sent_at")
        empty_text = gettext_lazy("No shipment fits. Clear the filter to see more.")

    def render_status(self, record: Shipment) -> SafeString:
        return drawn_badge(state_context(record))

    def render_to(self, record: Shipment) -> str:
        return addressee(record)


class DiscrepancyFilter(_StateFilter):
    q = django_filters.CharFilter(
        method="search", label=gettext_lazy("Discrepancy, shipment or part"), max_length=LONGEST_SEARCH
    )
    state = django_filters.ChoiceFilter(
        method="in_state",
        label=gettext_lazy("Status"),
        empty_label=None,
        initial="open",
        choices=[
            *DiscrepancyStatus.choices,
            ("all", gettext_lazy("All")),
        ],
    )
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind"), empty_label=gettext_lazy("All"), choices=DiscrepancyKind.choices
    )
    mine = django_filters.BooleanFilter(
        method="owned",
        label=gettext_lazy("Whose"),
        widget=django_filters.widgets.forms.Select(
            choices=[("", gettext_lazy("Everybody's")), ("true", gettext_lazy("Mine to settle"))]
        ),
    )

    class Meta:
        model = Discrepancy
        fields: list[str] = []

    def search(self, queryset: QuerySet[Discrepancy], name: str, value: str) -> QuerySet[Discrepancy]:
        match = REFERENCE.fullmatch(normalise(value))
        if match is None:
            return queryset.filter(part__in=Part.objects.search(value).order_by().values("pk"))
        paths = {
            "sh": "shipment_line__shipment",
            "rq": "shipment_line__grant__line__requisition",
            "di": "pk",
        }
        return queryset.filter(**{paths[match.group(1)]: int(match.group(2))})

    def in_state(self, queryset: QuerySet[Discrepancy], name: str, value: str) -> QuerySet[Discrepancy]:
        return queryset if value == "all" else queryset.filter(status=value)

    def owned(self, queryset: QuerySet[Discrepancy], name: str, value: bool) -> QuerySet[Discrepancy]:
        return queryset.filter(owner=self.request.user) if value else queryset


class DiscrepancyTable(tables.Table):
    """Needs the rows of ``queries.shipments.discrepancies``."""

    reference = tables.Column(
        verbose_name=pgettext_lazy("document", "Discrepancy"),
        order_by="pk",
        linkify=lambda record: record.get_absolute_url(),
        attrs={"td": {"class": "cell-title cell-grow nowrap"}},
    )
    kind = tables.Column(orderable=False, attrs=INLINE)
    quantity = tables.Column(verbose_name=gettext_lazy("Part"), orderable=False, attrs={"td": {"class": "cell-wide"}})
    document = tables.Column(verbose_name=gettext_lazy("Of"), orderable=False, empty_values=(), attrs=QUIET_INLINE)
    owner = tables.Column(
        verbose_name=gettext_lazy("To be settled by"), orderable=False, default="–", attrs=QUIET_AFTER
    )
    status = tables.Column(orderable=False, attrs=INLINE)
    created_at = tables.DateTimeColumn(
        verbose_name=gettext_lazy("Found"), format="DATETIME_FORMAT", order_by="pk", attrs=QUIET_AFTER
    )

    class Meta:
        model = Discrepancy
        fields = ("reference", "kind", "quantity", "document", "owner", "status", "created_at")
        empty_text = gettext_lazy("No discrepancy fits. Nothing is missing, damaged or too much.")

    def render_kind(self, record: Discrepancy) -> SafeString:
        return drawn_badge(kind_context(record))

    def render_status(self, record: Discrepancy) -> SafeString:
        return drawn_badge(discrepancy_state(record))

    def render_quantity(self, record: Discrepancy) -> str:
        part = record.part
        words = {"part": part.number, "quantity": quantity(record.quantity, part.unit), "unit": part.unit.code}
        return _("%(quantity)s %(unit)s of %(part)s") % words

    def render_document(self, record: Discrepancy) -> str:
        line, back = record.shipment_line, record.return_line
        if line is not None:
            return f"{line.shipment} · {line.grant.line.requisition.engineer}"
        return f"{back.document} · {back.document.engineer}" if back is not None else ""
