"""A manager clears what several engineers hold: to a colleague at once, or back by a return that waits for each."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from config.shared.errors import DomainError
from config.shared.transitions import ReasonMissing
from spareparts.domain.hand_overs import move_holdings
from spareparts.domain.handed import HandedPart
from spareparts.domain.modes import policy_lock
from spareparts.domain.returns import ReturnedPart, prepare_return
from spareparts.models import HandOver, Return
from spareparts.policies import ModePolicy
from workorders.models import User


class NothingChosen(DomainError):
    """No line says how many pieces."""

    def __init__(self) -> None:
        super().__init__(_("Say how many of at least one part."))


def move_from_many(
    parts: Mapping[User, Sequence[HandedPart]],
    *,
    receiver: User,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    reason: str,
) -> list[HandOver]:
    """One hand-over from each person to ``receiver``, all or none, in one order for everybody who does this.

    Refused: NothingChosen, and all that ``move_holdings`` refuses.
    """
    if not parts:
        raise NothingChosen
    moved = []
    with policy_lock(policy.version):
        for sender in sorted(parts, key=lambda each: each.pk):
            facts = {"receiver": receiver, "by": by, "at": at, "policy": policy, "reason": reason}
            own_key = uuid.uuid5(key, f"from-{sender.pk}")
            moved.append(move_holdings(sender=sender, key=own_key, parts=parts[sender], **facts))  # type: ignore[arg-type]
    return moved


def recall_from_many(
    parts: Mapping[User, Sequence[HandedPart]], *, by: User, at: datetime, policy: ModePolicy, reason: str
) -> list[Return]:
    """A return is prepared for each person, with the reason as its note; nothing moves until it is handed over.

    Refused: NothingChosen, ReasonMissing, and all that ``prepare_return`` refuses.
    """
    if not parts:
        raise NothingChosen
    if not reason.strip():
        raise ReasonMissing
    with policy_lock(policy.version):
        return [
            prepare_return(
                engineer=engineer,
                by=by,
                at=at,
                policy=policy,
                parts=[ReturnedPart(each.part, each.quantity, each.condition, each.lot) for each in parts[engineer]],
                note=reason,
            )
            for engineer in sorted(parts, key=lambda each: each.pk)
        ]
