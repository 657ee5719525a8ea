"""Two people at once over one hand-over or one count: one wins, the other is told."""

import uuid
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from config.shared import transitions
from config.shared.models import AuditEvent
from spareparts.domain import counts, hand_overs
from spareparts.domain.counts import CountedPart
from spareparts.domain.handed import HandedPart
from spareparts.enums import Mode
from spareparts.models import HandOver, StockCount
from spareparts.queries import current_policy
from tests.factories.inventory import PartFactory
from tests.factories.personal import finished, gives, lost, offered, opened
from tests.factories.workorders import UserFactory
from tests.support.crowd import at_once
from tests.support.modes import in_mode
from tests.support.stock import held, personal
from workorders.domain.people import deactivate_person
from workorders.models import User

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
CROWD = 16


@pytest.fixture(autouse=True)
def in_standard(transactional_db):
    return in_mode(Mode.STANDARD)


@pytest.fixture
def bearing(jana):
    part = PartFactory(number="BRG-1", unit_cost=Decimal("8.40"))
    gives(jana, part, 6)
    return part


def outcomes(deeds) -> Counter[str]:
    return Counter("done" if result is None else type(result).__name__ for result in at_once(deeds))


def accept(pk, by):
    """As if the page had been opened before everybody started."""
    seen = HandOver.objects.select_related("sender", "receiver").get(pk=pk)

    def deed() -> None:
        policy = current_policy()
        hand_overs.accept_hand_over(seen, by=by, at=timezone.now(), key=uuid.uuid4(), policy=policy)

    return deed


class TestOneOffer:
    def crowd(self, jana, tom, bearing) -> Counter[str]:
        pk = offered(jana, tom, HandedPart(bearing, 2)).pk
        return outcomes([accept(pk, tom) for _one in range(CROWD)])

    def test_is_accepted_once(self, jana, tom, bearing) -> None:
        found = self.crowd(jana, tom, bearing)
        assert found.pop("done") == 1
        assert sum(found.values()) == CROWD - 1
        assert set(found) <= {"IllegalTransition", "StaleDocument"}
        assert held(personal(tom)) == {"BRG-1": 2}
        assert AuditEvent.objects.filter(verb="handover.accept").count() == 1

    @pytest.mark.usefixtures("planted_drift")
    def test_control_without_the_claim_parts_move_again(self, jana, tom, bearing, monkeypatch) -> None:
        monkeypatch.setattr(transitions, "_claim", lambda document, row, changes: None)
        assert self.crowd(jana, tom, bearing)["done"] > 1
        assert held(personal(tom))["BRG-1"] > 2


def test_two_offers_of_the_same_parts_never_give_more_than_there_is(jana, tom, bearing) -> None:
    others = [UserFactory(name=f"Engineer {number}", is_engineer=True) for number in range(4)]
    offers = [offered(jana, person, HandedPart(bearing, 2)).pk for person in others]

    found = outcomes([accept(pk, person) for pk, person in zip(offers, others, strict=True)])

    assert found == {"done": 3, "NoLongerThere": 1}
    assert held(personal(jana)) == {}


def test_used_and_accepted_at_once(jana, tom, bearing) -> None:
    """Five are offered and two get lost: whichever comes second is refused, and nothing is torn."""
    pk = offered(jana, tom, HandedPart(bearing, 5)).pk

    found = outcomes([accept(pk, tom), lambda: (lost(jana, bearing, 2), None)[1]])

    assert found["done"] == 1
    assert set(found) - {"done"} <= {"NoLongerThere", "NotEnoughStock"}
    left = held(personal(jana)).get("BRG-1", 0) + held(personal(tom)).get("BRG-1", 0)
    assert left in (4, 6)


def test_accepted_and_withdrawn_at_once(jana, tom, bearing) -> None:
    pk = offered(jana, tom, HandedPart(bearing, 2)).pk
    mine = HandOver.objects.get(pk=pk)

    found = outcomes(
        [
            accept(pk, tom),
            lambda: hand_overs.withdraw_hand_over(mine, by=jana, at=timezone.now(), policy=current_policy()),
        ]
    )

    assert found["done"] == 1
    status = HandOver.objects.get(pk=pk).status
    assert (status, held(personal(tom))) in (("accepted", {"BRG-1": 2}), ("withdrawn", {}))


def test_two_managers_approve_one_count(jana, karl, lin, bearing) -> None:
    in_mode(Mode.STANDARD, count_limit=Decimal("0.00"))
    pk = finished(opened(jana), CountedPart(bearing, 4, reason="Stolen")).pk

    def approve(by: User):
        seen = StockCount.objects.select_related("location").get(pk=pk)
        return lambda: counts.approve_count(seen, by=by, at=timezone.now(), key=uuid.uuid4(), policy=current_policy())

    found = outcomes([approve(person) for person in (karl, lin) * 4])

    assert found["done"] == 1
    assert held(personal(jana)) == {"BRG-1": 4}


def test_two_tabs_open_one_count(jana, bearing) -> None:
    def begin() -> None:
        opened(jana)

    assert outcomes([begin] * 8) == {"done": 1, "CountOpen": 7}


def test_nobody_leaves_while_parts_are_moved_to_him(jana, tom, eva, ada, bearing) -> None:
    """Whoever is second sees what the first did: nobody who may not sign in holds anything."""

    def move() -> None:
        hand_overs.move_holdings(
            sender=jana, receiver=tom, by=eva, at=timezone.now(), key=uuid.uuid4(), policy=current_policy(),
            parts=[HandedPart(bearing, 1)], reason="Sick",
        )  # fmt: skip

    found = outcomes([move, lambda: deactivate_person(tom, by=ada, at=timezone.now(), reason="Leaves")])

    assert found["done"] == 1
    tom.refresh_from_db()
    assert tom.is_active == bool(held(personal(tom)))
