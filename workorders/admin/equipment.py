"""Machines and their models in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.shared.admin import HistoryAdmin
from workorders.admin.customers import ImportedAdmin
from workorders.models import Equipment, EquipmentModel
from workorders.tables import drawn_badge
from workorders.templatetags.work_orders import warranty_badge


class WarrantyFilter(admin.SimpleListFilter):
    title = _("warranty")
    parameter_name = "warranty"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("in", _("In warranty")), ("ended", _("Warranty ended")), ("unknown", _("Not known"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Equipment]) -> QuerySet[Equipment]:
        today = timezone.localdate(timezone=timezone.get_default_timezone())
        wanted: dict[str | None, dict[str, Any]] = {
            "in": {"warranty_until__gte": today},
            "ended": {"warranty_until__lt": today},
            "unknown": {"warranty_until": None},
        }
        return queryset.filter(**wanted.get(self.value(), {}))


@admin.register(EquipmentModel)
class EquipmentModelAdmin(HistoryAdmin):
    list_display = ["name", "manufacturer"]
    list_filter = ["manufacturer"]
    search_fields = ["manufacturer", "name"]
    search_help_text = _("Manufacturer or model")
    show_full_result_count = False


@admin.register(Equipment)
class EquipmentAdmin(ImportedAdmin):
    import_kind = "equipment"
    list_display = ["name", "serial", "model", "site", "customer", "warranty"]
    list_filter = [WarrantyFilter, "model__manufacturer"]
    list_select_related = ["model", "site__customer"]
    search_fields = ["name", "serial", "model__name", "site__name", "site__customer__name"]
    search_help_text = _("Name, serial number, model, site or customer")
    autocomplete_fields = ["model", "site"]
    show_facets = admin.ShowFacets.ALLOW

    @admin.display(description=_("customer"), ordering="site__customer__name")
    def customer(self, equipment: Equipment) -> str:
        return str(equipment.site.customer)

    @admin.display(description=_("warranty"), ordering="warranty_until")
    def warranty(self, equipment: Equipment) -> SafeString:
        today = timezone.localdate(timezone=timezone.get_default_timezone())
        return drawn_badge(warranty_badge(equipment, today))
