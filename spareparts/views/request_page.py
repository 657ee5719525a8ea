"""What the page for asking shows: its lines as typed or proposed, what lies free, and what may stand in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.shared.templatetags.shared import quantity as in_words
from inventory.models import Part
from spareparts.enums import Feature
from spareparts.forms.lines import PREFIX, Catalogue, key_of, typed_quantity
from spareparts.forms.requisitions import AskedFormSet, BaseAskedFormSet, RequestForm, facts_of
from spareparts.models import Requisition
from spareparts.queries.asking import Proposal, proposals, stand_ins
from spareparts.queries.requisitions import Available, availability
from spareparts.views.picking import PartLine, note_of, typed_lines, with_part
from workorders.models import User, WorkOrder
from workorders.views.acting import person


@dataclass
class AskLine(PartLine):
    """One line of the page. ``free`` says where how much lies free; ``others`` may be asked for instead."""

    free: str = ""
    is_short: bool = False
    others: list["StandIn"] = field(default_factory=list)


@dataclass(frozen=True)
class StandIn:
    """A part to ask for instead, and what of it lies free."""

    part: Part
    free: str


@dataclass
class RequestPage:
    """The page of a new request or of a draft."""

    request: HttpRequest
    now: datetime
    job: WorkOrder | None = None
    part: Part | None = None
    draft: Requisition | None = None

    @property
    def user(self) -> User:
        return person(self.request)

    @cached_property
    def engineer(self) -> User | None:
        """For whom parts are proposed: himself, or the job's lead when the office asks."""
        if self.draft is not None:
            return self.draft.engineer
        return self.user if self.user.is_engineer or self.job is None else self.job.lead

    def form(self, data: QueryDict | None = None, *, typed: QueryDict | None = None) -> RequestForm:
        """The questions beside the lines: bound to ``data``, or only showing what was ``typed``, or fresh."""
        initial = facts_of(self.draft) if self.draft is not None else {}
        if typed is not None:
            initial = {name: typed.get(name) for name in RequestForm.base_fields}
        facts = {"by": self.user, "now": self.now, "policy": self.request.policy, "job": self.job}
        return RequestForm(data, **facts, is_draft=self.draft is not None, initial=initial)

    def formset(self, data: QueryDict, catalogue: Catalogue) -> BaseAskedFormSet:
        return AskedFormSet(data, prefix=PREFIX, form_kwargs={"catalogue": catalogue})

    # ------------------------------------------------------------ lines
    def first_lines(self) -> list[AskLine]:
        """A draft's lines, then what is likely wanted with quantity zero."""
        lines = self._draft_lines()
        if self.part is not None and self.part.is_listed:
            lines = self.added(lines, self.part)
        known = {line.part.pk for line in lines if line.part is not None}
        likely = [each for each in proposals(self.job, self.engineer, now=self.now) if each.part.pk not in known]
        return [
            *lines,
            *(_line(len(lines) + index, each.part, note=reason_of(each)) for index, each in enumerate(likely)),
        ]

    def _draft_lines(self) -> list[AskLine]:
        if self.draft is None:
            return []
        rows = self.draft.lines.select_related("part__unit", "part__superseded_by__unit").order_by("pk")
        return [
            _line(index, row.part, quantity=typed_quantity(row.quantity, row.part.unit))
            for index, row in enumerate(rows)
        ]

    def typed_lines(self, formset: BaseAskedFormSet, catalogue: Catalogue, *, with_errors: bool) -> list[AskLine]:
        def read(prefix: str) -> AskLine:
            part = catalogue.by_id.get(key_of(formset.data.get(f"{prefix}-part", "")) or 0)
            return AskLine(prefix=prefix, part=part, quantity=formset.data.get(f"{prefix}-quantity", "") or "0")

        return typed_lines(formset, read, with_errors=with_errors)

    def added(self, lines: list[AskLine], part: Part) -> list[AskLine]:
        """``part`` chosen without JavaScript."""
        return with_part(lines, part, lambda index: _line(index, part, quantity="1"))

    def completed(self, lines: Sequence[AskLine]) -> None:
        """Say at each line what lies free and what may stand in; three statements for all."""
        parts = [line.part for line in lines if line.part is not None]
        others = stand_ins(parts)
        free = self.free([*parts, *(each for found in others.values() for each in found)])
        for line in lines:
            if line.part is not None:
                line.free = self.free_words(line.part, free)
                line.is_short = self.shows_stock and not free.get(line.part.pk)
                line.others = [StandIn(each, self.free_words(each, free)) for each in others.get(line.part.pk, ())]

    # ------------------------------------------------------------ stock
    @property
    def shows_stock(self) -> bool:
        return bool(self.request.policy.has(Feature.WAREHOUSE_STOCK))

    def free(self, parts: Iterable[Part]) -> dict[int, list[Available]]:
        return availability(parts, user=self.user) if self.shows_stock else {}

    def free_words(self, part: Part, free: dict[int, list[Available]]) -> str:
        """ "Vienna 3 free · Graz 1 free"; nothing where no warehouse stock is kept."""
        if not self.shows_stock:
            return ""
        found = [
            _("%(warehouse)s %(quantity)s free")
            % {"warehouse": each.warehouse, "quantity": in_words(each.free, part.unit)}
            for each in free.get(part.pk, ())
        ]
        return " · ".join(found) or _("None free now")

    def options(self, parts: Sequence[Part]) -> list[dict[str, Any]]:
        """What the picker shows of each part, and what its line starts with."""
        free = self.free(parts)
        return [
            {
                "id": part.pk,
                "number": part.number,
                "name": part.name,
                "unit": part.unit.code,
                "step": AskLine("", part).step,
                "note": note_of(part),
                "free": self.free_words(part, free),
            }
            for part in parts
        ]


def _line(index: int, part: Part, *, quantity: str = "0", note: str = "") -> AskLine:
    return AskLine(prefix=f"{PREFIX}-{index}", part=part, quantity=quantity, note=note)


def reason_of(proposal: Proposal) -> str:
    """Why a part is proposed, in a few words."""
    part = proposal.part
    if proposal.suggested:
        words = {"quantity": in_words(proposal.suggested, part.unit), "unit": part.unit.code}
        return _("Suggested for this machine: %(quantity)s %(unit)s") % words
    if proposal.stands_for is not None:
        return _("Replaces %(part)s") % {"part": proposal.stands_for.number}
    times = proposal.times_on_model
    if times:
        return ngettext("Used once on this model", "Used %(times)s times on this model", times) % {"times": times}
    times = proposal.times_by_engineer
    return ngettext("Used once lately", "Used %(times)s times lately", times) % {"times": times}


EMPTY_LINE = AskLine(prefix=f"{PREFIX}-__prefix__", part=None, quantity="1")
