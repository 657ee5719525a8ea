"""What the page for recording use shows: its lines as typed or proposed, and what the machine offers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.enums import Tracking
from inventory.models import Part
from spareparts.domain.consumption import record_consumption
from spareparts.domain.old_parts import preset_answer, preset_entry
from spareparts.enums import OldPartAnswer
from spareparts.forms.lines import PREFIX, Catalogue, key_of, step_of
from spareparts.forms.use import ENTRY, OTHER, SAME, BaseUseFormSet, UseFormSet, catalogue_of
from spareparts.models import Consumption, EquipmentPart
from spareparts.queries import use as queries
from spareparts.queries.use import Suggestion
from spareparts.views.picking import PartLine, chosen_part, found_parts, note_of, typed_lines, with_part
from workorders.models import User, WorkOrder

FIELDS = ("quantity", "lot_text", "old_part_answer", "old_choice", "old_part", "old_serial")


@dataclass
class LineView(PartLine):
    """One line of the page."""

    lot_text: str = ""
    old_part_answer: str = OldPartAnswer.NONE
    old_choice: str = SAME
    old_part: str = ""
    old_serial: str = ""

    @property
    def is_open(self) -> bool:
        """Its details stand open: something is used and there is something to say about it."""
        has_more = self.old_part_answer != OldPartAnswer.NONE or self.is_serial or self.lot_text or self.old_serial
        return bool(self.errors) or bool(self.is_used and has_more)

    @property
    def is_serial(self) -> bool:
        return self.part is not None and self.part.tracking == Tracking.SERIAL


@dataclass
class UsePage:
    """The page of one job for one person."""

    work_order: WorkOrder
    user: User
    engineer: User | None
    now: datetime
    today: date

    line_template = "spareparts/_use_line.html"
    options_template = "spareparts/_use_options.html"
    answers: ClassVar[Sequence[tuple[str, Any]]] = OldPartAnswer.choices
    empty_line: ClassVar[LineView]
    lists_held = False
    left_out = 0

    @cached_property
    def machine(self) -> list[EquipmentPart]:
        return queries.machine_parts(self.work_order)

    @property
    def old_choices(self) -> list[dict[str, Any]]:
        """Where the old part may have been: the entries of the machine."""
        return [
            {
                "value": f"{ENTRY}{entry.pk}",
                "entry": entry,
                "unit": entry.part.unit,
                "replaces": " ".join(str(pk) for pk in (entry.part_id, entry.part.superseded_by_id) if pk),
            }
            for entry in self.machine
        ]

    def proposed_lines(self) -> list[LineView]:
        """The likely parts, each with quantity zero."""
        found = queries.suggestions(self.work_order, self.engineer, self.machine, now=self.now)
        return [self.line(index, suggestion.part, note=reason_of(suggestion)) for index, suggestion in enumerate(found)]

    def line(self, index: int, part: Part, *, quantity: str = "0", note: str = "") -> LineView:
        """A fresh line for ``part`` with the presets of its rule and the machine."""
        entry = preset_entry(part, self.machine)
        return LineView(
            prefix=f"{PREFIX}-{index}",
            part=part,
            quantity=quantity,
            old_part_answer=self.answer_for(part),
            old_choice=f"{ENTRY}{entry.pk}" if entry is not None else SAME,
            note=note,
        )

    def answer_for(self, part: Part) -> str:
        return preset_answer(part, self.work_order.equipment, today=self.today).value

    # ------------------------------------------------------------ what was sent, and what is found
    def catalogue(self, data: QueryDict) -> Catalogue:
        return catalogue_of(data, self.user)

    def formset(self, data: QueryDict, catalogue: Catalogue) -> BaseUseFormSet:
        formset: BaseUseFormSet = UseFormSet(data, prefix=PREFIX, form_kwargs={"catalogue": catalogue})  # type: ignore[assignment]
        return formset

    def record(self, formset: BaseUseFormSet, **facts: Any) -> Consumption:
        """The document of what was sent; the domain refuses what cannot be."""
        return record_consumption(self.work_order, lines=formset.lines, **facts)

    def options(self, query: str) -> list[dict[str, Any]]:
        """What the picker shows of the parts found, and what their lines start with."""
        return options_for(self, found_parts(self.user, query))

    def typed_lines(self, formset: BaseUseFormSet, catalogue: Catalogue, *, with_errors: bool) -> list[LineView]:
        """The lines as they were sent, those in use first; those of removed lines are left out."""
        return typed_lines(
            formset, lambda prefix: _typed_line(prefix, formset.data, catalogue), with_errors=with_errors
        )

    def added(self, request: HttpRequest, lines: list[LineView], catalogue: Catalogue) -> list[LineView]:
        """The part of the button that was pressed without JavaScript has a line."""
        part = chosen_part(request)
        if part is None:
            return lines
        return with_part(lines, part, lambda index: self.line(index, part, quantity="1"))


def _typed_line(prefix: str, data: Any, catalogue: Catalogue) -> LineView:
    typed = {name: data.get(f"{prefix}-{name}", "") for name in FIELDS}
    part = catalogue.by_id.get(key_of(data.get(f"{prefix}-part", "")) or 0)
    return LineView(prefix=prefix, part=part, **{name: value for name, value in typed.items() if value})


def reason_of(suggestion: Suggestion) -> str:
    """Why a part is proposed, in a few words."""
    times = suggestion.times_on_model
    if times:
        return ngettext("Used once on this model", "Used %(times)s times on this model", times) % {"times": times}
    if suggestion.is_used_by_engineer:
        return _("Used lately")
    return _("In this machine")


def options_for(page: UsePage, parts: Iterable[Part]) -> list[dict[str, Any]]:
    """What the picker shows of each part, and what its line starts with."""
    return [
        {
            "id": part.pk,
            "number": part.number,
            "name": part.name,
            "unit": part.unit.code,
            "step": step_of(part.unit),
            "answer": page.answer_for(part),
            "is_serial": part.tracking == Tracking.SERIAL,
            "note": note_of(part),
        }
        for part in parts
    ]


CHOICES = {"same": SAME, "other": OTHER}
UsePage.empty_line = LineView(prefix=f"{PREFIX}-__prefix__", part=None, quantity="1")
