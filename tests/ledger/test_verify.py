"""The books are checked, and a broken balance is found, named and put right."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from pytest_django.fixtures import DjangoAssertNumQueries

from inventory import queries, triggers
from inventory.domain.balances import rebuild_balances
from inventory.domain.ledger import Line
from inventory.enums import Condition
from inventory.models import Balance, Location, Lot, Part, Posting
from inventory.queries import Difference
from tests.ledger.conftest import stock

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
Book = Callable[..., Posting]


@pytest.fixture
def world(
    book: Book, bearing: Part, valve: Part, valve_77: Lot, supplier: Location, shelf: Location, jana_van: Location
) -> None:
    book(Line(bearing, 10, supplier, shelf), Line(valve, 1, supplier, shelf, lot=valve_77))
    book(Line(bearing, 4, shelf, jana_van), Line(valve, 1, shelf, jana_van, lot=valve_77))
    book(Line(bearing, 2, jana_van, supplier, condition=Condition.NEW))


def run(command: str, *arguments: str) -> tuple[int, list[str]]:
    out = StringIO()
    try:
        call_command(command, *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, [*out.getvalue().splitlines(), str(error)]
    return 0, out.getvalue().splitlines()


def plant(**changes: object) -> None:
    """Change a balance as only somebody with the owner's rights could."""
    with triggers.balances_writable(connection):
        Balance.objects.filter(on_hand=6).update(**changes)


def test_right_books_verify(world: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert queries.differences() == []
    assert run("verify_ledger") == (0, ["The ledger verifies: every balance is the sum of its moves."])


def test_one_piece_too_many_is_found(world: None, bearing: Part, shelf: Location, planted_drift: None) -> None:
    plant(on_hand=F("on_hand") + 1)
    assert queries.differences() == [Difference(shelf.pk, bearing.pk, "new", None, booked=7, moved=6)]
    assert run("verify_ledger") == (
        1,
        [
            f"Vienna · Warehouse shelf · {bearing} · new: balance 7, moves add up to 6",
            "The ledger does not verify: 1 balances, 0 triggers.",
        ],
    )


def test_a_balance_in_an_outside_place_is_found(
    world: None, bearing: Part, supplier: Location, planted_drift: None
) -> None:
    with triggers.balances_writable(connection):
        Balance.objects.create(location=supplier, part=bearing, condition="new", on_hand=1)
    assert queries.differences() == [Difference(supplier.pk, bearing.pk, "new", None, booked=1, moved=0)]


def test_missing_triggers_do_not_verify(world: None, planted_drift: None) -> None:
    with transaction.atomic():
        triggers.remove(connection)
        code, said = run("verify_ledger")
        transaction.set_rollback(True)
    assert (code, "ledger_move_apply" in said[0], triggers.REMEDY in said[0]) == (1, True, True)


def test_rebuild_shows_first_and_writes_when_told(
    world: None, bearing: Part, shelf: Location, jana_van: Location, valve_77: Lot
) -> None:
    before = sorted(
        Balance.objects.values_list("location", "part", "condition", "lot", "on_hand", "is_serial"), key=str
    )
    plant(on_hand=9)
    with triggers.balances_writable(connection):
        Balance.objects.filter(lot=valve_77, on_hand=1).update(on_hand=0)
        Balance.objects.filter(lot=valve_77, location=shelf).update(on_hand=1)
        Balance.objects.filter(location=jana_van, lot=None).delete()

    assert len(queries.differences()) == 4
    shown = run("rebuild_balances")
    assert shown[0] == 0
    assert shown[1][-1] == "4 balances differ. Nothing was changed; --apply puts them right."
    assert len(queries.differences()) == 4

    assert run("rebuild_balances", "--apply")[1][-1] == "4 balances differed, 0 differ now."
    after = Balance.objects.exclude(on_hand=0, lot=valve_77)
    rows = after.values_list("location", "part", "condition", "lot", "on_hand", "is_serial")
    assert sorted(rows, key=str) == [row for row in before if row[4]]
    assert stock(jana_van) == {bearing.number: 2, "VLV-SOL-24V": 1}


def test_a_lost_balance_table_comes_back(world: None, shelf: Location, jana_van: Location) -> None:
    before = (stock(shelf), stock(jana_van))
    with triggers.balances_writable(connection):
        Balance.objects.all().delete()
    done = rebuild_balances()
    assert (len(done.before), done.after) == (3, [])
    assert (stock(shelf), stock(jana_van)) == before


def test_the_guards_are_back_after_a_rebuild(world: None) -> None:
    rebuild_balances()
    assert triggers.differences(connection) == []
    with pytest.raises(IntegrityError, match="balance_kept_by_moves"), transaction.atomic():
        Balance.objects.update(on_hand=0)


def test_a_rebuild_that_fails_leaves_the_guards_on(world: None) -> None:
    with pytest.raises(ZeroDivisionError), triggers.balances_writable(connection):
        raise ZeroDivisionError
    with pytest.raises(IntegrityError, match="balance_kept_by_moves"), transaction.atomic():
        Balance.objects.update(on_hand=0)


def test_balances_keep_their_own_rules(world: None, bearing: Part, valve: Part, valve_77: Lot, shelf: Location) -> None:
    """Each constraint refuses even what goes round the guards."""
    van = Balance.objects.get(lot=valve_77, on_hand=1)
    violations = {
        "balance_on_hand_not_negative": lambda: Balance.objects.update(on_hand=-1),
        "balance_serial_at_most_one": lambda: Balance.objects.filter(pk=van.pk).update(on_hand=2),
        "balance_serial_in_one_place|inventory_balance.lot_id": lambda: Balance.objects.filter(lot=valve_77).update(
            on_hand=1
        ),
        "balance_unique_place": lambda: Balance.objects.create(
            location=shelf, part=bearing, condition="new", on_hand=0
        ),
    }
    for name, act in violations.items():
        with pytest.raises(IntegrityError, match=name), triggers.balances_writable(connection):
            act()
