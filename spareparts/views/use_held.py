"""The page for recording use where engineers hold parts: a stepper for each thing held, the parts of this job first."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from config.shared.templatetags.shared import format_quantity
from inventory.enums import Condition, OldPartRule, Tracking
from inventory.models import Part, Warehouse
from spareparts import queries
from spareparts.domain.old_parts import preset_answer, preset_entry
from spareparts.domain.receive_and_use import receive_and_use
from spareparts.enums import Feature, OldPartAnswer
from spareparts.forms.lines import PREFIX, Catalogue, step_of, typed_quantity
from spareparts.forms.use import ENTRY, SAME, BaseUseFormSet
from spareparts.forms.use_held import OLD_CHOICES, BaseHeldFormSet, HeldCatalogue, HeldFormSet
from spareparts.models import Consumption
from spareparts.policies import ModePolicy
from spareparts.queries.use import warehouses_to_draw_from
from spareparts.queries.use_sources import (
    MOST_HELD,
    UseSource,
    coming_sources,
    found_sources,
    held_sources,
    sources_of_job,
)
from spareparts.views.picking import next_index, typed_lines
from spareparts.views.use_page import FIELDS, LineView, UsePage
from workorders.models import User


@dataclass
class HeldLine(LineView):
    """One line: a source, and how many of it."""

    source: str = ""
    where: str = ""
    most: str = ""
    lot_code: str = ""
    kind: str = ""
    needs_lot: bool = False
    old_reason: str = ""

    @property
    def is_open(self) -> bool:
        """A part that is used and may leave an old one, or that needs a number, stands open."""
        has_more = self.old_part_answer != OldPartAnswer.NONE or self.needs_lot or self.old_reason
        return bool(self.errors) or bool(self.is_used and has_more)

    @property
    def asks_at_once(self) -> bool:
        """Its details open when it is used."""
        return self.old_part_answer != OldPartAnswer.NONE or self.needs_lot


@dataclass
class HeldPage(UsePage):
    """The page of one job for one engineer and what he holds."""

    policy: ModePolicy
    left_out: int = 0

    line_template = "spareparts/_use_held_line.html"
    options_template = "spareparts/_use_held_options.html"
    answers = OLD_CHOICES
    lists_held = True

    @property
    def who(self) -> User:
        return self.engineer or self.user

    @property
    def is_own(self) -> bool:
        return self.who.pk == self.user.pk

    @cached_property
    def company_rule(self) -> str:
        if not self.policy.has(Feature.OLD_PART_DEBT):
            return OldPartRule.NEVER
        return queries.current_settings().old_part_default

    @cached_property
    def warehouses(self) -> list[Warehouse]:
        return list(warehouses_to_draw_from(self.who, by=self.user, policy=self.policy))

    def answer_for(self, part: Part) -> str:
        equipment = self.work_order.equipment
        return preset_answer(part, equipment, today=self.today, company_rule=self.company_rule).value

    def proposed_lines(self) -> list[LineView]:
        """All he holds, the parts of this job first, each with quantity zero."""
        held = held_sources(self.who)
        of_job = sources_of_job(self.work_order, self.who, held) if held else set()
        if self.has_shipments:
            coming = coming_sources(self.work_order, self.who)
            of_job |= {each.key for each in coming}
            held = [*coming, *held]
        ordered = sorted(held, key=lambda each: each.key not in of_job)
        self.left_out = max(len(ordered) - MOST_HELD, 0)
        words = _("For this job")
        return [
            self.source_line(index, source, note=words if source.key in of_job else "")
            for index, source in enumerate(ordered[:MOST_HELD])
        ]

    def source_line(self, index: int, source: UseSource, *, quantity: str = "0", note: str = "") -> HeldLine:
        """A fresh line for ``source`` with the presets of its part and the machine."""
        entry = preset_entry(source.part, self.machine)
        return HeldLine(
            prefix=f"{PREFIX}-{index}",
            part=source.part,
            quantity=quantity,
            old_part_answer=self.answer_for(source.part),
            old_choice=f"{ENTRY}{entry.pk}" if entry is not None else SAME,
            note=note,
            **self.facts_of(source),
        )

    def facts_of(self, source: UseSource) -> dict[str, Any]:
        tracked = source.part.tracking != Tracking.NONE
        return {
            "source": source.key,
            "where": self.where(source),
            "most": typed_quantity(source.on_hand, source.part.unit) if source.warehouse is None else "",
            "lot_code": source.lot.code if source.lot is not None else "",
            "kind": "" if source.condition == Condition.NEW else str(Condition(source.condition).label),
            "needs_lot": tracked and source.lot is None and self.policy.has(Feature.LOTS_ENFORCED),
        }

    def where(self, source: UseSource) -> str:
        """ "You hold 6 pc"."""
        amount = f"{format_quantity(source.on_hand, source.part.unit.decimal_places)} {source.part.unit.code}"
        if source.shipment_line is not None:
            words = {"shipment": source.shipment_line.shipment, "amount": amount}
            return _("%(amount)s on the way to the site (%(shipment)s)") % words
        if source.warehouse is not None:
            return _("%(warehouse)s has %(amount)s") % {"warehouse": source.warehouse, "amount": amount}
        if self.is_own:
            return _("You hold %(amount)s") % {"amount": amount}
        return _("%(person)s holds %(amount)s") % {"person": self.who, "amount": amount}

    # ------------------------------------------------------------ what was sent
    def catalogue(self, data: QueryDict) -> HeldCatalogue:
        return HeldCatalogue.of_use(
            data, self.user, engineer=self.who, work_order=self.work_order, has_shipments=self.has_shipments
        )

    @property
    def has_shipments(self) -> bool:
        return self.policy.has(Feature.SHIPMENT)

    def record(self, formset: BaseUseFormSet, **facts: Any) -> Consumption:
        """What was on its way to the site is received first."""
        arrived = formset.arrived if isinstance(formset, BaseHeldFormSet) else []
        return receive_and_use(self.work_order, lines=formset.lines, arrived=arrived, **facts)

    def formset(self, data: QueryDict, catalogue: Catalogue) -> BaseUseFormSet:
        formset: BaseUseFormSet = HeldFormSet(data, prefix=PREFIX, form_kwargs={"catalogue": catalogue})
        return formset

    def typed_lines(self, formset: BaseUseFormSet, catalogue: Catalogue, *, with_errors: bool) -> list[LineView]:
        sources = catalogue.sources if isinstance(catalogue, HeldCatalogue) else {}
        return typed_lines(
            formset, lambda prefix: self._typed_line(prefix, formset.data, sources), with_errors=with_errors
        )

    def _typed_line(self, prefix: str, data: Any, sources: dict[str, UseSource]) -> LineView:
        typed = {name: data.get(f"{prefix}-{name}", "") for name in (*FIELDS, "old_reason")}
        source = sources.get(data.get(f"{prefix}-source", ""))
        facts = self.facts_of(source) if source is not None else {}
        part = source.part if source is not None else None
        return HeldLine(prefix=prefix, part=part, **{name: value for name, value in typed.items() if value}, **facts)

    def added(self, request: HttpRequest, lines: list[LineView], catalogue: Catalogue) -> list[LineView]:
        """A source chosen without JavaScript: one of it, on top."""
        sources = catalogue.sources if isinstance(catalogue, HeldCatalogue) else {}
        source = sources.get(request.POST.get("add", ""))
        if source is None:
            return lines
        for line in lines:
            if isinstance(line, HeldLine) and line.source == source.key:
                line.quantity = line.quantity if line.is_used else "1"
                return [line, *(other for other in lines if other is not line)]
        return [self.source_line(next_index(lines), source, quantity="1"), *lines]

    # ------------------------------------------------------------ what is found
    def options(self, query: str) -> list[dict[str, Any]]:
        """What the picker shows of what he holds and of the shelves he may draw from."""
        if not query:
            return []
        found = found_sources(query, user=self.user, engineer=self.who, warehouses=self.warehouses)
        return [self._option(source) for source in found]

    def _option(self, source: UseSource) -> dict[str, Any]:
        facts = self.facts_of(source)
        part = source.part
        return {
            "id": source.key,
            "part": part.pk,
            "number": part.number,
            "name": part.name,
            "unit": part.unit.code,
            "step": step_of(part.unit),
            "answer": self.answer_for(part),
            "is_serial": facts["needs_lot"],
            "note": facts["where"],
            "where": facts["where"],
            "lot": " · ".join(each for each in (facts["lot_code"], facts["kind"]) if each),
        }


HeldPage.empty_line = HeldLine(prefix=f"{PREFIX}-__prefix__", part=None, quantity="1")
