"""Returns against their moves."""

from inventory.models import Move, Posting
from spareparts.models import Return, ReturnLine
from spareparts.queries.verification.checks import Check

R, L = Return._meta.db_table, ReturnLine._meta.db_table
P, M = Posting._meta.db_table, Move._meta.db_table

# What was handed over is what the lines say, part by part.
_HANDED_OVER_IS_MOVED = f"""
SELECT document, part, SUM(steps) FROM (
    SELECT r.id AS document, l.part_id AS part, l.quantity AS steps
    FROM {R} r JOIN {L} l ON l.document_id = r.id WHERE r.posting_key IS NOT NULL
    UNION ALL
    SELECT r.id, m.part_id, -m.quantity FROM {R} r JOIN {P} p ON p.key = r.posting_key JOIN {M} m ON m.posting_id = p.id
) AS both_sides
GROUP BY document, part HAVING SUM(steps) <> 0 ORDER BY document, part
"""  # noqa: S608  names of our own tables

# What was accepted went to its place; what was refused went back, where it had been handed over.
_CHECKED_IN_IS_MOVED = f"""
SELECT document, part, SUM(steps) FROM (
    SELECT r.id AS document, l.part_id AS part,
           l.accepted + CASE WHEN r.posting_key IS NULL THEN 0 ELSE l.refused END AS steps
    FROM {R} r JOIN {L} l ON l.document_id = r.id
    UNION ALL
    SELECT r.id, m.part_id, -m.quantity
    FROM {R} r JOIN {P} p ON p.key = r.check_in_posting_key JOIN {M} m ON m.posting_id = p.id
) AS both_sides
GROUP BY document, part HAVING SUM(steps) <> 0 ORDER BY document, part
"""  # noqa: S608

CHECKS: dict[str, Check] = {
    "handed over returns equal their moves": Check(_HANDED_OVER_IS_MOVED, "RT"),
    "checked in returns equal their moves": Check(_CHECKED_IN_IS_MOVED, "RT"),
}
