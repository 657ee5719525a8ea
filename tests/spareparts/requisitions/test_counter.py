"""At the counter: request, approval and issue in one submit."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from config.shared.errors import NotAllowed
from config.shared.models import AuditEvent
from inventory.domain.errors import NotEnoughStock
from inventory.enums import WarehouseStatus
from inventory.models import Lot, Part, Posting, Warehouse
from spareparts.domain.four_eyes import OwnDocument
from spareparts.domain.requisitions import CounterPart, issue_at_counter
from spareparts.domain.requisitions.errors import (
    BadLines,
    NotAnEngineer,
    NothingAsked,
    NotOnTheJob,
    NotYourWarehouse,
    WarehouseNotOpen,
)
from spareparts.domain.requisitions.writing import MOST_LINES, MOST_QUANTITY
from spareparts.enums import Fulfilment, RequisitionStatus
from spareparts.models import Issue, Requisition
from spareparts.queries import current_policy
from tests.factories.asking import act, depot, grants
from tests.factories.inventory import PartFactory
from tests.factories.workorders import WorkOrderFactory
from tests.spareparts.helpers import refused
from tests.support.stock import held, personal, put, shelf, staging
from workorders.models import User


def counter(engineer: User, by: User, warehouse: Warehouse, *parts: CounterPart, **facts: Any) -> Requisition:
    return issue_at_counter(
        engineer=engineer,
        by=by,
        at=timezone.now(),
        key=facts.pop("key", uuid.uuid4()),
        policy=current_policy(),
        warehouse=warehouse,
        parts=parts,
        **facts,
    )


def test_request_approval_and_issue_are_one(
    vienna: Warehouse, jana: User, karl: User, bearing: Part, belt: Part
) -> None:
    put(shelf(vienna), bearing, 5, by=karl)
    put(shelf(vienna), belt, 5, by=karl)
    job = WorkOrderFactory(lead=jana)

    requisition = counter(jana, karl, vienna, CounterPart(bearing, 2), CounterPart(belt, 1), work_order=job)

    assert (requisition.status, requisition.fulfilment) == (RequisitionStatus.APPROVED, Fulfilment.CONFIRMED)
    assert (requisition.is_at_counter, requisition.decided_by, requisition.work_order) == (True, karl, job)
    assert (held(staging(vienna)), held(personal(jana))) == ({}, {"BLT-2": 1, "BRG-1": 2})
    assert grants(requisition)[0] == {"part": "BRG-1", "granted": 2, "issued": 2}
    assert Posting.objects.filter(reference=Issue.objects.get().reference).count() == 1
    assert [event.verb for event in AuditEvent.objects.filter(verb__startswith="requisition.")] == [
        "requisition.counter"
    ]


def test_lots_are_named_new_parts_go_before_repaired_ones(
    vienna: Warehouse, jana: User, karl: User, bearing: Part, valve: Part
) -> None:
    one, two = (Lot.objects.create(part=valve, code=code, is_serial=True) for code in ("S1", "S2"))
    for lot in (one, two):
        put(shelf(vienna), valve, 1, by=karl, lot=lot)
    put(shelf(vienna), bearing, 1, by=karl)
    put(shelf(vienna), bearing, 5, by=karl, condition="repaired")
    parts = [CounterPart(valve, 1, two), CounterPart(valve, 1, one), CounterPart(bearing, 3)]
    requisition = counter(jana, karl, vienna, *parts)
    assert held(personal(jana)) == {"BRG-1": 1, "BRG-1 (repaired)": 2, "VLV-3": 2}
    assert [grant["granted"] for grant in grants(requisition)] == [2, 3]
    act("undo_issue", Issue.objects.get(), by=karl)
    assert held(shelf(vienna)) == {"BRG-1": 1, "BRG-1 (repaired)": 5, "VLV-3": 2}


def test_enough_new_ones_leave_the_repaired_ones(vienna: Warehouse, jana: User, karl: User, bearing: Part) -> None:
    put(shelf(vienna), bearing, 2, by=karl)
    put(shelf(vienna), bearing, 1, by=karl, condition="repaired")
    counter(jana, karl, vienna, CounterPart(bearing, 2))
    assert held(shelf(vienna)) == {"BRG-1 (repaired)": 1}


def test_every_short_part_is_named(vienna: Warehouse, jana: User, karl: User, bearing: Part, belt: Part) -> None:
    put(shelf(vienna), bearing, 1, by=karl)
    put(shelf(vienna), belt, 5, by=karl, condition="old")
    with refused(NotEnoughStock) as caught:
        counter(jana, karl, vienna, CounterPart(bearing, 2), CounterPart(belt, 1))
    assert caught.value.messages == [
        "BRG-1: Vienna · Warehouse shelf has 1 pc, you asked for 2 pc.",
        "BLT-2: Vienna · Warehouse shelf has 0 pc, you asked for 1 pc.",
    ]
    assert Requisition.objects.count() == 0


def test_a_serials_quantity_is_1_and_it_must_be_where_it_is_taken_from(
    vienna: Warehouse, jana: User, karl: User, valve: Part
) -> None:
    lot = Lot.objects.create(part=valve, code="S1", is_serial=True)
    put(shelf(depot("Linz", karl)), valve, 1, by=karl, lot=lot)
    with refused(BadLines) as caught:
        counter(jana, karl, vienna, CounterPart(valve, 2, lot))
    assert caught.value.messages == ["Line 1, VLV-3: serial number S1 is one piece."]
    with refused(NotEnoughStock) as short:
        counter(jana, karl, vienna, CounterPart(valve, 1, lot))
    assert short.value.messages == ["VLV-3 S1: Vienna · Warehouse shelf has 0 pc, you asked for 1 pc."]


def test_every_bad_line_is_named(vienna: Warehouse, jana: User, karl: User, bearing: Part, valve: Part) -> None:
    foreign = Lot.objects.create(part=PartFactory(), code="X", is_serial=True)
    wrong = [
        CounterPart(bearing, 1),
        CounterPart(bearing, 2),
        CounterPart(valve, 1),
        CounterPart(valve, 1, foreign),
        CounterPart(PartFactory(is_listed=False), 1),
        CounterPart(PartFactory(), 0),
        CounterPart(PartFactory(), MOST_QUANTITY + 1),
    ]
    with refused(BadLines) as caught:
        counter(jana, karl, vienna, *wrong)
    problems = [(each.index, each.field) for each in caught.value.problems]
    assert problems == [(1, "part"), (2, "lot"), (3, "lot"), (4, "part"), (5, "quantity"), (6, "quantity")]


def test_nobody_serves_himself_while_a_colleague_could(vienna: Warehouse, karl: User, lin: User, bearing: Part) -> None:
    karl.is_engineer = True
    karl.save()
    put(shelf(vienna), bearing, 2, by=karl)
    with refused(OwnDocument):
        counter(karl, karl, vienna, CounterPart(bearing, 1))
    User.objects.filter(pk=lin.pk).update(is_active=False)
    counter(karl, karl, vienna, CounterPart(bearing, 1))
    assert held(personal(karl)) == {"BRG-1": 1}


def test_refused(vienna: Warehouse, jana: User, tom: User, karl: User, lin: User, eva: User, bearing: Part) -> None:
    put(shelf(vienna), bearing, 9, by=karl)
    one = CounterPart(bearing, 1)
    with refused(NotAllowed):
        counter(jana, tom, vienna, one)
    with refused(NotAllowed):
        counter(jana, eva, vienna, one)
    with refused(NotYourWarehouse):
        counter(jana, lin, vienna, one)
    with refused(NotAnEngineer):
        counter(eva, karl, vienna, one)
    with refused(NotOnTheJob):
        counter(jana, karl, vienna, one, work_order=WorkOrderFactory(lead=tom))
    with refused(NothingAsked):
        counter(jana, karl, vienna)
    with refused(BadLines):
        counter(jana, karl, vienna, *(CounterPart(PartFactory(), 1) for _each in range(MOST_LINES + 1)))
    linz = depot("Linz", karl)
    Warehouse.objects.filter(pk=linz.pk).update(status=WarehouseStatus.DISABLED)
    with refused(WarehouseNotOpen):
        counter(jana, karl, linz, one)


@pytest.mark.parametrize("has_left", [True, False])
def test_only_who_may_still_sign_in(vienna: Warehouse, tom: User, karl: User, bearing: Part, has_left: bool) -> None:
    put(shelf(vienna), bearing, 9, by=karl)
    tom.is_active = not has_left
    if not has_left:
        counter(tom, karl, vienna, CounterPart(bearing, 1))
        return
    with refused(NotAnEngineer) as caught:
        counter(tom, karl, vienna, CounterPart(bearing, 1))
    assert caught.value.messages == ["Tom Berger may no longer sign in, so nothing can be given out."]
