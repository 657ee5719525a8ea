"""The lines for recording use where engineers hold parts: each is a source, how many of it, and the old part."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from inventory.models import Part
from spareparts.domain.consumption import LineProblem
from spareparts.enums import OldPartAnswer
from spareparts.forms.lines import MOST_LINES, PREFIX, Catalogue, lines_factory
from spareparts.forms.use import OTHER, BaseUseFormSet, UseLineForm
from spareparts.models import ShipmentLine
from spareparts.queries.use import parts_named
from spareparts.queries.use_sources import UseSource, named_sources
from workorders.models import User, WorkOrder

LATER = "later"
OLD_CHOICES = (
    (OldPartAnswer.RETURNING, OldPartAnswer.RETURNING.label),
    (LATER, pgettext_lazy("old part", "Not taken out yet")),
    (OldPartAnswer.LEFT, OldPartAnswer.LEFT.label),
    (OldPartAnswer.NONE, OldPartAnswer.NONE.label),
)


class HeldCatalogue(Catalogue):
    """The sources a submitted form names, and the old parts typed by number."""

    def __init__(self, sources: Mapping[str, UseSource], named: Iterable[Part] = ()) -> None:
        super().__init__([*(each.part for each in sources.values()), *named])
        self.sources = dict(sources)

    @classmethod
    def of_use(
        cls, data: Mapping[str, str], user: User, *, engineer: User, work_order: WorkOrder, has_shipments: bool
    ) -> "HeldCatalogue":
        prefixes = [f"{PREFIX}-{index}" for index in range(MOST_LINES)]
        keys = {data.get(f"{each}-source", "") for each in prefixes} | {data.get("add", "")}
        typed = [
            number[:60]
            for each in prefixes
            if data.get(f"{each}-old_choice") == OTHER
            and "\x00" not in (number := data.get(f"{each}-old_part", ""))[:60]
        ]
        named = parts_named(user, ids=(), numbers=typed) if typed else []
        sources = named_sources(keys, user=user, engineer=engineer, work_order=work_order, has_shipments=has_shipments)
        return cls(sources, named)


class HeldLineForm(UseLineForm):
    """One part used out of one source."""

    source = forms.CharField(required=False, max_length=90)
    old_part_answer = forms.ChoiceField(required=False, choices=OLD_CHOICES)
    old_reason = forms.CharField(required=False, max_length=200)

    @property
    def from_source(self) -> UseSource | None:
        sources: Mapping[str, UseSource] = getattr(self.catalogue, "sources", {})
        return sources.get(self.cleaned_data.get("source", ""))

    def clean(self) -> dict[str, Any]:
        source = self.from_source
        self.cleaned_data["part"] = source.part.pk if source is not None else None
        return super().clean()

    def without_quantity(self, part: Part | None, data: dict[str, Any]) -> None:
        """Presets stand in lines that nobody used; only what was typed is missed."""
        if part is not None and data.get("old_reason"):
            self.blame("quantity", part, _("Say how many you used."))

    def read_line(self, part: Part, quantity: int, data: dict[str, Any]) -> None:
        answer, is_later = data.get("old_part_answer"), data.get("old_part_answer") == LATER
        data["old_part_answer"] = OldPartAnswer.RETURNING if is_later else answer
        super().read_line(part, quantity, data)
        source = self.from_source
        if self.line is not None and source is not None:
            self.line = replace(
                self.line,
                condition=source.condition,
                lot=source.lot,
                warehouse=source.warehouse,
                is_taken_out=not is_later,
                old_reason=data["old_reason"],
            )


class BaseHeldFormSet(BaseUseFormSet):
    """All lines; what the domain blames stands at the fields this page has."""

    @property
    def arrived(self) -> list[ShipmentLine]:
        """What is on its way to the site and used here, so it has arrived."""
        sources = [form.from_source for form in self.forms if form.line is not None]
        return [each.shipment_line for each in sources if each is not None and each.shipment_line is not None]

    def add_problems(self, problems: Iterable[LineProblem]) -> None:
        names = {"lot": "lot_text", "source": "quantity"}
        super().add_problems([replace(each, field=names.get(each.field, each.field)) for each in problems])


HeldFormSet = lines_factory(HeldLineForm, BaseHeldFormSet)
