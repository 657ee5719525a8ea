"""PostgreSQL: the functions and triggers that keep the balances and refuse every other way to change stock.

A refusal has a code of class 23, so Django raises ``IntegrityError``; its text starts with ``ledger:``.

Functions run with their owner's rights and a fixed search_path: the web role needs no right to write a balance, and
cannot put a table of its own in the way. The texts of the triggers are written as the server prints them, because
the system check compares the two.
"""

from dataclasses import dataclass

PLAN_SETTINGS = ("enable_seqscan=off", "enable_hashjoin=off", "enable_mergejoin=off")


@dataclass(frozen=True)
class Function:
    """``settings`` hold while it runs; search_path is added when it is installed."""

    name: str
    body: str
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trigger:
    name: str
    table: str
    when: str
    rest: str

    @property
    def text(self) -> str:
        return f"CREATE TRIGGER {self.name} {self.when} ON {self.table} {self.rest}"


# The order of work is what keeps two writers from a deadlock: (1) missing balance rows in one global order, (2) locks
# on all rows by id, (3) what goes out, (4) what comes in. Rows are written in the order of their lots, so that two
# people who put the same serial numbers into two places meet at the same number.
# The plan settings keep a plan made for thirty rows from being kept when there are a hundred thousand.
APPLY_MOVES = Function(
    "ledger_apply_moves",
    """
DECLARE
    balance_ids bigint[];
    changes bigint[];
BEGIN
    IF EXISTS (SELECT FROM new_moves WHERE lot_id IS NOT NULL) AND EXISTS (
        SELECT FROM new_moves AS move
        JOIN inventory_lot AS lot ON lot.id = move.lot_id
        JOIN inventory_part AS part ON part.id = move.part_id
        WHERE lot.part_id <> move.part_id
           OR part.tracking = 'none'
           OR lot.is_serial <> (part.tracking = 'serial')
           OR (lot.is_serial AND move.quantity <> 1)
    ) THEN
        RAISE EXCEPTION 'ledger: move_lot_fits' USING ERRCODE = 'check_violation';
    END IF;

    INSERT INTO inventory_balance (location_id, part_id, condition, lot_id, is_serial, on_hand)
    SELECT place.location_id, place.part_id, place.condition, place.lot_id, COALESCE(lot.is_serial, false), 0
    FROM (
        SELECT source_id AS location_id, part_id, condition, lot_id FROM new_moves
        UNION
        SELECT target_id, part_id, condition, lot_id FROM new_moves
    ) AS place
    JOIN inventory_location AS location ON location.id = place.location_id AND NOT location.is_outside
    LEFT JOIN inventory_lot AS lot ON lot.id = place.lot_id
    WHERE NOT EXISTS (
        SELECT FROM inventory_balance AS balance
        WHERE balance.location_id = place.location_id
          AND balance.part_id = place.part_id
          AND balance.condition = place.condition
          AND COALESCE(balance.lot_id, 0) = COALESCE(place.lot_id, 0)
    )
    ORDER BY place.location_id, place.part_id, place.condition, place.lot_id
    ON CONFLICT (location_id, part_id, condition, COALESCE(lot_id, 0)) DO NOTHING;

    SELECT array_agg(locked.id ORDER BY locked.lot_id, locked.id),
           array_agg(locked.change ORDER BY locked.lot_id, locked.id)
    INTO balance_ids, changes
    FROM (
        SELECT balance.id, balance.lot_id, entry.change
        FROM (
            SELECT location_id, part_id, condition, lot_id, sum(quantity)::bigint AS change
            FROM (
                SELECT target_id AS location_id, part_id, condition, lot_id, quantity FROM new_moves
                UNION ALL
                SELECT source_id, part_id, condition, lot_id, -quantity FROM new_moves
            ) AS side
            GROUP BY location_id, part_id, condition, lot_id
        ) AS entry
        JOIN inventory_balance AS balance
          ON balance.location_id = entry.location_id
         AND balance.part_id = entry.part_id
         AND balance.condition = entry.condition
         AND COALESCE(balance.lot_id, 0) = COALESCE(entry.lot_id, 0)
        ORDER BY balance.id
        FOR NO KEY UPDATE OF balance
    ) AS locked;

    UPDATE inventory_balance AS balance SET on_hand = balance.on_hand + line.change
    FROM unnest(balance_ids, changes) AS line (id, change)
    WHERE balance.id = line.id AND line.change < 0;

    UPDATE inventory_balance AS balance SET on_hand = balance.on_hand + line.change
    FROM unnest(balance_ids, changes) AS line (id, change)
    WHERE balance.id = line.id AND line.change > 0;

    RETURN NULL;
END;
""",
    PLAN_SETTINGS,
)

REFUSE_CHANGE = Function(
    "ledger_refuse_change",
    """
BEGIN
    RAISE EXCEPTION 'ledger: append_only (% on %)', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', HINT = 'Correct by a reversal.';
END;
""",
)

# Depth 1 is a statement somebody typed; the apply trigger's own statements come at depth 2.
GUARD_BALANCE = Function(
    "ledger_guard_balance",
    """
BEGIN
    IF TG_OP = 'TRUNCATE' OR pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'ledger: balance_kept_by_moves (%)', TG_OP
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'Stock changes only by moves.';
    END IF;
    RETURN NULL;
END;
""",
)


def _guard_meaning(name: str, changed: str, used: str) -> Function:
    """Refuse to change what a move already means.

    SHARE on the moves waits for those being written, since their rows cannot be seen yet; later ones wait for us and
    then read the new meaning. The cost falls on this rare change, not on every move.
    """
    body = f"""
BEGIN
    IF {changed} THEN
        LOCK TABLE inventory_move IN SHARE MODE;
        IF EXISTS ({used}) THEN
            RAISE EXCEPTION 'ledger: {name.removeprefix("ledger_guard_")}_meaning_fixed'
                USING ERRCODE = 'integrity_constraint_violation', HINT = 'Moves already use it.';
        END IF;
    END IF;
    RETURN NEW;
END;
"""
    return Function(name, body, PLAN_SETTINGS)


GUARD_LOCATION = _guard_meaning(
    "ledger_guard_location",
    "(NEW.kind, NEW.is_outside, NEW.warehouse_id, NEW.owner_id)"
    " IS DISTINCT FROM (OLD.kind, OLD.is_outside, OLD.warehouse_id, OLD.owner_id)",
    "SELECT FROM inventory_move WHERE source_id = OLD.id UNION ALL SELECT FROM inventory_move WHERE target_id = OLD.id",
)
GUARD_LOT = _guard_meaning(
    "ledger_guard_lot",
    "(NEW.part_id, NEW.is_serial) IS DISTINCT FROM (OLD.part_id, OLD.is_serial)",
    "SELECT FROM inventory_move WHERE lot_id = OLD.id",
)
GUARD_PART = _guard_meaning(
    "ledger_guard_part",
    "(NEW.unit_id, NEW.tracking) IS DISTINCT FROM (OLD.unit_id, OLD.tracking)",
    "SELECT FROM inventory_move WHERE part_id = OLD.id",
)
GUARD_UNIT = _guard_meaning(
    "ledger_guard_unit",
    "NEW.decimal_places IS DISTINCT FROM OLD.decimal_places",
    "SELECT FROM inventory_part AS part WHERE part.unit_id = OLD.id"
    " AND EXISTS (SELECT FROM inventory_move WHERE part_id = part.id)",
)

FUNCTIONS = (APPLY_MOVES, REFUSE_CHANGE, GUARD_BALANCE, GUARD_LOCATION, GUARD_LOT, GUARD_PART, GUARD_UNIT)

_STATEMENT = "FOR EACH STATEMENT EXECUTE FUNCTION {}()"
_ROW = "FOR EACH ROW EXECUTE FUNCTION {}()"

TRIGGERS = (
    Trigger(
        "ledger_move_apply",
        "inventory_move",
        "AFTER INSERT",
        "REFERENCING NEW TABLE AS new_moves " + _STATEMENT.format(APPLY_MOVES.name),
    ),
    Trigger(
        "ledger_move_append_only",
        "inventory_move",
        "BEFORE DELETE OR UPDATE OR TRUNCATE",
        _STATEMENT.format(REFUSE_CHANGE.name),
    ),
    Trigger(
        "ledger_posting_append_only",
        "inventory_posting",
        "BEFORE DELETE OR UPDATE OR TRUNCATE",
        _STATEMENT.format(REFUSE_CHANGE.name),
    ),
    Trigger(
        "ledger_balance_guard",
        "inventory_balance",
        "BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE",
        _STATEMENT.format(GUARD_BALANCE.name),
    ),
    Trigger(
        "ledger_location_meaning",
        "inventory_location",
        "BEFORE UPDATE OF kind, is_outside, warehouse_id, owner_id",
        _ROW.format(GUARD_LOCATION.name),
    ),
    Trigger("ledger_lot_meaning", "inventory_lot", "BEFORE UPDATE OF part_id, is_serial", _ROW.format(GUARD_LOT.name)),
    Trigger(
        "ledger_part_meaning", "inventory_part", "BEFORE UPDATE OF unit_id, tracking", _ROW.format(GUARD_PART.name)
    ),
    Trigger("ledger_unit_meaning", "inventory_unit", "BEFORE UPDATE OF decimal_places", _ROW.format(GUARD_UNIT.name)),
)
