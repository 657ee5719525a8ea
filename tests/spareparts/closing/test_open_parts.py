"""What a job still has to answer for."""

import pytest

from spareparts.policies import ModePolicy
from spareparts.queries.open_parts import open_by_engineer, open_for_job
from tests.factories.inventory import PartFactory
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
