"""What the administrator sets for warehouses, people and machines."""

from django.contrib import admin

from config.shared.admin import HistoryAdmin, SafeAdmin
from spareparts.models import Absence, HoldingLimit, ServiceBomLine, WarehouseTerms


@admin.register(WarehouseTerms)
class WarehouseTermsAdmin(HistoryAdmin):
    list_display = ("warehouse", "issues_on_approval")
    list_select_related = ("warehouse",)
    search_fields = ("warehouse__name",)
    autocomplete_fields = ("warehouse", "teams")


@admin.register(HoldingLimit)
class HoldingLimitAdmin(HistoryAdmin):
    list_display = ("engineer", "value")
    list_select_related = ("engineer",)
    search_fields = ("engineer__name",)
    autocomplete_fields = ("engineer",)


@admin.register(Absence)
class AbsenceAdmin(SafeAdmin):
    list_display = ("person", "first_day", "last_day", "deputy")
    list_select_related = ("person", "deputy")
    search_fields = ("person__name", "deputy__name")
    date_hierarchy = "first_day"
    autocomplete_fields = ("person", "deputy")


@admin.register(ServiceBomLine)
class ServiceBomLineAdmin(HistoryAdmin):
    list_display = ("equipment_model", "part", "quantity", "note")
    list_select_related = ("equipment_model", "part")
    search_fields = ("equipment_model__name", "part__number")
    autocomplete_fields = ("equipment_model", "part")
