"""What stands against a change of the mode: open documents of a vanishing kind, and stock in vanishing places."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.enums import LocationKind, Tracking, WarehouseStatus
from inventory.models import Balance, Warehouse
from spareparts.enums import (
    ON_THE_WAY,
    OPEN_DEBTS,
    OPEN_FULFILMENTS,
    CountStatus,
    DiscrepancyStatus,
    Feature,
    HandOverStatus,
    RequisitionStatus,
    ReturnStatus,
    ShipmentStatus,
)
from spareparts.models import (
    Discrepancy,
    HandOver,
    OldPartDebt,
    Requisition,
    Return,
    Shipment,
    StockCount,
)


@dataclass(frozen=True)
class OpenKind:
    """Documents that are under way, of a kind that lives only while the mode has ``feature``."""

    feature: Feature
    label: str | Promise
    rows: QuerySet  # type: ignore[type-arg]
    url_name: str


def open_requisitions() -> QuerySet[Requisition]:
    """Waiting for approval, or approved with something still to come."""
    waiting = Q(status=RequisitionStatus.SUBMITTED)
    return Requisition.objects.filter(
        waiting | Q(status=RequisitionStatus.APPROVED, fulfilment__in=[str(each) for each in OPEN_FULFILMENTS])
    )


def open_kinds() -> list[OpenKind]:
    """Every kind of open document; the query sets are not yet asked."""
    offered = [HandOverStatus.ASKED, HandOverStatus.OFFERED]
    under_way = [ReturnStatus.PREPARED, ReturnStatus.HANDED_OVER]
    counting = [CountStatus.COUNTING, CountStatus.WAITING]
    sent = [ShipmentStatus.WAITING, *ON_THE_WAY]
    return [
        OpenKind(Feature.REQUISITION, _("Open requests"), open_requisitions(), "spareparts:requisitions"),
        OpenKind(
            Feature.SHIPMENT, _("Open shipments"), Shipment.objects.filter(status__in=sent), "spareparts:shipments"
        ),
        OpenKind(Feature.RETURN, _("Open returns"), Return.objects.filter(status__in=under_way), "spareparts:returns"),
        OpenKind(
            Feature.HAND_OVER,
            _("Hand-overs without an answer"),
            HandOver.objects.filter(status__in=offered),
            "spareparts:hand_overs",
        ),
        OpenKind(
            Feature.OLD_PART_DEBT,
            _("Old parts owed"),
            OldPartDebt.objects.filter(status__in=OPEN_DEBTS),
            "spareparts:old_parts",
        ),
        OpenKind(
            Feature.PERSONAL_COUNT,
            _("Open stock counts"),
            StockCount.objects.filter(status__in=counting),
            "spareparts:counts",
        ),
        OpenKind(
            Feature.PERSONAL_INVENTORY,
            _("Open discrepancies"),
            Discrepancy.objects.filter(status=DiscrepancyStatus.OPEN),
            "spareparts:discrepancies",
        ),
    ]


def warehouse_documents() -> list[OpenKind]:
    """Open documents that name a warehouse: they cannot end in a mode without warehouse stock."""
    feature = Feature.WAREHOUSE_STOCK
    return [
        OpenKind(
            feature,
            _("Open requests"),
            open_requisitions().filter(warehouse__isnull=False),
            "spareparts:requisitions",
        ),
        OpenKind(
            feature,
            _("Open returns"),
            Return.objects.filter(status=ReturnStatus.HANDED_OVER, warehouse__isnull=False),
            "spareparts:returns",
        ),
    ]


def waiting_without_warehouse() -> tuple[QuerySet[Requisition], QuerySet[Return]]:
    """Open documents made where no warehouse stock is kept: a mode with warehouses has to name one for each."""
    requests = Requisition.objects.filter(
        status__in=[RequisitionStatus.DRAFT, RequisitionStatus.SUBMITTED], warehouse__isnull=True
    )
    return requests, Return.objects.filter(status=ReturnStatus.PREPARED, warehouse__isnull=True)


def unconfirmed_returns() -> QuerySet[Return]:
    """Handed over without a warehouse and not confirmed: nothing was posted for them yet."""
    return Return.objects.filter(status=ReturnStatus.HANDED_OVER, warehouse__isnull=True)


def default_warehouse() -> Warehouse | None:
    return Warehouse.objects.filter(is_default=True, status=WarehouseStatus.OPEN).first()


def unidentified() -> QuerySet[Balance]:
    """Held without a lot although the part is tracked: each gets one at its first use, return or count."""
    held = Balance.objects.filter(location__kind=LocationKind.ENGINEER, on_hand__gt=0, lot__isnull=True)
    return held.exclude(part__tracking=Tracking.NONE)
