"""The catalogue on a phone and at the desk."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Part, PartBarcode
from tests.factories.inventory import PartCategoryFactory, PartFactory

pytestmark = pytest.mark.django_db
LIST = "/parts/"


def shown_numbers(response) -> list[str]:
    return [row.record.number for row in response.context["table"].paginated_rows]


def queries_of(client, url) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_jana_narrows_the_list_by_word_category_and_tracking(jana, as_user):
    bearings = PartCategoryFactory(name="Bearings")
    PartFactory(number="BRG-1", name="Bearing", category=bearings, tracking="batch")
    PartFactory(number="BRG-2", name="Bearing", category=bearings, is_listed=False)
    PartFactory(number="VLV-1", name="Valve")
    browser = as_user(jana)

    assert shown_numbers(browser.get(LIST)) == ["BRG-1", "BRG-2", "VLV-1"]
    assert shown_numbers(browser.get(LIST, {"q": "valve"})) == ["VLV-1"]
    assert shown_numbers(browser.get(LIST, {"category": bearings.pk})) == ["BRG-1", "BRG-2"]
    assert shown_numbers(browser.get(LIST, {"listed": "False"})) == ["BRG-2"]
    assert shown_numbers(browser.get(LIST, {"tracking": "batch"})) == ["BRG-1"]
    assert shown_numbers(browser.get(LIST, {"sort": "-number"})) == ["VLV-1", "BRG-2", "BRG-1"]


@pytest.mark.parametrize(
    "nonsense",
    [
        "q=%00",
        "category=" + "9" * 5000,
        "category=x",
        "page=-1",
        "page=99999999",
        "sort=password",
        "listed=maybe",
        "q=" + "%25" * 900,
    ],
)
def test_a_broken_address_is_a_page_and_never_an_error(jana, as_user, nonsense):
    PartFactory()
    assert as_user(jana).get(f"{LIST}?{nonsense}").status_code == 200


def test_the_list_asks_the_database_the_same_for_one_part_and_for_three(jana, as_user):
    browser = as_user(jana)
    PartFactory(category=PartCategoryFactory(name="One"))
    one = queries_of(browser, LIST)
    PartFactory(category=PartCategoryFactory(name="Two"))
    PartFactory(category=PartCategoryFactory(name="Three"))

    assert queries_of(browser, LIST) == one
    assert one <= 8


def test_only_the_office_sees_what_a_part_costs(jana, eva, as_user):
    part = PartFactory(unit_cost="1284.50")
    for url in (LIST, part.get_absolute_url()):
        assert "1,284.50" not in as_user(jana).get(url).content.decode()
        assert "1,284.50" in as_user(eva).get(url).content.decode()


def test_the_part_page_tells_what_replaces_what(jana, as_user):
    newest = PartFactory(number="PCB-3")
    newer = PartFactory(number="PCB-2", superseded_by=newest)
    old = PartFactory(number="PCB-1", superseded_by=newer)
    PartBarcode.objects.create(part=newer, code="4006381333931")
    browser = as_user(jana)

    page = browser.get(old.get_absolute_url())
    assert [each.number for each in page.context["successors"]] == ["PCB-2", "PCB-3"]
    page = browser.get(newer.get_absolute_url())
    assert [each.number for each in page.context["predecessors"]] == ["PCB-1"]
    assert "4006381333931" in page.content.decode()


def test_the_part_page_tells_whether_use_notes_it_in_the_machine(jana, as_user):
    grease, bearing = PartFactory(is_noted_in_machine=False), PartFactory()
    words = "no, use does not add it to a machine's parts list"
    assert words in as_user(jana).get(grease.get_absolute_url()).content.decode()
    assert words not in as_user(jana).get(bearing.get_absolute_url()).content.decode()


def test_a_part_that_is_not_there_is_404(jana, as_user):
    browser = as_user(jana)
    assert browser.get("/parts/999/").status_code == 404
    assert browser.get(f"/parts/{'9' * 40}/").status_code == 404


def test_strangers_sign_in_first(client):
    for url in (LIST, reverse("inventory:part_search"), "/parts/1/"):
        response = client.get(url)
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_the_picker_gets_options_the_best_first(jana, as_user):
    PartFactory(number="BRG-6204-2RS", name="Bearing <6204>")
    unlisted = PartFactory(number="BRG-6205", name="Bearing", is_listed=False)
    PartBarcode.objects.create(part=unlisted, code="4006381333931")
    search = reverse("inventory:part_search")
    browser = as_user(jana)

    answer = browser.get(search, {"q": "brg 62"})
    assert [each["number"] for each in answer.context["options"]] == ["BRG-6204-2RS", "BRG-6205"]
    assert 'data-name="Bearing &lt;6204&gt;"' in answer.content.decode()
    answer = browser.get(search, {"q": "4006381333931"})
    assert answer.context["options"] == [
        {"id": unlisted.pk, "number": "BRG-6205", "name": "Bearing", "unit": "pc", "note": "Unlisted"}
    ]
    for nothing in ({}, {"q": " "}, {"q": "\x00"}, {"q": "x" * 5000}):
        assert browser.get(search, nothing).context["options"] == []


def test_the_picker_shows_at_most_twenty_of_many(jana, as_user):
    PartFactory.create_batch(25, name="Bearing")
    answer = as_user(jana).get(reverse("inventory:part_search"), {"q": "bearing"})
    assert len(answer.context["options"]) == 20
    assert Part.objects.search("bearing").count() == 25
