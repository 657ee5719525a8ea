"""Parts that are held without the number they now need get it at their first use (product.md 3, mode switch)."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from inventory.domain.errors import NotEnoughStock
from inventory.enums import Tracking
from spareparts.domain.consumption.lines import BadLines, UsedPart, problem_at
from spareparts.domain.opening import BadOpening, identify
from spareparts.enums import Feature
from spareparts.policies import ModePolicy
from workorders.models import User


def identified(
    lines: Sequence[UsedPart], *, engineer: User, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy
) -> Sequence[UsedPart]:
    """The lines with a lot where its number was typed for a tracked part held without one. Refused: BadLines."""
    if not policy.has(Feature.LOTS_ENFORCED):
        return lines
    found = []
    for index, line in enumerate(lines):
        text = line.lot_text.strip()
        if line.lot is not None or line.warehouse is not None or not text or line.part.tracking == Tracking.NONE:
            found.append(line)
            continue
        try:
            lot = identify(
                engineer=engineer,
                part=line.part,
                lot_code=text,
                quantity=line.quantity,
                condition=line.condition,
                by=by,
                at=at,
                key=uuid.uuid5(key, f"identify {index}"),
                policy=policy,
            )
        except (BadOpening, NotEnoughStock) as error:
            raise BadLines([problem_at(index, line, "lot", words) for words in error.messages]) from error
        found.append(replace(line, lot=lot))
    return found
