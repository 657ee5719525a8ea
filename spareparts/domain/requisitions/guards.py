"""Who may do what with which requisition, and from where to where it may go."""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.utils.translation import gettext as _

from config.shared.errors import NotAllowed
from inventory.enums import Permission as StockPermission
from inventory.enums import WarehouseStatus
from inventory.models import Warehouse
from spareparts.domain.modes import for_share
from spareparts.domain.requisitions.errors import (
    DestinationMissing,
    JobNotOpen,
    MethodNotInMode,
    NotAnEngineer,
    NothingToForward,
    NotOnTheJob,
    NotYourWarehouse,
    NoWarehouse,
    SiteMissing,
    WarehouseNotKept,
    WarehouseNotOpen,
)
from spareparts.enums import Feature, Permission, ReceivingMethod
from spareparts.models import Allocation, Requisition, WarehouseTerms
from spareparts.models.terms import looked_after_by
from spareparts.policies import ModePolicy
from workorders.enums import ACTIVE_STATUSES, Role
from workorders.models import User, WorkOrder


# ---------------------------------------------------------------- people
def require_requester(*, engineer: User, by: User) -> None:
    """Each asks for himself; for somebody else needs the permission. Refused: NotAllowed."""
    if not by.has_perm(Permission.REQUEST_PARTS):
        raise NotAllowed
    if engineer.pk != by.pk and not by.has_perm(Permission.REQUEST_FOR_OTHERS):
        raise NotAllowed


def require_owner(requisition: Requisition, *, by: User) -> None:
    """Who asked, for whom it is, or who may ask for others. Refused: NotAllowed."""
    if by.pk in (requisition.engineer_id, requisition.created_by_id):
        return
    if not by.has_perm(Permission.REQUEST_FOR_OTHERS):
        raise NotAllowed


def require_receiver(engineer: User, *, is_for_branch: bool = False) -> None:
    """Parts go to engineers who may still sign in; a branch's request names who asked. Refused: NotAnEngineer."""
    if engineer.is_active and (is_for_branch or Role.ENGINEER in engineer.roles):
        return
    if not engineer.is_active:
        raise NotAnEngineer(_("%(person)s may no longer sign in, so nothing can be given out.") % {"person": engineer})
    raise NotAnEngineer(_("%(person)s is not an engineer and holds no parts.") % {"person": engineer})


def require_warehouse(warehouse_id: int | None, *, by: User) -> None:
    """A warehouse manager works in his own warehouses and in those of whom he stands in for, an administrator in all.

    Refused: NotYourWarehouse.
    """
    if not manages(warehouse_id, by=by):
        raise NotYourWarehouse(_("This is not one of your warehouses."))


def manages(warehouse_id: int | None, *, by: User) -> bool:
    if by.has_perm(StockPermission.MANAGE_ALL_WAREHOUSES) or warehouse_id is None:
        return True
    return Warehouse.objects.filter(looked_after_by(by), pk=warehouse_id).exists()


def managed_among(warehouse_ids: Iterable[int], *, by: User) -> set[int]:
    """Those of the warehouses in which ``by`` works. One statement at most."""
    asked = set(warehouse_ids)
    if by.has_perm(StockPermission.MANAGE_ALL_WAREHOUSES) or not asked:
        return asked
    return set(Warehouse.objects.filter(looked_after_by(by), pk__in=asked).values_list("pk", flat=True))


def his_among(rows: Sequence[Allocation], *, by: User) -> list[Allocation]:
    """The reservations in his warehouses. Refused: NotYourWarehouse, when there are only others."""
    here = managed_among({row.warehouse_id for row in rows}, by=by)
    if rows and not here:
        raise NotYourWarehouse(_("This is not one of your warehouses."))
    return [row for row in rows if row.warehouse_id in here]


def require_warehouses(warehouse_ids: Iterable[int], *, by: User) -> None:
    """All of them are his. Refused: NotYourWarehouse."""
    asked = set(warehouse_ids)
    if asked - managed_among(asked, by=by):
        raise NotYourWarehouse(_("This is not one of your warehouses."))


def require_decider(requisition: Requisition, *, by: User) -> None:
    """The office decides about all, a warehouse manager about his warehouse or the teams it serves.

    Refused: NotYourWarehouse.
    """
    if by.has_perm(Permission.VIEW_ALL_REQUISITIONS):
        return
    if requisition.warehouse_id is not None:
        require_warehouse(requisition.warehouse_id, by=by)
    elif not Requisition.objects.visible_to(by).filter(pk=requisition.pk).exists():
        raise NotYourWarehouse(_("Your warehouses do not serve this team."))


# ---------------------------------------------------------------- the job
def require_job(work_order: WorkOrder | None, *, engineer: User) -> None:
    """The job goes on and the engineer is on it. Refused: JobNotOpen, NotOnTheJob."""
    if work_order is None:
        return
    if work_order.status not in ACTIVE_STATUSES:
        words = {"work_order": work_order, "status": work_order.get_status_display()}
        raise JobNotOpen(_("%(work_order)s is “%(status)s”, so no parts are needed for it any more.") % words)
    if work_order.lead_id == engineer.pk or work_order.helpers.filter(pk=engineer.pk).exists():
        return
    words = {"engineer": engineer, "work_order": work_order}
    raise NotOnTheJob(_("%(engineer)s is neither lead nor helper of %(work_order)s.") % words)


# ---------------------------------------------------------------- the places
def source_of(warehouse: Warehouse | None, *, engineer: User, policy: ModePolicy) -> Warehouse | None:
    """Where the parts come from: the one named, else the one serving the team, else the default one.

    None where the mode keeps no warehouse stock. Refused: WarehouseNotKept, NoWarehouse, WarehouseNotOpen.
    """
    if not policy.has(Feature.WAREHOUSE_STOCK):
        if warehouse is not None:
            raise WarehouseNotKept(_("No warehouse stock is kept, so leave the warehouse out."))
        return None
    found = warehouse or default_source(engineer)
    if found is None:
        raise NoWarehouse(_("There is no open warehouse the parts could come from. Ask the administrator for one."))
    require_open(found, field="warehouse")
    return found


def default_source(engineer: User) -> Warehouse | None:
    """The open warehouse that serves the engineer's team, else the default one."""
    is_open = Warehouse.objects.filter(status=WarehouseStatus.OPEN)
    if engineer.team_id is not None:
        terms = WarehouseTerms.objects.filter(teams=engineer.team_id).values("warehouse")
        serving = is_open.filter(pk__in=terms).order_by("-is_default", "name").first()
        if serving is not None:
            return serving
    return is_open.filter(is_default=True).first()


def require_open(warehouse: Warehouse, *, field: str) -> None:
    """Open now, and until this transaction ends: disabling waits. Refused: WarehouseNotOpen."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT status FROM {Warehouse._meta.db_table} WHERE id = %s{for_share()}", [warehouse.pk])  # noqa: S608
        row = cursor.fetchone()
    if row is None or row[0] != WarehouseStatus.OPEN:
        words = {"warehouse": warehouse}
        raise WarehouseNotOpen(
            _("%(warehouse)s is not open: it takes no new requests. Choose another one.") % words, field=field
        )


def require_method(requisition: Requisition, *, policy: ModePolicy) -> None:
    """The way it travels exists in the mode and says where to.

    Refused: MethodNotInMode, DestinationMissing, SiteMissing, WarehouseNotOpen.
    """
    method = requisition.receiving_method
    if method not in ReceivingMethod.values:
        raise MethodNotInMode(_("Say how you want to get the parts."))
    if method != ReceivingMethod.PICK_UP and not policy.has(Feature.SHIPMENT):
        raise MethodNotInMode(_("Nothing is shipped here: the parts are handed to you."))
    if method == ReceivingMethod.TO_WAREHOUSE:
        _require_destination(requisition)
    if method == ReceivingMethod.TO_SITE and requisition.site_id is None:
        raise SiteMissing(_("Say to which site it is shipped: choose the job."))


def _require_destination(requisition: Requisition) -> None:
    if requisition.destination is None:
        raise DestinationMissing(_("Say to which warehouse it is shipped."))
    if requisition.destination_id == requisition.warehouse_id:
        raise DestinationMissing(_("It already lies in this warehouse: choose pick up."))
    require_open(requisition.destination, field="destination")


def require_next_source(requisition: Requisition, warehouse: Warehouse) -> None:
    """Another, open warehouse. Refused: WarehouseNotOpen, NothingToForward."""
    if warehouse.pk == requisition.warehouse_id:
        raise NothingToForward(_("It lies in this warehouse already. Choose another one."), field="warehouse")
    if warehouse.pk == requisition.destination_id:
        raise NothingToForward(_("It is to be shipped to this warehouse. Choose another one."), field="warehouse")
    require_open(warehouse, field="warehouse")
