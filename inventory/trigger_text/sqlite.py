"""SQLite: the triggers that keep the balances and refuse every other way to change stock, row by row.

SQLite lets an INSERT choose its own conflict rule (OR IGNORE, OR REPLACE), and that rule reaches into the bodies of the
triggers it fires: a move could be kept while its balance is skipped. So everything that could fail is refused *before*
the insert with RAISE(ABORT), which no rule overrides; after it nothing can fail.

The engine has no trigger depth: a gate row tells the balance guards that the apply trigger is at work.
"""

from typing import NamedTuple

GATE_TABLE = "ledger_gate"
CREATE_GATE = (
    f"CREATE TABLE IF NOT EXISTS {GATE_TABLE} (id integer PRIMARY KEY CHECK (id = 1), is_open integer NOT NULL)"
)
FILL_GATE = f"INSERT OR IGNORE INTO {GATE_TABLE} (id, is_open) VALUES (1, 0)"
OPEN_GATE = f"UPDATE {GATE_TABLE} SET is_open = 1"
CLOSE_GATE = f"UPDATE {GATE_TABLE} SET is_open = 0"


class Trigger(NamedTuple):
    name: str
    text: str


def _trigger(name: str, when: str, body: str) -> Trigger:
    return Trigger(name, f"CREATE TRIGGER {name} {when}\nBEGIN\n{body.strip()}\nEND")


def _refusal(name: str, when: str, message: str) -> Trigger:
    return _trigger(name, when, f"SELECT RAISE(ABORT, 'ledger: {message}');")


def _inside(column: str) -> str:
    return f"EXISTS (SELECT 1 FROM inventory_location WHERE id = {column} AND NOT is_outside)"


def _balance_row(place: str) -> str:
    """The one row of a place, found through the unique expression index."""
    return (
        f"location_id = NEW.{place} AND part_id = NEW.part_id AND condition = NEW.condition"
        " AND COALESCE(lot_id, 0) = COALESCE(NEW.lot_id, 0)"
    )


def _missing_row(place: str) -> str:
    return f"""
INSERT INTO inventory_balance (location_id, part_id, condition, lot_id, is_serial, on_hand)
SELECT NEW.{place}, NEW.part_id, NEW.condition, NEW.lot_id,
       COALESCE((SELECT is_serial FROM inventory_lot WHERE id = NEW.lot_id), 0), 0
WHERE {_inside(f"NEW.{place}")}
  AND NOT EXISTS (SELECT 1 FROM inventory_balance WHERE {_balance_row(place)});
""".strip()


# Outside places have no row, so an UPDATE that finds none is right.
MOVE_APPLY = _trigger(
    "ledger_move_apply",
    "AFTER INSERT ON inventory_move FOR EACH ROW",
    f"""
{OPEN_GATE};
UPDATE inventory_balance SET on_hand = on_hand - NEW.quantity WHERE {_balance_row("source_id")};
{_missing_row("target_id")}
UPDATE inventory_balance SET on_hand = on_hand + NEW.quantity WHERE {_balance_row("target_id")};
{CLOSE_GATE};
""",
)

MOVE_FITS = _trigger(
    "ledger_move_fits",
    "BEFORE INSERT ON inventory_move FOR EACH ROW",
    f"""
SELECT RAISE(ABORT, 'ledger: append_only (REPLACE on inventory_move)')
WHERE EXISTS (SELECT 1 FROM inventory_move WHERE id = NEW.id);
SELECT RAISE(ABORT, 'ledger: move_quantity_positive')
WHERE typeof(NEW.quantity) <> 'integer' OR NEW.quantity <= 0;
SELECT RAISE(ABORT, 'ledger: move_lot_fits')
WHERE NEW.lot_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM inventory_lot AS lot JOIN inventory_part AS part ON part.id = NEW.part_id
    WHERE lot.id = NEW.lot_id
      AND (lot.part_id <> NEW.part_id OR part.tracking = 'none' OR lot.is_serial <> (part.tracking = 'serial')
           OR (lot.is_serial AND NEW.quantity <> 1))
);
SELECT RAISE(ABORT, 'ledger: balance_on_hand_not_negative')
WHERE {_inside("NEW.source_id")} AND NEW.quantity > COALESCE(
    (SELECT on_hand FROM inventory_balance WHERE {_balance_row("source_id")}), 0
);
SELECT RAISE(ABORT, 'ledger: balance_serial_in_one_place')
WHERE NEW.lot_id IS NOT NULL AND {_inside("NEW.target_id")} AND EXISTS (
    SELECT 1 FROM inventory_balance
    WHERE lot_id = NEW.lot_id AND is_serial AND on_hand > 0
      AND NOT (location_id = NEW.source_id AND condition = NEW.condition)
);
""",
)

POSTING_NEW = _trigger(
    "ledger_posting_new",
    "BEFORE INSERT ON inventory_posting FOR EACH ROW",
    """
SELECT RAISE(ABORT, 'ledger: append_only (REPLACE on inventory_posting)')
WHERE EXISTS (SELECT 1 FROM inventory_posting WHERE id = NEW.id)
   OR EXISTS (SELECT 1 FROM inventory_posting WHERE key = NEW.key)
   OR EXISTS (SELECT 1 FROM inventory_posting WHERE reverses_id = NEW.reverses_id);
""",
)

GATE_CLOSED = f"FOR EACH ROW WHEN (SELECT is_open FROM {GATE_TABLE}) IS NOT 1"

_USED_LOCATION = (
    "EXISTS (SELECT 1 FROM inventory_move WHERE source_id = {0}.id)"
    " OR EXISTS (SELECT 1 FROM inventory_move WHERE target_id = {0}.id)"
)
_USED_LOT = "EXISTS (SELECT 1 FROM inventory_move WHERE lot_id = {0}.id)"
_USED_PART = "EXISTS (SELECT 1 FROM inventory_move WHERE part_id = {0}.id)"
_USED_UNIT = (
    "EXISTS (SELECT 1 FROM inventory_part WHERE unit_id = {0}.id"
    " AND EXISTS (SELECT 1 FROM inventory_move WHERE part_id = inventory_part.id))"
)


def _fixed(table: str, columns: tuple[str, ...], used: str) -> tuple[Trigger, Trigger]:
    """Refuse to change what a move already means, by UPDATE or by a REPLACE that keeps the id."""
    name = table.removeprefix("inventory_")
    differs = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)
    kept = " AND ".join(f"{column} IS NEW.{column}" for column in columns)
    replaced = f"NOT EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id AND {kept})"
    return (
        _refusal(
            f"ledger_{name}_meaning",
            f"BEFORE UPDATE OF {', '.join(columns)} ON {table} FOR EACH ROW"
            f" WHEN ({differs}) AND ({used.format('OLD')})",
            f"{name}_meaning_fixed",
        ),
        _refusal(
            f"ledger_{name}_replaced",
            f"BEFORE INSERT ON {table} FOR EACH ROW WHEN {replaced} AND ({used.format('NEW')})",
            f"{name}_meaning_fixed",
        ),
    )


TRIGGERS = (
    MOVE_FITS,
    MOVE_APPLY,
    _refusal(
        "ledger_move_update", "BEFORE UPDATE ON inventory_move FOR EACH ROW", "append_only (UPDATE on inventory_move)"
    ),
    _refusal(
        "ledger_move_delete", "BEFORE DELETE ON inventory_move FOR EACH ROW", "append_only (DELETE on inventory_move)"
    ),
    POSTING_NEW,
    _refusal(
        "ledger_posting_update",
        "BEFORE UPDATE ON inventory_posting FOR EACH ROW",
        "append_only (UPDATE on inventory_posting)",
    ),
    _refusal(
        "ledger_posting_delete",
        "BEFORE DELETE ON inventory_posting FOR EACH ROW",
        "append_only (DELETE on inventory_posting)",
    ),
    _refusal(
        "ledger_balance_insert", f"BEFORE INSERT ON inventory_balance {GATE_CLOSED}", "balance_kept_by_moves (INSERT)"
    ),
    _refusal(
        "ledger_balance_update", f"BEFORE UPDATE ON inventory_balance {GATE_CLOSED}", "balance_kept_by_moves (UPDATE)"
    ),
    _refusal(
        "ledger_balance_delete", f"BEFORE DELETE ON inventory_balance {GATE_CLOSED}", "balance_kept_by_moves (DELETE)"
    ),
    *_fixed("inventory_location", ("kind", "is_outside", "warehouse_id", "owner_id"), _USED_LOCATION),
    *_fixed("inventory_lot", ("part_id", "is_serial"), _USED_LOT),
    *_fixed("inventory_part", ("unit_id", "tracking"), _USED_PART),
    *_fixed("inventory_unit", ("decimal_places",), _USED_UNIT),
)
