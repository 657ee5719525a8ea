"""Why a requisition is refused, in words for the person who asked."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared.errors import DomainError, IllegalTransition, NotAllowed
from inventory.models import Part
from spareparts.domain.consumption import BadLines, LineProblem

__all__ = [
    "AlreadyForwarded",
    "BadLines",
    "DestinationMissing",
    "JobNotOpen",
    "LineProblem",
    "LotNotThere",
    "MethodNotInMode",
    "NoWarehouse",
    "NotAnEngineer",
    "NotOnTheJob",
    "NotYourWarehouse",
    "NothingAsked",
    "NothingGranted",
    "NothingIssued",
    "NothingToCancel",
    "NothingToForward",
    "NothingToPack",
    "NothingToReserve",
    "SiteMissing",
    "UndoneAlready",
    "WarehouseNotKept",
    "WarehouseNotOpen",
    "line_problem",
]


class NothingAsked(DomainError):
    """A request without a line."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Add at least one part and say how many you need."))


class NotAnEngineer(DomainError):
    """The person has no personal inventory, or has left."""

    field = "engineer"


class JobNotOpen(DomainError):
    """Parts are asked for jobs that still go on."""

    field = "work_order"


class NotOnTheJob(DomainError):
    """The engineer is neither lead nor helper of the job."""

    field = "work_order"


class MethodNotInMode(DomainError):
    """The present mode ships nothing."""

    field = "receiving_method"


class WarehouseNotKept(DomainError):
    """The present mode keeps no warehouse stock, so no warehouse can be the source."""

    field = "warehouse"


class NoWarehouse(DomainError):
    """There is no warehouse the parts could come from."""

    field = "warehouse"


class WarehouseNotOpen(DomainError):
    """Disabled and closed warehouses get no new documents."""


class DestinationMissing(DomainError):
    """A request shipped to a warehouse names another one than it comes from."""

    field = "destination"


class SiteMissing(DomainError):
    """A request shipped to the site names the site."""

    field = "work_order"


class NotYourWarehouse(NotAllowed):
    """The person manages other warehouses."""


class NothingGranted(DomainError):
    """An approval that gives nothing is a rejection."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Nothing would be granted. Reject the request instead, with a reason."))


class NothingToReserve(DomainError):
    """Nothing is open, or nothing of it lies free on the shelf."""


class NothingIssued(DomainError):
    """Nothing is reserved here, or nothing was chosen."""


class NothingToCancel(DomainError):
    """Everything was handed over or sent already."""


class NothingToPack(DomainError):
    """Nothing is reserved."""


class NothingToForward(DomainError):
    """Nothing is open any more."""


class AlreadyForwarded(IllegalTransition):
    """A request is sent on once; the next one sends on its successor."""


class LotNotThere(DomainError):
    """The lot does not lie free on the shelf, or is none of this part."""

    field = "lot"


class UndoneAlready(IllegalTransition):
    """The issue was taken back before."""


def line_problem(index: int, field: str, part: Part, problem: str) -> LineProblem:
    """``problem`` with its line and part said before it; ``index`` counts from 0."""
    words = {"line": index + 1, "part": part.number, "problem": problem}
    return LineProblem(index, field, _("Line %(line)s, %(part)s: %(problem)s") % words)


def refuse_bad(problems: Sequence[LineProblem]) -> None:
    if problems:
        raise BadLines(problems)
