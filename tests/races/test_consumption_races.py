"""Many act on one consumption, job or setting at once: every outcome is one that could have come in a row.

Each guard has its positive control: with the guard taken away, the same story goes wrong.
"""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from config.shared import transitions
from config.shared.errors import DomainError
from config.shared.models import AuditEvent, RequestKey
from inventory.domain import ledger
from inventory.models import Move, Posting
from spareparts.domain import modes, undo
from spareparts.domain.consumption import UsedPart, document
from spareparts.enums import ConsumptionStatus, OldPartAnswer
from spareparts.models import Consumption, EquipmentPart
from spareparts.queries import current_policy
from tests.factories.inventory import PartFactory
from tests.factories.spareparts import EquipmentPartFactory, used
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.spareparts.helpers import in_machine
from workorders.domain import work_orders
from workorders.models import User, WorkOrder

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SOON = NOON + timedelta(minutes=5)
CROWD = 64
Deed = Callable[[], Any]


def race(deeds: list[Deed]) -> Counter[str]:
    """All deeds start together; how often each outcome came."""
    start = threading.Barrier(len(deeds), timeout=60)
    outcomes: list[str] = []

    def run(deed: Deed) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            deed()
            outcomes.append("done")
        except DomainError as error:
            outcomes.append(type(error).__name__)
        except Exception as error:  # noqa: BLE001  whatever else it is must show in the count
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


def order_of_ends(monkeypatch: pytest.MonkeyPatch, first: Deed, second: Deed) -> list[str]:
    """``second`` starts while ``first`` stands just before the ledger, and waits there for it; who ended first?"""
    reached, second_ended = threading.Event(), threading.Event()
    ends: list[str] = []

    def pausing(act: Callable[..., Posting]) -> Callable[..., Posting]:
        def paused(*args: Any, **facts: Any) -> Posting:
            reached.set()
            second_ended.wait(timeout=1.5)
            return act(*args, **facts)

        return paused

    monkeypatch.setattr(ledger, "post", pausing(ledger.post))
    monkeypatch.setattr(ledger, "reverse", pausing(ledger.reverse))

    def run(name: str, deed: Deed) -> None:
        try:
            deed()
            ends.append(name)
        except DomainError as error:
            ends.append(f"{name}: {type(error).__name__}")
        finally:
            connection.close()

    one = threading.Thread(target=run, args=["first", first])
    one.start()
    assert reached.wait(timeout=10)
    two = threading.Thread(target=lambda: (run("second", second), second_ended.set()))
    two.start()
    two.join()
    one.join()
    return ends


def without_shared_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (document, modes, undo):
        monkeypatch.setattr(module, "for_share", lambda *tables: "")


@pytest.fixture
def job(jana: User) -> WorkOrder:
    chiller = EquipmentFactory(name="Chiller 3", serial="C3-1")
    return WorkOrderFactory(lead=jana, site=chiller.site, equipment=chiller)


def undo_once(document: Consumption, by: User) -> None:
    undo.undo_consumption(document, by=by, at=SOON, key=uuid.uuid4(), policy=current_policy())


class TestUndo:
    def crowd(self, job: WorkOrder, jana: User) -> Counter[str]:
        bearing = PartFactory(number="BRG-1")
        entry = EquipmentPartFactory(equipment=job.equipment, part=bearing, quantity=4)
        line = UsedPart(bearing, 1, old_part_answer=OldPartAnswer.RETURNING, taken_from=entry.pk)
        pk = used(job, line, at=NOON).pk
        screens = [Consumption.objects.select_related("work_order").get(pk=pk) for _one in range(CROWD)]
        return race([lambda seen=seen: undo_once(seen, jana) for seen in screens])

    def test_of_64_one_undoes(self, job: WorkOrder, jana: User) -> None:
        assert self.crowd(job, jana) == {"done": 1, "IllegalTransition": 63}
        assert in_machine(job.equipment) == [("BRG-1", 4, "")]
        assert (Posting.objects.count(), Move.objects.count()) == (2, 2)
        assert AuditEvent.objects.filter(verb="consumption.undo").count() == 1

    def test_control_without_the_claim_many_get_through(
        self, job: WorkOrder, jana: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(transitions, "_claim", lambda document, row, changes: None)
        monkeypatch.setattr(undo, "_reverse", lambda *args, **facts: None)

        assert self.crowd(job, jana)["done"] > 1


class TestOneKey:
    def send(self, job: WorkOrder, jana: User, keys: list[uuid.UUID]) -> list[str]:
        part = PartFactory()
        lines = {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "lines-0-part": str(part.pk)}
        answers: list[str] = []

        def signed_in() -> Client:
            browser = Client()
            browser.force_login(jana, backend="workorders.accounts.SignInBackend")
            return browser

        def press(browser: Client, key: uuid.UUID) -> None:
            sent = lines | {"lines-0-quantity": "2", "request_key": str(key)}
            answers.append(browser.post(f"/work-orders/{job.pk}/use/", sent).headers["Location"])

        presses = [(signed_in(), key) for key in keys]
        assert race([lambda pair=pair: press(*pair) for pair in presses]) == {"done": len(keys)}
        return answers

    def test_eight_presses_are_one_record(self, job: WorkOrder, jana: User) -> None:
        answers = self.send(job, jana, [uuid.uuid4()] * 8)

        assert set(answers) == {Consumption.objects.get().get_absolute_url()}
        assert (Move.objects.count(), EquipmentPart.objects.count(), RequestKey.objects.count()) == (1, 1, 1)

    def test_control_eight_keys_are_eight_records(self, job: WorkOrder, jana: User) -> None:
        assert len(set(self.send(job, jana, [uuid.uuid4() for _press in range(8)]))) == 8


class TestOvertaking:
    """A posting holds off the end of its job and a switch of the mode until it is written."""

    def stories(self, job: WorkOrder, jana: User, ada: User) -> dict[str, tuple[Deed, Deed]]:
        document = used(job, PartFactory(), at=NOON)
        document = Consumption.objects.select_related("work_order").get(pk=document.pk)
        part, screen = PartFactory(), WorkOrder.objects.get(pk=job.pk)

        def end() -> None:
            work_orders.complete(screen, by=jana, at=SOON)

        def switch() -> None:
            modes.set_enabled(is_enabled=False, by=ada, at=SOON, expected_version=0)

        def record() -> None:
            used(job, part, at=SOON)

        return {
            "undo, then complete": (lambda: undo_once(document, jana), end),
            "undo, then switch": (lambda: undo_once(document, jana), switch),
            "record, then complete": (record, end),
            "record, then switch": (record, switch),
        }

    NAMES = ("undo, then complete", "undo, then switch", "record, then complete", "record, then switch")

    @pytest.mark.parametrize("name", NAMES)
    def test_who_comes_second_waits(
        self, job: WorkOrder, jana: User, ada: User, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        assert order_of_ends(monkeypatch, *self.stories(job, jana, ada)[name]) == ["first", "second"]

    @pytest.mark.parametrize("name", NAMES)
    def test_control_without_the_lock_it_is_overtaken(
        self, job: WorkOrder, jana: User, ada: User, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        without_shared_locks(monkeypatch)
        assert order_of_ends(monkeypatch, *self.stories(job, jana, ada)[name]) == ["second", "first"]


class TestSwitchAmongMany:
    def test_no_record_is_written_after_the_switch(self, jana: User, ada: User) -> None:
        """The audit rows are numbered inside the locks: what was recorded stands before the switch."""
        part, policy = PartFactory(), current_policy()
        jobs = [WorkOrderFactory(lead=jana) for _each in range(CROWD)]
        deeds: list[Deed] = [lambda job=job: used(job, part, at=SOON, policy=policy) for job in jobs]
        deeds.insert(
            CROWD // 2,
            lambda: modes.set_enabled(is_enabled=False, by=ada, at=SOON, expected_version=0),
        )

        outcomes = race(deeds)

        recorded = Consumption.objects.filter(status=ConsumptionStatus.RECORDED).count()
        assert outcomes["done"] == recorded + 1
        assert outcomes["ModeChanged"] == CROWD - recorded
        switched = AuditEvent.objects.get(verb="settings.turned_off").pk
        assert AuditEvent.objects.filter(verb="consumption.record", pk__gt=switched).count() == 0
        assert Move.objects.count() == recorded


class TestTheLastOfAnEntry:
    def test_one_of_many_takes_it_out(self, job: WorkOrder, jana: User) -> None:
        """Twenty records each take one of the three bearings in the machine; three do."""
        bearing = PartFactory(number="BRG-1")
        entry = EquipmentPartFactory(equipment=job.equipment, part=bearing, quantity=3)
        line = UsedPart(bearing, 1, old_part_answer=OldPartAnswer.RETURNING, taken_from=entry.pk)

        outcomes = race([lambda: used(job, line, at=NOON) for _each in range(20)])

        assert outcomes == {"done": 3, "BadLines": 17}
        assert in_machine(job.equipment) == [("BRG-1", 1, "")] * 3
        assert Consumption.objects.count() == 3
