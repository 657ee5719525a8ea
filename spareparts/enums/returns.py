"""Returns, and the old parts that must come back."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.shared.transitions import Transition
from spareparts.enums.base import Permission as P


class ReturnMethod(TextChoices):
    HAND_IN = "hand_in", _("Hand in at the counter")
    SEND = "send", _("Send")


class ReturnStatus(TextChoices):
    """``HANDED_OVER``: on the way to the warehouse, or, without a warehouse, waiting for confirmation."""

    PREPARED = "prepared", _("Prepared")
    HANDED_OVER = "handed_over", _("Handed over")
    CHECKED_IN = "checked_in", _("Checked in")
    CANCELLED = "cancelled", pgettext_lazy("return", "Cancelled")


S = ReturnStatus
RETURN_TRANSITIONS: dict[str, Transition] = {
    row.verb: row
    for row in (
        Transition("edit", frozenset({S.PREPARED}), S.PREPARED, P.RETURN_PARTS, _("Change")),
        Transition("hand_over", frozenset({S.PREPARED}), S.HANDED_OVER, P.RETURN_PARTS, _("Hand over")),
        # Without a warehouse and with automatic confirmation a return counts when it is handed over.
        Transition("hand_over_at_once", frozenset({S.PREPARED}), S.CHECKED_IN, P.RETURN_PARTS, _("Hand over")),
        Transition("cancel", frozenset({S.PREPARED}), S.CANCELLED, P.RETURN_PARTS, _("Cancel")),
        Transition("check_in", frozenset({S.PREPARED, S.HANDED_OVER}), S.CHECKED_IN, P.CHECK_IN_RETURN, _("Check in")),
        Transition("undo_check_in", frozenset({S.CHECKED_IN}), S.HANDED_OVER, P.CHECK_IN_RETURN, _("Undo")),
        Transition(
            "undo_check_in_later",
            frozenset({S.CHECKED_IN}),
            S.HANDED_OVER,
            P.CHECK_IN_RETURN,
            _("Undo with a reason"),
            needs_reason=True,
        ),
    )
}


class Disposition(TextChoices):
    """Where a returned part goes after inspection."""

    SHELF = "shelf", _("Back on the shelf")
    REPAIR = "repair", _("Marked for repair")
    SCRAP = "scrap", pgettext_lazy("disposition", "Scrap")
    CLAIM = "claim", _("Supplier claim")


class DebtStatus(TextChoices):
    """An old part that must come back: not yet taken out, with the engineer, on its way, closed one way or another."""

    DUE = "due", _("Not taken out yet")
    HELD = "held", _("With the engineer")
    RETURNED = "returned", _("On the way back")
    CLOSED = "closed", _("Came back")
    WAIVED = "waived", _("Waived")
    LEFT = "left", _("Left at the customer")
    VOID = "void", _("Its use was undone")


D = DebtStatus
OPEN_DEBTS = frozenset({D.DUE, D.HELD, D.RETURNED})
OWED = frozenset({D.DUE, D.HELD})
DEBT_TRANSITIONS: dict[str, Transition] = {
    row.verb: row
    for row in (
        Transition("take_out", frozenset({D.DUE}), D.HELD, P.RETURN_PARTS, _("I have taken it out")),
        Transition("ask", OWED, "", P.RETURN_PARTS, _("Ask to be let off"), True),
        Transition("refuse", OWED, "", P.DECIDE_DEBT, _("Refuse"), True, "bad"),
        Transition("waive", OPEN_DEBTS, D.WAIVED, P.DECIDE_DEBT, _("Waive"), True),
        Transition("leave", frozenset({D.DUE}), D.LEFT, P.DECIDE_DEBT, _("Left at the customer"), True),
    )
}


class ConfirmationMode(TextChoices):
    """Without a warehouse: does a return need somebody's confirmation?"""

    AUTOMATIC = "automatic", _("Automatic: a return counts when it is handed over")
    MANUAL = "manual", _("Manual: the service station confirms it")
