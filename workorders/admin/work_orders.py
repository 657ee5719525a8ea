"""Work orders in the admin: to look at. They change through their verbs on the desk pages."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.shared.admin import ReadOnlyAdmin
from workorders.models import WorkOrder
from workorders.tables import drawn_badge
from workorders.templatetags.work_orders import status_context


@admin.register(WorkOrder)
class WorkOrderAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "state", "type", "priority", "customer", "equipment", "lead", "planned_at"]
    list_filter = ["status", "type", "priority", "planned_at"]
    list_select_related = ["customer", "equipment", "lead"]
    list_per_page = 50
    search_fields = ["number", "customer__name", "equipment__serial", "description"]
    search_help_text = _("Number, customer, serial number or text")
    date_hierarchy = "planned_at"
    show_facets = admin.ShowFacets.ALLOW

    @admin.display(description=_("status"), ordering="status")
    def state(self, work_order: WorkOrder) -> SafeString:
        return drawn_badge(status_context(work_order))
