"""Parts in the field, engineer by engineer: how many, how old, worth how much, and whether they come back in time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, DateTimeField, ExpressionWrapper, F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.enums import Condition, LocationKind
from inventory.models import Location
from spareparts.enums import OPEN_DEBTS, OWED
from spareparts.models import OldPartDebt, ReturnLine, SparepartsSettings
from spareparts.queries.holdings import Holding, holdings_in, pieces
from workorders.models import User

LOOKED_BACK = timedelta(days=90)
LONG = 30
"""Whole days after which a part counts as held for long."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Ages from ``first`` whole days on, up to ``last`` inclusive."""

    key: str
    label: str | Promise
    tone: str
    first: int
    last: int | None

    def holds(self, days: int) -> bool:
        return self.first <= days and (self.last is None or days <= self.last)


BUCKETS = (
    Bucket("young", _("0 to 14 days"), "good", 0, 14),
    Bucket("middle", _("15 to 30 days"), "warn", 15, LONG),
    Bucket("long", _("over 30 days"), "bad", LONG + 1, None),
)


@dataclass(slots=True)
class Ages:
    """What one engineer holds and owes, added up; ``by_bucket`` counts pieces by the key of their bucket."""

    engineer: User
    by_bucket: dict[str, int] = field(default_factory=lambda: {each.key: 0 for each in BUCKETS})
    value: Decimal = Decimal("0.00")
    oldest: int = 0
    owed: int = 0

    @property
    def pieces(self) -> int:
        return sum(self.by_bucket.values())

    @property
    def long(self) -> int:
        return self.by_bucket["long"]

    def add(self, holding: Holding) -> None:
        for bucket, count in pieces_by_bucket(holding).items():
            self.by_bucket[bucket] += count
        self.value += holding.value
        self.oldest = max(self.oldest, holding.days)


def bucket_of(days: int) -> Bucket:
    return next(each for each in BUCKETS if each.holds(days))


def pieces_by_bucket(holding: Holding) -> Mapping[str, int]:
    """The pieces of a holding by age; what is measured is one piece, as old as its oldest end."""
    places = holding.part.unit.decimal_places
    if places or not holding.layers:
        return {bucket_of(holding.days).key: holding.pieces}
    found: dict[str, int] = {}
    for layer in holding.layers:
        key = bucket_of(layer.days).key
        found[key] = found.get(key, 0) + pieces(layer.quantity, places)
    return found


def holdings_of_people(people: QuerySet[User], *, at: datetime) -> list[Holding]:
    """Everything in the hands of ``people``, the oldest first. Two statements."""
    places = Location.objects.filter(kind=LocationKind.ENGINEER, owner__in=people.order_by().values("pk"))
    return holdings_in(places, at=at)


def by_engineer(people: QuerySet[User], holdings: Iterable[Holding]) -> list[Ages]:
    """One row for each of ``people`` who holds or owes something, the oldest pieces first. One statement."""
    held: dict[int, list[Holding]] = {}
    for each in holdings:
        held.setdefault(each.engineer_id, []).append(each)
    owed = Count("old_part_debts", filter=Q(old_part_debts__status__in=OWED))
    concerned = people.annotate(owed=owed).filter(Q(pk__in=held) | Q(owed__gt=0)).select_related("team")
    rows = []
    for person in concerned.order_by("name", "pk"):
        rows.append(Ages(person, owed=person.owed))
        for each in held.get(person.pk, []):
            rows[-1].add(each)
    return sorted(rows, key=lambda row: (-row.long, -row.oldest))


# ---------------------------------------------------------------- do they come back in time
@dataclass(frozen=True, slots=True)
class InTime:
    """Of the pieces returned lately, how many were back in time."""

    returned: int
    in_time: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.in_time / self.returned) if self.returned else None


def returned_in_time(people: QuerySet[User], *, settings: SparepartsSettings, at: datetime) -> InTime:
    """Lines handed back in the last ninety days whose parts were not held longer than allowed. One statement.

    A line tells since when its parts were held; those that do not say are left out.
    """
    back = ReturnLine.objects.filter(
        document__engineer__in=people.order_by().values("pk"),
        document__handed_over_at__gte=at - LOOKED_BACK,
        held_since__isnull=False,
    )
    unused = _not_longer(settings.unused_days) & ~Q(condition=Condition.OLD)
    old = _not_longer(settings.old_part_days) & Q(condition=Condition.OLD)
    found = back.aggregate(returned=Count("pk"), in_time=Count("pk", filter=unused | old))
    return InTime(found["returned"], found["in_time"])


def _not_longer(days: int) -> Q:
    """A day more than allowed is late; the hours of the day do not count against anybody."""
    limit = ExpressionWrapper(F("held_since") + timedelta(days=days + 1), output_field=DateTimeField())
    return Q(document__handed_over_at__lt=limit)


# ---------------------------------------------------------------- one engineer
def debts_of(engineer: User) -> QuerySet[OldPartDebt]:
    """His open debts, the first due first."""
    debts = OldPartDebt.objects.filter(engineer=engineer, status__in=OPEN_DEBTS)
    return debts.select_related("part__unit", "lot", "line__consumption__work_order").order_by("due_on", "pk")


def value_at_risk(debts: Iterable[OldPartDebt]) -> Decimal:
    """What the old parts he still owes are worth to the company."""
    return sum((debt.value for debt in debts if debt.status in OWED), Decimal("0.00"))
