"""S3: a form takes only what it offers: no row out of scope, and no field that it does not show."""

import inspect
import uuid
from importlib import import_module
from typing import Any

import pytest
from django import forms
from django.db import connection

from tests.contract.changing import TABLE, a_line
from tests.contract.database import ALWAYS_ALLOWED, contents, more, row_counts
from tests.contract.test_double_submit import ALWAYS, Sending
from tests.contract.world import World
from workorders.models import User, WorkOrder

MODULES = (
    "workorders.forms", "workorders.place_forms", "workorders.people_forms", "spareparts.forms.use",
    "spareparts.forms.machine", "spareparts.forms.undo", "spareparts.forms.settings", "spareparts.forms.report",
    "spareparts.forms.search", "inventory.forms", "config.shared.imports.forms",
)  # fmt: skip

# Form and field that names another row: the page, and values that must be refused there. "his" is Tom's corner, where
# the page is about Jana's.
OUT_OF_SCOPE: dict[str, list[tuple[str, str, Any]]] = {
    "AssignForm.lead": [
        ("workorders:work_order_assign", "lead", lambda world: world.people["karl"].pk),
        ("workorders:work_order_assign", "lead", lambda world: world.people["left"].pk),
        ("workorders:dispatch", "lead", lambda world: world.people["eva"].pk),
    ],
    "AssignForm.helpers": [
        ("workorders:work_order_assign", "helpers", lambda world: world.people["oskar"].pk),
        ("workorders:work_order_assign", "helpers", lambda world: world.people["left"].pk),
        ("workorders:work_order_assign", "helpers", lambda world: world.people["jana"].pk),
    ],
    "ReopenForm.lead": [("workorders:work_order_reopen", "lead", lambda world: world.people["karl"].pk)],
    "NewWorkOrderForm.lead": [("workorders:work_order_new", "lead", lambda world: world.people["left"].pk)],
    "NewWorkOrderForm.site": [("workorders:work_order_new", "site", lambda world: world.his.site.pk)],
    "NewWorkOrderForm.equipment": [("workorders:work_order_new", "equipment", lambda world: world.his.equipment.pk)],
    "EditWorkOrderForm.site": [("workorders:work_order_edit", "site", lambda world: world.his.site.pk)],
    "EditWorkOrderForm.equipment": [("workorders:work_order_edit", "equipment", lambda world: world.his.equipment.pk)],
    "EquipmentForm.site": [
        ("workorders:equipment_new", "site", lambda world: world.his.site.pk),
        ("workorders:equipment_edit", "site", lambda world: world.his.site.pk),
    ],
    "UseHeadForm.engineer": [("by eva", "engineer", lambda world: world.people["tom"].pk)],
    "UseLineForm.old_choice": [
        ("spareparts:record_use", "lines-0-old_choice", lambda world: f"entry-{world.his.entry.pk}")
    ],
    "UseLineForm.part": [("spareparts:record_use", "lines-0-part", lambda world: 987_654_321)],
    "AddEntryForm.part": [("spareparts:equipment_part_add", "part", lambda world: "NO-SUCH-PART")],
}
# Forms of the query string (their lists are in test_objects) and of the admin (test_admin), and shared parents.
ELSEWHERE = {
    "PartChoiceForm.add",  # any part: the catalogue is everybody's
    "StartNewForm.customer", "StartNewForm.equipment", "DispatchForm.order", "WhatForm.site", "WhatForm.equipment",
    "PersonForm.team", "PartForm.category", "PartForm.unit", "PartForm.superseded_by",
}  # fmt: skip


def choosing_fields() -> set[str]:
    """Every field of every form of ours that chooses a row."""
    found = set()
    for module in map(import_module, MODULES):
        for name, form in inspect.getmembers(module, inspect.isclass):
            if issubclass(form, forms.BaseForm) and form.__module__ == module.__name__:
                fields = getattr(form, "base_fields", {})
                found |= {f"{name}.{each}" for each, kind in fields.items() if isinstance(kind, forms.ModelChoiceField)}
    return found


def test_every_field_that_chooses_a_row_is_in_the_table():
    assert choosing_fields() - set(OUT_OF_SCOPE) - ELSEWHERE == set()


CASES = [(field, *case) for field, cases in OUT_OF_SCOPE.items() for case in cases]


@pytest.mark.parametrize(
    ("field", "address", "name", "value"), CASES, ids=[f"{case[0]} {n}" for n, case in enumerate(CASES)]
)
def test_a_row_out_of_scope_is_refused_beside_its_field(field: str, address: str, name: str, value: Any, world: World):
    sending = by_eva(world) if address == "by eva" else a_sending(address, world)
    before = contents()
    response = sending.send(**{name: value(world)})
    assert (response.status_code, contents()) == (200, before)
    page = response.content.decode()
    assert "There is a problem" in page or "Error:" in page


def a_sending(address: str, world: World) -> Sending:
    return Sending(next(row for row in TABLE if row.address == address), world, world.mine)


def by_eva(world: World) -> Sending:
    """The manager records for somebody: she may name those who are on the job."""
    sending = a_sending("spareparts:record_use", world)
    sending.data = {"request_key": str(uuid.uuid4()), **a_line(world, world.mine), "reason": "He asked me"}
    object.__setattr__(sending, "row", type(sending.row)(**{**sending.row.__dict__, "who": "eva"}))
    return sending


def test_the_manager_may_name_the_lead(world: World):
    """The control of the case above: with the lead the same form is taken."""
    assert by_eva(world).send(engineer=world.people["jana"].pk).status_code == 302


def test_an_engineer_cannot_record_for_a_colleague(world: World):
    sending = a_sending("spareparts:record_use", world)
    assert sending.send(engineer=world.people["tom"].pk, reason="x").status_code == 302
    document = WorkOrder.objects.get(pk=world.mine.job.pk).consumptions.order_by("-pk")[0]
    assert (document.engineer.name, document.recorded_by.name, document.reason) == ("Jana Novak", "Jana Novak", "")


# ---------------------------------------------------------------- fields that no form shows
FORGED = {
    "status": "forged-status", "completed_at": "2001-02-03T04:05", "created_by": "424242", "created_at": "2001-02-03",
    "recorded_at": "2001-02-03T04:05", "recorded_by": "424242", "undone_at": "2001-02-03", "unit_cost": "424242.42",
    "cost": "424242.42", "lines-0-unit_cost": "424242.42", "lines-0-cost": "424242.42", "posting": "424242",
    "posting_key": "forged", "reversal": "forged", "mode": "forged", "is_enabled": "forged", "content_hash": "forged",
    "is_administrator": "on", "is_superuser": "on", "is_staff": "on", "is_auditor": "on", "is_active": "",
    "password": "forged-password", "session_epoch": "424242", "date_joined": "2001-02-03", "last_login": "2001-02-03",
    "id": "424242", "pk": "424242", "created": "2001-02-03", "fitted_at": "2001-02-03", "removed_at": "2001-02-03",
    "taken_from_version": "424242", "split_from": "424242", "number_key": "forged", "on_hand": "424242",
    "is_outside": "on", "actor": "424242", "at": "2001-02-03", "history_user": "424242", "user": "424242",
}  # fmt: skip
MARKS = ("424242", "forged", "2001-02-03", "datetime(2001, 2, 3")
SHOWN = {"workorders:me": {"email"}}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.address)
def test_fields_that_the_form_does_not_show_are_not_written(row: Any, world: World):
    sending = Sending(row, world, world.mine)
    before, people = (
        row_counts(),
        list(User.objects.order_by("pk").values("pk", "email", "is_administrator", "is_active")),
    )
    response = sending.send(email="forged@demo.example" if "email" not in sending.data else "", **FORGED)
    assert response.status_code == 302, response.content.decode()[:2000]
    assert more(before, row_counts(), without=ALWAYS) == row.made
    assert forged_words() == []
    assert list(User.objects.order_by("pk").values("pk", "email", "is_administrator", "is_active")) == people


def forged_words() -> list[str]:
    """Tables that hold one of the marks."""
    tables = set(connection.introspection.table_names()) - ALWAYS_ALLOWED
    found = []
    for table in sorted(tables):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            text = repr(cursor.fetchall())
        found += [f"{table}: {mark}" for mark in MARKS if mark in text]
    return found


def test_a_mark_that_was_written_is_found(world: World):
    """The control."""
    WorkOrder.objects.filter(pk=world.mine.job.pk).update(description="forged")
    assert forged_words() == ["workorders_workorder: forged"]
