"""What changes something where personal and warehouse inventory is kept, with a form a person could really send.

Sent in the Advanced company of world_advanced.py. ``verbs`` are the audit rows that one sending leaves.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from inventory.enums import Condition
from inventory.models import Balance
from spareparts.domain.hand_overs import accept_hand_over
from spareparts.enums import ConfirmationMode, Mode
from spareparts.models import HandOver, Return
from spareparts.queries import current_policy
from tests.contract.world import World
from tests.contract.world_advanced import Documents
from tests.factories.personal import asked, offered
from tests.factories.returns import handed_over
from tests.support.modes import in_mode
from tests.support.stock import personal
from workorders.models import User

Data = dict[str, Any]
Fields = Callable[[World, Documents], Data]


@dataclass(frozen=True)
class Sent:
    """One page: who sends which form. ``before`` makes the situation, and the document when it is not one of them."""

    address: str
    target: str
    who: str
    fields: Fields
    verbs: tuple[str, ...]
    before: Callable[[World, Documents], Any] = lambda world, made: None
    query: Fields = lambda world, made: {}


def nothing(world: World, made: Documents) -> Data:
    return {}


def why(world: World, made: Documents) -> Data:
    return {"reason": "The customer asked"}


def lines(world: World, made: Documents, **more: Any) -> Data:
    return {
        "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "lines-0-part": world.parts[0].pk,
        "lines-0-quantity": "1", **more,
    }  # fmt: skip


def held(world: World) -> int:
    """What Jana holds of the first part, new and of no batch."""
    place = personal(world.people["jana"])
    return Balance.objects.get(location=place, part=world.parts[0], condition=Condition.NEW, lot=None).pk


def mia(made: Documents) -> User:
    return made.offer.sender


def offer_line(world: World, made: Documents) -> Data:
    return {f"quantity-{made.offer.lines.get().pk}": "1"}


def asked_of_jana(world: World, made: Documents) -> HandOver:
    return asked(mia(made), world.people["jana"], world.parts[0])


def unanswered(world: World, made: Documents) -> HandOver:
    """Jana's offer that nobody answered in time."""
    document = offered(world.people["jana"], mia(made), world.parts[0])
    HandOver.objects.filter(pk=document.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    return document


def waiting_for_confirmation(world: World, made: Documents) -> Return:
    """Handed over where no warehouse takes parts in, and somebody has to confirm it."""
    in_mode(Mode.STANDARD, return_confirmation=ConfirmationMode.MANUAL)
    for person in world.people.values():
        vars(person).pop("policy", None)
    return handed_over(world.people["jana"], (world.parts[0], 1))


def asked_line(world: World, made: Documents) -> Data:
    return {f"quantity-{HandOver.objects.order_by('-pk')[0].lines.get().pk}": "1"}


def offered_by_jana(world: World, made: Documents) -> HandOver:
    return offered(world.people["jana"], mia(made), world.parts[0])


def accepted(world: World, made: Documents) -> HandOver:
    facts = {"by": world.people["jana"], "at": timezone.now(), "key": uuid.uuid4(), "policy": current_policy()}
    accept_hand_over(made.offer, **facts)
    return made.offer


def counted(world: World, made: Documents) -> Data:
    line = made.handed_over.lines.get()
    return {"version": made.handed_over.version, f"{line.pk}-accepted": "3", f"{line.pk}-disposition": "shelf"}


def checked_in(world: World, made: Documents) -> None:
    form = {"request_key": str(uuid.uuid4()), **counted(world, made)}
    world.client("karl").post(reverse("spareparts:return_check_in", args=[made.handed_over.pk]), form)


def picked(world: World, made: Documents) -> Data:
    allocation = made.approved.lines.get().grants.get().allocations.get()
    made.approved.refresh_from_db()
    return {"version": made.approved.version, f"allocation-{allocation.pk}": "4", "issue": "1"}


def to_ship(world: World, made: Documents) -> Data:
    grant = made.to_ship.lines.get().grants.get()
    return {"requisition": made.to_ship.pk, f"q-{grant.allocations.get().pk}": "5", "carrier": "Post"}


def new_return(world: World, made: Documents) -> Data:
    key = f"{world.parts[0].pk}-n-0-0-0"
    return {f"{key}-tick": "on", f"{key}-quantity": "1", "method": "hand_in", "warehouse": world.w1.pk}


def moved(world: World, made: Documents) -> Data:
    line = f"q-{personal(world.people['jana']).pk}-{world.parts[0].pk}-new-0"
    return {"action": "move", "receiver": world.people["tom"].pk, "reason": "Ill", line: "1"}


def of_jana(world: World, made: Documents) -> Data:
    return {"engineer": world.people["jana"].pk}


TABLE = (
    # ------------------------------------------------------------- requests
    Sent(
        "requisition_new", "-", "jana", lambda w, m: lines(w, m, receiving_method="pick_up"),
        ("requisition.create", "requisition.submit"),
    ),
    Sent("requisition_edit", "draft", "jana", lambda w, m: lines(w, m, receiving_method="pick_up", draft="1"),
         ("requisition.edit",)),
    Sent("requisition_submit", "draft", "jana", nothing, ("requisition.submit",)),
    Sent("requisition_withdraw", "submitted", "jana", nothing, ("requisition.withdraw",)),
    Sent("requisition_copy", "approved", "jana", nothing, ("requisition.create",)),
    Sent("requisition_approve", "submitted", "karl", lambda w, m: {"all": "1"}, ("requisition.approve",)),
    Sent("requisition_reject", "submitted", "karl", why, ("requisition.reject",)),
    Sent("requisition_forward", "submitted", "karl", lambda w, m: {**why(w, m), "warehouse": w.w2.pk},
         ("requisition.create", "requisition.forward")),
    Sent("requisition_cancel_rest", "approved", "jana", why, ("requisition.cancel_rest",)),
    Sent("issue_undo", "issue", "karl", why, ("requisition.undo_issue",)),
    # ------------------------------------------------------------- shipments
    Sent("shipment_new", "-", "karl", to_ship, ("shipment.send", "requisition.ship")),
    Sent("shipment_approve", "waiting_shipment", "ada", nothing, ("shipment.approve",)),
    Sent("shipment_cancel", "waiting_shipment", "karl", why, ("shipment.cancel",)),
    Sent("shipment_track", "shipment", "karl", lambda w, m: {"carrier": "DHL", "tracking_number": "JD1"},
         ("shipment.track",)),
    Sent("shipment_receive", "shipment", "jana", lambda w, m: {"version": m.shipment.version, "all": "1"},
         ("shipment.receive", "receipt.record", "requisition.receive")),
    Sent("discrepancy_settle", "discrepancy", "ada", lambda w, m: {**why(w, m), "outcome": "lost"},
         ("discrepancy.settle",)),
    # ------------------------------------------------------------- what engineers do with what they hold
    Sent("hand_over_new", "-", "jana", lambda w, m: {f"quantity-{held(w)}": "1", "receiver": w.people["tom"].pk},
         ("handover.offer",)),
    Sent("hand_over_ask", "-", "jana",
         lambda w, m: {"part": w.parts[0].pk, "engineer": mia(m).pk, "quantity": "1", "reason": ""}, ("handover.ask",)),
    Sent("hand_over_everything", "-", "jana", lambda w, m: {"receiver": w.people["tom"].pk, "reason": ""},
         ("handover.offer",)),
    Sent("hand_over_everything_of", "jana", "karl",
         lambda w, m: {"receiver": w.people["tom"].pk, "reason": "Ill"}, ("handover.move",)),
    Sent("hand_over_accept", "offer", "jana", offer_line, ("handover.accept",)),
    Sent("hand_over_decline", "offer", "jana", nothing, ("handover.decline",)),
    Sent("hand_over_offer", "+", "jana", asked_line, ("handover.offer",), asked_of_jana),
    Sent("hand_over_withdraw", "+", "jana", nothing, ("handover.withdraw",), offered_by_jana),
    Sent("hand_over_undo", "+", "jana", nothing, ("handover.undo",), accepted),
    Sent("holdings_move", "-", "karl", moved, ("handover.move",), query=of_jana),
    Sent("loss_new", "-", "jana", lambda w, m: {"holding": held(w), "kind": "lost", "quantity": "1", "reason": "x"},
         ("lossreport.report",)),
    Sent("loss_undo", "loss", "jana", nothing, ("lossreport.undo",)),
    Sent("purchase_new", "-", "jana",
         lambda w, m: lines(w, m, **{"supplier": "Hardware", "lines-0-unit_cost": "9.90"}), ("localpurchase.record",)),
    Sent("purchase_undo", "purchase", "jana", nothing, ("localpurchase.undo",)),
    Sent("count_new", "-", "tom", nothing, ("stockcount.open",)),
    Sent("count", "count", "jana",
         lambda w, m: {"save": "1", "lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0",
                       f"quantity-{m.count.lines.order_by('pk')[0].pk}": "1"}, ("stockcount.save",)),
    Sent("count_cancel", "count", "jana", nothing, ("stockcount.cancel",)),
    Sent("count_approve", "waiting_count", "karl", nothing, ("stockcount.approve",)),
    Sent("count_reject", "waiting_count", "karl", why, ("stockcount.reject",)),
    Sent("absences", "-", "tom", lambda w, m: {"first_day": "2031-12-01", "last_day": "2031-12-02", "deputy": ""},
         ("absence.plan",)),
    Sent("absence_cancel", "absence", "jana", nothing, ("absence.cancel",)),
    # ------------------------------------------------------------- returns and old parts
    Sent("return_new", "-", "jana", new_return, ("return.prepare",)),
    Sent("return_edit", "prepared", "jana", new_return, ("return.edit",)),
    Sent("return_cancel", "prepared", "jana", nothing, ("return.cancel",)),
    Sent("return_hand_over", "prepared", "jana", nothing, ("return.hand_over",)),
    Sent("return_check_in", "handed_over", "karl", counted, ("return.check_in",)),
    Sent("return_undo", "handed_over", "karl", nothing, ("return.undo_check_in",), checked_in),
    Sent("take_back", "-", "karl",
         lambda w, m: {f"{w.parts[0].pk}-n-0-0-0-quantity": "1", "warehouse": w.w1.pk},
         ("return.take_back", "return.check_in"), query=of_jana),
    Sent("debt_ask", "debt", "jana", lambda w, m: {"answer": "none", "reason": "Lost"}, ("oldpartdebt.ask",)),
    Sent("debt_decide", "debt", "ada", lambda w, m: {"decision": "waive", "reason": "Lost"}, ("oldpartdebt.waive",)),
    Sent("return_confirm", "+", "karl", nothing, ("return.check_in",), waiting_for_confirmation),
    # ------------------------------------------------------------- the mode
    Sent("settings_opening", "-", "ada",
         lambda w, m: {"place": f"warehouse-{w.w1.pk}", "rows": f"{w.parts[0].number},5"}, ("stock.opening",)),
    Sent("settings_warehouse", "-", "ada",
         lambda w, m: {"code": "GRZ", "name": "Graz depot", "address": "", "phone": ""}, ("warehouse.create",)),
    Sent("hand_over_lapse", "+", "jana", nothing, ("handover.lapse",), unanswered),
    # ------------------------------------------------------------- the desk
    Sent("desk_issue", "approved", "karl", picked, ("requisition.issue",)),
    Sent("counter", "-", "karl",
         lambda w, m: lines(w, m, engineer=w.people["jana"].pk, warehouse=w.w1.pk),
          ("requisition.counter",)),
    Sent("service_bom", "model", "ada", lambda w, m: {"part": w.parts[1].number, "quantity": "1", "note": ""},
         ("service_bom.add",)),
    Sent("service_bom_remove", "bom_line", "ada", nothing, ("service_bom.remove",)),
)  # fmt: skip

# Addresses not sent twice here. The first three are proven by a story of their own; the others only sent once, with a
# key, by theirs: what is left to do is a row above.
OWN_STORY = {
    "closing": "one of eight at once: tests/races/test_use_races.py",
    "debt_take_out": "a second time is refused: tests/spareparts/use/test_debts.py",
    "desk_reserve": "one of 64 at once: tests/races/test_requisition_races.py",
    "settings_closing": "sent twice in tests/spareparts/test_opening.py",
}
