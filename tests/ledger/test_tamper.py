"""The ledger is append-only, whoever asks and however (R3): ten routes, each on both engines, none succeeds."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse

from inventory import triggers
from inventory.domain.ledger import Line
from inventory.enums import Condition
from inventory.models import Balance, Location, Lot, Move, Part, Posting, Unit
from tests.factories.inventory import UnitFactory
from tests.ledger.conftest import MONDAY, stock
from workorders.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
Book = Callable[..., Posting]
IS_SQLITE = connection.vendor == "sqlite"


@pytest.fixture
def posting(book: Book, bearing: Part, supplier: Location, jana_van: Location) -> Posting:
    return book(Line(bearing, 5, supplier, jana_van))


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Posting, Move, Balance)]


def sql(statement: str, *parameters: object) -> Callable[[Posting], object]:
    def run(posting: Posting) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)

    return run


def save_again(posting: Posting) -> None:
    move = posting.moves.get()
    move.quantity = 50
    move.save()


def bulk_update(posting: Posting) -> None:
    moves = list(posting.moves.all())
    for move in moves:
        move.quantity = 50
    Move.objects.bulk_update(moves, ["quantity"])


def upsert(posting: Posting) -> None:
    move = posting.moves.get()
    move.quantity = 50
    Move.objects.bulk_create([move], update_conflicts=True, update_fields=["quantity"], unique_fields=["id"])


def replace_or_truncate(posting: Posting) -> None:
    """The widest stroke of each engine."""
    if IS_SQLITE:
        sql(
            "REPLACE INTO inventory_move"
            " (id, posting_id, part_id, condition, quantity, source_id, target_id, held_since)"
            " SELECT id, posting_id, part_id, condition, 50, source_id, target_id, held_since FROM inventory_move"
        )(posting)
    else:
        sql("SET CONSTRAINTS ALL IMMEDIATE")(posting)  # else the server refuses for a reason of its own
        sql("TRUNCATE inventory_move, inventory_posting, inventory_balance CASCADE")(posting)


def change_a_balance(posting: Posting) -> None:
    Balance.objects.update(on_hand=F("on_hand") + 1)


def invent_a_balance(posting: Posting) -> None:
    row = Balance.objects.get()
    Balance.objects.create(location=row.location, part=row.part, condition=Condition.OLD, on_hand=50)


ROUTES: dict[str, Callable[[Posting], object]] = {
    "ORM update of a move": lambda posting: posting.moves.update(quantity=50),
    "ORM update of a posting": lambda posting: Posting.objects.filter(pk=posting.pk).update(reference="X"),
    "ORM delete": lambda posting: posting.moves.all().delete(),
    "save of a loaded move": save_again,
    "bulk_update": bulk_update,
    "upsert": upsert,
    "raw UPDATE": sql("UPDATE inventory_move SET quantity = 50"),
    "raw DELETE": sql("DELETE FROM inventory_move"),
    "REPLACE or TRUNCATE": replace_or_truncate,
    "balance changed": change_a_balance,
    "balance invented": invent_a_balance,
    "balance deleted": lambda posting: Balance.objects.all()._raw_delete("default"),
}


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES.keys())
def test_no_route_changes_the_past(posting: Posting, route: Callable[[Posting], object]) -> None:
    before = everything()
    with pytest.raises(IntegrityError, match=r"ledger: (append_only|balance_kept_by_moves)"), transaction.atomic():
        route(posting)
    assert everything() == before


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES.keys())
def test_without_the_triggers_every_route_would_succeed(
    posting: Posting, route: Callable[[Posting], object], planted_drift: None
) -> None:
    """The positive control: it is the triggers that refuse, and nothing else."""
    before = everything()
    with transaction.atomic():
        triggers.remove(connection)
        route(posting)
        assert everything() != before
        transaction.set_rollback(True)


@pytest.mark.parametrize("model", ["posting", "move", "balance", "lot", "location"])
@pytest.mark.parametrize("person", ["ada", "oskar"])
def test_the_admin_only_shows(
    posting: Posting, as_user: Callable[[User], Client], request: pytest.FixtureRequest, model: str, person: str
) -> None:
    client = as_user(request.getfixturevalue(person))
    before, first = everything(), {"posting": Posting, "move": Move, "balance": Balance, "location": Location}
    key = first[model].objects.first().pk if model in first else 1
    listing, adding = reverse(f"admin:inventory_{model}_changelist"), reverse(f"admin:inventory_{model}_add")

    assert client.get(listing).status_code == 200
    assert client.post(adding, {"quantity": 50, "on_hand": 50}).status_code == 403
    if model in first:
        change = reverse(f"admin:inventory_{model}_change", args=[key])
        assert client.get(change).status_code == 200
        assert client.post(change, {"quantity": 50, "on_hand": 50, "reference": "X"}).status_code == 403
        delete = reverse(f"admin:inventory_{model}_delete", args=[key])
        assert client.post(delete, {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [key], "post": "yes"}
    client.post(listing, action)
    assert everything() == before


# ---------------------------------------------------------------- doors left open by an INSERT
def insert_move(posting: Posting, rule: str, **changes: object) -> None:
    """A move by hand, under a conflict rule of the person's choice."""
    move = posting.moves.get()
    row = {
        "posting_id": posting.pk,
        "part_id": move.part_id,
        "condition": "new",
        "lot_id": None,
        "quantity": 1,
        "source_id": move.source_id,
        "target_id": move.target_id,
        "held_since": "2026-11-23 08:00:00+00:00",
    } | changes
    marks = ", ".join(["%s"] * len(row))
    suffix = "" if IS_SQLITE else {"IGNORE": " ON CONFLICT DO NOTHING"}.get(rule, "")
    word = f"INSERT OR {rule}" if IS_SQLITE else "INSERT"
    with connection.cursor() as cursor:
        cursor.execute(f"{word} INTO inventory_move ({', '.join(row)}) VALUES ({marks}){suffix}", list(row.values()))


RULES = ["ABORT", "IGNORE", "REPLACE", "FAIL"]


@pytest.mark.parametrize("rule", RULES)
def test_a_move_by_hand_is_kept_with_its_balance(posting: Posting, jana_van: Location, rule: str) -> None:
    insert_move(posting, rule, quantity=3)
    assert stock(jana_van) == {"BRG-6204-2RS": 8}


@pytest.mark.parametrize("rule", RULES)
def test_a_shortage_by_hand_is_refused(posting: Posting, jana_van: Location, rule: str) -> None:
    move = posting.moves.get()
    with pytest.raises(IntegrityError, match="balance_on_hand_not_negative"), transaction.atomic():
        insert_move(posting, rule, quantity=6, source_id=move.target_id, target_id=move.source_id)
    assert (Move.objects.count(), stock(jana_van)) == (1, {"BRG-6204-2RS": 5})


@pytest.mark.parametrize("rule", RULES)
def test_a_second_place_for_a_serial_number_by_hand_is_refused(
    posting: Posting, book: Book, valve: Part, valve_77: Lot, supplier: Location, tom_van: Location, rule: str
) -> None:
    book(Line(valve, 1, supplier, tom_van, lot=valve_77))
    before = everything()
    with pytest.raises(IntegrityError, match="balance_serial_in_one_place"), transaction.atomic():
        insert_move(posting, rule, part_id=valve.pk, lot_id=valve_77.pk)
    assert everything() == before


@pytest.mark.parametrize("rule", RULES)
def test_a_misfit_lot_by_hand_is_refused(
    posting: Posting, bearing: Part, valve: Part, valve_77: Lot, rule: str
) -> None:
    misfits = [
        {"lot_id": valve_77.pk},
        {"lot_id": valve_77.pk, "part_id": valve.pk, "quantity": 2},
        {"lot_id": Lot.objects.create(part=bearing, code="B", is_serial=False).pk},
        {"lot_id": Lot.objects.create(part=valve, code="V", is_serial=False).pk, "part_id": valve.pk},
    ]
    for misfit in misfits:
        with pytest.raises(IntegrityError, match="move_lot_fits"), transaction.atomic():
            insert_move(posting, rule, **misfit)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"quantity": 0}, "move_quantity_positive"),
        ({"quantity": -3}, "move_quantity_positive"),
        ({"quantity": 10**12 + 1}, "move_quantity_imaginable"),
        ({"condition": "shiny"}, "move_condition_known"),
    ],
)
def test_an_impossible_move_is_refused(posting: Posting, changes: dict[str, object], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        insert_move(posting, "ABORT", **changes)


def test_a_move_goes_somewhere(posting: Posting, supplier: Location) -> None:
    with pytest.raises(IntegrityError, match="move_goes_somewhere"), transaction.atomic():
        insert_move(posting, "ABORT", target_id=supplier.pk)


@pytest.mark.skipif(not IS_SQLITE, reason="only SQLite has no types")
def test_a_quantity_is_a_whole_number(posting: Posting) -> None:
    for quantity in (1.5, "many"):
        with pytest.raises(IntegrityError, match="move_quantity_positive"), transaction.atomic():
            insert_move(posting, "ABORT", quantity=quantity)


def test_a_posting_is_not_its_own_reversal_and_has_a_known_reason(jana: User) -> None:
    words = {"reference": "X", "posted_at": MONDAY, "posted_by": jana}
    with pytest.raises(IntegrityError, match="posting_reason_known"), transaction.atomic():
        Posting.objects.create(reason="magic", **words)
    with pytest.raises(IntegrityError, match="posting_not_its_own_reversal"), transaction.atomic():
        Posting.objects.create(pk=7, reverses_id=7, reason="reversal", **words)


@pytest.mark.parametrize("clash", ["id", "key", "reverses_id"])
def test_a_posting_is_not_replaced(posting: Posting, jana: User, clash: str) -> None:
    undo = Posting.objects.create(reason="reversal", reference="U", posted_at=MONDAY, posted_by=jana, reverses=posting)
    fresh = Posting.objects.create(reason="count", reference="F", posted_at=MONDAY, posted_by=jana)
    before = everything()
    values = Posting.objects.filter(pk=fresh.pk).values().get() | {"id": 999, "key": "00" * 16}
    values |= {"reason": "reversal", "reverses_id": fresh.pk} | {
        clash: getattr(undo, clash).hex if clash == "key" else getattr(undo, clash)
    }
    word = "INSERT OR REPLACE" if IS_SQLITE else "INSERT"
    statement = f"{word} INTO inventory_posting ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            statement, [str(value) if clash and name == "posted_at" else value for name, value in values.items()]
        )
    assert everything() == before


# ---------------------------------------------------------------- what a move means stays what it meant
def rename(model: Any, **changes: object) -> Callable[[], object]:
    return lambda: model.objects.update(**changes)


def test_what_a_used_row_means_cannot_change(
    book: Book,
    posting: Posting,
    bearing: Part,
    valve: Part,
    valve_77: Lot,
    supplier: Location,
    jana_van: Location,
    tom_van: Location,
    tom: User,
) -> None:
    book(Line(valve, 1, supplier, tom_van, lot=valve_77))
    litre = UnitFactory(code="hose", name="hose", decimal_places=1)
    place, part, lot = (model.objects.filter for model in (Location, Part, Lot))
    changes = {
        "location_meaning_fixed": [
            lambda: place(pk=supplier.pk).update(kind="customer"),
            lambda: place(pk=jana_van.pk).update(is_outside=True),
            lambda: place(pk=jana_van.pk).update(owner=tom),
        ],
        "lot_meaning_fixed": [
            lambda: lot(pk=valve_77.pk).update(is_serial=False),
            lambda: lot(pk=valve_77.pk).update(part=bearing),
        ],
        "part_meaning_fixed": [
            lambda: part(pk=bearing.pk).update(unit=litre),
            lambda: part(pk=bearing.pk).update(tracking="batch"),
        ],
        "unit_meaning_fixed": [lambda: Unit.objects.filter(pk=bearing.unit_id).update(decimal_places=2)],
    }
    for name, ways in changes.items():
        for change in ways:
            with pytest.raises(IntegrityError, match=name), transaction.atomic():
                change()


def test_what_nobody_used_may_change(bearing: Part, valve_77: Lot, tom_van: Location, jana: User) -> None:
    litre = UnitFactory(code="hose", name="hose", decimal_places=1)
    assert Location.objects.filter(pk=tom_van.pk).update(owner=jana) == 1
    assert Lot.objects.filter(pk=valve_77.pk).update(is_serial=False) == 1
    assert Part.objects.filter(pk=bearing.pk).update(unit=litre, tracking="batch") == 1
    assert Unit.objects.filter(pk=litre.pk).update(decimal_places=2) == 1


def test_other_fields_of_used_rows_may_change(posting: Posting, bearing: Part) -> None:
    assert Part.objects.filter(pk=bearing.pk).update(name="Bearing", unit=bearing.unit, tracking="none") == 1
    assert Unit.objects.filter(pk=bearing.unit_id).update(name="pieces", decimal_places=0) == 1


@pytest.mark.skipif(not IS_SQLITE, reason="REPLACE is SQLite's")
def test_replace_does_not_walk_round_the_meaning(
    book: Book, posting: Posting, valve: Part, valve_77: Lot, supplier: Location, tom_van: Location, karl: User
) -> None:
    book(Line(valve, 1, supplier, tom_van, lot=valve_77))
    changes = {
        "inventory_location": ("owner_id", str(karl.pk), tom_van.pk),
        "inventory_lot": ("is_serial", "NOT is_serial", valve_77.pk),
        "inventory_part": ("tracking", "'batch'", valve.pk),
        "inventory_unit": ("decimal_places", "3", valve.unit_id),
    }
    for table, (changed, value, key) in changes.items():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            columns = [column[0] for column in cursor.description]
        picked = ", ".join(value if column == changed else column for column in columns)
        statement = f"REPLACE INTO {table} ({', '.join(columns)}) SELECT {picked} FROM {table} WHERE id = {key}"
        with pytest.raises(IntegrityError, match="meaning_fixed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
