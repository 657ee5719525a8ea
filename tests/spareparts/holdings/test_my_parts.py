"""Jana opens her home in the morning: what she holds, for which job, what must go back, what waits for her."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.enums import Condition
from spareparts.domain.handed import HandedPart
from spareparts.enums import DebtStatus, Mode, ReceivingMethod
from spareparts.queries import current_policy, current_settings
from spareparts.queries.returns import proposals
from spareparts.views.my_parts import company_today
from tests.factories.asking import sent, settings
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.personal import moved, offered
from tests.factories.requisitions import approved_requisition
from tests.factories.returns import owed, prepared
from tests.factories.workorders import WorkOrderFactory
from tests.spareparts.holdings.conftest import NOW, holds
from workorders.enums import WorkOrderStatus
from workorders.models import WorkOrder

HOME, ALL, COLLECT = "/my/parts/", "/my/parts/all/", "/my/parts/collect/"

pytestmark = pytest.mark.usefixtures("monday")


def numbers(page) -> dict[str, object]:
    return {str(tile["label"]): tile["number"] for tile in page.context["tiles"]}


def rows(found) -> list[tuple[str, int, str]]:
    return [(row.holding.part.number, row.quantity, row.badge.text) for row in found]


def test_the_four_numbers_and_the_lines_behind_them(advanced, jana, tom, karl, board, fan, as_user) -> None:
    holds(jana, board, 2, days=25)
    holds(jana, fan, 4, days=12)
    holds(jana, fan, 1, days=2, condition=Condition.OLD)
    holds(tom, fan, 9)
    vienna = WarehouseFactory(name="Vienna", is_default=True)
    approved_requisition(jana, vienna, (fan, 3), by=karl, receiving_method=ReceivingMethod.PICK_UP)
    approved_requisition(tom, vienna, (fan, 5), by=karl, receiving_method=ReceivingMethod.PICK_UP)
    browser = as_user(jana)

    page = browser.get(HOME)

    assert numbers(page) == {
        "Pieces I hold": 7,
        "Ready to collect": 3,
        "Old parts to hand in": 1,
        "Value with me": Decimal("382.00"),
    }
    assert "€382" in page.content.decode()
    lines = {str(tile["label"]): browser.get(tile["url"]).context for tile in page.context["tiles"]}
    assert sum(row.holding.pieces for row in lines["Pieces I hold"]["rows"]) == 7
    assert sum(line.quantity for line in lines["Ready to collect"]["rows"]) == 3
    assert sum(row.holding.pieces for row in lines["Old parts to hand in"]["rows"]) == 1
    assert sum(row.holding.value for row in lines["Value with me"]["rows"]) == Decimal("382.00")
    assert [row.holding.part.number for row in lines["Value with me"]["rows"]] == ["PCB-4471", "FAN-120", "FAN-120"]


def test_what_must_go_back_is_said_first(standard, jana, board, fan, as_user) -> None:
    holds(jana, board, 2, days=25)
    holds(jana, fan, 4, days=12)
    holds(jana, PartFactory(number="SNS-1"), 3, days=3)

    page = as_user(jana).get(HOME)

    assert rows(page.context["unused"]) == [
        ("PCB-4471", 2, "11 days late"),
        ("FAN-120", 4, "Due in 2 days"),
        ("SNS-1", 3, "Held 3 days"),
    ]
    text = " ".join(page.content.decode().split())
    assert "2 parts are due back by Wednesday 25 Nov." in text
    assert f'href="{reverse("spareparts:return_new")}">Return them</a>' in text


@pytest.mark.parametrize(
    ("parts", "old", "words"),
    [
        ([25], [], "1 part should be back already."),
        ([12], [], "1 part is due back by Wednesday 25 Nov."),
        ([], [1], "1 old part is due back by Sunday 29 Nov."),
        ([25, 12], [6], "2 parts and 1 old part are due back by Wednesday 25 Nov."),
        ([25], [9, 8], "1 part and 2 old parts should be back already."),
    ],
)
def test_the_sentence(standard, jana, as_user, parts, old, words) -> None:
    for days in parts:
        holds(jana, PartFactory(), days=days)
    for days in old:
        holds(jana, PartFactory(), days=days, condition=Condition.OLD)

    page = as_user(jana).get(HOME)

    assert words in " ".join(page.content.decode().split())


def test_nothing_due_says_nothing(standard, jana, fan, as_user) -> None:
    holds(jana, fan, 1, days=3)

    page = as_user(jana).get(HOME)

    assert page.context["due"] is None
    assert b"due back" not in page.content


def test_parts_for_todays_jobs_come_with_their_job(standard, jana, board, fan, as_user) -> None:
    today = WorkOrderFactory(number="WO-1", lead=jana, status=WorkOrderStatus.ASSIGNED, planned_at=NOW)
    later = WorkOrderFactory(
        number="WO-2", lead=jana, status=WorkOrderStatus.ASSIGNED, planned_at=NOW + timedelta(days=3)
    )
    sent(jana, (board, 2), work_order=today)
    sent(jana, (fan, 1), work_order=later)
    holds(jana, board, 1, days=20)

    page = as_user(jana).get(HOME)

    told = [
        [(each.work_order.number, rows(each.rows)) for each in page.context[name]]
        for name in ("jobs_today", "jobs_later")
    ]
    assert told == [[("WO-1", [("PCB-4471", 2, "Held 20 days")])], [("WO-2", [("FAN-120", 1, "Since today")])]]
    # Two of the three boards are wanted; the oldest one is not.
    assert rows(page.context["unused"]) == [("PCB-4471", 1, "6 days late")]
    assert f"/work-orders/{today.pk}/use/?part={board.pk}" in page.content.decode()


def test_two_jobs_cannot_have_the_same_piece(standard, jana, tom, eva, fan, as_user) -> None:
    first = WorkOrderFactory(number="WO-1", lead=jana, planned_at=NOW)
    second = WorkOrderFactory(number="WO-2", lead=jana, planned_at=NOW + timedelta(hours=1))
    for job in (first, second):
        sent(jana, (fan, 2), work_order=job)
    moved(jana, tom, HandedPart(fan, 2), by=eva)

    page = as_user(jana).get(HOME)

    told = [(each.work_order.number, rows(each.rows)[0][1]) for each in page.context["jobs_today"]]
    assert told == [("WO-1", 2)]
    assert page.context["unused"] == []


def test_home_and_return_page_agree_on_what_is_due(advanced, jana, board, fan, as_user) -> None:
    WarehouseFactory(name="Vienna", is_default=True)
    holds(jana, board, 2, days=25)
    holds(jana, fan, 4, days=12)
    holds(jana, fan, 5, days=1)
    holds(jana, fan, 1, days=6, condition=Condition.OLD)
    job = WorkOrderFactory(number="WO-1", lead=jana, planned_at=NOW)
    owed(jana, PartFactory(number="VLV-1"), work_order=job)
    prepared(jana, (board, 1))

    due = as_user(jana).get(HOME).context["due"]
    ticked = [
        row
        for row in proposals(jana, at=NOW, today=company_today(), settings=current_settings(), policy=current_policy())
        if row.is_due
    ]

    assert (due.parts, due.old_parts) == (2, 2)
    assert sorted((row.part.number, row.condition, row.quantity) for row in ticked) == [
        ("FAN-120", "new", 4),
        ("FAN-120", "old", 1),
        ("PCB-4471", "new", 1),
        ("VLV-1", "old", 1),
    ]


def test_what_stands_on_a_prepared_return_is_not_asked_for_again(standard, jana, board, as_user) -> None:
    holds(jana, board, 2, days=25)
    prepared(jana, (board, 2))

    page = as_user(jana).get(HOME)

    assert page.context["due"] is None
    assert page.context["unused"] == []
    assert page.context["mine"].going == 2
    assert b"2 pieces stand on a return" in page.content


def test_an_old_part_still_in_its_machine_counts_as_to_hand_in(standard, jana, board, as_user, planted_drift) -> None:
    owed(jana, board, status=DebtStatus.DUE)

    browser = as_user(jana)

    assert numbers(browser.get(HOME))["Old parts to hand in"] == 2  # the one in hand is not owed any more
    assert b"Not taken out yet" in browser.get(f"{ALL}?show=old").content


def test_without_warehouses_the_second_number_is_what_waits_for_approval(standard, jana, tom, fan, as_user) -> None:
    settings(requisition_approval="manual")
    sent(jana, (fan, 3))
    sent(tom, (fan, 5))
    browser = as_user(jana)

    assert numbers(browser.get(HOME))["Waiting for approval"] == 3
    assert [line.quantity for line in browser.get(COLLECT).context["rows"]] == [3]


def test_offers_and_moves_by_a_manager_are_told(standard, jana, tom, eva, fan, board, as_user) -> None:
    holds(tom, fan, 2)
    holds(jana, board, 1)
    offered(tom, jana, fan)
    moved(jana, tom, board, by=eva, reason="Tom needs it today")

    text = as_user(jana).get(HOME).content.decode()

    assert "Tom Berger offers you FAN-120." in text
    assert "Eva Lang moved PCB-4471 from you to Tom Berger: Tom needs it today" in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["FAN-120", "PCB-4471"]),
        ("q=pcb4471", ["PCB-4471"]),
        ("q=exhaust", ["FAN-120"]),
        ("q=nothing like it", []),
        ("show=due", ["FAN-120"]),
        ("show=old", []),
        ("show=value", ["FAN-120", "PCB-4471"]),
        ("show=nonsense&page=" + "9" * 5000, ["FAN-120", "PCB-4471"]),
        ("q=" + "x" * 101, ["FAN-120", "PCB-4471"]),
        ("q=%00", ["FAN-120", "PCB-4471"]),
    ],
)
def test_all_my_parts_can_be_narrowed(standard, jana, board, fan, as_user, query, expected) -> None:
    holds(jana, fan, 4, days=25)
    holds(jana, board, 1, days=2)

    page = as_user(jana).get(f"{ALL}?{query}")

    assert [row.holding.part.number for row in page.context["rows"]] == expected


def test_a_line_says_which_job_it_came_from(standard, jana, board, fan, as_user) -> None:
    closed, begun = WorkOrderFactory(number="WO-1", lead=jana), WorkOrderFactory(number="WO-2", lead=jana)
    sent(jana, (board, 1), work_order=closed)
    sent(jana, (fan, 1), work_order=begun)
    WorkOrder.objects.filter(pk=closed.pk).update(status=WorkOrderStatus.COMPLETED, completed_at=NOW)

    text = " ".join(as_user(jana).get(ALL).content.decode().split())

    assert "From WO-1, closed 23 Nov 2026" in text
    assert "From WO-2<" in text


def test_a_long_list_is_paged(standard, jana, as_user) -> None:
    for _count in range(51):
        holds(jana, PartFactory())
    browser = as_user(jana)

    assert len(browser.get(ALL).context["rows"]) == 50
    assert len(browser.get(f"{ALL}?page=2").context["rows"]) == 1


def test_nobody_holds_anything_yet(standard, jana, as_user) -> None:
    browser = as_user(jana)

    assert b"You hold no parts" in browser.get(HOME).content
    assert [browser.get(f"{ALL}?show={each}").status_code for each in ("all", "due", "old", "value")] == [200] * 4
    assert browser.get(COLLECT).status_code == 200


@pytest.mark.parametrize(("mode", "where"), [(Mode.SIMPLE, "/jobs/"), (Mode.STANDARD, HOME), (Mode.ADVANCED, HOME)])
def test_an_engineer_begins_his_day_there(use_mode, jana, as_user, mode, where) -> None:
    use_mode(mode)

    assert as_user(jana).get("/").url == where


@pytest.mark.parametrize("address", [HOME, ALL, COLLECT, "/my/parts/moves/", "/my/parts/statement/"])
def test_only_engineers_have_parts_and_only_where_they_are_kept(use_mode, jana, eva, as_user, address) -> None:
    use_mode(Mode.STANDARD)
    assert as_user(eva).get(address).status_code == 403
    use_mode(Mode.SIMPLE)
    assert as_user(jana).get(address).status_code == 403
    assert as_user(jana).post(address).status_code == 403


def test_the_phone_bar_begins_with_my_parts_and_my_jobs(advanced, jana, as_user) -> None:
    nav = as_user(jana).get(HOME).context["nav"]

    assert [str(item["label"]) for item in nav if item["on_phone"]][:2] == ["My parts", "My jobs"]
    assert next(item for item in nav if item["is_current"])["url"] == HOME


@pytest.mark.parametrize("address", [ALL, COLLECT])
def test_lists_cost_the_same_for_one_row_and_three(advanced, jana, karl, as_user, address) -> None:
    vienna, browser = WarehouseFactory(name="Vienna", is_default=True), as_user(jana)
    counts = []
    for _count in range(3):
        holds(jana, PartFactory(), 1, days=20)
        approved_requisition(jana, vienna, (PartFactory(), 1), by=karl, receiving_method=ReceivingMethod.PICK_UP)
        with CaptureQueriesContext(connection) as asked:
            browser.get(address)
        counts.append(len(asked))

    assert counts[0] == counts[2] <= 10
