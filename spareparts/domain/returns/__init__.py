"""Parts going back: prepared by the engineer, handed over, counted and inspected at the desk."""

from spareparts.domain.returns.check_in import (
    Inspected,
    check_in_return,
    confirm_return,
    take_back_at_counter,
    undo_check_in,
)
from spareparts.domain.returns.preparing import (
    ReturnedPart,
    Shrunk,
    cancel_return,
    edit_return,
    hand_over_return,
    prepare_return,
)

__all__ = [
    "Inspected",
    "ReturnedPart",
    "Shrunk",
    "cancel_return",
    "check_in_return",
    "confirm_return",
    "edit_return",
    "hand_over_return",
    "prepare_return",
    "take_back_at_counter",
    "undo_check_in",
]
