"""Unused and old parts going back, and the old parts that are owed."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.models import Lot, Part, Warehouse
from spareparts.enums import DebtStatus, Disposition, OldPartAnswer, Permission, ReturnMethod, ReturnStatus
from spareparts.models.consumption import ConsumptionLine
from spareparts.models.documents import Document, StockLine, person_field, posting_field
from spareparts.models.served import about_people_seen_by
from workorders.models import WorkOrder


class ReturnQuerySet(models.QuerySet["Return"]):
    def visible_to(self, user: Any) -> "ReturnQuerySet":
        """Own ones; all for the office; a warehouse manager sees those that come to his warehouses."""
        if user.has_perm(Permission.VIEW_ALL_REQUISITIONS):
            return self
        if not user.has_perm(Permission.VIEW_RETURNS):
            return self.none()
        own = Q(engineer_id=user.pk)
        if not user.has_perm(Permission.CHECK_IN_RETURN):
            return self.filter(own)
        managed = Warehouse.objects.filter(managers=user)
        return self.filter(own | Q(warehouse__in=managed.values("pk")) | Q(warehouse__isnull=True))


class Return(Document):
    """Before the hand-over a return reserves nothing: later use shrinks it (product.md 5)."""

    PREFIX = "RT"

    engineer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("engineer"), on_delete=models.PROTECT, related_name="returns"
    )
    warehouse = models.ForeignKey(
        Warehouse, verbose_name=_("hand in at"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    method = models.CharField(_("how"), max_length=8, choices=ReturnMethod.choices, default=ReturnMethod.HAND_IN)
    status = models.CharField(_("status"), max_length=12, choices=ReturnStatus.choices, default=ReturnStatus.PREPARED)
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    note = models.TextField(_("note"), blank=True)
    is_at_counter = models.BooleanField(default=False, editable=False)
    handed_over_at = models.DateTimeField(_("handed over"), null=True)
    checked_in_at = models.DateTimeField(_("checked in"), null=True)
    checked_in_by = person_field(_("checked in by"), optional=True)
    posting = posting_field(_("posting of the hand-over"), "posting_key")
    check_in_posting = posting_field(_("posting of the check-in"), "check_in_posting_key")

    objects = ReturnQuerySet.as_manager()

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ReturnStatus.values), name="return_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=[ReturnStatus.HANDED_OVER, ReturnStatus.CHECKED_IN])
                | Q(handed_over_at__isnull=False),
                name="return_handed_over_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=ReturnStatus.CHECKED_IN) | Q(checked_in_at__isnull=False),
                name="return_checked_in_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["engineer", "-id"], name="return_engineer"),
            models.Index(fields=["status", "warehouse"], name="return_queue"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("spareparts:return", args=[self.pk])


class ReturnLine(StockLine):
    """``quantity`` smallest steps go back; of what was counted, ``accepted`` went on and ``refused`` stays open."""

    document = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines", verbose_name=_("return"))
    quantity = models.PositiveIntegerField(_("quantity"))
    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    debt = models.ForeignKey(
        "spareparts.OldPartDebt", on_delete=models.PROTECT, related_name="return_lines", null=True, blank=True
    )
    held_since = models.DateTimeField(_("held since"), null=True, blank=True)
    accepted = models.PositiveIntegerField(_("accepted"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    settled = models.PositiveIntegerField(_("settled"), default=0)
    disposition = models.CharField(_("goes to"), max_length=6, choices=Disposition.choices, blank=True)
    inspection = models.CharField(_("inspection"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("return line")
        verbose_name_plural = _("return lines")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(quantity__gte=models.F("accepted") + models.F("refused") + models.F("settled")),
                name="return_line_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part}"


class OldPartDebtQuerySet(models.QuerySet["OldPartDebt"]):
    def visible_to(self, user: Any) -> "OldPartDebtQuerySet":
        if user.has_perm(Permission.VIEW_ALL_DEBTS):
            return self.filter(about_people_seen_by(user, "engineer"))
        return self.filter(engineer_id=user.pk) if user.has_perm(Permission.VIEW_DEBTS) else self.none()


class OldPartDebt(models.Model):
    """An old part that must come back: who owes it, by when, worth how much.

    ``asked_answer`` is the exception the engineer asked for and nobody decided yet; the debt stays until then.
    """

    line = models.OneToOneField(ConsumptionLine, verbose_name=_("use"), on_delete=models.PROTECT, related_name="debt")
    engineer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("engineer"), on_delete=models.PROTECT, related_name="old_part_debts"
    )
    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    serial = models.CharField(_("serial number"), max_length=60, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"))
    status = models.CharField(_("status"), max_length=8, choices=DebtStatus.choices)
    version = models.PositiveIntegerField(default=0, editable=False)
    due_on = models.DateField(_("due"))
    value = models.DecimalField(_("value at risk"), max_digits=16, decimal_places=2)
    is_warranty = models.BooleanField(_("in warranty"), default=False)
    photo = models.ImageField(_("photo"), upload_to="old-parts/", blank=True)
    asked_answer = models.CharField(_("asked for"), max_length=9, choices=OldPartAnswer.choices, blank=True)
    asked_reason = models.TextField(_("reason"), blank=True)
    asked_at = models.DateTimeField(_("asked"), null=True)
    asked_by = person_field(_("asked by"), optional=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = person_field(_("decided by"), optional=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True)
    created_at = models.DateTimeField(_("created"))

    objects = OldPartDebtQuerySet.as_manager()

    class Meta:
        verbose_name = _("old part owed")
        verbose_name_plural = _("old parts owed")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="old_part_debt_quantity_positive"),
            models.CheckConstraint(condition=Q(status__in=DebtStatus.values), name="old_part_debt_status_known"),
            models.CheckConstraint(condition=Q(value__gte=0), name="old_part_debt_value_not_negative"),
            models.CheckConstraint(
                condition=~Q(status__in=[DebtStatus.WAIVED, DebtStatus.LEFT])
                | Q(~Q(decision_reason=""), decided_by__isnull=False, decided_at__isnull=False),
                name="old_part_debt_let_off_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(asked_answer="", asked_at__isnull=True)
                | Q(~Q(asked_answer=""), ~Q(asked_reason=""), asked_at__isnull=False, asked_by__isnull=False),
                name="old_part_debt_asked_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["engineer", "status"], name="old_part_debt_engineer"),
            models.Index(fields=["status", "due_on"], name="old_part_debt_due"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"OP-{self.pk:06d}"

    def get_absolute_url(self) -> str:
        return reverse("spareparts:debt", args=[self.pk])
