"""The same company in Advanced mode, with one of every document. Jana's are hers; Tom is the stranger.

Karl manages the warehouse everything comes from and goes to, Lin another one. Made through the domain.
"""

import uuid
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from inventory.models import Part
from spareparts.domain.counts import CountedPart
from spareparts.domain.shipments import create_shipments, receive_shipment
from spareparts.domain.shipments.receiving import Arrived
from spareparts.enums import LossKind, Mode, ReceivingMethod
from spareparts.models import (
    Absence,
    Discrepancy,
    HandOver,
    Issue,
    LocalPurchase,
    LossReport,
    OldPartDebt,
    Requisition,
    Return,
    ServiceBomLine,
    Shipment,
    StockCount,
    WarehouseTerms,
)
from spareparts.queries import current_policy
from tests.contract.world import World
from tests.factories.asking import act, draft, sent, settings
from tests.factories.personal import bought, finished, gives, lost, offered, opened
from tests.factories.returns import handed_over, owed, prepared
from tests.factories.workorders import UserFactory, WorkOrderFactory
from tests.support.modes import in_mode
from tests.support.stock import put, shelf
from workorders.models import User


@dataclass
class Documents:
    """One of each, all Jana's or made for her."""

    draft: Requisition
    submitted: Requisition
    approved: Requisition
    to_ship: Requisition
    issue: Issue
    waiting_shipment: Shipment
    shipment: Shipment
    discrepancy: Discrepancy
    offer: HandOver
    loss: LossReport
    purchase: LocalPurchase
    count: StockCount
    waiting_count: StockCount
    prepared: Return
    handed_over: Return
    debt: OldPartDebt
    due_debt: OldPartDebt
    absence: Absence
    bom_line: ServiceBomLine

    def keys(self, name: str) -> dict[str, Any]:
        """The arguments of an address that names one of them."""
        if name == "bom_line":
            return {"pk": self.bom_line.equipment_model_id, "line_pk": self.bom_line.pk}
        return {"pk": getattr(self, name).pk}


NAMES = frozenset(each.name for each in fields(Documents))


def make_advanced(world: World) -> Documents:
    """Turn the company to Advanced and write the documents."""
    in_mode(Mode.ADVANCED)
    for person in world.people.values():
        vars(person).pop("policy", None)
    jana, karl = world.people["jana"], world.people["karl"]
    terms = WarehouseTerms.objects.create(warehouse=world.w1)
    terms.teams.add(User.objects.get(pk=jana.pk).team)  # type: ignore[arg-type]
    part = world.parts[0]
    put(shelf(world.w1), part, 500, by=karl, at=world.at - timedelta(hours=3))
    gives(jana, part, 200, at=world.at - timedelta(hours=2))
    made = _requests(world, part) | _parcels(world, part) | _personal(world, part) | _returns(world, part)
    line = ServiceBomLine.objects.create(equipment_model=world.mine.equipment.model, part=part, quantity=1)
    for person in world.people.values():
        vars(person).pop("policy", None)
    return Documents(**made, bom_line=line)


def _requests(world: World, part: Part) -> dict[str, Any]:
    jana, karl = world.people["jana"], world.people["karl"]
    settings(requisition_approval="manual")
    submitted = sent(jana, (part, 2))
    settings(requisition_approval="automatic")
    approved = sent(jana, (part, 4), work_order=world.mine.job)
    return {
        "draft": draft(jana, (part, 1)),
        "submitted": submitted,
        "approved": approved,
        "issue": act("issue", sent(jana, (part, 3)), by=karl),
        "to_ship": sent(jana, (part, 5), receiving_method=ReceivingMethod.TO_ENGINEER),
    }


def _parcels(world: World, part: Part) -> dict[str, Any]:
    jana = world.people["jana"]
    settings(shipment_approval=True)
    waiting = _ship(world, sent(jana, (part, 2), receiving_method=ReceivingMethod.TO_ENGINEER))
    settings(shipment_approval=False)
    shipped = _ship(world, sent(jana, (part, 6), receiving_method=ReceivingMethod.TO_ENGINEER))
    short = _ship(world, sent(jana, (part, 3), receiving_method=ReceivingMethod.TO_ENGINEER))
    receive_shipment(
        short,
        by=jana,
        at=world.at,
        key=uuid.uuid4(),
        policy=current_policy(),
        lines=[Arrived(short.lines.get(), received=1, short=2)],
    )
    return {"waiting_shipment": waiting, "shipment": shipped, "discrepancy": Discrepancy.objects.get()}


def _ship(world: World, requisition: Requisition) -> Shipment:
    (shipment,) = create_shipments(
        [requisition],
        by=world.people["karl"],
        at=world.at,
        key=uuid.uuid4(),
        policy=current_policy(),
    )
    return shipment


def _personal(world: World, part: Part) -> dict[str, Any]:
    jana = world.people["jana"]
    mia = UserFactory(name="Mia Weiss", is_engineer=True)
    gives(mia, part, 50)
    waiting = opened(mia)
    settings(count_limit=0)
    line = waiting.lines.get()
    finished(waiting, CountedPart(line.part, 40, line.condition, line.lot, reason="Miscounted"))
    settings(count_limit=100)
    waiting.refresh_from_db()
    return {
        "offer": offered(mia, jana, part),
        "loss": lost(jana, part, kind=LossKind.LOST),
        "purchase": bought(jana, part),
        "count": opened(jana),
        "waiting_count": waiting,
        "absence": Absence.objects.create(
            person=jana, deputy=mia, first_day=world.at.date(), last_day=world.at.date() + timedelta(days=3)
        ),
    }


def _returns(world: World, part: Part) -> dict[str, Any]:
    jana = world.people["jana"]
    return {
        "prepared": prepared(jana, (part, 2), warehouse=world.w1),
        "handed_over": handed_over(jana, (part, 3), warehouse=world.w1),
        "debt": owed(jana, world.parts[1]),
        "due_debt": owed(jana, world.parts[2], work_order=WorkOrderFactory(lead=jana)),
    }
