"""Hand-overs, loss reports, local purchases and counts against their moves."""

from typing import Any

from inventory.models import Location, Move, Posting
from spareparts.enums import CountStatus, HandOverStatus, PostedStatus
from spareparts.models import (
    HandOver,
    HandOverLine,
    LocalPurchase,
    LocalPurchaseLine,
    LossReport,
    StockCount,
    StockCountLine,
)
from spareparts.queries.verification.checks import Check

H, HL = HandOver._meta.db_table, HandOverLine._meta.db_table
LOSS, BOUGHT, BOUGHT_LINE = LossReport._meta.db_table, LocalPurchase._meta.db_table, LocalPurchaseLine._meta.db_table
COUNT, COUNT_LINE = StockCount._meta.db_table, StockCountLine._meta.db_table
P, M, PLACE = Posting._meta.db_table, Move._meta.db_table, Location._meta.db_table

_MOVES = f"JOIN {P} p ON p.key = d.posting_key JOIN {M} m ON m.posting_id = p.id"
_EQUAL = "SELECT document, part, SUM(steps) FROM ({}) AS both_sides GROUP BY document, part HAVING SUM(steps) <> 0"

# What changed hands went from the sender's place to the receiver's, part by part.
_HAND_OVERS = _EQUAL.format(f"""
    SELECT l.hand_over_id AS document, l.part_id AS part, l.accepted AS steps FROM {HL} l WHERE l.accepted > 0
    UNION ALL
    SELECT d.id, m.part_id, -m.quantity FROM {H} d {_MOVES}
    JOIN {PLACE} s ON s.id = m.source_id AND s.owner_id = d.sender_id
    JOIN {PLACE} t ON t.id = m.target_id AND t.owner_id = d.receiver_id
""")  # noqa: S608  names of our own tables

# What was lost, damaged or dead left the engineer's place as what it was.
_LOSSES = _EQUAL.format(f"""
    SELECT d.id AS document, d.part_id AS part, d.quantity AS steps FROM {LOSS} d
    UNION ALL
    SELECT d.id, m.part_id, -m.quantity FROM {LOSS} d {_MOVES}
    JOIN {PLACE} s ON s.id = m.source_id AND s.owner_id = d.engineer_id WHERE m.condition = d.condition
""")  # noqa: S608

_PURCHASES = _EQUAL.format(f"""
    SELECT l.purchase_id AS document, l.part_id AS part, l.quantity AS steps FROM {BOUGHT_LINE} l
    UNION ALL
    SELECT d.id, m.part_id, -m.quantity FROM {BOUGHT} d {_MOVES}
    JOIN {PLACE} t ON t.id = m.target_id AND t.owner_id = d.engineer_id
""")  # noqa: S608

# A booked count moved its differences, and nothing but them.
_COUNTS = _EQUAL.format(f"""
    SELECT l.count_id AS document, l.part_id AS part, l.counted - l.booked AS steps
    FROM {COUNT_LINE} l JOIN {COUNT} d ON d.id = l.count_id WHERE d.status = %s
    UNION ALL
    SELECT d.id, m.part_id, CASE WHEN m.target_id = d.location_id THEN -m.quantity ELSE m.quantity END
    FROM {COUNT} d {_MOVES}
""")  # noqa: S608


def _taken_back(table: str) -> str:
    """What was undone nets to zero: every move has its opposite in the linked reversal."""
    return f"""
    SELECT document, part, SUM(ABS(steps)) FROM (
        SELECT document, part, condition, lot, source, target, SUM(steps) AS steps FROM (
            SELECT d.id AS document, m.part_id AS part, m.condition AS condition, COALESCE(m.lot_id, 0) AS lot,
                   m.source_id AS source, m.target_id AS target, m.quantity AS steps
            FROM {table} d {_MOVES} WHERE d.status = %s
            UNION ALL
            SELECT d.id, m.part_id, m.condition, COALESCE(m.lot_id, 0), m.target_id, m.source_id, -m.quantity
            FROM {table} d JOIN {P} p ON p.key = d.posting_key
            JOIN {P} r ON r.key = d.reversal_key AND r.reverses_id = p.id
            JOIN {M} m ON m.posting_id = r.id WHERE d.status = %s
        ) AS moves GROUP BY document, part, condition, lot, source, target HAVING SUM(steps) <> 0
    ) AS open_moves GROUP BY document, part
    """  # noqa: S608


def _standing(table: str) -> str:
    """What stands was not reversed behind the document's back."""
    return f"""
    SELECT d.id, m.part_id, SUM(m.quantity) FROM {table} d JOIN {P} p ON p.key = d.posting_key
    JOIN {P} r ON r.reverses_id = p.id JOIN {M} m ON m.posting_id = r.id
    WHERE d.status <> %s GROUP BY d.id, m.part_id
    """  # noqa: S608


def _of(words: str, model: Any, undone: str) -> dict[str, Check]:
    """The two checks of documents that can be undone."""
    table, prefix = model._meta.db_table, model.PREFIX
    return {
        f"undone {words} net to zero": Check(_taken_back(table), prefix, (undone,) * 2),
        f"{words} that stand are not reversed": Check(_standing(table), prefix, (undone,)),
    }


CHECKS: dict[str, Check] = {
    "hand-over lines equal their moves": Check(_HAND_OVERS, HandOver.PREFIX),
    "loss reports equal their moves": Check(_LOSSES, LossReport.PREFIX),
    "purchase lines equal their moves": Check(_PURCHASES, LocalPurchase.PREFIX),
    "count differences equal their moves": Check(_COUNTS, StockCount.PREFIX, (CountStatus.POSTED,)),
    **_of("hand-overs", HandOver, HandOverStatus.UNDONE),
    **_of("loss reports", LossReport, PostedStatus.UNDONE),
    **_of("purchases", LocalPurchase, PostedStatus.UNDONE),
}
