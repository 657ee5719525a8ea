from typing import Any

from django.apps import AppConfig
from django.apps import apps as registry
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = _("Parts and stock")

    def ready(self) -> None:
        from config.shared.verbs import add_words
        from inventory import (
            checks,  # noqa: F401  registers itself
            verbs,
        )

        add_words(verbs.WORDS)
        pre_migrate.connect(_take_triggers_off, sender=self, dispatch_uid="ledger_triggers_off")
        post_migrate.connect(_prepare_ledger, sender=self, dispatch_uid="ledger_triggers_on")


def _take_triggers_off(*, using: str, **kwargs: Any) -> None:
    """SQLite rebuilds a table to alter it: that fails with the triggers there, or drops them without a word."""
    from inventory import triggers

    if connections[using].vendor == "sqlite":
        triggers.remove(connections[using])


def _prepare_ledger(*, using: str, apps: Any = registry, **kwargs: Any) -> None:
    """``apps`` is the state of the models after the migrations that ran, which need not be the head's."""
    from inventory import triggers
    from inventory.domain import locations

    if triggers.is_ready(connections[using]):
        triggers.install(connections[using])
        locations.make_outside_locations(apps.get_model("inventory", "Location").objects.using(using))
