"""Customers, sites and machines in the admin: kept with history; work orders are only looked at."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.workorders import CustomerFactory, EquipmentFactory, SiteFactory
from tests.workorders.stories import job, written
from workorders.models import Customer, Equipment, Site, User

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
MODELS = ["customer", "site", "equipmentmodel", "equipment", "workorder"]


def page(model: str, name: str, *args: Any, **query: Any) -> str:
    return reverse(f"admin:workorders_{model}_{name}", args=args, query=query)


@pytest.fixture
def everything() -> dict[str, Any]:
    machine = EquipmentFactory(name="Chiller 3")
    order = job("assigned", site=machine.site, equipment=machine)
    made = [machine.site.customer, machine.site, machine.model, machine, order]
    return dict(zip(MODELS, made, strict=True))


@pytest.mark.parametrize("model", MODELS)
def test_lists_and_pages_open_and_find(model: str, everything: dict[str, Any], ada: User, oskar: User, as_user: SignIn):
    for person in (ada, oskar):
        browser = as_user(person)
        addresses = [
            page(model, "changelist"),
            page(model, "changelist", q="chiller"),
            page(model, "changelist", q="\x00"),
        ]
        addresses.append(page(model, "change", everything[model].pk))
        assert [browser.get(each).status_code for each in addresses] == [200] * len(addresses)


def test_warranty_narrows_the_machines(everything: dict[str, Any], ada: User, as_user: SignIn):
    counts = {
        answer: as_user(ada).get(page("equipment", "changelist", warranty=answer)).context["cl"].result_count
        for answer in ("in", "ended", "unknown", "nonsense")
    }
    assert counts == {"in": 0, "ended": 0, "unknown": 1, "nonsense": 1}


def test_master_data_lists_lead_to_import_and_export(everything: dict[str, Any], ada: User, as_user: SignIn):
    kinds = {"customer": "customers", "site": "sites", "equipment": "equipment"}
    for model, kind in kinds.items():
        text = as_user(ada).get(page(model, "changelist")).content.decode()
        assert f'href="/imports/{kind}/"' in text
        assert f'href="/imports/{kind}/export/?format=xlsx"' in text


def test_a_change_in_the_admin_keeps_its_history(ada: User, as_user: SignIn):
    customer = CustomerFactory(name="Hotel Aurora")
    sites = {"sites-TOTAL_FORMS": 0, "sites-INITIAL_FORMS": 0}
    form = {"name": "Hotel Aurora Wien", "number": customer.number, **sites}
    assert as_user(ada).post(page("customer", "change", customer.pk), form).status_code == 302
    newest = Customer.objects.get().history.first()
    assert (newest.name, newest.history_user) == ("Hotel Aurora Wien", ada)


def test_a_work_order_cannot_be_written_there(everything: dict[str, Any], ada: User, as_user: SignIn):
    order, browser = everything["workorder"], as_user(ada)
    before = written()
    forged = {"status": "completed", "priority": "4_low", "_selected_action": [order.pk], "action": "delete_selected"}
    addresses = [page("workorder", "add"), page("workorder", "change", order.pk), page("workorder", "delete", order.pk)]
    codes = [browser.post(each, forged | {"post": "yes"}).status_code for each in addresses]
    assert codes == [403, 403, 403]
    browser.post(page("workorder", "changelist"), forged | {"post": "yes"})
    rows, helpers, _events = written()
    assert (rows, helpers) == before[:2]


def test_a_site_with_machines_stays_with_its_customer(everything: dict[str, Any], ada: User, as_user: SignIn):
    site = everything["site"]
    form = {"customer": CustomerFactory().pk, "name": site.name}
    response = as_user(ada).post(page("site", "change", site.pk), form)
    words = ["This site has equipment or work orders, so it stays with its customer."]
    assert response.context["adminform"].form.errors == {"customer": words}
    assert Site.objects.get(pk=site.pk).customer == site.customer


def test_an_empty_site_may_go_to_another_customer(ada: User, as_user: SignIn):
    site, customer = SiteFactory(), CustomerFactory()
    form = {"customer": customer.pk, "name": site.name}
    assert as_user(ada).post(page("site", "change", site.pk), form).status_code == 302
    assert Site.objects.get().customer == customer


def test_a_machine_with_an_open_job_stays_at_its_site(everything: dict[str, Any], ada: User, as_user: SignIn):
    machine = everything["equipment"]
    annex = SiteFactory(customer=machine.site.customer)
    form = {"name": machine.name, "serial": machine.serial, "model": machine.model_id, "site": annex.pk}
    response = as_user(ada).post(page("equipment", "change", machine.pk), form)
    assert list(response.context["adminform"].form.errors) == ["site"]
    assert Equipment.objects.get().site == machine.site


def test_the_service_manager_has_no_admin(everything: dict[str, Any], eva: User, jana: User, as_user: SignIn):
    for person in (eva, jana):
        assert [as_user(person).get(page(model, "changelist")).status_code for model in MODELS] == [403] * len(MODELS)
