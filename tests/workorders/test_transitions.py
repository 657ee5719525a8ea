"""The life of a work order: every status with every verb, written by hand, not read from the code."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from config.shared.errors import IllegalTransition, NotAllowed, StaleDocument
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from tests.factories.workorders import UserFactory
from tests.workorders.stories import AT, LATER, job, refused, verbs_of, written
from workorders.domain import work_orders as verbs
from workorders.enums import WORK_ORDER_TRANSITIONS, WorkOrderStatus
from workorders.models import User, WorkOrder

pytestmark = pytest.mark.django_db

NO = None
STATUSES = ["new", "assigned", "in_progress", "on_hold", "completed", "cancelled"]
EXPECTED: dict[str, list[str | None]] = {
    #            new          assigned       in_progress    on_hold        completed   cancelled
    "assign":   ["assigned",  "assigned",    "in_progress", "on_hold",     NO,         NO],
    "plan":     ["new",       "assigned",    "in_progress", "on_hold",     NO,         NO],
    "edit":     ["new",       "assigned",    "in_progress", "on_hold",     NO,         NO],
    "start":    [NO,          "in_progress", NO,            NO,            NO,         NO],
    "hold":     [NO,          NO,            "on_hold",     NO,            NO,         NO],
    "resume":   [NO,          NO,            NO,            "in_progress", NO,         NO],
    "complete": [NO,          NO,            "completed",   NO,            NO,         NO],
    "cancel":   ["cancelled", "cancelled",   "cancelled",   "cancelled",   NO,         NO],
    "reopen":   [NO,          NO,            NO,            NO,            "assigned", "assigned"],
}  # fmt: skip
PAIRS = [(status, verb, row[at]) for verb, row in EXPECTED.items() for at, status in enumerate(STATUSES)]
EVENT_OF_ASSIGN = {"in_progress": "reassign", "on_hold": "reassign"}


def change(work_order: WorkOrder, *, by: User, at: Any) -> None:
    verbs.edit_work_order(
        work_order,
        by=by,
        at=at,
        site=work_order.site,
        equipment=work_order.equipment,
        type=work_order.type,
        priority="1_urgent",
        description="The door sticks.",
    )


def calls(lead: User) -> dict[str, Callable[[WorkOrder, User], None]]:
    """Each verb as somebody would use it."""
    return {
        "assign": lambda order, by: verbs.assign(order, by=by, at=AT, lead=lead, planned_at=LATER),
        "plan": lambda order, by: verbs.plan(order, by=by, at=AT, planned_at=LATER),
        "edit": lambda order, by: change(order, by=by, at=AT),
        "start": lambda order, by: verbs.start(order, by=by, at=AT),
        "hold": lambda order, by: verbs.hold(order, by=by, at=AT, reason="Waiting for a part"),
        "resume": lambda order, by: verbs.resume(order, by=by, at=AT),
        "complete": lambda order, by: verbs.complete(order, by=by, at=AT),
        "cancel": lambda order, by: verbs.cancel(order, by=by, at=AT, reason="The customer called it off"),
        "reopen": lambda order, by: verbs.reopen(order, by=by, at=AT, reason="It stopped again", lead=lead),
    }


def test_the_table_names_every_status_and_every_verb():
    assert set(STATUSES) == set(WorkOrderStatus.values)
    assert set(EXPECTED) | {"reassign"} == set(WORK_ORDER_TRANSITIONS)


@pytest.mark.parametrize(("status", "verb", "target"), [pair for pair in PAIRS if pair[2] is not NO])
def test_a_verb_that_exists_leads_where_the_table_says(status: str, verb: str, target: str, eva: User, tom: User):
    work_order = job(status)
    calls(tom)[verb](work_order, eva)

    stored = WorkOrder.objects.get(pk=work_order.pk)
    assert (stored.status, stored.version) == (target, 1)
    assert (work_order.status, work_order.version) == (target, 1)
    assert stored.completed_at == (AT if target == "completed" else None)
    event = AuditEvent.objects.get()
    name = EVENT_OF_ASSIGN.get(status, verb) if verb == "assign" else verb
    assert (event.verb, event.actor, event.at) == (f"workorder.{name}", eva, AT)


@pytest.mark.parametrize(("status", "verb"), [pair[:2] for pair in PAIRS if pair[2] is NO])
def test_a_verb_that_does_not_exist_is_refused_and_writes_nothing(status: str, verb: str, eva: User, tom: User):
    work_order = job(status)
    before = written()
    with refused(IllegalTransition) as refusal:
        calls(tom)[verb](work_order, eva)

    label = WorkOrderStatus(status).label
    assert refusal.value.messages == [f"{work_order} is now “{label}”, so this is not possible."]
    assert written() == before


PERMITTED = {
    #            lead   helper other  karl   eva    ada    oskar
    "assign":   [False, False, False, False, True,  True,  False],
    "plan":     [False, False, False, False, True,  True,  False],
    "edit":     [False, False, False, False, True,  True,  False],
    "start":    [True,  True,  False, False, True,  True,  False],
    "hold":     [True,  True,  False, False, True,  True,  False],
    "resume":   [True,  True,  False, False, True,  True,  False],
    "complete": [True,  True,  False, False, True,  True,  False],
    "cancel":   [False, False, False, False, True,  True,  False],
    "reopen":   [False, False, False, False, True,  True,  False],
}  # fmt: skip
READY = {"hold": "in_progress", "resume": "on_hold", "complete": "in_progress", "reopen": "completed"}


@pytest.mark.parametrize("verb", PERMITTED)
def test_who_may(verb: str, request: pytest.FixtureRequest):
    jana, tom, karl, eva, ada, oskar = map(request.getfixturevalue, ["jana", "tom", "karl", "eva", "ada", "oskar"])
    other = UserFactory(name="Luis Ortega", is_engineer=True)
    people = [jana, tom, other, karl, eva, ada, oskar]
    outcomes = []
    for person in people:
        work_order = job(READY.get(verb, "assigned"), lead=jana)
        work_order.helpers.add(tom)
        before = written()
        outcomes.append(is_allowed(lambda order=work_order, by=person: calls(jana)[verb](order, by)))
        if outcomes[-1]:
            assert verbs_of(work_order) == [f"workorder.{verb}"]
        else:
            assert written() == before
    assert outcomes == PERMITTED[verb]


def is_allowed(deed: Callable[[], None]) -> bool:
    try:
        with transaction.atomic():
            deed()
    except NotAllowed:
        return False
    return True


def test_a_person_who_may_not_sign_in_may_nothing(jana: User):
    work_order = job("assigned", lead=jana)
    jana.is_active = False
    with refused(NotAllowed):
        verbs.start(work_order, by=jana, at=AT)


@pytest.mark.parametrize(("status", "verb"), [("in_progress", "hold"), ("assigned", "cancel"), ("completed", "reopen")])
def test_a_verb_that_needs_a_reason_is_refused_without_one(status: str, verb: str, eva: User, tom: User):
    work_order = job(status)
    more = {"lead": tom} if verb == "reopen" else {}
    before = written()
    with refused(ReasonMissing):
        getattr(verbs, verb)(work_order, by=eva, at=AT, reason="  ", **more)
    assert written() == before


def test_who_comes_second_is_told_who_was_first_and_when(jana: User, eva: User):
    work_order = job("assigned", lead=jana)
    on_screen = WorkOrder.objects.get(pk=work_order.pk)
    verbs.start(work_order, by=jana, at=AT)
    with refused(IllegalTransition) as refusal:
        verbs.start(on_screen, by=eva, at=AT)
    words = f"Jana Novak changed {work_order} at 10:30. It is now “In progress”. Look again before you go on."
    assert refusal.value.messages == [words]


def test_an_old_page_does_not_write_over_what_came_since(jana: User, tom: User, eva: User):
    work_order = job("assigned", lead=jana)
    on_screen = WorkOrder.objects.get(pk=work_order.pk)
    verbs.plan(work_order, by=eva, at=AT, planned_at=LATER)
    with refused(StaleDocument):
        verbs.assign(on_screen, by=eva, at=AT, lead=tom)
    assert WorkOrder.objects.get(pk=work_order.pk).lead == jana


def test_the_buttons_come_from_the_table_those_of_the_crew_first(jana: User, eva: User, karl: User, tom: User):
    work_order = job("in_progress", lead=jana)
    people = (jana, eva, karl, tom)
    shown = {person.name: [row.verb for row in verbs.verbs_for(work_order, by=person)] for person in people}
    assert shown == {
        "Jana Novak": ["complete", "hold"],
        "Eva Lang": ["reassign", "plan", "edit", "cancel", "complete", "hold"],
        "Karl Huber": [],
        "Tom Berger": [],
    }
