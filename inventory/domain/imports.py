"""The catalogue as a file: which columns it has and what a row must be."""

from collections.abc import Iterable
from typing import Any

import tablib
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.shared.imports import CellError, Choice, Column, ImportKind, ImportResource, Lookup, Text, Value, register
from inventory.domain.catalogue import is_circular
from inventory.domain.locks import Lock, one_at_a_time
from inventory.enums import OldPartRule, Permission, Tracking
from inventory.models import Move, Part, PartBarcode, PartCategory, Unit
from inventory.models.catalogue import SEARCH_FIELDS

DEFAULT_UNIT = "pc"


class Codes(Value):
    """Several barcodes in one cell, with a semicolon between them; an empty cell removes them."""

    empty = ()

    def read(self, value: Any) -> tuple[str, ...]:
        codes = (each.strip() for each in str(value).replace("|", ";").replace("\n", ";").split(";"))
        found = tuple(sorted({code for code in codes if code}))
        if any(len(code) > 80 or not code.isprintable() for code in found):
            raise CellError(expected=_("barcodes of at most 80 characters, with ; between them"), got=value)
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "; ".join(value or ())


class PartResource(ImportResource):
    columns = (
        Column(
            "number",
            gettext_lazy("Part number"),
            ("part number", "part no", "part", "article", "item number", "sku", "备件编号", "编号", "料号", "物料编码"),
            required=True,
        ),
        Column(
            "name",
            gettext_lazy("Name"),
            ("part name", "designation", "title", "bezeichnung", "备件名称", "名称", "品名"),
            hint=gettext_lazy("A new part without a name gets its number as its name."),
        ),
        Column("description", gettext_lazy("Description"), ("details", "beschreibung", "描述", "说明")),
        Column("manufacturer", gettext_lazy("Manufacturer"), ("brand", "hersteller", "制造商", "品牌", "厂家")),
        Column(
            "manufacturer_number",
            gettext_lazy("Manufacturer number"),
            ("mpn", "manufacturer part number", "制造商编号", "厂家编号", "型号"),
        ),
        Column("supplier_number", gettext_lazy("Supplier number"), ("supplier part number", "供应商编号")),
        Column(
            "barcodes",
            gettext_lazy("Barcodes"),
            ("barcode", "ean", "gtin", "条码", "条形码"),
            hint=gettext_lazy("Several with ; between them."),
            attribute="codes",
            value=Codes(),
        ),
        Column(
            "category",
            gettext_lazy("Category"),
            ("group", "kategorie", "类别", "分类"),
            hint=gettext_lazy("A new category is made."),
            value=Lookup(
                lambda _user: PartCategory.objects.all(),
                "name",
                what=gettext_lazy("category"),
                create=lambda name: PartCategory.objects.create(name=name[:80]),
            ),
        ),
        Column(
            "unit",
            gettext_lazy("Unit"),
            ("unit of measure", "uom", "einheit", "单位"),
            hint=gettext_lazy("A unit's code, such as pc or m. Without one: pc."),
            value=Lookup(lambda _user: Unit.objects.all(), "code", what=gettext_lazy("unit")),
        ),
        Column(
            "tracking",
            gettext_lazy("Tracking"),
            ("tracked", "追踪方式", "跟踪"),
            hint=gettext_lazy("none, batch or serial"),
            value=Choice(Tracking),
        ),
        Column(
            "cost",
            gettext_lazy("Cost per unit"),
            ("price", "unit price", "unit cost", "price_eur", "preis", "成本", "单价", "价格"),
            hint=gettext_lazy("In the company's currency."),
            attribute="unit_cost",
            permission=Permission.SEE_COST,
        ),
        Column("listed", gettext_lazy("Listed"), ("active", "aktiv", "在用", "上架", "启用"), attribute="is_listed"),
        Column(
            "in_machine",
            gettext_lazy("Noted in the machine"),
            ("noted in the machine", "stays in the machine", "记入设备", "计入设备BOM"),
            hint=gettext_lazy("no for oil, grease, cleaning agents: use does not add them to a machine's parts list."),
            attribute="is_noted_in_machine",
        ),
        Column(
            "old_part",
            gettext_lazy("Old part"),
            ("old part rule", "旧件返还", "旧件"),
            hint=gettext_lazy("never, warranty or always"),
            attribute="old_part_rule",
            value=Choice(OldPartRule),
        ),
        Column(
            "superseded_by",
            gettext_lazy("Superseded by"),
            ("replaced by", "successor", "替代件", "替代为"),
            hint=gettext_lazy("The number of the part that replaces it, from the catalogue or this file."),
            attribute="successor_number",
            value=Text(),
        ),
    )

    class Meta:
        model = Part
        import_id_fields = ("number",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unit = Unit.objects.filter(code=DEFAULT_UNIT).first()
        self.owners: dict[str, str] = {}
        self.unnamed = 0
        self.successors: dict[str, tuple[str, dict[str, Any]]] = {}

    # --- before the rows -----------------------------------------------------------------------------------
    def existing_queryset(self) -> QuerySet[Part]:
        moved = Exists(Move.objects.filter(part=OuterRef("pk")))
        queryset: QuerySet[Part] = super().existing_queryset().select_related("superseded_by", "unit", "category")
        return queryset.prefetch_related("barcodes").annotate(has_moves=moved)

    def export_queryset(self, queryset: QuerySet[Part]) -> QuerySet[Part]:
        return queryset.select_related("superseded_by").prefetch_related("barcodes")

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        if "barcodes" in self.mapped:
            self.owners = dict(_owners(self._codes_in(dataset)))

    def _codes_in(self, dataset: tablib.Dataset) -> set[str]:
        cells = (self._quietly(self.fields["barcodes"], {"barcodes": cell}) for cell in dataset["barcodes"])
        return {code for codes in cells for code in codes or ()}

    # --- one row -------------------------------------------------------------------------------------------
    def default(self) -> dict[str, Any]:
        return {"unit": self.unit}

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        successor = instance.superseded_by
        instance.codes = () if new else tuple(sorted(each.code for each in instance.barcodes.all()))
        instance.successor_number = successor.number if successor is not None else ""
        super().after_init_instance(instance, new, row, **kwargs)

    def prepare_instance(self, instance: Any, *, is_new: bool) -> None:
        if not instance.name:
            instance.name = instance.number
            self.unnamed += 1
        instance.refresh_search_text(instance.codes)

    def check(self, instance: Any, row: dict[str, Any], *, before: dict[str, Any]) -> None:
        for name in ("unit", "tracking"):
            if before and name in before and before[name] != getattr(instance, name) and instance.has_moves:
                words = {"now": before[name]}
                raise CellError(
                    expected=_("%(now)s, as before: the part has moved already") % words, got=row[name], field=name
                )
        for code in instance.codes:
            owner = self.owners.setdefault(code, instance.number)
            if owner != instance.number:
                got = f"{code} ({owner})"
                raise CellError(expected=_("a barcode that no other part has"), got=got, field="barcodes")
        if instance.successor_number != before.get("superseded_by", "") and "superseded_by" in self.mapped:
            self.successors[instance.number] = (instance.successor_number, row)

    # --- batches and the end ---------------------------------------------------------------------------------
    def fields_to_update(self, changed: set[str]) -> set[str]:
        names = super().fields_to_update(changed)
        return names | set(SEARCH_FIELDS) if changed - {"successor_number"} else names

    def after_batch(self, instances: list[Any], *, is_new: bool) -> None:
        if "barcodes" not in self.mapped:
            return
        wanted = {(part.pk, code) for part in instances for code in part.codes}
        stored = PartBarcode.objects.filter(part__in=[part.pk for part in instances])
        there = {(part, code): key for key, part, code in stored.values_list("pk", "part", "code")}
        gone = [key for pair, key in there.items() if pair not in wanted]
        if gone:
            PartBarcode.objects.filter(pk__in=gone).delete()
        PartBarcode.objects.bulk_create(
            [PartBarcode(part_id=part, code=code) for part, code in sorted(wanted - there.keys())]
        )

    def finish(self) -> None:
        if not self.successors:
            return
        names = {*self.successors, *(name for name, _row in self.successors.values())}
        parts = {part.number: part for part in _by_number(names)}
        one_at_a_time(Lock.SUPERSESSION)
        replaced = Part.objects.filter(superseded_by__isnull=False)
        chain: dict[int, int | None] = dict(replaced.values_list("pk", "superseded_by_id"))
        for number, (successor, row) in self.successors.items():
            if successor and successor not in parts:
                self._problem(row, "superseded_by", _("the number of a known part"))
                continue
            chain[parts[number].pk] = parts[successor].pk if successor else None
            parts[number].superseded_by = parts[successor] if successor else None
        for number, (_successor, row) in self.successors.items():
            if is_circular(parts[number].pk, chain):
                self._problem(row, "superseded_by", _("a part that this one does not replace itself"))
        if not self.problems:
            self._save_successors([parts[number] for number in self.successors])

    def _save_successors(self, parts: list[Part]) -> None:
        Part.objects.bulk_update(parts, ["superseded_by"], batch_size=500)
        Part.history.bulk_history_create(
            parts, batch_size=500, update=True, default_user=self.user, default_date=self.at
        )

    def notes(self) -> list[str]:
        notes = super().notes()
        if self.unnamed:
            notes.append(
                ngettext(
                    "%(count)d part has no name and gets its number as its name.",
                    "%(count)d parts have no name and get their numbers as their names.",
                    self.unnamed,
                )
                % {"count": self.unnamed}
            )
        return notes

    # --- export ------------------------------------------------------------------------------------------------
    def dehydrate_barcodes(self, part: Part) -> str:
        return "; ".join(each.code for each in part.barcodes.all())

    def dehydrate_superseded_by(self, part: Part) -> str:
        return part.superseded_by.number if part.superseded_by is not None else ""


def _owners(codes: Iterable[str]) -> Iterable[tuple[str, str]]:
    ordered = sorted(codes)
    for start in range(0, len(ordered), 5_000):
        some = PartBarcode.objects.filter(code__in=ordered[start : start + 5_000])
        yield from some.values_list("code", "part__number")


def _by_number(numbers: Iterable[str]) -> Iterable[Part]:
    ordered = sorted(numbers)
    for start in range(0, len(ordered), 5_000):
        yield from Part.objects.filter(number__in=ordered[start : start + 5_000])


register(
    ImportKind(
        slug="parts",
        title=gettext_lazy("Parts"),
        resource=PartResource,
        permission=Permission.IMPORT_PARTS,
        list_url="inventory:parts",
        queryset=lambda user: Part.objects.visible_to(user).order_by("number"),
    )
)
