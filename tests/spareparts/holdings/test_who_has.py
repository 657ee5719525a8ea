"""Who has one? Me, my colleagues as far as the company lets me see, the warehouses, and what is on the way."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.enums import Condition
from spareparts.enums import ColleaguesVisibility, HandOverStatus, Mode, ReceivingMethod
from spareparts.models import HandOver
from tests.factories.asking import depot, settings
from tests.factories.inventory import PartFactory
from tests.factories.requisitions import approved_requisition
from tests.factories.workorders import TeamFactory, UserFactory
from tests.spareparts.holdings.conftest import holds
from tests.spareparts.shipments.steps import receive, send
from tests.support.stock import put, shelf
from workorders.models import User

pytestmark = pytest.mark.usefixtures("monday")


def panel(browser, part):
    page = browser.get(part.get_absolute_url())
    for each in page.context["panels"]:
        if "found" in each["data"]:
            return each["data"]["found"]
    return None


def told(found) -> tuple[int, list[tuple[str, int | None]]]:
    return found.mine, [(each.person.name, each.quantity) for each in found.colleagues]


@pytest.mark.parametrize(
    ("visibility", "expected"),
    [
        (ColleaguesVisibility.QUANTITIES, [("Tom Berger", 3), ("Mia Weiss", 9)]),
        (ColleaguesVisibility.NAMES, [("Mia Weiss", None), ("Tom Berger", None)]),
        (ColleaguesVisibility.NOTHING, []),
    ],
)
def test_colleagues_are_seen_as_the_company_decides(standard, jana, tom, fan, as_user, visibility, expected) -> None:
    """Those of the own team come first, then who has most."""
    mia = UserFactory(name="Mia Weiss", is_engineer=True, team=TeamFactory(name="Graz"))
    settings(colleagues_see=visibility)
    holds(jana, fan, 2)
    holds(tom, fan, 3)
    holds(mia, fan, 9)

    assert told(panel(as_user(jana), fan)) == (2, expected)


def test_an_old_part_helps_nobody(standard, jana, tom, fan, as_user) -> None:
    holds(tom, fan, 3, condition=Condition.OLD)

    found = panel(as_user(jana), fan)

    assert found.is_nowhere
    assert b"Nobody you can see has one right now." in as_user(jana).get(fan.get_absolute_url()).content


def test_the_warehouses_free_stock(advanced, jana, karl, fan, as_user) -> None:
    put(shelf(depot("Vienna", karl)), fan, 22, by=karl)

    found = panel(as_user(jana), fan)

    assert [(place.warehouse.name, place.free) for place in found.warehouses] == [("Vienna", 22)]
    assert b"22 pc free" in as_user(jana).get(fan.get_absolute_url()).content


def test_the_office_sees_quantities_whatever_engineers_see(standard, jana, tom, eva, fan, as_user) -> None:
    settings(colleagues_see=ColleaguesVisibility.NOTHING)
    holds(jana, fan, 2)

    page = as_user(eva).get(fan.get_absolute_url())

    assert told(panel(as_user(eva), fan)) == (0, [("Jana Novak", 2)])
    assert f'href="/holdings/{jana.pk}/"' in page.content.decode()
    assert "/hand-overs/ask/" not in page.content.decode()


def test_a_warehouse_manager_sees_his_people_only(advanced, jana, tom, karl, fan, as_user) -> None:
    depot("Vienna")
    depot("Graz", karl, serves=jana.team)
    User.objects.filter(pk=tom.pk).update(team=None)
    holds(jana, fan, 2)
    holds(tom, fan, 3)

    assert told(panel(as_user(karl), fan)) == (0, [("Jana Novak", 2)])


def test_one_tap_asks_a_colleague(standard, jana, tom, fan, as_user) -> None:
    holds(tom, fan, 3)
    browser = as_user(jana)
    text = browser.get(fan.get_absolute_url()).content.decode()
    form = re.search(r'<form method="post" action="/hand-overs/ask/">.*?</form>', text, re.DOTALL)
    typed = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))

    browser.post("/hand-overs/ask/", typed)

    document = HandOver.objects.get()
    assert (document.status, document.receiver, document.sender) == (HandOverStatus.ASKED, jana, tom)
    assert document.lines.get().quantity == 1


def test_there_is_no_panel_where_nobody_holds_parts(use_mode, jana, fan, as_user) -> None:
    use_mode(Mode.SIMPLE)

    assert panel(as_user(jana), fan) is None


def test_three_holders_cost_no_query_more(advanced, jana, karl, fan, as_user) -> None:
    put(shelf(depot("Vienna", karl)), fan, 22, by=karl)
    browser, counts = as_user(jana), []
    for _count in range(3):
        holds(UserFactory(is_engineer=True), fan, 1)
        holds(jana, PartFactory(), 1)
        with CaptureQueriesContext(connection) as asked:
            browser.get(fan.get_absolute_url())
        counts.append(len(asked))

    assert counts[0] == counts[2] <= 12


@pytest.mark.parametrize(
    ("visibility", "expected"),
    [
        (ColleaguesVisibility.QUANTITIES, {("Jana Novak", 4), ("Tom Berger", 3), ("Linz", 5)}),
        (ColleaguesVisibility.NAMES, {("Jana Novak", 4), ("Linz", 5)}),
    ],
)
def test_what_is_on_the_way(advanced, jana, tom, karl, fan, as_user, visibility, expected) -> None:
    """To me, to a warehouse for anybody, and to a colleague where his parts may be counted."""
    settings(colleagues_see=visibility)
    vienna, linz = depot("Vienna", karl), depot("Linz")
    for engineer, quantity in ((jana, 3), (jana, 2), (tom, 3)):
        requisition = approved_requisition(engineer, vienna, (fan, quantity), by=karl)
        (shipment,) = send(requisition, by=karl)
        if quantity == 2:
            receive(shipment, 1, by=jana)
    to_branch = {"receiving_method": ReceivingMethod.TO_WAREHOUSE, "destination": linz, "is_for_branch": True}
    send(approved_requisition(tom, vienna, (fan, 5), by=karl, **to_branch), by=karl)

    found = panel(as_user(jana), fan)

    assert {(each.where, each.quantity) for each in found.coming} == expected
    assert b"On the way to Linz" in as_user(jana).get(fan.get_absolute_url()).content
