"""Many act on one return, or on the parts it names: every outcome is one that could have come in a row."""

import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from config.shared import transitions
from config.shared.errors import DomainError
from inventory.domain.errors import NotEnoughStock
from inventory.models import Part, Warehouse
from spareparts.domain.consumption import UsedPart, record_consumption
from spareparts.domain.returns import Inspected, check_in_return, hand_over_return, preparing
from spareparts.domain.returns.preparing import NothingLeft
from spareparts.enums import Mode, ReturnStatus
from spareparts.models import Consumption, Return
from spareparts.queries import current_policy
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.returns import handed_over, prepared
from tests.factories.workorders import WorkOrderFactory
from tests.support.crowd import at_once
from tests.support.modes import in_mode
from tests.support.stock import held, personal, put, shelf, transit
from workorders.models import User, WorkOrder

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

CROWD = 16


def outcomes(deeds: list[Callable[[], Any]]) -> Counter[str]:
    results = at_once(deeds)
    return Counter(type(each).__name__ if isinstance(each, Exception) else "done" for each in results)


def only_refusals(found: Counter[str]) -> bool:
    known = {each.__name__ for each in _below(DomainError)}
    return set(found) - {"done"} <= known


def _below(kind: type) -> set[type]:
    return {kind} | {each for child in kind.__subclasses__() for each in _below(child)}


@pytest.fixture
def vienna(karl: User) -> Warehouse:
    in_mode(Mode.ADVANCED)
    warehouse = WarehouseFactory(name="Vienna", is_default=True)
    warehouse.managers.add(karl)
    return warehouse


@pytest.fixture
def board(vienna: Warehouse) -> Part:
    return PartFactory(number="PCB-4471")


def counting(document: Return, by: User) -> Callable[[], None]:
    """One desk's press, with what it has read before."""
    lines = [Inspected(row, row.quantity) for row in document.lines.select_related("part__unit")]
    fresh = Return.objects.select_related("engineer", "warehouse").get(pk=document.pk)
    facts: dict[str, Any] = {"by": by, "at": timezone.now(), "policy": current_policy()}
    return lambda: check_in_return(fresh, key=uuid.uuid4(), lines=lines, **facts)


def handing(document: Return) -> Callable[[], None]:
    fresh = Return.objects.select_related("engineer", "warehouse").get(pk=document.pk)
    facts: dict[str, Any] = {"by": fresh.engineer, "at": timezone.now(), "policy": current_policy()}
    return lambda: hand_over_return(fresh, key=uuid.uuid4(), **facts)


def using(job: WorkOrder, part: Part, quantity: int = 1) -> Callable[[], Consumption]:
    facts: dict[str, Any] = {"engineer": job.lead, "by": job.lead, "at": timezone.now(), "policy": current_policy()}
    return lambda: record_consumption(job, key=uuid.uuid4(), lines=[UsedPart(part, quantity)], **facts)


class TestCheckIn:
    def crowd(self, jana: User, karl: User, board: Part, *, is_prepared: bool) -> Counter[str]:
        put(personal(jana), board, 3, by=jana)
        document = (prepared if is_prepared else handed_over)(jana, (board, 3))
        return outcomes([counting(document, karl) for _each in range(CROWD)])

    @pytest.mark.parametrize("is_prepared", [False, True])
    def test_one_of_many_counts(self, jana: User, karl: User, vienna: Warehouse, board: Part, *, is_prepared: bool):
        found = self.crowd(jana, karl, board, is_prepared=is_prepared)
        assert found["done"] == 1
        assert only_refusals(found)
        assert (held(shelf(vienna)), held(transit(vienna)), held(personal(jana))) == ({"PCB-4471": 3}, {}, {})

    def test_without_the_claim_more_than_one_would_try(
        self, jana: User, karl: User, board: Part, monkeypatch: pytest.MonkeyPatch
    ):
        """The positive control: the ledger alone still refuses, but it is the ledger that has to."""

        def no_claim(document: Any, row: Any, changes: dict[str, Any]) -> None:
            manager = type(document)._base_manager
            manager.filter(pk=document.pk).update(status=row.target, **changes)

        monkeypatch.setattr(transitions, "_claim", no_claim)
        found = self.crowd(jana, karl, board, is_prepared=False)
        assert found[NotEnoughStock.__name__] > 0

    def test_the_desk_and_the_engineer_press_at_once(self, jana: User, karl: User, vienna: Warehouse, board: Part):
        put(personal(jana), board, 3, by=jana)
        document = prepared(jana, (board, 3))
        found = outcomes([counting(document, karl), handing(document)])
        assert found["done"] == 1
        assert only_refusals(found)
        document.refresh_from_db()
        where = {ReturnStatus.CHECKED_IN: shelf(vienna), ReturnStatus.HANDED_OVER: transit(vienna)}
        assert held(where[ReturnStatus(document.status)]) == {"PCB-4471": 3}


class TestHandOver:
    def test_the_last_piece_is_used_or_returned_never_both(self, jana: User, vienna: Warehouse, board: Part):
        job = WorkOrderFactory(lead=jana)
        for _round in range(10):
            put(personal(jana), board, 1, by=jana)
            document = prepared(jana, (board, 1))
            found = outcomes([handing(document), using(job, board)])
            assert found["done"] == 1
            assert only_refusals(found)
            assert held(personal(jana)) == {}
        used_up = Consumption.objects.count()
        assert held(transit(vienna)).get("PCB-4471", 0) + used_up == 10

    def test_what_is_used_meanwhile_makes_it_smaller(self, jana: User, vienna: Warehouse, board: Part):
        job = WorkOrderFactory(lead=jana)
        put(personal(jana), board, 8, by=jana)
        document = prepared(jana, (board, 8))
        found = outcomes([handing(document), *(using(job, board) for _each in range(4))])
        assert only_refusals(found)
        document.refresh_from_db()
        assert document.status == ReturnStatus.HANDED_OVER
        line = document.lines.get()
        assert line.quantity == held(transit(vienna))["PCB-4471"] == 8 - Consumption.objects.count()

    def test_without_looking_again_the_hand_over_would_be_refused(
        self, jana: User, vienna: Warehouse, board: Part, monkeypatch: pytest.MonkeyPatch
    ):
        """The positive control: parts are used between the reading and the posting."""
        job = WorkOrderFactory(lead=jana)
        put(personal(jana), board, 2, by=jana)
        document = prepared(jana, (board, 2))
        real, calls = preparing.cap, []

        def cap_and_use(*args: Any) -> Any:
            answer = real(*args)
            if not calls:
                calls.append(1)
                (outcome,) = at_once([using(job, board)])
                assert isinstance(outcome, Consumption)
            return answer

        monkeypatch.setattr(preparing, "cap", cap_and_use)
        with monkeypatch.context() as without:
            without.setattr(preparing, "ATTEMPTS", 1)
            assert outcomes([handing(document)]) == {NotEnoughStock.__name__: 1}
        calls.clear()
        put(personal(jana), board, 1, by=jana)
        assert outcomes([handing(document)]) == {"done": 1}
        assert document.lines.get().quantity == 1

    def test_two_returns_of_the_same_part(self, jana: User, vienna: Warehouse, board: Part):
        put(personal(jana), board, 3, by=jana)
        both = [prepared(jana, (board, 3)) for _each in range(2)]
        found = outcomes([handing(document) for document in both])
        assert found == {"done": 1, NothingLeft.__name__: 1}
        assert held(transit(vienna)) == {"PCB-4471": 3}
