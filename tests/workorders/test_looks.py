"""How things are told: the history of a job, moments, warranties, telephone links."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from config.shared.models import AuditEvent
from tests.factories.workorders import EquipmentFactory
from tests.workorders.stories import AT, LATER, job
from workorders.domain import work_orders as verbs
from workorders.models import User
from workorders.templatetags.work_orders import is_overdue, moment, priority_context, tel, warranty_badge
from workorders.timeline import LOOKS, timeline_of

pytestmark = pytest.mark.django_db


def test_the_history_of_a_job_is_told_newest_first(eva: User, jana: User, tom: User):
    order = job("new", description="Noise")
    verbs.assign(order, by=eva, at=AT, lead=jana, helpers=[tom], planned_at=LATER)
    same = {name: getattr(order, name) for name in ("site", "equipment", "type", "priority")}
    verbs.edit_work_order(order, by=eva, at=AT, description="Smoke", **same)
    verbs.plan(order, by=eva, at=AT, planned_at=None)
    verbs.start(order, by=jana, at=AT)
    verbs.hold(order, by=jana, at=LATER, reason="The fan is on order")

    told = [(str(each["title"]), str(each["by"]), each["at"], each["text"]) for each in timeline_of(order)]
    assert told == [
        ("Put on hold", "Jana Novak", LATER, "The fan is on order"),
        ("Work started", "Jana Novak", AT, ""),
        ("Planned", "Eva Lang", AT, "Without a time"),
        ("Changed", "Eva Lang", AT, "description"),
        (
            "Assigned",
            "Eva Lang",
            AT,
            "Lead engineer: Jana Novak\nHelpers: Tom Berger\nPlanned for 23 Nov 2026, 12:30",
        ),
    ]


def test_what_nobody_knows_and_nobody_did_is_still_told():
    order = job("assigned")
    AuditEvent.objects.create(
        at=AT, verb="workorder.archived", subject_type="workorders.workorder", subject_id=str(order.pk)
    )
    (told,) = timeline_of(order)
    assert (told["title"], told["by"], told["icon"]) == ("workorder.archived", "The system", "check")


def test_every_event_has_its_words():
    verbs_told = {
        "create",
        "assign",
        "reassign",
        "plan",
        "edit",
        "start",
        "hold",
        "resume",
        "complete",
        "cancel",
        "reopen",
    }
    assert set(LOOKS) == verbs_told


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (None, "Not planned"),
        (datetime(2026, 11, 23, 8, 30, tzinfo=UTC), "Today, 09:30"),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "Tomorrow, 00:30"),
        (datetime(2026, 11, 22, 8, 30, tzinfo=UTC), "Yesterday, 09:30"),
        (datetime(2026, 11, 27, 8, 30, tzinfo=UTC), "Fri 27 Nov, 09:30"),
        (datetime(2027, 1, 4, 8, 30, tzinfo=UTC), "4 Jan 2027, 09:30"),
    ],
)
def test_a_moment_as_people_say_it(at: datetime | None, words: str):
    assert moment(at, AT) == words


def test_late_is_what_nobody_has_begun(jana: User):
    before = AT - timedelta(minutes=1)
    late = {status: is_overdue(job(status, planned_at=before), AT) for status in ("new", "assigned", "on_hold")}
    begun = {status: is_overdue(job(status, planned_at=before), AT) for status in ("in_progress", "completed")}
    assert (set(late.values()), set(begun.values())) == ({True}, {False})
    assert is_overdue(job("assigned"), AT) is False
    assert is_overdue(job("assigned", planned_at=LATER), AT) is False


def test_the_last_day_of_a_warranty_still_counts():
    machine = EquipmentFactory(warranty_until=date(2027, 3, 4))
    assert warranty_badge(machine, date(2027, 3, 4)) == {
        "text": "In warranty until 4 Mar 2027",
        "tone": "good",
        "icon": "shield",
    }
    assert warranty_badge(machine, date(2027, 3, 5))["text"] == "Warranty ended 4 Mar 2027"
    assert warranty_badge(EquipmentFactory(), date(2027, 3, 5))["text"] == "Warranty not known"


def test_urgent_is_said_in_words_and_shape():
    assert priority_context(job(priority="1_urgent")) == {"text": "Urgent", "tone": "bad", "icon": "alert-fill"}
    assert priority_context(job(priority="4_low")) == {"text": "Low", "tone": "neutral", "icon": ""}


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("+43 (0)1 512 34-56", "tel:+4315123456"),
        ("01/512 34", "tel:0151234"),
        ("javascript:alert(1)", "tel:1"),
        ("*100#", "tel:*100#"),
    ],
)
def test_a_telephone_link_holds_digits_only(typed: str, link: str):
    assert tel(typed) == link


@time_machine.travel(AT, tick=False)
def test_moments_follow_the_persons_zone():
    with timezone.override("Asia/Shanghai"), translation.override("en"):
        assert moment(datetime(2026, 11, 23, 16, 30, tzinfo=UTC), AT) == "Tomorrow, 00:30"
