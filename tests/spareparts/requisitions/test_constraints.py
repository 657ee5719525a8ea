"""Every CHECK of a requisition, broken once on purpose; and every lie about staging, found."""

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from inventory.models import Part, Warehouse
from spareparts.models import Allocation, Grant, HoldingLimit, Issue, IssueLine, Requisition, RequisitionLine
from spareparts.queries.verification import document_differences
from tests.factories.asking import act, depot, draft, sent
from tests.factories.workorders import SiteFactory
from tests.support.stock import put, shelf
from workorders.models import User


@pytest.fixture
def requisition(vienna: Warehouse, jana: User, karl: User, bearing: Part) -> Requisition:
    """Ten granted: three reserved, two handed out."""
    put(shelf(vienna), bearing, 2, by=karl)
    requisition = sent(jana, (bearing, 10))
    act("issue", requisition, by=karl)
    put(shelf(vienna), bearing, 3, by=karl)
    act("reserve", requisition, by=karl)
    return requisition


def broken(name: str, model: Any, **changes: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        assert model.objects.update(**changes)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("requisition_status_known", {"status": "lost", "fulfilment": "none"}),
        ("requisition_fulfilment_known", {"fulfilment": "lost"}),
        ("requisition_only_approved_is_fulfilled", {"status": "forwarded"}),
        ("requisition_method_known", {"receiving_method": "by_pigeon"}),
        ("requisition_destination_when_shipped_to_warehouse", {"receiving_method": "to_warehouse"}),
        ("requisition_destination_when_shipped_to_warehouse", {"is_for_branch": True}),
        ("requisition_site_when_shipped_to_site", {"receiving_method": "to_site"}),
        ("requisition_sent_has_time", {"submitted_at": None}),
    ],
)
def test_requisition(requisition: Requisition, name: str, changes: dict[str, Any]) -> None:
    broken(name, Requisition, **changes)


def test_requisition_with_places(requisition: Requisition, vienna: Warehouse) -> None:
    broken("requisition_site_when_shipped_to_site", Requisition, site=SiteFactory())
    there = {"receiving_method": "to_warehouse", "destination": vienna}
    broken("requisition_goes_to_another_warehouse", Requisition, **there)
    broken("requisition_destination_when_shipped_to_warehouse", Requisition, destination=depot("Linz"))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("grant_never_exceeded", {"granted": 4}),
        ("grant_never_exceeded", {"cancelled": 6}),
        ("grant_never_exceeded", {"shipped": 6}),
        ("grant_packed_is_reserved", {"packed": 4}),
        ("grant_received_was_shipped", {"received": 1}),
    ],
)
def test_grant(requisition: Requisition, name: str, changes: dict[str, Any]) -> None:
    broken(name, Grant, **changes)


def test_lines_and_reservations(requisition: Requisition, karl: User) -> None:
    broken("requisition_line_quantity_positive", RequisitionLine, quantity=0)
    broken("allocation_quantity_positive", Allocation, quantity=0)
    broken("allocation_packed_is_there", Allocation, packed=4)
    broken("issue_line_quantity_positive", IssueLine, quantity=0)
    broken("issue_is_posted", Issue, posting=None)
    broken("issue_undone_has_reversal", Issue, undone_at=timezone.now(), undone_by=karl)
    HoldingLimit.objects.create(engineer=karl, value=1)
    broken("holding_limit_not_negative", HoldingLimit, value=-1)


def test_once(requisition: Requisition, bearing: Part) -> None:
    line, grant, allocation = requisition.lines.get(), Grant.objects.get(), Allocation.objects.get()
    copies = {
        RequisitionLine: {"requisition": requisition, "part": bearing, "quantity": 1},
        Grant: {"line": line, "part": bearing, "granted": 1},
        Allocation: {"grant": grant, "part": bearing, "warehouse": allocation.warehouse, "quantity": 1},
    }
    for model, facts in copies.items():
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.create(**facts)  # type: ignore[attr-defined]


def test_sent_on_once(requisition: Requisition, jana: User, bearing: Part) -> None:
    for pk in [draft(jana, (bearing, 1)).pk, draft(jana, (bearing, 1)).pk]:
        last = Requisition.objects.filter(pk=pk)
        if not Requisition.objects.filter(forwarded_from=requisition).exists():
            last.update(forwarded_from=requisition)
            continue
        with pytest.raises(IntegrityError), transaction.atomic():
            last.update(forwarded_from=requisition)


def found() -> list[tuple[str, str, int]]:
    return [(each.check, each.prefix, each.difference) for each in document_differences()]


class TestVerification:
    def test_the_truth(self, requisition: Requisition) -> None:
        assert found() == []

    @pytest.mark.usefixtures("planted_drift")
    @pytest.mark.parametrize(
        ("model", "changes", "lies"),
        [
            (
                Allocation,
                {"quantity": 2},
                [("what lies in staging is reserved", "warehouse", 1), ("grants count their reservations", "RQ", 1)],
            ),
            (Allocation, {"condition": "repaired"}, [("what lies in staging is reserved", "warehouse", 6)]),
            (Allocation, {"packed": 1}, [("grants count their reservations", "RQ", 1)]),
            (Grant, {"reserved": 4}, [("grants count their reservations", "RQ", 1)]),
            (Grant, {"issued": 3}, [("grants count their issues", "RQ", 1)]),
            (
                IssueLine,
                {"quantity": 1},
                [("grants count their issues", "RQ", 1), ("issue lines equal their moves", "IS", 1)],
            ),
        ],
    )
    def test_a_lie(self, requisition: Requisition, model: Any, changes: dict[str, Any], lies: list[Any]) -> None:
        model.objects.update(**changes)
        assert found() == lies

    @pytest.mark.usefixtures("planted_drift")
    def test_reserved_stock_that_was_forgotten(self, requisition: Requisition, belt: Part) -> None:
        Allocation.objects.update(part=belt)
        names = {name for name, _prefix, _steps in found()}
        assert names == {"what lies in staging is reserved", "reserved stock is of its grant's part"}
        Allocation.objects.all().delete()
        assert ("what lies in staging is reserved", "warehouse", 3) in found()

    @pytest.mark.usefixtures("planted_drift")
    def test_an_issue_undone_without_its_reversal_and_the_other_way_round(
        self, requisition: Requisition, karl: User
    ) -> None:
        act("undo_issue", Issue.objects.get(), by=karl)
        assert found() == []
        reversal = Issue.objects.get().reversal
        Issue.objects.update(reversal=None, undone_at=None, undone_by=None)
        assert ("undone issues are reversed", "IS", 2) in found()
        Issue.objects.update(reversal=Issue.objects.get().posting, undone_at=timezone.now(), undone_by=karl)
        assert reversal is not None
        assert reversal.key != uuid.UUID(int=0)
        assert ("undone issues are reversed", "IS", 2) in found()
