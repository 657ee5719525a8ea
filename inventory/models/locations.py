"""Places in the ledger, and the warehouses that own some of them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from config.shared.text import OneLineField
from inventory.enums import OUTSIDE_KINDS, WAREHOUSE_KINDS, LocationKind, Permission, WarehouseStatus


class WarehouseQuerySet(models.QuerySet["Warehouse"]):
    def visible_to(self, user: Any) -> "WarehouseQuerySet":
        """All for those who manage warehouses everywhere; a warehouse manager sees his own."""
        if user.has_perm(Permission.MANAGE_ALL_WAREHOUSES) or user.has_perm(Permission.VIEW_LEDGER):
            return self
        if user.has_perm(Permission.MANAGE_WAREHOUSES):
            return self.filter(managers=user)
        return self.none()


class Warehouse(models.Model):
    code = OneLineField(_("code"), max_length=20, unique=True)
    name = OneLineField(_("name"), max_length=80, unique=True)
    address = models.TextField(_("address"), blank=True)
    phone = OneLineField(_("phone"), max_length=40, blank=True)
    managers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("managers"), related_name="managed_warehouses", blank=True
    )
    is_default = models.BooleanField(
        _("default warehouse"), default=False, help_text=_("Exactly one warehouse is the default.")
    )
    status = models.CharField(_("status"), max_length=8, choices=WarehouseStatus.choices, default=WarehouseStatus.OPEN)

    objects = WarehouseQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[managers])

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="warehouse_one_default",
                violation_error_message=_("Another warehouse is the default."),
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(status=WarehouseStatus.OPEN),
                name="warehouse_default_is_open",
                violation_error_message=_("The default warehouse must be open."),
            ),
            models.CheckConstraint(condition=Q(status__in=WarehouseStatus.values), name="warehouse_status_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    """Any place in the ledger. Inside places keep a balance that is never negative; outside places keep none."""

    kind = models.CharField(_("kind"), max_length=10, choices=LocationKind.choices)
    is_outside = models.BooleanField(_("outside"), editable=False)
    warehouse = models.ForeignKey(
        Warehouse,
        verbose_name=_("warehouse"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="locations",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("engineer"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="locations",
    )

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(kind__in=WAREHOUSE_KINDS, warehouse__isnull=False, owner__isnull=True, is_outside=False)
                    | Q(kind=LocationKind.ENGINEER, warehouse__isnull=True, owner__isnull=False, is_outside=False)
                    | Q(kind__in=OUTSIDE_KINDS, warehouse__isnull=True, owner__isnull=True, is_outside=True)
                ),
                name="location_kind_fits_owner",
            ),
            models.UniqueConstraint(
                fields=["warehouse", "kind"], condition=Q(warehouse__isnull=False), name="location_unique_per_warehouse"
            ),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(owner__isnull=False), name="location_one_per_engineer"
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=Q(is_outside=True), name="location_one_per_outside_kind"
            ),
        ]

    def __str__(self) -> str:
        if self.owner is not None:
            return str(self.owner)
        if self.warehouse is not None:
            return f"{self.warehouse} · {self.get_kind_display()}"
        return str(self.get_kind_display())
