"""Many ask, decide and hand out at once: the last units go to as many as there are, each decision is made once.

Each guard has its positive control: with the guard taken away, the same story goes wrong.
"""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from config.shared import transitions
from config.shared.errors import DomainError
from config.shared.models import AuditEvent
from inventory.domain import ledger
from inventory.enums import LocationKind
from inventory.models import Balance, Location, Part, Posting, Warehouse
from spareparts.domain import requisitions
from spareparts.domain.requisitions import fulfilling
from spareparts.enums import ApprovalMode, Fulfilment, Mode
from spareparts.models import Allocation, Grant, Issue, Requisition
from spareparts.queries import current_policy
from tests.factories.asking import act, depot, draft, sent, settings
from tests.factories.inventory import PartFactory
from tests.factories.workorders import TeamFactory, UserFactory
from tests.support.crowd import at_once
from tests.support.modes import in_mode
from tests.support.stock import held, put, shelf, staging
from workorders.models import User

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

CROWD = 64
Deed = Callable[[], Any]


def outcomes(deeds: list[Deed]) -> Counter[str]:
    """How often each outcome came when all start together; what is no refusal shows with its words."""
    results = at_once(deeds)
    return Counter(_outcome(each) for each in results)


def _outcome(result: Any) -> str:
    if isinstance(result, DomainError):
        return type(result).__name__
    return repr(result) if isinstance(result, Exception) else "done"


def on_screen(requisition: Requisition) -> Requisition:
    rows = Requisition.objects.select_related("engineer", "warehouse", "work_order")
    return rows.get(pk=requisition.pk)


def person(user: User) -> User:
    """As another request would read him."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def vienna(karl: User, lin: User) -> Warehouse:
    in_mode(Mode.ADVANCED)
    warehouse = depot("Vienna", karl, lin)
    staging(warehouse)  # as every warehouse has from its first day
    return warehouse


@pytest.fixture
def bearing(db: None) -> Part:
    return PartFactory(number="BRG-1")


@pytest.fixture
def crowd(db: None) -> list[User]:
    team = TeamFactory()
    return [UserFactory(name=f"Engineer {number}", is_engineer=True, team=team) for number in range(CROWD)]


def everything_of(part: Part, kind: LocationKind) -> int:
    rows = Balance.objects.filter(part=part, location__in=Location.objects.filter(kind=kind))
    return rows.aggregate(Sum("on_hand"))["on_hand__sum"] or 0


class TestTheLastUnits:
    """64 engineers ask for 10 each; 500 lie there."""

    def ask(self, crowd: list[User], *parts: Part) -> Counter[str]:
        drafts = [draft(engineer, *((part, 10) for part in parts)) for engineer in crowd]
        policy, at = current_policy(), timezone.now()

        def send(requisition: Requisition) -> None:
            seen = on_screen(requisition)
            requisitions.submit_requisition(seen, by=seen.engineer, at=at, key=uuid.uuid4(), policy=policy)

        return outcomes([lambda each=each: send(each) for each in drafts])

    def test_exactly_as_many_are_reserved_as_there_are(
        self, vienna: Warehouse, crowd: list[User], karl: User, bearing: Part
    ) -> None:
        put(shelf(vienna), bearing, 503, by=karl)

        assert self.ask(crowd, bearing) == {"done": CROWD}

        assert (held(shelf(vienna)), held(staging(vienna))) == ({}, {"BRG-1": 503})
        reserved = sorted(Grant.objects.values_list("reserved", flat=True), reverse=True)
        assert sum(reserved) == 503
        assert reserved == [10] * 50 + [3] + [0] * 13
        assert Allocation.objects.aggregate(Sum("quantity"))["quantity__sum"] == 503
        assert set(Requisition.objects.values_list("fulfilment", flat=True)) == {Fulfilment.PENDING_PICK_UP}

    def test_of_two_parts_too(self, vienna: Warehouse, crowd: list[User], karl: User, bearing: Part) -> None:
        belt = PartFactory(number="BLT-2")
        put(shelf(vienna), bearing, 95, by=karl)
        put(shelf(vienna), belt, 101, by=karl)
        assert self.ask(crowd, bearing, belt) == {"done": CROWD}
        assert held(staging(vienna)) == {"BLT-2": 101, "BRG-1": 95}

    def test_a_self_service_store_hands_out_what_there_is(self, crowd: list[User], karl: User, bearing: Part) -> None:
        in_mode(Mode.ADVANCED)
        store = depot("Store", karl, issues_on_approval=True)
        put(shelf(store), bearing, 500, by=karl)
        assert self.ask(crowd, bearing) == {"done": CROWD}
        assert everything_of(bearing, LocationKind.ENGINEER) == 500
        assert Issue.objects.count() == 50

    def test_with_the_second_look_the_same_moment_takes_all(
        self, vienna: Warehouse, crowd: list[User], karl: User, bearing: Part, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """All sixteen read "25 lie there" and want ten: two get ten, one the five that are left."""
        put(shelf(vienna), bearing, 25, by=karl)
        many = crowd[:16]
        race_into_the_same_moment(monkeypatch, len(many))
        assert self.ask(many, bearing) == {"done": len(many)}
        assert sorted(Grant.objects.values_list("reserved", flat=True))[-4:] == [0, 5, 10, 10]

    def test_control_with_one_look_at_the_same_moment_some_is_left(
        self, vienna: Warehouse, crowd: list[User], karl: User, bearing: Part, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fulfilling, "ATTEMPTS", 1)
        put(shelf(vienna), bearing, 25, by=karl)
        many = crowd[:16]
        race_into_the_same_moment(monkeypatch, len(many))
        assert self.ask(many, bearing) == {"done": len(many)}
        assert held(shelf(vienna)) == {"BRG-1": 5}


def race_into_the_same_moment(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Everybody reads the shelf before anybody takes from it."""
    start = threading.Barrier(number, timeout=60)
    waited = threading.local()
    look = fulfilling.propose

    def propose(*args: Any) -> Any:
        found = look(*args)
        if not getattr(waited, "once", False):
            waited.once = True
            start.wait()
        return found

    monkeypatch.setattr(fulfilling, "propose", propose)


class TestOneWins:
    """Two managers, and 64 screens, do the same at once."""

    @pytest.fixture
    def waiting(self, vienna: Warehouse, jana: User, karl: User, bearing: Part) -> Requisition:
        settings(requisition_approval=ApprovalMode.MANUAL)
        put(shelf(vienna), bearing, 500, by=karl)
        return sent(jana, (bearing, 5))

    def press(self, verb: str, requisition: Requisition, people: list[User], number: int, **facts: Any) -> Counter[str]:
        screens = [(on_screen(requisition), person(people[each % len(people)])) for each in range(number)]
        return outcomes([lambda pair=pair: act(verb, pair[0], by=pair[1], **facts) for pair in screens])

    def test_of_two_managers_one_approves(self, waiting: Requisition, vienna: Warehouse, karl: User, lin: User) -> None:
        assert self.press("approve", waiting, [karl, lin], 2) == {"done": 1, "IllegalTransition": 1}
        assert (held(staging(vienna)), Grant.objects.count()) == ({"BRG-1": 5}, 1)

    def test_of_64_one_approves(self, waiting: Requisition, vienna: Warehouse, karl: User, lin: User) -> None:
        assert self.press("approve", waiting, [karl, lin], CROWD) == {"done": 1, "IllegalTransition": CROWD - 1}
        assert held(staging(vienna)) == {"BRG-1": 5}
        assert AuditEvent.objects.filter(verb="requisition.approve").count() == 1

    def test_one_approves_or_the_other_rejects(
        self, waiting: Requisition, vienna: Warehouse, karl: User, lin: User
    ) -> None:
        one, two = on_screen(waiting), on_screen(waiting)
        deeds: list[Deed] = [
            lambda: act("approve", one, by=person(karl)),
            lambda: act("reject", two, by=person(lin), reason="no"),
        ]
        assert outcomes(deeds) == {"done": 1, "IllegalTransition": 1}
        is_approved = Requisition.objects.get(pk=waiting.pk).status == "approved"
        assert held(staging(vienna)) == ({"BRG-1": 5} if is_approved else {})

    @pytest.mark.parametrize(
        ("verb", "facts"), [("issue", {}), ("cancel_rest", {"reason": "x"}), ("pack", {}), ("reserve", {})]
    )
    def test_of_64_one_works_on_it(
        self,
        waiting: Requisition,
        vienna: Warehouse,
        karl: User,
        lin: User,
        bearing: Part,
        verb: str,
        facts: dict[str, Any],
    ) -> None:
        act("approve", waiting, by=karl)
        if verb == "reserve":
            act("undo_issue", act("issue", waiting, by=karl), by=karl)
            Grant.objects.update(granted=9)  # four more are open
            waiting = on_screen(waiting)
        found = self.press(verb, waiting, [karl, lin], CROWD, **facts)
        assert found == {"done": 1, "StaleDocument": CROWD - 1}
        assert AuditEvent.objects.filter(verb=f"requisition.{verb}").count() == 1
        assert everything_of(bearing, LocationKind.ENGINEER) == (5 if verb == "issue" else 0)
        assert held(staging(vienna)) == {"issue": {}, "cancel_rest": {}, "reserve": {"BRG-1": 9}}.get(
            verb, {"BRG-1": 5}
        )

    def test_of_64_one_takes_an_issue_back(
        self, waiting: Requisition, vienna: Warehouse, karl: User, bearing: Part
    ) -> None:
        act("approve", waiting, by=karl)
        issue = act("issue", waiting, by=karl)
        screens = [Issue.objects.select_related("requisition").get(pk=issue.pk) for _each in range(CROWD)]
        found = outcomes([lambda each=each: act("undo_issue", each, by=person(karl)) for each in screens])
        assert found == {"done": 1, "StaleDocument": CROWD - 1}
        assert held(staging(vienna)) == {"BRG-1": 5}

    @pytest.mark.usefixtures("planted_drift")
    def test_control_without_the_claim_many_get_through(
        self, waiting: Requisition, karl: User, lin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(transitions, "_claim", lambda document, row, changes: None)
        monkeypatch.setattr(fulfilling, "reserve", lambda *args, **facts: [])
        monkeypatch.setattr(Grant.objects, "bulk_create", lambda rows: rows)
        assert self.press("approve", waiting, [karl, lin], 8)["done"] > 1

    def test_one_key_is_one_posting(self, waiting: Requisition, karl: User, jana: User) -> None:
        """A replay of the winner's own request: the ledger has the key already."""
        act("approve", waiting, by=karl)
        key = uuid.uuid4()
        found = self.press("issue", waiting, [karl], 8, key=key)
        assert found == {"done": 1, "StaleDocument": 7}
        assert Posting.objects.filter(key=key).count() == 1


class TestOverOneShelf:
    def test_reserving_cancelling_and_swapping_cross_without_a_deadlock(
        self, vienna: Warehouse, crowd: list[User], karl: User
    ) -> None:
        """Half of them give up ten lines while the other half asks for the same ten, in opposite orders."""
        parts = [PartFactory() for _each in range(10)]
        for part in parts:
            put(shelf(vienna), part, 1000, by=karl)
        half = CROWD // 4
        given_up = [sent(engineer, *((part, 3) for part in parts)) for engineer in crowd[:half]]
        asked = [draft(engineer, *((part, 3) for part in reversed(parts))) for engineer in crowd[half : 2 * half]]
        deeds: list[Deed] = []
        for one, two in zip(map(on_screen, given_up), map(on_screen, asked), strict=True):
            deeds.append(lambda one=one: act("cancel_rest", one, by=one.engineer, reason="x"))
            deeds.append(lambda two=two: act("submit", two, by=two.engineer))
        assert outcomes(deeds) == {"done": 2 * half}
        assert set(held(staging(vienna)).values()) == {3 * half}

    def test_the_ledger_says_who_was_quicker_in_plain_words(
        self, vienna: Warehouse, jana: User, karl: User, lin: User, bearing: Part
    ) -> None:
        """At the counter there is no back-order: the second is told what is left."""
        put(shelf(vienna), bearing, 3, by=karl)
        policy, at = current_policy(), timezone.now()

        def serve(by: User) -> Requisition:
            return requisitions.issue_at_counter(
                engineer=jana,
                by=by,
                at=at,
                key=uuid.uuid4(),
                policy=policy,
                warehouse=vienna,
                parts=[requisitions.CounterPart(bearing, 2)],
            )

        people = [person(karl), person(lin)]
        results = at_once([lambda each=each: serve(each) for each in people])
        refusals = [each for each in results if isinstance(each, ledger.NotEnoughStock)]
        assert [each.messages for each in refusals] == [
            ["BRG-1: Vienna · Warehouse shelf has 1 pc, you asked for 2 pc."]
        ]
        assert everything_of(bearing, LocationKind.ENGINEER) == 2
