"""Parts used under a work order: one document, many lines."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.enums import Condition
from inventory.models import Lot, Part, Posting, Warehouse
from spareparts.enums import ConsumptionStatus, Mode, OldPartAnswer, Permission
from workorders.models import WorkOrder


class ConsumptionQuerySet(models.QuerySet["Consumption"]):
    def visible_to(self, user: Any) -> "ConsumptionQuerySet":
        """All for the office; an engineer sees what he used or recorded, and what was used on his jobs."""
        if user.has_perm(Permission.VIEW_ALL_CONSUMPTION):
            return self
        if not user.has_perm(Permission.VIEW_CONSUMPTION):
            return self.none()
        return self.filter(Q(engineer_id=user.pk) | Q(work_order__in=WorkOrder.objects.of_engineer(user)))


class Consumption(models.Model):
    """``engineer`` used the parts; ``recorded_by`` typed it, with a reason when that is somebody else."""

    work_order = models.ForeignKey(
        WorkOrder, verbose_name=_("work order"), on_delete=models.PROTECT, related_name="consumptions"
    )
    engineer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("engineer"), on_delete=models.PROTECT, related_name="consumptions"
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(_("recorded"))
    reason = models.TextField(_("reason"), blank=True)
    mode = models.CharField(_("mode"), max_length=8, choices=Mode.choices)
    status = models.CharField(
        _("status"), max_length=10, choices=ConsumptionStatus.choices, default=ConsumptionStatus.RECORDED
    )
    version = models.PositiveIntegerField(default=0)
    # By the posting's key, which is known before the posting is written: document and moves need no second pass,
    # and a document without its posting cannot exist (the foreign key is checked at commit).
    posting = models.OneToOneField(
        Posting,
        verbose_name=_("posting"),
        on_delete=models.PROTECT,
        related_name="+",
        to_field="key",
        db_column="posting_key",
    )
    reversal = models.OneToOneField(
        Posting,
        verbose_name=_("reversal"),
        on_delete=models.PROTECT,
        related_name="+",
        to_field="key",
        db_column="reversal_key",
        null=True,
    )
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("undone by"), on_delete=models.PROTECT, related_name="+", null=True
    )
    undo_reason = models.TextField(_("reason for undoing"), blank=True)

    objects = ConsumptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("consumption")
        verbose_name_plural = _("consumptions")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status=ConsumptionStatus.RECORDED,
                    reversal__isnull=True,
                    undone_at__isnull=True,
                    undone_by__isnull=True,
                )
                | Q(
                    ~Q(status=ConsumptionStatus.RECORDED),
                    reversal__isnull=False,
                    undone_at__isnull=False,
                    undone_by__isnull=False,
                ),
                name="consumption_undone_has_reversal",
            ),
            models.CheckConstraint(condition=Q(status__in=ConsumptionStatus.values), name="consumption_status_known"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="consumption_mode_known"),
            models.CheckConstraint(
                condition=Q(recorded_by=F("engineer")) | ~Q(reason=""),
                name="consumption_for_others_has_reason",
                violation_error_message=_("Give a reason for recording this for somebody else."),
            ),
        ]
        indexes = [
            models.Index(fields=["engineer", "-id"], name="consumption_engineer"),
            models.Index(fields=["status", "recorded_at"], name="consumption_status_recorded"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"CO-{self.pk:06d}"

    def get_absolute_url(self) -> str:
        return reverse("spareparts:consumption", args=[self.pk])

    @property
    def is_recorded(self) -> bool:
        """Its parts count as used: neither undone nor corrected."""
        return self.status == ConsumptionStatus.RECORDED


class ConsumptionLine(models.Model):
    """``quantity`` smallest steps of ``part`` went into the machine; ``unit_cost`` is the part's cost on that day."""

    consumption = models.ForeignKey(
        Consumption, verbose_name=_("consumption"), on_delete=models.PROTECT, related_name="lines"
    )
    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))
    lot_text = models.CharField(_("batch or serial number"), max_length=60, blank=True)
    unit_cost = models.DecimalField(_("cost per unit"), max_digits=12, decimal_places=2)
    cost = models.DecimalField(_("cost"), max_digits=16, decimal_places=2, default=Decimal("0.00"))
    old_part_answer = models.CharField(
        _("old part"), max_length=9, choices=OldPartAnswer.choices, default=OldPartAnswer.NONE
    )
    old_part = models.ForeignKey(
        Part, verbose_name=_("old part taken out"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    old_quantity = models.PositiveIntegerField(_("quantity of the old part"), null=True, blank=True)
    old_serial = models.CharField(_("serial number of the old part"), max_length=60, blank=True)
    taken_from = models.ForeignKey(
        "spareparts.EquipmentPart",
        verbose_name=_("taken from"),
        on_delete=models.PROTECT,
        related_name="takings",
        null=True,
        blank=True,
        help_text=_("The entry of the machine's parts list that the old part was taken from."),
    )
    taken_from_version = models.PositiveIntegerField(null=True, editable=False)
    condition = models.CharField(
        _("condition"), max_length=8, choices=Condition.choices, default=Condition.NEW, db_default=Condition.NEW
    )
    lot = models.ForeignKey(
        Lot, verbose_name=_("lot"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    warehouse = models.ForeignKey(
        Warehouse,
        verbose_name=_("out of warehouse"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text=_("Taken straight from this warehouse; empty: from what the engineer holds."),
    )
    old_reason = models.CharField(_("why the old part does not come back"), max_length=200, blank=True, db_default="")
    old_photo = models.ImageField(_("photo of the old part"), upload_to="old-parts/", blank=True, db_default="")

    class Meta:
        verbose_name = _("consumption line")
        verbose_name_plural = _("consumption lines")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="consumption_line_quantity_positive"),
            models.CheckConstraint(condition=Q(unit_cost__gte=0), name="consumption_line_unit_cost_not_negative"),
            models.CheckConstraint(
                condition=Q(
                    old_part_answer=OldPartAnswer.NONE,
                    old_part__isnull=True,
                    old_quantity__isnull=True,
                    old_serial="",
                    taken_from__isnull=True,
                )
                | Q(~Q(old_part_answer=OldPartAnswer.NONE), old_part__isnull=False, old_quantity__gt=0),
                name="consumption_line_old_part_named",
                violation_error_message=_("Name the old part that was taken out."),
            ),
            models.CheckConstraint(
                condition=Q(old_part_answer__in=OldPartAnswer.values), name="consumption_line_old_part_answer_known"
            ),
            models.CheckConstraint(
                condition=Q(taken_from__isnull=True, taken_from_version__isnull=True)
                | Q(taken_from__isnull=False, taken_from_version__isnull=False),
                name="consumption_line_taken_from_has_version",
            ),
            models.CheckConstraint(condition=Q(cost__gte=0), name="consumption_line_cost_not_negative"),
        ]
        indexes = [models.Index(fields=["part", "id"], name="consumption_line_part")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part}"
