"""Customers, sites, equipment and work orders as files: which columns they have and what a row must be."""

from datetime import datetime
from typing import Any

import tablib
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared.errors import DomainError, NotAllowed
from config.shared.imports import (
    CellError,
    Choice,
    Column,
    ImportKind,
    ImportResource,
    Lookup,
    Moment,
    Text,
    register,
)
from workorders import queries
from workorders.domain import work_orders as verbs
from workorders.domain.equipment import equipment_model
from workorders.enums import ACTIVE_STATUSES, Permission, Priority, WorkOrderType
from workorders.models import Customer, Equipment, EquipmentModel, Site, WorkOrder

YEARS_PLANNED = range(2000, 2101)
CUSTOMER_WORDS = ("customer number", "customer no", "client", "kundennummer", "kunde", "客户", "客户编号")
SITE_WORDS = ("site name", "location", "standort", "现场", "地点")


class CustomerResource(ImportResource):
    columns = (
        Column("number", gettext_lazy("Customer number"), CUSTOMER_WORDS, required=True),
        Column("name", gettext_lazy("Name"), ("customer name", "company", "firma", "名称", "客户名称")),
        Column("contact", gettext_lazy("Contact person"), ("contact", "ansprechpartner", "联系人")),
        Column("phone", gettext_lazy("Phone"), ("telephone", "telefon", "tel", "电话")),
        Column("email", gettext_lazy("E-mail"), ("mail", "email address", "邮箱", "电子邮件")),
    )

    class Meta:
        model = Customer
        import_id_fields = ("number",)


class SiteResource(ImportResource):
    columns = (
        Column(
            "customer",
            gettext_lazy("Customer number"),
            CUSTOMER_WORDS,
            required=True,
            value=Lookup(lambda user: Customer.objects.order_by("pk"), "number", what=gettext_lazy("customer number")),
        ),
        Column("name", gettext_lazy("Site"), (*SITE_WORDS, "名称"), required=True),
        Column("address", gettext_lazy("Address"), ("street", "adresse", "地址")),
        Column("notes", gettext_lazy("Notes"), ("remarks", "access", "hinweise", "备注")),
    )

    class Meta:
        model = Site
        import_id_fields = ("customer", "name")


class PlaceBook:
    """All sites by customer number and name, whatever their case; read once for a file."""

    def __init__(self) -> None:
        self.sites: dict[tuple[str, str], Site] = {}
        self.names: dict[str, list[str]] = {}
        for site in Site.objects.select_related("customer").order_by("pk"):
            self.sites[site.customer.number.casefold(), site.name.casefold()] = site
            self.names.setdefault(site.customer.number.casefold(), []).append(site.name)

    def site(self, customer_number: str, name: str) -> Site:
        found = self.sites.get((customer_number.casefold(), name.casefold()))
        if found is not None:
            return found
        known = self.names.get(customer_number.casefold(), [])
        if not known:
            raise CellError(expected=_("a customer with sites"), got=customer_number, field="customer")
        words = {"customer": customer_number, "known": ", ".join(known[:8])}
        raise CellError(expected=_("a site of %(customer)s: %(known)s") % words, got=name, field="site")


class EquipmentResource(ImportResource):
    """A site is named by customer and name, a model by manufacturer and name; a new model is made."""

    STANDS_FOR = {
        "customer_number": "site",
        "site_name": "site",
        "manufacturer_name": "model",
        "model_name": "model",
    }
    columns = (
        Column(
            "serial",
            gettext_lazy("Serial number"),
            ("serial no", "sn", "seriennummer", "序列号", "设备编号"),
            required=True,
        ),
        Column("name", gettext_lazy("Name"), ("equipment", "machine", "bezeichnung", "设备", "名称", "设备名称")),
        Column("customer", gettext_lazy("Customer number"), CUSTOMER_WORDS, attribute="customer_number", value=Text()),
        Column("site", gettext_lazy("Site"), SITE_WORDS, attribute="site_name", value=Text()),
        Column(
            "manufacturer",
            gettext_lazy("Manufacturer"),
            ("brand", "maker", "hersteller", "制造商", "品牌"),
            attribute="manufacturer_name",
            value=Text(),
        ),
        Column(
            "model",
            gettext_lazy("Model"),
            ("equipment model", "type", "modell", "型号", "设备型号"),
            hint=gettext_lazy("A new model is made."),
            attribute="model_name",
            value=Text(),
        ),
        Column("installed_on", gettext_lazy("Installed on"), ("installed", "installation date", "安装日期")),
        Column("warranty_until", gettext_lazy("Warranty until"), ("warranty", "garantie bis", "保修期至", "保修")),
    )

    class Meta:
        model = Equipment
        import_id_fields = ("serial",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.new_models: list[str] = []

    @cached_property
    def places(self) -> PlaceBook:
        return PlaceBook()

    @cached_property
    def models(self) -> dict[tuple[str, str], EquipmentModel]:
        return {(each.manufacturer.casefold(), each.name.casefold()): each for each in EquipmentModel.objects.all()}

    @cached_property
    def open_jobs(self) -> dict[int | None, WorkOrder]:
        """The machines somebody is on the way to."""
        active = WorkOrder.objects.filter(status__in=ACTIVE_STATUSES, equipment__isnull=False).order_by("-pk")
        return {each.equipment_id: each for each in active.only("pk", "number", "equipment_id")}

    def existing_queryset(self) -> QuerySet[Equipment]:
        return Equipment.objects.select_related("site__customer", "model")

    def export_queryset(self, queryset: QuerySet[Equipment]) -> QuerySet[Equipment]:
        return queryset.select_related("site__customer", "model")

    def _clears(self, attribute: str) -> bool:
        """An empty cell leaves a machine where and what it is."""
        return attribute not in self.STANDS_FOR and super()._clears(attribute)

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        instance.stood_at = None if new else instance.site_id
        instance.customer_number = "" if new else instance.site.customer.number
        instance.site_name = "" if new else instance.site.name
        instance.manufacturer_name = "" if new else instance.model.manufacturer
        instance.model_name = "" if new else instance.model.name
        super().after_init_instance(instance, new, row, **kwargs)

    def prepare_instance(self, instance: Any, *, is_new: bool) -> None:
        for attribute in self.STANDS_FOR:
            if not getattr(instance, attribute):
                raise CellError(expected=_("a value"), got="", field=self._column_of(attribute))
        instance.site = self.places.site(instance.customer_number, instance.site_name)
        instance.model = self._model(instance.manufacturer_name, instance.model_name)

    def _model(self, manufacturer: str, name: str) -> EquipmentModel:
        key = (manufacturer.casefold(), name.casefold())
        if key not in self.models:
            self._check_length(manufacturer, "manufacturer")
            self._check_length(name, "model")
            self.models[key] = equipment_model(manufacturer=manufacturer, name=name)
            self.new_models.append(str(self.models[key]))
        return self.models[key]

    @staticmethod
    def _check_length(text: str, field: str) -> None:
        if len(text) > 80:
            raise CellError(expected=_("at most %(n)d characters") % {"n": 80}, got=text, field=field)

    def check(self, instance: Any, row: dict[str, Any], *, before: dict[str, Any]) -> None:
        if instance.stood_at not in {None, instance.site_id} and instance.pk in self.open_jobs:
            words = {"work_order": self.open_jobs[instance.pk]}
            expected = _("the present site: %(work_order)s is still open there") % words
            raise CellError(expected=expected, got=instance.site_name, field="site")

    def fields_to_update(self, changed: set[str]) -> set[str]:
        return super().fields_to_update({self.STANDS_FOR.get(name, name) for name in changed})

    def notes(self) -> list[str]:
        notes = super().notes()
        if self.new_models:
            notes.append(_("New equipment models: %(names)s") % {"names": ", ".join(self.new_models[:20])})
        return notes

    def dehydrate_customer(self, equipment: Equipment) -> str:
        return equipment.site.customer.number

    def dehydrate_site(self, equipment: Equipment) -> str:
        return equipment.site.name

    def dehydrate_manufacturer(self, equipment: Equipment) -> str:
        return equipment.model.manufacturer

    def dehydrate_model(self, equipment: Equipment) -> str:
        return equipment.model.name


class Planned(Moment):
    """A time within the years a job can be planned for."""

    def read(self, value: Any) -> datetime:
        found = super().read(value)
        if found.year not in YEARS_PLANNED:
            raise CellError(expected=_("a day between 2000 and 2100"), got=value)
        return found


class WorkOrderResource(ImportResource):
    """Written through the verbs of work orders, one by one: each gets its events as if somebody had typed it.

    A new one arrives as new, or assigned when a lead is named. An existing one keeps its status and its people.
    """

    KEPT_WHEN_EMPTY = frozenset({"lead", "site_name", "customer"})
    columns = (
        Column("number", gettext_lazy("Number"), ("work order", "order", "auftrag", "工单", "工单号"), required=True),
        Column(
            "customer",
            gettext_lazy("Customer number"),
            CUSTOMER_WORDS,
            value=Lookup(lambda user: Customer.objects.order_by("pk"), "number", what=gettext_lazy("customer number")),
        ),
        Column(
            "site",
            gettext_lazy("Site"),
            SITE_WORDS,
            hint=gettext_lazy("Empty: where the equipment stands."),
            attribute="site_name",
            value=Text(),
        ),
        Column(
            "equipment",
            gettext_lazy("Equipment"),
            ("serial", "serial number", "equipment serial", "machine", "设备", "设备序列号"),
            hint=gettext_lazy("The serial number."),
            value=Lookup(
                lambda user: Equipment.objects.select_related("site__customer").order_by("pk"),
                "serial",
                what=gettext_lazy("serial number"),
            ),
        ),
        Column("type", gettext_lazy("Type"), ("kind", "art", "类型"), value=Choice(WorkOrderType)),
        Column("priority", gettext_lazy("Priority"), ("urgency", "priorität", "优先级"), value=Choice(Priority)),
        Column("description", gettext_lazy("Description"), ("problem", "text", "beschreibung", "描述")),
        Column(
            "planned_at",
            gettext_lazy("Planned"),
            ("planned for", "date", "termin", "计划时间"),
            hint=gettext_lazy("In the company's time zone."),
            value=Planned(),
        ),
        Column(
            "lead",
            gettext_lazy("Lead engineer"),
            ("engineer", "technician", "techniker", "负责人", "工程师"),
            hint=gettext_lazy("The e-mail address; a new work order is assigned to this engineer."),
            value=Lookup(lambda user: queries.active_engineers(), "email", what=gettext_lazy("engineer's e-mail")),
        ),
    )

    class Meta:
        model = WorkOrder
        import_id_fields = ("number",)

    @cached_property
    def places(self) -> PlaceBook:
        return PlaceBook()

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        if self.user is None:
            raise NotAllowed(_("A work order needs somebody who opens it."))
        super().before_import(dataset, **kwargs)

    def existing_queryset(self) -> QuerySet[WorkOrder]:
        return WorkOrder.objects.select_related("customer", "site", "equipment__site__customer", "lead")

    def export_queryset(self, queryset: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
        return queryset.select_related("customer", "site", "equipment", "lead")

    def _clears(self, attribute: str) -> bool:
        return attribute not in self.KEPT_WHEN_EMPTY and super()._clears(attribute)

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        instance.site_name = "" if new else instance.site.name
        super().after_init_instance(instance, new, row, **kwargs)

    def prepare_instance(self, instance: Any, *, is_new: bool) -> None:
        """The site is looked up in the customer's; without one the equipment says where to go."""
        machine = instance.equipment
        if is_new and instance.customer_id is None and machine is not None:
            instance.customer = machine.site.customer
        if instance.customer_id is None:
            raise CellError(expected=_("a value"), got="", field="customer")
        if not instance.site_name and machine is not None:
            instance.site_name = machine.site.name
        if not instance.site_name:
            raise CellError(expected=_("a value"), got="", field="site")
        instance.site = self.places.site(instance.customer.number, instance.site_name)

    def check(self, instance: Any, row: dict[str, Any], *, before: dict[str, Any]) -> None:
        instance.imported_row = row
        machine = instance.equipment
        if machine is not None and machine.site_id != instance.site_id:
            expected = _("equipment at %(site)s") % {"site": instance.site}
            raise CellError(expected=expected, got=machine.serial, field="equipment")
        if not before:
            return
        if instance.status not in ACTIVE_STATUSES:
            expected = _("an open work order; this one is “%(status)s”") % {"status": instance.get_status_display()}
            raise CellError(expected=expected, got=instance.number, field="number")
        for name in ("customer", "lead"):
            if name in before and before[name] != getattr(instance, name):
                expected = _("%(now)s, as before") % {"now": before[name] or _("nobody")}
                raise CellError(expected=expected, got=row[name], field=name)

    def _write(self, instances: list[Any], *, is_new: bool) -> None:
        stored = {} if is_new else WorkOrder.objects.in_bulk([each.pk for each in instances])
        for wanted in instances:
            try:
                with transaction.atomic():
                    if is_new:
                        self._create(wanted)
                    else:
                        self._change_stored(stored[wanted.pk], wanted)
            except DomainError as error:
                self._problem(wanted.imported_row, error.field or "number", " ".join(error.messages))

    def _create(self, wanted: Any) -> None:
        verbs.create_work_order(
            by=self.user, at=self.at, number=wanted.number, lead=wanted.lead, planned_at=wanted.planned_at,
            customer=wanted.customer, **self._what(wanted),
        )  # fmt: skip

    def _change_stored(self, stored: WorkOrder, wanted: Any) -> None:
        verbs.edit_work_order(stored, by=self.user, at=self.at, **self._what(wanted))
        if stored.planned_at != wanted.planned_at:
            verbs.plan(stored, by=self.user, at=self.at, planned_at=wanted.planned_at)

    @staticmethod
    def _what(wanted: Any) -> dict[str, Any]:
        names = ("site", "equipment", "type", "priority", "description")
        return {name: getattr(wanted, name) for name in names}

    def dehydrate_site(self, work_order: WorkOrder) -> str:
        return work_order.site.name


def _kind(slug: str, title: Any, resource: type[ImportResource], list_url: str) -> None:
    model = resource._meta.model
    register(
        ImportKind(
            slug=slug,
            title=title,
            resource=resource,
            permission=Permission.IMPORT,
            list_url=list_url,
            queryset=lambda user: model.objects.visible_to(user).order_by("pk"),
        )
    )


_kind("customers", gettext_lazy("Customers"), CustomerResource, "workorders:customers")
_kind("sites", gettext_lazy("Sites"), SiteResource, "workorders:customers")
_kind("equipment", gettext_lazy("Equipment"), EquipmentResource, "workorders:equipment_list")
_kind("work-orders", gettext_lazy("Work orders"), WorkOrderResource, "workorders:work_orders")
