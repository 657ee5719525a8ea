"""Every planted lie about hand-overs, reports, purchases and counts is found."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from inventory.domain import ledger
from spareparts.domain.counts import CountedPart
from spareparts.domain.hand_overs import undo_hand_over
from spareparts.domain.handed import HandedPart
from spareparts.domain.losses import undo_loss
from spareparts.domain.purchases import BoughtPart, undo_purchase
from spareparts.enums import LossKind
from spareparts.models import HandOver, HandOverLine, LocalPurchase, LocalPurchaseLine, LossReport, StockCountLine
from spareparts.queries import current_policy
from spareparts.queries.verification import document_differences
from tests.factories.inventory import PartFactory
from tests.factories.personal import accepted, bought, finished, gives, lost, moved, offered, opened

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
pytestmark = [pytest.mark.usefixtures("standard", "planted_drift"), pytest.mark.both_engines]


@pytest.fixture
def six(jana):
    bearing = PartFactory(number="BRG-1", unit_cost=Decimal("1.00"))
    gives(jana, bearing, 6)
    return bearing


def facts(by):
    return {"by": by, "at": NOON, "key": uuid.uuid4(), "policy": current_policy()}


def found() -> list[tuple[str, int, int]]:
    return [(each.check, each.key, each.difference) for each in document_differences()]


def test_true_documents(jana, tom, eva, six) -> None:
    undone = accepted(offered(jana, tom, HandedPart(six, 2), at=NOON), at=NOON)
    undo_hand_over(undone, **facts(tom))
    moved(jana, tom, six, by=eva)
    offered(jana, tom, six)
    undo_loss(lost(jana, six, kind=LossKind.DAMAGED, at=NOON), **facts(jana))
    lost(jana, six)
    undo_purchase(bought(jana, six, at=NOON), **facts(jana))
    bought(jana, six)
    finished(opened(jana), CountedPart(six, 2, reason="Broken"), CountedPart(PartFactory(), 1, reason="Found"))
    assert found() == []


class TestLies:
    def test_hand_over(self, jana, tom, six) -> None:
        document = accepted(offered(jana, tom, HandedPart(six, 3)))
        HandOverLine.objects.update(accepted=2)
        assert found() == [("hand-over lines equal their moves", document.pk, -1)]

    def test_hand_over_to_somebody_else(self, jana, tom, eva, six) -> None:
        document = accepted(offered(jana, tom, HandedPart(six, 3)))
        HandOver.objects.update(receiver=eva)
        assert found() == [("hand-over lines equal their moves", document.pk, 3)]

    def test_undone_and_nothing_went_back(self, jana, tom, six) -> None:
        other = accepted(offered(jana, tom, six))
        document = accepted(offered(jana, tom, HandedPart(six, 3), at=NOON), at=NOON)
        undo_hand_over(document, **facts(tom))
        HandOver.objects.filter(pk=document.pk).update(reversal=other.posting)
        assert found() == [("undone hand-overs net to zero", document.pk, 3)]

    def test_reversed_behind_the_documents_back(self, jana, six) -> None:
        report = lost(jana, six, 2)
        ledger.reverse(report.posting, reference="behind", by=jana, at=NOON, key=uuid.uuid4())
        assert found() == [("loss reports that stand are not reversed", report.pk, 2)]

    def test_loss(self, jana, six) -> None:
        report = lost(jana, six, 2, kind=LossKind.DAMAGED)
        LossReport.objects.update(quantity=3)
        assert found() == [("loss reports equal their moves", report.pk, 1)]

    def test_purchase(self, jana, six) -> None:
        purchase = bought(jana, BoughtPart(six, 2, Decimal("1.00")))
        LocalPurchaseLine.objects.update(quantity=5)
        assert found() == [("purchase lines equal their moves", purchase.pk, 3)]
        LocalPurchaseLine.objects.update(quantity=2)
        ledger.reverse(purchase.posting, reference="behind", by=jana, at=NOON, key=uuid.uuid4())
        assert found() == [("purchases that stand are not reversed", LocalPurchase.objects.get().pk, 2)]

    def test_count(self, jana, six) -> None:
        count = finished(opened(jana), CountedPart(six, 4, reason="Broken"))
        StockCountLine.objects.update(counted=5)
        assert found() == [("count differences equal their moves", count.pk, 1)]
