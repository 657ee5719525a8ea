"""The parts fitted in a machine at a customer (equipment BOM)."""

from typing import Any

from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.models import Part
from spareparts.enums import Permission
from workorders.models import Equipment


class EquipmentPartQuerySet(models.QuerySet["EquipmentPart"]):
    def visible_to(self, user: Any) -> "EquipmentPartQuerySet":
        """The parts of the machines the person may see."""
        if not user.has_perm(Permission.VIEW_EQUIPMENT_PARTS):
            return self.none()
        return self.filter(equipment__in=Equipment.objects.visible_to(user))

    def current(self) -> "EquipmentPartQuerySet":
        return self.filter(removed_at__isnull=True, undone_at__isnull=True)

    def history(self) -> "EquipmentPartQuerySet":
        return self.filter(removed_at__isnull=False, undone_at__isnull=True).order_by("-removed_at", "-pk")

    def by_position(self) -> "EquipmentPartQuerySet":
        """Entries that say where they are come first."""
        nowhere = Case(When(position="", then=1), default=0)
        return self.order_by(nowhere, "position", "part__number", "pk")


class EquipmentPart(models.Model):
    """A part in a machine, from when it was fitted until it was taken out. Rows with ``removed_at`` are history.

    When only some of ``quantity`` are taken out, the row keeps the rest and a history row is split off from it.
    ``version`` counts changes made by hand: an undo needs to know whether somebody touched the row since.
    """

    equipment = models.ForeignKey(
        Equipment, verbose_name=_("equipment"), on_delete=models.PROTECT, related_name="parts"
    )
    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))
    serial = models.CharField(_("serial number"), max_length=60, blank=True)
    position = models.CharField(_("position"), max_length=60, blank=True, help_text=_("Where in the machine."))
    fitted_at = models.DateTimeField(_("fitted"), default=timezone.now)
    fitted_by_line = models.OneToOneField(
        "spareparts.ConsumptionLine",
        verbose_name=_("fitted by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="fitted",
        editable=False,
    )
    removed_at = models.DateTimeField(_("taken out"), null=True, blank=True, editable=False)
    removed_by_line = models.OneToOneField(
        "spareparts.ConsumptionLine",
        verbose_name=_("taken out by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="removed",
        editable=False,
    )
    split_from = models.ForeignKey(
        "self",
        verbose_name=_("split from"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="splits",
        editable=False,
    )
    undone_at = models.DateTimeField(
        null=True, editable=False, help_text=_("The use that made this row was undone: it never was so.")
    )
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = EquipmentPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("fitted part")
        verbose_name_plural = _("equipment BOM")
        ordering = ["position", "part__number", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="equipment_part_quantity_positive"),
            models.CheckConstraint(
                condition=Q(removed_by_line__isnull=True) | Q(removed_at__isnull=False),
                name="equipment_part_removed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(split_from__isnull=True) | Q(removed_at__isnull=False),
                name="equipment_part_split_is_history",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(fitted_by_line__isnull=False) | Q(split_from__isnull=False),
                name="equipment_part_undone_came_from_use",
            ),
        ]
        indexes = [models.Index(fields=["equipment", "removed_at"], name="equipment_part_current")]

    def __str__(self) -> str:
        return f"{self.part.number} ({self.equipment})"


class ReplacementRecord(models.Model):
    """Which part left a machine and which came in, by which line of use (更换记录)."""

    equipment = models.ForeignKey(
        Equipment, verbose_name=_("equipment"), on_delete=models.PROTECT, related_name="replacements"
    )
    line = models.OneToOneField(
        "spareparts.ConsumptionLine", verbose_name=_("use"), on_delete=models.PROTECT, related_name="replacement"
    )
    new_part = models.ForeignKey(Part, verbose_name=_("new part"), on_delete=models.PROTECT, related_name="+")
    new_quantity = models.PositiveIntegerField(_("quantity"))
    new_serial = models.CharField(_("new serial number"), max_length=60, blank=True)
    old_part = models.ForeignKey(
        Part, verbose_name=_("old part"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    old_quantity = models.PositiveIntegerField(_("quantity of the old part"), null=True, blank=True)
    old_serial = models.CharField(_("old serial number"), max_length=60, blank=True)
    replaced_at = models.DateTimeField(_("replaced"))
    undone_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        verbose_name = _("replacement record")
        verbose_name_plural = _("replacement records")
        ordering = ["-replaced_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(new_quantity__gt=0), name="replacement_new_quantity_positive"),
            models.CheckConstraint(
                condition=Q(old_part__isnull=True, old_quantity__isnull=True, old_serial="")
                | Q(old_part__isnull=False, old_quantity__gt=0),
                name="replacement_old_part_has_quantity",
            ),
        ]
        indexes = [models.Index(fields=["equipment", "-replaced_at"], name="replacement_equipment")]

    def __str__(self) -> str:
        return f"{self.new_part.number} ({self.equipment})"
