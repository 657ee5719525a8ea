"""The demo company is believable, the same on every run, and holds together."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import transaction
from django.db.models import Model
from django.test.utils import override_settings

from config.shared.models import AuditEvent
from inventory.models import Balance, Move, Part, Posting, Warehouse
from spareparts import policies
from spareparts.demo.seed import seed_demo
from spareparts.domain.modes import ModeNotReady
from spareparts.enums import ConsumptionStatus, OldPartAnswer
from spareparts.models import Consumption, ConsumptionLine, EquipmentPart
from spareparts.policies import fullest_ready_mode
from spareparts.queries import current_policy, current_settings
from workorders.enums import ACTIVE_STATUSES, Role, WorkOrderStatus
from workorders.models import Customer, Equipment, EquipmentModel, Site, Team, User, WorkOrder

pytestmark = pytest.mark.django_db
VIENNA = ZoneInfo("Europe/Vienna")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=VIENNA)

# What a person sees of a row; keys differ from run to run on PostgreSQL, and random keys always.
CONTENT: dict[type[Model], tuple[str, ...]] = {
    User: ("name", "email", "team__name", "language", "theme", "is_engineer", "date_joined"),
    Part: ("number", "name", "unit_cost", "superseded_by__number", "search_text"),
    Equipment: ("name", "serial", "site__name", "installed_on", "warranty_until"),
    EquipmentPart: ("equipment__serial", "part__number", "quantity", "serial", "fitted_at", "removed_at"),
    WorkOrder: ("number", "description", "status", "lead__name", "created_at", "planned_at", "completed_at"),
    Consumption: ("work_order__number", "engineer__name", "recorded_at", "status", "undone_at", "undo_reason"),
    ConsumptionLine: (
        "consumption__work_order__number",
        "part__number",
        "quantity",
        "lot_text",
        "old_part_answer",
        "old_serial",
    ),
    Posting: ("posted_at", "posted_by__name", "reason"),
    Move: ("part__number", "quantity", "source__kind", "target__kind", "held_since"),
    AuditEvent: ("at", "actor__name", "verb", "reason"),
}


@pytest.fixture
def demo(settings: Any) -> Callable[..., None]:
    """Make the demo company in the demo's own settings."""
    settings.IS_DEMO = True
    return seed_demo


@contextmanager
def company(blocker: Any, **arguments: Any) -> Iterator[None]:
    """One company for all the tests that only look at it; it is thrown away after the last."""
    with blocker.unblock(), override_settings(IS_DEMO=True), transaction.atomic():
        seed_demo(at=MONDAY, **arguments)
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="class")
def small(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with company(django_db_blocker, size="small"):
        yield


@pytest.fixture(scope="class")
def full(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with company(django_db_blocker):
        yield


def content_hash() -> str:
    digest = hashlib.sha256()
    for model, fields in CONTENT.items():
        for row in model._default_manager.order_by("pk").values_list(*fields):
            digest.update(repr(row).encode())
    return digest.hexdigest()


def seeded_hash(**arguments: Any) -> str:
    """The hash of a company that is thrown away again."""
    with transaction.atomic():
        seed_demo(**arguments)
        found = content_hash()
        transaction.set_rollback(True)
    return found


def count(model: type[Model], **having: Any) -> int:
    return model._default_manager.filter(**having).count()


def test_two_runs_make_the_same_company(demo: Callable[..., None]) -> None:
    first, second = (seeded_hash(size="small", at=MONDAY) for _run in range(2))
    later = seeded_hash(size="small", at=MONDAY + timedelta(days=1))

    assert first == second
    assert later != first, "the hash sees nothing"


def test_the_demo_stays_out_of_a_real_company(settings: Any) -> None:
    settings.IS_DEMO = False

    with pytest.raises(ImproperlyConfigured, match="SPAREPARTS_ENV=demo"):
        seed_demo(size="small", at=MONDAY)

    assert count(User) == 0


def test_the_demo_fills_only_an_empty_database(demo: Callable[..., None], jana: User) -> None:
    with pytest.raises(ImproperlyConfigured, match="people in it"):
        demo(size="small", at=MONDAY)

    assert count(WorkOrder) == 0


def test_a_mode_that_is_not_built_is_refused_and_leaves_nothing(
    demo: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    unready = {mode: policies.replace(policy, is_ready=False) for mode, policy in policies.POLICIES.items()}
    monkeypatch.setattr(policies, "POLICIES", unready)
    policies.policy_for.cache_clear()

    with pytest.raises(ModeNotReady):
        demo(mode="advanced", size="small", at=MONDAY)

    policies.policy_for.cache_clear()
    assert (count(User), count(WorkOrder)) == (0, 0)


@pytest.mark.parametrize("hour", [0, 7, 23])
def test_jana_has_a_chiller_to_look_at_today_whatever_the_hour(demo: Callable[..., None], hour: int) -> None:
    demo(size="small", at=MONDAY.replace(hour=hour, minute=1))

    job = WorkOrder.objects.get(number="WO-10411")
    assert (str(job.lead), job.equipment.name, str(job.customer)) == ("Jana Novak", "Chiller 3", "Hotel Aurora")
    assert job.planned_at == MONDAY.replace(hour=9, minute=30)
    assert job.status == WorkOrderStatus.ASSIGNED
    assert job.equipment.warranty_until.year == 2027


@pytest.mark.usefixtures("small")
class TestSmallCompany:
    def test_nothing_has_happened_that_is_still_to_come(self) -> None:
        assert count(AuditEvent, at__gt=MONDAY) == count(Posting, posted_at__gt=MONDAY) == 0
        times = list(AuditEvent.objects.order_by("pk").values_list("at", flat=True))
        assert times == sorted(times)
        moments = list(Posting.objects.order_by("pk").values_list("posted_at", flat=True))
        assert moments == sorted(moments)

    def test_the_history_of_master_data_begins_with_the_company(self) -> None:
        beginning = datetime(2026, 5, 7, 9, 0, tzinfo=VIENNA)
        for model in (Part, Customer, Equipment, User, Warehouse):
            assert set(model.history.values_list("history_date", flat=True)) == {beginning}
        default = Warehouse.objects.get(is_default=True)
        assert (default.code, str(default.managers.get())) == ("VIE", "Karl Huber")
        assert count(AuditEvent, verb="warehouse.create", actor__name="Ada Moser", at=beginning) == 3
        assert {each.locations.count() for each in Warehouse.objects.all()} == {4}

    def test_nobody_has_a_password_and_no_stock_lies_where_the_mode_has_no_place(self) -> None:
        assert [person.name for person in User.objects.all() if person.has_usable_password()] == []
        held = Balance.objects.filter(on_hand__gt=0).values_list("location__kind", flat=True).distinct()
        assert set(held.order_by()) <= {kind.value for kind in current_policy().places}


@pytest.mark.usefixtures("full")
class TestFullCompany:
    def test_the_full_company_is_as_large_as_promised(self) -> None:
        assert current_settings().mode == fullest_ready_mode()
        assert 380 <= count(Part) <= 460
        assert 11 <= count(User, is_engineer=True, is_active=True) <= 14
        assert count(User, is_active=False) == 1
        assert {role for person in User.objects.all() for role in person.roles} == set(Role)
        assert (count(Team), count(Warehouse), count(Warehouse, is_default=True)) == (3, 3, 1)
        assert (count(Customer), count(Site), count(EquipmentModel)) == (26, 41, 15)
        assert 85 <= count(Equipment) <= 95
        assert 140 <= count(WorkOrder) <= 170
        assert 90 <= count(Consumption) <= 160
        call_command("verify_ledger", verbosity=0)
        call_command("verify_documents", verbosity=0)

    def test_every_status_answer_and_kind_of_undo_can_be_seen(self) -> None:
        statuses = Counter(WorkOrder.objects.values_list("status", flat=True))
        assert statuses.keys() == set(WorkOrderStatus.values)
        assert set(ConsumptionLine.objects.values_list("old_part_answer", flat=True)) == set(OldPartAnswer.values)
        assert set(Consumption.objects.values_list("status", flat=True)) == set(ConsumptionStatus.values)
        assert WorkOrder.objects.filter(helpers__isnull=False).exists()
        assert Consumption.objects.exclude(reason="").exists()

    def test_every_engineer_has_something_to_do_today(self) -> None:
        today = WorkOrder.objects.filter(
            planned_at__date=MONDAY.date(), status__in=ACTIVE_STATUSES | {WorkOrderStatus.COMPLETED}
        )
        assert set(today.values_list("lead__name", flat=True)) == {
            person.name for person in User.objects.filter(is_engineer=True, is_active=True)
        }
        assert Counter(today.values_list("lead_id", "planned_at")).most_common(1)[0][1] == 1
