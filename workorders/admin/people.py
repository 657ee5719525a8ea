"""People in the admin: every change goes through workorders/domain/people.py."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.shared.admin import HistoryAdmin, SafeAdmin
from config.shared.errors import DomainError
from workorders.accounts import AccountAdapter, send_password_link
from workorders.domain import people
from workorders.enums import Role
from workorders.models import Team, User
from workorders.people_forms import PersonForm, ReasonForm

Deed = Callable[[HttpRequest, User, str], None]
ROLE_FIELDS = [f"is_{role.value}" for role in Role]


def actor(request: HttpRequest) -> User:
    """The signed-in person; nobody else gets as far as here."""
    return cast(User, request.user)


class RoleFilter(admin.SimpleListFilter):
    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(role.value, role.label) for role in Role]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() in Role.values:
            return queryset.filter(**{f"is_{self.value()}": True})
        return queryset


@admin.register(Team)
class TeamAdmin(SafeAdmin):
    list_display = ["name"]
    search_fields = ["name"]


@admin.register(User)
class UserAdmin(HistoryAdmin):
    """Invite, change, deactivate. A password is never typed here: the person sets his own by a link."""

    form = PersonForm
    list_display = ["name", "email", "role_names", "team", "is_active", "last_login"]
    list_filter = ["is_active", RoleFilter, "team"]
    list_select_related = ["team"]
    search_fields = ["name", "email", "phone"]
    search_help_text = gettext_lazy("Name, e-mail or phone")
    autocomplete_fields = ["team"]
    readonly_fields = ["last_login", "date_joined"]
    show_facets = admin.ShowFacets.ALLOW
    actions = ["deactivate", "reactivate", "send_link", "end_sessions", "remove_second_factor"]
    fieldsets = [
        (None, {"fields": ["name", "email", "team", "phone"]}),
        (gettext_lazy("Roles"), {"fields": (*ROLE_FIELDS,)}),
        (gettext_lazy("Language and time"), {"fields": ["language", "time_zone"]}),
        (gettext_lazy("Access"), {"fields": ["is_active", "reason", "last_login", "date_joined"]}),
    ]

    @admin.display(description=gettext_lazy("roles"))
    def role_names(self, person: User) -> str:
        return ", ".join(str(role.label) for role in Role if getattr(person, f"is_{role.value}"))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """A list that can be narrowed by the beginning of a password hash tells the hash, letter by letter."""
        hidden = lookup.partition("__")[0] in {"password", "session_epoch"}
        return not hidden and super().lookup_allowed(lookup, value, request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who is only invited has nothing to deactivate yet; who may only look is asked for no reason."""
        if obj is None:
            return self.fieldsets[:-1]
        if not self.has_change_permission(request, obj):
            access = (gettext_lazy("Access"), {"fields": ["is_active", "last_login", "date_joined"]})
            return [*self.fieldsets[:-1], access]
        return self.fieldsets

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.by = actor(request)
        return form

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The form rehearses the change; what is refused only since then undoes all of it and is said here."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as error:
            for message in error.messages:
                messages.error(request, message)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            form.apply(by=actor(request), at=timezone.now())
            return
        fields = ("name", "email", "team", "phone", "language", "time_zone")
        values = {name: form.cleaned_data[name] for name in fields}
        person = people.invite_person(roles=form.roles(), by=actor(request), at=timezone.now(), **values)
        obj.__dict__.update(person.__dict__)  # the admin goes on with its own object
        transaction.on_commit(lambda: tell_about_link(request, person))

    @admin.action(description=gettext_lazy("Deactivate …"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._confirm(request, queryset, "deactivate", _("Deactivate"), deactivate_one, asks_reason=True)

    @admin.action(description=gettext_lazy("Let sign in again …"), permissions=["change"])
    def reactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._confirm(request, queryset, "reactivate", _("Let sign in again"), reactivate_one)

    @admin.action(description=gettext_lazy("Send invitation or password link again …"), permissions=["change"])
    def send_link(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._confirm(request, queryset, "send_link", _("Send the link"), send_link_to_one)

    @admin.action(description=gettext_lazy("Sign out everywhere …"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._confirm(request, queryset, "end_sessions", _("Sign out everywhere"), end_sessions_of_one)

    @admin.action(description=gettext_lazy("Remove the second factor …"), permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        label = _("Remove the second factor")
        return self._confirm(request, queryset, "remove_second_factor", label, remove_second_factor_of_one)

    def _confirm(
        self,
        request: HttpRequest,
        queryset: QuerySet[User],
        action: str,
        label: str | Promise,
        deed: Deed,
        *,
        asks_reason: bool = False,
    ) -> HttpResponse | None:
        """Show what would happen to whom; once confirmed do it to each, and say who was refused and why."""
        chosen = list(queryset.order_by("name"))
        form = ReasonForm(request.POST if "confirmed" in request.POST else None) if asks_reason else None
        if "confirmed" in request.POST and (form is None or form.is_valid()):
            reason = form.cleaned_data["reason"] if form else ""
            do_to_each(request, chosen, deed, reason)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": label,
            "people": chosen,
            "action": action,
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/workorders/user/confirm.html", context)


def do_to_each(request: HttpRequest, chosen: list[User], deed: Deed, reason: str) -> None:
    done = 0
    for person in chosen:
        try:
            deed(request, person, reason)
            done += 1
        except DomainError as error:
            for message in error.messages:
                messages.error(request, format_html("{}: {}", person.name, message))
    if done:
        messages.success(request, ngettext("Done for %(n)d person.", "Done for %(n)d people.", done) % {"n": done})


def deactivate_one(request: HttpRequest, person: User, reason: str) -> None:
    people.deactivate_person(person, by=actor(request), at=timezone.now(), reason=reason)


def reactivate_one(request: HttpRequest, person: User, reason: str) -> None:
    people.reactivate_person(person, by=actor(request), at=timezone.now())


def end_sessions_of_one(request: HttpRequest, person: User, reason: str) -> None:
    people.end_sessions(person, by=actor(request), at=timezone.now())


def remove_second_factor_of_one(request: HttpRequest, person: User, reason: str) -> None:
    if not people.remove_second_factor(person, by=actor(request), at=timezone.now()):
        raise DomainError(_("There is no second factor on this account."))
    AccountAdapter(request).send_notification_mail("mfa/email/totp_deactivated", person)


def send_link_to_one(request: HttpRequest, person: User, reason: str) -> None:
    if not person.is_active:
        raise DomainError(_("May not sign in, so no link was sent."))
    if not send_password_link(request, person, by=actor(request), at=timezone.now()):
        raise DomainError(_("The mail could not be sent. Try again in a few minutes."))


def tell_about_link(request: HttpRequest, person: User) -> None:
    """After the commit: send the invitation, and say whether it went."""
    words = {"person": person.name, "email": person.email}
    if send_password_link(request, person, by=actor(request), at=timezone.now()):
        messages.info(request, _("An invitation went to %(email)s. The link works for a week.") % words)
    else:
        text = _("%(person)s is added, but the invitation could not be sent. Send it again from the list of people.")
        messages.warning(request, text % words)
