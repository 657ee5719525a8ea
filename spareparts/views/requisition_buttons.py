"""What may be done with a request now: the rows of its transition table, as buttons."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from config.shared.transitions import available
from spareparts.domain.four_eyes import others_with
from spareparts.enums import (
    ISSUABLE,
    REQUISITION_TRANSITIONS,
    SHIPPABLE,
    Feature,
    Fulfilment,
    Permission,
    ReceivingMethod,
)
from spareparts.models import Requisition
from spareparts.policies import ModePolicy
from spareparts.queries.requisitions import is_collected
from spareparts.views.parcel import Progress
from workorders.models import User


@dataclass(frozen=True)
class Asking:
    """Who looks at which request in which mode."""

    requisition: Requisition
    progress: Progress
    by: User
    policy: ModePolicy

    @property
    def is_his(self) -> bool:
        found = self.requisition
        return self.by.pk in (found.engineer_id, found.created_by_id)

    def is_owned(self) -> bool:
        return self.is_his

    def owns(self) -> bool:
        """He asked, or may ask for others."""
        return self.is_his or self.by.has_perm(Permission.REQUEST_FOR_OTHERS)

    def decides(self) -> bool:
        """Somebody else's, or nobody else could; the domain says so too."""
        return not self.is_his or not others_with(Permission.APPROVE_REQUISITION, by=self.by).exists()

    def has_rest(self) -> bool:
        return self.owns() and bool(self.progress.open or self.progress.reserved)

    def sends_on(self) -> bool:
        return self._is_open_here and not self.progress.has_moved

    def sends_rest_on(self) -> bool:
        return self._is_open_here and self.progress.has_moved

    @property
    def _is_open_here(self) -> bool:
        is_kept = self.policy.has(Feature.WAREHOUSE_STOCK) and self.requisition.warehouse_id is not None
        return is_kept and (self.progress.live == 0 or self.progress.open > 0)

    def is_handed_out(self) -> bool:
        """Something of it is reserved where the engineer collects it, or would be."""
        found = self.requisition
        has_come = found.fulfilment == Fulfilment.PARTIALLY_RECEIVED and is_collected(found)
        return found.fulfilment in ISSUABLE or has_come

    def is_packed_to_go(self) -> bool:
        is_sent = self.requisition.receiving_method != ReceivingMethod.PICK_UP
        return is_sent and self.progress.reserved > self.progress.packed

    def is_shipped_next(self) -> bool:
        return self.requisition.fulfilment in SHIPPABLE and self.progress.reserved > 0


def _own_page(verb: str) -> Callable[[Requisition], str]:
    return lambda requisition: reverse(f"spareparts:requisition_{verb}", args=[requisition.pk])


def _shipment(requisition: Requisition) -> str:
    return f"{reverse('spareparts:shipment_new')}?requisition={requisition.pk}"


def _desk(requisition: Requisition) -> str:
    return f"{reverse('spareparts:desk')}?requisition={requisition.pk}"


@dataclass(frozen=True)
class Look:
    """How a verb is drawn: when it is offered, where it is done, its icon, whether a press acts, whether it is blue."""

    when: Callable[[Asking], bool]
    url: Callable[[Requisition], str]
    icon: str
    acts: bool = False
    is_primary: bool = False


LOOKS: dict[str, Look] = {
    "submit": Look(Asking.owns, _own_page("submit"), "cart-in", acts=True, is_primary=True),
    "edit": Look(Asking.owns, _own_page("edit"), "edit"),
    "withdraw": Look(Asking.is_owned, _own_page("withdraw"), "undo"),
    "approve": Look(Asking.decides, _own_page("approve"), "check", is_primary=True),
    "reject": Look(Asking.decides, _own_page("reject"), "close"),
    "forward": Look(Asking.sends_on, _own_page("forward"), "truck"),
    "forward_rest": Look(Asking.sends_rest_on, _own_page("forward"), "truck"),
    "pack": Look(Asking.is_packed_to_go, _desk, "box"),
    "issue": Look(Asking.is_handed_out, _desk, "box", is_primary=True),
    "ship": Look(Asking.is_shipped_next, _shipment, "truck", is_primary=True),
    "cancel_rest": Look(Asking.has_rest, _own_page("cancel_rest"), "close"),
}


def buttons_of(requisition: Requisition, progress: Progress, *, by: User, policy: ModePolicy) -> list[dict[str, Any]]:
    """The verbs that ``by`` may use now and that make sense: the next step first, then in the table's order."""
    asking = Asking(requisition, progress, by, policy)
    rows = available(requisition, REQUISITION_TRANSITIONS, by=by)
    looks = [(row, LOOKS[row.verb]) for row in rows if row.verb in LOOKS]
    drawn = [
        {
            "label": row.label,
            "url": look.url(requisition),
            "icon": look.icon,
            "acts": look.acts,
            "is_primary": look.is_primary,
            "tone": row.tone,
        }
        for row, look in looks
        if look.when(asking)
    ]
    return sorted(drawn, key=lambda button: not button["is_primary"])
