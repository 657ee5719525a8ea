"""The life of a warehouse: made with its places, default or not, disabled, closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared import audit
from config.shared.errors import DomainError, IllegalTransition, NotAllowed
from config.shared.templatetags.shared import format_quantity
from inventory.domain.locations import warehouse_location
from inventory.domain.locks import Lock, one_at_a_time
from inventory.enums import WAREHOUSE_KINDS, Permission, WarehouseStatus
from inventory.models import Balance, Warehouse

MOST_NAMED = 10


class DefaultMustBeOpen(DomainError):
    """The default warehouse cannot be disabled or closed, nor a closed one be the default."""


class WarehouseNotEmpty(DomainError):
    """Something still lies in one of the warehouse's places; one message each."""

    def __init__(self, warehouse: Warehouse, balances: list[Balance]) -> None:
        words = {"warehouse": warehouse}
        first = _("%(warehouse)s cannot be closed while parts lie there. Move or use them first.") % words
        super().__init__(messages=[first, *(_what_lies(each) for each in balances)])


def _what_lies(balance: Balance) -> str:
    words = {
        "place": balance.location.get_kind_display(),
        "quantity": format_quantity(balance.on_hand, balance.part.unit.decimal_places),
        "unit": balance.part.unit.code,
        "part": balance.part.number,
    }
    return _("%(place)s: %(quantity)s %(unit)s of %(part)s") % words


def create_warehouse(warehouse: Warehouse, *, by: Any, at: datetime) -> Warehouse:
    """Save a new warehouse with its shelf, staging, transit and repair places; the first becomes the default.

    Refused: NotAllowed.
    """
    if not by.has_perm(Permission.MANAGE_ALL_WAREHOUSES):
        raise NotAllowed
    with transaction.atomic():
        one_at_a_time(Lock.WAREHOUSES)
        warehouse.status = WarehouseStatus.OPEN
        warehouse.is_default = not Warehouse.objects.filter(is_default=True).exists()
        warehouse.save(force_insert=True)
        for kind in sorted(WAREHOUSE_KINDS):
            warehouse_location(warehouse, kind)
        audit.record("warehouse.create", by=by, at=at, subject=warehouse)
    return warehouse


def set_default(warehouse: Warehouse, *, by: Any, at: datetime) -> None:
    """Make an open warehouse the one default; the former one stops being it. Refused: NotAllowed, DefaultMustBeOpen."""
    with _change(warehouse, "set_default", by=by, at=at, permission=Permission.MANAGE_ALL_WAREHOUSES):
        if warehouse.status != WarehouseStatus.OPEN:
            raise DefaultMustBeOpen(
                _("%(warehouse)s is not open, so it cannot be the default.") % {"warehouse": warehouse}
            )
        for former in Warehouse.objects.filter(is_default=True).exclude(pk=warehouse.pk):
            former.is_default = False
            former.save(update_fields=["is_default"])
        warehouse.is_default = True
        warehouse.save(update_fields=["is_default"])


def disable(warehouse: Warehouse, *, by: Any, at: datetime, reason: str = "") -> None:
    """Let no new document use the warehouse; what is under way goes on. Refused: NotAllowed, DefaultMustBeOpen."""
    with _change(warehouse, "disable", by=by, at=at, reason=reason):
        _refuse_unless(warehouse, WarehouseStatus.OPEN)
        _refuse_default(warehouse)
        _set_status(warehouse, WarehouseStatus.DISABLED)


def enable(warehouse: Warehouse, *, by: Any, at: datetime) -> None:
    """Open a disabled or closed warehouse again. Refused: NotAllowed, IllegalTransition when it is open."""
    with _change(warehouse, "enable", by=by, at=at):
        _refuse_unless(warehouse, WarehouseStatus.DISABLED, WarehouseStatus.CLOSED)
        _set_status(warehouse, WarehouseStatus.OPEN)


def close(warehouse: Warehouse, *, by: Any, at: datetime, reason: str = "") -> None:
    """Close for good: only with empty shelf, staging, transit and repair. Documents lock the warehouse's row first.

    Refused: NotAllowed, IllegalTransition, DefaultMustBeOpen, WarehouseNotEmpty (what lies where).
    """
    with _change(warehouse, "close", by=by, at=at, reason=reason):
        _refuse_unless(warehouse, WarehouseStatus.OPEN, WarehouseStatus.DISABLED)
        _refuse_default(warehouse)
        held = Balance.objects.filter(location__warehouse=warehouse, on_hand__gt=0).order_by("location", "part")
        lying = list(held.select_related("location", "part__unit")[:MOST_NAMED])
        if lying:
            raise WarehouseNotEmpty(warehouse, lying)
        _set_status(warehouse, WarehouseStatus.CLOSED)


@contextmanager
def _change(
    warehouse: Warehouse,
    verb: str,
    *,
    by: Any,
    at: datetime,
    reason: str = "",
    permission: str = Permission.MANAGE_WAREHOUSES,
) -> Iterator[None]:
    """One change of warehouses at a time, on the newest data, with its audit row: all or nothing."""
    if not by.has_perm(permission) or not Warehouse.objects.visible_to(by).filter(pk=warehouse.pk).exists():
        raise NotAllowed
    with transaction.atomic():
        one_at_a_time(Lock.WAREHOUSES)
        fresh = Warehouse.objects.select_for_update().get(pk=warehouse.pk)
        warehouse.status, warehouse.is_default = fresh.status, fresh.is_default
        yield
        audit.record(f"warehouse.{verb}", by=by, at=at, subject=warehouse, reason=reason)


def _set_status(warehouse: Warehouse, status: WarehouseStatus) -> None:
    warehouse.status = status
    warehouse.save(update_fields=["status"])


def _refuse_unless(warehouse: Warehouse, *allowed: WarehouseStatus) -> None:
    if warehouse.status not in allowed:
        words = {"warehouse": warehouse, "status": warehouse.get_status_display()}
        raise IllegalTransition(_("%(warehouse)s is now “%(status)s”, so this is not possible.") % words)


def _refuse_default(warehouse: Warehouse) -> None:
    if warehouse.is_default:
        raise DefaultMustBeOpen(gettext_lazy("This is the default warehouse. Make another one the default first."))
