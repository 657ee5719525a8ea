"""The parts lists of machines as a file."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared.imports import CellError, Column, ImportKind, ImportResource, Lookup, Moment, Number, Text, register
from inventory.models import Part
from spareparts.domain.consumption import MOST_QUANTITY
from spareparts.enums import Permission
from spareparts.models import EquipmentPart, ServiceBomLine
from workorders.models import Equipment, EquipmentModel


class EquipmentPartResource(ImportResource):
    """One row per part in a machine. The same machine, part, position and serial number is the same entry."""

    columns = (
        Column(
            "equipment",
            gettext_lazy("Equipment serial number"),
            ("equipment", "machine", "machine serial", "anlage", "设备", "设备序列号", "设备编号"),
            required=True,
            value=Lookup(
                lambda user: Equipment.objects.visible_to(user) if user else Equipment.objects.all(),
                "serial",
                what=gettext_lazy("equipment"),
            ),
        ),
        Column(
            "part",
            gettext_lazy("Part number"),
            ("part no", "part", "article", "item number", "备件编号", "备件", "料号"),
            required=True,
            value=Lookup(lambda _user: Part.objects.select_related("unit"), "number", what=gettext_lazy("part")),
        ),
        Column(
            "quantity",
            gettext_lazy("Quantity"),
            ("qty", "amount", "menge", "数量"),
            hint=gettext_lazy("In the part's unit, such as 2 or 1.5. Without one: 1."),
            attribute="amount",
            value=Number(3),
        ),
        Column("position", gettext_lazy("Position"), ("place", "einbauort", "位置"), value=Text()),
        Column("serial", gettext_lazy("Serial number"), ("serial no", "sn", "seriennummer", "序列号"), value=Text()),
        Column(
            "fitted_at",
            gettext_lazy("Fitted"),
            ("fitted on", "installed", "eingebaut", "安装日期", "装入日期"),
            value=Moment(),
        ),
    )

    class Meta:
        model = EquipmentPart
        import_id_fields = ("equipment", "part", "position", "serial")

    def existing_queryset(self) -> QuerySet[EquipmentPart]:
        """Only what is in the machines now; history is not changed."""
        rows = EquipmentPart.objects.current().select_related("equipment", "part__unit")
        # Entries made by use come after those made by hand, so that a file corrects the latter.
        return rows.order_by("-fitted_by_line_id", "-pk")

    def export_queryset(self, queryset: QuerySet[EquipmentPart]) -> QuerySet[EquipmentPart]:
        return queryset.select_related("equipment", "part__unit")

    def key_in(self, row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(each if each is not None else "" for each in super().key_in(row))

    def default(self) -> dict[str, Any]:
        return {"fitted_at": self.at}

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        instance.amount = Decimal(1) if new else amount_of(instance)
        super().after_init_instance(instance, new, row, **kwargs)

    def check(self, instance: Any, row: dict[str, Any], *, before: dict[str, Any]) -> None:
        read_amount(instance, row)

    def prepare_instance(self, instance: Any, *, is_new: bool) -> None:
        """A change by file is a change by hand: an undo must know of it."""
        instance.quantity = instance.quantity or 1
        if not is_new:
            instance.version += 1

    def fields_to_update(self, changed: set[str]) -> set[str]:
        names = super().fields_to_update(changed)
        return names | {"quantity", "version"} if changed else names

    def export_resource(self, instance: Any, *args: Any, **kwargs: Any) -> Any:
        instance.amount = amount_of(instance)
        return super().export_resource(instance, *args, **kwargs)


def amount_of(entry: EquipmentPart | ServiceBomLine) -> Decimal:
    """The quantity in the part's unit."""
    return Decimal(entry.quantity).scaleb(-entry.part.unit.decimal_places)


def read_amount(instance: Any, row: dict[str, Any]) -> None:
    """Runs last, when the part is known: the quantity becomes smallest steps of its unit."""
    steps = Decimal(instance.amount or 1).scaleb(instance.part.unit.decimal_places)
    if steps != steps.to_integral_value() or not 0 < steps <= MOST_QUANTITY:
        words = {"unit": instance.part.unit.code, "places": instance.part.unit.decimal_places}
        expected = _("more than zero %(unit)s, with at most %(places)s decimal places") % words
        raise CellError(expected=expected, got=row.get("quantity", ""), field="quantity")
    instance.quantity = int(steps)


register(
    ImportKind(
        slug="equipment_parts",
        title=gettext_lazy("Parts in machines"),
        resource=EquipmentPartResource,
        permission=Permission.EDIT_EQUIPMENT_PARTS,
        list_url="workorders:equipment_list",
        queryset=lambda user: EquipmentPart.objects.visible_to(user).current(),
    )
)


class ServiceBomResource(ImportResource):
    """One row per part suggested for an equipment model."""

    columns = (
        Column(
            "equipment_model",
            gettext_lazy("Equipment model"),
            ("model", "equipment model", "modell", "设备型号", "型号"),
            required=True,
            value=Lookup(lambda _user: EquipmentModel.objects.all(), "name", what=gettext_lazy("equipment model")),
        ),
        Column(
            "part",
            gettext_lazy("Part number"),
            ("part no", "part", "article", "item number", "备件编号", "备件", "料号"),
            required=True,
            value=Lookup(lambda _user: Part.objects.select_related("unit"), "number", what=gettext_lazy("part")),
        ),
        Column(
            "quantity",
            gettext_lazy("Quantity"),
            ("qty", "amount", "menge", "数量"),
            hint=gettext_lazy("In the part's unit, such as 2 or 1.5. Without one: 1."),
            attribute="amount",
            value=Number(3),
        ),
        Column("note", gettext_lazy("Note"), ("remark", "备注"), value=Text()),
    )

    class Meta:
        model = ServiceBomLine
        import_id_fields = ("equipment_model", "part")

    def existing_queryset(self) -> QuerySet[ServiceBomLine]:
        return ServiceBomLine.objects.select_related("equipment_model", "part__unit")

    def export_queryset(self, queryset: QuerySet[ServiceBomLine]) -> QuerySet[ServiceBomLine]:
        return queryset.select_related("equipment_model", "part__unit")

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        instance.amount = Decimal(1) if new else amount_of(instance)
        super().after_init_instance(instance, new, row, **kwargs)

    def check(self, instance: Any, row: dict[str, Any], *, before: dict[str, Any]) -> None:
        read_amount(instance, row)

    def prepare_instance(self, instance: Any, *, is_new: bool) -> None:
        instance.quantity = instance.quantity or 1

    def fields_to_update(self, changed: set[str]) -> set[str]:
        names = super().fields_to_update(changed)
        return names | {"quantity"} if changed else names

    def export_resource(self, instance: Any, *args: Any, **kwargs: Any) -> Any:
        instance.amount = amount_of(instance)
        return super().export_resource(instance, *args, **kwargs)


register(
    ImportKind(
        slug="service_bom",
        title=gettext_lazy("Service BOM"),
        resource=ServiceBomResource,
        permission=Permission.EDIT_SERVICE_BOM,
        list_url="spareparts:service_boms",
        queryset=ServiceBomLine.objects.visible_to,
    )
)
