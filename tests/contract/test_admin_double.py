"""R7 in the admin: its forms carry no request key, and still act once, because of what they write.

An added row has a number, name or address that no second row may have, so the form comes back with that error; a
change sets what is set already; what is deleted is gone; an action finds it done. Each is tried here.
"""

from typing import Any

from django.urls import reverse

from config.shared.models import AuditEvent
from tests.contract import permissions_admin
from tests.contract.database import contents, more, row_counts, undone
from tests.contract.world import World
from tests.factories.inventory import PartCategoryFactory, PartFactory, UnitFactory
from tests.factories.workorders import (
    CustomerFactory,
    EquipmentFactory,
    EquipmentModelFactory,
    SiteFactory,
    TeamFactory,
)

NO_LINES = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "9"}
SESSION = frozenset({"django_session"})


def no_lines(*prefixes: str) -> dict[str, str]:
    return {f"{prefix}-{name}": value for prefix in prefixes for name, value in NO_LINES.items()}


def forms_to_add(world: World) -> dict[str, dict[str, Any]]:
    """A row as the administrator would add it."""
    part = {"number": "NEW-1", "name": "New part", "unit": UnitFactory().pk, "tracking": "none", "unit_cost": "1.00"}
    return {
        "workorders.user": {"name": "Mia Weiss", "email": "mia@demo.example", "is_engineer": "on"},
        "workorders.team": {"name": "Graz"},
        "workorders.customer": {"number": "C-9", "name": "New customer", **no_lines("sites")},
        "workorders.site": {"customer": world.mine.customer.pk, "name": "Annex"},
        "workorders.equipmentmodel": {"manufacturer": "Altus", "name": "A 9"},
        "workorders.equipment": {
            "site": world.mine.site.pk, "model": world.mine.equipment.model.pk, "name": "Lift", "serial": "L-9",
        },
        "inventory.part": {**part, "old_part_rule": "never", "is_listed": "on", **no_lines("barcodes")},
        "inventory.partcategory": {"name": "Filters"},
        "inventory.unit": {"code": "box", "name": "box", "decimal_places": "0"},
    }  # fmt: skip


def test_every_model_that_may_be_added_to_is_tried(world: World):
    addable = {row.model for row in permissions_admin.rights() if "a" in row.simple["ada"]}
    assert set(forms_to_add(world)) == addable


def test_added_twice_it_is_there_once(world: World):
    wrong = []
    for model, form in forms_to_add(world).items():
        path, table = reverse(f"admin:{model.replace('.', '_')}_add"), model.replace(".", "_")
        before = row_counts()
        with undone():
            answers = [world.client("ada").post(path, form).status_code for _press in range(2)]
            made = more(before, row_counts()).get(table)
        if (answers, made) != ([302, 200], 1):
            wrong.append(f"{model}: {answers}, {made} rows")
    assert wrong == []


def test_deleted_twice_it_is_gone_once(world: World):
    """The second press is led back to the list and writes nothing."""
    rows = [
        TeamFactory(name="Graz"), CustomerFactory(), SiteFactory(), EquipmentModelFactory(), EquipmentFactory(),
        PartFactory(), PartCategoryFactory(name="Filters"), UnitFactory(code="box"),
    ]  # fmt: skip
    deletable = {row.model for row in permissions_admin.rights() if "d" in row.simple["ada"]}
    assert {row._meta.label_lower for row in rows} == deletable
    for row in rows:
        path = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_delete", args=[row.pk])
        first = world.client("ada").post(path, {"post": "yes"})
        after = contents(without=SESSION)
        second = world.client("ada").post(path, {"post": "yes"})
        assert (first.status_code, second.status_code) == (302, 302), path
        assert contents(without=SESSION) == after, path


def test_changed_twice_is_changed_once(world: World):
    """A person: the change that writes an audit row."""
    tom = world.people["tom"]
    form = {"name": "Tom B.", "email": tom.email, "is_engineer": "on", "is_active": "on"}
    path = reverse("admin:workorders_user_change", args=[tom.pk])
    answers = [world.client("ada").post(path, form).status_code for _press in range(2)]
    assert answers == [302, 302]
    assert AuditEvent.objects.filter(verb="person.changed").count() == 1


def test_an_action_sent_twice_acts_once(world: World):
    form = {"action": "deactivate", "_selected_action": str(world.people["tom"].pk), "confirmed": "1", "reason": "Left"}
    for _press in range(2):
        world.client("ada").post(reverse("admin:workorders_user_changelist"), form)
    assert AuditEvent.objects.filter(verb="person.deactivated").count() == 1
