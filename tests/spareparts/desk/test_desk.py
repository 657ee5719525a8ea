"""Karl at his desk: what waits, what he hands out, packs and prints, and who stands at the counter."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.enums import Tracking
from inventory.models import Bin, Lot, Part, PartBarcode, Warehouse
from spareparts.enums import Mode, ReceivingMethod
from spareparts.models import Allocation, Issue, Requisition
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.requisitions import approved_requisition
from tests.spareparts.helpers import key
from tests.support.stock import held, personal, put, shelf, staging
from workorders.models import User

DESK, COUNTER, PICK_LIST = "/desk/", "/counter/", "/desk/pick-list/"


@pytest.fixture
def vienna(karl: User, advanced) -> Warehouse:
    warehouse = WarehouseFactory(name="Vienna", is_default=True)
    warehouse.managers.add(karl)
    return warehouse


@pytest.fixture
def bearing(vienna: Warehouse) -> Part:
    part = PartFactory(number="BRG-1")
    Bin.objects.create(warehouse=vienna, part=part, code="A-03-2")
    PartBarcode.objects.create(part=part, code="4711")
    return part


@pytest.fixture
def waiting(jana, karl, vienna, bearing) -> Requisition:
    """Jana's request: four bearings lie reserved, two more are short."""
    return approved_requisition(
        jana, vienna, (bearing, 6, 4), by=karl, receiving_method=ReceivingMethod.PICK_UP,
        needed_at=timezone.now() - timedelta(hours=1),
    )  # fmt: skip


def typed(requisition: Requisition, quantity: str, **more: str) -> dict[str, str]:
    row = Allocation.objects.get(grant__line__requisition=requisition)
    return {"version": str(requisition.version), f"allocation-{row.pk}": quantity} | key() | more


class TestQueue:
    def test_what_waits(self, karl, waiting, as_user) -> None:
        page = as_user(karl).get(DESK)
        (each,) = page.context["queue"]
        assert (each.requisition, each.lines, each.open, each.reserved, each.packed) == (waiting, 1, 2, 4, 0)
        assert (each.is_urgent, each.is_to_pick, each.is_packed) == (True, True, False)
        assert page.context["requisition"] == waiting
        ((line, field),) = page.context["rows"]
        assert (line.bins, line.codes, field.value()) == (["A-03-2"], ["BRG-1", "4711"], "4")
        assert [(tile["number"], str(tile["label"])) for tile in page.context["tiles"]] == [
            (1, "Requests to pick"),
            (0, "Packed, not collected"),
            (0, "Waiting for approval"),
            (0, "Returns on the way"),
        ]

    def test_another_managers_desk_is_empty(self, lin, waiting, as_user) -> None:
        page = as_user(lin).get(DESK, {"requisition": waiting.pk})
        assert (page.context["queue"], page.context["requisition"]) == ([], None)

    def test_who_may(self, jana, eva, oskar, vienna, as_user) -> None:
        assert [as_user(who).get(DESK).status_code for who in (jana, eva, oskar)] == [403] * 3

    def test_nonsense_in_the_address(self, karl, waiting, as_user) -> None:
        for query in ("x", "\x00", "9" * 40):
            assert as_user(karl).get(DESK, {"requisition": query}).status_code == 200

    def test_the_same_queries_with_one_and_three(self, jana, karl, vienna, bearing, as_user) -> None:
        browser, counts = as_user(karl), []
        for _round in range(3):
            approved_requisition(jana, vienna, (bearing, 2, 1), by=karl, receiving_method=ReceivingMethod.PICK_UP)
            with CaptureQueriesContext(connection) as queries:
                browser.get(DESK)
            counts.append(len(queries))
        assert counts[0] == counts[2]


class TestIssue:
    def test_part_of_it(self, karl, jana, vienna, waiting, as_user) -> None:
        browser = as_user(karl)
        assert browser.post(f"/desk/requisitions/{waiting.pk}/issue/", typed(waiting, "3", issue="1")).url == DESK
        assert (held(personal(jana)), held(staging(vienna))) == ({"BRG-1": 3}, {"BRG-1": 1})
        said = [str(each) for each in browser.get(DESK).context["messages"]]
        assert said == [f"{Issue.objects.get()}: the parts of {waiting} are with Jana Novak now."]

    def test_twice_is_once(self, karl, jana, waiting, as_user) -> None:
        form, browser = typed(waiting, "1", issue="1"), as_user(karl)
        for _again in range(2):
            assert browser.post(f"/desk/requisitions/{waiting.pk}/issue/", form).status_code == 302
        assert held(personal(jana)) == {"BRG-1": 1}

    @pytest.mark.parametrize("quantity", ["x", "1.5", "9"])
    def test_what_cannot_be_is_said_and_kept(self, karl, jana, waiting, as_user, quantity) -> None:
        page = as_user(karl).post(f"/desk/requisitions/{waiting.pk}/issue/", typed(waiting, quantity, issue="1"))
        assert page.status_code == 200
        assert page.context["form"].errors
        assert [field.value() for _line, field in page.context["rows"]] == [quantity]
        assert held(personal(jana)) == {}

    def test_an_old_page_is_refused(self, karl, jana, waiting, as_user) -> None:
        form, browser = typed(waiting, "1", issue="1"), as_user(karl)
        browser.post(f"/desk/requisitions/{waiting.pk}/issue/", typed(waiting, "2", pack="1"))
        page = browser.post(f"/desk/requisitions/{waiting.pk}/issue/", form)
        assert "Look again before you go on" in page.context["form"].non_field_errors()[0]
        assert held(personal(jana)) == {}

    def test_packed_is_a_mark_and_moves_nothing(self, karl, vienna, waiting, as_user) -> None:
        done = as_user(karl).post(f"/desk/requisitions/{waiting.pk}/issue/", typed(waiting, "4", pack="1"))
        assert done.url == f"{DESK}?requisition={waiting.pk}"
        assert (Allocation.objects.get().packed, held(staging(vienna))) == (4, {"BRG-1": 4})
        assert as_user(karl).get(DESK).context["queue"][0].is_packed

    def test_what_has_come_in_is_reserved(self, karl, vienna, bearing, waiting, as_user) -> None:
        put(shelf(vienna), bearing, 5, by=karl)
        browser = as_user(karl)
        assert browser.get(DESK).context["may_reserve"]
        browser.post(f"/desk/requisitions/{waiting.pk}/reserve/", key())
        assert held(staging(vienna)) == {"BRG-1": 6}

    def test_a_stranger(self, lin, waiting, as_user) -> None:
        for verb in ("issue", "reserve"):
            assert as_user(lin).post(f"/desk/requisitions/{waiting.pk}/{verb}/", key()).status_code == 404


def test_one_walk_along_the_bins(karl, jana, tom, vienna, bearing, waiting, as_user) -> None:
    valve = PartFactory(number="VLV-1")
    Bin.objects.create(warehouse=vienna, part=valve, code="A-01-1")
    other = approved_requisition(tom, vienna, (valve, 1), by=karl, receiving_method=ReceivingMethod.PICK_UP)
    page = as_user(karl).get(PICK_LIST, {"requisition": [waiting.pk, other.pk]})
    assert [(line.bins[0], line.unpacked) for line in page.context["lines"]] == [("A-01-1", 1), ("A-03-2", 4)]
    assert as_user(karl).get(PICK_LIST).context["lines"] == []


class TestCounter:
    def sent(self, browser, jana: User, *lines: tuple[Part, str, str], **more: object) -> object:
        data: dict[str, object] = {"engineer": jana.pk, "work_order": "", "lines-TOTAL_FORMS": len(lines)}
        data |= {"lines-INITIAL_FORMS": "0"} | key() | more
        for index, (part, quantity, lot) in enumerate(lines):
            data |= {f"lines-{index}-part": part.pk, f"lines-{index}-quantity": quantity, f"lines-{index}-lot": lot}
        return browser.post(COUNTER, data)

    def test_request_approval_and_issue_in_one(self, karl, jana, vienna, bearing, as_user) -> None:
        put(shelf(vienna), bearing, 5, by=karl)
        done = self.sent(as_user(karl), jana, (bearing, "2", ""), warehouse=vienna.pk)
        requisition = Requisition.objects.get()
        assert done.url == requisition.get_absolute_url()
        assert (requisition.is_at_counter, held(personal(jana)), held(shelf(vienna))) == (
            True, {"BRG-1": 2}, {"BRG-1": 3},
        )  # fmt: skip

    def test_a_serial_number(self, karl, jana, vienna, as_user) -> None:
        valve = PartFactory(number="VLV-1", tracking=Tracking.SERIAL)
        lot = Lot.objects.create(part=valve, code="S-1", is_serial=True)
        put(shelf(vienna), valve, 1, by=karl, lot=lot)
        browser = as_user(karl)
        page = self.sent(browser, jana, (valve, "1", "S-9"), warehouse=vienna.pk)
        assert page.context["lines"][0].errors["lot"] == ["VLV-1: no batch or serial number “S-9” is known."]
        assert self.sent(browser, jana, (valve, "1", "s-1"), warehouse=vienna.pk).status_code == 302
        assert held(personal(jana)) == {"VLV-1": 1}

    def test_more_than_there_is(self, karl, jana, vienna, bearing, as_user) -> None:
        put(shelf(vienna), bearing, 1, by=karl)
        page = self.sent(as_user(karl), jana, (bearing, "2", ""), warehouse=vienna.pk)
        assert page.context["form"].non_field_errors()
        assert [line.quantity for line in page.context["lines"]] == ["2"]
        assert held(personal(jana)) == {}

    def test_nothing_nobody_no_job(self, karl, jana, vienna, bearing, as_user) -> None:
        browser = as_user(karl)
        page = self.sent(browser, jana, warehouse=vienna.pk, work_order="WO-NONE")
        assert page.context["formset"].non_form_errors() == ["Scan or add at least one part."]
        assert page.context["form"].errors == {"work_order": ["There is no job with this number."]}

    def test_without_javascript(self, karl, jana, vienna, bearing, as_user) -> None:
        browser = as_user(karl)
        page = browser.post(COUNTER, {"find": "1", "part": "brg", "lines-TOTAL_FORMS": 0, "lines-INITIAL_FORMS": 0})
        assert [option["number"] for option in page.context["options"]] == ["BRG-1"]
        page = browser.post(COUNTER, {"add": bearing.pk, "lines-TOTAL_FORMS": 0, "lines-INITIAL_FORMS": 0})
        assert [(line.part, line.quantity) for line in page.context["lines"]] == [(bearing, "1")]

    def test_in_standard_nothing_is_asked_of_warehouses(self, karl, jana, bearing, as_user, use_mode) -> None:
        use_mode(Mode.STANDARD)
        browser = as_user(karl)
        assert "warehouse" not in browser.get(COUNTER).context["form"].fields
        assert self.sent(browser, jana, (bearing, "2", "")).status_code == 302
        assert held(personal(jana)) == {"BRG-1": 2}
