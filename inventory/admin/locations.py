"""Warehouses in the admin, in modes that have them; what becomes of one goes through the domain."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.shared.admin import HistoryAdmin
from config.shared.errors import DomainError
from inventory.domain import warehouses
from inventory.enums import Permission, WarehouseStatus
from inventory.models import Bin, Warehouse

Deed = Callable[[HttpRequest, Warehouse, str], None]
TONES = {WarehouseStatus.OPEN: "tone-good", WarehouseStatus.DISABLED: "tone-warn"}


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class BinInline(admin.TabularInline):
    """Where its parts lie."""

    model = Bin
    extra = 0
    autocomplete_fields = ("part",)


@admin.register(Warehouse)
class WarehouseAdmin(HistoryAdmin):
    list_display = ("name", "code", "status_badge", "default_badge", "phone")
    list_filter = ("status",)
    search_fields = ("name", "code", "address")
    show_facets = admin.ShowFacets.ALLOW
    fields = ("code", "name", "address", "phone", "managers", "status", "is_default")
    autocomplete_fields = ("managers",)
    inlines = (BinInline,)
    actions = ("make_default", "disable", "enable", "close")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Warehouse]:
        everything: Any = super().get_queryset(request)
        visible: QuerySet[Warehouse] = everything.visible_to(request.user)
        return visible

    def get_readonly_fields(self, request: HttpRequest, obj: Warehouse | None = None) -> tuple[str, ...]:
        """A manager keeps his warehouse's address; who manages it is the administrator's decision."""
        fixed = ("status", "is_default")
        return fixed if request.user.has_perm(Permission.MANAGE_ALL_WAREHOUSES) else (*fixed, "managers")

    def save_model(self, request: HttpRequest, obj: Warehouse, form: Any, change: bool) -> None:
        """Only what was typed is written: status and default may have changed meanwhile."""
        if change:
            obj.save(update_fields=[name for name in form.changed_data if name != "managers"])
        else:
            warehouses.create_warehouse(obj, by=request.user, at=timezone.now())

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_badge(self, warehouse: Warehouse) -> str:
        tone = TONES.get(WarehouseStatus(warehouse.status), "")
        return format_html('<span class="badge {}">{}</span>', tone, warehouse.get_status_display())

    @admin.display(description=gettext_lazy("default"), ordering="is_default")
    def default_badge(self, warehouse: Warehouse) -> str:
        return format_html('<span class="badge tone-info">{}</span>', _("Default")) if warehouse.is_default else ""

    @admin.action(description=gettext_lazy("Make the default …"), permissions=["change"])
    def make_default(self, request: HttpRequest, queryset: QuerySet[Warehouse]) -> HttpResponse | None:
        return self._confirm(request, queryset, "make_default", _("Make the default"), _make_default, only_one=True)

    @admin.action(description=gettext_lazy("Disable …"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Warehouse]) -> HttpResponse | None:
        return self._confirm(request, queryset, "disable", _("Disable"), _disable, asks_reason=True)

    @admin.action(description=gettext_lazy("Open again …"), permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Warehouse]) -> HttpResponse | None:
        return self._confirm(request, queryset, "enable", _("Open again"), _enable)

    @admin.action(description=gettext_lazy("Close …"), permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Warehouse]) -> HttpResponse | None:
        return self._confirm(request, queryset, "close", _("Close"), _close, asks_reason=True)

    def _confirm(
        self,
        request: HttpRequest,
        queryset: QuerySet[Warehouse],
        action: str,
        label: str | Promise,
        deed: Deed,
        *,
        asks_reason: bool = False,
        only_one: bool = False,
    ) -> HttpResponse | None:
        """Show what would happen to which; once confirmed do it to each, and say what was refused and why."""
        chosen = list(queryset.order_by("name"))
        if only_one and len(chosen) != 1:
            messages.error(request, _("Choose one warehouse."))
            return None
        is_confirmed = "confirmed" in request.POST
        form = ReasonForm(request.POST if is_confirmed else None) if asks_reason else None
        if is_confirmed and (form is None or form.is_valid()):
            _do_to_each(request, chosen, deed, form.cleaned_data["reason"] if form else "")
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": label,
            "warehouses": chosen,
            "action": action,
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/inventory/warehouse/confirm.html", context)


def _do_to_each(request: HttpRequest, chosen: list[Warehouse], deed: Deed, reason: str) -> None:
    done = 0
    for warehouse in chosen:
        try:
            deed(request, warehouse, reason)
            done += 1
        except DomainError as error:
            for message in error.messages:
                messages.error(request, message)
    if done:
        text = ngettext("Done for %(n)d warehouse.", "Done for %(n)d warehouses.", done)
        messages.success(request, text % {"n": done})


def _make_default(request: HttpRequest, warehouse: Warehouse, reason: str) -> None:
    warehouses.set_default(warehouse, by=request.user, at=timezone.now())


def _disable(request: HttpRequest, warehouse: Warehouse, reason: str) -> None:
    warehouses.disable(warehouse, by=request.user, at=timezone.now(), reason=reason)


def _enable(request: HttpRequest, warehouse: Warehouse, reason: str) -> None:
    warehouses.enable(warehouse, by=request.user, at=timezone.now())


def _close(request: HttpRequest, warehouse: Warehouse, reason: str) -> None:
    warehouses.close(warehouse, by=request.user, at=timezone.now(), reason=reason)
