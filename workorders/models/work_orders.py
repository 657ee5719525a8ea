"""The job: who goes where, to which machine, when, and how far it is."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.shared.text import OneLineField
from workorders.enums import OPEN_STATUSES, Permission, Priority, WorkOrderStatus, WorkOrderType
from workorders.models.equipment import Customer, Equipment, Site
from workorders.models.numbers import Bare


class WorkOrderQuerySet(models.QuerySet["WorkOrder"]):
    def visible_to(self, user: Any) -> "WorkOrderQuerySet":
        """All for the office; an engineer sees the jobs on which he is lead or helper."""
        if user.has_perm(Permission.VIEW_ALL_WORK_ORDERS):
            return self
        return self.of_engineer(user) if user.has_perm(Permission.VIEW_WORK_ORDERS) else self.none()

    def of_engineer(self, user: Any) -> "WorkOrderQuerySet":
        """Where he is lead or helper. A union of two index reads: an OR would read every work order there is."""
        leading = WorkOrder.objects.filter(lead_id=user.pk).order_by().values("pk")
        helping = WorkOrder.helpers.through.objects.filter(user_id=user.pk).order_by().values("workorder_id")
        return self.filter(pk__in=leading.union(helping))

    def open(self) -> "WorkOrderQuerySet":
        return self.filter(status__in=OPEN_STATUSES)


class WorkOrder(models.Model):
    number = OneLineField(_("number"), max_length=30, unique=True, null=True, blank=True)
    type = models.CharField(_("type"), max_length=12, choices=WorkOrderType.choices, default=WorkOrderType.REPAIR)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority.choices, default=Priority.NORMAL)
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="work_orders"
    )
    site = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.PROTECT, related_name="work_orders")
    equipment = models.ForeignKey(
        Equipment,
        verbose_name=_("equipment"),
        on_delete=models.PROTECT,
        related_name="work_orders",
        null=True,
        blank=True,
    )
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("lead engineer"),
        on_delete=models.PROTECT,
        related_name="led_work_orders",
        null=True,
        blank=True,
    )
    helpers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("helpers"), related_name="helped_work_orders", blank=True
    )
    planned_at = models.DateTimeField(_("planned"), null=True, blank=True)
    description = models.TextField(_("description"), blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=WorkOrderStatus.choices, default=WorkOrderStatus.NEW, editable=False
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    completed_at = models.DateTimeField(_("completed"), null=True, editable=False)

    objects = WorkOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("work order")
        verbose_name_plural = _("work orders")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=OPEN_STATUSES | {WorkOrderStatus.COMPLETED}) | Q(lead__isnull=False),
                name="work_order_assigned_has_lead",
                violation_error_message=_("Name the lead engineer."),
            ),
            models.CheckConstraint(
                condition=Q(status=WorkOrderStatus.COMPLETED, completed_at__isnull=False)
                | (~Q(status=WorkOrderStatus.COMPLETED) & Q(completed_at__isnull=True)),
                name="work_order_completed_has_time",
            ),
            models.CheckConstraint(condition=Q(status__in=WorkOrderStatus.values), name="work_order_status_known"),
        ]
        indexes = [
            models.Index(fields=["lead", "status", "planned_at"], name="work_order_lead_status"),
            models.Index(fields=["status", "planned_at"], name="work_order_status_planned"),
            models.Index(fields=["equipment", "-id"], name="work_order_equipment"),
            models.Index(Bare("number"), name="work_order_bare_number"),
        ]

    def __str__(self) -> str:
        return self.number or f"WO-{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("workorders:work_order", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Work may be done on it: assigned, in progress or on hold."""
        return self.status in OPEN_STATUSES
