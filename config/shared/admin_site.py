"""Django's admin without a sign-in of its own: limits, second factor and audit live in one place."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache

from config.shared.access import next_url

AdminView = Callable[..., HttpResponseBase]


# Django's own words, hidden but read aloud, that its catalogues do not have in all our languages.
UNTRANSLATED_BY_DJANGO = (
    gettext_noop("Model name"),
    gettext_noop("Add link"),
    gettext_noop("Change or view list link"),
)


class SharedAdminSite(admin.AdminSite):
    site_header = _("Spareparts administration")
    site_title = _("Spareparts administration")
    index_title = _("Administration")
    enable_nav_sidebar = True

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Refuse a signed-in person without the permission at the address he asked for, with a 403."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied("admin.open")
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, view)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Send to the one sign-in page; Django's own would know neither limits nor the second factor."""
        start = reverse("admin:index", current_app=self.name)
        if not request.user.is_authenticated:
            return redirect_to_login(next_url(request, default=start))
        if not self.has_permission(request):
            raise PermissionDenied("admin.open")
        return HttpResponseRedirect(next_url(request, default=start))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")
