"""Who holds what, since when, worth how much. Ages are read from the ledger: first in, first out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from inventory.enums import Condition, LocationKind
from inventory.models import Balance, Location, Lot, Move, Part
from inventory.queries import Layer, layers
from spareparts.models.served import people_seen_by
from workorders.models import User

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Held:
    """``quantity`` smallest steps held ``since`` then; they came with the posting."""

    quantity: int
    since: datetime
    days: int
    posting_id: int


@dataclass(frozen=True, slots=True)
class Holding:
    """``quantity`` smallest steps of a part in one condition and lot in one engineer's hands.

    ``since`` and ``days`` tell of the oldest piece, ``layers`` of all, the oldest first. ``value`` is what they cost;
    an old part is worth nothing.
    """

    engineer: User
    location_id: int
    part: Part
    condition: str
    lot: Lot | None
    quantity: int
    since: datetime
    days: int
    value: Decimal
    layers: tuple[Held, ...]

    @property
    def engineer_id(self) -> int:
        return self.engineer.pk

    @property
    def is_old(self) -> bool:
        return self.condition == Condition.OLD

    @property
    def condition_words(self) -> str:
        return str(Condition(self.condition).label)

    @property
    def pieces(self) -> int:
        return pieces(self.quantity, self.part.unit.decimal_places)

    @property
    def key(self) -> str:
        """What names this holding in a form."""
        return f"{self.location_id}-{self.part.pk}-{self.condition}-{self.lot.pk if self.lot else 0}"


def pieces(quantity: int, decimal_places: int) -> int:
    """How many things to carry: what is counted counts, a length of cable or a can of oil is one piece."""
    return quantity if decimal_places == 0 else min(quantity, 1)


def value_of(part: Part, condition: str, quantity: int) -> Decimal:
    """Cost of ``quantity`` smallest steps, rounded half up to the cent; of old parts nothing."""
    if condition == Condition.OLD:
        return Decimal("0.00")
    amount = part.unit_cost * Decimal(quantity).scaleb(-part.unit.decimal_places)
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def company_zone() -> tzinfo:
    return timezone.get_default_timezone()


def days_between(since: datetime, at: datetime) -> int:
    """Midnights of the company's zone between the two."""
    return max((_day(at) - _day(since)).days, 0)


def _day(moment: datetime) -> date:
    return moment.astimezone(company_zone()).date()


# ---------------------------------------------------------------- holdings
def holdings_of(engineer: User, *, at: datetime) -> list[Holding]:
    """What ``engineer`` holds now with ages as of ``at``, the oldest first. Two statements."""
    return holdings_in(Location.objects.filter(owner=engineer), at=at)


def holdings_in(places: QuerySet[Location], *, at: datetime) -> list[Holding]:
    """What lies in the personal inventories among ``places`` now, the oldest first. Two statements for all."""
    found: dict[tuple[int, int, str, int | None], list[Layer]] = {}
    for layer in layers(places.filter(kind=LocationKind.ENGINEER)):
        found.setdefault((layer.location_id, layer.part_id, layer.condition, layer.lot_id), []).append(layer)
    if not found:
        return []
    rows = Balance.objects.filter(location__in=places, location__kind=LocationKind.ENGINEER, on_hand__gt=0)
    holdings = [
        _holding(row, row.location.owner, found.get(_key(row), []), at)
        for row in rows.select_related("part__unit", "lot", "location__owner").order_by("part__number", "pk")
        if row.location.owner is not None
    ]
    return sorted(holdings, key=lambda each: each.since)


def _key(row: Balance) -> tuple[int, int, str, int | None]:
    return row.location_id, row.part_id, row.condition, row.lot_id


def _holding(row: Balance, owner: User, arrived: list[Layer], at: datetime) -> Holding:
    """Parts that came while we were reading have no age yet: they are as young as can be."""
    by_age = sorted(arrived, key=lambda layer: layer.since)
    held = tuple(Held(each.quantity, each.since, days_between(each.since, at), each.posting_id) for each in by_age)
    return Holding(
        engineer=owner,
        location_id=row.location_id,
        part=row.part,
        condition=row.condition,
        lot=row.lot,
        quantity=row.on_hand,
        since=held[0].since if held else at,
        days=held[0].days if held else 0,
        value=value_of(row.part, row.condition, row.on_hand),
        layers=held,
    )


def held_value(engineer: User) -> Decimal:
    """What the new and repaired parts in the engineer's hands cost. One statement."""
    rows = Balance.objects.filter(location__owner=engineer, on_hand__gt=0).exclude(condition=Condition.OLD)
    values = [value_of(row.part, row.condition, row.on_hand) for row in rows.select_related("part__unit")]
    return sum(values, Decimal("0.00"))


def total_value(holdings: Iterable[Holding]) -> Decimal:
    return sum((each.value for each in holdings), Decimal("0.00"))


# ---------------------------------------------------------------- moves
def transaction_details(engineer: User) -> QuerySet[Move]:
    """Each move into and out of the engineer's inventory with what a page tells of it, the newest first."""
    places = Location.objects.filter(owner=engineer).order_by().values("pk")
    into, out_of = Move.objects.filter(target__in=places), Move.objects.filter(source__in=places)
    # A union of two index reads: an OR over both ends would read the whole ledger.
    mine = Move.objects.filter(pk__in=into.order_by().values("pk").union(out_of.order_by().values("pk")))
    related = ("posting__posted_by", "part__unit", "lot", "source__owner", "source__warehouse")
    return mine.select_related(*related, "target__owner", "target__warehouse").order_by("-pk")


# ---------------------------------------------------------------- whose holdings a person may see
def engineers_visible_to(user: Any) -> QuerySet[User]:
    """The people whose holdings the person may see."""
    return people_seen_by(user)
