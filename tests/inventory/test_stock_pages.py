"""Karl looks at his stock, Eva follows a movement through the ledger."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Bin
from spareparts.enums import Mode
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.support.stock import personal, put, shelf

STOCK, LEDGER = "/stock/", "/ledger/"


@pytest.fixture
def depots(karl, ada, jana, advanced):
    """Karl's Vienna, and Linz, which is not his; something lies in each, and with Jana."""
    vienna, linz = WarehouseFactory(name="Vienna"), WarehouseFactory(name="Linz")
    vienna.managers.add(karl)
    bearing, valve = PartFactory(number="BRG-1"), PartFactory(number="VLV-1")
    Bin.objects.create(warehouse=vienna, part=bearing, code="A-03-2")
    Bin.objects.create(warehouse=linz, part=bearing, code="Z-1")
    put(shelf(vienna), bearing, 22, by=ada)
    put(shelf(linz), valve, 3, by=ada)
    put(personal(jana), valve, 1, by=ada)
    return vienna, linz


def rows(page) -> list[tuple[str, str]]:
    return [(row.record.part.number, str(row.record.location)) for row in page.context["table"].rows]


def moved(page) -> list[str]:
    return [row.record.part.number for row in page.context["table"].rows]


class TestStock:
    def test_a_manager_sees_his_own(self, karl, eva, depots, as_user) -> None:
        page = as_user(karl).get(STOCK)
        assert rows(page) == [("BRG-1", "Vienna · Warehouse shelf")]
        assert "A-03-2" in page.content.decode()
        assert "Z-1" not in page.content.decode()
        assert len(rows(as_user(eva).get(STOCK))) == 2

    def test_filters(self, eva, depots, as_user) -> None:
        vienna, _linz = depots
        browser = as_user(eva)
        assert [part for part, _ in rows(browser.get(STOCK, {"q": "vlv"}))] == ["VLV-1"]
        assert [part for part, _ in rows(browser.get(STOCK, {"warehouse": vienna.pk}))] == ["BRG-1"]
        assert rows(browser.get(STOCK, {"kind": "staging"})) == []
        assert rows(browser.get(STOCK, {"condition": "old"})) == []

    def test_a_foreign_warehouse_cannot_be_asked_for(self, karl, depots, as_user) -> None:
        page = as_user(karl).get(STOCK, {"warehouse": depots[1].pk})
        assert "warehouse" in page.context["filter"].form.errors

    def test_every_number_opens_its_movements(self, eva, depots, as_user) -> None:
        page = as_user(eva).get(STOCK, {"q": "BRG-1"}).content.decode()
        assert "/ledger/?q=BRG-1&amp;place=Vienna" in page
        assert moved(as_user(eva).get(LEDGER, {"q": "BRG-1", "place": "Vienna"})) == ["BRG-1"]

    def test_who_may(self, jana, karl, depots, as_user, use_mode) -> None:
        assert as_user(jana).get(STOCK).status_code == 403
        use_mode(Mode.STANDARD)
        assert as_user(karl).get(STOCK).status_code == 403


class TestLedger:
    def test_a_manager_sees_what_touched_his_warehouses(self, karl, eva, jana, depots, as_user) -> None:
        assert moved(as_user(karl).get(LEDGER)) == ["BRG-1"]
        assert moved(as_user(eva).get(LEDGER)) == ["VLV-1", "VLV-1", "BRG-1"]
        assert as_user(jana).get(LEDGER).status_code == 403

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"q": "vlv"}, ["VLV-1", "VLV-1"]),
            ({"place": "jana"}, ["VLV-1"]),
            ({"reference": "gr-test"}, ["VLV-1", "VLV-1", "BRG-1"]),
            ({"reference": "gr"}, []),
            ({"reason": "loss"}, []),
            ({"lot": "S-1"}, []),
            ({"first": "2999-01-01"}, []),
            ({"last": "2999-01-01"}, ["VLV-1", "VLV-1", "BRG-1"]),
        ],
    )
    def test_filters(self, eva, depots, as_user, query, found) -> None:
        assert moved(as_user(eva).get(LEDGER, query)) == found


@pytest.mark.parametrize("url", [STOCK, LEDGER])
def test_the_same_queries_with_one_and_three_rows(url, eva, ada, advanced, as_user) -> None:
    vienna = WarehouseFactory(name="Vienna")
    browser = as_user(eva)
    counts = []
    for _round in range(3):
        part = PartFactory()
        Bin.objects.create(warehouse=vienna, part=part, code="A-1")
        put(shelf(vienna), part, 2, by=ada)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[2] <= 8
