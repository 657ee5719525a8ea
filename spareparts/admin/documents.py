"""Documents are only shown here; they change on their own pages."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from config.shared.admin import ReadOnlyAdmin
from spareparts.admin.lines import lines
from spareparts.models import (
    HandOver,
    HandOverLine,
    LocalPurchase,
    LocalPurchaseLine,
    LossReport,
    OldPartDebt,
    Requisition,
    RequisitionLine,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
    StockCount,
    StockCountLine,
)


class DocumentAdmin(ReadOnlyAdmin):
    date_hierarchy = "created_at"
    show_full_result_count = False

    @admin.display(description=_("reference"), ordering="pk")
    def shown_reference(self, document: Any) -> str:
        return str(document.reference)


@admin.register(Requisition)
class RequisitionAdmin(DocumentAdmin):
    list_display = ("shown_reference", "engineer", "work_order", "status", "fulfilment", "warehouse", "created_at")
    list_filter = ("status", "fulfilment", "receiving_method", "mode")
    list_select_related = ("engineer", "work_order", "warehouse")
    search_fields = ("engineer__name", "work_order__number")
    inlines = (lines(RequisitionLine, fields=("part", "amount")),)


@admin.register(Shipment)
class ShipmentAdmin(DocumentAdmin):
    list_display = ("shown_reference", "warehouse", "engineer", "destination", "status", "tracking_number")
    list_filter = ("status", "receiving_method")
    list_select_related = ("warehouse", "engineer", "destination")
    search_fields = ("engineer__name", "tracking_number")
    inlines = (lines(ShipmentLine),)


@admin.register(HandOver)
class HandOverAdmin(DocumentAdmin):
    list_display = ("shown_reference", "sender", "receiver", "status", "created_at")
    list_filter = ("status",)
    list_select_related = ("sender", "receiver")
    search_fields = ("sender__name", "receiver__name")
    inlines = (lines(HandOverLine),)


@admin.register(LossReport)
class LossReportAdmin(DocumentAdmin):
    list_display = ("shown_reference", "engineer", "part", "kind", "status", "created_at")
    list_filter = ("status", "kind")
    list_select_related = ("engineer", "part")
    search_fields = ("engineer__name", "part__number")


@admin.register(LocalPurchase)
class LocalPurchaseAdmin(DocumentAdmin):
    list_display = ("shown_reference", "engineer", "supplier", "status", "created_at")
    list_filter = ("status",)
    list_select_related = ("engineer",)
    search_fields = ("engineer__name", "supplier")
    inlines = (lines(LocalPurchaseLine),)


@admin.register(StockCount)
class StockCountAdmin(DocumentAdmin):
    list_display = ("shown_reference", "location", "status", "created_at", "decided_by")
    list_filter = ("status",)
    list_select_related = ("location__owner", "location__warehouse", "decided_by")
    search_fields = ("location__owner__name", "location__warehouse__name")
    inlines = (lines(StockCountLine, fields=("part", "condition", "lot", "booked", "counted", "reason")),)


@admin.register(Return)
class ReturnAdmin(DocumentAdmin):
    list_display = ("shown_reference", "engineer", "warehouse", "method", "status", "created_at")
    list_filter = ("status", "method")
    list_select_related = ("engineer", "warehouse")
    search_fields = ("engineer__name", "tracking_number")
    inlines = (lines(ReturnLine),)


@admin.register(OldPartDebt)
class OldPartDebtAdmin(DocumentAdmin):
    list_display = ("shown_reference", "engineer", "part", "status", "due_on", "value", "is_warranty")
    list_filter = ("status", "is_warranty")
    list_select_related = ("engineer", "part")
    search_fields = ("engineer__name", "part__number", "serial")
