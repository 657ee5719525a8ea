"""Requisitions and shipments: their statuses, and what may be done in each."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.shared.transitions import Transition
from spareparts.enums.base import Permission as P


class ReceivingMethod(TextChoices):
    """How the engineer gets what he asked for."""

    PICK_UP = "pick_up", _("Pick up at the warehouse")
    TO_ENGINEER = "to_engineer", _("Ship to the engineer")
    TO_WAREHOUSE = "to_warehouse", _("Ship to a warehouse")
    TO_SITE = "to_site", _("Ship to the site")


class RequisitionStatus(TextChoices):
    """The workflow: what people decided. What has moved since is the fulfilment."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    FORWARDED = "forwarded", _("Sent to another warehouse")


class Fulfilment(TextChoices):
    """What has moved, computed from the quantities of the lines (领料状态 in the original)."""

    NONE = "none", _("Nothing yet")
    PENDING_PICK_UP = "pending_pick_up", _("Pending pick-up")
    PENDING_SHIPMENT = "pending_shipment", _("Pending shipment")
    PARTIALLY_ISSUED = "partially_issued", _("Partially issued")
    PARTIALLY_SHIPPED = "partially_shipped", _("Partially shipped")
    SHIPPED = "shipped", pgettext_lazy("fulfilment", "Shipped")
    PARTIALLY_RECEIVED = "partially_received", _("Partially received")
    CONFIRMED = "confirmed", _("Warehouse confirmed")
    RECEIVED = "received", pgettext_lazy("fulfilment", "Received")
    CANCELLED = "cancelled", pgettext_lazy("fulfilment", "Cancelled")


F = Fulfilment
SHIPPABLE = frozenset({F.PENDING_SHIPMENT, F.PARTIALLY_SHIPPED, F.PARTIALLY_RECEIVED})
"""A shipment takes lines only from requisitions whose fulfilment is one of these."""
ISSUABLE = frozenset({F.PENDING_PICK_UP, F.PARTIALLY_ISSUED})
OPEN_FULFILMENTS = SHIPPABLE | ISSUABLE | {F.SHIPPED}

R = RequisitionStatus
KEEPS_STATUS = R.APPROVED
"""What the warehouse does to an approved requisition changes its fulfilment, not its status."""
REQUISITION_TRANSITIONS: dict[str, Transition] = {
    row.verb: row
    for row in (
        Transition("submit", frozenset({R.DRAFT}), R.SUBMITTED, P.REQUEST_PARTS, _("Send request")),
        Transition("edit", frozenset({R.DRAFT}), R.DRAFT, P.REQUEST_PARTS, _("Edit")),
        Transition("withdraw", frozenset({R.DRAFT, R.SUBMITTED}), R.WITHDRAWN, P.REQUEST_PARTS, _("Withdraw")),
        Transition("approve", frozenset({R.SUBMITTED}), R.APPROVED, P.APPROVE_REQUISITION, _("Approve")),
        Transition("reject", frozenset({R.SUBMITTED}), R.REJECTED, P.APPROVE_REQUISITION, _("Reject"), True, "bad"),
        Transition(
            "forward",
            frozenset({R.SUBMITTED, R.APPROVED}),
            R.FORWARDED,
            P.FULFIL_REQUISITION,
            _("Send to another warehouse"),
            True,
        ),
        Transition(
            "forward_rest",
            frozenset({R.APPROVED}),
            KEEPS_STATUS,
            P.FULFIL_REQUISITION,
            _("Send the rest to another warehouse"),
            True,
        ),
        Transition("reserve", frozenset({R.APPROVED}), KEEPS_STATUS, P.FULFIL_REQUISITION, _("Reserve")),
        Transition("swap_lot", frozenset({R.APPROVED}), KEEPS_STATUS, P.FULFIL_REQUISITION, _("Take another lot")),
        Transition("pack", frozenset({R.APPROVED}), KEEPS_STATUS, P.FULFIL_REQUISITION, _("Pack")),
        Transition("issue", frozenset({R.APPROVED}), KEEPS_STATUS, P.FULFIL_REQUISITION, _("Issue")),
        # Within the undo window the issuer needs no reason; without warehouses the approval was the issue.
        Transition("undo_issue", frozenset({R.APPROVED}), KEEPS_STATUS, P.WORK_AT_DESK, _("Undo issue")),
        Transition("cancel_rest", frozenset({R.APPROVED}), KEEPS_STATUS, P.REQUEST_PARTS, _("Cancel the rest"), True),
        Transition("ship", frozenset({R.APPROVED}), KEEPS_STATUS, P.SHIP, _("Ship")),
        Transition("receive", frozenset({R.APPROVED}), KEEPS_STATUS, P.RECEIVE, _("Receive")),
    )
}


class ApprovalMode(TextChoices):
    """When a requisition needs somebody's approval."""

    AUTOMATIC = "automatic", _("Automatic: sending approves at once")
    MANUAL = "manual", _("Manual: somebody approves each request")
    BY_RULE = "by_rule", _("By rule: only what is large, dear, serial-tracked or over the holding limit")


class ShipmentStatus(TextChoices):
    WAITING = "waiting", _("Waiting for approval")
    SHIPPED = "shipped", pgettext_lazy("shipment", "Shipped")
    PARTIALLY_RECEIVED = "partially_received", _("Partially received")
    RECEIVED = "received", pgettext_lazy("shipment", "Received")
    CANCELLED = "cancelled", pgettext_lazy("shipment", "Cancelled")


T = ShipmentStatus
ON_THE_WAY = frozenset({T.SHIPPED, T.PARTIALLY_RECEIVED})
SHIPMENT_TRANSITIONS: dict[str, Transition] = {
    row.verb: row
    for row in (
        Transition("approve", frozenset({T.WAITING}), T.SHIPPED, P.APPROVE_SHIPMENT, _("Approve and send")),
        Transition("cancel", frozenset({T.WAITING}), T.CANCELLED, P.SHIP, _("Cancel shipment"), True, "bad"),
        Transition("track", ON_THE_WAY, "", P.SHIP, _("Change tracking")),
        Transition("receive_part", ON_THE_WAY, T.PARTIALLY_RECEIVED, P.RECEIVE, _("Receive")),
        Transition("receive", ON_THE_WAY, T.RECEIVED, P.RECEIVE, _("Receive all")),
    )
}


class DiscrepancyKind(TextChoices):
    """What did not fit between what was sent and what arrived."""

    SHORT = "short", _("Missing")
    DAMAGED = "damaged", _("Damaged")
    OVER = "over", _("More than was sent")
    WRONG = "wrong", _("Wrong part")


class DiscrepancyStatus(TextChoices):
    OPEN = "open", _("Open")
    SETTLED = "settled", _("Settled")


class DiscrepancyOutcome(TextChoices):
    """Back to where it came from, lost, or booked as it was found."""

    BACK = "back", _("It lies at the sender again")
    LOST = "lost", _("It is lost")
    BOOKED = "booked", _("It has arrived after all")


DISCREPANCY_TRANSITIONS: dict[str, Transition] = {
    row.verb: row
    for row in (
        Transition(
            "settle",
            frozenset({DiscrepancyStatus.OPEN}),
            DiscrepancyStatus.SETTLED,
            P.SETTLE_DISCREPANCY,
            _("Settle"),
            needs_reason=True,
        ),
    )
}
