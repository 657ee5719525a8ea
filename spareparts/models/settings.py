"""The plugin's one settings row."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from spareparts.enums import Mode


class SparepartsSettings(models.Model):
    """On or off, and exactly one mode. ``version`` counts changes, so that no posting slips under a switch."""

    is_enabled = models.BooleanField(_("spare parts management"), default=True)
    mode = models.CharField(_("mode"), max_length=8, choices=Mode.choices, default=Mode.SIMPLE)
    undo_minutes = models.PositiveSmallIntegerField(_("undo window in minutes"), default=10)
    version = models.PositiveIntegerField(default=0, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("spare parts settings")
        verbose_name_plural = _("spare parts settings")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="settings_one_row"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="settings_mode_known"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
