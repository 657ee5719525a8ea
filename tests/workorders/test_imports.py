"""Customers, sites, machines and jobs from a file: all rows or none, errors by row and field."""

from datetime import date, datetime
from typing import Any

import pytest

from config.shared.imports import Report, get_kind, guess_mapping, run_import
from config.shared.imports.files import read_sheet
from config.shared.models import AuditEvent
from tests.factories.workorders import CustomerFactory, EquipmentFactory, SiteFactory
from tests.workorders.stories import AT, job, verbs_of
from workorders.models import Customer, Equipment, EquipmentModel, Site, User, WorkOrder

pytestmark = pytest.mark.django_db


def imported(slug: str, text: str, by: User, *, dry: bool = False) -> Report:
    kind = get_kind(slug)
    sheet = read_sheet(text.encode(), f"{slug}.csv")
    mapping = guess_mapping(kind.resource.columns, sheet.headers)
    return run_import(kind, sheet, mapping, by=by, at=AT, is_dry_run=dry)


def problems(report: Report) -> list[tuple[int, str, str, str]]:
    return [(each.row, each.field, each.expected, each.got) for each in report.problems]


def test_customers_are_added_and_changed(eva: User):
    CustomerFactory(number="C-1", name="Hotel Aurora", phone="1")
    text = "Customer number,Name,Telefon,E-mail\nC-1,Hotel Aurora,+43 1 512,\nC-2,Spital Nord,,technik@spital.example\n"
    report = imported("customers", text, eva)
    assert (problems(report), report.counts()) == ([], {"new": 1, "changed": 1, "unchanged": 0})
    rows = Customer.objects.order_by("number").values_list("number", "name", "phone", "email")
    assert list(rows) == [
        ("C-1", "Hotel Aurora", "+43 1 512", ""),
        ("C-2", "Spital Nord", "", "technik@spital.example"),
    ]
    assert Customer.objects.get(number="C-2").history.get().history_user == eva


def test_one_bad_row_stops_them_all(eva: User):
    report = imported("customers", "number,name,email\nC-1,Hotel Aurora,\nC-2,Spital Nord,not a mail\n", eva)
    assert problems(report) == [(3, "E-mail", "Enter a valid email address.", "not a mail")]
    assert Customer.objects.count() == 0


def test_a_dry_run_writes_nothing(eva: User):
    report = imported("customers", "number,name\nC-1,Hotel Aurora\n", eva, dry=True)
    assert (report.counts(), Customer.objects.count(), AuditEvent.objects.count()) == (
        {"new": 1, "changed": 0, "unchanged": 0},
        0,
        0,
    )


def test_sites_go_to_their_customers(eva: User):
    site = SiteFactory(customer__number="C-1", name="Main building")
    report = imported("sites", "customer,site,address\nC-1,Main building,Ring 12\nC-1,Annex,Park 3\nC-9,Main,\n", eva)
    assert problems(report) == [(4, "Customer number", "a known customer number: C-1", "C-9")]
    assert Site.objects.get() == site
    report = imported("sites", "customer,site,address\nc-1,Main building,Ring 12\nC-1,Annex,Park 3\n", eva)
    assert report.counts() == {"new": 1, "changed": 1, "unchanged": 0}
    assert list(Site.objects.order_by("name").values_list("name", "address")) == [
        ("Annex", "Park 3"),
        ("Main building", "Ring 12"),
    ]


EQUIPMENT_HEAD = "serial,name,customer,site,manufacturer,model,installed_on,warranty_until\n"


def test_machines_come_with_their_models(eva: User):
    site = SiteFactory(customer__number="C-1", name="Main building")
    EquipmentFactory(serial="77-1", site=site, name="Chiller 1", model__manufacturer="Frigus", model__name="FX 220")
    text = (
        EQUIPMENT_HEAD + "77-1,Chiller One,C-1,main building,frigus,fx 220,,2027-03-04\n"
        "77-2,Chiller 2,C-1,Main building,Frigus,FX 300,2025-01-02,\n"
        "77-3,Chiller 3,C-1,Main building,Frigus,FX 300,,\n"
    )
    report = imported("equipment", text, eva)
    assert (problems(report), report.notes) == ([], ["New equipment models: Frigus FX 300"])
    rows = Equipment.objects.order_by("serial").values_list("serial", "name", "model__name", "warranty_until")
    assert list(rows) == [
        ("77-1", "Chiller One", "FX 220", date(2027, 3, 4)),
        ("77-2", "Chiller 2", "FX 300", None),
        ("77-3", "Chiller 3", "FX 300", None),
    ]
    assert EquipmentModel.objects.count() == 2


def test_a_file_with_two_columns_leaves_the_rest_alone(eva: User):
    machine = EquipmentFactory(serial="77-1")
    report = imported("equipment", "serial,warranty\n77-1,4.3.2027\n", eva)
    assert report.counts() == {"new": 0, "changed": 1, "unchanged": 0}
    stored = Equipment.objects.get()
    assert (stored.warranty_until, stored.site, stored.model) == (date(2027, 3, 4), machine.site, machine.model)


def test_every_wrong_cell_of_a_machine_is_named(eva: User):
    site = SiteFactory(customer__number="C-1", name="Main building")
    machine = EquipmentFactory(serial="77-1", site=site)
    order = job("assigned", site=site, equipment=machine)
    SiteFactory(customer=site.customer, name="Annex")
    text = (
        EQUIPMENT_HEAD + "77-1,,C-1,Annex,,,,\n"
        "77-2,Chiller,C-1,Cellar,Frigus,FX 1,,\n"
        "77-3,Chiller,,,Frigus,FX 1,,\n"
        "77-4,Chiller,C-7,Main building,Frigus,FX 1,,\n"
        "77-5,,C-1,Annex,Frigus,FX 1,,\n"
        "77-6,Lift,C-1,Annex,Frigus,FX 1,03/04/2027,\n"
        f"77-7,Lift,C-1,Annex,Frigus,{'x' * 81},,\n"
    )
    report = imported("equipment", text, eva)
    assert problems(report) == [
        (2, "Site", f"the present site: {order} is still open there", "Annex"),
        (3, "Site", "a site of C-1: Main building, Annex", "Cellar"),
        (4, "Customer number", "a value", ""),
        (5, "Customer number", "a customer with sites", "C-7"),
        (6, "Name", "This field cannot be blank.", ""),
        (7, "Installed on", "a date such as 2027-03-04", "03/04/2027"),
        (8, "Model", "at most 80 characters", "x" * 81),
    ]
    assert Equipment.objects.get().site == site


# --- work orders --------------------------------------------------------------------------------------------
HEAD = "number,customer,site,equipment,type,priority,description,planned,lead\n"


def test_new_work_orders_arrive_new_or_assigned(eva: User, jana: User):
    machine = EquipmentFactory(serial="77-1", site__customer__number="C-1", site__name="Main building")
    text = (
        HEAD + "A-1,C-1,Main building,77-1,repair,urgent,Compressor trips,2026-11-24 09:30,JANA.NOVAK@demo.example\n"
        "A-2,,,77-1,Inspection,,,,\n"
    )
    report = imported("work-orders", text, eva)
    assert (problems(report), report.counts()) == ([], {"new": 2, "changed": 0, "unchanged": 0})
    first, second = WorkOrder.objects.order_by("number")
    assert (first.status, first.lead, first.priority, first.equipment) == ("assigned", jana, "1_urgent", machine)
    assert first.planned_at.isoformat() == "2026-11-24T08:30:00+00:00"
    assert (second.status, second.type, second.priority, second.site) == ("new", "inspection", "3_normal", machine.site)
    assert (verbs_of(first), verbs_of(second)) == (["workorder.create", "workorder.assign"], ["workorder.create"])
    assert (first.created_by, first.created_at) == (eva, AT)


def test_existing_work_orders_keep_status_and_people(eva: User, jana: User, tom: User):
    order = job("in_progress", number="A-1", lead=jana, description="Noise")
    report = imported("work-orders", "number,description,planned,lead,status\nA-1,Smoke,2026-11-25,,completed\n", eva)
    assert report.counts() == {"new": 0, "changed": 1, "unchanged": 0}
    stored = WorkOrder.objects.get()
    assert (stored.status, stored.lead, stored.description) == ("in_progress", jana, "Smoke")
    assert verbs_of(order) == ["workorder.edit", "workorder.plan"]

    report = imported("work-orders", f"number,lead\nA-1,{tom.email}\n", eva)
    assert problems(report) == [(2, "Lead engineer", "Jana Novak, as before", tom.email)]


def test_the_same_file_again_changes_nothing(eva: User, jana: User):
    EquipmentFactory(serial="77-1", site__customer__number="C-1", site__name="Main building")
    text = HEAD + f"A-1,C-1,Main building,77-1,repair,high,Noise,2026-11-24 09:30,{jana.email}\n"
    imported("work-orders", text, eva)
    assert imported("work-orders", text, eva).counts() == {"new": 0, "changed": 0, "unchanged": 1}
    assert verbs_of(WorkOrder.objects.get()) == ["workorder.create", "workorder.assign"]


def test_every_wrong_cell_of_a_work_order_is_named(eva: User, karl: User):
    machine = EquipmentFactory(serial="77-1", site__customer__number="C-1", site__name="Main building")
    SiteFactory(customer=machine.site.customer, name="Annex")
    job("completed", number="Done")
    other = job("assigned", number="Open")
    text = (
        HEAD + "A-1,C-1,Annex,77-1,repair,high,,,\n"
        "A-2,C-1,,,repair,high,,,\n"
        "A-3,C-1,Annex,,theft,high,,,\n"
        "A-4,C-1,Annex,,repair,high,,9999-12-31,\n"
        f"A-5,C-1,Annex,,repair,high,,,{karl.email}\n"
        "Done,,,,,,changed,,\n"
        "Open,C-1,Annex,,,,,,\n"
    )
    report = imported("work-orders", text, eva)
    engineers = ", ".join(each.email for each in User.objects.filter(is_engineer=True).order_by("name"))
    assert problems(report) == [
        (2, "Equipment", "equipment at Annex", "77-1"),
        (3, "Site", "a value", ""),
        (4, "Type", "one of repair, maintenance, inspection, installation, other", "theft"),
        (5, "Planned", "a day between 2000 and 2100", "9999-12-31"),
        (6, "Lead engineer", f"a known engineer's e-mail: {engineers}", karl.email),
        (7, "Number", "an open work order; this one is “Completed”", "Done"),
        (8, "Customer number", f"{other.customer}, as before", "C-1"),
    ]
    assert WorkOrder.objects.count() == 2


def test_what_is_exported_can_be_imported_again(eva: User, jana: User, as_user: Any):
    machine = EquipmentFactory(name="=1+1", warranty_until=date(2027, 3, 4))
    job(
        "assigned",
        lead=jana,
        site=machine.site,
        equipment=machine,
        planned_at=datetime.fromisoformat("2026-11-24T08:30Z"),
    )
    for slug in ("customers", "sites", "equipment", "work-orders"):
        answer = as_user(eva).get(f"/imports/{slug}/export/")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        report = imported(slug, text, eva)
        assert (slug, problems(report), report.counts()) == (slug, [], {"new": 0, "changed": 0, "unchanged": 1})


def test_who_may_import(eva: User, ada: User, jana: User, karl: User, as_user: Any):
    for slug in ("customers", "sites", "equipment", "work-orders"):
        codes = [as_user(each).get(f"/imports/{slug}/").status_code for each in (eva, ada, jana, karl)]
        assert codes == [200, 200, 403, 403]
