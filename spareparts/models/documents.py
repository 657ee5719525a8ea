"""What documents have in common: a reference people read, a version people race for, and their postings."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from inventory.enums import Condition
from inventory.models import Lot, Part, Posting


class Document(models.Model):
    """``version`` counts changes: of two people at once, one wins. ``PREFIX`` begins the reference, "RQ-000042"."""

    PREFIX = ""

    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("created by"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"{self.PREFIX}-{self.pk:06d}"


class StockLine(models.Model):
    """What a line is about: a part in a condition, of a lot when it is tracked."""

    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.PROTECT, related_name="+")
    condition = models.CharField(
        _("condition"), max_length=8, choices=Condition.choices, default=Condition.NEW, db_default=Condition.NEW
    )
    lot = models.ForeignKey(
        Lot,
        verbose_name=_("batch or serial number"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        abstract = True


def posting_field(words: Any, column: str) -> models.OneToOneField[Posting | None, Posting | None]:
    """One event of the document in the ledger, by the posting's key: known before the posting is written."""
    return models.OneToOneField(
        Posting,
        verbose_name=words,
        on_delete=models.PROTECT,
        related_name="+",
        to_field="key",
        db_column=column,
        null=True,
        blank=True,
        editable=False,
    )


def person_field(words: Any, *, optional: bool = False) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=words,
        on_delete=models.PROTECT,
        related_name="+",
        null=optional,
        blank=optional,
    )
