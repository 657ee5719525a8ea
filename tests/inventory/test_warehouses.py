"""A warehouse opens with its places, is or is not the default, and closes only when it is empty."""

import uuid
from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from config.shared.errors import IllegalTransition, NotAllowed
from config.shared.models import AuditEvent
from inventory.domain import ledger, warehouses
from inventory.domain.locations import outside, warehouse_location
from inventory.enums import LocationKind, PostingReason, WarehouseStatus
from inventory.models import Location, Warehouse
from spareparts.enums import Mode
from tests.factories.inventory import PartFactory, UnitFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def advanced(use_mode):
    return use_mode(Mode.ADVANCED)


@pytest.fixture
def vienna(ada):
    return opened("Vienna", ada)


@pytest.fixture
def linz(ada, vienna):
    return opened("Linz", ada)


def opened(name: str, by) -> Warehouse:
    return warehouses.create_warehouse(Warehouse(code=name[:3].upper(), name=name), by=by, at=NOW)


def put(part, quantity: int, warehouse: Warehouse, kind: LocationKind, by) -> None:
    line = ledger.Line(
        part=part, quantity=quantity, source=outside(LocationKind.SUPPLIER), target=warehouse_location(warehouse, kind)
    )
    ledger.post(
        reason=PostingReason.GOODS_RECEIPT, reference="GR-000001", lines=[line], by=by, at=NOW, key=uuid.uuid4()
    )


def state(warehouse: Warehouse) -> tuple[str, bool]:
    return Warehouse.objects.values_list("status", "is_default").get(pk=warehouse.pk)


class TestOpening:
    def test_it_comes_with_its_four_places_and_the_first_is_the_default(self, vienna, linz):
        places = Location.objects.filter(warehouse=vienna).values_list("kind", flat=True)
        assert sorted(places) == ["repair", "shelf", "staging", "transit"]
        assert (state(vienna), state(linz)) == (("open", True), ("open", False))

    def test_it_is_written_down_who_opened_it(self, vienna, ada):
        event = AuditEvent.objects.get(verb="warehouse.create")
        assert (event.actor, event.subject_label, event.at) == (ada, "Vienna", NOW)

    def test_only_the_administrator_opens_one(self, karl, eva):
        for user in (karl, eva):
            with pytest.raises(NotAllowed):
                opened("Graz", user)
        assert Warehouse.objects.count() == 0

    def test_in_a_mode_without_warehouse_stock_nobody_does(self, linz, ada, use_mode):
        use_mode(Mode.SIMPLE)
        del ada.policy  # as in the next request
        for verb in (warehouses.disable, warehouses.close):
            with pytest.raises(NotAllowed):
                verb(linz, by=ada, at=NOW)


class TestDefault:
    def test_exactly_one_is_the_default(self, vienna, linz, ada):
        warehouses.set_default(linz, by=ada, at=NOW)
        assert (state(vienna), state(linz)) == (("open", False), ("open", True))
        assert AuditEvent.objects.filter(verb="warehouse.set_default").count() == 1

    def test_a_warehouse_that_is_not_open_cannot_be_it(self, vienna, linz, ada):
        warehouses.disable(linz, by=ada, at=NOW)
        with pytest.raises(warehouses.DefaultMustBeOpen, match="Linz is not open"):
            warehouses.set_default(linz, by=ada, at=NOW)
        assert state(vienna) == ("open", True)

    def test_the_default_is_neither_disabled_nor_closed(self, vienna, linz, ada):
        for verb in (warehouses.disable, warehouses.close):
            with pytest.raises(warehouses.DefaultMustBeOpen, match="Make another one the default first"):
                verb(vienna, by=ada, at=NOW)
        warehouses.set_default(linz, by=ada, at=NOW)
        warehouses.disable(vienna, by=ada, at=NOW)
        assert state(vienna) == ("disabled", False)

    def test_the_database_holds_it_too(self, vienna, linz):
        with pytest.raises(IntegrityError, match=r"is_default|one_default"), transaction.atomic():
            Warehouse.objects.filter(pk=linz.pk).update(is_default=True)
        with pytest.raises(IntegrityError, match="warehouse_default_is_open"), transaction.atomic():
            Warehouse.objects.filter(pk=vienna.pk).update(status=WarehouseStatus.CLOSED)
        with pytest.raises(IntegrityError, match="warehouse_status_known"), transaction.atomic():
            Warehouse.objects.filter(pk=linz.pk).update(status="lost")


class TestDisablingAndClosing:
    def test_a_disabled_one_opens_again(self, linz, ada):
        warehouses.disable(linz, by=ada, at=NOW, reason="Flooded")
        assert state(linz) == ("disabled", False)
        warehouses.enable(linz, by=ada, at=NOW)
        assert state(linz) == ("open", False)
        assert AuditEvent.objects.get(verb="warehouse.disable").reason == "Flooded"

    @pytest.mark.usefixtures("planted_drift")  # nothing but a document puts parts into the pooled places
    @pytest.mark.parametrize("kind", ["shelf", "staging", "transit", "repair"])
    def test_it_closes_only_when_nothing_lies_there(self, linz, ada, kind):
        part = PartFactory(number="CBL-10", unit=UnitFactory(code="m", name="metre", decimal_places=2))
        put(part, 1250, linz, LocationKind(kind), ada)
        with pytest.raises(warehouses.WarehouseNotEmpty) as refused:
            warehouses.close(linz, by=ada, at=NOW)
        place = LocationKind(kind).label
        assert refused.value.messages == [
            "Linz cannot be closed while parts lie there. Move or use them first.",
            f"{place}: 12.5 m of CBL-10",
        ]
        assert state(linz) == ("open", False)
        assert AuditEvent.objects.filter(verb="warehouse.close").count() == 0

    def test_an_empty_one_closes_once(self, linz, ada):
        warehouses.close(linz, by=ada, at=NOW, reason="Lease ended")
        assert state(linz) == ("closed", False)
        for verb in (warehouses.close, warehouses.disable):
            with pytest.raises(IllegalTransition, match="Linz is now “Closed”"):
                verb(linz, by=ada, at=NOW)
        assert AuditEvent.objects.filter(verb="warehouse.close").count() == 1

    def test_a_manager_disables_his_own_and_no_other(self, linz, karl, lin):
        linz.managers.add(lin)
        with pytest.raises(NotAllowed):
            warehouses.disable(linz, by=karl, at=NOW)
        warehouses.disable(linz, by=lin, at=NOW)
        assert state(linz) == ("disabled", False)
        with pytest.raises(NotAllowed):
            warehouses.set_default(linz, by=lin, at=NOW)


@pytest.mark.postgres
class TestRaces:
    pytestmark = pytest.mark.django_db(transaction=True)

    @staticmethod
    def at_once(*acts) -> list[Exception]:
        start, failed = Barrier(len(acts)), []

        def run(act) -> None:
            start.wait()
            try:
                act()
            except Exception as error:  # noqa: BLE001  what failed is what is asserted
                failed.append(error)
            finally:
                connection.close()

        threads = [Thread(target=run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return failed

    def test_of_many_who_choose_a_default_at_once_the_last_wins(self, vienna, ada):
        rows = [opened(f"{at} Depot", ada) for at in range(8)]
        failed = self.at_once(*(lambda row=row: warehouses.set_default(row, by=ada, at=NOW) for row in rows))
        assert failed == []
        assert Warehouse.objects.filter(is_default=True).count() == 1

    def test_without_the_lock_two_defaults_would_meet(self, vienna, ada, monkeypatch):
        """The control: the database refuses the second, so somebody would see an error."""
        monkeypatch.setattr(warehouses, "one_at_a_time", lambda lock: None)
        rows = [opened(f"{at} Depot", ada) for at in range(8)]
        failed = [
            error
            for _round in range(5)
            for error in self.at_once(*(lambda row=row: warehouses.set_default(row, by=ada, at=NOW) for row in rows))
        ]
        assert failed != []
        assert Warehouse.objects.filter(is_default=True).count() == 1

    def test_of_two_first_warehouses_one_is_the_default(self, ada):
        failed = self.at_once(*(lambda name=name: opened(name, ada) for name in ("Aaa", "Bbb", "Ccc", "Ddd")))
        assert failed == []
        assert Warehouse.objects.filter(is_default=True).count() == 1

    def test_two_people_cannot_close_a_circle_of_replacements_together(self, ada):
        from inventory.domain import catalogue

        first, second = PartFactory.create_batch(2)

        def act(part, successor) -> None:
            with transaction.atomic():
                catalogue.supersede(part, successor=successor)

        failed = self.at_once(lambda: act(first, second), lambda: act(second, first))
        assert [type(error) for error in failed] == [catalogue.SupersessionCycle]
