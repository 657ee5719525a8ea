"""Make the balances from the moves again: after a restore without them, or after somebody went round the ledger."""

from dataclasses import dataclass

from django.db import connection

from inventory import queries, triggers
from inventory.queries import DIFFERENCES, SAME_LOT, Difference

_FORGET = f"""
DELETE FROM inventory_balance WHERE id IN (
    SELECT balance.id FROM inventory_balance AS balance
    JOIN (SELECT * FROM ({DIFFERENCES}) AS wrong_sums) AS wrong
      ON wrong.location_id = balance.location_id AND wrong.part_id = balance.part_id
     AND wrong.condition = balance.condition AND {SAME_LOT.format("wrong", "balance")}
)
"""
_FOLD = f"""
INSERT INTO inventory_balance (location_id, part_id, condition, lot_id, is_serial, on_hand)
SELECT wrong.location_id, wrong.part_id, wrong.condition, wrong.lot_id, COALESCE(lot.is_serial, {{no}}), wrong.moved
FROM ({DIFFERENCES}) AS wrong LEFT JOIN inventory_lot AS lot ON lot.id = wrong.lot_id
ORDER BY wrong.location_id, wrong.part_id, wrong.condition, wrong.lot_id
"""


@dataclass(frozen=True)
class Rebuild:
    """The differences found and the ones left."""

    before: list[Difference]
    after: list[Difference]


def rebuild_balances() -> Rebuild:
    """Replace every wrong balance by the sum of its moves, in one transaction; right ones are not touched.

    New moves wait meanwhile. Refused by the database when the moves themselves add up to less than nothing.
    """
    with triggers.balances_writable(connection), connection.cursor() as cursor:
        before = queries.differences()
        cursor.execute(_FORGET)
        # A wrong row is gone now, so what differs is what has no row.
        cursor.execute(_FOLD.format(no="0" if connection.vendor == "sqlite" else "false"))
        after = queries.differences()
    return Rebuild(before, after)
