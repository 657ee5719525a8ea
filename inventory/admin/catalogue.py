"""The catalogue in the admin: edited by hand here, in bulk through the import."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from config.shared.admin import HistoryAdmin
from config.shared.templatetags.shared import money
from inventory.enums import Permission
from inventory.forms import PartForm
from inventory.models import Part, PartBarcode, PartCategory, Substitute, Unit


def badge(text: object, tone: str = "") -> str:
    return format_html('<span class="badge {}">{}</span>', tone, text)


class BarcodeInline(admin.TabularInline):
    model = PartBarcode
    extra = 0


class SubstituteInline(admin.TabularInline):
    """What may be granted instead; only where parts are requested."""

    model = Substitute
    fk_name = "part"
    extra = 0
    autocomplete_fields = ("substitute",)


@admin.register(Part)
class PartAdmin(HistoryAdmin):
    change_list_template = "admin/inventory/part/change_list.html"
    form = PartForm
    inlines = (BarcodeInline, SubstituteInline)
    list_display = ("number", "name", "category", "unit", "cost", "tracking_badge", "listed_badge")
    list_filter = ("is_listed", "is_noted_in_machine", "tracking", "old_part_rule", "category", "unit")
    list_select_related = ("category", "unit")
    list_per_page = 50
    search_fields = ("number", "name")
    search_help_text = _("Number, name, manufacturer, supplier or barcode")
    show_facets = admin.ShowFacets.ALLOW
    show_full_result_count = False
    autocomplete_fields = ("category", "superseded_by")
    ordering = ("number",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Part], search_term: str
    ) -> tuple[QuerySet[Part], bool]:
        """The same search as on the pages."""
        return queryset.search(search_term), False  # type: ignore[attr-defined]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {"may_import": request.user.has_perm(Permission.IMPORT_PARTS)} | (extra_context or {})
        return super().changelist_view(request, context)

    @admin.display(description=_("cost"), ordering="unit_cost")
    def cost(self, part: Part) -> str:
        return f"{money(part.unit_cost)} / {part.unit.code}"

    @admin.display(description=_("tracking"), ordering="tracking")
    def tracking_badge(self, part: Part) -> str:
        return "" if part.tracking == "none" else badge(part.get_tracking_display(), "tone-info")

    @admin.display(description=_("listed"), ordering="is_listed")
    def listed_badge(self, part: Part) -> str:
        return badge(_("Listed"), "tone-good") if part.is_listed else badge(_("Unlisted"))


@admin.register(PartCategory)
class PartCategoryAdmin(HistoryAdmin):
    list_display = ("name",)
    search_fields = ("name",)


@admin.register(Unit)
class UnitAdmin(HistoryAdmin):
    list_display = ("code", "name", "decimal_places")
    search_fields = ("code", "name")
