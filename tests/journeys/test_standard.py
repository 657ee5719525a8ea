"""Standard mode, told through HTTP: asked for, approved, used, the job closed, the rest and the old part confirmed."""

import pytest

from inventory.models import Move, Posting
from spareparts.enums import ApprovalMode, ConfirmationMode, DebtStatus, ReturnStatus
from spareparts.models import OldPartDebt, Return
from tests.factories.asking import settings
from tests.factories.inventory import PartFactory
from tests.factories.spareparts import EquipmentPartFactory
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.journeys.steps import close, deactivate, press, proposed, request, url, use
from tests.spareparts.helpers import in_machine
from tests.support.stock import held, personal
from workorders.enums import WorkOrderStatus

pytestmark = pytest.mark.usefixtures("standard")


def test_jana_asks_uses_closes_and_brings_back(jana, eva, ada, as_user) -> None:
    settings(requisition_approval=ApprovalMode.MANUAL, return_confirmation=ConfirmationMode.MANUAL)
    lift = EquipmentFactory(name="Lift 2")
    job = WorkOrderFactory(lead=jana, site=lift.site, equipment=lift, status=WorkOrderStatus.IN_PROGRESS)
    relay = PartFactory(number="REL-24", old_part_rule="always")
    EquipmentPartFactory(equipment=lift, part=relay)
    phone, desk, office = as_user(jana), as_user(eva), as_user(ada)

    # She asks for three, for the job. Somebody has to approve: until then nothing moves.
    requisition = request(phone, relay, 3, work_order=job.pk)
    assert (str(requisition.status), Posting.objects.count()) == ("submitted", 0)
    assert requisition.reference in desk.get(url("approvals")).content.decode()
    assert phone.get(url("requisition_approve", requisition.pk)).status_code == 403

    # Eva approves all: the supplier has handed them out, and the details show new parts.
    press(desk, url("requisition_approve", requisition.pk), all="1")
    assert held(personal(jana)) == {"REL-24": 3}
    assert "New part" in phone.get(url("my_moves")).content.decode()

    # More than she holds is refused; one is used, and the old one is in her hands.
    assert "holds 3 pc, and 4 pc are needed" in use(phone, job, quantity="4").content.decode()
    assert held(personal(jana)) == {"REL-24": 3}
    assert use(phone, job).status_code == 302
    assert held(personal(jana)) == {"REL-24": 2, "REL-24 (old)": 1}
    assert in_machine(lift) == [("REL-24", 1, "")]

    # Nobody leaves with parts in the van.
    assert "still holds 2 pc REL-24" in deactivate(office, jana)
    assert jana.is_active

    # The job asks about the two that are left; they go back, and nothing moves yet.
    close(phone, job, relay, open_quantity=2)
    job.refresh_from_db()
    assert job.status == WorkOrderStatus.COMPLETED
    assert held(personal(jana)) == {"REL-24": 2, "REL-24 (old)": 1}

    # All of it stands ready to be returned. Handed over, it is hers until somebody confirms.
    press(phone, url("return_new"), **proposed(phone))
    document = Return.objects.get()
    assert document.status == ReturnStatus.HANDED_OVER
    assert held(personal(jana)) == {"REL-24": 2, "REL-24 (old)": 1}
    press(desk, url("return_confirm", document.pk))
    document.refresh_from_db()
    assert (document.status, held(personal(jana))) == (ReturnStatus.CHECKED_IN, {})
    assert OldPartDebt.objects.get().status == DebtStatus.CLOSED
    assert {move.target.kind for move in Move.objects.filter(source=personal(jana))} == {"customer", "supplier"}

    # Now she may leave.
    deactivate(office, jana)
    assert not jana.is_active


def test_automatic_approval_hands_out_at_once_and_confirmation_too(jana, as_user) -> None:
    relay, phone = PartFactory(number="REL-24"), as_user(jana)
    assert str(request(phone, relay, 2).fulfilment) == "confirmed"
    assert held(personal(jana)) == {"REL-24": 2}

    sent = proposed(phone)  # nothing is due yet: she ticks it herself
    ticks = {name.replace("-quantity", "-tick"): "on" for name in sent if name.endswith("-quantity")}
    press(phone, url("return_new"), **sent, **ticks)
    assert (Return.objects.get().status, held(personal(jana))) == (ReturnStatus.CHECKED_IN, {})
