"""What a warehouse sends against requisitions, what arrived, and what did not fit."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.models import Warehouse
from spareparts.enums import (
    DiscrepancyKind,
    DiscrepancyOutcome,
    DiscrepancyStatus,
    Permission,
    ReceivingMethod,
    ShipmentStatus,
)
from spareparts.models.documents import Document, StockLine, person_field, posting_field
from spareparts.models.requisitions import Grant
from workorders.models import Site


class ShipmentQuerySet(models.QuerySet["Shipment"]):
    def visible_to(self, user: Any) -> "ShipmentQuerySet":
        """All for the office; a warehouse manager sees those of his warehouses; an engineer those sent to him."""
        if user.has_perm(Permission.VIEW_ALL_REQUISITIONS):
            return self
        mine = Q(engineer_id=user.pk) if user.has_perm(Permission.RECEIVE) else Q(pk__in=[])
        if user.has_perm(Permission.SHIP):
            managed = Warehouse.objects.filter(managers=user).values("pk")
            mine |= Q(warehouse__in=managed) | Q(destination__in=managed)
        return self.filter(mine)


class Shipment(Document):
    """From one warehouse, by one receiving method, to one engineer, warehouse or site."""

    PREFIX = "SH"

    warehouse = models.ForeignKey(Warehouse, verbose_name=_("from"), on_delete=models.PROTECT, related_name="shipments")
    receiving_method = models.CharField(_("receiving method"), max_length=12, choices=ReceivingMethod.choices)
    engineer = person_field(_("engineer"), optional=True)
    destination = models.ForeignKey(
        Warehouse, verbose_name=_("ship to"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    site = models.ForeignKey(
        Site, verbose_name=_("site"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    status = models.CharField(
        _("status"), max_length=20, choices=ShipmentStatus.choices, default=ShipmentStatus.WAITING
    )
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    note = models.TextField(_("note"), blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    approved_by = person_field(_("approved by"), optional=True)
    posting = posting_field(_("posting"), "posting_key")

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ShipmentStatus.values), name="shipment_status_known"),
            models.CheckConstraint(
                condition=Q(status__in=[ShipmentStatus.WAITING, ShipmentStatus.CANCELLED], posting__isnull=True)
                | Q(posting__isnull=False, sent_at__isnull=False),
                name="shipment_sent_is_posted",
            ),
            models.CheckConstraint(
                condition=~Q(receiving_method=ReceivingMethod.PICK_UP), name="shipment_is_not_a_pick_up"
            ),
            models.CheckConstraint(
                condition=Q(receiving_method=ReceivingMethod.TO_WAREHOUSE, destination__isnull=False)
                | Q(~Q(receiving_method=ReceivingMethod.TO_WAREHOUSE), engineer__isnull=False),
                name="shipment_goes_to_somebody",
            ),
        ]
        indexes = [models.Index(fields=["status", "warehouse"], name="shipment_queue")]

    def get_absolute_url(self) -> str:
        return reverse("spareparts:shipment", args=[self.pk])


class ShipmentLine(StockLine):
    """``quantity`` smallest steps were sent; of them ``received`` arrived and ``settled`` left transit otherwise.

    The rest is on the way: it lies in the transit place of the sending warehouse.
    """

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="lines", verbose_name=_("shipment"))
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="shipment_lines", verbose_name=_("grant"))
    quantity = models.PositiveIntegerField(_("quantity"))
    received = models.PositiveIntegerField(_("received"), default=0)
    settled = models.PositiveIntegerField(_("settled"), default=0)

    class Meta:
        verbose_name = _("shipment line")
        verbose_name_plural = _("shipment lines")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipment_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("received") + F("settled")), name="shipment_line_arrives_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part}"

    @property
    def on_the_way(self) -> int:
        return self.quantity - self.received - self.settled


class Receipt(Document):
    """What arrived of a shipment, in one posting; none when nothing did."""

    PREFIX = "RC"

    shipment = models.ForeignKey(
        Shipment, on_delete=models.PROTECT, related_name="receipts", verbose_name=_("shipment")
    )
    posting = posting_field(_("posting"), "posting_key")

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["-pk"]


class ReceiptLine(models.Model):
    """In smallest steps: ``received`` arrived well, ``damaged`` broken; ``short`` is missing, ``over`` is extra."""

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="lines", verbose_name=_("receipt"))
    shipment_line = models.ForeignKey(ShipmentLine, on_delete=models.PROTECT, related_name="receipt_lines")
    received = models.PositiveIntegerField(_("received"), default=0)
    damaged = models.PositiveIntegerField(_("damaged"), default=0)
    short = models.PositiveIntegerField(_("missing"), default=0)
    over = models.PositiveIntegerField(_("more than sent"), default=0)

    class Meta:
        verbose_name = _("receipt line")
        verbose_name_plural = _("receipt lines")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(received__gt=0) | Q(damaged__gt=0) | Q(short__gt=0) | Q(over__gt=0),
                name="receipt_line_says_something",
            )
        ]

    def __str__(self) -> str:
        return f"{self.received} × {self.shipment_line.part}"


class DiscrepancyQuerySet(models.QuerySet["Discrepancy"]):
    def visible_to(self, user: Any) -> "DiscrepancyQuerySet":
        """All for the office; else those one owns, opened, or that concern one's warehouse or parcel."""
        if user.has_perm(Permission.VIEW_ALL_REQUISITIONS):
            return self
        mine = Q(owner_id=user.pk) | Q(created_by_id=user.pk)
        mine |= Q(shipment_line__grant__line__requisition__engineer_id=user.pk)  # whoever waits for the parcel
        mine |= Q(return_line__document__engineer_id=user.pk)
        if user.has_perm(Permission.SETTLE_DISCREPANCY):
            managed = Warehouse.objects.filter(managers=user).values("pk")
            mine |= Q(shipment_line__shipment__warehouse__in=managed)
            mine |= Q(return_line__document__warehouse__in=managed)
        return self.filter(mine)


class Discrepancy(Document, StockLine):
    """``quantity`` smallest steps did not fit; ``owner`` settles it. Of a shipment line or of a return line."""

    PREFIX = "DI"

    kind = models.CharField(_("kind"), max_length=8, choices=DiscrepancyKind.choices)
    quantity = models.PositiveIntegerField(_("quantity"))
    shipment_line = models.ForeignKey(
        ShipmentLine, on_delete=models.PROTECT, related_name="discrepancies", null=True, blank=True
    )
    return_line = models.ForeignKey(
        "spareparts.ReturnLine", on_delete=models.PROTECT, related_name="discrepancies", null=True, blank=True
    )
    owner = person_field(_("owner"), optional=True)
    note = models.TextField(_("note"), blank=True)
    status = models.CharField(
        _("status"), max_length=8, choices=DiscrepancyStatus.choices, default=DiscrepancyStatus.OPEN
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=DiscrepancyOutcome.choices, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True)
    settled_by = person_field(_("settled by"), optional=True)
    settle_reason = models.TextField(_("reason"), blank=True)
    posting = posting_field(_("posting"), "posting_key")

    objects = DiscrepancyQuerySet.as_manager()

    class Meta:
        verbose_name = _("discrepancy")
        verbose_name_plural = _("discrepancies")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="discrepancy_quantity_positive"),
            models.CheckConstraint(
                condition=Q(shipment_line__isnull=False, return_line__isnull=True)
                | Q(shipment_line__isnull=True, return_line__isnull=False),
                name="discrepancy_of_exactly_one_line",
            ),
            models.CheckConstraint(
                condition=Q(status=DiscrepancyStatus.OPEN, outcome="", settled_at__isnull=True)
                | Q(
                    Q(status=DiscrepancyStatus.SETTLED, settled_at__isnull=False, settled_by__isnull=False),
                    ~Q(outcome=""),
                ),
                name="discrepancy_settled_has_outcome",
            ),
        ]
        indexes = [models.Index(fields=["status", "-id"], name="discrepancy_open")]

    def get_absolute_url(self) -> str:
        return reverse("spareparts:discrepancy", args=[self.pk])
