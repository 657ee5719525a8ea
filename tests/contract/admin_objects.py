"""One row of each model for the pages of the admin, and their addresses."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from config.shared.models import AuditEvent
from inventory.models import Balance, Location, Move, Posting
from spareparts.enums import Mode
from spareparts.models import HoldingLimit, SparepartsSettings, WarehouseTerms
from tests.contract import addresses
from tests.contract.permissions import Expected
from tests.contract.world import World
from tests.contract.world_advanced import make_advanced
from tests.factories.inventory import UnitFactory
from tests.factories.workorders import TeamFactory
from tests.support.modes import in_mode


def objects_of_the_admin(world: World) -> dict[str, Any]:
    """One row of every model of the admin; the documents are of a time when the company was in Advanced."""
    written = documents_of_the_admin(world)
    in_mode(Mode.SIMPLE)
    for person in world.people.values():
        vars(person).pop("policy", None)
    tom = world.people["tom"]
    return written | {
        "workorders.user": tom,
        "workorders.team": TeamFactory(name="Linz"),
        "workorders.customer": world.his.customer,
        "workorders.site": world.his.site,
        "workorders.equipmentmodel": world.his.equipment.model,
        "workorders.equipment": world.his.equipment,
        "workorders.workorder": world.his.job,
        "inventory.part": world.parts[2],
        "inventory.partcategory": world.parts[2].category,
        "inventory.unit": UnitFactory(code="roll", name="roll"),
        "inventory.warehouse": world.w2,
        "inventory.location": Location.objects.order_by("pk").first(),
        "inventory.lot": world.lot,
        "inventory.posting": Posting.objects.order_by("pk").first(),
        "inventory.move": Move.objects.order_by("pk").first(),
        "inventory.balance": Balance.objects.order_by("pk").first(),
        "shared.auditevent": AuditEvent.objects.order_by("pk").first(),
        "spareparts.sparepartssettings": SparepartsSettings.objects.get_or_create(pk=1)[0],
        "spareparts.consumption": world.his.consumption,
        "spareparts.consumptionline": world.his.consumption.lines.first(),
        "spareparts.equipmentpart": world.his.entry,
        "account.emailaddress": EmailAddress.objects.get_or_create(user=tom, email=tom.email)[0],
        "mfa.authenticator": Authenticator.objects.get_or_create(user=tom, type=Authenticator.Type.TOTP, data={})[0],
        "auth.group": Group.objects.get_or_create(name="unused")[0],
    }


def documents_of_the_admin(world: World) -> dict[str, Any]:
    """One row of every model that only Standard or Advanced has; the company is in Advanced then."""
    made = make_advanced(world)
    return {
        "spareparts.requisition": made.submitted,
        "spareparts.shipment": made.shipment,
        "spareparts.handover": made.offer,
        "spareparts.lossreport": made.loss,
        "spareparts.localpurchase": made.purchase,
        "spareparts.stockcount": made.count,
        "spareparts.return": made.prepared,
        "spareparts.oldpartdebt": made.debt,
        "spareparts.warehouseterms": WarehouseTerms.objects.get(warehouse=world.w1),
        "spareparts.holdinglimit": HoldingLimit.objects.create(engineer=world.people["tom"], value=100),
        "spareparts.absence": made.absence,
        "spareparts.servicebomline": made.bom_line,
    }


def admin_pages(model: str, row: Any) -> Iterator[tuple[str, str]]:
    """Page and address for each admin page of ``model`` that the resolver has."""
    stem = f"admin:{model.replace('.', '_')}_"
    for name in sorted(addresses.of_the_admin()):
        page = name.removeprefix(stem)
        if name.startswith(stem) and "_" not in page.replace("simple_history", ""):
            yield page, reverse(name, args=_arguments(page, row))


def _arguments(page: str, row: Any) -> list[Any]:
    key = getattr(row, "pk", 1)
    if page == "simple_history":
        return [key, row.history.values_list("history_id", flat=True).first() or 1]
    return [key] if page in {"change", "delete", "history"} else []


def other_url(row: Expected, world: World) -> str:
    """The address of a line that belongs to no model."""
    if row.address == "admin:app_list":
        return reverse(row.address, args=[row.target])
    if row.address == "admin:view_on_site":
        customer = world.mine.customer
        return reverse(row.address, args=[ContentType.objects.get_for_model(customer).pk, customer.pk])
    if "?P<url>" in row.address:
        return "/admin/nothing/here/"
    return reverse(row.address)
