"""Customers, their sites, and the machines that stand there."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from config.shared.text import OneLineField
from workorders.enums import ACTIVE_STATUSES, Permission


class VisibleThroughJobs(models.QuerySet[Any]):
    """Rows an engineer sees because one of his work orders names them; the office sees all."""

    def visible_to(self, user: Any) -> "VisibleThroughJobs":
        if user.has_perm(Permission.VIEW_ALL_WORK_ORDERS):
            return self
        if not user.has_perm(Permission.VIEW_CUSTOMERS):
            return self.none()
        jobs = self.model._meta.get_field("work_orders")
        mine = jobs.related_model.objects.of_engineer(user)
        # Each row once: without it PostgreSQL compares every row of ours with every job of his.
        return self.filter(pk__in=mine.order_by().values(jobs.field.attname).distinct())


class Customer(models.Model):
    number = OneLineField(_("number"), max_length=30, unique=True)
    name = OneLineField(_("name"), max_length=120, db_index=True)
    contact = OneLineField(_("contact person"), max_length=120, blank=True)
    phone = OneLineField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)

    objects = VisibleThroughJobs.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("workorders:customer", args=[self.pk])


class Site(models.Model):
    customer = models.ForeignKey(Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="sites")
    name = OneLineField(_("name"), max_length=120)
    address = models.TextField(_("address"), blank=True)
    notes = models.TextField(_("notes"), blank=True, help_text=_("Access, parking, whom to call."))

    objects = VisibleThroughJobs.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "name"],
                name="site_name_unique_per_customer",
                violation_error_message=_("This customer already has a site with this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A site stays with its customer once a machine or a job names it: their history would change owner."""
        if self._state.adding:
            return
        moved = Site.objects.filter(pk=self.pk).exclude(customer_id=self.customer_id)
        if moved.exists() and (self.equipment.exists() or self.work_orders.exists()):
            raise ValidationError(
                {"customer": gettext("This site has equipment or work orders, so it stays with its customer.")}
            )


class EquipmentModel(models.Model):
    manufacturer = OneLineField(_("manufacturer"), max_length=80)
    name = OneLineField(_("model"), max_length=80)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("equipment model")
        verbose_name_plural = _("equipment models")
        ordering = ["manufacturer", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "name"],
                name="equipment_model_unique",
                violation_error_message=_("This model exists already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.manufacturer} {self.name}"


class Equipment(models.Model):
    """One machine at a customer."""

    name = OneLineField(_("name"), max_length=120, help_text=_("As people on site call it: Lift 2, Chiller 3."))
    serial = OneLineField(_("serial number"), max_length=60, unique=True)
    model = models.ForeignKey(
        EquipmentModel, verbose_name=_("equipment model"), on_delete=models.PROTECT, related_name="equipment"
    )
    site = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.PROTECT, related_name="equipment")
    installed_on = models.DateField(_("installed on"), null=True, blank=True)
    warranty_until = models.DateField(_("warranty until"), null=True, blank=True)

    objects = VisibleThroughJobs.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("equipment")
        verbose_name_plural = _("equipment")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.serial})"

    def get_absolute_url(self) -> str:
        return reverse("workorders:equipment", args=[self.pk])

    def clean(self) -> None:
        """A machine does not move while somebody is on the way to it."""
        if self._state.adding:
            return
        waiting = self.work_orders.filter(status__in=ACTIVE_STATUSES).exclude(site_id=self.site_id).first()
        if waiting is not None:
            message = gettext("%(work_order)s is still open at the present site. Complete or cancel it first.")
            raise ValidationError({"site": message % {"work_order": waiting}})

    def is_in_warranty(self, on: date) -> bool:
        """The last day of the warranty still counts."""
        return self.warranty_until is not None and on <= self.warranty_until
