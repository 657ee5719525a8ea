"""Places are made when they are first needed; two who need one at once get the same row."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.signals import post_migrate

from inventory.enums import OUTSIDE_KINDS, WAREHOUSE_KINDS, LocationKind
from inventory.models import Location, Warehouse

# ``migrate`` makes the outside places and a used one cannot be changed, so a process may remember them.
_outside: dict[LocationKind, Location] = {}


def outside(kind: LocationKind) -> Location:
    """The one place of an outside kind: supplier, customer, scrap, adjustment, conversion."""
    if kind not in OUTSIDE_KINDS:
        raise ValueError(f"{kind} is not an outside kind")
    if kind not in _outside:
        make_outside_locations(Location.objects.all())
        _outside.update({place.kind: place for place in Location.objects.filter(is_outside=True)})  # type: ignore[misc]
    return _outside[kind]


def personal_location(user: Any) -> Location:
    """The personal inventory of ``user``."""
    found = Location.objects.filter(owner=user).first()
    if found is None:
        _insert(Location(kind=LocationKind.ENGINEER, owner=user, is_outside=False))
        found = Location.objects.get(owner=user)
    return found


def warehouse_location(warehouse: Warehouse, kind: LocationKind) -> Location:
    """The shelf, staging, transit or repair place of ``warehouse``."""
    if kind not in WAREHOUSE_KINDS:
        raise ValueError(f"{kind} is not a place of a warehouse")
    found = Location.objects.filter(warehouse=warehouse, kind=kind).first()
    if found is None:
        _insert(Location(kind=kind, warehouse=warehouse, is_outside=False))
        found = Location.objects.get(warehouse=warehouse, kind=kind)
    return found


def make_outside_locations(rows: QuerySet[Location]) -> None:
    """One row per outside kind; those that exist stay as they are."""
    known = set(rows.filter(is_outside=True).values_list("kind", flat=True))
    missing = sorted(OUTSIDE_KINDS - known)
    if missing:
        rows.bulk_create([rows.model(kind=kind, is_outside=True) for kind in missing], ignore_conflicts=True)


def _insert(place: Location) -> None:
    """Insert, or leave what somebody else was quicker to insert; which of the two is not told, so read it after."""
    Location.objects.bulk_create([place], ignore_conflicts=True)


def _forget(**kwargs: Any) -> None:
    _outside.clear()


post_migrate.connect(_forget, dispatch_uid="ledger_outside_locations_forgotten")
