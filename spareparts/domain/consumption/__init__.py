"""Recording parts used under a work order: one document, many lines, one posting."""

from spareparts.domain.consumption.document import NotOnTheJob, WorkOrderNotOpen
from spareparts.domain.consumption.lines import (
    MOST_LINES,
    MOST_QUANTITY,
    BadLines,
    LineProblem,
    NothingUsed,
    UsedPart,
)
from spareparts.domain.consumption.recording import record_consumption

__all__ = [
    "MOST_LINES",
    "MOST_QUANTITY",
    "BadLines",
    "LineProblem",
    "NotOnTheJob",
    "NothingUsed",
    "UsedPart",
    "WorkOrderNotOpen",
    "record_consumption",
]
