"""Open lines of shipments and returns against what lies on the way, place by place."""

from inventory.enums import LocationKind
from inventory.models import Balance, Location, Move, Posting
from spareparts.enums import DiscrepancyKind, DiscrepancyOutcome, DiscrepancyStatus, ReturnStatus, ShipmentStatus
from spareparts.models import (
    Discrepancy,
    Grant,
    Receipt,
    ReceiptLine,
    Requisition,
    RequisitionLine,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
)
from spareparts.queries.verification.checks import Check

S, SL = Shipment._meta.db_table, ShipmentLine._meta.db_table
R, RL, D = Return._meta.db_table, ReturnLine._meta.db_table, Discrepancy._meta.db_table
B, L, P, M = (each._meta.db_table for each in (Balance, Location, Posting, Move))
C, CL = Receipt._meta.db_table, ReceiptLine._meta.db_table
G, Q, QL = Grant._meta.db_table, Requisition._meta.db_table, RequisitionLine._meta.db_table

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

# What a shipment sent is what its posting moved, by part, condition and lot.
_SENT_IS_MOVED = f"""
SELECT document, part, SUM(ABS(steps)) FROM (
    SELECT document, part, condition, lot, SUM(steps) AS steps FROM (
        SELECT s.id AS document, l.part_id AS part, l.condition AS condition, COALESCE(l.lot_id, 0) AS lot,
               l.quantity AS steps
        FROM {SL} l JOIN {S} s ON s.id = l.shipment_id WHERE s.posting_key IS NOT NULL
        UNION ALL
        SELECT s.id, m.part_id, m.condition, COALESCE(m.lot_id, 0), -m.quantity
        FROM {S} s JOIN {P} p ON p.key = s.posting_key JOIN {M} m ON m.posting_id = p.id
    ) AS both_sides GROUP BY document, part, condition, lot HAVING SUM(steps) <> 0
) AS wrong_lines
GROUP BY document, part ORDER BY document, part
"""  # noqa: S608

_RECEIVED_IS_MOVED = f"""
SELECT document, part, SUM(ABS(steps)) FROM (
    SELECT document, part, condition, lot, SUM(steps) AS steps FROM (
        SELECT c.receipt_id AS document, l.part_id AS part, l.condition AS condition, COALESCE(l.lot_id, 0) AS lot,
               c.received AS steps
        FROM {CL} c JOIN {SL} l ON l.id = c.shipment_line_id
        UNION ALL
        SELECT r.id, m.part_id, m.condition, COALESCE(m.lot_id, 0), -m.quantity
        FROM {C} r JOIN {P} p ON p.key = r.posting_key JOIN {M} m ON m.posting_id = p.id
    ) AS both_sides GROUP BY document, part, condition, lot HAVING SUM(steps) <> 0
) AS wrong_lines
GROUP BY document, part ORDER BY document, part
"""  # noqa: S608

# A line's received and settled quantities are what its receipts and its settled discrepancies say.
_LINES_COUNT_RECEIPTS = f"""
SELECT document, part, SUM(ABS(received) + ABS(settled)) FROM (
    SELECT document, line, part, SUM(received) AS received, SUM(settled) AS settled FROM (
        SELECT l.shipment_id AS document, l.id AS line, l.part_id AS part, l.received AS received, l.settled AS settled
        FROM {SL} l
        UNION ALL
        SELECT l.shipment_id, l.id, l.part_id, -c.received, 0 FROM {CL} c JOIN {SL} l ON l.id = c.shipment_line_id
        UNION ALL
        SELECT l.shipment_id, l.id, l.part_id,
               CASE WHEN d.outcome = %s THEN -d.quantity ELSE 0 END,
               CASE WHEN d.outcome = %s THEN 0 ELSE -d.quantity END
        FROM {D} d JOIN {SL} l ON l.id = d.shipment_line_id WHERE d.status = %s AND d.kind IN (%s, %s, %s)
    ) AS both_sides GROUP BY document, line, part HAVING SUM(received) <> 0 OR SUM(settled) <> 0
) AS wrong_lines
GROUP BY document, part ORDER BY document, part
"""  # noqa: S608

# A grant counts as shipped what was sent and will not come back, as received what of it arrived. What arrived at a
# warehouse to be collected is neither any more: it lies reserved there, or was issued.
_IS_COLLECTED = "q.destination_id IS NOT NULL AND NOT q.is_for_branch"
_GRANTS_COUNT_SHIPMENTS = f"""
SELECT requisition, part, SUM(ABS(shipped) + ABS(received)) FROM (
    SELECT requisition, grant_id, part, SUM(shipped) AS shipped, SUM(received) AS received FROM (
        SELECT ql.requisition_id AS requisition, g.id AS grant_id, g.part_id AS part,
               g.shipped AS shipped, g.received AS received
        FROM {G} g JOIN {QL} ql ON ql.id = g.line_id
        UNION ALL
        SELECT q.id, g.id, g.part_id,
               -(l.quantity - l.settled - CASE WHEN {_IS_COLLECTED} THEN l.received ELSE 0 END),
               -(CASE WHEN {_IS_COLLECTED} THEN 0 ELSE l.received END)
        FROM {SL} l JOIN {S} s ON s.id = l.shipment_id JOIN {G} g ON g.id = l.grant_id
        JOIN {QL} ql ON ql.id = g.line_id JOIN {Q} q ON q.id = ql.requisition_id WHERE s.posting_key IS NOT NULL
    ) AS both_sides GROUP BY requisition, grant_id, part HAVING SUM(shipped) <> 0 OR SUM(received) <> 0
) AS wrong_grants
GROUP BY requisition, part ORDER BY requisition, part
"""  # noqa: S608

_KINDS = (DiscrepancyKind.SHORT, DiscrepancyKind.DAMAGED, DiscrepancyKind.WRONG)
_BOOKED = (DiscrepancyOutcome.BOOKED,) * 2
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
            *_KINDS,
            LocationKind.TRANSIT,
        ),
    ),
    "shipment lines equal their moves": Check(_SENT_IS_MOVED, "SH"),
    "receipt lines equal their moves": Check(_RECEIVED_IS_MOVED, "RC"),
    "shipment lines count their receipts": Check(
        _LINES_COUNT_RECEIPTS, "SH", (*_BOOKED, DiscrepancyStatus.SETTLED, *_KINDS)
    ),
    "grants count their shipments": Check(_GRANTS_COUNT_SHIPMENTS, "RQ"),
}
