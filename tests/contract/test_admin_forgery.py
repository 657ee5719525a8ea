"""S4: whatever is posted to the admin, ledger, balances, documents, settings and audit stay as they are."""

from typing import Any

from django.contrib import admin
from django.urls import reverse

from tests.contract import permissions_admin
from tests.contract.admin_objects import objects_of_the_admin
from tests.contract.database import contents, undone
from tests.contract.sampling import told
from tests.contract.world import World
from tests.factories.inventory import PartCategoryFactory

FORGERS = ("karl", "ada", "oskar", "jana")
CONFIRMED = {"post": "yes", "_confirm": "1", "confirmed": "1"}


def shown_only() -> list[str]:
    """The models that the table lets nobody add, change or delete."""
    return [row.model for row in permissions_admin.rights() if not set("acd") & set("".join(row.simple.values()))]


def forged_form(row: Any) -> dict[str, str]:
    """Every field of the row with another value, and every inline of its page with a row more."""
    form = {"_save": "Save", "reason": "forged", **CONFIRMED}
    for field in row._meta.get_fields():
        if getattr(field, "concrete", False) and not field.many_to_many:
            value = field.value_from_object(row)
            form[field.name] = str(value + 1) if isinstance(value, int) and not field.is_relation else str(value or "1")
        elif field.auto_created and getattr(field, "related_name", None):
            form |= {f"{field.related_name}-TOTAL_FORMS": "1", f"{field.related_name}-INITIAL_FORMS": "0"}
            form |= {f"{field.related_name}-0-quantity": "7", f"{field.related_name}-0-part": "1"}
    return form


def forgeries(model: str, row: Any) -> list[tuple[str, dict[str, str]]]:
    """Address and form for each way in: add, change, delete, history, actions, list editing."""
    stem, form = f"admin:{model.replace('.', '_')}", forged_form(row)
    listing = reverse(f"{stem}_changelist")
    chosen = {"_selected_action": str(row.pk), "index": "0", "select_across": "1", **CONFIRMED}
    edited = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": str(row.pk), "_save": "Save"}
    return [
        (reverse(f"{stem}_add"), form),
        (reverse(f"{stem}_change", args=[row.pk]), form),
        (reverse(f"{stem}_change", args=[row.pk]), {**form, "_saveasnew": "1"}),
        (reverse(f"{stem}_delete", args=[row.pk]), CONFIRMED),
        (reverse(f"{stem}_history", args=[row.pk]), form),
        (listing, {"action": "delete_selected", **chosen}),
        (listing, {**edited, **{f"form-0-{name}": value for name, value in form.items()}}),
        *((listing, {"action": name, **chosen}) for name in actions_of(model)),
    ]


def actions_of(model: str) -> list[str]:
    site = {each._meta.label_lower: view for each, view in admin.site._registry.items()}
    return [name if isinstance(name, str) else name.__name__ for name in site[model].actions or ()]


def written(world: World, model: str, row: Any) -> list[str]:
    """All forgeries of all forgers; looked into one by one only when together they changed something."""
    posts = [(who, address, form) for address, form in forgeries(model, row) for who in FORGERS]
    before = contents()
    with undone():
        for who, address, form in posts:
            world.client(who).post(address, form)
        if contents() == before:
            return []
    return [
        f"{who} POST {address} {sorted(form)[:4]}" for who, address, form in posts if wrote(world, who, address, form)
    ]


def wrote(world: World, who: str, address: str, form: dict[str, str]) -> bool:
    before = contents()
    with undone():
        world.client(who).post(address, form)
        return contents() != before


def test_nothing_is_written(world: World):
    rows = objects_of_the_admin(world)
    found = [each for model in shown_only() for each in written(world, model, rows[model])]
    assert not found, told(found)


def test_the_list_is_the_one_we_mean():
    """Ledger, balances, documents, settings and audit are among them."""
    assert {
        "inventory.posting", "inventory.move", "inventory.balance", "inventory.lot", "inventory.location",
        "spareparts.consumption", "spareparts.consumptionline", "spareparts.equipmentpart",
        "spareparts.sparepartssettings", "workorders.workorder", "shared.auditevent", "mfa.authenticator",
    } <= set(shown_only())  # fmt: skip


def test_a_page_that_writes_is_found(world: World):
    """The control: a category may be changed and deleted, and the same posts do it."""
    category = PartCategoryFactory(name="Filters")
    found = written(world, "inventory.partcategory", category)
    assert {each.split(" ")[0] for each in found} == {"karl", "ada"}
