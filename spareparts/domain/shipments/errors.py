"""Why a shipment, a receipt or a settlement is refused, in words for the person who asked."""

from django.utils.translation import gettext_lazy as _

from config.shared.errors import DomainError, NotAllowed


class NotShippable(DomainError):
    """Some of the requisitions are not in a status that a shipment takes lines from; each is a message."""


class NothingToShip(DomainError):
    """Nothing is reserved, or nothing was chosen."""


class MoreThanReserved(DomainError):
    """More was asked for than lies reserved; every such line is a message."""


class ReservationGone(DomainError):
    """What was to be shipped was issued, swapped or taken by another shipment meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("What is reserved has just changed. Look again before you ship."))


class NotYourWarehouse(NotAllowed):
    """The person manages other warehouses."""

    def __init__(self) -> None:
        super().__init__(_("This is not one of your warehouses."))


class NotYourParcel(NotAllowed):
    """The parcel goes to somebody else."""

    def __init__(self) -> None:
        super().__init__(_("This shipment goes to somebody else, who receives it."))


class NothingArrived(DomainError):
    """A receipt that says nothing."""

    def __init__(self) -> None:
        super().__init__(_("Say how many arrived, or what is missing, in at least one line."))


class ArrivedTooMuch(DomainError):
    """More was received than is on the way; every such line is a message."""


class OutcomeNotPossible(DomainError):
    """The outcome does not fit what is to be settled."""

    field = "outcome"

    def __init__(self) -> None:
        super().__init__(_("Choose what became of it."))
