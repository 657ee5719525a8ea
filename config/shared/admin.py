"""Admin classes that serve every app: only showing, master data with its history, and the audit."""

from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from config.shared.models import AuditEvent
from config.shared.verbs import in_words

COUNTED_ROWS = 5_000
LONGEST_SEARCH = 200  # letters; SQLite refuses a pattern of 50,000


class BoundedCountPaginator(Paginator):
    """Counts to a bound and no further: who wants deeper pages of a large table wants a filter."""

    @cached_property
    def count(self) -> int:
        return int(self.object_list[:COUNTED_ROWS].count())  # type: ignore[attr-defined]


def is_key(text: str) -> bool:
    """Whether ``text`` can be the key of a row."""
    return text.isascii() and text.isdigit() and len(text) < 19


class ForgivingAutocomplete(AutocompleteSelect):
    """Django's, but a form that comes back with nonsense in it is shown again instead of failing."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [each for each in value if is_key(str(each))], attr)


class SafeChangeList(ChangeList):
    """A number that no column holds is a wrong lookup, and not an error of ours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().__init__(*args, **kwargs)
        except OverflowError as error:
            raise IncorrectLookupParameters(error) from error


class SafeAdmin(admin.ModelAdmin):
    """What every page of the admin withstands: keys that are no keys, searches a megabyte long, odd lookups."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SafeChangeList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return super().get_object(request, object_id, from_field or None)

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        if not all(is_key(each) for each in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("not a key")
        return super().response_action(request, queryset, *args, **kwargs)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """No patterns from the address: a wrong one is an error, a clever one keeps the server busy for hours."""
        is_pattern = lookup.rpartition("__")[2] in {"regex", "iregex"}
        return not is_pattern and super().lookup_allowed(lookup, value, request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = ForgivingAutocomplete(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        return super().get_search_results(request, queryset, search_term[:LONGEST_SEARCH])


class ReadOnlyAdmin(SafeAdmin):
    """May be looked at by those who may view; adds, changes and deletes nothing, whatever is posted."""

    show_full_result_count = False
    paginator = BoundedCountPaginator

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HistoryAdmin(SafeAdmin, SimpleHistoryAdmin):
    """Master data whose history can be read and never written.

    The library's page of an old version saves what is posted to it, also for a person who may only look.
    """

    object_history_list_template = "admin/history_list.html"

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        self._require(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied("history")
        self._require(request, object_id)
        if not (version_id.isascii() and version_id.isdigit() and len(version_id) < 10):
            raise Http404
        return super().history_form_view(request, object_id, version_id, extra_context)

    def _require(self, request: HttpRequest, object_id: str) -> None:
        if self.get_object(request, unquote(object_id)) is None:
            raise Http404


class KindFilter(admin.SimpleListFilter):
    """The first word of the verb: an indexed question; all verbs there are would be a scan of the whole table."""

    title = _("kind")
    parameter_name = "kind"
    kinds = (
        ("session", _("Signing in and out")),
        ("access", _("Refused pages")),
        ("person", _("People")),
        ("workorder", _("Work orders")),
        ("consumption", _("Parts used")),
        ("equipment_part", _("Parts lists of machines")),
        ("warehouse", _("Warehouses")),
        ("settings", _("Settings")),
        ("import", _("Imports")),
    )

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return self.kinds

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        known = self.value() in dict(self.kinds)
        return queryset.filter(verb__startswith=f"{self.value()}.") if known else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what, when; each row leads to its subject and to everything of the same request."""

    list_display = ["at", "actor", "what_happened", "subject_link", "reason", "request_link"]
    list_filter = ["at", KindFilter]
    list_select_related = ["actor"]
    list_per_page = 50
    search_fields = ["subject_label", "reason", "actor__name", "actor__email", "=request_id", "=subject_id"]
    search_help_text = _("Subject, reason, person, or a request id")
    date_hierarchy = "at"
    fields = ["at", "actor", "what_happened", "subject_link", "reason", "details", "request_link"]
    readonly_fields = ["at", "actor", "what_happened", "subject_link", "reason", "details", "request_link"]

    @admin.display(description=_("what happened"), ordering="verb")
    def what_happened(self, event: AuditEvent) -> str:
        return in_words(event.verb)

    @admin.display(description=_("subject"), ordering="subject_label")
    def subject_link(self, event: AuditEvent) -> str:
        url = subject_url(event)
        return format_html('<a href="{}">{}</a>', url, event.subject_label) if url else event.subject_label

    @admin.display(description=_("request"))
    def request_link(self, event: AuditEvent) -> str:
        if not event.request_id:
            return "–"
        url = f"{reverse('admin:shared_auditevent_changelist')}?{urlencode({'q': event.request_id})}"
        return format_html('<a href="{}">{}</a>', url, event.request_id[:8])


def subject_url(event: AuditEvent) -> str:
    """The admin page of what the event is about, or "" when it has none."""
    if not event.subject_type or not event.subject_id:
        return ""
    try:
        options = apps.get_model(event.subject_type)._meta
        return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[event.subject_id])
    except (LookupError, ValueError, NoReverseMatch):
        return ""
