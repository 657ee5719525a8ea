"""What a job still has to answer for."""

import pytest
from django.utils import timezone

from spareparts.enums import KeptAnswer
from spareparts.models import KeptPart
from spareparts.policies import ModePolicy
from spareparts.queries.open_parts import open_by_engineer, open_for_job
from tests.factories.inventory import PartFactory
from tests.factories.issued import issued
from tests.factories.personal import accepted, offered
from tests.factories.workorders import WorkOrderFactory
from tests.support.stock import personal, put
from workorders.models import User, WorkOrder

pytestmark = pytest.mark.django_db


def opened(job: WorkOrder, engineer: User | None = None) -> dict[str, int]:
    return {row.part.number: row.quantity for row in open_for_job(job, engineer=engineer)}


def test_nothing_taken_is_nothing_open(jana: User, standard: ModePolicy) -> None:
    job = WorkOrderFactory(lead=jana)
    put(personal(jana), PartFactory(), 3, by=jana)
    assert open_for_job(job) == []
    assert open_by_engineer(jana) == []


def test_what_was_given_away_without_naming_the_job_is_not_asked_for_twice(
    jana: User, tom: User, standard: ModePolicy
) -> None:
    """Four were taken, one went to Tom for no job in particular; she answers for the three she holds."""
    job, relay = WorkOrderFactory(lead=jana), PartFactory(number="REL-24")
    issued(job, relay, 4, engineer=jana)
    accepted(offered(jana, tom, relay))
    assert opened(job) == {"REL-24": 3}

    KeptPart.objects.create(
        work_order=job,
        engineer=jana,
        part=relay,
        quantity=3,
        answer=KeptAnswer.KEPT,
        reason="Van",
        answered_at=timezone.now(),
    )

    assert opened(job) == {}
