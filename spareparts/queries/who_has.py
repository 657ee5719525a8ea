"""Who has one? Me, colleagues as far as the company lets them be seen, the warehouses, and what is on the way."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from inventory.enums import Condition, LocationKind
from inventory.models import Balance, Part
from spareparts.enums import ON_THE_WAY, ColleaguesVisibility, Feature, Permission
from spareparts.models import ShipmentLine, SparepartsSettings
from spareparts.policies import ModePolicy
from spareparts.queries.holdings import engineers_visible_to
from spareparts.queries.requisitions import Available, availability
from workorders.models import User

MOST_HOLDERS = 50
MOST_SHIPMENTS = 20


@dataclass(frozen=True, slots=True)
class Holder:
    """A colleague who has some; ``quantity`` smallest steps, or None where only the name may be seen."""

    person: User
    quantity: int | None


@dataclass(frozen=True, slots=True)
class Coming:
    """``quantity`` smallest steps travel to ``where``."""

    line: ShipmentLine
    where: str
    quantity: int


@dataclass(frozen=True, slots=True)
class WhoHas:
    """``mine``: smallest steps I hold; new and repaired parts only, an old one helps nobody."""

    part: Part
    mine: int
    colleagues: list[Holder] = field(default_factory=list)
    warehouses: list[Available] = field(default_factory=list)
    coming: list[Coming] = field(default_factory=list)

    @property
    def is_nowhere(self) -> bool:
        return not (self.mine or self.colleagues or self.warehouses or self.coming)


def who_has(part: Part, *, user: User, settings: SparepartsSettings, policy: ModePolicy) -> WhoHas:
    """Where the part is, as far as ``user`` may see it. At most three statements."""
    mine, others = _in_hands(part, user)
    found = WhoHas(part, mine, _colleagues(others, user, settings))
    if policy.has(Feature.WAREHOUSE_STOCK):
        found.warehouses.extend(availability([part], user=user).get(part.pk, []))
        found.coming.extend(_coming(part, user, settings))
    return found


def _in_hands(part: Part, user: User) -> tuple[int, dict[User, int]]:
    """What the person holds, and what each of the others does whom he may see."""
    held = Balance.objects.filter(part=part, location__kind=LocationKind.ENGINEER, on_hand__gt=0)
    if user.has_perm(Permission.VIEW_HOLDINGS):
        held = held.filter(location__owner__in=engineers_visible_to(user).order_by().values("pk"))
    mine, others = 0, dict[User, int]()
    usable = held.exclude(condition=Condition.OLD).select_related("location__owner__team")
    for row in usable.order_by("location__owner__name", "pk"):
        owner: Any = row.location.owner
        if owner.pk == user.pk:
            mine += row.on_hand
        else:
            others[owner] = others.get(owner, 0) + row.on_hand
    return mine, others


def _sees(user: User, settings: SparepartsSettings) -> str:
    """The office sees quantities; engineers what the company lets them."""
    return ColleaguesVisibility.QUANTITIES if user.has_perm(Permission.VIEW_HOLDINGS) else settings.colleagues_see


def _colleagues(others: dict[User, int], user: User, settings: SparepartsSettings) -> list[Holder]:
    sees = _sees(user, settings)
    if sees == ColleaguesVisibility.NOTHING:
        return []
    is_counted = sees == ColleaguesVisibility.QUANTITIES
    found = [Holder(person, steps if is_counted else None) for person, steps in others.items()]
    if is_counted:
        found.sort(key=lambda each: (each.person.team_id != user.team_id, -(each.quantity or 0), each.person.name))
    return found[:MOST_HOLDERS]


def _coming(part: Part, user: User, settings: SparepartsSettings) -> list[Coming]:
    """What travels to a warehouse or to me; to colleagues when their quantities may be seen."""
    sees_all = _sees(user, settings) == ColleaguesVisibility.QUANTITIES
    steps: dict[tuple[int | None, int | None], tuple[ShipmentLine, str, int]] = {}
    for line in _on_the_way(part):
        shipment = line.shipment
        if shipment.destination is None and shipment.engineer_id != user.pk and not sees_all:
            continue
        where = str(shipment.destination or shipment.engineer)
        key = (shipment.destination_id, shipment.engineer_id)
        before = steps[key][2] if key in steps else 0
        steps[key] = (line, where, before + line.on_the_way)
    return [Coming(line, where, quantity) for line, where, quantity in steps.values() if quantity]


def _on_the_way(part: Part) -> QuerySet[ShipmentLine]:
    lines = ShipmentLine.objects.filter(part=part, shipment__status__in=ON_THE_WAY).exclude(condition=Condition.OLD)
    return lines.select_related("shipment__destination", "shipment__engineer").order_by("-pk")[:MOST_SHIPMENTS]
