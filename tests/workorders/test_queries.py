"""Search over work orders, customers and machines: what a person may see, in one query each."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.workorders import CustomerFactory, EquipmentFactory, SiteFactory
from tests.workorders.stories import job
from workorders import queries
from workorders.models import User, WorkOrder
from workorders.models.numbers import is_number

pytestmark = pytest.mark.django_db


def test_search_finds_by_each_word_people_use(eva: User):
    site = SiteFactory(name="Spa annex", address="Parkgasse 3", customer__name="Hotel Aurora", customer__phone="512 34")
    machine = EquipmentFactory(site=site, name="Chiller 3", serial="77-0031", model__name="FX 220")
    order = job("new", number="WO-10411", site=site, equipment=machine, description="Compressor trips")
    job("new", number="WO-9", site__customer__name="Spital Nord")
    for text in ("10411", "aurora", "77-0031", "chiller", "compressor"):
        assert queries.search_work_orders(eva, text) == [order]
    for text in ("aurora", "parkgasse", "512 34", site.customer.number):
        assert queries.search_customers(eva, text) == [site.customer]
    for text in ("chiller", "77-00", "fx 220", "spa", "aurora"):
        assert queries.search_equipment(eva, text) == [machine]


@pytest.mark.parametrize("text", ["WO-10411", "WO 10411", "wo10411", "ＷＯ10411", "WO–10411", " wo 104"])
def test_blanks_dashes_and_case_of_a_number_do_not_count(eva: User, text: str):
    order = job("new", number="WO-10411")
    job("new", number="WO-9")
    assert queries.search_work_orders(eva, text) == [order]


def test_a_whole_number_is_found_however_old_it_is(eva: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queries, "READ_IN_FULL", 1)
    old = job("completed", number="WO-10411")
    job("completed", number="WO-10412")
    assert queries.search_work_orders(eva, "wo 10411") == [old]
    assert queries.search_work_orders(eva, "0411") == []


@pytest.mark.parametrize("text", ["KX12-28874", "kx12 28874", "kx1228874", "1228"])
def test_nor_do_they_in_a_serial_number(eva: User, text: str):
    machine = EquipmentFactory(serial="KX12-28874")
    order = job("new", site=machine.site, equipment=machine)
    EquipmentFactory(serial="77-0031")
    assert queries.search_equipment(eva, text) == [machine]
    assert queries.search_work_orders(eva, text) == [order]


def test_nothing_but_dashes_is_no_number(eva: User):
    job("new", number="WO/9")
    assert queries.search_work_orders(eva, "- -") == []


def test_a_whole_number_is_read_from_an_index(eva: User):
    job("new", number="WO-10411")
    plan = WorkOrder.objects.filter(is_number("number", "wo 10411")).order_by().explain()
    if connection.vendor == "sqlite":  # PostgreSQL reads so small a table whole
        assert "USING INDEX work_order_bare_number" in plan


def test_search_shows_an_engineer_his_own_only(jana: User, tom: User):
    mine, other = (job("assigned", lead=lead, equipment=EquipmentFactory(name="Lift")) for lead in (jana, tom))
    for found, own in (
        (queries.search_work_orders(jana, "WO-"), mine),
        (queries.search_customers(jana, "Hotel"), mine.customer),
        (queries.search_equipment(jana, "Lift"), mine.equipment),
    ):
        assert found == [own]
    assert queries.search_work_orders(tom, "WO-") == [other]


def test_search_costs_one_query_whatever_it_shows(eva: User):
    for _n in range(4):
        job("assigned", equipment=EquipmentFactory(name="Lift"))
    assert eva.has_perm("workorders.dispatch")  # reads the mode, once for a person
    with CaptureQueriesContext(connection) as asked:
        for order in queries.search_work_orders(eva, "Lift"):
            assert all([order.customer.name, order.equipment.name, order.lead.name])
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        for machine in queries.search_equipment(eva, "Lift", limit=2):
            assert all([machine.model.name, machine.site.customer.name])
    assert len(asked) == 1


def test_nothing_is_searched_for_nothing(eva: User):
    CustomerFactory()
    with CaptureQueriesContext(connection) as asked:
        assert queries.search_customers(eva, "  ") == []
        assert queries.search_work_orders(eva, "") == []
        assert queries.search_equipment(eva, "") == []
    assert len(asked) == 0


def test_unassigned_jobs_come_the_most_urgent_first(eva: User, jana: User):
    job("new", number="low", priority="4_low")
    job("new", number="urgent", priority="1_urgent")
    job("assigned", number="taken", lead=jana)
    assert [each.number for each in queries.unassigned(eva)] == ["urgent", "low"]
