"""Requisitions: asked for, decided, reserved, packed, handed out, given up.

``status`` is what people decided, ``fulfilment`` what has moved since, computed from the grants. Every verb claims the
requisition first, so whoever holds the claim is alone with its lines, grants and reservations.
"""

from spareparts.domain.requisitions.approval import approval_reasons, holding_limit
from spareparts.domain.requisitions.asked import AskedLine, CounterPart, GrantedPart, IssuedPart, PackedLine
from spareparts.domain.requisitions.buttons import possible_verbs
from spareparts.domain.requisitions.counter import issue_at_counter
from spareparts.domain.requisitions.deciding import approve_requisition, forward_requisition, reject_requisition
from spareparts.domain.requisitions.fulfilling import fulfilment_of, refresh_fulfilment
from spareparts.domain.requisitions.issuing import issue_requisition, undo_issue, undo_until
from spareparts.domain.requisitions.reserving import (
    cancel_rest,
    pack_requisition,
    reserve_open,
    stock_arrived,
    swap_lot,
)
from spareparts.domain.requisitions.writing import (
    copy_requisition,
    create_requisition,
    edit_requisition,
    submit_requisition,
    withdraw_requisition,
)

__all__ = [
    "AskedLine",
    "CounterPart",
    "GrantedPart",
    "IssuedPart",
    "PackedLine",
    "approval_reasons",
    "approve_requisition",
    "cancel_rest",
    "copy_requisition",
    "create_requisition",
    "edit_requisition",
    "forward_requisition",
    "fulfilment_of",
    "holding_limit",
    "issue_at_counter",
    "issue_requisition",
    "pack_requisition",
    "possible_verbs",
    "refresh_fulfilment",
    "reject_requisition",
    "reserve_open",
    "stock_arrived",
    "submit_requisition",
    "swap_lot",
    "undo_issue",
    "undo_until",
    "withdraw_requisition",
]
