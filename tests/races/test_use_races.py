"""Where engineers hold parts: the last one is used once, and a job does not end under an issue nobody answered."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from inventory.models import Balance, Part
from spareparts.domain.closing import PartAnswer, answer_open_parts
from spareparts.domain.consumption import BadLines, UsedPart
from spareparts.domain.debts import decide_exception
from spareparts.domain.undo import undo_consumption
from spareparts.enums import Mode
from spareparts.models import Consumption, KeptPart, OldPartDebt
from spareparts.queries import current_policy
from spareparts.queries.open_parts import open_for_job
from tests.factories.inventory import PartFactory
from tests.factories.issued import issued
from tests.factories.spareparts import used
from tests.factories.workorders import UserFactory, WorkOrderFactory
from tests.spareparts.use.helpers import swapped
from tests.support.crowd import at_once
from tests.support.modes import in_mode
from tests.support.stock import held, personal, put
from workorders.models import User, WorkOrder

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
CROWD = 16
Deed = Callable[[], Any]


@pytest.fixture
def jana(transactional_db: None) -> User:
    in_mode(Mode.STANDARD)
    return UserFactory(name="Jana Novak", is_engineer=True)


@pytest.fixture
def relay(transactional_db: None) -> Part:
    return PartFactory(number="REL-24")


def outcomes(deeds: list[Deed]) -> dict[str, int]:
    found: dict[str, int] = {}
    for result in at_once(deeds):
        name = type(result).__name__ if isinstance(result, Exception) else "done"
        found[name] = found.get(name, 0) + 1
    return found


def test_the_same_last_part_on_two_jobs_at_once(jana: User, relay: Part) -> None:
    put(personal(jana), relay, 1, by=jana)
    jobs = [WorkOrderFactory(lead=jana) for _each in range(2)]

    results = at_once([lambda job=job: used(job, relay) for job in jobs])

    told = [each for each in results if isinstance(each, BadLines)]
    assert len(told) == 1
    assert told[0].messages == ["Line 1, REL-24: Jana Novak holds 0 pc, and 1 pc are needed."]
    assert Consumption.objects.count() == 1
    assert held(personal(jana)) == {}


def test_many_jobs_share_few_parts_in_opposite_orders(jana: User, relay: Part) -> None:
    """No deadlock, and never more than there is: five of each part, used two by two in both orders."""
    fuse = PartFactory(number="FUSE-10")
    for part in (relay, fuse):
        put(personal(jana), part, 5, by=jana)
    jobs = [WorkOrderFactory(lead=jana) for _each in range(CROWD)]
    orders = [(relay, fuse), (fuse, relay)]

    found = outcomes([lambda job=job, n=n: used(job, *orders[n % 2]) for n, job in enumerate(jobs)])

    assert found == {"done": 5, "BadLines": CROWD - 5}
    assert held(personal(jana)) == {}


def test_undo_while_the_exception_is_decided(jana: User, relay: Part) -> None:
    """Either the debt is void, or the decision came first and the undo took it with it; never half of it."""
    eva = UserFactory(name="Eva Lang", is_service_manager=True)
    put(personal(jana), relay, 1, by=jana)
    document = used(WorkOrderFactory(lead=jana), swapped(relay))
    policy, now = current_policy(), timezone.now()

    def decide() -> None:
        debt = OldPartDebt.objects.get()
        decide_exception(debt, by=eva, at=now, policy=policy, decision="waive", reason="Worth nothing")

    def undo() -> None:
        undo_consumption(Consumption.objects.get(pk=document.pk), by=jana, at=now, key=uuid.uuid4(), policy=policy)

    results = at_once([decide, undo])

    status = OldPartDebt.objects.get().status
    if isinstance(results[1], Exception):
        assert (type(results[1]).__name__, status) == ("StaleDocument", "waived")
        assert held(personal(jana)) == {"REL-24 (old)": 1}
    else:
        assert status == "void"
        assert held(personal(jana)) == {"REL-24": 1}


def test_one_answer_for_what_is_open(jana: User, relay: Part) -> None:
    job = WorkOrderFactory(lead=jana)
    issued(job, relay, 2, engineer=jana)
    (row,) = open_for_job(job)
    policy = current_policy()

    def answer() -> None:
        answer_open_parts(
            WorkOrder.objects.get(pk=job.pk),
            engineer=jana,
            by=jana,
            at=timezone.now(),
            key=uuid.uuid4(),
            policy=policy,
            answers=[PartAnswer(row, UsedPart(relay, 1))],
        )

    assert outcomes([answer] * 8) == {"done": 1, "StaleDocument": 7}
    assert (Consumption.objects.count(), KeptPart.objects.count()) == (1, 1)
    assert Balance.objects.get(location=personal(jana), part=relay).on_hand == 1
