"""Open lines of shipments and returns against what lies on the way, place by place."""

from inventory.enums import LocationKind
from inventory.models import Balance, Location
from spareparts.enums import DiscrepancyKind, DiscrepancyStatus, ReturnStatus, ShipmentStatus
from spareparts.models import Discrepancy, Return, ReturnLine, Shipment, ShipmentLine
from spareparts.queries.verification.checks import Check

S, SL = Shipment._meta.db_table, ShipmentLine._meta.db_table
R, RL, D = Return._meta.db_table, ReturnLine._meta.db_table, Discrepancy._meta.db_table
B, L = Balance._meta.db_table, Location._meta.db_table

# What a shipment sent and neither arrived nor was settled; what a return handed over and nobody counted yet; of a
# counted one what an open discrepancy still looks for. Per warehouse, part, condition and lot they sum to what lies
# in the transit place.
_ON_THE_WAY_IS_SOMEBODYS = f"""
SELECT warehouse, part, SUM(ABS(steps)) FROM (
    SELECT warehouse, part, condition, lot, SUM(steps) AS steps FROM (
        SELECT s.warehouse_id AS warehouse, l.part_id AS part, l.condition AS condition, COALESCE(l.lot_id, 0) AS lot,
               l.quantity - l.received - l.settled AS steps
        FROM {SL} l JOIN {S} s ON s.id = l.shipment_id WHERE s.status NOT IN (%s, %s)
        UNION ALL
        SELECT r.warehouse_id, l.part_id, l.condition, COALESCE(l.lot_id, 0),
               l.quantity - l.accepted - l.refused - l.settled
        FROM {RL} l JOIN {R} r ON r.id = l.document_id WHERE r.status = %s AND r.warehouse_id IS NOT NULL
        UNION ALL
        SELECT r.warehouse_id, d.part_id, d.condition, COALESCE(d.lot_id, 0), d.quantity
        FROM {D} d JOIN {RL} l ON l.id = d.return_line_id JOIN {R} r ON r.id = l.document_id
        WHERE r.status = %s AND r.warehouse_id IS NOT NULL AND d.status = %s AND d.kind IN (%s, %s, %s)
        UNION ALL
        SELECT p.warehouse_id, b.part_id, b.condition, COALESCE(b.lot_id, 0), -b.on_hand
        FROM {B} b JOIN {L} p ON p.id = b.location_id WHERE p.kind = %s AND b.on_hand <> 0
    ) AS both_sides GROUP BY warehouse, part, condition, lot HAVING SUM(steps) <> 0
) AS differences
GROUP BY warehouse, part ORDER BY warehouse, part
"""  # noqa: S608  names of our own tables

CHECKS: dict[str, Check] = {
    "what is on the way belongs to a document": Check(
        _ON_THE_WAY_IS_SOMEBODYS,
        "warehouse",
        (
            ShipmentStatus.WAITING,
            ShipmentStatus.CANCELLED,
            ReturnStatus.HANDED_OVER,
            ReturnStatus.CHECKED_IN,
            DiscrepancyStatus.OPEN,
            DiscrepancyKind.SHORT,
            DiscrepancyKind.DAMAGED,
            DiscrepancyKind.WRONG,
            LocationKind.TRANSIT,
        ),
    )
}
