"""What the page of one return shows: how far it is, what became of each line, and what may be done now."""

import io
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import segno
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.transitions import Transition, available
from config.shared.verbs import in_words
from spareparts.domain.returns import check_in
from spareparts.domain.returns.moving import goes_to_a_desk
from spareparts.enums import RETURN_TRANSITIONS, Feature, Permission, ReturnMethod, ReturnStatus
from spareparts.models import Return, ReturnLine
from spareparts.policies import ModePolicy
from spareparts.queries import returns as queries
from workorders.models import User

S = ReturnStatus


@dataclass
class ReturnPage:
    document: Return
    user: User
    policy: ModePolicy
    now: datetime

    @cached_property
    def lines(self) -> list[ReturnLine]:
        return queries.lines_shown(self.document)

    @property
    def is_his(self) -> bool:
        return self.document.engineer_id == self.user.pk

    @property
    def has_desk(self) -> bool:
        return self.policy.has(Feature.RETURN) and goes_to_a_desk(self.policy)

    @cached_property
    def verbs(self) -> dict[str, Transition]:
        """What the person may do now, by verb: his own return, or the desk's."""
        rows = available(self.document, RETURN_TRANSITIONS, by=self.user)
        own = {"edit", "hand_over", "cancel"}
        return {row.verb: row for row in rows if (row.verb in own) == (row.permission == Permission.RETURN_PARTS)}

    @property
    def may_edit(self) -> bool:
        return self.is_his and "edit" in self.verbs

    @property
    def may_hand_over(self) -> bool:
        return self.is_his and "hand_over" in self.verbs

    @property
    def brings_it(self) -> bool:
        """He carries it to a desk, which takes it in: there is nothing to press before."""
        return self.has_desk and self.is_his and self.document.method == ReturnMethod.HAND_IN

    @property
    def may_check_in(self) -> bool:
        """The desk's button. Of his own return the page behind it says who else has to do it."""
        return "check_in" in self.verbs

    @property
    def may_undo(self) -> bool:
        return self.document.status == S.CHECKED_IN and self.user.has_perm(Permission.CHECK_IN_RETURN)

    @property
    def undoes_at_once(self) -> bool:
        row = check_in.undo_row(self.document, by=self.user, at=self.now, policy=self.policy)
        return self.may_undo and not row.needs_reason

    @cached_property
    def steps(self) -> list[dict[str, Any]]:
        """Prepared → Handed over → Checked in, like a parcel."""
        if self.document.status == S.CANCELLED:
            return []
        order = [S.PREPARED, S.HANDED_OVER, S.CHECKED_IN]
        reached = order.index(S(self.document.status))
        is_done = self.document.status == S.CHECKED_IN
        return [
            {
                "label": status.label,
                "state": "done" if index < reached or is_done else "current" if index == reached else "todo",
            }
            for index, status in enumerate(order)
        ]

    @property
    def has_open_questions(self) -> bool:
        return any(each.status == "open" for line in self.lines for each in line.discrepancies.all())

    @property
    def refused_something(self) -> bool:
        return any(line.refused for line in self.lines)

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        found = audit.events_of(self.document)[:20]
        return [
            {"title": in_words(each.verb), "at": each.at, "by": each.actor, "text": _text(each), "icon": "check"}
            for each in found
        ]


def _text(event: Any) -> str:
    shrunk = event.details.get("shrunk") or []
    words = [_("%(part)s became less: the rest was no longer there.") % {"part": each["part"]} for each in shrunk]
    return "\n".join([event.reason, *words]).strip()


def qr_svg(text: str) -> SafeString:
    """The code as an inline picture, without a style of its own."""
    target = io.BytesIO()
    segno.make(text, error="m").save(
        target, kind="svg", xmldecl=False, svgns=True, svgclass="qr", lineclass=None, border=2, omitsize=True
    )
    return mark_safe(target.getvalue().decode())  # noqa: S308  drawn by us
