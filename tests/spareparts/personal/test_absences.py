"""Who is away, and who stands in for him."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.shared.errors import NotAllowed
from config.shared.models import AuditEvent
from spareparts.domain.absences import EndsBeforeItBegins, IsOver, NoDeputy, Overlaps, cancel_absence, plan_absence
from spareparts.domain.requisitions import AskedLine, approve_requisition, create_requisition, submit_requisition
from spareparts.domain.requisitions.errors import NotYourWarehouse
from spareparts.enums import Mode
from spareparts.models import Absence, Requisition
from spareparts.queries import current_policy
from spareparts.queries.personal import absences_of, deputised_ids, deputising, deputy_of, possible_deputies
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.workorders import UserFactory
from tests.spareparts.helpers import refused
from tests.support.modes import in_mode
from tests.support.stock import put, shelf

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 23)
pytestmark = [pytest.mark.usefixtures("standard")]


def away(person, first, last, deputy=None, by=None):
    days = {"first_day": MONDAY + timedelta(first), "last_day": MONDAY + timedelta(last)}
    return plan_absence(person=person, by=by or person, at=NOON, today=MONDAY, deputy=deputy, **days)


def test_from_the_first_day_to_the_last_somebody_stands_in(jana, tom) -> None:
    absence = away(jana, 1, 3, tom)

    assert [deputy_of(jana, on=MONDAY + timedelta(day)) for day in range(5)] == [None, tom, tom, tom, None]
    assert deputised_ids(tom, on=MONDAY + timedelta(2)) == [jana.pk]
    assert deputised_ids(tom, on=MONDAY) == []
    assert list(absences_of(jana, today=MONDAY)) == list(deputising(tom, today=MONDAY)) == [absence]
    assert AuditEvent.objects.get(verb="absence.plan").details == {
        "first_day": "2026-11-24",
        "last_day": "2026-11-26",
        "deputy": "Tom Berger",
    }


def test_what_is_over_is_not_shown(jana) -> None:
    away(jana, 0, 0)
    assert list(absences_of(jana, today=MONDAY + timedelta(1))) == []


def test_refusals(jana, tom, eva, oskar) -> None:
    away(jana, 2, 4)
    for error, facts in (
        (EndsBeforeItBegins, (jana, 1, 0)),
        (IsOver, (jana, -3, -1)),
        (NoDeputy, (jana, 7, 8, jana)),
        (NoDeputy, (jana, 7, 8, UserFactory(name="Gone", is_active=False))),
        (NoDeputy, (tom, 4, 5, jana)),
        (NotAllowed, (jana, 7, 8, None, eva)),
        (NotAllowed, (oskar, 7, 8)),
    ):
        with refused(error):
            away(*facts)
    with refused(Overlaps) as caught:
        away(jana, 4, 9)
    assert caught.value.messages == ["You are away from 25 Nov 2026 to 27 Nov 2026 already."]


def test_there_after_all(jana, tom) -> None:
    absence = away(jana, 0, 3, tom)
    with refused(NotAllowed):
        cancel_absence(absence, by=tom, at=NOON)
    cancel_absence(absence, by=jana, at=NOON)
    cancel_absence(absence, by=jana, at=NOON)
    assert not Absence.objects.exists()
    assert AuditEvent.objects.filter(verb="absence.cancel").count() == 1


def test_who_may_stand_in(jana, tom, eva, oskar) -> None:
    assert list(possible_deputies(jana)) == [eva, tom]


def test_the_database_says_no(jana) -> None:
    absence = away(jana, 0, 3)
    for name, changes in (
        ("absence_ends_after_it_begins", {"last_day": MONDAY - timedelta(1)}),
        ("absence_deputy_is_somebody_else", {"deputy": jana}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Absence.objects.filter(pk=absence.pk).update(**changes)


class TestStandingIn:
    """Karl manages the depot and is away; Lin, his deputy, decides about what is asked of it, and only then."""

    @pytest.fixture
    def asked(self, jana, karl):
        policy = in_mode(Mode.ADVANCED, requisition_approval="manual")
        depot, part = WarehouseFactory(is_default=True), PartFactory()
        depot.managers.add(karl)
        put(shelf(depot), part, 5, by=karl)
        now = timezone.now()
        facts = {"by": jana, "at": now, "policy": policy}
        document = create_requisition(engineer=jana, lines=[AskedLine(part, 1)], warehouse=depot, **facts)
        submit_requisition(document, key=uuid.uuid4(), **facts)
        return document

    def test_lin_approves_while_karl_is_away(self, asked, karl, lin) -> None:
        WarehouseFactory().managers.add(lin)
        assert list(Requisition.objects.visible_to(lin)) == []
        today = timezone.localdate(timezone.now(), timezone.get_default_timezone())
        Absence.objects.create(person=karl, deputy=lin, first_day=today, last_day=today)

        assert list(Requisition.objects.visible_to(lin)) == [asked]
        approve_requisition(asked, by=lin, at=timezone.now(), key=uuid.uuid4(), policy=current_policy())
        assert asked.status == "approved"

    def test_not_before_and_not_after(self, asked, karl, lin) -> None:
        WarehouseFactory().managers.add(lin)
        today = timezone.localdate(timezone.now(), timezone.get_default_timezone())
        for first, last in ((-3, -1), (1, 3)):
            days = {"first_day": today + timedelta(first), "last_day": today + timedelta(last)}
            Absence.objects.create(person=karl, deputy=lin, **days)
        assert list(Requisition.objects.visible_to(lin)) == []
        with refused(NotYourWarehouse):
            approve_requisition(asked, by=lin, at=timezone.now(), key=uuid.uuid4(), policy=current_policy())
