"""64 people press the same button of one work order at the same moment: one of them did it."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from config.shared import transitions
from config.shared.errors import DomainError
from config.shared.models import AuditEvent
from config.shared.transitions import Transition
from tests.factories.workorders import SiteFactory, UserFactory, WorkOrderFactory
from workorders.domain import work_orders as verbs
from workorders.enums import WORK_ORDER_TRANSITIONS
from workorders.models import User, WorkOrder

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
CROWD = 64
Deed = Callable[[WorkOrder, User, User], None]


def race(deeds: list[Callable[[], None]]) -> Counter[str]:
    """Run all deeds in threads that start together; how often each outcome came."""
    start = threading.Barrier(len(deeds), timeout=60)
    outcomes: list[str] = []

    def run(deed: Callable[[], None]) -> None:
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


def on_screens(work_order: WorkOrder) -> list[WorkOrder]:
    """The work order as it is shown to each of the crowd, read before anybody acts."""
    return [WorkOrder.objects.get(pk=work_order.pk) for _one in range(CROWD)]


def change(order: WorkOrder, by: User, lead: User) -> None:
    same: dict[str, Any] = {name: getattr(order, name) for name in ("site", "equipment", "type", "priority")}
    verbs.edit_work_order(order, by=by, at=AT, description="changed", **same)


DEEDS: dict[str, tuple[str, str, Deed]] = {
    "assign": ("assigned", "assigned", lambda order, by, lead: verbs.assign(order, by=by, at=AT, lead=lead)),
    "reassign": ("in_progress", "in_progress", lambda order, by, lead: verbs.assign(order, by=by, at=AT, lead=lead)),
    "plan": ("assigned", "assigned", lambda order, by, lead: verbs.plan(order, by=by, at=AT, planned_at=AT)),
    "edit": ("assigned", "assigned", change),
    "start": ("assigned", "in_progress", lambda order, by, lead: verbs.start(order, by=by, at=AT)),
    "hold": ("in_progress", "on_hold", lambda order, by, lead: verbs.hold(order, by=by, at=AT, reason="part")),
    "resume": ("on_hold", "in_progress", lambda order, by, lead: verbs.resume(order, by=by, at=AT)),
    "complete": ("in_progress", "completed", lambda order, by, lead: verbs.complete(order, by=by, at=AT)),
    "cancel": ("assigned", "cancelled", lambda order, by, lead: verbs.cancel(order, by=by, at=AT, reason="off")),
    "reopen": (
        "completed",
        "assigned",
        lambda order, by, lead: verbs.reopen(order, by=by, at=AT, reason="x", lead=lead),
    ),
}


def crowded(verb: str) -> tuple[Counter[str], WorkOrder]:
    source, _target, deed = DEEDS[verb]
    eva, lead = UserFactory(is_service_manager=True), UserFactory(is_engineer=True)
    more = {"completed_at": AT} if source == "completed" else {}
    work_order = WorkOrderFactory(status=source, **more)
    screens = on_screens(work_order)
    return race([lambda order=order: deed(order, eva, lead) for order in screens]), work_order


def test_the_crowd_knows_every_verb():
    assert set(DEEDS) == set(WORK_ORDER_TRANSITIONS)


def test_one_of_64_wins_with_every_verb():
    for verb, (_source, target, _deed) in DEEDS.items():
        outcomes, work_order = crowded(verb)
        stored = WorkOrder.objects.get(pk=work_order.pk)
        events = AuditEvent.objects.filter(subject_id=str(work_order.pk))
        assert (verb, outcomes["done"]) == (verb, 1)
        assert outcomes["IllegalTransition"] + outcomes["StaleDocument"] == CROWD - 1
        assert (stored.status, stored.version) == (target, 1)
        assert list(events.values_list("verb", flat=True)) == [f"workorder.{verb}"]


@contextmanager
def without_the_claim(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Read, check and save, as it is done without the conditional update."""

    def read_check_save(document: Any, row: Transition, changes: dict[str, Any]) -> None:
        current = WorkOrder.objects.get(pk=document.pk)
        if current.status not in row.sources or current.version != document.version:
            raise DomainError("too late")
        meet.wait()  # everybody has read before anybody saves, as a slow moment would have it
        WorkOrder.objects.filter(pk=document.pk).update(status=row.target, version=document.version + 1, **changes)

    meet = threading.Barrier(CROWD, timeout=60)
    monkeypatch.setattr(transitions, "_claim", read_check_save)
    yield


def test_without_the_claim_all_64_would_win(monkeypatch: pytest.MonkeyPatch):
    """The positive control: the crowd is really there at once."""
    with without_the_claim(monkeypatch):
        outcomes, _work_order = crowded("start")
    assert outcomes == {"done": CROWD}
    assert AuditEvent.objects.count() == CROWD


def test_numbers_given_at_once_are_all_different():
    eva, site = UserFactory(is_service_manager=True), SiteFactory()

    def opened() -> None:
        verbs.create_work_order(by=eva, at=AT, customer=site.customer, site=site)

    assert race([opened] * CROWD) == {"done": CROWD}
    numbers = list(WorkOrder.objects.values_list("number", flat=True))
    assert len(set(numbers)) == CROWD


def test_one_number_wanted_by_64_is_given_once():
    eva, site = UserFactory(is_service_manager=True), SiteFactory()

    def opened() -> None:
        with transaction.atomic():
            verbs.create_work_order(by=eva, at=AT, customer=site.customer, site=site, number="2026-1")

    assert race([opened] * CROWD) == {"done": 1, "NumberTaken": CROWD - 1}
    assert AuditEvent.objects.count() == 1


def test_completing_and_reassigning_at_once_leaves_one_of_both():
    """A helper completes while he is taken off the job: either he was in time, or he was not on it any more."""
    eva, tom = UserFactory(is_service_manager=True), UserFactory(is_engineer=True)
    for _round in range(8):
        work_order = WorkOrderFactory()
        work_order.helpers.add(tom)
        mine, theirs = (WorkOrder.objects.get(pk=work_order.pk) for _one in range(2))
        outcomes = race(
            [
                lambda order=mine: verbs.complete(order, by=tom, at=AT),
                lambda order=theirs: verbs.assign(order, by=eva, at=AT, lead=order.lead),
            ]
        )
        stored = WorkOrder.objects.get(pk=work_order.pk)
        helpers = list(stored.helpers.all())
        assert (outcomes["done"], stored.version) == (1, 1)
        assert (stored.status, helpers) in [("completed", [tom]), ("in_progress", [])]
