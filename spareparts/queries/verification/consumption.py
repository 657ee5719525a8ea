"""Consumptions, and the old parts they brought, against their moves."""

from inventory.enums import Condition, LocationKind, PostingReason
from inventory.models import Balance, Location, Move, Posting
from spareparts.enums import ConsumptionStatus, DebtStatus, OldPartAnswer, ReturnStatus
from spareparts.models import Consumption, ConsumptionLine, OldPartDebt, Return, ReturnLine
from spareparts.queries.verification.checks import Check

C, L, D = Consumption._meta.db_table, ConsumptionLine._meta.db_table, OldPartDebt._meta.db_table
P, M = Posting._meta.db_table, Move._meta.db_table
BALANCE, PLACE = Balance._meta.db_table, Location._meta.db_table
R, RL = Return._meta.db_table, ReturnLine._meta.db_table


# The lines of every consumption are what its posting moved, part by part; old parts are counted apart.
_LINES_ARE_MOVED = f"""
SELECT document, part, SUM(steps) FROM (
    SELECT l.consumption_id AS document, l.part_id AS part, l.quantity AS steps FROM {L} l
    UNION ALL
    SELECT c.id, m.part_id, -m.quantity FROM {C} c JOIN {P} p ON p.key = c.posting_key JOIN {M} m ON m.posting_id = p.id
    WHERE m.condition <> %s
) AS both_sides
GROUP BY document, part HAVING SUM(steps) <> 0 ORDER BY document, part
"""  # noqa: S608  names of our own tables

# An old part that came out with the use came in its posting. One that came out later has a posting of its own; of one
# that was waived or undone the books do not tell whether it ever came out, so it may or may not be there.
_TAKEN_OUT_LATER = f"""
SELECT 1 FROM {P} o WHERE o.reason = %s AND o.reference = 'OP-' || CASE WHEN d.id < 1000000
    THEN substr('000000' || d.id, length(CAST(d.id AS varchar(20))) + 1) ELSE CAST(d.id AS varchar(20)) END
"""  # noqa: S608
_OLD_PARTS_ARE_MOVED = f"""
SELECT document, part, SUM(surely) - SUM(moved) FROM (
    SELECT l.consumption_id AS document, l.old_part_id AS part, 0 AS moved,
           CASE WHEN d.status IN (%s, %s, %s) THEN l.old_quantity ELSE 0 END AS surely,
           CASE WHEN d.status IN (%s, %s) THEN l.old_quantity ELSE 0 END AS maybe
    FROM {L} l JOIN {D} d ON d.line_id = l.id WHERE l.old_part_answer = %s AND NOT EXISTS ({_TAKEN_OUT_LATER})
    UNION ALL
    SELECT c.id, m.part_id, m.quantity, 0, 0
    FROM {C} c JOIN {P} p ON p.key = c.posting_key JOIN {M} m ON m.posting_id = p.id WHERE m.condition = %s
) AS both_sides
GROUP BY document, part HAVING SUM(surely) > SUM(moved) OR SUM(moved) > SUM(surely) + SUM(maybe)
ORDER BY document, part
"""  # noqa: S608

# What an engineer owes and says he has, he has; or it was lost, which ends no debt.
_HELD_DEBTS_ARE_HELD = f"""
SELECT engineer, part, SUM(owed) - SUM(held) FROM (
    SELECT d.engineer_id AS engineer, d.part_id AS part, d.quantity AS owed, 0 AS held FROM {D} d WHERE d.status = %s
    UNION ALL
    SELECT w.owner_id, b.part_id, 0, b.on_hand FROM {BALANCE} b JOIN {PLACE} w ON w.id = b.location_id
    WHERE w.owner_id IS NOT NULL AND b.condition = %s AND b.on_hand > 0
    UNION ALL
    SELECT w.owner_id, m.part_id, 0, m.quantity FROM {M} m JOIN {PLACE} w ON w.id = m.source_id
    JOIN {PLACE} t ON t.id = m.target_id WHERE w.owner_id IS NOT NULL AND m.condition = %s AND t.kind = %s
) AS both_sides
GROUP BY engineer, part HAVING SUM(owed) > SUM(held) ORDER BY engineer, part
"""  # noqa: S608

# What is on the way back is named by a return that was handed over.
_RETURNED_DEBTS_ARE_RETURNED = f"""
SELECT d.id, d.part_id, d.quantity FROM {D} d WHERE d.status = %s AND NOT EXISTS (
    SELECT 1 FROM {RL} l JOIN {R} r ON r.id = l.document_id WHERE l.debt_id = d.id AND r.status IN (%s, %s)
) ORDER BY d.id
"""  # noqa: S608

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
    "consumption lines equal their moves": Check(_LINES_ARE_MOVED, "CO", (Condition.OLD,)),
    "old parts taken out equal their moves": Check(
        _OLD_PARTS_ARE_MOVED,
        "CO",
        (
            DebtStatus.HELD,
            DebtStatus.RETURNED,
            DebtStatus.CLOSED,
            DebtStatus.WAIVED,
            DebtStatus.VOID,
            OldPartAnswer.RETURNING,
            PostingReason.OLD_PART,
            Condition.OLD,
        ),
    ),
    "undone consumption nets to zero": Check(_TAKEN_BACK_NETS_TO_ZERO, "CO", (ConsumptionStatus.RECORDED,) * 2),
    "recorded consumption is not reversed": Check(_RECORDED_IS_NOT_REVERSED, "CO", (ConsumptionStatus.RECORDED,)),
    "old parts owed as held are held": Check(
        _HELD_DEBTS_ARE_HELD,
        "engineer",
        (DebtStatus.HELD, Condition.OLD, Condition.OLD, LocationKind.ADJUSTMENT),
    ),
    "old parts on the way back are in a return": Check(
        _RETURNED_DEBTS_ARE_RETURNED, "OP", (DebtStatus.RETURNED, ReturnStatus.HANDED_OVER, ReturnStatus.CHECKED_IN)
    ),
}
