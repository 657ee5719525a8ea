"""Parts an engineer bought himself."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from config.shared.errors import NotAllowed
from config.shared.models import AuditEvent
from inventory.domain.errors import SerialElsewhere
from inventory.enums import LocationKind, PostingReason
from inventory.models import Lot, Move
from spareparts.domain.consumption import BadLines
from spareparts.domain.purchases import BoughtPart, NothingBought, SupplierMissing, undo_purchase
from spareparts.domain.taking_back import UndoRefused
from spareparts.enums import Mode
from spareparts.models import LocalPurchase, LocalPurchaseLine
from spareparts.queries import current_policy
from tests.factories.inventory import PartFactory, UnitFactory
from tests.factories.personal import bought, lost
from tests.spareparts.helpers import refused
from tests.support.modes import in_mode
from tests.support.stock import held, personal

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SOON = NOON + timedelta(minutes=9)
PRICE = Decimal("9.90")
pytestmark = [pytest.mark.usefixtures("standard")]


@pytest.fixture
def bearing(db):
    return PartFactory(number="BRG-1")


@pytest.fixture
def pump(db):
    return PartFactory(number="PMP-1", tracking="serial")


def undo(purchase, by, at=SOON, reason=""):
    undo_purchase(purchase, by=by, at=at, key=uuid.uuid4(), policy=current_policy(), reason=reason)


@pytest.mark.both_engines
class TestRecord:
    def test_they_are_his_at_once(self, jana, bearing) -> None:
        cable = PartFactory(number="CBL-1", unit=UnitFactory(code="m", name="metre", decimal_places=2))
        purchase = bought(
            jana, BoughtPart(bearing, 2, PRICE), BoughtPart(cable, 150, PRICE), at=NOON, supplier=" Prater ", note=" x "
        )

        assert held(personal(jana)) == {"BRG-1": 2, "CBL-1": 150}
        assert (purchase.supplier, purchase.note, purchase.posting.reason) == ("Prater", "x", "local_purchase")
        move = Move.objects.order_by("pk")[0]
        assert (move.source.kind, move.held_since) == (LocationKind.SUPPLIER, NOON)
        assert move.posting.reason == PostingReason.LOCAL_PURCHASE
        assert AuditEvent.objects.get(verb="localpurchase.record").details == {"supplier": "Prater", "lines": 2}

    def test_in_standard_nobody_asks_for_a_serial_number(self, jana, pump) -> None:
        bought(jana, BoughtPart(pump, 3, PRICE))
        assert held(personal(jana)) == {"PMP-1": 3}

    def test_in_advanced_each_piece_has_its_number(self, jana, tom, pump) -> None:
        in_mode(Mode.ADVANCED)
        grease = PartFactory(number="GRS-1", tracking="batch")
        bought(jana, BoughtPart(pump, 1, PRICE, " 77-1 "), BoughtPart(grease, 5, PRICE, "B7"))
        assert sorted(Lot.objects.values_list("code", "is_serial")) == [("77-1", True), ("B7", False)]
        bought(jana, BoughtPart(grease, 5, PRICE, "B7"))
        assert Lot.objects.count() == 2

        with refused(SerialElsewhere) as caught:
            bought(tom, BoughtPart(pump, 1, PRICE, "77-1"))
        assert caught.value.messages == ["Serial number 77-1 is already here: Jana Novak."]


class TestRefusals:
    def test_all_bad_lines_at_once(self, jana, bearing) -> None:
        old = PartFactory(number="OLD-1", is_listed=False)
        with refused(BadLines) as caught:
            bought(
                jana,
                BoughtPart(bearing, 0, PRICE),
                BoughtPart(bearing, 1, Decimal("-0.01")),
                BoughtPart(old, 10**9 + 1, Decimal(10) ** 11),
            )
        assert [(each.index, each.field) for each in caught.value.problems] == [
            (0, "quantity"),
            (1, "unit_cost"),
            (2, "quantity"),
            (2, "unit_cost"),
            (2, "part"),
        ]
        assert caught.value.problems[-1].message.startswith("OLD-1: it is unlisted")

    def test_lots_in_advanced(self, jana, bearing, pump) -> None:
        in_mode(Mode.ADVANCED)
        grease = PartFactory(number="GRS-1", tracking="batch")
        with refused(BadLines) as caught:
            bought(
                jana,
                BoughtPart(pump, 1, PRICE),
                BoughtPart(pump, 2, PRICE, "77-1"),
                BoughtPart(grease, 1, PRICE, " "),
                BoughtPart(bearing, 1, PRICE, "B7"),
            )
        assert caught.value.messages == [
            "PMP-1: type its serial number.",
            "PMP-1: one serial number is one piece. Add a line for each.",
            "GRS-1: type its batch.",
            "BRG-1: it has no batches or serial numbers.",
        ]
        assert not Lot.objects.exists()

    def test_head_and_right(self, jana, tom, bearing) -> None:
        with refused(SupplierMissing):
            bought(jana, bearing, supplier=" ")
        with refused(NothingBought):
            bought(jana)
        with refused(NotAllowed):
            bought(jana, bearing, by=tom)
        with refused(BadLines) as caught:
            bought(jana, *[bearing] * 101)
        assert caught.value.messages == ["A purchase holds at most 100 lines."]


@pytest.mark.both_engines
class TestUndo:
    def test_back_to_the_shop(self, jana, bearing) -> None:
        purchase = bought(jana, bearing, at=NOON)
        undo(purchase, jana)
        assert held(personal(jana)) == {}
        assert LocalPurchase.objects.get().status == "undone"

    def test_not_what_is_used(self, jana, eva, bearing) -> None:
        purchase = bought(jana, BoughtPart(bearing, 2, PRICE), at=NOON)
        lost(jana, bearing)
        with refused(UndoRefused):
            undo(purchase, eva, reason="Wrong part")


def test_the_database_says_no(jana, bearing) -> None:
    purchase = bought(jana, bearing)
    for name, changes in (
        ("local_purchase_line_quantity_positive", {"quantity": 0}),
        ("local_purchase_line_cost_not_negative", {"unit_cost": -1}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            LocalPurchaseLine.objects.filter(purchase=purchase).update(**changes)
    with pytest.raises(IntegrityError, match="localpurchase_undone_has_reversal"), transaction.atomic():
        LocalPurchase.objects.update(status="undone")
