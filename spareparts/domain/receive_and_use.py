"""What was shipped to the site is received and used in one submit."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from spareparts.domain.consumption import UsedPart, record_consumption
from spareparts.domain.shipments.receiving import Arrived, receive_shipment
from spareparts.models import Consumption, Shipment, ShipmentLine
from spareparts.policies import ModePolicy
from spareparts.queries.shipments import expected
from workorders.models import User, WorkOrder


def receive_and_use(
    work_order: WorkOrder,
    *,
    engineer: User,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    lines: Sequence[UsedPart],
    arrived: Sequence[ShipmentLine] = (),
    reason: str = "",
) -> Consumption:
    """Receive all that is still on the way of the lines ``arrived``, then record the use. All or nothing.

    What arrived and was not used is with the engineer, and open for the job. Refused: what either refuses.
    """
    parcels: dict[Shipment, list[Arrived]] = defaultdict(list)
    for line in sorted(set(arrived), key=lambda each: (each.shipment_id, each.pk)):
        parcels[line.shipment].append(Arrived(line, expected(line)))
    with transaction.atomic(savepoint=False):
        for shipment, found in parcels.items():
            receipt_key = uuid.uuid5(key, f"receive {shipment.pk}")
            receive_shipment(shipment, by=by, at=at, key=receipt_key, policy=policy, lines=found)
        return record_consumption(
            work_order, engineer=engineer, by=by, at=at, key=key, policy=policy, lines=lines, reason=reason
        )
