"""One search over everything, and the first page of each role."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.inventory import PartFactory
from tests.factories.spareparts import used
from tests.factories.workorders import CustomerFactory, EquipmentFactory, UserFactory, WorkOrderFactory
from tests.spareparts.requisitions_pages.helpers import drafted

pytestmark = pytest.mark.django_db


def look(browser, text):
    return browser.get("/search/", {"q": text})


@pytest.mark.parametrize("text", ["BRG-6004-2RS", "brg 6004 2rs", "ＢＲＧ60042rs"])
def test_a_whole_number_jumps_there(eva, as_user, text) -> None:
    part = PartFactory(number="BRG-6004-2RS")
    assert look(as_user(eva), text).url == part.get_absolute_url()


def test_jobs_customers_machines_and_records_have_numbers_too(jana, eva, as_user) -> None:
    machine = EquipmentFactory(serial="77-0031")
    job = WorkOrderFactory(number="WO-411", lead=jana, site=machine.site, equipment=machine)
    document = used(job, PartFactory())
    browser = as_user(eva)

    things = [job, machine, job.customer, document]
    texts = ["wo-411", "77-0031", job.customer.number, document.reference.lower()]
    assert [look(browser, text).url for text in texts] == [thing.get_absolute_url() for thing in things]
    typed = ["wo 411", "770031", job.customer.number, document.reference.lower().replace("-", " ")]
    assert [look(browser, text).url for text in typed] == [thing.get_absolute_url() for thing in things]


def test_two_with_one_number_are_both_shown(eva, as_user) -> None:
    part, customer = PartFactory(number="1000-7"), CustomerFactory(number="10007")
    found = look(as_user(eva), "10007").context["found"]
    assert (found.parts, found.customers) == ([part], [customer])


def test_names_are_found(eva, as_user) -> None:
    part, customer = PartFactory(name="Aurora bearing"), CustomerFactory(name="Hotel Aurora")
    found = look(as_user(eva), "aurora").context["found"]
    assert (found.parts, found.customers, found.is_empty) == ([part], [customer], False)


def test_tom_finds_nothing_of_janas(jana, tom, as_user) -> None:
    machine = EquipmentFactory(serial="77-0031")
    job = WorkOrderFactory(number="WO-411", lead=jana, site=machine.site, equipment=machine)
    document = used(job, PartFactory(number="P-1"))
    browser = as_user(tom)
    texts = ["WO-411", "77-0031", job.customer.name, document.reference]
    assert [look(browser, text).context["found"].is_empty for text in texts] == [True] * 4


def test_a_request_is_found_by_its_reference(standard, jana, tom, eva, as_user) -> None:
    request = drafted(jana, (PartFactory(), 1))
    for text in (request.reference, request.reference.lower().replace("-", " ")):
        assert [look(as_user(each), text).url for each in (jana, eva)] == [request.get_absolute_url()] * 2
        assert look(as_user(tom), text).context["found"].is_empty


def test_simple_knows_no_requests(eva, as_user) -> None:
    assert look(as_user(eva), "RQ-000001").context["found"].is_empty


@pytest.mark.parametrize("text", ["", " ", "\x00", "x" * 5000, "CO-" + "9" * 40, "RQ-" + "9" * 18, "XX-1", "%", "'"])
def test_nonsense_finds_nothing(eva, as_user, text) -> None:
    assert look(as_user(eva), text).context["found"].is_empty is True


def test_as_many_queries_for_three_as_for_one(eva, as_user) -> None:
    browser, counts = as_user(eva), []
    for more in (1, 2):
        for _each in range(more):
            WorkOrderFactory(description="aurora", site__customer__name="Aurora")
            PartFactory(name="Aurora")
        with CaptureQueriesContext(connection) as captured:
            look(browser, "aurora")
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 8


def test_homes(jana, eva, karl, ada, oskar, as_user, client) -> None:
    homes = {person: as_user(person).get("/").url for person in (jana, eva, karl, ada, oskar)}
    assert homes == {
        jana: "/jobs/",
        eva: "/work-orders/",
        karl: "/parts/",
        ada: "/work-orders/",
        oskar: "/work-orders/",
    }
    assert client.get("/").url == "/accounts/login/?next=/"


def test_without_a_role_there_is_nothing_to_show(as_user) -> None:
    page = as_user(UserFactory()).get("/")
    assert page.status_code == 403
    assert "Your account has no role" in page.content.decode()
