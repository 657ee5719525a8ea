"""Customers and sites in the admin; their rules are the models' own (clean), their history is kept."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from config.shared.admin import HistoryAdmin
from workorders.models import Customer, Site


class ImportedAdmin(HistoryAdmin):
    """Master data that also comes and goes as a file: the list links to its import and export."""

    import_kind = ""
    list_per_page = 50
    show_full_result_count = False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"import_kind": self.import_kind, **(extra_context or {})})


class SiteInline(admin.TabularInline):
    model = Site
    extra = 0
    show_change_link = True
    fields = ["name", "address"]


@admin.register(Customer)
class CustomerAdmin(ImportedAdmin):
    import_kind = "customers"
    list_display = ["name", "number", "contact", "phone", "email"]
    search_fields = ["name", "number", "contact", "phone", "email"]
    search_help_text = _("Name, number, contact person, phone or e-mail")
    inlines = [SiteInline]


@admin.register(Site)
class SiteAdmin(ImportedAdmin):
    import_kind = "sites"
    list_display = ["name", "customer", "address"]
    list_select_related = ["customer"]
    search_fields = ["name", "address", "customer__name", "customer__number"]
    search_help_text = _("Site, address or customer")
    autocomplete_fields = ["customer"]
