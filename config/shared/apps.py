from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class SharedConfig(AppConfig):
    name = "config.shared"
    label = "shared"
    verbose_name = _("Shared records")
    default = True

    def ready(self) -> None:
        from config.shared import audit

        audit.connect_sign_in_signals()


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin behind our sign-in."""

    default = False
    default_site = "config.shared.admin_site.SharedAdminSite"
