from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkordersConfig(AppConfig):
    name = "workorders"
    verbose_name = _("People and work orders")

    def ready(self) -> None:
        from config.shared.verbs import add_words
        from workorders import accounts, verbs

        add_words(verbs.WORDS)
        accounts.connect_signals()
