"""Whatever a scanner reads leads to what it is."""

import pytest

from inventory.enums import Tracking
from inventory.models import Lot, PartBarcode
from tests.factories.inventory import PartFactory
from tests.factories.workorders import WorkOrderFactory


@pytest.fixture
def valve(db):
    valve = PartFactory(number="VLV-SOL-24V", tracking=Tracking.SERIAL)
    PartBarcode.objects.create(part=valve, code="900123")
    valve.refresh_search_text(["900123"])
    valve.save()
    Lot.objects.create(part=valve, code="77-0031", is_serial=True)
    return valve


@pytest.mark.parametrize("code", ["VLV-SOL-24V", "vlv sol 24v", "900123", "77-0031"])
def test_a_part_by_number_barcode_or_serial(jana, valve, as_user, code) -> None:
    assert as_user(jana).get(f"/s/{code}/").url == valve.get_absolute_url()
    assert as_user(jana).get("/scan/", {"code": code}).url == valve.get_absolute_url()


def test_a_job_and_a_document(jana, as_user) -> None:
    job = WorkOrderFactory(number="WO-10411", lead=jana)
    assert as_user(jana).get("/s/WO-10411/").url == job.get_absolute_url()
    assert as_user(jana).get("/s/co-000042/").url == "/consumptions/42/"


@pytest.mark.parametrize("code", ["nobody knows", "a/b", "%s"])
def test_anything_else_is_searched(jana, as_user, code) -> None:
    assert as_user(jana).get("/scan/", {"code": code}).url.startswith("/search/?q=")


@pytest.mark.parametrize("query", [{}, {"code": ""}, {"code": "\x00"}, {"code": "x" * 500}])
def test_nothing_to_open_shows_the_field(jana, as_user, query) -> None:
    page = as_user(jana).get("/scan/", query)
    assert (page.status_code, page.templates[0].name) == (200, "spareparts/desk/scan.html")
