"""Where in a warehouse a part lies, and what may stand in for it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from inventory.models.catalogue import Part
from inventory.models.locations import Warehouse


class Bin(models.Model):
    """A place on the shelf of a warehouse where a part lies; a part may lie in several, the first is picked first."""

    warehouse = models.ForeignKey(Warehouse, verbose_name=_("warehouse"), on_delete=models.CASCADE, related_name="bins")
    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.CASCADE, related_name="bins")
    code = models.CharField(_("bin"), max_length=20)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("bin")
        verbose_name_plural = _("bins")
        ordering = ["warehouse", "code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["warehouse", "part", "code"],
                name="bin_part_once",
                violation_error_message=_("This part lies in this bin already."),
            ),
            models.CheckConstraint(condition=~Q(code=""), name="bin_code_not_empty"),
        ]

    def __str__(self) -> str:
        return self.code


class Substitute(models.Model):
    """``substitute`` may be granted instead of ``part``; not the other way round unless said so too."""

    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.CASCADE, related_name="substitutes")
    substitute = models.ForeignKey(
        Part, verbose_name=_("substitute"), on_delete=models.CASCADE, related_name="substitute_for"
    )
    note = models.CharField(_("note"), max_length=120, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("substitute")
        verbose_name_plural = _("substitutes")
        ordering = ["part", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["part", "substitute"],
                name="substitute_once",
                violation_error_message=_("This substitute is already named."),
            ),
            models.CheckConstraint(
                condition=~Q(part=F("substitute")),
                name="substitute_is_another_part",
                violation_error_message=_("A part cannot stand in for itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part.number} → {self.substitute.number}"
