"""Opening, assigning, changing and reopening work orders; and who may object."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from config.shared.errors import NotAllowed
from config.shared.models import AuditEvent
from tests.factories.workorders import EquipmentFactory, SiteFactory, UserFactory, WorkOrderFactory
from tests.workorders.stories import AT, LATER, job, refused, verbs_of, written
from workorders import signals
from workorders.domain import work_orders as verbs
from workorders.models import Site, User, WorkOrder
from workorders.signals import WorkOrderRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return SiteFactory(name="Main building", customer__name="Hotel Aurora")


def opened(site: Site, by: User, **fields: Any) -> WorkOrder:
    return verbs.create_work_order(by=by, at=AT, customer=site.customer, site=site, **fields)


# --- opening ------------------------------------------------------------------------------------------------
def test_a_work_order_is_called_after_its_key(site: Site, eva: User):
    work_order = opened(site, eva)
    assert work_order.number == f"WO-{work_order.pk}"
    assert (work_order.status, work_order.created_by, work_order.created_at) == ("new", eva, AT)
    assert verbs_of(work_order) == ["workorder.create"]


def test_a_number_an_import_has_brought_is_never_given_twice(site: Site, eva: User):
    first = opened(site, eva)
    taken = [f"WO-{first.pk + 3}", f"WO-{first.pk + 3}-2"]
    for number in taken:
        opened(site, eva, number=number)
    derived = opened(site, eva)
    assert derived.number == f"WO-{derived.pk}-3"


def test_a_number_that_exists_is_refused(site: Site, eva: User):
    opened(site, eva, number="2026-114")
    before = written()
    with refused(verbs.NumberTaken) as refusal:
        opened(site, eva, number=" 2026-114 ")
    assert refusal.value.messages == ["There is already a work order 2026-114."]
    assert written() == before


def test_opening_with_a_lead_assigns_in_the_same_breath(site: Site, eva: User, jana: User, tom: User):
    work_order = opened(site, eva, lead=jana, helpers=[tom], planned_at=LATER)
    stored = WorkOrder.objects.get(pk=work_order.pk)
    assert (stored.status, stored.lead, stored.planned_at) == ("assigned", jana, LATER)
    assert list(stored.helpers.all()) == [tom]
    assert verbs_of(work_order) == ["workorder.create", "workorder.assign"]


def test_opening_with_nobody_fit_to_lead_opens_nothing(site: Site, eva: User, karl: User):
    before = written()
    with refused(verbs.NotAnEngineer):
        opened(site, eva, lead=karl)
    assert written() == before


def test_an_engineer_opens_no_work_order(site: Site, jana: User):
    with refused(NotAllowed):
        opened(site, jana)


def test_the_site_must_be_the_customers(site: Site, eva: User):
    elsewhere = SiteFactory(name="Depot", customer__name="Spital Nord")
    with refused(verbs.WrongPlace) as refusal:
        verbs.create_work_order(by=eva, at=AT, customer=site.customer, site=elsewhere)
    assert (refusal.value.field, refusal.value.messages) == ("site", ["Depot is not a site of Hotel Aurora."])


def test_the_equipment_must_stand_at_the_site(site: Site, eva: User):
    machine = EquipmentFactory(name="Lift 2", serial="L-2")
    with refused(verbs.WrongPlace) as refusal:
        opened(site, eva, equipment=machine)
    words = ["Lift 2 (L-2) does not stand at Main building."]
    assert (refusal.value.field, refusal.value.messages) == ("equipment", words)


# --- assigning ----------------------------------------------------------------------------------------------
def test_the_lead_must_be_an_active_engineer(eva: User, karl: User):
    gone = UserFactory(name="Mia Weiss", is_engineer=True, is_active=False)
    work_order = job("new")
    for person in (karl, gone):
        with refused(verbs.NotAnEngineer) as refusal:
            verbs.assign(work_order, by=eva, at=AT, lead=person)
        assert (refusal.value.field, refusal.value.messages) == ("lead", [f"{person.name} is not an active engineer."])


def test_all_helpers_who_cannot_help_are_named_at_once(eva: User, jana: User, karl: User, oskar: User):
    with refused(verbs.NotAnEngineer) as refusal:
        verbs.assign(job("new"), by=eva, at=AT, lead=jana, helpers=[karl, oskar])
    words = ["Karl Huber is not an active engineer.", "Oskar Reiter is not an active engineer."]
    assert (refusal.value.field, refusal.value.messages) == ("helpers", words)


def test_the_lead_does_not_help_himself(eva: User, jana: User):
    with refused(verbs.NotAnEngineer) as refusal:
        verbs.assign(job("new"), by=eva, at=AT, lead=jana, helpers=[jana])
    assert refusal.value.messages == ["Jana Novak leads this job already."]


def test_the_event_says_who_and_when(eva: User, jana: User, tom: User):
    work_order = job("new")
    verbs.assign(work_order, by=eva, at=AT, lead=jana, helpers=[tom], planned_at=LATER)
    details = {"lead": "Jana Novak", "helpers": ["Tom Berger"], "planned_at": LATER.isoformat()}
    assert AuditEvent.objects.get().details == details


def test_a_helper_works_and_a_former_helper_does_not(eva: User, jana: User, tom: User):
    work_order = job("assigned", lead=jana)
    verbs.assign(work_order, by=eva, at=AT, lead=jana, helpers=[tom])
    verbs.start(work_order, by=tom, at=AT)
    verbs.assign(work_order, by=eva, at=AT, lead=jana)
    with refused(NotAllowed) as refusal:
        verbs.complete(work_order, by=tom, at=AT)
    assert refusal.value.messages == ["Only the engineers of this job can do this."]


# --- changing and reopening ---------------------------------------------------------------------------------
def test_saving_unchanged_writes_nothing(eva: User):
    work_order = job("assigned", description="Noise")
    before = written()
    same = {name: getattr(work_order, name) for name in ("site", "equipment", "type", "priority", "description")}
    verbs.edit_work_order(work_order, by=eva, at=AT, **same)
    assert written() == before


def test_a_change_says_what_it_was(eva: User):
    work_order = job("assigned", description="Noise")
    same = {name: getattr(work_order, name) for name in ("site", "equipment", "type")}
    verbs.edit_work_order(work_order, by=eva, at=AT, priority="1_urgent", description="Smoke", **same)
    stored = WorkOrder.objects.get(pk=work_order.pk)
    assert (stored.priority, stored.description) == ("1_urgent", "Smoke")
    was = {"description": "Noise", "priority": "3_normal"}
    assert AuditEvent.objects.get().details == {"changed": ["description", "priority"], "was": was}


def test_reopening_gives_the_job_to_somebody_anew(eva: User, jana: User, tom: User):
    work_order = job("completed", lead=jana, planned_at=AT)
    work_order.helpers.add(tom)
    verbs.reopen(work_order, by=eva, at=AT, reason="It stopped again", lead=tom)
    stored = WorkOrder.objects.get(pk=work_order.pk)
    assert (stored.status, stored.lead, stored.completed_at, stored.planned_at) == ("assigned", tom, None, None)
    assert list(stored.helpers.all()) == []


def test_a_job_cancelled_before_anybody_had_it_can_be_reopened(eva: User, jana: User):
    work_order = job("new")
    verbs.cancel(work_order, by=eva, at=AT, reason="Called off")
    verbs.reopen(work_order, by=eva, at=AT, reason="Called on again", lead=jana)
    assert WorkOrder.objects.get(pk=work_order.pk).status == "assigned"


# --- other apps object --------------------------------------------------------------------------------------
@pytest.fixture
def objections() -> Iterator[dict[str, Any]]:
    """Two receivers on each signal; what they answer and what they saw."""
    seen: dict[str, Any] = {"answers": [], "facts": []}

    def first(sender: Any, **facts: Any) -> list[str]:
        seen["facts"].append(facts)
        return seen["answers"][:1]

    def second(sender: Any, **facts: Any) -> list[str] | None:
        return seen["answers"][1:] or None

    every = (signals.work_order_completing, signals.work_order_cancelling, signals.work_order_reassigning)
    for signal in every:
        signal.connect(first)
        signal.connect(second)
    yield seen
    for signal in every:
        signal.disconnect(first)
        signal.disconnect(second)


def test_all_objections_are_told_and_nothing_is_written(objections: dict[str, Any], jana: User, eva: User, tom: User):
    objections["answers"] = ["2 valves are still open.", "An old part is missing.", "Sign first."]
    deeds = {
        "in_progress": lambda order: verbs.complete(order, by=jana, at=AT),
        "assigned": lambda order: verbs.cancel(order, by=eva, at=AT, reason="Called off"),
        "on_hold": lambda order: verbs.assign(order, by=eva, at=AT, lead=tom),
    }
    for status, deed in deeds.items():
        work_order = job(status, lead=jana)
        before = written()
        with refused(WorkOrderRefused) as refusal:
            deed(work_order)
        assert refusal.value.messages == objections["answers"]
        assert written() == before


def test_without_objections_the_job_is_completed(objections: dict[str, Any], jana: User):
    work_order = job("in_progress", lead=jana)
    verbs.complete(work_order, by=jana, at=AT)
    assert WorkOrder.objects.get(pk=work_order.pk).completed_at == AT
    assert objections["facts"][0]["by"] == jana


def test_reassigning_asks_when_somebody_loses_the_job(objections: dict[str, Any], eva: User, jana: User, tom: User):
    work_order = job("assigned", lead=jana)
    verbs.assign(work_order, by=eva, at=AT, lead=jana, helpers=[tom])
    assert objections["facts"] == []
    verbs.assign(work_order, by=eva, at=AT, lead=tom)
    assert [facts["leaving"] for facts in objections["facts"]] == [[jana]]


# --- the database says it too -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"status": "assigned", "lead": None}, "work_order_assigned_has_lead"),
        ({"status": "completed", "completed_at": None}, "work_order_completed_has_time"),
        ({"status": "assigned", "completed_at": AT}, "work_order_completed_has_time"),
        ({"status": "lost"}, "work_order_status_known"),
    ],
)
def test_the_database_refuses_a_wrong_state(wrong: dict[str, Any], rule: str):
    work_order = WorkOrderFactory()
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        WorkOrder.objects.filter(pk=work_order.pk).update(**wrong)
