"""R1 over all services: whatever is called in whatever order, the company is what the plain model says."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from config.shared import audit, transitions
from inventory.domain import warehouses
from spareparts import policies
from spareparts.domain import machine, modes, undo
from spareparts.domain.consumption import document
from spareparts.enums import Mode
from spareparts.queries import current_policy
from tests.journeys.states.machine import CALLS, CompanyMachine
from workorders.domain import work_orders
from workorders.enums import WorkOrderStatus

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def the_modes_the_model_knows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Simple and Advanced; that Standard cannot be chosen is the refusal of a mode that is not ready."""
    unready = policies.replace(policies.STANDARD, is_ready=False)
    monkeypatch.setattr(policies, "POLICIES", {**policies.POLICIES, Mode.STANDARD: unready})
    policies.policy_for.cache_clear()
    yield
    policies.policy_for.cache_clear()


def live(lives: int, calls: int, *, seed: int | None = None, **words: Any) -> None:
    machine_of_the_run = type("CompanyMachine", (CompanyMachine,), {"_hypothesis_internal_use_seed": seed})
    run_state_machine_as_test(
        machine_of_the_run,
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
    CALLS.clear()
    live(40, 50, phases=[Phase.generate])  # what fails is told as it happened: making it short takes minutes
    never = {name for name, _is_granted in CALLS if not (CALLS[name, True] and CALLS[name, False])}
    assert sum(CALLS.values()) >= 2_000
    assert never == set(), f"only ever granted or only ever refused: {dict(CALLS)}"


@pytest.mark.soak
def test_two_hundred_thousand_calls() -> None:
    CALLS.clear()
    while sum(CALLS.values()) < 200_000:
        live(500, 100, phases=[Phase.generate], seed=sum(CALLS.values()))


# ---------------------------------------------------------------- the positive control: ten faults, ten caught
def undo_keeps_the_stock(patch: Any) -> None:
    patch.setattr(undo, "_reverse", lambda *args, **kwargs: None)


def undo_forgets_the_machine(patch: Any) -> None:
    patch.setattr(machine.Touched, "give_back", lambda self, **kwargs: None)


def undo_overlooks_later_use(patch: Any) -> None:
    patch.setattr(machine, "_later_uses", lambda *args: [])


def undo_has_no_end(patch: Any) -> None:
    patch.setattr(undo, "undo_until", lambda document, policy: document.recorded_at.replace(year=2100))


def ended_jobs_take_parts(patch: Any) -> None:
    patch.setattr(document, "OPEN_STATUSES", frozenset(WorkOrderStatus))


def parts_stay_in_the_machine(patch: Any) -> None:
    patch.setattr(machine.Exchange, "take", lambda self, *args, **kwargs: None)


def everybody_works_on_every_job(patch: Any) -> None:
    patch.setattr(work_orders, "_require_crew", lambda *args: None)


def old_pages_write(patch: Any) -> None:
    """The claim forgets to compare the version."""
    plain = transitions._claim

    def careless(document: Any, row: Any, changes: Any) -> None:
        document.version = type(document).objects.get(pk=document.pk).version
        plain(document, row, changes)

    patch.setattr(transitions, "_claim", careless)


def a_switch_is_overtaken(patch: Any) -> None:
    """An undo looks at the settings as they are now, not as the page was made with."""
    plain = undo._job_and_lines
    patch.setattr(undo, "_job_and_lines", lambda document, policy: plain(document, current_policy()))


def nothing_is_written_down(patch: Any) -> None:
    plain = audit.record

    def forgetful(verb: str, **words: Any) -> Any:
        return None if verb == "workorder.hold" else plain(verb, **words)

    patch.setattr(audit, "record", forgetful)


def the_default_may_close(patch: Any) -> None:
    patch.setattr(warehouses, "_refuse_default", lambda warehouse: None)


def the_settings_ask_nobody(patch: Any) -> None:
    """The version of the settings is not compared."""
    plain = modes._change

    def careless(verb: str, *, expected_version: int, **words: Any) -> Any:
        from spareparts.queries import current_settings

        return plain(verb, expected_version=current_settings().version, **words)

    patch.setattr(modes, "_change", careless)


FAULTS = [
    undo_keeps_the_stock, undo_forgets_the_machine, undo_overlooks_later_use, undo_has_no_end, ended_jobs_take_parts,
    parts_stay_in_the_machine, everybody_works_on_every_job, old_pages_write, a_switch_is_overtaken,
    nothing_is_written_down, the_default_may_close, the_settings_ask_nobody,
]  # fmt: skip


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught(
    fault: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch, planted_drift: None
) -> None:
    fault(monkeypatch)
    with pytest.raises((AssertionError, IntegrityError)):  # the model disagrees, or the database does
        live(100, 60, phases=[Phase.generate], print_blob=False, report_multiple_bugs=False)
