"""The auditor looks at the ledger; a longer list costs no more questions."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.domain.ledger import Line
from inventory.models import Balance, Location, Lot, Part, Posting
from tests.factories.inventory import PartFactory
from workorders.models import User

pytestmark = [pytest.mark.django_db]
Book = Callable[..., Posting]


def open_list(client: Client, model: str, **query: object) -> tuple[str, int]:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(reverse(f"admin:inventory_{model}_changelist"), query)
    assert response.status_code == 200
    return response.content.decode(), len(queries)


@pytest.mark.parametrize("model", ["posting", "move", "balance", "lot", "location"])
def test_one_row_or_many_are_the_same_number_of_queries(
    book: Book,
    as_user: Callable[[User], Client],
    oskar: User,
    valve: Part,
    supplier: Location,
    shelf: Location,
    jana_van: Location,
    tom_van: Location,
    model: str,
) -> None:
    client = as_user(oskar)

    def add(number: int) -> None:
        lot = Lot.objects.create(part=valve, code=f"77-{number}", is_serial=True)
        book(Line(valve, 1, supplier, (shelf, jana_van, tom_van)[number], lot=lot))

    add(0)
    open_list(client, model)
    _page, with_one = open_list(client, model)
    add(1)
    add(2)
    _page, with_three = open_list(client, model)
    assert with_one == with_three <= 12


def test_figures_lead_to_their_rows(
    book: Book, as_user: Callable[[User], Client], oskar: User, bearing: Part, supplier: Location, jana_van: Location
) -> None:
    fan = PartFactory(number="FAN-120-S")
    first = book(Line(bearing, 6, supplier, jana_van), reference="GR-000001")
    book(Line(fan, 2, supplier, jana_van), reference="GR-000002")
    client = as_user(oskar)

    postings, _queries = open_list(client, "posting", q="GR-000001")
    assert ("GR-000001" in postings, "GR-000002" in postings) == (True, False)
    moves, _queries = open_list(client, "move", posting__id__exact=first.pk)
    assert ("6 pc" in moves, "2 pc" in moves, "FAN-120-S" in moves) == (True, False, False)
    stock, _queries = open_list(client, "balance", location__id__exact=jana_van.pk)
    assert ("6 pc" in stock, "2 pc" in stock) == (True, True)
    place = client.get(reverse("admin:inventory_location_change", args=[jana_van.pk])).content.decode()
    assert f"location__id__exact={jana_van.pk}" in place
    row = Balance.objects.get(part=bearing)
    assert client.get(reverse("admin:inventory_balance_change", args=[row.pk])).status_code == 200


def test_engineers_and_managers_do_not_see_the_books(as_user: Callable[[User], Client], jana: User, karl: User) -> None:
    for person in (jana, karl):
        response = as_user(person).get(reverse("admin:inventory_move_changelist"))
        assert response.status_code == 403
