"""What the desk counted of a return, line by line; and the code under the scanner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from spareparts.domain.returns import Inspected
from spareparts.domain.returns.problems import ReturnProblem
from spareparts.enums import Disposition
from spareparts.forms.lines import QuantityRefused, is_zero, parse_quantity, step_of, typed_quantity
from spareparts.models import OldPartDebt, ReturnLine

NUMBERS = ("accepted", "refused", "wrong", "surplus")
WORDS = {
    "accepted": gettext_lazy("Accepted"),
    "refused": gettext_lazy("Refused"),
    "wrong": gettext_lazy("Wrong part instead"),
    "surplus": gettext_lazy("Surplus"),
}
LONGEST_CODE = 200


def usual_disposition(debt: OldPartDebt | None) -> str:
    """An old part in warranty is for the supplier; everything else lies down on the shelf."""
    return Disposition.CLAIM if debt is not None and debt.is_warranty else Disposition.SHELF


@dataclass(frozen=True)
class LineFields:
    """One line of the page with its fields."""

    line: ReturnLine
    accepted: forms.BoundField
    refused: forms.BoundField
    wrong: forms.BoundField
    surplus: forms.BoundField
    disposition: forms.BoundField
    inspection: forms.BoundField

    @property
    def step(self) -> str:
        return step_of(self.line.part.unit)

    @property
    def most(self) -> str:
        return typed_quantity(self.line.quantity, self.line.part.unit)

    @property
    def others(self) -> list[forms.BoundField]:
        return [self.refused, self.wrong, self.surplus]

    @property
    def is_open(self) -> bool:
        """Its details stand open: something is said there, or wrong there."""
        said = any(not is_zero(str(field.value() or "")) for field in self.others) or self.inspection.value()
        return bool(said or any(field.errors for field in (*self.others, self.inspection)))


class CheckInForm(forms.Form):
    """``found``: what the domain gets. What is neither accepted nor refused nor wrong is missing."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, lines: Sequence[ReturnLine], version: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = version
        self.lines = list(lines)
        self.found: list[Inspected] = []
        for line in self.lines:
            for name in NUMBERS:
                start = typed_quantity(line.quantity, line.part.unit) if name == "accepted" else "0"
                self.fields[f"{line.pk}-{name}"] = forms.CharField(
                    required=False, max_length=20, initial=start, label=WORDS[name]
                )
            self.fields[f"{line.pk}-disposition"] = forms.ChoiceField(
                required=False,
                choices=Disposition.choices,
                initial=usual_disposition(line.debt),
                label=pgettext_lazy("disposition", "Goes to"),
                widget=forms.Select(attrs={"class": "auto"}),
            )
            self.fields[f"{line.pk}-inspection"] = forms.CharField(
                required=False, max_length=200, label=gettext_lazy("What was found")
            )

    def rows(self) -> list[LineFields]:
        names = (*NUMBERS, "disposition", "inspection")
        return [LineFields(line, **{name: self[f"{line.pk}-{name}"] for name in names}) for line in self.lines]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for line in self.lines:
            counted = {name: self._number(line, name, data.get(f"{line.pk}-{name}") or "0") for name in NUMBERS}
            if None not in counted.values():
                self.found.append(self._inspected(line, counted, data))
        return data

    def _inspected(self, line: ReturnLine, counted: dict[str, Any], data: dict[str, Any]) -> Inspected:
        there = counted["accepted"] + counted["refused"] + counted["wrong"]
        return Inspected(
            line,
            short=max(line.quantity - there, 0),
            disposition=data.get(f"{line.pk}-disposition") or Disposition.SHELF,
            inspection=data.get(f"{line.pk}-inspection") or "",
            **counted,
        )

    def _number(self, line: ReturnLine, name: str, text: str) -> int | None:
        try:
            return 0 if is_zero(text) else parse_quantity(text, line.part.unit)
        except QuantityRefused as error:
            sentence = _("%(part)s: %(problem)s") % {"part": line.part.number, "problem": error}
            self.add_error(f"{line.pk}-{name}", sentence)
            return None

    def add_problems(self, problems: Sequence[ReturnProblem]) -> None:
        """Put what the domain refused at the lines it came from."""
        for problem in problems:
            field = f"{self.lines[problem.index].pk}-accepted" if problem.index < len(self.lines) else None
            self.add_error(field, problem.message)


class CodeForm(forms.Form):
    """What the scanner typed: the reference of a return, or the address in its code."""

    code = forms.CharField(
        label=gettext_lazy("Scan the code of a return"),
        required=False,
        max_length=LONGEST_CODE,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "data-scan-first": ""}
        ),
    )

    def return_key(self) -> int | None:
        """The key of the return that is meant; None for nothing and for nonsense."""
        text = (self.cleaned_data.get("code") or "") if self.is_valid() else ""
        reference = text.strip().rstrip("/").rsplit("/", 1)[-1].upper()
        digits = reference.removeprefix("RT-")
        is_key = digits != reference and digits.isascii() and digits.isdigit() and len(digits) < 19
        return int(digits) if is_key else None
