"""What engineers do with what they hold: hand over, report lost or damaged, buy, count."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.shared.transitions import Transition
from spareparts.enums.base import Permission as P


class HandOverStatus(TextChoices):
    ASKED = "asked", pgettext_lazy("hand-over", "Asked for")
    OFFERED = "offered", pgettext_lazy("hand-over", "Offered")
    ACCEPTED = "accepted", pgettext_lazy("hand-over", "Accepted")
    DECLINED = "declined", pgettext_lazy("hand-over", "Declined")
    LAPSED = "lapsed", pgettext_lazy("hand-over", "Lapsed")
    WITHDRAWN = "withdrawn", pgettext_lazy("hand-over", "Withdrawn")
    MOVED = "moved", pgettext_lazy("hand-over", "Moved by a manager")
    UNDONE = "undone", pgettext_lazy("hand-over", "Undone")


H = HandOverStatus
HAND_OVER_TRANSITIONS: dict[str, Transition] = {
    row.verb: row
    for row in (
        Transition("offer", frozenset({H.ASKED}), H.OFFERED, P.HAND_OVER, _("Offer it")),
        Transition("accept", frozenset({H.OFFERED}), H.ACCEPTED, P.HAND_OVER, _("Accept")),
        Transition("decline", frozenset({H.ASKED, H.OFFERED}), H.DECLINED, P.HAND_OVER, _("Decline")),
        Transition("withdraw", frozenset({H.ASKED, H.OFFERED}), H.WITHDRAWN, P.HAND_OVER, _("Withdraw")),
        Transition("lapse", frozenset({H.ASKED, H.OFFERED}), H.LAPSED, P.HAND_OVER, _("Let lapse")),
        Transition("undo", frozenset({H.ACCEPTED}), H.UNDONE, P.HAND_OVER, _("Undo")),
        Transition("undo_later", frozenset({H.ACCEPTED, H.MOVED}), H.UNDONE, P.MOVE_HOLDINGS, _("Undo"), True),
    )
}


class LossKind(TextChoices):
    LOST = "lost", _("Lost")
    DAMAGED = "damaged", _("Damaged")
    DEAD_ON_ARRIVAL = "dead", _("Dead on arrival")


class PostedStatus(TextChoices):
    """A document that is booked at once and may be taken back."""

    POSTED = "posted", _("Booked")
    UNDONE = "undone", _("Undone")


def _undoing(own: str, later: str) -> dict[str, Transition]:
    posted, undone = PostedStatus.POSTED, PostedStatus.UNDONE
    return {
        "undo": Transition("undo", frozenset({posted}), undone, own, _("Undo")),
        "undo_later": Transition("undo_later", frozenset({posted}), undone, later, _("Undo with a reason"), True),
    }


LOSS_TRANSITIONS = _undoing(P.REPORT_LOSS, P.UNDO_ANY_LOSS)
PURCHASE_TRANSITIONS = _undoing(P.BUY_LOCALLY, P.UNDO_ANY_LOSS)


class CountStatus(TextChoices):
    COUNTING = "counting", _("Counting")
    WAITING = "waiting", _("Waiting for approval")
    POSTED = "posted", pgettext_lazy("stock count", "Booked")
    REJECTED = "rejected", pgettext_lazy("stock count", "Rejected")
    CANCELLED = "cancelled", pgettext_lazy("stock count", "Cancelled")


C = CountStatus
COUNT_TRANSITIONS: dict[str, Transition] = {
    row.verb: row
    for row in (
        Transition("save", frozenset({C.COUNTING}), C.COUNTING, P.COUNT_OWN, _("Save")),
        Transition("finish", frozenset({C.COUNTING}), C.POSTED, P.COUNT_OWN, _("Finish the count")),
        Transition("submit", frozenset({C.COUNTING}), C.WAITING, P.COUNT_OWN, _("Send for approval")),
        Transition("approve", frozenset({C.WAITING}), C.POSTED, P.APPROVE_COUNT, _("Approve")),
        Transition("reject", frozenset({C.WAITING}), C.REJECTED, P.APPROVE_COUNT, _("Reject"), True, "bad"),
        Transition("cancel", frozenset({C.COUNTING, C.WAITING}), C.CANCELLED, P.COUNT_OWN, _("Cancel")),
    )
}


class ColleaguesVisibility(TextChoices):
    """What an engineer sees of his colleagues' personal inventories."""

    NOTHING = "nothing", _("Nothing")
    NAMES = "names", _("Who has one")
    QUANTITIES = "quantities", _("Who has how many")


class KeptAnswer(TextChoices):
    """What becomes of a part that was taken for a job and not used on it."""

    KEPT = "kept", _("I keep it")
    RETURNING = "returning", pgettext_lazy("closing a job", "It goes back")
