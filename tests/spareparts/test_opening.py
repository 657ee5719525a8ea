"""Stock from before: opened on shelves and in vans, identified later, written off on the way down."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from config.shared.errors import NotAllowed
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from inventory.domain.errors import NotEnoughStock, SerialElsewhere
from inventory.enums import LocationKind, Tracking
from inventory.models import Balance, Location, Lot, Posting
from inventory.queries import layers
from spareparts.domain import modes
from spareparts.domain.opening import (
    BadOpening,
    NothingToWriteOff,
    OpeningLine,
    identify,
    open_stock,
    write_off_vanishing,
)
from spareparts.domain.routes import FlowNotInMode
from spareparts.enums import Mode
from spareparts.queries import current_policy, current_settings
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.workorders import UserFactory
from tests.spareparts.helpers import key, refused
from tests.support.stock import held, personal, put, shelf

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
OPENING = "/settings/spare-parts/opening/"
CLOSING = "/settings/spare-parts/closing/"
WAREHOUSE = "/settings/spare-parts/warehouse/"


def opened(by, *lines, **place) -> int:
    return open_stock(by=by, at=NOW, key=uuid.uuid4(), policy=current_policy(), lines=lines, **place)


class TestOpening:
    def test_on_a_shelf_in_one_posting(self, ada, advanced) -> None:
        vienna = WarehouseFactory(name="Vienna")
        bearing, valve = PartFactory(), PartFactory()

        assert (
            opened(ada, OpeningLine(bearing, 5, 1), OpeningLine(valve, 2, 2, condition="repaired"), warehouse=vienna)
            == 2
        )

        assert held(shelf(vienna)) == {bearing.number: 5, f"{valve.number} (repaired)": 2}
        assert Posting.objects.count() == 1
        assert AuditEvent.objects.get(verb="stock.opening").details["lines"] == 2

    def test_in_a_van_with_its_age(self, ada, jana, standard) -> None:
        bearing = PartFactory()
        opened(ada, OpeningLine(bearing, 3, 1, held_since=NOW - timedelta(days=40)), engineer=jana)

        (layer,) = layers(Location.objects.filter(owner=jana))
        assert (layer.quantity, layer.since) == (3, NOW - timedelta(days=40))

    def test_no_shelf_where_the_mode_has_none(self, ada, standard) -> None:
        with refused(FlowNotInMode):
            opened(ada, OpeningLine(PartFactory(), 1, 1), warehouse=WarehouseFactory())

    def test_every_bad_line_is_named(self, ada, advanced) -> None:
        serial, plain = PartFactory(number="VLV-1", tracking=Tracking.SERIAL), PartFactory(number="NUT-1")
        with refused(BadOpening) as caught:
            opened(
                ada,
                OpeningLine(serial, 1, 1),
                OpeningLine(serial, 2, 2, lot_code="S-1"),
                OpeningLine(plain, 0, 3),
                OpeningLine(plain, 1, 4, lot_code="X"),
                warehouse=WarehouseFactory(),
            )
        assert caught.value.messages == [
            "Row 1, VLV-1: a batch or serial number is needed.",
            "Row 2, VLV-1: a serial number is one piece.",
            "Row 3, NUT-1: the quantity must be more than zero and not absurdly large.",
            "Row 4, NUT-1: this part is not tracked, so it has no batch or serial number.",
        ]

    def test_nothing_or_too_much(self, ada, advanced, monkeypatch) -> None:
        with refused(BadOpening):
            opened(ada, warehouse=WarehouseFactory())
        monkeypatch.setattr("spareparts.domain.opening.MOST_LINES", 1)
        with refused(BadOpening):
            opened(ada, *[OpeningLine(PartFactory(), 1, row) for row in (1, 2)], warehouse=WarehouseFactory())

    def test_a_serial_number_lies_in_one_place(self, ada, advanced) -> None:
        valve = PartFactory(tracking=Tracking.SERIAL)
        opened(ada, OpeningLine(valve, 1, 1, lot_code="S-1"), warehouse=WarehouseFactory())
        with refused(SerialElsewhere):
            opened(ada, OpeningLine(valve, 1, 1, lot_code="S-1"), warehouse=WarehouseFactory())

    def test_only_the_administrator(self, eva, advanced) -> None:
        with refused(NotAllowed):
            opened(eva, OpeningLine(PartFactory(), 1, 1), warehouse=WarehouseFactory())


class TestIdentify:
    @pytest.fixture
    def valve(self, ada, jana, standard):
        """Held since Standard without its number; the company has gone to Advanced since."""
        valve = PartFactory(number="VLV-1", tracking=Tracking.SERIAL)
        put(personal(jana), valve, 2, by=ada, at=NOW - timedelta(days=30))
        WarehouseFactory(is_default=True)
        return valve

    def named(self, jana, valve, code: str, by=None, quantity: int = 1) -> Lot:
        facts = {"by": by or jana, "at": NOW, "key": uuid.uuid4(), "policy": current_policy()}
        return identify(engineer=jana, part=valve, lot_code=code, quantity=quantity, **facts)

    def test_it_gets_a_number_and_keeps_its_age(self, jana, valve, advanced) -> None:
        lot = self.named(jana, valve, " S-1 ")

        rows = Balance.objects.filter(location=personal(jana), on_hand__gt=0).order_by("lot")
        assert sorted((row.lot_id or 0, row.on_hand) for row in rows) == [(0, 1), (lot.pk, 1)]
        ages = {layer.lot_id: layer.since for layer in layers(Location.objects.filter(owner=jana))}
        assert ages == {None: NOW - timedelta(days=30), lot.pk: NOW - timedelta(days=30)}

    def test_a_number_too_many(self, jana, valve, advanced) -> None:
        self.named(jana, valve, "S-1")
        self.named(jana, valve, "S-2")
        with refused(NotEnoughStock):
            self.named(jana, valve, "S-3")
        with refused(BadOpening):
            self.named(jana, valve, "")
        with refused(BadOpening):
            self.named(jana, valve, "S-4", quantity=2)

    def test_a_colleague_may_not_and_a_manager_may(self, jana, tom, eva, valve, advanced) -> None:
        with refused(NotAllowed):
            self.named(jana, valve, "S-1", by=tom)
        assert self.named(jana, valve, "S-1", by=eva).code == "S-1"


class TestClosing:
    @pytest.fixture
    def stock(self, ada, jana, advanced):
        vienna, bearing = WarehouseFactory(name="Vienna", is_default=True), PartFactory()
        put(shelf(vienna), bearing, 7, by=ada)
        put(personal(jana), bearing, 2, by=ada)
        return vienna, bearing

    def close(self, by, to: str, reason: str = "We begin anew") -> int:
        return write_off_vanishing(mode=to, by=by, at=NOW, key=uuid.uuid4(), policy=current_policy(), reason=reason)

    def test_only_what_would_vanish_is_written_off(self, ada, jana, stock) -> None:
        vienna, bearing = stock
        assert self.close(ada, Mode.STANDARD) == 1
        assert (held(shelf(vienna)), held(personal(jana))) == ({}, {bearing.number: 2})
        with refused(NothingToWriteOff):
            self.close(ada, Mode.STANDARD)
        assert self.close(ada, Mode.SIMPLE) == 1
        assert held(personal(jana)) == {}

    def test_refusals(self, ada, eva, stock) -> None:
        with refused(ReasonMissing):
            self.close(ada, Mode.SIMPLE, reason=" ")
        with refused(NotAllowed):
            self.close(eva, Mode.SIMPLE)

    def test_on_the_page(self, ada, jana, stock, as_user) -> None:
        browser = as_user(ada)
        assert browser.get(CLOSING).url == "/settings/spare-parts/"
        assert [row.on_hand for row in browser.get(CLOSING, {"to": "simple"}).context["stock"]] == [7, 2]

        form = {"to": "simple", "reason": "We begin anew"} | key()
        answers = [browser.post(CLOSING, form).url for _again in range(2)]

        assert answers == ["/settings/spare-parts/change/?to=simple"] * 2
        assert Posting.objects.filter(reference__startswith="CLOSE-").count() == 1
        assert list(Balance.objects.filter(on_hand__gt=0)) == []
        assert browser.get(CLOSING, {"to": "simple"}).context["stock"] == []


class TestChange:
    @pytest.fixture(autouse=True)
    def everything_ready(self, ready_modes) -> None:
        """Both modes can be chosen."""

    def blockers(self, mode: str) -> list[tuple[str, str]]:
        preview = modes.preview_change(mode=mode, is_enabled=True)
        return [(blocker.words, blocker.url_name) for blocker in preview.blockers]

    def test_the_first_warehouse_comes_first(self, ada, standard, as_user) -> None:
        assert self.blockers(Mode.ADVANCED) == [
            ("There is no warehouse yet. Open the first one.", "spareparts:settings_warehouse")
        ]
        browser = as_user(ada)
        page = browser.get("/settings/spare-parts/change/", {"to": "advanced"})
        assert [each["url"] for each in page.context["blockers"]] == [WAREHOUSE]

        done = browser.post(WAREHOUSE, {"code": "VIE", "name": "Vienna", "address": "", "phone": ""} | key())

        assert done.url == "/settings/spare-parts/change/?to=advanced"
        assert self.blockers(Mode.ADVANCED) == []

    def test_what_needs_a_number_is_listed(self, ada, jana, standard) -> None:
        WarehouseFactory(is_default=True)
        put(personal(jana), PartFactory(tracking=Tracking.SERIAL), 2, by=ada)
        preview = modes.preview_change(mode=Mode.ADVANCED, is_enabled=True)
        assert preview.notes == ["Held parts without batch or serial number: 1. Each is asked for it at its next use."]

    def test_down_with_stock_leads_to_the_closing_document(self, ada, jana, standard, as_user) -> None:
        put(personal(jana), PartFactory(), 2, by=ada)
        assert [url for _words, url in self.blockers(Mode.SIMPLE)] == ["spareparts:settings_closing"]
        page = as_user(ada).get("/settings/spare-parts/change/", {"to": "simple"})
        assert page.context["blockers"][0]["url"] == f"{CLOSING}?to=simple"

    def test_terms(self, ada, standard, as_user) -> None:
        browser = as_user(ada)
        page = browser.get("/settings/spare-parts/")
        names = list(page.context["form"].fields)
        assert "shipment_approval" not in names
        assert "return_confirmation" in names
        typed = {name: page.context["form"][name].value() for name in names}
        typed = {name: value for name, value in typed.items() if value is not None and value is not False}

        done = browser.post("/settings/spare-parts/", typed | {"requisition_approval": "manual"} | key())

        assert done.status_code == 302, done.context["form"].errors
        assert current_settings().requisition_approval == "manual"
        text = browser.get("/settings/spare-parts/").context["events"][0]["text"]
        assert text == "approval of requests: automatic → manual"


class TestOpeningPage:
    def sent(self, browser, rows: str, place: str) -> object:
        return browser.post(OPENING, {"place": place, "rows": rows} | key())

    def test_typed_and_pasted(self, ada, jana, advanced, as_user) -> None:
        vienna = WarehouseFactory(is_default=True)
        PartFactory(number="BRG-1")
        PartFactory(number="VLV-1", tracking=Tracking.SERIAL)
        browser = as_user(ada)

        assert self.sent(browser, "BRG-1, 5\nVLV-1, 1, S-1", f"warehouse-{vienna.pk}").url == OPENING
        assert self.sent(browser, "part\tquantity\nBRG-1\t2", f"engineer-{jana.pk}").url == OPENING

        assert (held(shelf(vienna)), held(personal(jana))) == ({"BRG-1": 5, "VLV-1": 1}, {"BRG-1": 2})

    def test_bad_rows_are_named_and_nothing_is_lost(self, ada, advanced, as_user) -> None:
        vienna = WarehouseFactory(is_default=True)
        PartFactory(number="BRG-1")
        rows = "BRG-1,5\nNOPE,1\nBRG-1,x\nBRG-1,1,,odd\nBRG-1,1,,new,yesterday"
        page = self.sent(as_user(ada), f"part,quantity,lot,condition,since\n{rows}", f"warehouse-{vienna.pk}")
        assert page.context["form"].errors["rows"] == [
            "Row 3, part: expected a part number of the catalogue, got “NOPE”.",
            "Row 4, quantity: expected Enter a number such as 2., got “x”.",
            "Row 5, condition: expected new, old, repaired, got “odd”.",
            "Row 6, since: expected a date such as 2026-11-23, got “yesterday”.",
        ]
        assert page.context["form"]["rows"].value().startswith("part,quantity")
        assert held(shelf(vienna)) == {}

    def test_neither_or_without_columns(self, ada, advanced, as_user) -> None:
        place = f"warehouse-{WarehouseFactory(is_default=True).pk}"
        browser = as_user(ada)
        assert self.sent(browser, " ", place).context["form"].errors["rows"] == ["Type the lines, or choose a file."]
        page = self.sent(browser, "part,colour\nBRG-1,red", place)
        assert page.context["form"].errors["rows"] == ["The columns are missing: quantity"]

    def test_in_simple_there_is_nothing_to_open(self, ada, as_user) -> None:
        assert as_user(ada).get(OPENING).url == "/settings/spare-parts/"
        assert LocationKind.SHELF not in current_policy().places


def test_people_of_the_list_are_engineers(ada, standard, as_user) -> None:
    UserFactory(name="Not an engineer")
    jana = UserFactory(name="Jana Novak", is_engineer=True)
    page = as_user(ada).get(OPENING)
    assert page.context["form"].fields["place"].choices == [(f"engineer-{jana.pk}", "Jana Novak")]
