"""Nobody leaves with parts in his van."""

import uuid
from datetime import UTC, datetime

import pytest

from inventory.enums import Condition
from spareparts.domain.consumption import UsedPart
from spareparts.domain.hand_overs import undo_hand_over
from spareparts.domain.handed import HandedPart
from spareparts.enums import DebtStatus, Mode, OldPartAnswer
from spareparts.models import OldPartDebt
from spareparts.queries import current_policy
from tests.factories.inventory import PartFactory
from tests.factories.personal import accepted, gives, lost, offered
from tests.factories.spareparts import used
from tests.factories.workorders import WorkOrderFactory
from tests.spareparts.helpers import refused
from tests.support.modes import in_mode
from workorders.domain.people import NotYetSettled, deactivate_person

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
pytestmark = [pytest.mark.usefixtures("standard")]


def leave(person, by):
    deactivate_person(person, by=by, at=NOON, reason="Leaves")


@pytest.fixture
def owing(jana):
    """Jana used a pump whose old one comes back; she has it with her."""
    pump = PartFactory(number="PMP-1", old_part_rule="always")
    gives(jana, pump)
    line = UsedPart(pump, 1, old_part_answer=OldPartAnswer.RETURNING, old_part=pump)
    used(WorkOrderFactory(lead=jana), line)
    return OldPartDebt.objects.get()


def test_what_is_held_is_said_with_the_way_out(jana, ada) -> None:
    parts = [PartFactory(number=f"BRG-{number}") for number in range(7)]
    for part in parts:
        gives(jana, part, 2)
    with refused(NotYetSettled) as caught:
        leave(jana, ada)
    assert caught.value.messages == [
        "Jana Novak still holds 2 pc BRG-0, 2 pc BRG-1, 2 pc BRG-2, 2 pc BRG-3, 2 pc BRG-4, 2 more."
        f' <a href="/holdings/{jana.pk}/move/everything/">Hand everything over to a colleague</a>'
    ]
    for part in parts:
        lost(jana, part, 2)
    leave(jana, ada)
    assert not jana.is_active


def test_the_link_works_where_the_refusal_is_shown(as_user, jana, ada) -> None:
    gives(jana, PartFactory(number="BRG-1"))
    data = {"action": "deactivate", "confirmed": "1", "_selected_action": str(jana.pk), "reason": "Leaves"}
    page = as_user(ada).post("/admin/workorders/user/", data, follow=True)
    assert "still holds 1 pc BRG-1" in page.text
    assert f'<a href="/holdings/{jana.pk}/move/everything/">' in page.text
    jana.refresh_from_db()
    assert jana.is_active


def test_what_is_owed_too(jana, ada, owing) -> None:
    with refused(NotYetSettled) as caught:
        leave(jana, ada)
    assert caught.value.messages[1] == (
        f"Jana Novak still owes {owing.reference} (PMP-1). Let them come back, or waive them."
    )


def test_a_debt_goes_with_its_old_part(jana, tom, ada, owing) -> None:
    document = offered(jana, tom, HandedPart(owing.part, 1, Condition.OLD))
    accepted(document)
    owing.refresh_from_db()
    assert (owing.engineer, owing.status) == (tom, DebtStatus.HELD)
    leave(jana, ada)


def test_an_undo_brings_the_debt_back(jana, tom, owing) -> None:
    document = accepted(offered(jana, tom, HandedPart(owing.part, 1, Condition.OLD), at=NOON), at=NOON)
    undo_hand_over(document, by=tom, at=NOON, key=uuid.uuid4(), policy=current_policy())
    owing.refresh_from_db()
    assert owing.engineer == jana


def test_a_lost_old_part_stays_a_debt(jana, owing) -> None:
    lost(jana, owing.part, condition=Condition.OLD)
    owing.refresh_from_db()
    assert owing.status == DebtStatus.HELD


def test_without_the_plugin_nothing_holds_anybody(jana, ada) -> None:
    gives(jana, PartFactory())
    in_mode(Mode.STANDARD, is_enabled=False)
    leave(jana, ada)
    assert not jana.is_active
