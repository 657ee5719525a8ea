"""Parts for the tests."""

from decimal import Decimal

import factory

from inventory.models import Part, PartCategory, Unit, Warehouse


class UnitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Unit
        django_get_or_create = ("code",)

    code = "pc"
    name = "piece"
    decimal_places = 0


class PartCategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PartCategory
        django_get_or_create = ("name",)

    name = "Bearings"


class PartFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Part

    number = factory.Sequence(lambda n: f"BRG-{n + 6204}-2RS")
    name = factory.Sequence(lambda n: f"Bearing {n + 6204} 2RS")
    unit = factory.SubFactory(UnitFactory)
    unit_cost = Decimal("8.40")


class WarehouseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Warehouse

    code = factory.Sequence(lambda n: f"W{n}")
    name = factory.Sequence(lambda n: f"Depot {n}")
