"""What the demo's scenes share: the moment, the dice, and who and what is there already."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import count
from zoneinfo import ZoneInfo

from django.conf import settings

from inventory.models import Part
from spareparts.demo.tables import Row
from spareparts.policies import ModePolicy
from spareparts.queries import current_policy
from workorders.models import Equipment, User

DICE = 10411
SMALL_CUSTOMERS = 8


@dataclass
class Stage:
    """``at`` is the demo's now; every other time is told from it, in the company's time zone."""

    at: datetime
    is_small: bool = False
    dice: random.Random = field(default_factory=lambda: random.Random(DICE))
    people: dict[str, User] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    equipment: dict[tuple[str, str], Equipment] = field(default_factory=dict)
    positions: dict[str, list[Row]] = field(default_factory=dict)
    refrigerants: dict[str, str] = field(default_factory=dict)
    uses: Iterator[int] = field(default_factory=count)

    @cached_property
    def today(self) -> date:
        return self.at.astimezone(self.zone).date()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(settings.COMPANY_TIME_ZONE)

    @cached_property
    def policy(self) -> ModePolicy:
        """The policy all records are made under; read after the mode is chosen."""
        return current_policy()

    def forget_policy(self) -> None:
        """The settings were changed: the next who asks reads them again."""
        for keeper in (self, *self.people.values()):
            keeper.__dict__.pop("policy", None)

    def new_key(self) -> uuid.UUID:
        """The key of one event, the same on every run."""
        return uuid.UUID(int=self.dice.getrandbits(128), version=4)

    def next_use(self) -> int:
        return next(self.uses)

    @cached_property
    def beginning(self) -> datetime:
        """When the company set up its catalogue and people."""
        return self.moment(-200, "09:00")

    def day(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def moment(self, days: int, clock: str) -> datetime:
        """``clock`` ("09:30") on the day ``days`` after today, as the wall clock of the company shows it."""
        return datetime.combine(self.day(days), time.fromisoformat(clock), tzinfo=self.zone)

    def nearest_workday(self, days: int) -> int:
        """``days`` itself, or on a weekend the next workday away from today."""
        while days and not self.is_workday(days):
            days += 1 if days > 0 else -1
        return days

    def is_workday(self, days: int) -> bool:
        return self.day(days).weekday() < 5

    def day_months_away(self, months: int) -> date:
        """Some day of the month ``months`` before (negative) or after today's."""
        count = self.today.year * 12 + self.today.month - 1 + months
        return date(count // 12, count % 12 + 1, self.dice.randint(1, 28))
