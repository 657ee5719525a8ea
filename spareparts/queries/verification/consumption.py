"""Consumptions against their moves."""

from inventory.models import Move, Posting
from spareparts.enums import ConsumptionStatus
from spareparts.models import Consumption, ConsumptionLine
from spareparts.queries.verification.checks import Check

C, L = Consumption._meta.db_table, ConsumptionLine._meta.db_table
P, M = Posting._meta.db_table, Move._meta.db_table


# The lines of every consumption are what its posting moved, part by part.
_LINES_ARE_MOVED = f"""
SELECT document, part, SUM(steps) FROM (
    SELECT l.consumption_id AS document, l.part_id AS part, l.quantity AS steps FROM {L} l
    UNION ALL
    SELECT c.id, m.part_id, -m.quantity FROM {C} c JOIN {P} p ON p.key = c.posting_key JOIN {M} m ON m.posting_id = p.id
) AS both_sides
GROUP BY document, part HAVING SUM(steps) <> 0 ORDER BY document, part
"""  # noqa: S608  names of our own tables

# What was undone or corrected nets to zero, place by place: every move has its opposite in the linked reversal.
_TAKEN_BACK_NETS_TO_ZERO = f"""
SELECT document, part, SUM(ABS(steps)) FROM (
    SELECT document, part, condition, lot, source, target, SUM(steps) AS steps FROM (
        SELECT c.id AS document, m.part_id AS part, m.condition AS condition, COALESCE(m.lot_id, 0) AS lot,
               m.source_id AS source, m.target_id AS target, m.quantity AS steps
        FROM {C} c JOIN {P} p ON p.key = c.posting_key JOIN {M} m ON m.posting_id = p.id WHERE c.status <> %s
        UNION ALL
        SELECT c.id, m.part_id, m.condition, COALESCE(m.lot_id, 0), m.target_id, m.source_id, -m.quantity
        FROM {C} c JOIN {P} p ON p.key = c.posting_key
        JOIN {P} r ON r.key = c.reversal_key AND r.reverses_id = p.id
        JOIN {M} m ON m.posting_id = r.id WHERE c.status <> %s
    ) AS moves GROUP BY document, part, condition, lot, source, target HAVING SUM(steps) <> 0
) AS open_moves
GROUP BY document, part ORDER BY document, part
"""  # noqa: S608

# What counts as used was not reversed behind the document's back.
_RECORDED_IS_NOT_REVERSED = f"""
SELECT c.id, m.part_id, SUM(m.quantity) FROM {C} c JOIN {P} p ON p.key = c.posting_key
JOIN {P} r ON r.reverses_id = p.id JOIN {M} m ON m.posting_id = r.id
WHERE c.status = %s GROUP BY c.id, m.part_id ORDER BY c.id, m.part_id
"""  # noqa: S608

CHECKS: dict[str, Check] = {
    "consumption lines equal their moves": Check(_LINES_ARE_MOVED, "CO"),
    "undone consumption nets to zero": Check(_TAKEN_BACK_NETS_TO_ZERO, "CO", (ConsumptionStatus.RECORDED,) * 2),
    "recorded consumption is not reversed": Check(_RECORDED_IS_NOT_REVERSED, "CO", (ConsumptionStatus.RECORDED,)),
}
