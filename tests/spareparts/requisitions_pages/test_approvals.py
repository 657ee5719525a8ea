"""The office approves: as asked, fewer, a substitute, nothing of a line; and never its own."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Substitute
from spareparts.models import Grant, Requisition
from tests.factories.inventory import PartFactory
from tests.spareparts.helpers import key
from tests.spareparts.requisitions_pages.helpers import asked
from tests.support.stock import held, personal, staging


def url(requisition) -> str:
    return reverse("spareparts:requisition_approve", args=[requisition.pk])


def said(requisition, **fields) -> dict[str, str]:
    """What is typed for the only line."""
    line = requisition.lines.get()
    return {f"line-{line.pk}-{name}": str(value) for name, value in fields.items()}


def grants() -> list[tuple[str, int, str]]:
    return [(each.part.number, each.granted, each.reason) for each in Grant.objects.order_by("pk")]


class TestTheQueue:
    def test_the_most_pressing_first_with_value_and_reason(self, standard, waiting, eva, as_user) -> None:
        requisition = waiting()
        [row] = as_user(eva).get("/approvals/").context["rows"]
        assert (row["requisition"], row["is_own"], str(row["value"])) == (requisition, False, "33.60")
        assert row["requisition"].approval_reason == "Every request is approved by somebody."

    def test_one_press_grants_all(self, standard, waiting, jana, eva, as_user) -> None:
        requisition, browser, sent = waiting(), as_user(eva), {"all": "1"} | key()
        first, second = browser.post(url(requisition), sent), browser.post(url(requisition), sent)
        assert first.url == second.url == requisition.get_absolute_url()
        assert (grants(), held(personal(jana))) == ([("BRG-6004-2RS", 4, "")], {"BRG-6004-2RS": 4})

    def test_an_engineer_approves_nothing(self, standard, waiting, jana, as_user) -> None:
        assert as_user(jana).get("/approvals/").status_code == 403
        assert as_user(jana).post(url(waiting()), {"all": "1"} | key()).status_code == 403

    def test_a_manager_of_another_warehouse_does_not_know_it(self, advanced, stocked, waiting, lin, as_user) -> None:
        other = type(stocked).objects.create(code="GRZ", name="Graz")
        other.managers.add(lin)
        requisition = waiting()
        assert as_user(lin).get(url(requisition)).status_code == 404
        assert as_user(lin).get("/approvals/").context["rows"] == []

    def test_as_many_queries_for_three_as_for_one(self, standard, waiting, eva, as_user) -> None:
        browser, counts = as_user(eva), []
        for number in (1, 2):
            for _each in range(number):
                waiting()
            with CaptureQueriesContext(connection) as captured:
                assert browser.get("/approvals/").status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1] <= 8


class TestGranting:
    def test_the_page_says_what_lies_free_and_what_may_stand_in(
        self, advanced, stocked, waiting, karl, bearing, as_user
    ) -> None:
        other = PartFactory(number="BRG-NEW")
        Substitute.objects.create(part=bearing, substitute=other)
        [line] = as_user(karl).get(url(waiting())).context["lines"]
        assert (line.quantity, line.free, line.others) == ("4", "3 free", [(other, "0 free")])

    def test_fewer_with_a_reason(self, advanced, stocked, waiting, karl, as_user) -> None:
        requisition = waiting()
        as_user(karl).post(url(requisition), said(requisition, quantity="2", reason="Two are enough.") | key())
        assert grants() == [("BRG-6004-2RS", 2, "Two are enough.")]
        assert held(staging(stocked)) == {"BRG-6004-2RS": 2}

    def test_a_substitute_for_some(self, advanced, stocked, waiting, karl, bearing, as_user) -> None:
        other = PartFactory(number="BRG-NEW")
        Substitute.objects.create(part=bearing, substitute=other)
        requisition = waiting()
        typed = said(requisition, quantity="3", substitute=other.pk, substitute_quantity="1", reason="Three left.")
        as_user(karl).post(url(requisition), typed | key())
        assert grants() == [("BRG-6004-2RS", 3, "Three left."), ("BRG-NEW", 1, "Three left.")]

    def test_all_as_asked_needs_no_reason(self, standard, waiting, eva, as_user) -> None:
        requisition = waiting()
        as_user(eva).post(url(requisition), said(requisition, quantity="4", reason="") | key())
        assert grants() == [("BRG-6004-2RS", 4, "")]

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"quantity": "2", "reason": ""}, "reason"),
            ({"quantity": "two", "reason": "x"}, "quantity"),
            ({"quantity": "9", "reason": "x"}, "quantity"),
            ({"quantity": "3", "substitute_quantity": "1", "reason": "x"}, "substitute"),
            ({"quantity": "3", "substitute": "999999", "substitute_quantity": "1", "reason": "x"}, "substitute"),
            ({"quantity": "3", "substitute": "\x00", "substitute_quantity": "1", "reason": "x"}, "substitute"),
        ],
    )
    def test_said_at_the_line_with_everything_kept(self, standard, waiting, eva, as_user, typed, field) -> None:
        requisition = waiting()
        page = as_user(eva).post(url(requisition), said(requisition, **typed) | key())

        [line] = page.context["lines"]
        assert list(line.errors) == [field]
        assert (line.quantity, line.reason) == (typed["quantity"], typed["reason"])
        assert "There is a problem" in page.content.decode()
        assert Grant.objects.count() == 0

    def test_nothing_at_all_is_a_rejection(self, standard, waiting, eva, as_user) -> None:
        requisition = waiting()
        page = as_user(eva).post(url(requisition), said(requisition, quantity="0", reason="None left.") | key())
        assert "Reject the request instead" in page.content.decode()
        assert Requisition.objects.get().status == "submitted"

    def test_a_page_without_its_lines_grants_nothing(self, standard, waiting, eva, as_user) -> None:
        requisition = waiting()
        assert as_user(eva).post(url(requisition), key()).status_code == 200
        assert Requisition.objects.get().status == "submitted"

    def test_nobody_approves_what_he_wrote_himself(self, standard, manual, jana, eva, ada, bearing, as_user) -> None:
        requisition = asked(jana, (bearing, 1), by=eva)
        page = as_user(eva).post(url(requisition), {"all": "1"} | key())
        assert "This is your own document, so somebody else has to do this: Ada Moser." in page.content.decode()
        assert as_user(eva).get("/approvals/").context["rows"][0]["is_own"] is True
        assert Requisition.objects.get().status == "submitted"

    def test_what_was_decided_meanwhile_says_so(self, standard, waiting, eva, ada, as_user) -> None:
        requisition = waiting()
        as_user(ada).post(url(requisition), {"all": "1"} | key())
        assert as_user(eva).get(url(requisition)).context["is_waiting"] is False
        page = as_user(eva).post(url(requisition), {"all": "1"} | key())
        assert "Ada Moser changed RQ-" in page.content.decode()
        assert grants() == [("BRG-6004-2RS", 4, "")]
