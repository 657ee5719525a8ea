"""Whose parts a warehouse manager looks after: the people of the teams his warehouses serve (product.md 1)."""

from typing import Any

from django.db.models import Exists, Q, QuerySet

from inventory.models import Warehouse
from spareparts.enums import Permission
from spareparts.models.terms import WarehouseTerms
from workorders.models import User


def people_seen_by(user: Any) -> QuerySet[User]:
    """Everybody for the office; a warehouse manager sees the people of the teams his warehouses serve.

    The default warehouse also serves the teams no other warehouse serves. Without any warehouse of his own, as where
    no warehouse stock is kept, a warehouse manager sees everybody.
    """
    people = User.objects.all()
    if not user.has_perm(Permission.VIEW_HOLDINGS):
        return people.none()
    if user.has_perm(Permission.VIEW_ALL_REQUISITIONS):
        return people
    managed = Warehouse.objects.filter(managers=user).order_by()
    served = WarehouseTerms.teams.through.objects.order_by()
    here = Q(team__in=served.filter(warehouseterms__warehouse__in=managed.values("pk")).values("team_id"))
    unserved = Q(team__isnull=True) | ~Q(team__in=served.values("team_id"))
    by_default = Q(Exists(managed.filter(is_default=True))) & unserved
    return people.filter(Q(~Exists(managed)) | here | by_default)


def about_people_seen_by(user: Any, *fields: str) -> Q:
    """Rows whose person in one of ``fields`` the user may see; no condition at all for the office."""
    if user.has_perm(Permission.VIEW_HOLDINGS) and user.has_perm(Permission.VIEW_ALL_REQUISITIONS):
        return Q()
    people = people_seen_by(user).values("pk")
    found = Q(pk__in=[])
    for field in fields:
        found |= Q(**{f"{field}__in": people}) | Q(**{field: user.pk})
    return found
