"""The pages of shipments, in the hands of those who use them."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Part, Warehouse
from spareparts.enums import ReceivingMethod
from spareparts.models import Allocation, Discrepancy, Receipt, Requisition, Shipment
from spareparts.policies import ModePolicy
from tests.factories.inventory import PartFactory
from tests.factories.requisitions import approved_requisition
from tests.factories.workorders import SiteFactory
from tests.spareparts.helpers import key
from tests.spareparts.shipments.steps import fresh, receive, send, settle
from tests.support.modes import in_mode
from tests.support.stock import held, personal, transit
from workorders.models import User

SignIn = Callable[[User], Client]


def url(name: str, document: object = None) -> str:
    return reverse(f"spareparts:{name}", args=[document.pk] if document is not None else [])


def text_of(response: object) -> str:
    """What is read on the page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def requisition(advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, bearing: Part) -> Requisition:
    return approved_requisition(jana, vienna, (bearing, 10), by=karl)


@pytest.fixture
def parcel(requisition: Requisition, karl: User) -> Shipment:
    return send(requisition, by=karl)[0]


class TestNew:
    def test_from_the_list_to_a_sent_shipment(self, requisition, karl, jana, vienna, as_user: SignIn):
        client = as_user(karl)
        page = client.get(url("shipment_new"))
        assert requisition.reference in text_of(page)
        page = client.get(url("shipment_new"), {"requisition": requisition.pk})
        assert "10 pc reserved" in text_of(page)
        row = Allocation.objects.get()
        data = {"requisition": requisition.pk, f"q-{row.pk}": "4", "carrier": "Post", "tracking_number": "JD1"}
        response = client.post(url("shipment_new"), data | key(), follow=True)
        shipment = Shipment.objects.get()
        assert response.redirect_chain == [(shipment.get_absolute_url(), 302)]
        assert f"{shipment} is on the way." in text_of(response)
        assert (shipment.carrier, shipment.tracking_number) == ("Post", "JD1")
        assert held(transit(vienna)) == {"BRG-6204-2RS": 4}

    def test_a_mixed_selection_is_shown_as_parcels_and_split(
        self, requisition, jana, tom, karl, vienna, linz, bearing, as_user: SignIn
    ):
        others = [
            approved_requisition(tom, vienna, (bearing, 2), by=karl),
            approved_requisition(
                jana, vienna, (bearing, 3), by=karl, receiving_method=ReceivingMethod.TO_SITE, site=SiteFactory()
            ),
            approved_requisition(
                jana, vienna, (bearing, 4), by=karl, receiving_method=ReceivingMethod.TO_WAREHOUSE, destination=linz
            ),
        ]
        chosen = {"requisition": [each.pk for each in [requisition, *others]]}
        page = as_user(karl).get(url("shipment_new"), chosen)
        assert "These go out in 4 shipments" in text_of(page)
        assert "tracking_number" not in page.content.decode()
        numbers = {f"q-{row.pk}": str(row.quantity) for row in Allocation.objects.all()}
        response = as_user(karl).post(url("shipment_new"), chosen | numbers | key(), follow=True)
        assert Shipment.objects.count() == 4
        assert response.redirect_chain == [(url("shipments"), 302)]

    def test_sent_twice_it_is_one_shipment(self, requisition, karl, as_user: SignIn):
        data = {"requisition": requisition.pk, f"q-{Allocation.objects.get().pk}": "10"} | key()
        answers = [as_user(karl).post(url("shipment_new"), data) for _twice in range(2)]
        assert [each.url for each in answers] == [Shipment.objects.get().get_absolute_url()] * 2

    def test_too_much_is_refused_and_stays_on_the_page(self, requisition, karl, as_user: SignIn):
        row = Allocation.objects.get()
        for typed, words in [("11", "10 pc are reserved, not 11 pc"), ("1.5", "whole numbers only"), ("0", "Say how")]:
            data = {"requisition": requisition.pk, f"q-{row.pk}": typed, "note": "Fragile"}
            page = as_user(karl).post(url("shipment_new"), data | key())
            assert (page.status_code, words in text_of(page), "Fragile" in text_of(page)) == (200, True, True)
            assert f'value="{typed}"' in page.content.decode()
        assert Shipment.objects.count() == 0

    def test_what_was_taken_meanwhile_is_told(self, requisition, karl, lin, as_user: SignIn):
        data = {"requisition": requisition.pk, f"q-{Allocation.objects.get().pk}": "10"}
        Allocation.objects.update(id=Allocation.objects.get().pk + 1)  # as after a swap of lots
        page = as_user(karl).post(url("shipment_new"), data | key())
        assert "What is reserved has just changed." in text_of(page)

    def test_what_cannot_be_shipped_is_not_offered(self, requisition, karl, max_weiss, linz, as_user: SignIn):
        for person, chosen in [(max_weiss, requisition.pk), (karl, 99), (karl, "x"), (karl, "9" * 5000)]:
            page = as_user(person).get(url("shipment_new"), {"requisition": chosen})
            assert (page.status_code, Shipment.objects.count()) == (200, 0)
            assert "Nothing to ship" in text_of(page) or "cannot be shipped now" in text_of(page)

    def test_nothing_reserved_yet(self, advanced, jana, karl, vienna, bearing, as_user: SignIn):
        short = approved_requisition(jana, vienna, (bearing, 3, 0), by=karl)
        assert "Nothing reserved" in text_of(as_user(karl).get(url("shipment_new")))
        page = as_user(karl).get(url("shipment_new"), {"requisition": short.pk})
        assert f"Nothing is reserved for {short}" in text_of(page)


class TestApproval:
    def test_saved_by_one_and_approved_by_another(self, requisition, karl, lin, vienna, as_user: SignIn):
        in_mode("advanced", shipment_approval=True)
        data = {"requisition": requisition.pk, f"q-{Allocation.objects.get().pk}": "10"}
        page = as_user(karl).post(url("shipment_new"), data | key(), follow=True)
        shipment = Shipment.objects.get()
        assert f"{shipment} waits for approval." in text_of(page)
        assert "Approve and send" not in text_of(page)
        assert "Approve and send" in text_of(as_user(lin).get(shipment.get_absolute_url()))

        refused = as_user(karl).post(url("shipment_approve", shipment), key())
        assert "This is your own document" in text_of(refused)
        as_user(lin).post(url("shipment_approve", shipment), key())
        assert (fresh(shipment).status, held(transit(vienna))) == ("shipped", {"BRG-6204-2RS": 10})
        again = as_user(lin).get(url("shipment_approve", shipment))
        assert "so this is not possible" in text_of(again)

    def test_cancelled_with_a_reason(self, requisition, karl, as_user: SignIn):
        in_mode("advanced", shipment_approval=True)
        (shipment,) = send(requisition, by=karl)
        page = as_user(karl).post(url("shipment_cancel", shipment), {"reason": ""} | key())
        assert "There is a problem" in text_of(page)
        as_user(karl).post(url("shipment_cancel", shipment), {"reason": "Wrong street"} | key())
        assert fresh(shipment).status == "cancelled"


class TestOnTheWay:
    def test_tracking_leads_to_the_carrier(self, parcel, karl, jana, as_user: SignIn):
        in_mode("advanced", tracking_link="https://track.example/{number}")
        as_user(karl).post(url("shipment_track", parcel), {"carrier": "DHL", "tracking_number": "JD 1"} | key())
        assert 'href="https://track.example/JD+1"' in as_user(jana).get(parcel.get_absolute_url()).content.decode()

    def test_the_slip_has_a_code_and_every_line(self, parcel, karl, as_user: SignIn):
        page = as_user(karl).get(url("shipment_slip", parcel))
        assert '<svg xmlns="http://www.w3.org/2000/svg"' in page.content.decode()
        assert "10 pc" in text_of(page)
        assert "style=" not in page.content.decode()

    def test_the_list_finds_by_all_its_names(self, parcel, requisition, karl, jana, bearing, as_user: SignIn):
        (other,) = send(approved_requisition(jana, parcel.warehouse, (PartFactory(), 1), by=karl), by=karl)
        Shipment.objects.filter(pk=parcel.pk).update(tracking_number="JD146")
        client = as_user(karl)
        for asked in [parcel.reference, requisition.reference, bearing.number, "jd146"]:
            found = client.get(url("shipments"), {"q": asked}).context["table"].data
            assert (asked, [each.pk for each in found]) == (asked, [parcel.pk])
        found = client.get(url("shipments"), {"q": "jana"}).context["table"].data
        assert [each.pk for each in found] == [other.pk, parcel.pk]
        assert list(client.get(url("shipments"), {"state": "waiting"}).context["table"].data) == []


class TestReceive:
    def test_all_arrived_is_one_tap(self, parcel, jana, bearing, as_user: SignIn):
        client = as_user(jana)
        assert url("shipment_receive", parcel) in client.get(url("shipments")).content.decode()
        page = client.get(url("shipment_receive", parcel))
        assert "All arrived" in text_of(page)
        answer = client.post(url("shipment_receive", parcel), {"version": parcel.version, "all": "1"} | key())
        assert (answer.url, held(personal(jana))) == (parcel.get_absolute_url(), {bearing.number: 10})

    def test_my_requests_offer_what_is_on_the_way(self, parcel, jana, as_user: SignIn):
        assert url("shipment_receive", parcel) in as_user(jana).get(url("my_requisitions")).content.decode()
        receive(parcel, by=jana)
        assert url("shipment_receive", parcel) not in as_user(jana).get(url("my_requisitions")).content.decode()

    def test_line_by_line(self, parcel, jana, karl, lin, bearing, as_user: SignIn):
        line = parcel.lines.get()
        data = {
            "version": parcel.version,
            f"{line.pk}-received": "6",
            f"{line.pk}-damaged": "1",
            f"{line.pk}-over": "2",
        }
        page = as_user(jana).post(url("shipment_receive", parcel), data | key(), follow=True)
        found = list(Discrepancy.objects.order_by("pk").values_list("kind", "quantity"))
        assert found == [("damaged", 1), ("over", 2)]
        words = text_of(page)
        assert "The warehouse was told what did not fit" in words
        assert "6 received" in words
        assert "3 on the way" in words
        assert "1 being looked into" in words
        for person in (karl, lin):
            assert "Damaged: 1 pc of BRG-6204-2RS" in text_of(as_user(person).get(parcel.get_absolute_url()))
            assert "DI-000001" in text_of(as_user(person).get(url("discrepancies")))
        assert "DI-000001" in text_of(as_user(jana).get(url("discrepancies")))

    def test_too_much_is_refused_beside_the_lines(self, parcel, jana, as_user: SignIn):
        line = parcel.lines.get()
        data = {"version": parcel.version, f"{line.pk}-received": "11"}
        page = as_user(jana).post(url("shipment_receive", parcel), data | key())
        assert "only 10 pc can still arrive" in text_of(page)
        assert 'value="11"' in page.content.decode()
        assert Receipt.objects.count() == 0

    def test_two_at_once_on_two_screens(self, parcel, jana, ada, as_user: SignIn):
        line = parcel.lines.get()
        data = {"version": parcel.version, f"{line.pk}-received": "4"}
        as_user(ada).post(url("shipment_receive", parcel), data | key())
        page = as_user(jana).post(url("shipment_receive", parcel), data | key())
        assert "Ada Moser changed SH-000001" in text_of(page)
        assert held(personal(jana)) == {"BRG-6204-2RS": 4}

    def test_twice_the_same_is_once(self, parcel, jana, as_user: SignIn):
        data = {"version": parcel.version, "all": "1"} | key()
        answers = [as_user(jana).post(url("shipment_receive", parcel), data) for _twice in range(2)]
        assert [each.url for each in answers] == [parcel.get_absolute_url()] * 2
        assert Receipt.objects.count() == 1

    def test_nothing_left_to_receive(self, parcel, jana, as_user: SignIn):
        receive(parcel, by=jana)
        assert "nothing of it can be received now" in text_of(as_user(jana).get(url("shipment_receive", parcel)))

    def test_the_sender_may_look_but_not_receive(self, parcel, karl, as_user: SignIn):
        page = as_user(karl).get(url("shipment_receive", parcel))
        assert "goes to somebody else" in text_of(page)
        answer = as_user(karl).post(url("shipment_receive", parcel), {"version": 0, "all": "1"} | key())
        assert (answer.status_code, Receipt.objects.count()) == (200, 0)


class TestSettle:
    @pytest.fixture
    def missing(self, parcel: Shipment, jana: User) -> Discrepancy:
        receive(parcel, {"received": 8, "short": 2}, by=jana)
        return Discrepancy.objects.get()

    def test_settled_by_who_owns_it(self, missing, lin, jana, as_user: SignIn):
        page = as_user(lin).get(missing.get_absolute_url())
        assert url("discrepancy_settle", missing) in page.content.decode()
        data = {"outcome": "lost", "reason": "The box was open"}
        answer = as_user(lin).post(url("discrepancy_settle", missing), data | key())
        assert answer.url == missing.get_absolute_url()
        assert "The box was open" in text_of(as_user(jana).get(missing.get_absolute_url()))
        assert "This is settled" in text_of(as_user(lin).get(url("discrepancy_settle", missing)))

    @pytest.mark.parametrize("data", [{}, {"outcome": "gone", "reason": "x"}, {"outcome": "lost", "reason": " "}])
    def test_refused_without_outcome_or_reason(self, missing, lin, as_user: SignIn, data):
        page = as_user(lin).post(url("discrepancy_settle", missing), data | key())
        assert ("There is a problem" in text_of(page), fresh(missing).status) == (True, "open")

    def test_the_sender_does_not_settle(self, missing, karl, as_user: SignIn):
        page = as_user(karl).post(url("discrepancy_settle", missing), {"outcome": "lost", "reason": "x"} | key())
        assert "This is your own document" in text_of(page)

    def test_both_sides_are_told_where_they_look_anyway(self, missing, jana, tom, lin, karl, as_user: SignIn):
        assert "Being looked into" in text_of(as_user(jana).get(url("my_requisitions")))
        assert "Being looked into" not in text_of(as_user(tom).get(url("my_requisitions")))
        for person in (lin, karl):
            assert "1 Discrepancies to settle" in text_of(as_user(person).get(url("desk")))
        settle(missing, "lost", by=lin)
        assert "Being looked into" not in text_of(as_user(jana).get(url("my_requisitions")))
        assert "Discrepancies to settle" not in text_of(as_user(lin).get(url("desk")))

    def test_the_list_narrows(self, missing, lin, karl, eva, as_user: SignIn):
        def found(person: User, **asked: str) -> int:
            return len(as_user(person).get(url("discrepancies"), asked).context["table"].data)

        assert [found(person, mine="true") for person in (lin, karl)] == [1, 0]
        assert [found(eva, kind=kind) for kind in ("short", "over")] == [1, 0]
        assert [found(eva, q=text) for text in ("SH-000001", "RQ-1", "DI-1", "brg", "RQ-9")] == [1, 1, 1, 1, 0]
        settle(missing, "back", by=lin)
        assert [found(eva, state=state) for state in ("open", "settled", "all")] == [0, 1, 1]


class TestWhoSees:
    NAMES = ("shipment", "shipment_slip", "shipment_receive")

    def test_a_foreign_shipment_does_not_exist(self, parcel, tom, max_weiss, linz, as_user: SignIn):
        for person in (tom, max_weiss):
            answers = [as_user(person).get(url(name, parcel)).status_code for name in self.NAMES]
            assert (person.name, answers) == (person.name, [404] * 3)
        assert as_user(max_weiss).get(url("shipment_approve", parcel)).status_code == 404

    def test_who_may_open_what(self, parcel, jana, karl, eva, ada, oskar, as_user: SignIn):
        names = ("shipments", "shipment_new", "discrepancies")
        seen = {each.name: [as_user(each).get(url(name)).status_code for name in names] for each in User.objects.all()}
        assert seen == {
            "Jana Novak": [200, 403, 200],
            "Karl Huber": [200, 200, 200],
            "Lin Zhang": [200, 200, 200],
            "Eva Lang": [200, 403, 200],
            "Ada Moser": [200, 200, 200],
            "Oskar Reiter": [200, 403, 200],
        }

    def test_without_shipments_in_the_mode_nothing_opens(self, parcel, karl, ada, as_user: SignIn):
        in_mode("standard")
        for name in ("shipments", "shipment_new"):
            assert as_user(ada).get(url(name)).status_code == 403
        assert as_user(ada).get(url("shipment", parcel)).status_code == 403
        in_mode("simple")
        assert as_user(ada).get(url("discrepancies")).status_code == 403


class TestStatements:
    def counted(self, client: Client, address: str, **data: object) -> int:
        client.get(address, data)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address, data).status_code == 200
        return len(queries)

    @pytest.fixture
    def world(self, advanced, jana, karl, vienna, linz) -> Callable[[int], list[Requisition]]:
        def more(count: int) -> list[Requisition]:
            made = []
            for _one in range(count):
                parts = [(PartFactory(), 5) for _part in range(count)]
                made.append(approved_requisition(jana, vienna, *parts, by=karl))
                (shipment,) = send(approved_requisition(jana, vienna, *parts, by=karl), by=karl)
                receive(shipment, *[{"received": 1, "short": 1, "over": 1} for _part in parts], by=jana)
            return made

        return more

    def test_constant_with_one_and_with_three_rows(self, world, karl, jana, as_user: SignIn):
        figures: list[dict[str, int]] = []
        for count in (1, 3):
            made = world(count)
            shipment, found = Shipment.objects.latest("pk"), Discrepancy.objects.latest("pk")
            chosen = {"requisition": [each.pk for each in made]}
            client, engineer = as_user(karl), as_user(jana)
            figures.append(
                {
                    "list": self.counted(client, url("shipments")),
                    "my list": self.counted(engineer, url("shipments")),
                    "choose": self.counted(client, url("shipment_new")),
                    "new": self.counted(client, url("shipment_new"), **chosen),
                    "shipment": self.counted(client, url("shipment", shipment)),
                    "slip": self.counted(client, url("shipment_slip", shipment)),
                    "receive": self.counted(engineer, url("shipment_receive", shipment)),
                    "discrepancies": self.counted(client, url("discrepancies")),
                    "discrepancy": self.counted(client, url("discrepancy", found)),
                    "settle": self.counted(client, url("discrepancy_settle", found)),
                }
            )
        assert figures[0] == figures[1]
        assert {name: count for name, count in figures[0].items() if count > 10} == {}
