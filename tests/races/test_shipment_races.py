"""Two people ship, receive and settle the same at the same moment: one of them did it, and nobody waits for ever."""

import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import Sum

from config.shared import transitions
from inventory.domain import ledger
from inventory.models import Part, Posting, Warehouse
from spareparts.domain import shipments as domain
from spareparts.domain.shipments import Arrived, receiving, sending
from spareparts.enums import Mode
from spareparts.models import Allocation, Discrepancy, Grant, Requisition, Shipment
from spareparts.queries import current_policy
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.requisitions import approved_requisition
from tests.factories.workorders import UserFactory
from tests.support.crowd import at_once
from tests.support.modes import in_mode
from tests.support.stock import held, personal, transit
from workorders.models import User

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
CROWD = 16


class Company:
    """Vienna ships to Jana; as many managers as there are screens."""

    def __init__(self) -> None:
        in_mode(Mode.ADVANCED)
        self.jana: User = UserFactory(name="Jana Novak", is_engineer=True)
        self.managers: list[User] = [UserFactory(is_warehouse_manager=True) for _one in range(CROWD)]
        self.vienna: Warehouse = WarehouseFactory()
        self.vienna.managers.set(self.managers)
        self.karl = self.managers[0]

    def approved(self, *parts: tuple[Part, int], engineer: User | None = None) -> Requisition:
        return approved_requisition(engineer or self.jana, self.vienna, *parts, by=self.karl, at=AT)

    def facts(self, by: User) -> dict[str, Any]:
        return {"by": by, "at": AT, "key": uuid.uuid4(), "policy": current_policy()}

    def shipping(self, by: User, *requisitions: Requisition) -> Callable[[], object]:
        """The button of one screen: the requests were read before anybody pressed."""
        rows = [Requisition.objects.get(pk=each.pk) for each in requisitions]
        facts = self.facts(by)
        return lambda: domain.create_shipments(rows, **facts)

    def sent(self, requisition: Requisition) -> Shipment:
        made: list[Shipment] = self.shipping(self.karl, requisition)()  # type: ignore[assignment]
        return made[0]

    def receiving(self, shipment: Shipment, **said: int) -> Callable[[], object]:
        row, facts = Shipment.objects.get(pk=shipment.pk), self.facts(self.jana)
        lines = [Arrived(line, **({"received": line.quantity} | said)) for line in row.lines.all()]
        return lambda: domain.receive_shipment(row, **facts, lines=lines)


@pytest.fixture
def company(transactional_db: None) -> Company:
    return Company()


def outcomes(results: list[Any]) -> Counter[str]:
    return Counter(type(each).__name__ if isinstance(each, Exception) else "done" for each in results)


TOO_LATE = {"StaleDocument", "IllegalTransition", "ReservationGone", "NothingToShip"}


class TestOneWins:
    def test_many_ship_the_same_request(self, company: Company):
        bearing = PartFactory()
        requisition = company.approved((bearing, 10))
        found = outcomes(at_once([company.shipping(each, requisition) for each in company.managers]))
        assert (found["done"], sum(found[name] for name in TOO_LATE)) == (1, CROWD - 1)
        assert (Shipment.objects.count(), held(transit(company.vienna))) == (1, {bearing.number: 10})
        assert Grant.objects.values_list("reserved", "shipped").get() == (0, 10)

    def test_without_the_claim_they_would_all_try(self, company: Company, monkeypatch: pytest.MonkeyPatch):
        """The positive control: the crowd is there at once, and only the last guard, the ledger, is left."""
        requisition = company.approved((PartFactory(), 10))
        presses = [company.shipping(each, requisition) for each in company.managers]
        monkeypatch.setattr(sending, "transition", lambda *args, **kwargs: nullcontext())
        found = outcomes(at_once(presses))
        assert found["IntegrityError"] + found["NotEnoughStock"] + found["StockBusy"] + found["OperationalError"] > 0
        assert found.keys() - {"done", *TOO_LATE} != set()

    def test_many_receive_the_same_shipment(self, company: Company):
        bearing = PartFactory()
        shipment = company.sent(company.approved((bearing, 10)))
        found = outcomes(at_once([company.receiving(shipment, received=4) for _one in range(CROWD)]))
        assert (found["done"], sum(found[name] for name in TOO_LATE)) == (1, CROWD - 1)
        assert held(personal(company.jana)) == {bearing.number: 4}
        assert shipment.lines.get().received == 4

    def test_without_its_claim_it_would_be_received_again(self, company: Company, monkeypatch: pytest.MonkeyPatch):
        """The positive control: with versions forgotten, two parts of the parcel arrive twice."""
        shipment = company.sent(company.approved((PartFactory(), 64)))
        presses = [company.receiving(shipment, received=4) for _one in range(CROWD)]
        claim = transitions._claim

        def forgetful(document: Any, row: Any, changes: dict[str, Any]) -> None:
            document.version = type(document)._base_manager.values_list("version", flat=True).get(pk=document.pk)
            claim(document, row, changes)

        monkeypatch.setattr(transitions, "_claim", forgetful)
        monkeypatch.setattr(receiving, "_lock", lambda shipment, *, by, at: None)
        assert outcomes(at_once(presses))["done"] > 1

    def test_approved_cancelled_at_once(self, company: Company):
        in_mode(Mode.ADVANCED, shipment_approval=True)
        bearing = PartFactory()
        shipment = company.sent(company.approved((bearing, 10)))
        presses: list[Callable[[], object]] = []
        for manager in company.managers[1:9]:
            rows = [Shipment.objects.get(pk=shipment.pk) for _two in range(2)]
            facts = company.facts(manager)
            plain = {name: facts[name] for name in ("by", "at", "policy")}
            presses.append(lambda row=rows[0], facts=facts: domain.approve_shipment(row, **facts))
            presses.append(lambda row=rows[1], plain=plain: domain.cancel_shipment(row, **plain, reason="x"))
        assert outcomes(at_once(presses))["done"] == 1
        status = Shipment.objects.get().status
        left = held(transit(company.vienna))
        assert (status, left) in [("shipped", {bearing.number: 10}), ("cancelled", {})]
        assert Allocation.objects.exists() == (status == "cancelled")

    def test_settled_by_many(self, company: Company):
        shipment = company.sent(company.approved((PartFactory(), 10)))
        company.receiving(shipment, received=8, short=2)()
        found_row = Discrepancy.objects.get()
        presses: list[Callable[[], object]] = []
        for number, manager in enumerate(company.managers[1:]):
            row, facts = Discrepancy.objects.get(pk=found_row.pk), company.facts(manager)
            outcome = ["back", "lost", "booked"][number % 3]
            presses.append(
                lambda row=row, facts=facts, outcome=outcome: domain.settle_discrepancy(
                    row, **facts, outcome=outcome, reason="x"
                )
            )
        assert outcomes(at_once(presses))["done"] == 1
        assert held(transit(company.vienna)) == {}

    def test_settled_while_the_rest_is_received(self, company: Company):
        """What was booked in meanwhile is not received a second time."""
        for _round in range(3):
            shipment = company.sent(company.approved((PartFactory(), 10)))
            company.receiving(shipment, received=4, short=2)()
            found, facts = Discrepancy.objects.latest("pk"), company.facts(company.managers[1])
            results = at_once(
                [
                    company.receiving(shipment, received=4),
                    lambda found=found, facts=facts: domain.settle_discrepancy(
                        found, **facts, outcome="booked", reason="x"
                    ),
                ]
            )
            assert outcomes(results) == {"done": 2}
            assert list(shipment.lines.values_list("received", "settled")) == [(10, 0)]


class TestNoDeadlock:
    """Shipments over shared requests and shared parts, in opposite orders."""

    PARTS = 6

    def orders(self, company: Company) -> list[list[Requisition]]:
        """Each of four selections ships to two engineers, so it is split; all hold the same parts."""
        parts = [PartFactory() for _one in range(self.PARTS)]
        engineers = [UserFactory(is_engineer=True) for _two in range(2)]
        selections = []
        for number in range(4):
            turned = parts if number % 2 else parts[::-1]
            half = self.PARTS // 2
            ways = zip(engineers if number % 2 else engineers[::-1], (turned[:half], turned[half:]), strict=True)
            selections.append([company.approved(*[(each, 2) for each in way], engineer=who) for who, way in ways])
        return selections

    def ship_all(self, company: Company) -> list[Any]:
        presses = [
            company.shipping(company.managers[number], *(rows if number % 2 else rows[::-1]))
            for number, rows in enumerate(self.orders(company))
        ]
        return at_once(presses)

    def test_split_shipments_of_the_same_parts_do_not_cross(self, company: Company):
        for _round in range(4):
            assert outcomes(self.ship_all(company)) == {"done": 4}
        assert Shipment.objects.count() == Posting.objects.filter(reason="shipment").count() == 4 * 8

    def test_posted_one_after_the_other_they_would(self, company: Company, monkeypatch: pytest.MonkeyPatch):
        """The positive control: with a posting for each parcel in turn, the database has to end some of them."""

        def in_turn(events: Any, *, by: Any, at: Any) -> None:
            for event in events:
                ledger.post(
                    reason=event.reason, reference=event.reference, lines=event.lines, by=by, at=at, key=event.key
                )
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.05)")

        class Turned:
            post_together = staticmethod(in_turn)
            Line, Event = ledger.Line, ledger.Event

        monkeypatch.setattr(sending, "ledger", Turned)
        crossed = 0
        for _round in range(6):
            if not crossed:
                crossed = outcomes(self.ship_all(company))["StockBusy"]
        assert crossed > 0

    def test_shared_requests_in_opposite_orders(self, company: Company):
        """Everybody selects the same requests, half of them the other way round: each is shipped once."""
        parts = [PartFactory() for _one in range(3)]
        for _round in range(2):
            rows = [company.approved(*[(each, 1) for each in parts]) for _one in range(4)]
            presses = [
                company.shipping(manager, *(rows if number % 2 else rows[::-1]))
                for number, manager in enumerate(company.managers)
            ]
            results = at_once(presses)
            assert outcomes(results)["done"] == 1
            assert not any(isinstance(each, OperationalError) for each in results)
        assert Grant.objects.aggregate(shipped=Sum("shipped"))["shipped"] == 2 * 4 * 3

    def test_shipped_and_received_at_once(self, company: Company):
        """One request is shipped on while what was sent before arrives: both, in either order, or told to look."""
        for _round in range(4):
            bearing = PartFactory()
            requisition = company.approved((bearing, 10))
            row = Allocation.objects.get(grant__line__requisition=requisition)
            first = domain.create_shipments(
                [Requisition.objects.get(pk=requisition.pk)], **company.facts(company.karl), quantities={row.pk: 4}
            )[0]
            presses = [company.shipping(company.karl, requisition), company.receiving(first)]
            found = outcomes(at_once(presses))
            assert found["done"] + found["StaleDocument"] == 2
            assert held(personal(company.jana))[bearing.number] == 4
