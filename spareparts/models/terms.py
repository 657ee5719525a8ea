"""Terms of the plugin for people, warehouses and machines: limits, teams served, absences, suggested parts."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from inventory.models import Part, Warehouse
from spareparts.enums import Permission
from spareparts.models.documents import person_field
from workorders.models import EquipmentModel, Team


class WarehouseTerms(models.Model):
    """What a warehouse is to the engineers: the teams it serves, and whether approval already hands the parts out."""

    warehouse = models.OneToOneField(
        Warehouse, verbose_name=_("warehouse"), on_delete=models.CASCADE, related_name="terms"
    )
    teams = models.ManyToManyField(Team, verbose_name=_("teams served"), related_name="+", blank=True)
    issues_on_approval = models.BooleanField(
        _("issues on approval"),
        default=False,
        help_text=_("For self-service stores: approving a request hands the parts out at once."),
    )

    history = HistoricalRecords(m2m_fields=[teams])

    class Meta:
        verbose_name = _("terms of a warehouse")
        verbose_name_plural = _("terms of warehouses")

    def __str__(self) -> str:
        return str(self.warehouse)


class HoldingLimit(models.Model):
    """An engineer's own limit on the value he may hold; without one the company's counts."""

    engineer = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("engineer"), on_delete=models.CASCADE, related_name="holding_limit"
    )
    value = models.DecimalField(
        _("value"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.00"))]
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("holding limit")
        verbose_name_plural = _("holding limits")
        constraints = [models.CheckConstraint(condition=Q(value__gte=0), name="holding_limit_not_negative")]

    def __str__(self) -> str:
        return f"{self.engineer}: {self.value}"


class Absence(models.Model):
    """Away from ``first_day`` to ``last_day``, both included; ``deputy`` answers approvals and gets the reminders."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="absences"
    )
    deputy = person_field(_("deputy"), optional=True)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["-first_day", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")),
                name="absence_ends_after_it_begins",
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.CheckConstraint(
                condition=Q(deputy__isnull=True) | ~Q(deputy=F("person")),
                name="absence_deputy_is_somebody_else",
                violation_error_message=_("The deputy must be somebody else."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.first_day} – {self.last_day}"


def looked_after_by(user: Any) -> Q:
    """Warehouses that ``user`` manages, or whose manager is away today and named him deputy.

    Today is the database's, in the company's zone, so that whoever asks needs no clock. A warehouse may come twice.
    """
    today = TruncDate(Now(), tzinfo=timezone.get_default_timezone())
    away = Absence.objects.filter(deputy=user, first_day__lte=today, last_day__gte=today).order_by()
    return Q(managers=user) | Q(managers__in=away.values("person"))


class ServiceBomLineQuerySet(models.QuerySet["ServiceBomLine"]):
    def visible_to(self, user: Any) -> "ServiceBomLineQuerySet":
        return self if user.has_perm(Permission.VIEW_SERVICE_BOM) else self.none()


class ServiceBomLine(models.Model):
    """``quantity`` smallest steps of ``part`` are suggested when a machine of this model is serviced."""

    equipment_model = models.ForeignKey(
        EquipmentModel, verbose_name=_("equipment model"), on_delete=models.CASCADE, related_name="service_bom"
    )
    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = ServiceBomLineQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("service BOM line")
        verbose_name_plural = _("service BOM")
        ordering = ["equipment_model", "part__number"]
        constraints = [
            models.UniqueConstraint(
                fields=["equipment_model", "part"],
                name="service_bom_part_once",
                violation_error_message=_("This part stands in the service BOM already."),
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="service_bom_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.part.number} ({self.equipment_model})"
