"""Hand-overs, reports, purchases and counts of engineers, made by the domain itself."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from inventory.enums import Condition
from inventory.models import Part
from spareparts.domain import counts, hand_overs, losses, purchases
from spareparts.domain.counts import CountedPart
from spareparts.domain.handed import HandedPart
from spareparts.domain.purchases import BoughtPart
from spareparts.enums import LossKind
from spareparts.models import HandOver, LocalPurchase, LossReport, StockCount
from spareparts.queries import current_policy
from tests.support.stock import personal, put
from workorders.models import User


def gives(
    engineer: User, part: Part, quantity: int = 1, *, at: datetime | None = None, condition: str = Condition.NEW
) -> None:
    """``engineer`` holds ``quantity`` smallest steps more."""
    put(personal(engineer), part, quantity, by=engineer, at=at, condition=condition)


def offered(
    sender: User, receiver: User, *parts: HandedPart | Part, at: datetime | None = None, **facts: Any
) -> HandOver:
    """``sender`` offers ``parts`` (a part alone: one of it) to ``receiver``."""
    return hand_overs.offer_hand_over(
        sender=sender,
        receiver=receiver,
        by=facts.pop("by", sender),
        at=at or timezone.now(),
        policy=facts.pop("policy", None) or current_policy(),
        parts=as_handed(parts),
        **facts,
    )


def asked(
    receiver: User, sender: User, *parts: HandedPart | Part, at: datetime | None = None, **facts: Any
) -> HandOver:
    """``receiver`` asks ``sender`` for ``parts``."""
    return hand_overs.ask_hand_over(
        receiver=receiver,
        sender=sender,
        by=facts.pop("by", receiver),
        at=at or timezone.now(),
        policy=facts.pop("policy", None) or current_policy(),
        parts=as_handed(parts),
        **facts,
    )


def accepted(document: HandOver, *, at: datetime | None = None, **facts: Any) -> HandOver:
    """The receiver takes it, all or ``quantities``."""
    hand_overs.accept_hand_over(
        document,
        by=facts.pop("by", document.receiver),
        at=at or timezone.now(),
        key=facts.pop("key", None) or uuid.uuid4(),
        policy=facts.pop("policy", None) or current_policy(),
        **facts,
    )
    return document


def moved(
    sender: User, receiver: User, *parts: HandedPart | Part, by: User, at: datetime | None = None, **facts: Any
) -> HandOver:
    """A manager moves ``parts``."""
    return hand_overs.move_holdings(
        sender=sender,
        receiver=receiver,
        by=by,
        at=at or timezone.now(),
        key=facts.pop("key", None) or uuid.uuid4(),
        policy=facts.pop("policy", None) or current_policy(),
        parts=as_handed(parts),
        reason=facts.pop("reason", "On sick leave"),
        **facts,
    )


def as_handed(parts: Sequence[HandedPart | Part]) -> list[HandedPart]:
    return [each if isinstance(each, HandedPart) else HandedPart(each, 1) for each in parts]


def lost(
    engineer: User,
    part: Part,
    quantity: int = 1,
    *,
    kind: str = LossKind.LOST,
    at: datetime | None = None,
    **facts: Any,
) -> LossReport:
    return losses.report_loss(
        engineer=engineer,
        by=facts.pop("by", engineer),
        at=at or timezone.now(),
        key=facts.pop("key", None) or uuid.uuid4(),
        policy=facts.pop("policy", None) or current_policy(),
        part=part,
        quantity=quantity,
        kind=kind,
        reason=facts.pop("reason", "Fell off the roof"),
        **facts,
    )


def bought(engineer: User, *lines: BoughtPart | Part, at: datetime | None = None, **facts: Any) -> LocalPurchase:
    return purchases.record_purchase(
        engineer=engineer,
        by=facts.pop("by", engineer),
        at=at or timezone.now(),
        key=facts.pop("key", None) or uuid.uuid4(),
        policy=facts.pop("policy", None) or current_policy(),
        supplier=facts.pop("supplier", "Hardware Prater"),
        lines=[each if isinstance(each, BoughtPart) else BoughtPart(each, 1, Decimal("9.90")) for each in lines],
        **facts,
    )


def opened(engineer: User, *, at: datetime | None = None, **facts: Any) -> StockCount:
    return counts.open_count(
        engineer=engineer,
        by=facts.pop("by", engineer),
        at=at or timezone.now(),
        policy=facts.pop("policy", None) or current_policy(),
    )


def finished(count: StockCount, *lines: CountedPart, at: datetime | None = None, **facts: Any) -> StockCount:
    counts.finish_count(
        count,
        by=facts.pop("by", count.location.owner),
        at=at or timezone.now(),
        key=facts.pop("key", None) or uuid.uuid4(),
        policy=facts.pop("policy", None) or current_policy(),
        lines=lines,
    )
    return count
