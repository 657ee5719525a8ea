"""Reservations against what lies in staging, and issues against their moves."""

from inventory.enums import LocationKind
from inventory.models import Balance, Location, Move, Posting
from spareparts.models import Allocation, Grant, Issue, IssueLine, RequisitionLine
from spareparts.queries.verification.checks import Check

A, G, RL = (each._meta.db_table for each in (Allocation, Grant, RequisitionLine))
IS, IL = Issue._meta.db_table, IssueLine._meta.db_table
B, L, P, M = (each._meta.db_table for each in (Balance, Location, Posting, Move))

# Both ways: what is reserved lies in staging, and what lies in staging is reserved, by part, condition and lot.
_STAGING_IS_RESERVED = f"""
SELECT warehouse, part, SUM(ABS(steps)) FROM (
    SELECT warehouse, part, condition, lot, SUM(steps) AS steps FROM (
        SELECT a.warehouse_id AS warehouse, a.part_id AS part, a.condition AS condition,
               COALESCE(a.lot_id, 0) AS lot, a.quantity AS steps
        FROM {A} a
        UNION ALL
        SELECT l.warehouse_id, b.part_id, b.condition, COALESCE(b.lot_id, 0), -b.on_hand
        FROM {B} b JOIN {L} l ON l.id = b.location_id WHERE l.kind = %s
    ) AS both_sides
    GROUP BY warehouse, part, condition, lot HAVING SUM(steps) <> 0
) AS open_places
GROUP BY warehouse, part ORDER BY warehouse, part
"""  # noqa: S608  names of our own tables

# A grant counts what lies reserved for it, wherever it is handed out or sent from, and of that what is packed.
_GRANTS_COUNT_RESERVATIONS = f"""
SELECT requisition, part, SUM(ABS(reserved) + ABS(packed)) FROM (
    SELECT requisition, grant_id, part, SUM(reserved) AS reserved, SUM(packed) AS packed FROM (
        SELECT rl.requisition_id AS requisition, g.id AS grant_id, g.part_id AS part,
               g.reserved AS reserved, g.packed AS packed
        FROM {G} g JOIN {RL} rl ON rl.id = g.line_id
        UNION ALL
        SELECT rl.requisition_id, g.id, g.part_id, -a.quantity, -a.packed
        FROM {A} a JOIN {G} g ON g.id = a.grant_id JOIN {RL} rl ON rl.id = g.line_id
    ) AS both_sides
    GROUP BY requisition, grant_id, part HAVING SUM(reserved) <> 0 OR SUM(packed) <> 0
) AS wrong_grants
GROUP BY requisition, part ORDER BY requisition, part
"""  # noqa: S608

_ALLOCATION_IS_OF_ITS_GRANT = f"""
SELECT rl.requisition_id, a.part_id, SUM(a.quantity)
FROM {A} a JOIN {G} g ON g.id = a.grant_id JOIN {RL} rl ON rl.id = g.line_id WHERE a.part_id <> g.part_id
GROUP BY rl.requisition_id, a.part_id ORDER BY rl.requisition_id, a.part_id
"""  # noqa: S608

# What a grant counts as issued is what its issues say that were not undone.
_GRANTS_COUNT_ISSUES = f"""
SELECT requisition, part, SUM(ABS(steps)) FROM (
    SELECT requisition, grant_id, part, SUM(steps) AS steps FROM (
        SELECT rl.requisition_id AS requisition, g.id AS grant_id, g.part_id AS part, g.issued AS steps
        FROM {G} g JOIN {RL} rl ON rl.id = g.line_id
        UNION ALL
        SELECT rl.requisition_id, g.id, g.part_id, -il.quantity
        FROM {IL} il JOIN {IS} i ON i.id = il.issue_id JOIN {G} g ON g.id = il.grant_id
        JOIN {RL} rl ON rl.id = g.line_id WHERE i.reversal_key IS NULL
    ) AS both_sides
    GROUP BY requisition, grant_id, part HAVING SUM(steps) <> 0
) AS wrong_grants
GROUP BY requisition, part ORDER BY requisition, part
"""  # noqa: S608

_ISSUES_ARE_MOVED = f"""
SELECT document, part, SUM(ABS(steps)) FROM (
    SELECT document, part, condition, lot, SUM(steps) AS steps FROM (
        SELECT il.issue_id AS document, il.part_id AS part, il.condition AS condition,
               COALESCE(il.lot_id, 0) AS lot, il.quantity AS steps
        FROM {IL} il
        UNION ALL
        SELECT i.id, m.part_id, m.condition, COALESCE(m.lot_id, 0), -m.quantity
        FROM {IS} i JOIN {P} p ON p.key = i.posting_key JOIN {M} m ON m.posting_id = p.id
    ) AS both_sides
    GROUP BY document, part, condition, lot HAVING SUM(steps) <> 0
) AS wrong_lines
GROUP BY document, part ORDER BY document, part
"""  # noqa: S608

# An issue is undone exactly when its posting is reversed, by the posting it names.
_UNDONE_IS_REVERSED = f"""
SELECT i.id, m.part_id, SUM(m.quantity)
FROM {IS} i JOIN {P} p ON p.key = i.posting_key JOIN {M} m ON m.posting_id = p.id
LEFT JOIN {P} r ON r.reverses_id = p.id
WHERE (i.reversal_key IS NULL AND r.id IS NOT NULL) OR (i.reversal_key IS NOT NULL AND r.id IS NULL)
   OR i.reversal_key <> r.key
GROUP BY i.id, m.part_id ORDER BY i.id, m.part_id
"""  # noqa: S608

CHECKS: dict[str, Check] = {
    "what lies in staging is reserved": Check(_STAGING_IS_RESERVED, "warehouse", (LocationKind.STAGING,)),
    "grants count their reservations": Check(_GRANTS_COUNT_RESERVATIONS, "RQ"),
    "reserved stock is of its grant's part": Check(_ALLOCATION_IS_OF_ITS_GRANT, "RQ"),
    "grants count their issues": Check(_GRANTS_COUNT_ISSUES, "RQ"),
    "issue lines equal their moves": Check(_ISSUES_ARE_MOVED, "IS"),
    "undone issues are reversed": Check(_UNDONE_IS_REVERSED, "IS"),
}
