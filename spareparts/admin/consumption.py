"""The admin shows documents and settings; nothing here changes them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from config.shared.admin import ReadOnlyAdmin
from spareparts.admin.lines import amount, lines
from spareparts.models import Consumption, ConsumptionLine, EquipmentPart, SparepartsSettings


@admin.register(Consumption)
class ConsumptionAdmin(ReadOnlyAdmin):
    list_display = ["shown_reference", "work_order", "engineer", "recorded_at", "status"]
    list_filter = ["status", "mode"]
    list_select_related = ["work_order", "engineer"]
    search_fields = ["work_order__number", "engineer__name"]
    date_hierarchy = "recorded_at"
    show_full_result_count = False
    inlines = [
        lines(
            ConsumptionLine,
            fields=("part", "amount", "lot_text", "unit_cost", "cost", "old_part_answer", "old_part", "old_serial"),
        )
    ]

    @admin.display(description=_("reference"), ordering="pk")
    def shown_reference(self, document: Consumption) -> str:
        return document.reference


@admin.register(ConsumptionLine)
class ConsumptionLineAdmin(ReadOnlyAdmin):
    list_display = ["consumption", "part", "amount", "unit_cost", "cost", "old_part_answer"]
    list_filter = ["old_part_answer"]
    list_select_related = ["consumption", "part__unit"]
    search_fields = ["part__number", "lot_text", "old_serial"]
    fields = [
        *("consumption", "part", "amount", "lot_text", "unit_cost", "cost"),
        *("old_part_answer", "old_part", "old_serial", "taken_from"),
    ]
    readonly_fields = ["amount"]
    show_full_result_count = False

    @admin.display(description=_("quantity"), ordering="quantity")
    def amount(self, line: ConsumptionLine) -> str:
        return amount(line)


@admin.register(EquipmentPart)
class EquipmentPartAdmin(ReadOnlyAdmin):
    list_display = ["part", "equipment", "amount", "serial", "position", "fitted_at", "removed_at"]
    list_select_related = ["part__unit", "equipment"]
    search_fields = ["part__number", "equipment__serial", "equipment__name", "serial"]
    fields = [
        *("equipment", "part", "amount", "serial", "position"),
        *("fitted_at", "fitted_by_line", "removed_at", "removed_by_line"),
    ]
    readonly_fields = ["amount", "fitted_by_line", "removed_at", "removed_by_line"]
    show_full_result_count = False

    @admin.display(description=_("quantity"), ordering="quantity")
    def amount(self, entry: EquipmentPart) -> str:
        return amount(entry)


@admin.register(SparepartsSettings)
class SparepartsSettingsAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "is_enabled", "mode", "undo_minutes", "version"]
