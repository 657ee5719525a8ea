"""Eva looks at what lies in the field: who holds how much, how old, and whether it comes back."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from inventory.enums import Condition
from spareparts.queries import current_settings
from spareparts.queries.ageing import returned_in_time
from spareparts.queries.holdings import engineers_visible_to
from tests.factories.asking import depot, sent, settings
from tests.factories.inventory import PartFactory, UnitFactory
from tests.factories.returns import handed_over, owed
from tests.factories.workorders import TeamFactory, UserFactory
from tests.spareparts.holdings.conftest import NOW, holds
from workorders.models import User

OVERVIEW, LINES = "/holdings/", "/holdings/parts/"

pytestmark = pytest.mark.usefixtures("monday")


def one(engineer) -> str:
    return reverse("spareparts:engineer_holdings", args=[engineer.pk])


@pytest.fixture
def field(standard, jana, tom, board, fan):
    """Jana holds five boards of two ages and owes an old part; Tom has two fans; nobody else anything."""
    holds(jana, board, 2, days=40)
    holds(jana, board, 3, days=3)
    holds(tom, fan, 2, days=20)
    owed(jana, fan)
    UserFactory(name="Empty Hands", is_engineer=True)


def test_every_engineer_who_holds_or_owes_the_oldest_first(field, eva, as_user) -> None:
    page = as_user(eva).get(OVERVIEW)

    told = [
        (row.engineer.name, row.pieces, tuple(row.by_bucket.values()), row.oldest, row.value, row.owed)
        for row in page.context["rows"]
    ]
    assert told == [
        ("Jana Novak", 6, (4, 0, 2), 40, Decimal("600.00"), 1),
        ("Tom Berger", 2, (0, 2, 0), 20, Decimal("71.00"), 0),
    ]
    assert (page.context["value"], page.context["long"], page.context["owed"]) == (Decimal("671.00"), 2, 1)


def test_the_chart_shows_the_numbers_of_the_table(field, eva, as_user) -> None:
    page = as_user(eva).get(OVERVIEW)

    drawn = [(bar["label"], [part["value"] for part in bar["parts"]]) for bar in page.context["bars"]]
    assert drawn == [(row.engineer.name, list(row.by_bucket.values())) for row in page.context["rows"]]
    text = page.content.decode()
    assert "<svg" in text
    assert "The same as a table" in text


def test_every_figure_opens_its_lines(field, eva, as_user) -> None:
    browser = as_user(eva)

    assert sum(row.value for row in browser.get(LINES).context["table"].data) == Decimal("671.00")
    long = browser.get(f"{LINES}?age=long").context["table"].data
    assert [(each.part.number, each.layers[0].quantity) for each in long] == [("PCB-4471", 2)]
    text = browser.get(OVERVIEW).content.decode()
    for url in (f"{LINES}?", f"{LINES}?&amp;age=long", reverse("spareparts:old_parts"), reverse("spareparts:returns")):
        assert f'href="{url}"' in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["PCB-4471", "FAN-120", "FAN-120"]),
        ("q=pcb 4471", ["PCB-4471"]),
        ("condition=old", ["FAN-120"]),
        ("age=middle", ["FAN-120"]),
        ("age=young", ["PCB-4471", "FAN-120"]),
        ("age=nonsense", []),
        ("team=" + "9" * 500, []),
        ("q=" + "x" * 500, []),
        ("page=-1&sort=nonsense", ["PCB-4471", "FAN-120", "FAN-120"]),
    ],
)
def test_lines_are_narrowed(field, eva, as_user, query, expected) -> None:
    page = as_user(eva).get(f"{LINES}?{query}")

    assert [each.part.number for each in page.context["table"].data] == expected


def test_the_bars_of_ages_lead_to_their_lines(field, eva, as_user) -> None:
    browser = as_user(eva)
    bars = browser.get(LINES).context["bars"]

    assert [(bar["value"], bar["display"]) for bar in bars] == [
        (4, "4 pieces · €0.00"),
        (2, "2 pieces · €71.00"),
        (2, "2 pieces · €600.00"),
    ]
    for bar in bars:
        found = browser.get(f"{LINES}{bar['url']}").context
        (same,) = [each for each in found["bars"] if each["label"] == bar["label"]]
        assert same["value"] == bar["value"]


def test_one_team_at_a_time(field, eva, tom, as_user) -> None:
    graz = TeamFactory(name="Graz")
    User.objects.filter(pk=tom.pk).update(team=graz)
    browser = as_user(eva)

    assert [row.engineer.name for row in browser.get(f"{OVERVIEW}?team={graz.pk}").context["rows"]] == ["Tom Berger"]
    assert browser.get(f"{OVERVIEW}?team=nonsense").context["rows"] == []


def test_lines_as_a_file(field, eva, as_user) -> None:
    browser = as_user(eva)
    text = b"".join(browser.get("/holdings/parts.csv?age=middle").streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:3] == ["Engineer", "Part number", "Part"]
    assert rows[1] == [
        *("Tom Berger", "FAN-120", "Exhaust fan", "New part", "", "2", "pc", "2026-11-03 12:00", "20", "71.00"),
    ]
    book = load_workbook(io.BytesIO(b"".join(browser.get("/holdings/engineers.xlsx").streaming_content)))
    sheet = [[cell.value for cell in row] for row in book.active.rows]
    assert sheet[0][:3] == ["Engineer", "Team", "Pieces"]
    assert [row[0:1] + row[2:] for row in sheet[1:]] == [
        ["Jana Novak", 6, 4, 0, 2, 40, 600, 1],
        ["Tom Berger", 2, 0, 2, 0, 20, 71, 0],
    ]


@pytest.mark.parametrize("name", ["parts.pdf", "nonsense.csv"])
def test_no_other_file(field, eva, as_user, name) -> None:
    assert as_user(eva).get(f"/holdings/{name}").status_code == 404


def test_one_engineer(field, jana, eva, fan, as_user) -> None:
    settings(requisition_approval="manual")
    asked = sent(jana, (fan, 1))

    page = as_user(eva).get(one(jana))

    assert [(row.holding.part.number, row.quantity, row.badge.text) for row in page.context["rows"]] == [
        ("PCB-4471", 5, "26 days late"),
        ("FAN-120", 1, "Since today"),
    ]
    assert (page.context["pieces"], page.context["value"], page.context["long"]) == (6, Decimal("600.00"), 2)
    assert [debt.part.number for debt in page.context["debts"]] == ["FAN-120"]
    assert page.context["at_risk"] == page.context["debts"][0].value
    assert [each.pk for each in page.context["requests"]] == [asked.pk]
    assert f'href="/holdings/move/?engineer={jana.pk}"' in page.content.decode()


def test_somebody_with_empty_hands(standard, tom, eva, as_user) -> None:
    page = as_user(eva).get(one(tom))

    assert [words in page.content for words in (b"Holds no parts.", b"Owes no old part.", b"Waits for nothing.")] == [
        True
    ] * 3


def test_an_auditor_looks_and_cannot_move(field, jana, oskar, as_user) -> None:
    browser = as_user(oskar)

    assert browser.get(OVERVIEW).status_code == 200
    assert b"Move or call back" not in browser.get(one(jana)).content
    assert browser.get(f"/holdings/move/?engineer={jana.pk}").status_code == 403


# ---------------------------------------------------------------- who sees whom
def seen(user) -> set[str]:
    return {person.name for person in engineers_visible_to(user).filter(is_engineer=True)}


def test_a_warehouse_manager_sees_the_people_of_the_teams_he_serves(advanced, jana, tom, eva, karl, lin) -> None:
    vienna, graz, linz = TeamFactory(name="Vienna"), TeamFactory(name="Graz"), TeamFactory(name="Linz")
    User.objects.filter(pk=tom.pk).update(team=graz)
    UserFactory(name="Li Na", is_engineer=True, team=linz)
    UserFactory(name="New One", is_engineer=True, team=None)
    depot("Graz", karl, serves=graz)  # the first one is the default
    depot("Vienna", lin, serves=vienna)

    assert seen(lin) == {"Jana Novak"}
    assert seen(karl) == {"Tom Berger", "Li Na", "New One"}  # what nobody else serves comes to the default one
    assert seen(eva) == {"Jana Novak", "Tom Berger", "Li Na", "New One"}
    assert seen(jana) == set()


def test_where_no_warehouse_is_kept_a_manager_sees_everybody(standard, jana, tom, karl) -> None:
    assert seen(karl) == {"Jana Novak", "Tom Berger"}


def test_strangers_are_not_there_for_a_warehouse_manager(advanced, jana, tom, karl, board, as_user) -> None:
    depot("Vienna")
    User.objects.filter(pk=tom.pk).update(team=TeamFactory(name="Graz"))
    depot("Graz", karl, serves=TeamFactory(name="Graz"))
    holds(jana, board, 2)
    holds(tom, board, 1)
    browser = as_user(karl)

    assert [row.engineer.name for row in browser.get(OVERVIEW).context["rows"]] == ["Tom Berger"]
    assert [each.engineer.name for each in browser.get(LINES).context["table"].data] == ["Tom Berger"]
    assert "Jana" not in b"".join(browser.get("/holdings/parts.csv").streaming_content).decode()
    assert "Jana" not in b"".join(browser.get("/holdings/engineers.csv").streaming_content).decode()
    assert browser.get(one(jana)).status_code == 404
    assert browser.get(one(tom)).status_code == 200
    assert browser.get(f"/holdings/move/?engineer={jana.pk}").url == OVERVIEW


@pytest.mark.parametrize("address", [OVERVIEW, LINES, "/holdings/parts.csv", "/holdings/move/"])
def test_engineers_do_not_look_into_other_peoples_vans(field, jana, as_user, address) -> None:
    assert as_user(jana).get(address).status_code == 403


# ---------------------------------------------------------------- do they come back in time
def test_returned_in_time(standard, jana, tom, board, fan, eva, as_user) -> None:
    holds(jana, board, 1, days=15)
    holds(jana, fan, 1, days=14)
    holds(tom, fan, 1, days=3)
    handed_over(jana, (board, 1))
    handed_over(jana, (fan, 1))
    handed_over(tom, (fan, 1))

    found = returned_in_time(User.objects.all(), settings=current_settings(), at=NOW)

    assert (found.returned, found.in_time, found.percent) == (3, 2, 67)
    assert b"67 %" in as_user(eva).get(OVERVIEW).content
    later = returned_in_time(User.objects.all(), settings=current_settings(), at=NOW + timedelta(days=91))
    assert later.percent is None


def test_measured_parts_are_one_piece(standard, jana, eva, as_user) -> None:
    metre = UnitFactory(code="m", name="metre", decimal_places=2)
    holds(jana, PartFactory(unit=metre, unit_cost=Decimal("2.00")), 1250, days=40)

    (row,) = as_user(eva).get(OVERVIEW).context["rows"]

    assert (row.pieces, row.long, row.value) == (1, 1, Decimal("25.00"))


@pytest.mark.parametrize("address", [OVERVIEW, LINES, "/holdings/parts.csv", "one"])
def test_pages_cost_the_same_for_one_row_and_three(advanced, jana, tom, karl, eva, as_user, address) -> None:
    depot("Vienna", karl)
    for who in (eva, karl):
        browser, counts = as_user(who), []
        for count in range(3):
            engineer = UserFactory(name=f"Engineer {who.pk} {count}", is_engineer=True)
            holds(engineer, PartFactory(), 1, days=40)
            holds(jana, PartFactory(), 1, days=1, condition=Condition.OLD)
            with CaptureQueriesContext(connection) as asked:
                browser.get(one(jana) if address == "one" else address)
            counts.append(len(asked))
        assert counts[0] == counts[2] <= (9 if address == "one" else 8)
