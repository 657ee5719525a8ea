"""The three modes as data: a mode says where the outside world begins (product.md 3).

This is the only module that names a mode. Everything else asks ``policy.features`` or walks ``policy.routes``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from types import MappingProxyType

from inventory.enums import LocationKind
from spareparts.enums import Feature, Flow, Mode

K = LocationKind
Leg = tuple[LocationKind, LocationKind]
Route = tuple[Leg, ...]
Routes = Mapping[Flow, tuple[Route, ...]]


def route(*places: LocationKind) -> Route:
    """A route through ``places``: each pair of neighbours is a leg, each leg one posting."""
    return tuple(pairwise(places))


@dataclass(frozen=True)
class ModePolicy:
    """What a mode allows. ``is_ready`` is False while its flows are still being built: it cannot be chosen.

    ``version`` and ``undo_minutes`` come from the settings row: who read the policy hands the version back when he
    posts, so that a switch of the mode cannot be overtaken.
    """

    mode: Mode | None
    routes: Routes
    is_ready: bool
    lots_enforced: bool = False
    replacement_record: bool = False
    version: int = 0
    undo_minutes: int = 10

    def allows(self, flow: Flow) -> bool:
        return bool(self.routes.get(flow))

    @cached_property
    def places(self) -> frozenset[LocationKind]:
        """All kinds of location that stock can touch."""
        return frozenset(place for ways in self.routes.values() for way in ways for leg in way for place in leg)

    @cached_property
    def features(self) -> frozenset[Feature]:
        return frozenset(feature for feature, is_on in self._feature_rules().items() if is_on)

    def has(self, feature: Feature) -> bool:
        return feature in self.features

    def _feature_rules(self) -> dict[Feature, bool]:
        return {
            Feature.CONSUMPTION: self.allows(Flow.USE),
            Feature.EQUIPMENT_BOM: self.allows(Flow.USE),
            Feature.PERSONAL_INVENTORY: K.ENGINEER in self.places,
            Feature.REQUISITION: self.allows(Flow.SUPPLY),
            Feature.RETURN: self.allows(Flow.UNUSED_BACK),
            Feature.HAND_OVER: self.allows(Flow.HAND_OVER),
            Feature.WAREHOUSE_STOCK: K.SHELF in self.places,
            Feature.SHIPMENT: any(K.TRANSIT in leg for way in self.routes.get(Flow.SUPPLY, ()) for leg in way),
            Feature.TRANSFER: self.allows(Flow.BETWEEN_WAREHOUSES),
            Feature.REPAIR: self.allows(Flow.REPAIR),
            Feature.OLD_PART_DEBT: self.allows(Flow.OLD_PART_BACK),
            Feature.LOSS_REPORT: self.allows(Flow.LOSS),
            Feature.PERSONAL_COUNT: self.allows(Flow.FOUND),
            Feature.LOCAL_PURCHASE: self.allows(Flow.LOCAL_PURCHASE),
            Feature.SERVICE_BOM: self.replacement_record,
            Feature.LOTS_ENFORCED: self.lots_enforced,
            Feature.REPLACEMENT_RECORD: self.replacement_record,
        }


def _frozen(routes: dict[Flow, tuple[Route, ...]]) -> Routes:
    return MappingProxyType(routes)


DISABLED = ModePolicy(mode=None, routes=_frozen({}), is_ready=True)

SIMPLE = ModePolicy(
    mode=Mode.SIMPLE,
    is_ready=True,
    routes=_frozen({Flow.USE: (route(K.SUPPLIER, K.CUSTOMER),)}),
)

STANDARD = ModePolicy(
    mode=Mode.STANDARD,
    is_ready=True,
    routes=_frozen(
        {
            Flow.SUPPLY: (route(K.SUPPLIER, K.ENGINEER),),
            Flow.USE: (route(K.ENGINEER, K.CUSTOMER),),
            Flow.UNUSED_BACK: (route(K.ENGINEER, K.SUPPLIER),),
            Flow.OLD_PART_OUT: (route(K.CUSTOMER, K.ENGINEER),),
            Flow.OLD_PART_BACK: (route(K.ENGINEER, K.SUPPLIER),),
            Flow.HAND_OVER: (route(K.ENGINEER, K.ENGINEER),),
            Flow.LOSS: (route(K.ENGINEER, K.ADJUSTMENT),),
            Flow.FOUND: (route(K.ADJUSTMENT, K.ENGINEER),),
            Flow.LOCAL_PURCHASE: (route(K.SUPPLIER, K.ENGINEER),),
            Flow.CONVERT: (route(K.ENGINEER, K.CONVERSION), route(K.CONVERSION, K.ENGINEER)),
        }
    ),
)

# Handed in, inspected, then onto the shelf or to scrap; what is refused goes back to the engineer.
_BACK = (
    route(K.ENGINEER, K.TRANSIT, K.SHELF),
    route(K.ENGINEER, K.TRANSIT, K.SCRAP),
    route(K.ENGINEER, K.TRANSIT, K.ENGINEER),
)

ADVANCED = ModePolicy(
    mode=Mode.ADVANCED,
    is_ready=True,
    lots_enforced=True,
    replacement_record=True,
    routes=_frozen(
        {
            Flow.SUPPLY: (
                route(K.SHELF, K.STAGING, K.ENGINEER),
                route(K.SHELF, K.STAGING, K.TRANSIT, K.ENGINEER),
                route(K.SHELF, K.STAGING, K.TRANSIT, K.SHELF),
                route(K.SHELF, K.STAGING, K.TRANSIT, K.STAGING),
                route(K.SHELF, K.ENGINEER),
            ),
            Flow.USE: (route(K.ENGINEER, K.CUSTOMER), route(K.SHELF, K.CUSTOMER)),
            Flow.UNUSED_BACK: _BACK,
            Flow.OLD_PART_OUT: (route(K.CUSTOMER, K.ENGINEER),),
            Flow.OLD_PART_BACK: _BACK,
            Flow.HAND_OVER: (route(K.ENGINEER, K.ENGINEER),),
            Flow.LOSS: (
                route(K.ENGINEER, K.ADJUSTMENT),
                route(K.SHELF, K.ADJUSTMENT),
                route(K.TRANSIT, K.ADJUSTMENT),
            ),
            Flow.FOUND: (route(K.ADJUSTMENT, K.ENGINEER), route(K.ADJUSTMENT, K.SHELF)),
            Flow.LOCAL_PURCHASE: (route(K.SUPPLIER, K.ENGINEER),),
            Flow.GOODS_IN: (route(K.SUPPLIER, K.SHELF),),
            Flow.SUPPLIER_CLAIM: (route(K.SHELF, K.SUPPLIER),),
            Flow.BETWEEN_WAREHOUSES: (route(K.SHELF, K.TRANSIT, K.SHELF),),
            Flow.REPAIR: (route(K.SHELF, K.REPAIR, K.SHELF), route(K.SHELF, K.REPAIR, K.SCRAP)),
            Flow.CONVERT: tuple(
                way for kind in (K.ENGINEER, K.SHELF) for way in (route(kind, K.CONVERSION), route(K.CONVERSION, kind))
            ),
        }
    ),
)

POLICIES: Mapping[Mode, ModePolicy] = MappingProxyType(
    {Mode.SIMPLE: SIMPLE, Mode.STANDARD: STANDARD, Mode.ADVANCED: ADVANCED}
)


@lru_cache(maxsize=64)
def policy_for(mode: str, *, is_enabled: bool, version: int = 0, undo_minutes: int = 10) -> ModePolicy:
    """The policy of the settings row: the null object when the plugin is off."""
    policy = POLICIES[Mode(mode)] if is_enabled else DISABLED
    return replace(policy, version=version, undo_minutes=undo_minutes)


def fullest_ready_mode() -> Mode:
    """The most capable mode whose flows all exist: the demo's default."""
    return [mode for mode, policy in POLICIES.items() if policy.is_ready][-1]
