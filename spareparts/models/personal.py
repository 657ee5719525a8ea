"""What engineers do with what they hold: hand over, report, buy, count, keep."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.enums import LocationKind
from inventory.models import Location
from spareparts.enums import CountStatus, HandOverStatus, KeptAnswer, LossKind, Permission, PostedStatus
from spareparts.models.documents import Document, StockLine, person_field, posting_field
from spareparts.models.served import about_people_seen_by
from workorders.models import WorkOrder


class HandOverQuerySet(models.QuerySet["HandOver"]):
    def visible_to(self, user: Any) -> "HandOverQuerySet":
        if user.has_perm(Permission.VIEW_HOLDINGS):
            return self.filter(about_people_seen_by(user, "sender", "receiver"))
        if not user.has_perm(Permission.HAND_OVER):
            return self.none()
        return self.filter(Q(sender_id=user.pk) | Q(receiver_id=user.pk))


class HandOver(Document):
    """From one engineer to another: with the receiver's consent, or moved by a manager with a reason.

    ``expires_at``: no answer by then and it lapses, judged when it is accepted (product.md 5).
    """

    PREFIX = "HO"

    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("from"), on_delete=models.PROTECT, related_name="hand_overs_sent"
    )
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("to"), on_delete=models.PROTECT, related_name="hand_overs_received"
    )
    status = models.CharField(_("status"), max_length=9, choices=HandOverStatus.choices)
    is_everything = models.BooleanField(_("everything"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    expires_at = models.DateTimeField(_("answer by"), null=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    posting = posting_field(_("posting"), "posting_key")
    reversal = posting_field(_("reversal"), "reversal_key")

    objects = HandOverQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(sender=F("receiver")), name="hand_over_goes_to_somebody_else"),
            models.CheckConstraint(condition=Q(status__in=HandOverStatus.values), name="hand_over_status_known"),
            models.CheckConstraint(
                condition=Q(
                    status__in=[HandOverStatus.ACCEPTED, HandOverStatus.MOVED, HandOverStatus.UNDONE],
                    posting__isnull=False,
                )
                | Q(
                    ~Q(status__in=[HandOverStatus.ACCEPTED, HandOverStatus.MOVED, HandOverStatus.UNDONE]),
                    posting__isnull=True,
                ),
                name="hand_over_moved_is_posted",
            ),
            models.CheckConstraint(
                condition=~Q(status=HandOverStatus.MOVED) | ~Q(reason=""), name="hand_over_moved_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["receiver", "status"], name="hand_over_receiver")]

    def get_absolute_url(self) -> str:
        return reverse("spareparts:hand_over", args=[self.pk])


class HandOverLine(StockLine):
    """``quantity`` smallest steps are offered, ``accepted`` of them changed hands; ``work_order``: for which job."""

    hand_over = models.ForeignKey(HandOver, on_delete=models.CASCADE, related_name="lines", verbose_name=_("hand-over"))
    quantity = models.PositiveIntegerField(_("quantity"))
    accepted = models.PositiveIntegerField(_("accepted"), default=0)
    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        verbose_name = _("hand-over line")
        verbose_name_plural = _("hand-over lines")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="hand_over_line_quantity_positive"),
            models.CheckConstraint(condition=Q(accepted__lte=F("quantity")), name="hand_over_line_accepts_the_offer"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part}"


class PostedDocument(Document):
    """Booked at once for ``engineer``; taken back by a linked reversal."""

    engineer = person_field(_("engineer"))
    status = models.CharField(_("status"), max_length=8, choices=PostedStatus.choices, default=PostedStatus.POSTED)
    posting = posting_field(_("posting"), "posting_key")
    reversal = posting_field(_("reversal"), "reversal_key")
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = person_field(_("undone by"), optional=True)
    undo_reason = models.TextField(_("reason for undoing"), blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status=PostedStatus.POSTED, posting__isnull=False, reversal__isnull=True, undone_at__isnull=True
                )
                | Q(status=PostedStatus.UNDONE, posting__isnull=False, reversal__isnull=False, undone_at__isnull=False),
                name="%(class)s_undone_has_reversal",
            )
        ]


class OwnQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "OwnQuerySet":
        """One's own; all for those who see everybody's holdings."""
        if user.has_perm(Permission.VIEW_HOLDINGS):
            return self.filter(about_people_seen_by(user, "engineer"))
        return self.filter(engineer_id=user.pk) if user.has_perm(Permission.VIEW_MY_PARTS) else self.none()


class LossReport(PostedDocument, StockLine):
    """Lost parts leave; damaged ones and those dead on arrival stay with the engineer as old parts."""

    PREFIX = "LO"

    kind = models.CharField(_("what happened"), max_length=8, choices=LossKind.choices)
    quantity = models.PositiveIntegerField(_("quantity"))
    reason = models.TextField(_("reason"))
    photo = models.ImageField(_("photo"), upload_to="losses/", blank=True)
    work_order = models.ForeignKey(
        WorkOrder, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("work order")
    )

    objects = OwnQuerySet.as_manager()

    class Meta(PostedDocument.Meta):
        verbose_name = _("loss report")
        verbose_name_plural = _("loss reports")
        ordering = ["-pk"]
        constraints = [
            *PostedDocument.Meta.constraints,
            models.CheckConstraint(condition=Q(quantity__gt=0), name="lossreport_quantity_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="lossreport_has_reason"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("spareparts:loss", args=[self.pk])


class LocalPurchase(PostedDocument):
    """Parts an engineer bought himself: they come from outside straight into his personal inventory."""

    PREFIX = "LP"

    supplier = models.CharField(_("bought at"), max_length=80)
    note = models.TextField(_("note"), blank=True)
    receipt_photo = models.ImageField(_("photo of the receipt"), upload_to="purchases/", blank=True)
    work_order = models.ForeignKey(
        WorkOrder, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("work order")
    )

    objects = OwnQuerySet.as_manager()

    class Meta(PostedDocument.Meta):
        verbose_name = _("local purchase")
        verbose_name_plural = _("local purchases")
        ordering = ["-pk"]

    def get_absolute_url(self) -> str:
        return reverse("spareparts:purchase", args=[self.pk])


class LocalPurchaseLine(StockLine):
    purchase = models.ForeignKey(LocalPurchase, on_delete=models.PROTECT, related_name="lines")
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_cost = models.DecimalField(_("paid per unit"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("local purchase line")
        verbose_name_plural = _("local purchase lines")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="local_purchase_line_quantity_positive"),
            models.CheckConstraint(condition=Q(unit_cost__gte=0), name="local_purchase_line_cost_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part}"


class StockCountQuerySet(models.QuerySet["StockCount"]):
    def visible_to(self, user: Any) -> "StockCountQuerySet":
        if user.has_perm(Permission.VIEW_HOLDINGS):
            return self.filter(about_people_seen_by(user, "location__owner"))
        if not user.has_perm(Permission.COUNT_OWN):
            return self.none()
        return self.filter(location__kind=LocationKind.ENGINEER, location__owner_id=user.pk)


class StockCount(Document):
    """Counted against booked, at one inside place; the difference moves from or to adjustment."""

    PREFIX = "SC"

    location = models.ForeignKey(Location, verbose_name=_("location"), on_delete=models.PROTECT, related_name="counts")
    status = models.CharField(_("status"), max_length=9, choices=CountStatus.choices, default=CountStatus.COUNTING)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = person_field(_("decided by"), optional=True)
    decision_reason = models.TextField(_("reason"), blank=True)
    posting = posting_field(_("posting"), "posting_key")

    objects = StockCountQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CountStatus.values), name="stock_count_status_known"),
            models.CheckConstraint(
                condition=Q(status=CountStatus.POSTED) | Q(posting__isnull=True), name="stock_count_posted_when_booked"
            ),
            models.UniqueConstraint(
                fields=["location"],
                condition=Q(status__in=[CountStatus.COUNTING, CountStatus.WAITING]),
                name="stock_count_one_open_per_place",
                violation_error_message=_("A count of this place is open already."),
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("spareparts:count", args=[self.pk])


class StockCountLine(StockLine):
    """``booked`` when the count saw it, ``counted`` by hand, in smallest steps; a difference has a reason."""

    count = models.ForeignKey(StockCount, on_delete=models.CASCADE, related_name="lines", verbose_name=_("stock count"))
    booked = models.PositiveIntegerField(_("booked"))
    counted = models.PositiveIntegerField(_("counted"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("stock count line")
        verbose_name_plural = _("stock count lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                F("count"), F("part"), F("condition"), Coalesce("lot", 0), name="stock_count_line_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.counted} × {self.part}"


class KeptPart(StockLine):
    """The engineer's answer for a part taken for a job and not used on it: he keeps it, or it goes back."""

    work_order = models.ForeignKey(
        WorkOrder, verbose_name=_("work order"), on_delete=models.PROTECT, related_name="kept_parts"
    )
    engineer = person_field(_("engineer"))
    quantity = models.PositiveIntegerField(_("quantity"))
    answer = models.CharField(_("answer"), max_length=9, choices=KeptAnswer.choices)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    answered_at = models.DateTimeField(_("answered"))

    class Meta:
        verbose_name = _("kept part")
        verbose_name_plural = _("kept parts")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="kept_part_quantity_positive"),
            models.CheckConstraint(condition=~Q(answer=KeptAnswer.KEPT) | ~Q(reason=""), name="kept_part_has_reason"),
        ]
        indexes = [models.Index(fields=["work_order", "engineer"], name="kept_part_job")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part}"
