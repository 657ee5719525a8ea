"""Advanced mode, told through HTTP: from the shelf over desk and parcel to the job, and what is left back again."""

import pytest

from inventory.models import Posting
from spareparts.enums import ApprovalMode, DebtStatus, DiscrepancyStatus, Mode, ReturnStatus
from spareparts.models import Allocation, Discrepancy, HandOver, OldPartDebt, Return, Shipment
from tests.factories.asking import depot, settings
from tests.factories.inventory import PartFactory
from tests.factories.spareparts import EquipmentPartFactory
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.journeys.steps import at_the_desk, close, deactivate, press, proposed, request, url, use
from tests.support.modes import in_mode
from tests.support.stock import held, personal, put, shelf, staging, transit
from workorders.enums import WorkOrderStatus

PICK_UP, TO_HER = "pick_up", "to_engineer"


@pytest.fixture
def vienna(db, karl, lin):
    """Two managers, and seven relays on the shelf."""
    in_mode(Mode.ADVANCED)
    settings(requisition_approval=ApprovalMode.MANUAL)
    return depot("Vienna", karl, lin)


@pytest.fixture
def relay(karl, vienna):
    part = PartFactory(number="REL-24", old_part_rule="always")
    put(shelf(vienna), part, 7, by=karl)
    return part


@pytest.fixture
def job(jana, relay):
    lift = EquipmentFactory(name="Lift 2")
    EquipmentPartFactory(equipment=lift, part=relay)
    return WorkOrderFactory(lead=jana, site=lift.site, equipment=lift, status=WorkOrderStatus.IN_PROGRESS)


def test_from_the_shelf_to_the_job_and_back(jana, tom, karl, ada, vienna, relay, job, as_user) -> None:
    phone, desk, colleague, office = (as_user(each) for each in (jana, karl, tom, ada))

    # Asked for: nothing moves. Approved: reserved. Packed: where it was. Issued: hers.
    requisition = request(phone, relay, 4, work_order=job.pk, receiving_method=PICK_UP)
    assert (held(shelf(vienna)), held(staging(vienna))) == ({"REL-24": 7}, {})
    press(desk, url("requisition_approve", requisition.pk), all="1")
    assert (held(shelf(vienna)), held(staging(vienna))) == ({"REL-24": 3}, {"REL-24": 4})
    at_the_desk(desk, requisition, 4, "pack")
    assert (held(staging(vienna)), held(personal(jana))) == ({"REL-24": 4}, {})
    at_the_desk(desk, requisition, 4, "issue")
    assert (held(staging(vienna)), held(personal(jana))) == ({}, {"REL-24": 4})

    # One is used: the old one is in her hands. More than she holds is refused.
    assert use(phone, job).status_code == 302
    assert held(personal(jana)) == {"REL-24": 3, "REL-24 (old)": 1}
    assert "holds 3 pc, and 4 pc are needed" in use(phone, job, quantity="4").content.decode()

    # The job asks about the three that are left, and ends.
    close(phone, job, relay, open_quantity=3)
    job.refresh_from_db()
    assert job.status == WorkOrderStatus.COMPLETED

    # Tom needs one. It is hers until he takes it.
    row = personal(jana).balances.get(part=relay, condition="new")
    press(phone, url("hand_over_new"), receiver=tom.pk, reason="Yours", **{f"quantity-{row.pk}": "1"})
    offer = HandOver.objects.get()
    assert held(personal(tom)) == {}
    press(colleague, url("hand_over_accept", offer.pk), **{f"quantity-{offer.lines.get().pk}": "1"})
    assert (held(personal(jana)), held(personal(tom))) == ({"REL-24": 2, "REL-24 (old)": 1}, {"REL-24": 1})

    # Neither leaves while holding something.
    for person, words in ((jana, "still holds 2 pc REL-24"), (tom, "still holds 1 pc REL-24")):
        assert words in deactivate(office, person)
        assert person.is_active

    # The two left stand ready to go back with the old one: the slip is hers, the parts too, until the desk has them.
    press(phone, url("return_new"), **proposed(phone))
    document = Return.objects.get()
    assert held(personal(jana)) == {"REL-24": 2, "REL-24 (old)": 1}
    lines = {line.condition: line for line in document.lines.all()}
    counted = {f"{lines['new'].pk}-accepted": "2", f"{lines['old'].pk}-accepted": "1"}
    places = {f"{lines['new'].pk}-disposition": "shelf", f"{lines['old'].pk}-disposition": "scrap"}
    press(desk, url("return_check_in", document.pk), version=document.version, **counted, **places)
    document.refresh_from_db()
    assert (document.status, OldPartDebt.objects.get().status) == (ReturnStatus.CHECKED_IN, DebtStatus.CLOSED)
    assert (held(personal(jana)), held(shelf(vienna))) == ({}, {"REL-24": 5})

    # Now she may leave; Tom, who still has his, may not.
    for person in (jana, tom):
        deactivate(office, person)
    assert (jana.is_active, tom.is_active) == (False, True)


def test_shipped_one_short_and_settled(jana, karl, lin, vienna, relay, as_user) -> None:
    phone, desk, other_desk = (as_user(each) for each in (jana, karl, lin))
    requisition = request(phone, relay, 3, receiving_method=TO_HER)
    press(other_desk, url("requisition_approve", requisition.pk), all="1")
    row = Allocation.objects.get()

    # On its way it is neither the warehouse's to issue nor hers.
    press(desk, url("shipment_new"), requisition=requisition.pk, carrier="Post", **{f"q-{row.pk}": "3"})
    parcel = Shipment.objects.get()
    assert [held(place) for place in (staging(vienna), transit(vienna), personal(jana))] == [{}, {"REL-24": 3}, {}]

    # Two arrive, one is missing: it stays on the way, with somebody who looks for it.
    line = parcel.lines.get()
    arrived = {f"{line.pk}-received": "2", f"{line.pk}-short": "1"}
    press(phone, url("shipment_receive", parcel.pk), version=parcel.version, **arrived)
    missing = Discrepancy.objects.get()
    assert (missing.status, str(missing.kind), missing.quantity) == (DiscrepancyStatus.OPEN, "short", 1)
    assert (held(transit(vienna)), held(personal(jana))) == ({"REL-24": 1}, {"REL-24": 2})

    # Karl sent it, so Lin settles: it lies in the warehouse after all.
    found = {"outcome": "back", "reason": "Left on the packing table"}
    postings = Posting.objects.count()
    assert phone.get(url("discrepancy_settle", missing.pk)).status_code == 403
    press(other_desk, url("discrepancy_settle", missing.pk), **found)
    missing.refresh_from_db()
    assert (missing.status, Posting.objects.count() - postings) == (DiscrepancyStatus.SETTLED, 1)
    assert (held(transit(vienna)), held(shelf(vienna))) == ({}, {"REL-24": 5})

    # The request is short of one again; cancelled, nothing is left open.
    press(phone, url("requisition_cancel_rest", requisition.pk), reason="Two are enough")
    requisition.refresh_from_db()
    assert str(requisition.fulfilment) == "received"
    assert held(personal(jana)) == {"REL-24": 2}
