"""Places are made when they are needed, once."""

import pytest
from django.db import IntegrityError, transaction
from pytest_django.fixtures import DjangoAssertNumQueries

from inventory.domain import locations
from inventory.enums import INSIDE_KINDS, OUTSIDE_KINDS, WAREHOUSE_KINDS, LocationKind
from inventory.models import Location
from tests.factories.inventory import WarehouseFactory
from workorders.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


def test_migrate_makes_the_outside_places() -> None:
    kinds = Location.objects.filter(is_outside=True).values_list("kind", flat=True)
    assert sorted(kinds) == sorted(OUTSIDE_KINDS)


def test_outside_places_are_remembered(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    first = locations.outside(LocationKind.SUPPLIER)
    with django_assert_num_queries(0):
        assert locations.outside(LocationKind.SUPPLIER) == first
    assert (first.kind, first.is_outside) == ("supplier", True)


def test_a_lost_outside_place_is_made_again() -> None:
    locations._forget()
    Location.objects.filter(kind=LocationKind.SCRAP).delete()
    assert locations.outside(LocationKind.SCRAP).kind == "scrap"
    locations._forget()


def test_a_person_has_one_place(jana: User, tom: User) -> None:
    place = locations.personal_location(jana)
    assert (place.owner, place.kind, place.is_outside) == (jana, "engineer", False)
    assert locations.personal_location(jana) == place != locations.personal_location(tom)
    assert str(place) == "Jana Novak"


def test_a_warehouse_has_a_place_of_each_kind() -> None:
    vienna, linz = WarehouseFactory(name="Vienna"), WarehouseFactory(name="Linz")
    places = [locations.warehouse_location(depot, kind) for depot in (vienna, linz) for kind in sorted(WAREHOUSE_KINDS)]
    assert len({place.pk for place in places}) == 8
    assert locations.warehouse_location(vienna, LocationKind.SHELF) in places
    assert str(locations.warehouse_location(linz, LocationKind.TRANSIT)) == "Linz · On the way"


def test_a_kind_is_asked_where_it_exists() -> None:
    with pytest.raises(ValueError, match="outside"):
        locations.outside(LocationKind.SHELF)
    with pytest.raises(ValueError, match="warehouse"):
        locations.warehouse_location(WarehouseFactory(), LocationKind.ENGINEER)
    assert set(LocationKind) == INSIDE_KINDS | OUTSIDE_KINDS


def test_a_kind_fits_its_owner(jana: User) -> None:
    depot = WarehouseFactory()
    for fields in (
        {"kind": "shelf", "is_outside": False},
        {"kind": "shelf", "is_outside": True, "warehouse": depot},
        {"kind": "engineer", "is_outside": False},
        {"kind": "engineer", "is_outside": False, "owner": jana, "warehouse": depot},
        {"kind": "supplier", "is_outside": False},
        {"kind": "moon", "is_outside": True},
    ):
        with pytest.raises(IntegrityError, match="location_kind_fits_owner"), transaction.atomic():
            Location.objects.create(**fields)


def test_there_is_one_row_per_place(jana: User) -> None:
    depot = WarehouseFactory()
    locations.personal_location(jana)
    locations.warehouse_location(depot, LocationKind.SHELF)
    for fields in (
        {"kind": "engineer", "is_outside": False, "owner": jana},
        {"kind": "shelf", "is_outside": False, "warehouse": depot},
        {"kind": "supplier", "is_outside": True},
    ):
        with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
            Location.objects.create(**fields)
