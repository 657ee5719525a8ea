"""The jobs of ninety days: what lies behind is drawn with fixed dice, what is now stands in data/now.csv."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from spareparts.demo.stage import Stage
from spareparts.demo.tables import Row, listed, read
from workorders.enums import Priority
from workorders.models import Equipment, User, WorkOrder

PAST_DAYS = 89
PAST_JOBS = {"full": 118, "small": 22}
SLOTS = ("08:00", "10:30", "13:30")
REGIONS = {"1": "Vienna", "4": "Linz", "8": "Graz"}
CANCELLED_BECAUSE = (
    "The customer found the cause himself: the main switch was off.",
    "Double call, the same fault is on another work order.",
    "The customer closes the building; the lift is taken out.",
)
WAITS_FOR = (
    "Part is ordered, comes with the night courier.",
    "The customer needs the lift for a removal, we come again.",
    "No access to the machine room, the key is missing.",
)
REASONS = {"cancelled": CANCELLED_BECAUSE, "waited": WAITS_FOR}
CAME_BACK = "The fault came back the day after."


@dataclass
class Job:
    """One job as it will be told: ``story`` names what happens to it, ``row`` the parts it takes."""

    equipment: Equipment
    row: Row
    story: str
    created_at: datetime
    planned_at: datetime | None
    lead: User | None
    helpers: list[User] = field(default_factory=list)
    reason: str = ""
    number: str = ""
    work_order: WorkOrder | None = None

    @property
    def is_past(self) -> bool:
        """Drawn with the dice, not written in data/now.csv."""
        return "story" not in self.row

    @property
    def order(self) -> WorkOrder:
        assert self.work_order is not None, "the story begins with opening the work order"  # noqa: S101
        return self.work_order


def all_jobs(stage: Stage) -> list[Job]:
    """Oldest first, numbered in that order, so that the job named in data/now.csv has the number given there."""
    now = [_job_of_now(stage, row) for row in read("now") if (row["site"], row["equipment"]) in stage.equipment]
    jobs = sorted(past_jobs(stage) + now, key=lambda job: job.created_at)
    anchor = next(index for index, job in enumerate(jobs) if job.row.get("number"))
    first = int(jobs[anchor].row["number"]) - anchor
    for number, job in enumerate(jobs, start=first):
        job.number = f"WO-{number}"
    return jobs


def _job_of_now(stage: Stage, row: Row) -> Job:
    days = stage.nearest_workday(int(row["days"])) if row["days"] else None
    opened = min(days if days is not None else 0, 0) - stage.dice.choice([1, 1, 2, 3])
    return Job(
        equipment=stage.equipment[row["site"], row["equipment"]],
        row=row,
        story=row["story"],
        created_at=stage.moment(opened, f"{stage.dice.randint(8, 16):02d}:{stage.dice.randint(0, 59):02d}"),
        planned_at=stage.moment(days, row["time"]) if days is not None else None,
        lead=stage.people[row["engineer"]] if row["engineer"] else None,
        helpers=[stage.people[name] for name in listed(row["helper"])],
        reason=row["reason"],
    )


def past_jobs(stage: Stage) -> list[Job]:
    days = [day for day in range(-PAST_DAYS, 0) if stage.is_workday(day)]
    total = PAST_JOBS["small" if stage.is_small else "full"]
    rota = _Rota(stage)
    return [_past_job(stage, rota, index=index, day=days[index * len(days) // total]) for index in range(total)]


def _past_job(stage: Stage, rota: "_Rota", *, index: int, day: int) -> Job:
    lead, slot = rota.next_free(day)
    equipment = stage.dice.choice(rota.machines[lead.team_id])
    row = rota.new_trouble(equipment)
    planned_at = stage.moment(day, slot)
    ahead = timedelta(hours=1) if row["priority"] == Priority.URGENT else timedelta(days=stage.dice.randint(1, 8))
    story = _past_story(index)
    reasons = REASONS.get(story, ("",))
    return Job(
        equipment=equipment,
        row=row,
        story=story,
        created_at=planned_at - ahead - timedelta(minutes=stage.dice.randint(3, 55)),
        planned_at=planned_at,
        lead=lead,
        helpers=rota.helpers_of(lead) if index % 6 == 2 else [],
        reason=reasons[index % len(reasons)],
    )


def _past_story(index: int) -> str:
    if index % 20 == 13:
        return "cancelled"
    if index % 9 == 4:
        return "waited"
    return "reopened" if index % 31 == 10 else "done"


def _machines_by_team(stage: Stage) -> dict[int | None, list[Equipment]]:
    """A team works where the postal code begins with its digit."""
    keys = {person.team.name: person.team_id for person in stage.people.values() if person.team is not None}
    found: dict[int | None, list[Equipment]] = {keys[name]: [] for name in REGIONS.values()}
    for equipment in stage.equipment.values():
        postal_code = equipment.site.address.rpartition(", ")[2]
        found[keys[REGIONS[postal_code[0]]]].append(equipment)
    return found


def _kinds_by_model(stage: Stage) -> dict[str, list[Row]]:
    """The jobs that can happen to a model: those whose parts it has."""
    rows = read("job_kinds")
    kinds = {row["name"]: row["kind"] for row in read("models")}
    return {
        model: [row for row in rows if row["kind"] == kind and _fits(row, stage.positions[model])]
        for model, kind in kinds.items()
    }


def _fits(row: Row, fitted: list[Row]) -> bool:
    positions = {each["position"] for each in fitted}
    return all(each.rpartition("×")[0] in positions for each in listed(row["replaces"]))


class _Rota:
    """Whose turn it is, when he is free, and what he may be sent to."""

    def __init__(self, stage: Stage) -> None:
        self.machines = _machines_by_team(stage)
        self.kinds = _kinds_by_model(stage)
        self.engineers = [person for person in stage.people.values() if person.is_engineer and person.is_active]
        stage.dice.shuffle(self.engineers)
        self.turn = count()
        self.taken: set[tuple[int, int, str]] = set()
        self.told: set[tuple[int, str]] = set()
        self.times: Counter[str] = Counter()
        self.dice = stage.dice

    def next_free(self, day: int) -> tuple[User, str]:
        while True:
            turn = next(self.turn)
            engineer = self.engineers[turn % len(self.engineers)]
            slot = SLOTS[turn // len(self.engineers) % len(SLOTS)]
            if (engineer.pk, day, slot) not in self.taken:
                self.taken.add((engineer.pk, day, slot))
                return engineer, slot

    def helpers_of(self, lead: User) -> list[User]:
        colleagues = [each for each in self.engineers if each.team_id == lead.team_id and each != lead]
        return colleagues[:1]

    def new_trouble(self, equipment: Equipment) -> Row:
        """Something the machine has not had in these months, of those that were told least."""
        kinds = self.kinds[equipment.model.name]
        fresh = [row for row in kinds if (equipment.pk, row["description"]) not in self.told] or kinds
        least = min(self.times[row["description"]] for row in fresh)
        row = self.dice.choice([row for row in fresh if self.times[row["description"]] <= least + 1])
        self.told.add((equipment.pk, row["description"]))
        self.times[row["description"]] += 1
        return row
