"""Parts that are held without the number they now need get it when they go back (product.md 3, mode switch)."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from inventory.domain.errors import NotEnoughStock, SerialElsewhere
from inventory.enums import Condition, Tracking
from inventory.models import Part
from spareparts.domain.opening import BadOpening, identify
from spareparts.domain.returns.problems import BadReturn, ReturnProblem
from spareparts.enums import Feature
from spareparts.policies import ModePolicy
from workorders.models import User

if TYPE_CHECKING:
    from spareparts.domain.returns.preparing import ReturnedPart


def needs_lot(part: Part, condition: str, policy: ModePolicy) -> bool:
    """Must it say which batch or serial number it is? Old parts say so when they have one."""
    return policy.has(Feature.LOTS_ENFORCED) and part.tracking != Tracking.NONE and condition != Condition.OLD


def identified(
    parts: "Sequence[ReturnedPart]", *, engineer: User, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy
) -> "list[ReturnedPart]":
    """The parts, with a lot where its number was typed for what is held without one. Refused: BadReturn."""
    found = []
    for index, each in enumerate(parts):
        code = each.lot_code.strip()
        if each.lot is not None or not code or not needs_lot(each.part, each.condition, policy):
            found.append(each)
            continue
        facts = {"engineer": engineer, "part": each.part, "condition": each.condition, "quantity": each.quantity}
        posting = uuid.uuid5(key, f"identify {index}")
        try:
            lot = identify(lot_code=code, by=by, at=at, key=posting, policy=policy, **facts)  # type: ignore[arg-type]
        except (BadOpening, NotEnoughStock, SerialElsewhere) as error:
            sentence = _("%(part)s: %(problem)s")
            words = [sentence % {"part": each.part.number, "problem": message} for message in error.messages]
            raise BadReturn([ReturnProblem(index, each_words) for each_words in words]) from error
        found.append(replace(each, lot=lot))
    return found
