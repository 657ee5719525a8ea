"""The catalogue: what a part is, not where it lies."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, Q, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from config.shared.text import OneLineField
from inventory.enums import OldPartRule, Permission, Tracking
from inventory.search import LONGEST_QUERY, normalise, words

SEARCH_FIELDS = ("number_key", "name_key", "search_text")


class Unit(models.Model):
    """Piece, metre, litre. Quantities are integers of the smallest step, 10^-decimal_places of the unit."""

    code = OneLineField(_("code"), max_length=10, unique=True)
    name = OneLineField(_("name"), max_length=40)
    decimal_places = models.PositiveSmallIntegerField(
        _("decimal places"), default=0, validators=[MaxValueValidator(3)], help_text=_("0 for pieces, 2 for metres.")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(decimal_places__lte=3), name="unit_decimal_places_at_most_three")
        ]

    def __str__(self) -> str:
        return self.code


class PartCategory(models.Model):
    name = OneLineField(_("name"), max_length=80, unique=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("part category")
        verbose_name_plural = _("part categories")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PartQuerySet(models.QuerySet["Part"]):
    def visible_to(self, user: Any) -> "PartQuerySet":
        return self if user.has_perm(Permission.VIEW_PARTS) else self.none()

    def listed(self) -> "PartQuerySet":
        return self.filter(is_listed=True)

    def search(self, text: str) -> "PartQuerySet":
        """Parts that hold every word of ``text`` in a number, name or barcode, the best first.

        An identifier typed whole comes first, then numbers that begin so, names, the rest, and unlisted parts last.
        Nothing but blanks finds everything, in the order the query set has.
        """
        if not text.strip():
            return self
        found = words(text)
        if not found:
            return self.none()
        whole = normalise(text[:LONGEST_QUERY])
        rank = Case(
            When(search_text__contains=f"\n{whole}\n", then=0),
            When(is_listed=False, then=4),
            When(number_key__startswith=whole, then=1),
            When(_holds("name_key", found), then=2),
            default=3,
        )
        return self.filter(_holds("search_text", found)).annotate(rank=rank).order_by("rank", "-is_listed", "number")

    def refresh_search(self) -> None:
        """Recompute what the search reads, after barcodes changed."""
        parts = list(self.prefetch_related("barcodes"))
        for part in parts:
            part.refresh_search_text([barcode.code for barcode in part.barcodes.all()])
        self.model.objects.bulk_update(parts, SEARCH_FIELDS, batch_size=500)


def _holds(field: str, found: list[str]) -> Q:
    return Q(*[(f"{field}__contains", word) for word in found])


class Part(models.Model):
    """A catalogue entry.

    ``search_text`` holds every identifier and the name, normalised, each between two line ends, so that one query
    finds parts of them and the whole of one.
    """

    number = OneLineField(_("part number"), max_length=60, unique=True)
    name = OneLineField(_("name"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    manufacturer = OneLineField(_("manufacturer"), max_length=80, blank=True)
    manufacturer_number = OneLineField(_("manufacturer number"), max_length=60, blank=True)
    supplier_number = OneLineField(_("supplier number"), max_length=60, blank=True)
    category = models.ForeignKey(
        PartCategory, verbose_name=_("category"), on_delete=models.PROTECT, null=True, blank=True, related_name="parts"
    )
    unit = models.ForeignKey(Unit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="parts")
    tracking = models.CharField(_("tracking"), max_length=6, choices=Tracking.choices, default=Tracking.NONE)
    unit_cost = models.DecimalField(
        _("cost per unit"),
        max_digits=12,
        decimal_places=2,
        default=Decimal("0.00"),
        validators=[MinValueValidator(Decimal("0.00"))],
        help_text=_("In the company's currency, per unit."),
    )
    is_listed = models.BooleanField(
        _("listed"),
        default=True,
        help_text=_("Unlisted: no new request or goods receipt; use, return and count still work."),
    )
    is_noted_in_machine = models.BooleanField(
        _("noted in the machine"),
        default=True,
        help_text=_("Switch off for oil, grease, cleaning agents: use does not add them to the machine's parts list."),
    )
    old_part_rule = models.CharField(
        _("old part"), max_length=8, choices=OldPartRule.choices, default=OldPartRule.NEVER
    )
    image = models.ImageField(_("image"), upload_to="parts/", blank=True)
    superseded_by = models.ForeignKey(
        "self",
        verbose_name=_("superseded by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="supersedes",
    )
    number_key = models.CharField(max_length=60, editable=False, db_index=True)
    name_key = models.CharField(max_length=160, editable=False)
    search_text = models.TextField(editable=False)

    objects = PartQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=[*SEARCH_FIELDS])

    class Meta:
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=Q(unit_cost__gte=0), name="part_unit_cost_not_negative"),
            models.CheckConstraint(condition=~Q(superseded_by=F("id")), name="part_not_superseded_by_itself"),
            models.CheckConstraint(condition=Q(tracking__in=Tracking.values), name="part_tracking_known"),
            models.CheckConstraint(condition=Q(old_part_rule__in=OldPartRule.values), name="part_old_part_rule_known"),
            models.CheckConstraint(condition=~Q(number=""), name="part_number_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:part", args=[self.pk])

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.refresh_search_text()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], *SEARCH_FIELDS}
        super().save(*args, **kwargs)

    def refresh_search_text(self, barcodes: Iterable[str] | None = None) -> None:
        """Recompute what the search reads; bulk writers call it themselves. ``barcodes``: known, else asked for."""
        if barcodes is None:
            barcodes = self.barcodes.values_list("code", flat=True) if self.pk else ()
        self.number_key = normalise(self.number)[:60]
        self.name_key = normalise(self.name)[:160]
        texts = [self.number, self.name, self.manufacturer, self.manufacturer_number, self.supplier_number, *barcodes]
        self.search_text = "\n" + "".join(f"{normalise(each)}\n" for each in texts if each)


class PartBarcode(models.Model):
    """A code on a box or label that means this part."""

    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="barcodes", verbose_name=_("part"))
    code = OneLineField(_("barcode"), max_length=80, unique=True)

    class Meta:
        verbose_name = _("barcode")
        verbose_name_plural = _("barcodes")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        earlier = PartBarcode.objects.filter(pk=self.pk).values_list("part_id", flat=True) if self.pk else ()
        concerned = {self.part_id, *earlier}
        super().save(*args, **kwargs)
        Part.objects.filter(pk__in=concerned).refresh_search()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        Part.objects.filter(pk=self.part_id).refresh_search()
        return deleted
