"""People and jobs for the tests: the cast of the demo."""

import factory

from workorders.enums import WorkOrderStatus
from workorders.models import Customer, Equipment, EquipmentModel, Site, Team, User, WorkOrder


class TeamFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Team
        django_get_or_create = ("name",)

    name = "Vienna"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        django_get_or_create = ("email",)

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.LazyAttribute(lambda person: f"{person.name.lower().replace(' ', '.')}@demo.example")
    language = "en"


class CustomerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Customer

    number = factory.Sequence(lambda n: f"C-{n + 1000}")
    name = factory.Sequence(lambda n: f"Hotel Aurora {n}")


class SiteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Site

    customer = factory.SubFactory(CustomerFactory)
    name = factory.Sequence(lambda n: f"Site {n}")


class EquipmentModelFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EquipmentModel

    manufacturer = "Frigus"
    name = factory.Sequence(lambda n: f"FX {n}")


class EquipmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Equipment

    name = "Chiller 3"
    serial = factory.Sequence(lambda n: f"77-{n:04d}")
    model = factory.SubFactory(EquipmentModelFactory)
    site = factory.SubFactory(SiteFactory)


class WorkOrderFactory(factory.django.DjangoModelFactory):
    """A job in progress with a lead, unless told otherwise."""

    class Meta:
        model = WorkOrder

    number = factory.Sequence(lambda n: f"WO-{n + 10400}")
    site = factory.SubFactory(SiteFactory)
    customer = factory.SelfAttribute("site.customer")
    status = WorkOrderStatus.IN_PROGRESS
    lead = factory.SubFactory(UserFactory, is_engineer=True)
