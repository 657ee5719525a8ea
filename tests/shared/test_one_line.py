"""Names are one line of characters that can be seen, wherever they come from: a form, the admin, a file."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from config.shared.text import OneLineField, validate_one_line
from inventory.models import Part, PartBarcode, PartCategory, Unit, Warehouse
from workorders.forms import NewWorkOrderForm
from workorders.models import Customer, Equipment, EquipmentModel, Site, Team, User, WorkOrder

NAMED = [
    (User, "name phone"), (Team, "name"), (Customer, "number name contact phone"), (Site, "name"),
    (Equipment, "name serial"), (EquipmentModel, "manufacturer name"), (WorkOrder, "number"),
    (Part, "number name manufacturer manufacturer_number supplier_number"), (PartBarcode, "code"),
    (PartCategory, "name"), (Unit, "code name"), (Warehouse, "code name phone"),
]  # fmt: skip
FIELDS = [(model, name) for model, names in NAMED for name in names.split()]


@pytest.mark.parametrize(
    "text",
    ["Jana\nNovak", "Jana\rNovak", "Jana\tNovak", "Jana\u2028Novak", "Jana\x85Novak", "Ja\u200bna", "Jana\u200d",
     "\ufeffJana", "Ja\u00adna", "Ja\u2060na", "Jana \u202elortnoc", "\u2066Jana\u2069", "Jana\u200f", "Jana\x1b[2J"],
)  # fmt: skip
def test_what_cannot_be_seen_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_one_line(text)
    assert refusal.value.code == "hidden_character"


@pytest.mark.parametrize(
    "text", ["", "Jana Novák", "李雷", "Nguyễn Thị", "عمر الشريف", "O’Brien – Söhne & Co. №7", "Müller\u00a0GmbH", "👷"]
)
def test_names_of_people_and_companies_are_not(text: str) -> None:
    validate_one_line(text)


@pytest.mark.parametrize(("model", "name"), FIELDS, ids=str)
def test_every_name_is_asked(model: type[models.Model], name: str) -> None:
    with pytest.raises(ValidationError):
        model._meta.get_field(name).run_validators("A\u202eB")


def test_no_name_is_forgotten() -> None:
    """A CharField called name or phone, of a model of ours, that is not listed above."""
    found = {
        (model, field.name)
        for label in ("inventory", "workorders")
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField) and field.name in {"name", "phone", "contact"}
    }
    assert {each for each in found if not each[0].__name__.startswith("Historical")} <= set(FIELDS)


def test_migrations_see_a_plain_field() -> None:
    assert OneLineField(max_length=5).deconstruct()[1:] == ("django.db.models.CharField", [], {"max_length": 5})


@pytest.mark.django_db
def test_a_form_without_a_model_asks_too(jana: User) -> None:
    form = NewWorkOrderForm({"number": "WO\u200b7"}, customer=Customer(pk=1), user=jana)
    assert [error.code for error in form.errors.as_data()["number"]] == ["hidden_character"]
