"""Each move of an inventory can be found, and adds up to what was held on any evening."""

import random
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.enums import Condition, Tracking
from inventory.models import Lot
from spareparts.domain.handed import HandedPart
from spareparts.domain.undo import undo_consumption
from spareparts.models import Issue
from spareparts.queries import current_policy
from spareparts.queries.holdings import transaction_details
from spareparts.queries.statements import came, held_on
from spareparts.views.references import document_urls
from tests.factories.asking import depot, sent
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.personal import accepted, moved, offered
from tests.factories.requisitions import approved_requisition
from tests.factories.spareparts import used
from tests.factories.workorders import WorkOrderFactory
from tests.spareparts.holdings.conftest import NOW, holds
from tests.spareparts.shipments.steps import receive, send
from tests.support.stock import personal, put

MOVES, STATEMENT = "/my/parts/moves/", "/my/parts/statement/"

pytestmark = pytest.mark.usefixtures("monday")


def shown(page) -> list[tuple[str, str, str, str]]:
    """Part, quantity with its sign, condition and the other side, as people read them."""
    table = page.context["table"]
    return [
        (
            row.record.part.number,
            row.get_cell("quantity"),
            row.record.get_condition_display(),
            row.get_cell("side"),
        )
        for row in table.paginated_rows
    ]


def test_what_came_and_went(standard, jana, tom, board, fan, as_user) -> None:
    holds(jana, board, 3, days=9)
    job = WorkOrderFactory(lead=jana)
    document = used(job, board, at=NOW - timedelta(days=2))
    undo_consumption(document, by=jana, at=NOW - timedelta(days=2), key=uuid.uuid4(), policy=current_policy())
    holds(jana, fan, 1, days=1, condition=Condition.OLD)
    holds(jana, fan, 1, days=1, condition=Condition.REPAIRED)
    accepted(offered(jana, tom, HandedPart(board, 2)))
    holds(tom, fan, 7)

    page = as_user(jana).get(MOVES)

    assert shown(page) == [
        ("PCB-4471", "−2 pc", "New part", "Tom Berger"),
        ("FAN-120", "+1 pc", "Repaired part", "Supplier"),
        ("FAN-120", "+1 pc", "Old part", "Supplier"),
        ("PCB-4471", "+1 pc", "New part", "Customer"),
        ("PCB-4471", "−1 pc", "New part", "Customer"),
        ("PCB-4471", "+3 pc", "New part", "Supplier"),
    ]
    text = page.content.decode()
    assert f'href="{document.get_absolute_url()}">{document.reference}</a>' in text
    assert ">HO-" in text


def test_an_issue_leads_to_its_request(standard, jana, fan, as_user) -> None:
    requisition = sent(jana, (fan, 2))
    issue = Issue.objects.get()

    page = as_user(jana).get(MOVES)

    url = reverse("spareparts:requisition", args=[requisition.pk])
    assert document_urls([issue.reference]) == {issue.reference: url}
    assert f'href="{url}"' in page.content.decode()


def test_a_receipt_leads_to_its_shipment(advanced, jana, karl, fan, as_user) -> None:
    vienna = depot("Vienna", karl)
    (shipment,) = send(approved_requisition(jana, vienna, (fan, 2), by=karl), by=karl)
    receipt = receive(shipment, by=jana)

    page = as_user(jana).get(MOVES)

    assert document_urls([receipt.reference]) == {receipt.reference: shipment.get_absolute_url()}
    assert f'href="{shipment.get_absolute_url()}"' in page.content.decode()
    assert shown(page)[0] == ("FAN-120", "+2 pc", "New part", "Vienna")


def test_references_without_a_page_stay_words(db) -> None:
    known = document_urls(["GR-000001", "nonsense", "RQ-x", "RQ-" + "9" * 30, "IS-77", "RC-1", "RQ-²"])

    assert set(known.values()) == {""}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["FAN-120", "FAN-120", "PCB-4471"]),
        ("q=pcb 4471", ["PCB-4471"]),
        ("condition=old", ["FAN-120"]),
        ("first=2026-11-20", ["FAN-120", "FAN-120"]),
        ("last=2026-11-20", ["PCB-4471"]),
        ("first=2026-11-14&last=2026-11-14", ["PCB-4471"]),
        ("first=2026-11-20&last=2026-11-14", []),
        ("first=30 Feb", []),
        ("last=9999-12-31", []),
        ("first=0001-01-01", []),
        ("part=" + "9" * 500, []),
        ("condition=nonsense", []),
        ("q=%00", []),
    ],
)
def test_moves_are_narrowed_by_part_condition_and_day(standard, jana, board, fan, as_user, query, expected) -> None:
    holds(jana, board, 3, days=9)
    holds(jana, fan, 2, days=1)
    holds(jana, fan, 1, days=0, condition=Condition.OLD)

    page = as_user(jana).get(f"{MOVES}?{query}")

    assert page.status_code == 200
    assert [row[0] for row in shown(page)] == expected


def test_a_part_is_chosen_by_a_link(standard, jana, board, fan, as_user) -> None:
    holds(jana, board, 3)
    holds(jana, fan, 2)

    assert [row[0] for row in shown(as_user(jana).get(f"{MOVES}?part={fan.pk}"))] == ["FAN-120"]


def test_the_statement_of_any_evening(standard, jana, tom, board, fan, as_user) -> None:
    holds(jana, board, 3, days=9)
    holds(jana, fan, 1, days=5, condition=Condition.OLD)
    used(WorkOrderFactory(lead=jana), board, at=NOW - timedelta(days=2))
    browser = as_user(jana)

    def held(day: str) -> list[tuple[str, str, int]]:
        lines = browser.get(f"{STATEMENT}?day={day}").context["lines"]
        return [(line.part.number, line.condition, line.quantity) for line in lines]

    assert held("2026-11-13") == []
    assert held("2026-11-14") == [("PCB-4471", "new", 3)]
    assert held("2026-11-20") == [("FAN-120", "old", 1), ("PCB-4471", "new", 3)]
    assert held("") == held("2027-01-01") == held("nonsense") == [("FAN-120", "old", 1), ("PCB-4471", "new", 2)]
    page = browser.get(STATEMENT)
    assert page.context["value"] == Decimal("240.00")
    assert f"{MOVES}?last=2026-11-23&amp;part={board.pk}&amp;condition=new" in page.content.decode()


def test_the_company_s_midnight_ends_a_day(standard, jana, board) -> None:
    """23:30 on the 22nd in Greenwich is the 23rd in Vienna."""
    put(personal(jana), board, 1, by=jana, at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC))

    assert held_on(jana, date(2026, 11, 22)) == []
    assert [line.quantity for line in held_on(jana, date(2026, 11, 23))] == [1]


def test_a_statement_is_the_sum_of_the_moves(advanced, jana, tom, eva, board) -> None:
    """Forty random moves, each evening of a month, with lots and conditions."""
    dice = random.Random(7)
    oil = PartFactory(number="OIL-1", tracking=Tracking.BATCH)
    lots = [Lot.objects.create(part=oil, code=code, is_serial=False) for code in ("B-1", "B-2")]
    for day in range(30, 0, -1):
        at = NOW - timedelta(days=day)
        part, condition = dice.choice([board, oil]), dice.choice([Condition.NEW, Condition.REPAIRED])
        lot = dice.choice(lots) if part == oil else None
        put(personal(jana), part, dice.randint(1, 5), by=jana, at=at, condition=condition, lot=lot)
        if day % 3 == 0:
            moved(jana, tom, HandedPart(part, 1, condition, lot), by=eva, at=at)
    moves = [
        (
            each.posting.posted_at,
            (each.part_id, each.condition, each.lot_id),
            each.quantity * (1 if came(each, jana) else -1),
        )
        for each in transaction_details(jana)
    ]

    for day in range(31, -1, -1):
        evening = (NOW - timedelta(days=day)).date()
        folded: dict[tuple, int] = {}
        for at, key, change in moves:
            if at.date() <= evening:
                folded[key] = folded.get(key, 0) + change
        told = {
            (line.part.pk, line.condition, line.lot.pk if line.lot else None): line.quantity
            for line in held_on(jana, evening)
        }
        assert told == {key: steps for key, steps in folded.items() if steps}


def test_nobody_without_an_inventory_is_refused(standard, jana, as_user) -> None:
    browser = as_user(jana)

    assert b"Nothing moved here" in browser.get(MOVES).content
    assert b"Nothing was held on this day" in browser.get(STATEMENT).content


@pytest.mark.parametrize("address", [MOVES, STATEMENT])
def test_the_pages_cost_the_same_for_one_row_and_three(standard, jana, as_user, address) -> None:
    browser, counts = as_user(jana), []
    for _count in range(3):
        sent(jana, (PartFactory(), 1))
        with CaptureQueriesContext(connection) as asked:
            browser.get(address)
        counts.append(len(asked))

    assert counts[0] == counts[2] <= 8


@pytest.mark.parametrize("page", ["engineer_moves", "engineer_statement"])
def test_the_office_reads_everybodys_and_strangers_nobodys(
    advanced, jana, tom, eva, karl, board, as_user, page
) -> None:
    """Karl's warehouse serves no team, and another one is the default: Jana's people are not his."""
    WarehouseFactory(name="Graz").managers.add(karl)
    holds(jana, board, 2)
    address = reverse(f"spareparts:{page}", args=[jana.pk])

    assert as_user(eva).get(address).status_code == 200
    assert as_user(karl).get(address).status_code == 404
    assert as_user(tom).get(address).status_code == 403
    assert as_user(eva).get(reverse(f"spareparts:{page}", args=[10**18])).status_code == 404
