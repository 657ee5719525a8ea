"""The ledger: postings, their moves, and the balances the database keeps from them.

Only ``inventory/domain/ledger.py`` inserts here; triggers (``inventory/triggers.py``) apply the moves to the balances
and refuse every other change.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from inventory.enums import Condition, PostingReason
from inventory.models.catalogue import Part
from inventory.models.locations import Location

# So large that nobody means it, so small that nine million such moves still add up in a bigint.
MAX_QUANTITY = 10**12


class Lot(models.Model):
    """A batch, or one serial number, of a part."""

    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.PROTECT, related_name="lots")
    code = models.CharField(_("batch or serial number"), max_length=60)
    is_serial = models.BooleanField(_("serial number"), editable=False)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        ordering = ["part", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["part", "code"],
                name="lot_code_unique_per_part",
                violation_error_message=_("This part already has a lot with this code."),
            ),
            models.CheckConstraint(condition=~Q(code=""), name="lot_code_not_empty"),
        ]

    def __str__(self) -> str:
        return self.code


class Posting(models.Model):
    """One business event: all its moves, or none. ``reference`` is what people read, "CO-000042"."""

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    content_hash = models.CharField(max_length=64, editable=False)
    reason = models.CharField(_("reason"), max_length=16, choices=PostingReason.choices)
    reference = models.CharField(_("reference"), max_length=40, db_index=True)
    posted_at = models.DateTimeField(_("posted at"))
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("posted by"), on_delete=models.PROTECT, related_name="+"
    )
    reverses = models.OneToOneField(
        "self", verbose_name=_("reverses"), on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reverses=F("id")), name="posting_not_its_own_reversal"),
            models.CheckConstraint(condition=Q(reason__in=PostingReason.values), name="posting_reason_known"),
            models.CheckConstraint(
                condition=Q(reason=PostingReason.REVERSAL, reverses__isnull=False)
                | Q(~Q(reason=PostingReason.REVERSAL), reverses__isnull=True),
                name="posting_reversal_names_what_it_reverses",
            ),
        ]
        indexes = [models.Index(fields=["posted_at"], name="posting_posted_at")]

    def __str__(self) -> str:
        return self.reference


class Move(models.Model):
    """One row, one balanced entry: ``quantity`` smallest steps went from ``source`` to ``target``."""

    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="moves", verbose_name=_("posting"))
    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="+", verbose_name=_("part"), db_index=False)
    condition = models.CharField(_("condition"), max_length=8, choices=Condition.choices)
    lot = models.ForeignKey(
        Lot, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("lot")
    )
    quantity = models.BigIntegerField(_("quantity"))
    source = models.ForeignKey(
        Location, on_delete=models.PROTECT, related_name="+", verbose_name=_("from"), db_index=False
    )
    target = models.ForeignKey(
        Location, on_delete=models.PROTECT, related_name="+", verbose_name=_("to"), db_index=False
    )
    held_since = models.DateTimeField(_("held since"))

    class Meta:
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="move_quantity_positive"),
            models.CheckConstraint(condition=Q(quantity__lte=MAX_QUANTITY), name="move_quantity_imaginable"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="move_goes_somewhere"),
            models.CheckConstraint(condition=Q(condition__in=Condition.values), name="move_condition_known"),
        ]
        indexes = [
            models.Index(fields=["target", "part", "condition", "id"], name="move_target"),
            models.Index(fields=["source", "part", "condition", "id"], name="move_source"),
            models.Index(fields=["part", "id"], name="move_part"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part_id}: {self.source_id} → {self.target_id}"


class Balance(models.Model):
    """What lies in one inside place. A cache of the moves, kept by the database; rebuildable."""

    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, related_name="balances", verbose_name=_("location"), db_index=False
    )
    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="balances", verbose_name=_("part"))
    condition = models.CharField(_("condition"), max_length=8, choices=Condition.choices)
    lot = models.ForeignKey(
        Lot, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("lot"), db_index=False
    )
    is_serial = models.BooleanField(default=False, editable=False)
    on_hand = models.BigIntegerField(_("on hand"))

    class Meta:
        verbose_name = _("balance")
        verbose_name_plural = _("balances")
        constraints = [
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="balance_on_hand_not_negative"),
            models.CheckConstraint(condition=Q(is_serial=False) | Q(on_hand__lte=1), name="balance_serial_at_most_one"),
            models.UniqueConstraint(
                F("location"), F("part"), F("condition"), Coalesce("lot", 0), name="balance_unique_place"
            ),
            models.UniqueConstraint(
                fields=["lot"], condition=Q(is_serial=True, on_hand__gt=0), name="balance_serial_in_one_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on_hand} × {self.part_id} @ {self.location_id}"
