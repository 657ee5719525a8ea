"""Consumption: the answer about the old part, and what can still happen to a record."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from config.shared.transitions import Transition
from spareparts.enums.base import Permission


class OldPartAnswer(TextChoices):
    """What happens to the part that was taken out."""

    RETURNING = "returning", _("Yes, returning it")
    LEFT = "left", _("Left at the customer")
    NONE = "none", _("No old part")


class ConsumptionStatus(TextChoices):
    RECORDED = "recorded", _("Recorded")
    UNDONE = "undone", _("Undone")
    CORRECTED = "corrected", _("Corrected")


CONSUMPTION_TRANSITIONS: dict[str, Transition] = {
    row.verb: row
    for row in (
        Transition(
            "undo",
            frozenset({ConsumptionStatus.RECORDED}),
            ConsumptionStatus.UNDONE,
            Permission.UNDO_OWN_CONSUMPTION,
            _("Undo"),
        ),
        Transition(
            "undo_later",
            frozenset({ConsumptionStatus.RECORDED}),
            ConsumptionStatus.UNDONE,
            Permission.UNDO_ANY_CONSUMPTION,
            _("Undo with a reason"),
            needs_reason=True,
        ),
        Transition(
            "correct",
            frozenset({ConsumptionStatus.RECORDED}),
            ConsumptionStatus.CORRECTED,
            Permission.UNDO_ANY_CONSUMPTION,
            _("Record a correcting entry"),
            needs_reason=True,
            tone="bad",
        ),
    )
}
