"""Lines of a form: a part and how many of it. What is used, asked for or given back is read the same way."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory.models import Part, Unit
from inventory.search import normalise
from spareparts.domain.consumption import LineProblem
from spareparts.queries.use import parts_named
from workorders.models import User

L = TypeVar("L")
PREFIX = "lines"
MOST_LINES = 120  # times the fields of a line stays below the limit of fields in one request
# A comma is a decimal comma before one or two digits; "1,500" could be either and is refused.
_QUANTITY = re.compile(r"\d{1,9}(?:\.\d{1,6}|,\d{1,2})?")
_ZERO = re.compile(r"0*(?:\.0*)?")
_KEY = re.compile(r"[0-9]{1,18}")


class QuantityRefused(ValueError):
    """The text is no quantity of the unit; the message says what is."""


def parse_quantity(text: str, unit: Unit) -> int:
    """Smallest steps of ``unit`` from what people type ("1.5" or "1,5" metres are 150). Refused: QuantityRefused."""
    if not _QUANTITY.fullmatch(text):
        words = _("Enter a number such as 1.5.") if unit.decimal_places else _("Enter a number such as 2.")
        raise QuantityRefused(words)
    steps = Decimal(text.replace(",", ".")).scaleb(unit.decimal_places)
    if steps == steps.to_integral_value():
        return int(steps)
    if not unit.decimal_places:
        raise QuantityRefused(_("%(unit)s: whole numbers only.") % {"unit": unit.name})
    places = unit.decimal_places
    sentence = ngettext(
        "%(unit)s: at most %(places)s decimal place.", "%(unit)s: at most %(places)s decimal places.", places
    )
    raise QuantityRefused(sentence % {"unit": unit.name, "places": places})


def is_zero(text: str) -> bool:
    """Nothing typed, or a zero however it is written."""
    return _ZERO.fullmatch(text) is not None


def typed_quantity(steps: int, unit: Unit) -> str:
    """``steps`` as a number field holds it, whatever the language: 150 of two places is "1.5"."""
    text = f"{Decimal(steps).scaleb(-unit.decimal_places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def step_of(unit: Unit) -> str:
    """How far − and + go: one piece, half a metre."""
    return "0.5" if unit.decimal_places else "1"


def key_of(text: str) -> int | None:
    """The key a hidden field or a button carries; None for nonsense."""
    return int(text) if _KEY.fullmatch(text) else None


class Catalogue:
    """The parts a submitted form names, read in one query."""

    def __init__(self, parts: Iterable[Part] = ()) -> None:
        found = list(parts)
        self.by_id = {part.pk: part for part in found}
        self.by_key: dict[str, list[Part]] = {}
        for part in found:
            self.by_key.setdefault(part.number_key, []).append(part)

    @classmethod
    def of_post(cls, data: Mapping[str, str], user: User, *, numbers: Iterable[str] = ()) -> "Catalogue":
        """The parts of the lines, and those whose ``numbers`` were typed."""
        keys = [key_of(data.get(f"{PREFIX}-{index}-part", "")) for index in range(MOST_LINES)]
        named = [number[:60] for number in numbers if "\x00" not in number[:60]]
        return cls(parts_named(user, ids=[key for key in keys if key is not None], numbers=named))

    def named(self, number: str) -> list[Part]:
        """The parts with this number, however it is typed; the one written exactly so wins."""
        found = self.by_key.get(normalise(number), [])
        exact = [part for part in found if part.number == number]
        return exact or found


class PartLineForm(forms.Form, Generic[L]):
    """One line. ``line`` is what the domain gets; None when the quantity is zero or left out."""

    use_required_attribute = False

    part = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    quantity = forms.CharField(required=False, max_length=20)

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalogue = catalogue
        self.line: L | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        text = data.get("quantity") or ""
        part = self.catalogue.by_id.get(data.get("part") or 0)
        if self.errors or is_zero(text):
            self.without_quantity(part, data)
            return data
        if part is None:
            self.add_error("quantity", _("This part is no longer in the catalogue. Choose it again."))
            return data
        try:
            quantity = parse_quantity(text, part.unit)
        except QuantityRefused as error:
            self.blame("quantity", part, str(error))
            return data
        self.read_line(part, quantity, data)
        return data

    def without_quantity(self, part: Part | None, data: dict[str, Any]) -> None:
        """Nothing that was typed is dropped in silence: forms with more fields say what is missing."""

    def read_line(self, part: Part, quantity: int, data: dict[str, Any]) -> None:
        """Set ``line``, or blame a field."""
        raise NotImplementedError

    def blame(self, field: str, part: Part, words: str) -> None:
        self.add_error(field, _("%(part)s: %(problem)s") % {"part": part.number, "problem": words})


class PartLineFormSet(forms.BaseFormSet, Generic[L]):  # type: ignore[type-arg]
    """All lines; ``lines`` are those with a quantity."""

    nothing: str | Promise = gettext_lazy("Add at least one part and say how many.")

    @property
    def lines(self) -> list[L]:
        return [form.line for form in self.forms if form.line is not None]

    def clean(self) -> None:
        if not self.lines and not any(form.errors for form in self.forms):
            raise forms.ValidationError(self.nothing)

    def add_problems(self, problems: Iterable[LineProblem]) -> None:
        """Put what the domain refused at the lines it came from."""
        with_quantity = [form for form in self.forms if form.line is not None]
        for problem in problems:
            if problem.index < len(with_quantity):
                with_quantity[problem.index].add_error(problem.field, problem.message)
            else:
                self.non_form_errors().append(problem.message)


def lines_factory(form: type[PartLineForm[L]], formset: type[PartLineFormSet[L]]) -> type[Any]:
    """The formset class of such lines, bounded."""
    return forms.formset_factory(
        form, formset=formset, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES, validate_max=True
    )
