"""Every page that changes something, with a form a person could really send (R7, S7, S14). Written by hand.

``made`` is what one sending leaves behind: rows more (or fewer) per table, the audit row and the request key apart.
``verb`` is the audit row it writes, exactly one; master data has its history instead. ``other`` are the fields of the
same form after the back button, with other content; ``typed`` is what must still stand on the page then. A page that
``is_gone`` after the first sending, with nothing to type, leads to what was saved instead.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from tests.contract.world import Corner, World
from workorders.enums import WorkOrderStatus as S
from workorders.models import WorkOrder

Data = dict[str, Any]
Fields = Callable[[World, Corner], Data]


@dataclass(frozen=True)
class Changing:
    """One page. ``fields`` is the form of ``who``; ``before`` makes the situation in which it is valid."""

    address: str
    target: str
    who: str
    fields: Fields
    other: Data
    typed: str = ""
    verb: str = ""
    made: dict[str, int] = field(default_factory=dict)
    before: Callable[[World, Corner], None] = lambda world, corner: None
    query: Fields = lambda world, corner: {}
    is_gone: bool = False

    @property
    def name(self) -> str:
        return f"{self.address} {self.target}"


def job_is(status: str) -> Callable[[World, Corner], None]:
    """Jana's job in another status, as if somebody had brought it there."""

    def arrange(world: World, corner: Corner) -> None:
        done_at = timezone.now() if status == S.COMPLETED else None
        WorkOrder.objects.filter(pk=corner.job.pk).update(status=status, completed_at=done_at)

    return arrange


def a_line(world: World, corner: Corner, quantity: str = "2") -> Data:
    """The page for parts used, with one line and the old part from the machine."""
    return {
        "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "lines-0-part": world.parts[0].pk,
        "lines-0-quantity": quantity, "lines-0-lot_text": "L-7", "lines-0-old_part_answer": "returning",
        "lines-0-old_choice": f"entry-{corner.entry.pk}", "lines-0-old_part": "", "lines-0-old_serial": "OLD-1",
    }  # fmt: skip


def place(world: World, corner: Corner) -> Data:
    return {"site": corner.site.pk, "equipment": corner.equipment.pk}


def reason(world: World, corner: Corner) -> Data:
    return {"reason": "The customer asked"}


def nothing(world: World, corner: Corner) -> Data:
    return {}


def version(world: World, corner: Corner) -> int:
    from spareparts.queries import current_settings

    return current_settings().version


WORDS = {"type": "maintenance", "priority": "2_high", "description": "Noise in the pump"}
MORE = {"description": "Typed after going back"}
WHY = {"reason": "Typed after going back"}
PLANNED = {"planned_at": "2027-03-04T09:30"}
LATER = {"planned_at": "2027-03-05T10:45"}

TABLE = (
    # ------------------------------------------------------------- spare parts
    Changing(
        "spareparts:settings", "-", "ada", lambda w, c: {"undo_minutes": 15, "version": version(w, c)},
        {"undo_minutes": 77}, "77", "settings.terms_changed", {"spareparts_historicalsparepartssettings": 1},
    ),
    Changing(
        "spareparts:settings_mode", "-", "ada", lambda w, c: {"to": "off", "version": version(w, c)},
        {"to": "on"}, "", "settings.turned_off", {"spareparts_historicalsparepartssettings": 1},
    ),
    Changing(
        "spareparts:record_use", "job", "jana", a_line, {"lines-0-old_serial": "OLD-2"}, "OLD-2", "consumption.record",
        {"spareparts_consumption": 1, "spareparts_consumptionline": 1, "spareparts_equipmentpart": 1,
         "inventory_posting": 1, "inventory_move": 1},
    ),
    Changing(
        "spareparts:consumption_undo", "used", "jana", nothing, {"note": "again"}, "", "consumption.undo",
        {"inventory_posting": 1, "inventory_move": 1},
    ),
    Changing(
        "spareparts:consumption_correct", "used", "eva", reason, WHY, WHY["reason"], "consumption.correct",
        {"inventory_posting": 1, "inventory_move": 1}, job_is(S.COMPLETED),
    ),
    Changing(
        "spareparts:equipment_part_add", "machine", "eva",
        lambda w, c: {"part": w.metres.number, "quantity": "1.5", "serial": "", "position": "top", "fitted_on": ""},
        {"position": "Typed after going back"}, "Typed after going back", "equipment_part.add",
        {"spareparts_equipmentpart": 1},
    ),
    Changing(
        "spareparts:equipment_part_edit", "entry", "eva",
        lambda w, c: {"quantity": "3", "serial": "S-9", "position": "right", "version": 0},
        {"position": "Typed after going back"}, "Typed after going back", "equipment_part.edit",
    ),
    Changing(
        "spareparts:equipment_part_out", "entry", "eva", lambda w, c: {"reason": "Was never there", "version": 0},
        WHY, "", "equipment_part.take_out",
    ),
    # ------------------------------------------------------------- work orders
    Changing(
        "workorders:dispatch", "-", "eva", lambda w, c: {"lead": w.people["tom"].pk, "version": 0, **PLANNED},
        LATER, "", "workorder.assign", query=lambda w, c: {"order": w.unassigned.pk},
    ),
    Changing(
        "workorders:work_order_new", "-", "eva", lambda w, c: {**place(w, c), **WORDS, "number": ""}, MORE,
        MORE["description"], "workorder.create", {"workorders_workorder": 1},
        query=lambda w, c: {"customer": c.customer.pk},
    ),
    Changing(
        "workorders:work_order_edit", "job", "eva", lambda w, c: {**place(w, c), **WORDS, "version": 0}, MORE,
        MORE["description"], "workorder.edit",
    ),
    Changing(
        "workorders:work_order_assign", "job", "eva",
        lambda w, c: {"lead": c.engineer.pk, "helpers": [w.people["tom"].pk], "version": 0, **PLANNED}, LATER, "10:45",
        "workorder.reassign", {"workorders_workorder_helpers": 1},
    ),
    Changing(
        "workorders:work_order_plan", "job", "eva", lambda w, c: {"version": 0, **PLANNED}, LATER, "10:45",
        "workorder.plan",
    ),
    Changing(
        "workorders:work_order_start", "job", "jana", nothing, {"note": "again"}, "", "workorder.start",
        before=job_is(S.ASSIGNED),
    ),
    Changing("workorders:work_order_hold", "job", "jana", reason, WHY, WHY["reason"], "workorder.hold"),
    Changing(
        "workorders:work_order_resume", "job", "jana", nothing, {"note": "again"}, "", "workorder.resume",
        before=job_is(S.ON_HOLD),
    ),
    Changing("workorders:work_order_complete", "job", "jana", nothing, {"note": "again"}, "", "workorder.complete"),
    Changing("workorders:work_order_cancel", "job", "eva", reason, WHY, WHY["reason"], "workorder.cancel"),
    Changing(
        "workorders:work_order_reopen", "job", "eva", lambda w, c: {**reason(w, c), "lead": c.engineer.pk}, WHY,
        WHY["reason"], "workorder.reopen", before=job_is(S.COMPLETED),
    ),
    # ------------------------------------------------------------- customers and machines
    Changing(
        "workorders:customer_new", "-", "eva",
        lambda w, c: {"name": "New & Co", "number": f"N-{c.job.pk}", "contact": "", "phone": "", "email": ""},
        {"name": "Typed after going back"}, "Typed after going back", "",
        {"workorders_customer": 1, "workorders_historicalcustomer": 1},
    ),
    Changing(
        "workorders:customer_edit", "customer", "eva",
        lambda w, c: {"name": "Renamed", "number": c.customer.number, "contact": "", "phone": "", "email": ""},
        {"name": "Typed after going back"}, "Typed after going back", "", {"workorders_historicalcustomer": 1},
    ),
    Changing(
        "workorders:site_new", "customer", "eva", lambda w, c: {"name": "Annex", "address": "Ring 1", "notes": ""},
        {"name": "Typed after going back"}, "Typed after going back", "",
        {"workorders_site": 1, "workorders_historicalsite": 1},
    ),
    Changing(
        "workorders:site_edit", "site", "eva", lambda w, c: {"name": "Main house", "address": "Ring 2", "notes": ""},
        {"name": "Typed after going back"}, "Typed after going back", "", {"workorders_historicalsite": 1},
    ),
    Changing(
        "workorders:equipment_new", "customer", "eva",
        lambda w, c: {"site": c.site.pk, "name": "Lift 2", "serial": f"L-{c.job.pk}", "manufacturer": "Altus",
                      "model_name": f"A {c.job.pk}", "installed_on": "2020-02-29", "warranty_until": ""},
        {"name": "Typed after going back"}, "Typed after going back", "",
        {"workorders_equipment": 1, "workorders_historicalequipment": 1, "workorders_equipmentmodel": 1,
         "workorders_historicalequipmentmodel": 1},
    ),
    Changing(
        "workorders:equipment_edit", "machine", "eva",
        lambda w, c: {"site": c.site.pk, "name": "Chiller 9", "serial": c.equipment.serial,
                      "manufacturer": c.equipment.model.manufacturer, "model_name": c.equipment.model.name,
                      "installed_on": "", "warranty_until": "2027-01-01"},
        {"name": "Typed after going back"}, "Typed after going back", "", {"workorders_historicalequipment": 1},
    ),
    # ------------------------------------------------------------- people and files
    Changing(
        "workorders:me", "-", "jana",
        lambda w, c: {"name": "Jana Novak", "phone": "+43 1 5", "language": "en", "time_zone": "", "theme": "dark"},
        {"phone": "+43 1 77"}, "+43 1 77", "person.changed", {"workorders_historicaluser": 1},
    ),
    Changing(
        "imports:preview", "ready-upload", "ada", nothing, {"note": "again"}, "", "import.done",
        {"inventory_part": 1, "inventory_historicalpart": 1}, is_gone=True,
    ),
)  # fmt: skip

# Pages that take a POST and need no request key, each with the reason. A test posts to them and looks what it leaves.
NO_KEY = {
    "workorders:my_jobs": "shows a list, whatever the method",
    "workorders:work_orders": "shows a list, whatever the method",
    "workorders:work_order": "shows a page, whatever the method",
    "workorders:customers": "shows a list, whatever the method",
    "workorders:customer": "shows a page, whatever the method",
    "workorders:equipment_list": "shows a list, whatever the method",
    "workorders:equipment": "shows a page, whatever the method",
    "inventory:parts": "shows a list, whatever the method",
    "inventory:part": "shows a page, whatever the method",
    "inventory:part_search": "shows options, whatever the method",
    "imports:start": "keeps the file in a private folder for a day; nothing is imported by it",
    "inventory:part_import": "the same page as imports:start",
    "imports:columns": "a dry run; keeps the chosen columns beside the file",
    "set_language": "sets a preference: the second press finds it set and writes nothing",
    "workorders:sign_out_elsewhere": "ends all other sessions, each time it is pressed: a second time there are none",
    "account_login": "django-allauth; signing in again only makes a new session",
    "account_logout": "django-allauth; who is signed out stays so",
    "account_signup": "closed: no address signs itself up",
    "account_reauthenticate": "django-allauth; asks the password again, changes no row of ours",
    "account_change_password": "django-allauth; the second sending no longer knows the present password",
    "account_set_password": "only leads to the page that sends a link",
    "account_reset_password": "django-allauth; a second mail with another link, limited per person and address",
    "account_reset_password_from_key": "django-allauth; the link works once",
    "mfa_authenticate": "django-allauth; a code is taken once",
    "mfa_reauthenticate": "django-allauth; a code is taken once",
    "mfa_activate_totp": "django-allauth; a second sending finds the app already there",
    "mfa_deactivate_totp": "django-allauth; a second sending finds nothing to remove",
    "mfa_generate_recovery_codes": "django-allauth; new codes end the old ones, and only one set is ever valid",
    "demo_sign_in": "the demo only; signing in again only makes a new session",
}
