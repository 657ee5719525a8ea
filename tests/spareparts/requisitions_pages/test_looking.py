"""Requests as parcels, as the office's list and one by one; and what is done to them beside approving."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from inventory.models import Substitute
from spareparts.domain.requisitions import issue_requisition, pack_requisition
from spareparts.enums import ApprovalMode, Fulfilment
from spareparts.models import Requisition, SparepartsSettings
from spareparts.queries import current_policy
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.requisitions import approved_requisition
from tests.spareparts.helpers import key
from tests.spareparts.requisitions_pages.helpers import asked, drafted, labels, steps
from tests.spareparts.shipments.steps import receive, send
from tests.support.stock import held, personal, shelf, staging


def act(verb, requisition, by, **facts):
    verb(requisition, by=by, at=timezone.now(), policy=current_policy(), **facts)


def url(requisition, verb="") -> str:
    return reverse(f"spareparts:requisition{verb and '_' + verb}", args=[requisition.pk])


class TestTheParcel:
    def test_standard_ends_with_you(self, standard, jana, bearing, as_user) -> None:
        page = as_user(jana).get(asked(jana, (bearing, 2)).get_absolute_url())
        assert steps(page.context) == [("Asked", "done"), ("Approved", "done"), ("With you", "done")]
        assert page.context["state"]["text"] == "Warehouse confirmed"

    def test_waiting_for_approval(self, standard, waiting, jana, as_user) -> None:
        page = as_user(jana).get(waiting().get_absolute_url())
        assert steps(page.context) == [("Asked", "done"), ("Approved", "current"), ("With you", "todo")]
        assert page.context["next"] == "Somebody will approve it. You see here how far it is."

    def test_picked_up(self, advanced, stocked, jana, karl, bearing, as_user) -> None:
        requisition, browser = asked(jana, (bearing, 2)), as_user(jana)
        seen = [steps(browser.get(url(requisition)).context)]
        act(pack_requisition, requisition, karl)
        seen.append(steps(browser.get(url(requisition)).context))
        act(issue_requisition, requisition, karl, key=uuid.uuid4())
        seen.append(steps(browser.get(url(requisition)).context))

        names = ["Asked", "Approved", "Packed", "At counter", "With you"]
        assert [[name for name, _state in each] for each in seen] == [names] * 3
        assert [[state for _name, state in each] for each in seen] == [
            ["done", "done", "current", "todo", "todo"],
            ["done", "done", "done", "current", "todo"],
            ["done"] * 5,
        ]

    def test_what_is_short_waits_for_stock(self, advanced, stocked, jana, karl, bearing, as_user) -> None:
        requisition = asked(jana, (bearing, 4))
        act(pack_requisition, requisition, karl)
        act(issue_requisition, requisition, karl, key=uuid.uuid4())

        page = as_user(jana).get(url(requisition))

        packed = page.context["steps"][2]
        assert (packed["label"], packed["state"], packed["note"]) == ("Packed", "current", "Waiting for stock")
        assert page.context["state"]["text"] == "Partially issued"
        assert "3 handed over" in page.content.decode()
        assert "1 waiting for stock" in page.content.decode()

    def test_shipped_to_the_engineer(self, advanced, vienna, jana, karl, bearing, as_user) -> None:
        requisition, browser = approved_requisition(jana, vienna, (bearing, 2), by=karl), as_user(jana)
        seen = [steps(browser.get(url(requisition)).context)]
        [parcel] = send(requisition, by=karl)
        page = browser.get(url(requisition))
        seen.append(steps(page.context))
        assert page.context["next"] == "The parts are on the way. Confirm what arrives."
        assert reverse("spareparts:shipment_receive", args=[parcel.pk]) in page.content.decode()
        receive(parcel, by=jana)
        seen.append(steps(browser.get(url(requisition)).context))

        assert [name for name, _state in seen[0]] == ["Asked", "Approved", "Packed", "On the way", "Received"]
        assert [[state for _name, state in each] for each in seen] == [
            ["done", "done", "current", "todo", "todo"],
            ["done", "done", "done", "current", "todo"],
            ["done"] * 5,
        ]

    def test_shipped_to_a_warehouse_and_collected_there(self, advanced, vienna, jana, karl, bearing, as_user) -> None:
        graz = WarehouseFactory(name="Graz")
        graz.managers.add(karl)
        facts = {"receiving_method": "to_warehouse", "destination": graz}
        requisition = approved_requisition(jana, vienna, (bearing, 2), by=karl, **facts)
        browser = as_user(jana)
        [parcel] = send(requisition, by=karl)
        seen = [steps(browser.get(url(requisition)).context)]
        receive(parcel, by=karl)
        page = browser.get(url(requisition))
        seen.append(steps(page.context))
        assert page.context["next"] == "The parts are packed. Collect them at Graz."
        act(issue_requisition, Requisition.objects.get(), karl, key=uuid.uuid4())
        seen.append(steps(browser.get(url(requisition)).context))

        names = ["Asked", "Approved", "Packed", "On the way", "At counter", "With you"]
        assert [name for name, _state in seen[0]] == names
        assert [[state for _name, state in each] for each in seen] == [
            ["done", "done", "done", "current", "todo", "todo"],
            ["done", "done", "done", "done", "current", "todo"],
            ["done"] * 6,
        ]

    def test_half_of_it_shipped(self, advanced, vienna, jana, karl, bearing, as_user) -> None:
        requisition = approved_requisition(jana, vienna, (bearing, 2), by=karl)
        [parcel] = send(requisition, by=karl, quantity=1)
        receive(parcel, by=jana)
        page = as_user(karl).get(url(requisition))
        assert page.context["state"]["text"] == "Partially received"
        assert [state for _name, state in steps(page.context)] == ["done", "done", "current", "todo", "todo"]
        assert labels(page.context) == ["Ship", "Pack", "Cancel the rest"]

    def test_a_rejected_one_goes_no_way(self, standard, waiting, jana, eva, as_user) -> None:
        requisition = waiting()
        as_user(eva).post(url(requisition, "reject"), {"reason": "Use the old ones."} | key())
        page = as_user(jana).get(url(requisition))
        assert (page.context["steps"], page.context["state"]["text"]) == ([], "Rejected")
        assert "Use the old ones." in page.content.decode()

    def test_its_history_is_told(self, standard, jana, bearing, as_user) -> None:
        page = as_user(jana).get(asked(jana, (bearing, 2)).get_absolute_url())
        told = {event["title"] for event in page.context["events"]}
        assert {"Request written", "Request sent"} <= told


class TestMine:
    def test_under_way_and_done(self, standard, waiting, jana, tom, bearing, as_user) -> None:
        under_way, draft = waiting(), drafted(jana, (bearing, 1))
        done = asked(jana, (bearing, 1))
        Requisition.objects.filter(pk=done.pk).update(status="withdrawn")
        asked(tom, (bearing, 1))

        browser = as_user(jana)
        first, second = browser.get("/requests/"), browser.get("/requests/mine/", {"show": "done"})

        assert [card["requisition"] for card in first.context["cards"]] == [draft, under_way]
        assert [card["requisition"] for card in second.context["cards"]] == [done]

    def test_nothing_yet_says_what_to_do(self, standard, jana, as_user) -> None:
        assert "/requests/new/" in as_user(jana).get("/requests/").content.decode()

    @pytest.mark.parametrize("query", [{"page": "x"}, {"page": "9" * 5000}, {"show": "\x00"}])
    def test_nonsense_is_the_first_page(self, standard, jana, as_user, query) -> None:
        assert as_user(jana).get("/requests/mine/", query).status_code == 200

    def test_as_many_queries_for_three_as_for_one(self, advanced, stocked, jana, bearing, as_user) -> None:
        browser, counts = as_user(jana), []
        for number in (1, 2):
            for _each in range(number):
                asked(jana, (bearing, 1), (PartFactory(), 1))
            with CaptureQueriesContext(connection) as captured:
                assert browser.get("/requests/mine/").status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1] <= 8


class TestTheList:
    def test_the_office_sees_all_a_manager_his_own(
        self, advanced, stocked, jana, karl, lin, eva, bearing, as_user
    ) -> None:
        graz = WarehouseFactory(name="Graz")
        graz.managers.add(lin)
        here, there = asked(jana, (bearing, 4)), asked(jana, (bearing, 4), warehouse=graz)

        def listed(person) -> set[Requisition]:
            return {row.record for row in as_user(person).get("/requests/").context["table"].rows}

        assert (listed(eva), listed(karl), listed(lin)) == ({here, there}, {here}, {there})

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, "shut open"),
            ({"state": "waiting"}, "open"),
            ({"state": "counter"}, "shut"),
            ({"state": "done"}, ""),
            ({"q": "RQ-{open.pk:06d}", "state": "all"}, "open"),
            ({"q": "BRG-6004"}, "shut open"),
            ({"q": "WO-411"}, "shut"),
            ({"q": "Tom"}, ""),
            ({"engineer": "{jana.pk}"}, "shut open"),
            ({"warehouse": "{shut.warehouse_id}", "state": "waiting"}, "open"),
        ],
    )
    def test_narrowed(self, advanced, stocked, job, jana, eva, bearing, as_user, query, expected) -> None:
        found = {"shut": asked(jana, (bearing, 4), work_order=job), "jana": jana}
        SparepartsSettings.objects.update(requisition_approval=ApprovalMode.MANUAL)
        found["open"] = asked(jana, (bearing, 1))
        drafted(jana, (bearing, 1))
        asked_for = {name: value.format(**found) for name, value in query.items()}

        page = as_user(eva).get("/requests/", asked_for)

        newest_first = [found[name] for name in reversed(expected.split())]
        assert [row.record for row in page.context["table"].rows] == newest_first

    @pytest.mark.parametrize("query", [{"q": "\x00"}, {"state": "x"}, {"engineer": "9" * 5000}, {"sort": "x"}])
    def test_nonsense_is_no_error(self, standard, eva, as_user, query) -> None:
        assert as_user(eva).get("/requests/", query).status_code == 200

    def test_standard_has_no_warehouse_in_it(self, standard, eva, jana, bearing, as_user) -> None:
        asked(jana, (bearing, 1))
        page = as_user(eva).get("/requests/", {"state": "done"})
        assert "warehouse" not in page.context["filter"].form.fields
        assert "warehouse" not in page.context["table"].columns.names()

    def test_as_many_queries_for_three_as_for_one(self, advanced, stocked, jana, eva, bearing, as_user) -> None:
        browser, counts = as_user(eva), []
        for number in (1, 2):
            for _each in range(number):
                asked(jana, (bearing, 4))
            with CaptureQueriesContext(connection) as captured:
                assert browser.get("/requests/").status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1] <= 8


class TestButtons:
    def test_a_draft(self, standard, jana, bearing, as_user) -> None:
        page = as_user(jana).get(drafted(jana, (bearing, 1)).get_absolute_url())
        assert labels(page.context) == ["Send request", "Edit", "Withdraw"]
        assert page.context["may_copy"] is False

    def test_waiting(self, advanced, stocked, waiting, jana, karl, eva, oskar, as_user) -> None:
        requisition = waiting()
        assert {
            person.name: labels(as_user(person).get(url(requisition)).context) for person in (jana, karl, eva, oskar)
        } == {
            "Jana Novak": ["Withdraw"],
            "Karl Huber": ["Approve", "Reject", "Send to another warehouse"],
            "Eva Lang": ["Approve", "Reject"],
            "Oskar Reiter": [],
        }

    def test_nobody_approves_what_he_wrote_himself(self, standard, waiting, jana, eva, ada, bearing, as_user) -> None:
        requisition = asked(jana, (bearing, 1), by=eva)
        assert labels(as_user(eva).get(url(requisition)).context) == ["Withdraw"]
        assert labels(as_user(ada).get(url(requisition)).context) == ["Approve", "Reject"]

    def test_reserved(self, advanced, stocked, jana, karl, bearing, as_user) -> None:
        requisition = asked(jana, (bearing, 4))
        assert labels(as_user(jana).get(url(requisition)).context) == ["Cancel the rest"]
        seen = as_user(karl).get(url(requisition)).context
        assert labels(seen) == ["Issue", "Send the rest to another warehouse", "Cancel the rest"]
        assert seen["buttons"][0]["url"] == f"/desk/?requisition={requisition.pk}"

    def test_done(self, standard, jana, bearing, as_user) -> None:
        page = as_user(jana).get(asked(jana, (bearing, 4)).get_absolute_url())
        assert (labels(page.context), page.context["may_copy"]) == ([], True)

    def test_tom_does_not_know_it(self, standard, jana, tom, bearing, as_user) -> None:
        assert as_user(tom).get(asked(jana, (bearing, 4)).get_absolute_url()).status_code == 404

    def test_as_many_queries_for_three_lines_as_for_one(self, advanced, stocked, jana, karl, as_user) -> None:
        browser, counts = as_user(karl), []
        for number in (1, 3):
            requisition = approved_requisition(
                jana, stocked, *((PartFactory(), 2) for _each in range(number)), by=karl, receiving_method="pick_up"
            )
            with CaptureQueriesContext(connection) as captured:
                assert browser.get(url(requisition)).status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1] <= 14


class TestVerbs:
    def test_a_draft_is_sent(self, standard, jana, bearing, as_user) -> None:
        draft, browser, sent = drafted(jana, (bearing, 2)), as_user(jana), key()
        assert browser.get(url(draft, "submit")).status_code == 200
        first, second = browser.post(url(draft, "submit"), sent), browser.post(url(draft, "submit"), sent)
        assert first.url == second.url == draft.get_absolute_url()
        assert held(personal(jana)) == {"BRG-6004-2RS": 2}

    def test_withdrawn(self, standard, waiting, jana, as_user) -> None:
        requisition = waiting()
        as_user(jana).post(url(requisition, "withdraw"), key())
        assert Requisition.objects.get().status == "withdrawn"

    def test_what_is_done_is_not_withdrawn(self, standard, jana, bearing, as_user) -> None:
        requisition = asked(jana, (bearing, 2))
        page = as_user(jana).post(url(requisition, "withdraw"), key())
        assert page.status_code == 200
        assert "now “Approved”" in page.content.decode() or "It is now “Approved”" in page.content.decode()

    def test_a_copy_is_opened_for_changes(self, standard, jana, bearing, as_user) -> None:
        requisition = asked(jana, (bearing, 2))
        page = as_user(jana).post(url(requisition, "copy"), key())
        copy = Requisition.objects.get(status="draft")
        assert page.url == url(copy, "edit")
        assert [(line.part, line.quantity) for line in copy.lines.all()] == [(bearing, 2)]

    def test_a_rejection_needs_a_reason(self, standard, waiting, eva, as_user) -> None:
        requisition = waiting()
        page = as_user(eva).post(url(requisition, "reject"), {"reason": " "} | key())
        assert list(page.context["form"].errors) == ["reason"]
        assert Requisition.objects.get().status == "submitted"

    def test_sent_to_another_warehouse(self, advanced, stocked, waiting, jana, karl, as_user) -> None:
        graz = WarehouseFactory(name="Graz")
        requisition, browser = waiting(), as_user(karl)
        offered = browser.get(url(requisition, "forward")).context["form"].fields["warehouse"].queryset
        browser.post(url(requisition, "forward"), {"warehouse": graz.pk, "reason": "None here."} | key())

        successor = Requisition.objects.get(forwarded_from=requisition)
        assert (list(offered), successor.warehouse) == ([graz], graz)
        page = as_user(jana).get(url(requisition))
        assert page.context["successor"] == successor
        assert successor.get_absolute_url() in page.content.decode()

    def test_the_rest_is_cancelled(self, advanced, stocked, jana, bearing, as_user) -> None:
        requisition = asked(jana, (bearing, 4))
        as_user(jana).post(url(requisition, "cancel_rest"), {"reason": "The job is off."} | key())
        assert Requisition.objects.get().fulfilment == Fulfilment.CANCELLED
        assert (held(shelf(stocked)), held(staging(stocked))) == ({"BRG-6004-2RS": 3}, {})

    @pytest.mark.parametrize("verb", ["submit", "withdraw", "copy", "reject", "approve", "forward", "cancel_rest"])
    def test_a_stranger_can_do_nothing(self, advanced, stocked, waiting, tom, verb, as_user) -> None:
        requisition = waiting()
        refused = as_user(tom).post(url(requisition, verb), {"reason": "Because"} | key()).status_code
        assert refused in {403, 404}
        assert Requisition.objects.get().status == "submitted"


def test_a_substitute_is_told_with_its_reason(advanced, stocked, waiting, jana, karl, bearing, as_user) -> None:
    other = PartFactory(number="BRG-NEW")
    Substitute.objects.create(part=bearing, substitute=other)
    requisition = waiting()
    line = requisition.lines.get()
    data = {f"line-{line.pk}-{name}": value for name, value in {
        "quantity": "1", "substitute": other.pk, "substitute_quantity": "2", "reason": "One is all we have.",
    }.items()}  # fmt: skip
    as_user(karl).post(url(requisition, "approve"), data | key())

    page = as_user(jana).get(url(requisition))

    [(_line, rows)] = page.context["rows"]
    assert [(row.grant.part, row.grant.granted, row.is_substitute, row.is_less) for row in rows] == [
        (bearing, 1, False, True),
        (other, 2, True, True),
    ]
    assert "One is all we have." in page.content.decode()


class TestTakingBack:
    def test_at_once_by_who_issued(self, advanced, stocked, jana, karl, bearing, as_user) -> None:
        requisition = asked(jana, (bearing, 2))
        act(issue_requisition, requisition, karl, key=uuid.uuid4())
        issue, browser, sent = requisition.issues.get(), as_user(karl), key()
        undo = reverse("spareparts:issue_undo", args=[issue.pk])

        assert undo in browser.get(url(requisition)).content.decode()
        assert undo not in as_user(jana).get(url(requisition)).content.decode()
        assert list(browser.get(undo).context["form"].fields) == []
        first, second = browser.post(undo, sent), browser.post(undo, sent)

        assert first.url == second.url == url(requisition)
        assert (held(personal(jana)), held(staging(stocked))) == ({}, {"BRG-6004-2RS": 2})
        assert "Taken back by Karl Huber" in browser.get(url(requisition)).content.decode()

    def test_by_somebody_else_with_a_reason(self, standard, jana, ada, bearing, as_user) -> None:
        requisition = asked(jana, (bearing, 2))
        undo, browser = reverse("spareparts:issue_undo", args=[requisition.issues.get().pk]), as_user(ada)
        assert list(browser.post(undo, key()).context["form"].errors) == ["reason"]
        browser.post(undo, {"reason": "Wrong shelf."} | key())
        assert held(personal(jana)) == {}
        assert "has taken it back already" in browser.get(undo).content.decode()

    def test_strangers(self, advanced, stocked, jana, tom, lin, karl, bearing, as_user) -> None:
        requisition = asked(jana, (bearing, 2))
        act(issue_requisition, requisition, karl, key=uuid.uuid4())
        graz = WarehouseFactory(name="Graz")
        graz.managers.add(lin)
        undo = reverse("spareparts:issue_undo", args=[requisition.issues.get().pk])
        assert [as_user(each).get(undo).status_code for each in (tom, jana, lin)] == [403, 403, 404]
