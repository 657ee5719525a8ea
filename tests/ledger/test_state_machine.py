"""R1: every unit is in exactly one place, whatever is called in whatever order."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from inventory import queries
from inventory.domain import ledger
from inventory.domain.ledger import Line
from inventory.models import Move
from inventory.trigger_text import postgresql, sqlite
from tests.ledger.machine import LedgerMachine

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
IS_SQLITE = connection.vendor == "sqlite"


def live(lives: int, calls: int, **words: Any) -> None:
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=lives,
            stateful_step_count=calls,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            **words,
        ),
    )


def test_two_thousand_calls() -> None:
    """On PostgreSQL a quarter of them: each call waits for the server several times."""
    live(40 if IS_SQLITE else 10, 50)


@pytest.mark.soak
def test_two_hundred_thousand_calls() -> None:
    live(2000, 100)


# ---------------------------------------------------------------- the positive control: ten faults, ten caught
def change_trigger(here: str, there: str, *, change: tuple[str, str]) -> None:
    """Put a wrong text in place of ours: ``here`` becomes ``there`` on SQLite, ``change`` on PostgreSQL."""
    with connection.cursor() as cursor:
        if not IS_SQLITE:
            function = postgresql.APPLY_MOVES
            assert change[0] in function.body
            body = function.body.replace(*change)
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {function.name}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$"
            )
            return
        for trigger in (sqlite.MOVE_APPLY, sqlite.MOVE_FITS):
            if here in trigger.text:
                cursor.execute(f"DROP TRIGGER {trigger.name}")
                cursor.execute(trigger.text.replace(here, there))
                return
        raise AssertionError(here)


def nothing_comes(patch: Any) -> None:
    change_trigger("on_hand + NEW.quantity", "on_hand + 0", change=("line.change > 0", "line.change > 1000"))


def nothing_goes(patch: Any) -> None:
    change_trigger("on_hand - NEW.quantity", "on_hand - 0", change=("line.change < 0", "line.change < -1000"))


def large_moves_lose_one(patch: Any) -> None:
    change_trigger(
        "on_hand + NEW.quantity",
        "on_hand + NEW.quantity - (NEW.quantity > 6)",
        change=("+ line.change\n", "+ line.change - (line.change > 6)::int\n"),
    )


def shortages_pass(patch: Any) -> None:
    """What is missing is made from nothing."""
    change_trigger(
        "NEW.quantity > COALESCE(",
        "NEW.quantity > 1000 + COALESCE(",
        change=("+ line.change\n", "+ greatest(line.change, -balance.on_hand)\n"),
    )
    if IS_SQLITE:
        change_trigger("on_hand - NEW.quantity", "max(on_hand - NEW.quantity, 0)", change=("", ""))


def conditions_mix(patch: Any) -> None:
    if IS_SQLITE:
        change_trigger("condition = NEW.condition", "condition = 'new'", change=("", ""))
        return
    change_trigger("", "", change=("entry.condition", "'new'"))


def reversals_repeat(patch: Any) -> None:
    patch.setattr(
        ledger,
        "_opposite",
        lambda move: Line(move.part, move.quantity, move.source, move.target, move.condition, move.lot),
    )


def the_last_line_is_lost(patch: Any) -> None:
    whole = ledger._insert
    patch.setattr(ledger, "_insert", lambda posting, lines: whole(posting, lines[:-1] or lines))


def any_content_fits_the_key(patch: Any) -> None:
    patch.setattr(ledger, "_content_hash", lambda posting, lines: "0" * 64)


def only_one_shortage_is_told(patch: Any) -> None:
    whole = ledger._shortages
    patch.setattr(ledger, "_shortages", lambda lines: whole(lines)[:1])


def passing_through_is_allowed(patch: Any) -> None:
    patch.setattr(ledger, "_passes_through", lambda lines: [])


FAULTS: list[Callable[[Any], None]] = [
    nothing_comes,
    nothing_goes,
    large_moves_lose_one,
    shortages_pass,
    conditions_mix,
    reversals_repeat,
    the_last_line_is_lost,
    any_content_fits_the_key,
    only_one_shortage_is_told,
    passing_through_is_allowed,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_caught(
    fault: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch, planted_drift: None
) -> None:
    with transaction.atomic():
        fault(monkeypatch)
        with pytest.raises(Exception):  # noqa: B017, PT011  how it shows depends on the fault; that it shows is the point
            live(60, 40, phases=[Phase.generate], print_blob=False)
        transaction.set_rollback(True)
    assert Move.objects.count() == 0
    assert queries.differences() == []
