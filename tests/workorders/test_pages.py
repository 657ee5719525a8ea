"""The pages of work orders: who sees which, how often the database is asked, what a form does when sent."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.shared.models import AuditEvent
from tests.factories.workorders import (
    CustomerFactory,
    EquipmentFactory,
    EquipmentModelFactory,
    SiteFactory,
    UserFactory,
    WorkOrderFactory,
)
from tests.workorders.stories import job, keyed, verbs_of, written
from workorders.models import Customer, Equipment, EquipmentModel, Site, User, WorkOrder

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def url(name: str, *args: Any, **query: Any) -> str:
    return reverse(f"workorders:{name}", args=args, query=query)


# --- how often the database is asked ------------------------------------------------------------------------
def fill(jana: User, tom: User, count: int) -> WorkOrder:
    """``count`` of everything around one site: machines, jobs of all kinds with helpers and events."""
    site = SiteFactory(customer__phone="+43 1 512")
    order = None
    for _n in range(count):
        machine = EquipmentFactory(site=site, warranty_until=timezone.localdate())
        for status in ("new", "assigned", "in_progress", "completed"):
            lead = None if status == "new" else jana
            order = job(status, site=site, equipment=machine, lead=lead, planned_at=timezone.now())
            order.helpers.add(tom)
        SiteFactory(customer=site.customer)
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=timezone.now(),
            actor=tom,
            verb="workorder.plan",
            subject_type="workorders.workorder",
            subject_id=str(order.pk),
        )
        for _n in range(count)
    )
    return order


PAGES = {
    "the list": lambda order: url("work_orders"),
    "the list, filtered": lambda order: url("work_orders", q="a", state="all", planned_from="2020-01-01"),
    "one work order": lambda order: url("work_order", order.pk),
    "customers": lambda order: url("customers", q="a"),
    "one customer": lambda order: url("customer", order.customer_id),
    "equipment": lambda order: url("equipment_list", warranty="in"),
    "one machine": lambda order: url("equipment", order.equipment_id),
}
OFFICE_PAGES = PAGES | {
    "dispatch": lambda order: url("dispatch"),
    "choose a customer": lambda order: url("work_order_new"),
    "assign": lambda order: url("work_order_assign", order.pk),
}
ENGINEER_PAGES = PAGES | {
    "my jobs today": lambda order: url("my_jobs"),
    "my jobs next": lambda order: url("my_jobs", show="next"),
    "my jobs done": lambda order: url("my_jobs", show="done"),
}
CASES = [("eva", page) for page in OFFICE_PAGES] + [("jana", page) for page in ENGINEER_PAGES]


@pytest.mark.parametrize(("name", "page"), CASES)
def test_a_page_asks_as_often_for_one_row_as_for_three(
    name: str, page: str, as_user: SignIn, request: pytest.FixtureRequest
):
    jana, tom, person = (request.getfixturevalue(each) for each in ("jana", "tom", name))
    address = (OFFICE_PAGES if name == "eva" else ENGINEER_PAGES)[page]
    browser, asked = as_user(person), []
    for count in (1, 2):
        order = fill(jana, tom, count)
        browser.get(address(order))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = browser.get(address(order))
        assert response.status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert asked[0] <= 8


# --- what one may not see does not exist --------------------------------------------------------------------
def test_another_engineers_things_do_not_exist(jana: User, tom: User, as_user: SignIn):
    order = job("assigned", lead=jana, site=SiteFactory(), equipment=None)
    machine = EquipmentFactory(site=order.site)
    WorkOrder.objects.filter(pk=order.pk).update(equipment=machine)
    pages = {
        "work_order": order.pk,
        "work_order_start": order.pk,
        "work_order_complete": order.pk,
        "customer": order.customer_id,
        "equipment": machine.pk,
    }
    seen = {name: as_user(jana).get(url(name, key)).status_code for name, key in pages.items()}
    hidden = {name: as_user(tom).get(url(name, key)).status_code for name, key in pages.items()}
    assert seen == dict.fromkeys(pages, 200)
    assert hidden == dict.fromkeys(pages, 404)
    assert as_user(tom).post(url("work_order_start", order.pk), keyed()).status_code == 404
    assert WorkOrder.objects.get(pk=order.pk).status == "assigned"


def test_an_engineers_lists_hold_only_what_his_jobs_name(jana: User, tom: User, as_user: SignIn):
    mine, other = (job("assigned", lead=lead, equipment=EquipmentFactory()) for lead in (jana, tom))
    helped = job("on_hold", lead=tom)
    helped.helpers.add(jana)
    browser = as_user(jana)
    orders = browser.get(url("work_orders")).context["table"].data
    assert {each.pk for each in orders} == {mine.pk, helped.pk}
    assert [each.pk for each in browser.get(url("equipment_list")).context["table"].data] == [mine.equipment_id]
    customers = browser.get(url("customers", q=other.customer.name)).context["table"].data
    assert list(customers) == []
    assert "engineer" not in browser.get(url("work_orders")).context["filter"].form.fields


def test_the_office_pages_are_closed_to_others(jana: User, karl: User, as_user: SignIn):
    order = job("assigned", lead=jana)
    office = ["work_order_assign", "work_order_plan", "work_order_edit", "work_order_cancel", "work_order_reopen"]
    addresses = [url(name, order.pk) for name in office]
    addresses += [url("dispatch"), url("work_order_new"), url("customer_new"), url("customer_edit", order.customer_id)]
    addresses += [url("site_new", order.customer_id), url("site_edit", order.site_id)]
    addresses += [url("equipment_new", order.customer_id)]
    for person in (jana, karl):
        browser = as_user(person)
        assert [browser.get(each).status_code for each in addresses] == [403] * len(addresses)
    assert as_user(karl).get(url("my_jobs")).status_code == 403
    assert as_user(karl).get(url("work_order_start", order.pk)).status_code == 403


def test_nobody_gets_in_without_signing_in(client: Client):
    order = job("assigned")
    names = {"work_orders": [], "my_jobs": [], "work_order": [order.pk], "dispatch": [], "equipment_list": []}
    for name, args in names.items():
        response = client.get(url(name, *args))
        assert (response.status_code, response.url) == (302, f"/accounts/login/?next={url(name, *args)}")


def test_a_key_no_number_can_be_is_not_found(eva: User, as_user: SignIn):
    for key in (2**63, 10**30):
        assert as_user(eva).get(f"/work-orders/{key}/").status_code == 404
        assert as_user(eva).get(f"/customers/{key}/").status_code == 404


HOSTILE = [
    "\x00",
    "9" * 5000,
    "-0",
    "1e309",
    "NaN",
    "9999-12-31",
    "0001-01-01",
    "2025-02-30",
    "\u202e",
    "%ff",
    "' or 1=1",
]


@pytest.mark.parametrize("name", ["work_orders", "customers", "equipment_list", "dispatch", "work_order_new"])
@pytest.mark.parametrize("text", HOSTILE)
def test_nonsense_in_the_address_is_no_error(name: str, text: str, eva: User, as_user: SignIn):
    job("new")
    fields = ("q", "state", "type", "engineer", "team", "planned_from", "planned_to", "day", "order", "customer")
    query = dict.fromkeys((*fields, "equipment", "warranty", "sort", "page"), text)
    assert as_user(eva).get(url(name, **query)).status_code == 200


# --- forms act once -----------------------------------------------------------------------------------------
def test_starting_twice_starts_once(jana: User, as_user: SignIn):
    order, form = job("assigned", lead=jana), keyed()
    browser = as_user(jana)
    answers = [browser.post(url("work_order_start", order.pk), form) for _press in range(2)]
    assert [(each.status_code, each.url) for each in answers] == [(302, order.get_absolute_url())] * 2
    assert verbs_of(order) == ["workorder.start"]


def test_opening_twice_opens_one(eva: User, as_user: SignIn):
    site = SiteFactory()
    form = keyed(site=site.pk, type="repair", priority="2_high", number="2026-1", description="Door sticks")
    browser, here = as_user(eva), url("work_order_new", customer=site.customer_id)
    answers = [browser.post(here, form) for _press in range(2)]
    order = WorkOrder.objects.get()
    assert [(each.status_code, each.url) for each in answers] == [(302, order.get_absolute_url())] * 2
    assert (order.number, order.status, order.priority) == ("2026-1", "new", "2_high")


def test_a_number_that_is_taken_is_said_at_its_field(eva: User, as_user: SignIn):
    taken = job("new", number="2026-1")
    site = SiteFactory()
    form = keyed(site=site.pk, type="repair", priority="2_high", number="2026-1")
    response = as_user(eva).post(url("work_order_new", customer=site.customer_id), form)
    assert response.context["form"].errors == {"number": ["There is already a work order 2026-1."]}
    assert list(WorkOrder.objects.all()) == [taken]


def test_a_site_of_another_customer_cannot_be_chosen(eva: User, as_user: SignIn):
    mine, other = SiteFactory(), SiteFactory()
    machine = EquipmentFactory(site=other)
    form = keyed(site=other.pk, equipment=machine.pk, type="repair", priority="2_high")
    response = as_user(eva).post(url("work_order_new", customer=mine.customer_id), form)
    assert set(response.context["form"].errors) == {"site", "equipment"}
    assert WorkOrder.objects.count() == 0


def test_a_new_work_order_begins_where_the_machine_stands(eva: User, as_user: SignIn):
    machine = EquipmentFactory()
    form = as_user(eva).get(url("work_order_new", equipment=machine.pk)).context["form"]
    assert form.initial == {"site": machine.site_id, "equipment": machine.pk}
    only = SiteFactory()
    assert as_user(eva).get(url("work_order_new", customer=only.customer_id)).context["form"].initial == {
        "site": only.pk
    }


def test_assigning_from_dispatch_stays_on_the_day(eva: User, jana: User, tom: User, as_user: SignIn):
    order = job("new")
    here = url("dispatch", day="2026-11-24", order=order.pk)
    form = keyed(version=0, lead=jana.pk, helpers=[tom.pk], planned_at="2026-11-24T09:30")
    response = as_user(eva).post(here, form)
    assert (response.status_code, response.url) == (302, url("dispatch", day="2026-11-24"))
    order.refresh_from_db()
    assert (order.status, order.lead, list(order.helpers.all())) == ("assigned", jana, [tom])
    assert order.planned_at.isoformat() == "2026-11-24T08:30:00+00:00"
    loads = as_user(eva).get(response.url).context["loads"]
    assert {load.engineer.name: [each.pk for each in load.jobs] for load in loads} == {
        "Jana Novak": [order.pk],
        "Tom Berger": [],
    }


def test_who_looked_at_an_old_page_is_told_and_may_then_mean_it(eva: User, jana: User, tom: User, as_user: SignIn):
    order = job("assigned", lead=jana)
    browser, here = as_user(eva), url("work_order_assign", order.pk)
    seen = browser.get(here).context["form"].initial["version"]
    browser.post(url("work_order_plan", order.pk), keyed(version=seen, planned_at="2026-11-24T09:30"))

    form = keyed(version=seen, lead=tom.pk, planned_at="")
    response = browser.post(here, form)
    (message,) = response.context["form"].non_field_errors()
    assert message.startswith(f"Eva Lang changed {order} at ")
    assert message.endswith("It is now “Assigned”. Look again before you go on.")
    assert WorkOrder.objects.get(pk=order.pk).lead == jana

    again = form | {"version": response.context["form"]["version"].value()}
    assert browser.post(here, again).status_code == 302
    assert WorkOrder.objects.get(pk=order.pk).lead == tom


def test_a_hold_needs_its_reason(jana: User, as_user: SignIn):
    order, browser = job("in_progress", lead=jana), as_user(jana)
    before = written()
    response = browser.post(url("work_order_hold", order.pk), keyed(reason=" "))
    assert response.context["form"].errors == {"reason": ["This field is required."]}
    assert written() == before
    browser.post(url("work_order_hold", order.pk), keyed(reason="The fan is on order"))
    assert AuditEvent.objects.get(verb="workorder.hold").reason == "The fan is on order"


def test_a_verb_that_came_too_late_says_so_on_its_page(jana: User, as_user: SignIn):
    order = job("completed", lead=jana)
    response = as_user(jana).post(url("work_order_start", order.pk), keyed())
    assert response.status_code == 200
    words = [f"{order} is now “Completed”, so this is not possible."]
    assert response.context["form"].non_field_errors() == words


def test_reopening_from_its_page(eva: User, jana: User, tom: User, as_user: SignIn):
    order, browser = job("completed", lead=jana), as_user(eva)
    form = browser.get(url("work_order_reopen", order.pk)).context["form"]
    assert form.initial == {"version": 0, "lead": jana.pk}
    sent = keyed(version=0, reason="It stopped again", lead=tom.pk, planned_at="2026-11-24T09:30")
    assert browser.post(url("work_order_reopen", order.pk), sent).status_code == 302
    order.refresh_from_db()
    assert (order.status, order.lead, order.completed_at) == ("assigned", tom, None)


@pytest.mark.parametrize(
    ("status", "janas", "evas"),
    [
        ("new", None, ["Assign"]),
        ("assigned", ["Start work"], []),
        ("in_progress", ["Complete"], []),
        ("on_hold", ["Resume work"], []),
        ("completed", [], []),
        ("cancelled", [], []),
    ],
)
def test_only_the_next_step_is_blue(
    eva: User, jana: User, as_user: SignIn, status: str, janas: list[str] | None, evas: list[str]
):
    order = job(status, lead=None if janas is None else jana)
    assert janas is None or blue_on(as_user(jana).get(order.get_absolute_url())) == janas
    assert blue_on(as_user(eva).get(order.get_absolute_url())) == evas


def blue_on(page: Any) -> list[str]:
    """The words on the primary buttons in the head of a page."""
    shown = page.content.decode()
    head = shown[shown.index("<h1") : shown.index("columns-main")]
    return [words.strip() for words in re.findall(r'class="btn btn-primary".*?</svg>([^<]+)<', head, re.DOTALL)]


def test_what_dispatch_refuses_is_said_on_its_page(eva: User, jana: User, as_user: SignIn):
    order = job("new")
    sent = keyed(version=0, lead=jana.pk, helpers=[jana.pk])
    response = as_user(eva).post(url("dispatch", order=order.pk), sent)
    assert response.context["form"].errors == {"helpers": ["Jana Novak leads this job already."]}
    assert WorkOrder.objects.get(pk=order.pk).status == "new"


def test_saving_a_machine_unchanged_leaves_no_trace(eva: User, as_user: SignIn):
    machine = EquipmentFactory()
    names = {"manufacturer": machine.model.manufacturer, "model_name": machine.model.name}
    typed = keyed(site=machine.site_id, name=machine.name, serial=machine.serial, **names)
    assert as_user(eva).post(url("equipment_edit", machine.pk), typed).status_code == 302
    assert machine.history.count() == 1


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "9999-12-31T23:59", "2026-03-29T02:30", "soon", "\x00"])
def test_a_time_that_cannot_be_planned_is_refused_at_its_field(typed: str, eva: User, as_user: SignIn):
    order = job("new")
    response = as_user(eva).post(url("work_order_plan", order.pk), keyed(version=0, planned_at=typed))
    assert list(response.context["form"].errors) == ["planned_at"]


def test_changing_what_a_job_is_about(eva: User, as_user: SignIn):
    order = job("in_progress")
    machine = EquipmentFactory(site=SiteFactory(customer=order.customer))
    form = keyed(
        version=0, site=machine.site_id, equipment=machine.pk, type="inspection", priority="4_low", description="x"
    )
    response = as_user(eva).post(url("work_order_edit", order.pk), form)
    assert (response.status_code, response.url) == (302, order.get_absolute_url())
    order.refresh_from_db()
    assert (order.site_id, order.equipment_id, order.type, order.status) == (
        machine.site_id,
        machine.pk,
        "inspection",
        "in_progress",
    )


# --- customers, sites, machines -----------------------------------------------------------------------------
def test_the_desk_adds_a_customer_a_site_and_a_machine(eva: User, as_user: SignIn):
    browser = as_user(eva)
    EquipmentModelFactory(manufacturer="Frigus", name="FX 220")
    form = keyed(name="Hotel Aurora", number="C-1001")
    answers = [browser.post(url("customer_new"), form) for _press in range(2)]
    customer = Customer.objects.get()
    assert [each.url for each in answers] == [customer.get_absolute_url()] * 2
    browser.post(url("site_new", customer.pk), keyed(name="Main building", address="Ringstraße 12"))
    site = Site.objects.get()
    assert (site.customer, site.address) == (customer, "Ringstraße 12")
    machine = {"site": site.pk, "name": "Chiller 3", "serial": "77-0031", "warranty_until": "2027-03-04"}
    browser.post(url("equipment_new", customer.pk), keyed(**machine, manufacturer="FRIGUS", model_name="fx  220"))
    stored = Equipment.objects.get()
    assert (stored.site, str(stored.model), str(stored.warranty_until)) == (site, "Frigus FX 220", "2027-03-04")
    assert EquipmentModel.objects.count() == 1
    assert stored.history.get().history_user == eva


def test_the_desk_changes_what_was_typed_wrong(eva: User, as_user: SignIn):
    machine, browser = EquipmentFactory(), as_user(eva)
    customer = machine.site.customer
    browser.post(url("customer_edit", customer.pk), keyed(name="Hotel Aurora", number=customer.number, phone="+43 1"))
    browser.post(url("site_edit", machine.site_id), keyed(name="Annex"))
    typed = {"site": machine.site_id, "name": "Lift 2", "serial": machine.serial}
    browser.post(url("equipment_edit", machine.pk), keyed(**typed, manufacturer="Nordlift", model_name="NL-8"))
    machine = Equipment.objects.select_related("model", "site__customer").get()
    assert (machine.name, str(machine.model), machine.site.name) == ("Lift 2", "Nordlift NL-8", "Annex")
    assert (machine.site.customer.name, machine.site.customer.phone) == ("Hotel Aurora", "+43 1")


def test_a_number_name_or_serial_number_twice_is_refused(eva: User, as_user: SignIn):
    machine, browser = EquipmentFactory(serial="77-1"), as_user(eva)
    customer = machine.site.customer
    response = browser.post(url("customer_new"), keyed(name="Other", number=customer.number))
    assert response.context["form"].errors == {"number": ["Customer with this Number already exists."]}
    response = browser.post(url("site_new", customer.pk), keyed(name=machine.site.name))
    assert response.context["form"].non_field_errors() == ["This customer already has a site with this name."]
    typed = keyed(site=machine.site_id, name="x", serial="77-1", manufacturer="a", model_name="b")
    response = browser.post(url("equipment_new", customer.pk), typed)
    assert response.context["form"].errors == {"serial": ["Equipment with this Serial number already exists."]}
    assert (Customer.objects.count(), Site.objects.count(), Equipment.objects.count()) == (1, 1, 1)
    assert EquipmentModel.objects.count() == 1


def test_a_machine_does_not_move_while_somebody_is_on_the_way(eva: User, as_user: SignIn):
    machine = EquipmentFactory()
    order = job("assigned", site=machine.site, equipment=machine)
    annex = SiteFactory(customer=machine.site.customer)
    names = {"manufacturer": machine.model.manufacturer, "model_name": machine.model.name}
    typed = keyed(site=annex.pk, name=machine.name, serial=machine.serial, **names)
    response = as_user(eva).post(url("equipment_edit", machine.pk), typed)
    words = [f"{order} is still open at the present site. Complete or cancel it first."]
    assert response.context["form"].errors == {"site": words}


# --- what a page shows --------------------------------------------------------------------------------------
def test_a_work_order_shows_how_to_get_there_and_whom_to_call(jana: User, as_user: SignIn):
    site = SiteFactory(address="Ringstraße 12\n1010 Wien", customer__phone="+43 (0)1 512 34-56")
    machine = EquipmentFactory(site=site, warranty_until=timezone.localdate() + timedelta(days=3))
    order = job("assigned", lead=jana, site=site, equipment=machine)
    page = as_user(jana).get(order.get_absolute_url()).content.decode()
    assert 'href="tel:+4315123456"' in page
    assert "Ringstraße 12\n1010 Wien" in page
    assert "In warranty until" in page


def test_the_list_is_narrowed_by_every_filter(eva: User, jana: User, tom: User, as_user: SignIn):
    chiller = EquipmentFactory(serial="77-0031")
    order = job("assigned", lead=jana, type="inspection", priority="1_urgent", equipment=chiller, number="A-1",
                planned_at="2026-11-24T22:30:00Z", description="Compressor trips")  # fmt: skip
    done = job("completed", lead=tom, number="B-2", customer=order.customer, site=order.site)
    new = job("new", number="C-3")
    tom.team = None
    tom.save()
    found = {
        (): {"A-1", "C-3"},
        (("state", "all"),): {"A-1", "B-2", "C-3"},
        (("state", "closed"),): {"B-2"},
        (("state", "unassigned"),): {"C-3"},
        (("q", "77-0031"),): {"A-1"},
        (("q", "compressor"),): {"A-1"},
        (("q", order.customer.name), ("state", "all")): {"A-1", "B-2"},
        (("type", "inspection"),): {"A-1"},
        (("priority", "1_urgent"),): {"A-1"},
        (("engineer", tom.pk), ("state", "all")): {"B-2"},
        (("team", jana.team_id), ("state", "all")): {"A-1"},
        (("planned_from", "2026-11-24"), ("planned_to", "2026-11-24")): {"A-1"},
        (("planned_from", "2026-11-25"),): set(),
    }
    browser = as_user(eva)
    seen = {
        query: {each.number for each in browser.get(url("work_orders", **dict(query))).context["table"].data}
        for query in found
    }
    assert seen == found
    assert {done.number, new.number} == {"B-2", "C-3"}


def test_the_list_can_be_sorted_by_every_column(eva: User, as_user: SignIn):
    WorkOrderFactory.create_batch(2)
    for column in ("number", "priority", "customer", "lead", "planned_at"):
        for sort in (column, f"-{column}"):
            assert as_user(eva).get(url("work_orders", sort=sort)).status_code == 200


def test_empty_pages_say_what_to_do(eva: User, jana: User, as_user: SignIn):
    customer = CustomerFactory()
    assert "No site yet" in as_user(eva).get(customer.get_absolute_url()).content.decode()
    page = as_user(eva).get(url("work_order_new", customer=customer.pk)).content.decode()
    assert "This customer has no site yet" in page
    assert "Every job has an engineer" in as_user(eva).get(url("dispatch")).content.decode()
    assert "No open job" in as_user(jana).get(url("my_jobs")).content.decode()


def test_a_person_with_two_hats_sees_no_verb_of_a_job_that_is_not_his(as_user: SignIn):
    both = UserFactory(name="Mia Weiss", is_engineer=True, is_warehouse_manager=True)
    order = job("assigned")
    response = as_user(both).get(order.get_absolute_url())
    assert response.context["buttons"] == []
    refusal = as_user(both).post(url("work_order_start", order.pk), keyed())
    assert refusal.context["form"].non_field_errors() == ["Only the engineers of this job can do this."]
