"""The lines of a document in the admin: shown, never changed."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.shared.templatetags.shared import format_quantity


def amount(row: Any) -> str:
    """Smallest steps as people read them, with the unit."""
    return f"{format_quantity(row.quantity, row.part.unit.decimal_places)} {row.part.unit.code}"


class LineInline(admin.TabularInline):
    """The lines of a document: part, condition, how many."""

    extra = 0
    can_delete = False
    fields = ("part", "condition", "lot", "amount")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        """With everything the columns show, so that a long document costs no query per line."""
        shown = [name for name in self.fields if name in {field.name for field in self.model._meta.fields}]
        related = [name for name in shown if self.model._meta.get_field(name).is_relation]
        return super().get_queryset(request).select_related("part__unit", *related)

    @admin.display(description=_("quantity"))
    def amount(self, line: Any) -> str:
        return amount(line)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def lines(model: type[Model], *, fields: tuple[str, ...] = ("part", "condition", "lot", "amount")) -> type[LineInline]:
    """An inline of ``model`` with these columns."""
    return type(f"{model.__name__}Inline", (LineInline,), {"model": model, "fields": fields, "readonly_fields": fields})
