"""What happens to a job, step by step. All steps of all jobs are played in the order of time, as they were lived."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from spareparts.demo.customers import DISPATCHER
from spareparts.demo.jobs import CAME_BACK, Job
from spareparts.demo.stage import Stage
from spareparts.demo.use import use_steps
from workorders.domain import work_orders


@dataclass(frozen=True)
class Step:
    at: datetime
    act: Callable[..., Any]


def play(stage: Stage, jobs: list[Job], others: Iterable[Step] = ()) -> None:
    """Tell every story up to now; what would happen later has not happened. Oldest first, as the ledger asks.

    ``others`` are steps that belong to no job.
    """
    steps = [step for job in jobs for step in story_of(stage, job)]
    for step in sorted([*steps, *others], key=lambda step: step.at):
        if step.at <= stage.at:
            step.act(at=step.at)


def story_of(stage: Stage, job: Job) -> Iterator[Step]:
    yield from _opening(stage, job)
    if job.planned_at is not None:
        yield from STORIES[job.story](stage, job, job.planned_at)


def _opening(stage: Stage, job: Job) -> Iterator[Step]:
    yield Step(job.created_at, partial(_open, stage, job))
    if job.lead is not None:
        yield Step(job.created_at + timedelta(minutes=stage.dice.randint(2, 40)), partial(_assign, stage, job))


def _open(stage: Stage, job: Job, *, at: datetime) -> None:
    job.work_order = work_orders.create_work_order(
        by=stage.people[DISPATCHER],
        at=at,
        customer=job.equipment.site.customer,
        site=job.equipment.site,
        equipment=job.equipment,
        type=job.row["type"],
        priority=job.row["priority"],
        description=job.row["description"],
        number=job.number,
        planned_at=job.planned_at,
    )


def _assign(stage: Stage, job: Job, *, at: datetime) -> None:
    assert job.lead is not None  # noqa: S101  a job without one has no such step
    by = stage.people[DISPATCHER]
    work_orders.assign(job.order, by=by, at=at, lead=job.lead, helpers=job.helpers, planned_at=job.planned_at)


def _nothing_yet(stage: Stage, job: Job, planned_at: datetime) -> Iterator[Step]:
    yield from ()


def _begun(stage: Stage, job: Job, planned_at: datetime) -> Iterator[Step]:
    yield _crew_step("start", job, planned_at + timedelta(minutes=stage.dice.randint(-12, 18)))
    yield from _use(stage, job, planned_at + timedelta(minutes=stage.dice.randint(35, 70)))


def _done(stage: Stage, job: Job, planned_at: datetime) -> Iterator[Step]:
    yield from _begun(stage, job, planned_at)
    yield _crew_step("complete", job, planned_at + timedelta(minutes=stage.dice.randint(85, 145)))


def _held(stage: Stage, job: Job, planned_at: datetime) -> Iterator[Step]:
    yield from _begun(stage, job, planned_at)
    yield _crew_step("hold", job, planned_at + timedelta(minutes=stage.dice.randint(85, 120)), reason=job.reason)


def _waited(stage: Stage, job: Job, planned_at: datetime) -> Iterator[Step]:
    """Put on hold on the first visit, done on a second one."""
    yield _crew_step("start", job, planned_at + timedelta(minutes=5))
    yield _crew_step("hold", job, planned_at + timedelta(minutes=50), reason=job.reason)
    again = planned_at + timedelta(days=stage.dice.choice([1, 2, 3]), minutes=stage.dice.randint(10, 60))
    yield _crew_step("resume", job, again)
    yield from _use(stage, job, again + timedelta(minutes=40))
    yield _crew_step("complete", job, again + timedelta(minutes=stage.dice.randint(85, 150)))


def _cancelled(stage: Stage, job: Job, planned_at: datetime) -> Iterator[Step]:
    cancel = partial(_cancel, stage, job)
    yield Step(planned_at - timedelta(minutes=stage.dice.randint(5, 50)), cancel)


def _reopened(stage: Stage, job: Job, planned_at: datetime) -> Iterator[Step]:
    yield from _done(stage, job, planned_at)
    again = planned_at + timedelta(days=1)
    yield Step(again, partial(_reopen, stage, job, again + timedelta(hours=3)))
    yield _crew_step("start", job, again + timedelta(hours=3, minutes=4))
    yield _crew_step("complete", job, again + timedelta(hours=4, minutes=20))


STORIES: dict[str, Callable[[Stage, Job, datetime], Iterator[Step]]] = {
    "new": _nothing_yet,
    "open": _nothing_yet,
    "started": _begun,
    "done": _done,
    "hold": _held,
    "waited": _waited,
    "cancelled": _cancelled,
    "reopened": _reopened,
}


def _use(stage: Stage, job: Job, at: datetime) -> Iterator[Step]:
    for moment, act in use_steps(stage, job, at):
        yield Step(moment, act)


def _crew_step(verb: str, job: Job, at: datetime, **facts: str) -> Step:
    return Step(at, partial(_by_lead, verb, job, facts))


def _by_lead(verb: str, job: Job, facts: dict[str, str], *, at: datetime) -> None:
    getattr(work_orders, verb)(job.order, by=job.lead, at=at, **facts)


def _cancel(stage: Stage, job: Job, *, at: datetime) -> None:
    work_orders.cancel(job.order, by=stage.people[DISPATCHER], at=at, reason=job.reason)


def _reopen(stage: Stage, job: Job, planned_at: datetime, *, at: datetime) -> None:
    assert job.lead is not None  # noqa: S101  only assigned jobs are done and reopened
    by = stage.people[DISPATCHER]
    work_orders.reopen(job.order, by=by, at=at, reason=CAME_BACK, lead=job.lead, planned_at=planned_at)
