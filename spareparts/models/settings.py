"""The plugin's one settings row."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from inventory.enums import OldPartRule
from spareparts.enums import ApprovalMode, ColleaguesVisibility, ConfirmationMode, Mode


class SparepartsSettings(models.Model):
    """On or off, and exactly one mode. ``version`` counts changes, so that no posting slips under a switch."""

    is_enabled = models.BooleanField(_("spare parts management"), default=True)
    mode = models.CharField(_("mode"), max_length=8, choices=Mode.choices, default=Mode.SIMPLE)
    undo_minutes = models.PositiveSmallIntegerField(_("undo window in minutes"), default=10)
    requisition_approval = models.CharField(
        _("approval of requests"), max_length=9, choices=ApprovalMode.choices, default=ApprovalMode.AUTOMATIC
    )
    rule_quantity = models.PositiveIntegerField(
        _("pieces per line from which approval is needed"), null=True, blank=True, help_text=_("In whole units.")
    )
    rule_value = models.DecimalField(
        _("value from which approval is needed"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    rule_serial_tracked = models.BooleanField(_("approval for parts with serial numbers"), default=False)
    rule_over_limit = models.BooleanField(_("approval above the holding limit"), default=True)
    holding_limit = models.DecimalField(
        _("holding limit per engineer"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Value an engineer may hold; empty: no limit. One person may have his own."),
    )
    shipment_approval = models.BooleanField(
        _("shipments need approval"), default=False, help_text=_("Stock leaves at the approval.")
    )
    return_confirmation = models.CharField(
        _("confirmation of returns"), max_length=9, choices=ConfirmationMode.choices, default=ConfirmationMode.AUTOMATIC
    )
    old_part_default = models.CharField(
        _("old parts come back"), max_length=8, choices=OldPartRule.choices, default=OldPartRule.WARRANTY
    )
    old_part_days = models.PositiveSmallIntegerField(_("days until an old part is due"), default=7)
    unused_days = models.PositiveSmallIntegerField(_("days until an unused part is due"), default=14)
    colleagues_see = models.CharField(
        _("engineers see of their colleagues' parts"),
        max_length=10,
        choices=ColleaguesVisibility.choices,
        default=ColleaguesVisibility.QUANTITIES,
    )
    count_limit = models.DecimalField(
        _("count difference that needs approval"),
        max_digits=12,
        decimal_places=2,
        default=Decimal("100.00"),
        help_text=_("In money: a larger difference needs a second person."),
    )
    hand_over_hours = models.PositiveSmallIntegerField(_("hours to answer an offered hand-over"), default=24)
    hand_over_keeps_age = models.BooleanField(_("a hand-over keeps the age of the parts"), default=True)
    tracking_link = models.CharField(
        _("link to track a parcel"),
        max_length=200,
        blank=True,
        help_text=_("With {number} where the tracking number goes."),
    )
    version = models.PositiveIntegerField(default=0, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("spare parts settings")
        verbose_name_plural = _("spare parts settings")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="settings_one_row"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="settings_mode_known"),
            models.CheckConstraint(
                condition=Q(requisition_approval__in=ApprovalMode.values), name="settings_approval_known"
            ),
            models.CheckConstraint(condition=Q(count_limit__gte=0), name="settings_count_limit_not_negative"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
