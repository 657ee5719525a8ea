"""An engineer's request for parts, what was granted, and what lies packed for it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.models import Part, Warehouse
from spareparts.enums import Fulfilment, Mode, Permission, ReceivingMethod, RequisitionStatus
from spareparts.models.documents import Document, StockLine, person_field, posting_field
from spareparts.models.terms import looked_after_by
from workorders.models import Site, WorkOrder


class RequisitionQuerySet(models.QuerySet["Requisition"]):
    def visible_to(self, user: Any) -> "RequisitionQuerySet":
        """Own ones; all for the office; a warehouse manager sees those of his warehouses and of the teams they serve.

        Without any warehouse of his own (Standard may have none) a warehouse manager sees all.
        """
        if not user.has_perm(Permission.VIEW_REQUISITIONS):
            return self.none()
        if user.has_perm(Permission.VIEW_ALL_REQUISITIONS):
            return self
        own = Q(engineer_id=user.pk)
        if not user.has_perm(Permission.APPROVE_REQUISITION):
            return self.filter(own)
        managed = list(Warehouse.objects.filter(looked_after_by(user)).values_list("pk", flat=True))
        if not managed:
            return self.filter(own | Q(warehouse__isnull=True))
        serves = Q(engineer__team__in=_teams_served(managed))
        here = Q(warehouse_id__in=managed) | Q(destination_id__in=managed) | Q(Q(warehouse__isnull=True) & serves)
        return self.filter(own | here)


def _teams_served(warehouses: list[int]) -> Any:
    from spareparts.models.terms import WarehouseTerms

    return WarehouseTerms.teams.through.objects.filter(warehouseterms__warehouse_id__in=warehouses).values("team_id")


class Requisition(Document):
    """``status`` is what people decided, ``fulfilment`` what has moved, computed from the grants.

    ``warehouse`` is where the parts come from (none where no warehouse stock is kept); ``destination`` where they are
    shipped to, onto the shelf when ``is_for_branch``, else packed for the engineer to collect.
    """

    PREFIX = "RQ"

    engineer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("engineer"), on_delete=models.PROTECT, related_name="requisitions"
    )
    work_order = models.ForeignKey(
        WorkOrder,
        verbose_name=_("work order"),
        on_delete=models.PROTECT,
        related_name="requisitions",
        null=True,
        blank=True,
    )
    mode = models.CharField(_("mode"), max_length=8, choices=Mode.choices)
    status = models.CharField(
        _("status"), max_length=10, choices=RequisitionStatus.choices, default=RequisitionStatus.DRAFT
    )
    fulfilment = models.CharField(_("fulfilment"), max_length=20, choices=Fulfilment.choices, default=Fulfilment.NONE)
    receiving_method = models.CharField(
        _("receiving method"), max_length=12, choices=ReceivingMethod.choices, default=ReceivingMethod.PICK_UP
    )
    warehouse = models.ForeignKey(
        Warehouse, verbose_name=_("warehouse"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    destination = models.ForeignKey(
        Warehouse, verbose_name=_("ship to"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    is_for_branch = models.BooleanField(_("for the branch"), default=False)
    site = models.ForeignKey(
        Site, verbose_name=_("site"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    needed_at = models.DateTimeField(_("needed by"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    is_at_counter = models.BooleanField(default=False, editable=False)
    submitted_at = models.DateTimeField(_("sent"), null=True)
    approval_reason = models.TextField(_("why approval is needed"), blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = person_field(_("decided by"), optional=True)
    decision_reason = models.TextField(_("reason"), blank=True)
    forwarded_from = models.OneToOneField(
        "self",
        verbose_name=_("forwarded from"),
        on_delete=models.PROTECT,
        related_name="forwarded_to",
        null=True,
        blank=True,
    )

    objects = RequisitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("requisition")
        verbose_name_plural = _("requisitions")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RequisitionStatus.values), name="requisition_status_known"),
            models.CheckConstraint(condition=Q(fulfilment__in=Fulfilment.values), name="requisition_fulfilment_known"),
            models.CheckConstraint(
                condition=Q(fulfilment=Fulfilment.NONE) | Q(status=RequisitionStatus.APPROVED),
                name="requisition_only_approved_is_fulfilled",
            ),
            models.CheckConstraint(
                condition=Q(receiving_method__in=ReceivingMethod.values), name="requisition_method_known"
            ),
            models.CheckConstraint(
                condition=Q(receiving_method=ReceivingMethod.TO_WAREHOUSE, destination__isnull=False)
                | Q(~Q(receiving_method=ReceivingMethod.TO_WAREHOUSE), destination__isnull=True, is_for_branch=False),
                name="requisition_destination_when_shipped_to_warehouse",
                violation_error_message=_("Say to which warehouse it is shipped."),
            ),
            models.CheckConstraint(
                condition=Q(receiving_method=ReceivingMethod.TO_SITE, site__isnull=False)
                | Q(~Q(receiving_method=ReceivingMethod.TO_SITE), site__isnull=True),
                name="requisition_site_when_shipped_to_site",
                violation_error_message=_("Say to which site it is shipped."),
            ),
            models.CheckConstraint(
                condition=Q(destination__isnull=True) | ~Q(destination=F("warehouse")),
                name="requisition_goes_to_another_warehouse",
                violation_error_message=_("It already lies in this warehouse: choose pick up."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=[RequisitionStatus.DRAFT, RequisitionStatus.WITHDRAWN])
                | Q(submitted_at__isnull=False),
                name="requisition_sent_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["engineer", "-id"], name="requisition_engineer"),
            models.Index(fields=["status", "fulfilment", "warehouse"], name="requisition_queue"),
            models.Index(fields=["work_order", "status"], name="requisition_work_order"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("spareparts:requisition", args=[self.pk])


class RequisitionLine(models.Model):
    """``quantity`` smallest steps of ``part`` are asked for."""

    requisition = models.ForeignKey(
        Requisition, verbose_name=_("requisition"), on_delete=models.CASCADE, related_name="lines"
    )
    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("requisition line")
        verbose_name_plural = _("requisition lines")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="requisition_line_quantity_positive"),
            models.UniqueConstraint(
                fields=["requisition", "part"],
                name="requisition_line_part_once",
                violation_error_message=_("This part stands on the request already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part}"


class Grant(models.Model):
    """What was granted for a line: the part asked for or a substitute, and how far it has come, in smallest steps.

    ``reserved`` lies in staging now, of it ``packed`` is packed; ``issued`` was handed over, ``shipped`` was sent and
    of it ``received`` arrived. What is none of these and not ``cancelled`` is the back-order.
    """

    line = models.ForeignKey(RequisitionLine, verbose_name=_("line"), on_delete=models.PROTECT, related_name="grants")
    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.PROTECT, related_name="+")
    granted = models.PositiveIntegerField(_("granted"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    reserved = models.PositiveIntegerField(_("reserved"), default=0)
    packed = models.PositiveIntegerField(_("packed"), default=0)
    issued = models.PositiveIntegerField(_("issued"), default=0)
    shipped = models.PositiveIntegerField(_("shipped"), default=0)
    received = models.PositiveIntegerField(_("received"), default=0)
    cancelled = models.PositiveIntegerField(_("cancelled"), default=0)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["line", "part"], name="grant_part_once_per_line"),
            models.CheckConstraint(
                condition=Q(granted__gte=F("reserved") + F("issued") + F("shipped") + F("cancelled")),
                name="grant_never_exceeded",
            ),
            models.CheckConstraint(condition=Q(packed__lte=F("reserved")), name="grant_packed_is_reserved"),
            models.CheckConstraint(condition=Q(received__lte=F("shipped")), name="grant_received_was_shipped"),
        ]

    def __str__(self) -> str:
        return f"{self.granted} × {self.part}"

    @property
    def open_quantity(self) -> int:
        """The back-order: granted, and neither reserved nor on its way nor cancelled."""
        return self.granted - self.reserved - self.issued - self.shipped - self.cancelled


class Allocation(StockLine):
    """What lies in the staging place of ``warehouse`` for a grant, by condition and lot, in smallest steps.

    ``part`` is the grant's.

    ``shipment`` names the shipment that waits for approval with it.
    """

    grant = models.ForeignKey(Grant, verbose_name=_("grant"), on_delete=models.PROTECT, related_name="allocations")
    warehouse = models.ForeignKey(Warehouse, verbose_name=_("warehouse"), on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))
    packed = models.PositiveIntegerField(_("packed"), default=0)
    shipment = models.ForeignKey(
        "spareparts.Shipment", on_delete=models.PROTECT, related_name="allocations", null=True, blank=True
    )

    class Meta:
        verbose_name = _("reserved stock")
        verbose_name_plural = _("reserved stock")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="allocation_quantity_positive"),
            models.CheckConstraint(condition=Q(packed__lte=F("quantity")), name="allocation_packed_is_there"),
            models.UniqueConstraint(
                F("grant"),
                F("warehouse"),
                F("condition"),
                Coalesce("lot", 0),
                Coalesce("shipment", 0),
                name="allocation_unique_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part}"


class Issue(Document):
    """Parts handed to the engineer for a requisition: one posting; without warehouses, its approval."""

    PREFIX = "IS"

    requisition = models.ForeignKey(
        Requisition, verbose_name=_("requisition"), on_delete=models.PROTECT, related_name="issues"
    )
    posting = posting_field(_("posting"), "posting_key")
    reversal = posting_field(_("reversal"), "reversal_key")
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = person_field(_("undone by"), optional=True)
    undo_reason = models.TextField(_("reason for undoing"), blank=True)

    class Meta:
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(posting__isnull=False), name="issue_is_posted"),
            models.CheckConstraint(
                condition=Q(reversal__isnull=True, undone_at__isnull=True, undone_by__isnull=True)
                | Q(reversal__isnull=False, undone_at__isnull=False, undone_by__isnull=False),
                name="issue_undone_has_reversal",
            ),
        ]


class IssueLine(StockLine):
    """``quantity`` smallest steps were handed over against ``grant``, out of ``warehouse`` when there is one."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="lines", verbose_name=_("issue"))
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="issue_lines", verbose_name=_("grant"))
    warehouse = models.ForeignKey(
        Warehouse, verbose_name=_("warehouse"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("issued part")
        verbose_name_plural = _("issued parts")
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="issue_line_quantity_positive")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part}"
