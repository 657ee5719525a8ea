"""Which part replaces which: chains, never circles."""

import pytest
from django.db import IntegrityError, transaction

from inventory.domain import catalogue
from inventory.models import Part
from tests.factories.inventory import PartFactory

pytestmark = pytest.mark.django_db


def test_a_part_is_replaced_by_another_and_that_by_a_third():
    first, second, third = PartFactory.create_batch(3)
    catalogue.supersede(first, successor=second)
    catalogue.supersede(second, successor=third)
    first.refresh_from_db()

    assert [each.pk for each in catalogue.successors(first)] == [second.pk, third.pk]


def test_a_circle_is_refused_and_nothing_is_written():
    first, second, third = (PartFactory(number=each) for each in ("P-1", "P-2", "P-3"))
    catalogue.supersede(first, successor=second)
    catalogue.supersede(second, successor=third)

    with pytest.raises(catalogue.SupersessionCycle) as refusal:
        catalogue.supersede(third, successor=first)

    assert refusal.value.messages == ["P-1 is itself replaced by P-3, so it cannot replace it. Choose another part."]
    assert Part.objects.get(pk=third.pk).superseded_by is None


def test_the_database_refuses_a_part_that_replaces_itself():
    part = PartFactory()
    with pytest.raises(IntegrityError, match="part_not_superseded_by_itself"), transaction.atomic():
        Part.objects.filter(pk=part.pk).update(superseded_by=part.pk)


def test_the_end_of_a_replacement_can_be_taken_back():
    first, second = PartFactory.create_batch(2)
    catalogue.supersede(first, successor=second)
    catalogue.supersede(first, successor=None)
    catalogue.supersede(second, successor=first)

    assert catalogue.successors(first) == []
