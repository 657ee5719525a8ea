from typing import Any

from django.apps import AppConfig
from django.apps import apps as registry
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SparepartsConfig(AppConfig):
    name = "spareparts"
    verbose_name = _("Spare parts management")

    def ready(self) -> None:
        from config.shared.verbs import add_words
        from spareparts import panels, verbs
        from spareparts.domain import leaving, vetoes

        add_words(verbs.WORDS)
        panels.register()
        leaving.connect()
        vetoes.connect()
        post_migrate.connect(_make_settings_row, sender=self, dispatch_uid="spareparts_settings_row")


def _make_settings_row(using: str, apps: Any = registry, **kwargs: Any) -> None:
    """Postings lock the settings row, so there must be one from the first migration on, and after every flush."""
    try:
        settings_model = apps.get_model("spareparts", "SparepartsSettings")
    except LookupError:  # another app was migrated before our first migration
        return
    settings_model.objects.using(using).get_or_create(pk=1)
