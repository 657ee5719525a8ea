"""The form for recording parts used: who, and one line per part."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory.models import Part, Unit
from inventory.search import normalise
from spareparts.domain.consumption import LineProblem, UsedPart
from spareparts.enums import OldPartAnswer, Permission
from spareparts.queries.use import parts_named
from workorders.models import User

PREFIX = "lines"
MOST_LINES = 120  # times the fields of a line stays below the limit of fields in one request
SAME, OTHER, ENTRY = "same", "other", "entry-"
# A comma is a decimal comma before one or two digits; "1,500" could be either and is refused.
_QUANTITY = re.compile(r"\d{1,9}(?:\.\d{1,6}|,\d{1,2})?")
_ZERO = re.compile(r"0*(?:\.0*)?")
_ENTRY = re.compile(rf"{ENTRY}([1-9]\d{{0,17}})")


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


class Catalogue:
    """The parts a submitted form names, read in one query."""

    def __init__(self, parts: Iterable[Part] = ()) -> None:
        found = list(parts)
        self.by_id = {part.pk: part for part in found}
        self.by_key: dict[str, list[Part]] = {}
        for part in found:
            self.by_key.setdefault(part.number_key, []).append(part)

    @classmethod
    def of_post(cls, data: Mapping[str, str], user: User) -> "Catalogue":
        prefixes = [f"{PREFIX}-{index}" for index in range(MOST_LINES)]
        ids = [data.get(f"{prefix}-part", "") for prefix in prefixes]
        numbers = [
            data.get(f"{prefix}-old_part", "")[:60] for prefix in prefixes if data.get(f"{prefix}-old_choice") == OTHER
        ]
        keys = [int(each) for each in ids if each.isascii() and each.isdigit() and len(each) < 19]
        return cls(parts_named(user, ids=keys, numbers=[each for each in numbers if "\x00" not in each]))

    def named(self, number: str) -> list[Part]:
        """The parts with this number, however it is typed; the one written exactly so wins."""
        found = self.by_key.get(normalise(number), [])
        exact = [part for part in found if part.number == number]
        return exact or found


class UseLineForm(forms.Form):
    """One part used. ``used`` is the line for the domain; None when the quantity is zero or left out."""

    use_required_attribute = False

    part = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    quantity = forms.CharField(required=False, max_length=20)
    lot_text = forms.CharField(required=False, max_length=60)
    old_part_answer = forms.ChoiceField(required=False, choices=OldPartAnswer.choices)
    old_choice = forms.CharField(required=False, max_length=30)
    old_part = forms.CharField(required=False, max_length=60)
    old_serial = forms.CharField(required=False, max_length=60)

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalogue = catalogue
        self.used: UsedPart | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        text = data.get("quantity") or ""
        part = self.catalogue.by_id.get(data.get("part") or 0)
        if self.errors or _ZERO.fullmatch(text):
            self._refuse_typed_without_quantity(data, part)
            return data
        if part is None:
            self.add_error("quantity", _("This part is no longer in the catalogue. Choose it again."))
            return data
        try:
            quantity = parse_quantity(text, part.unit)
        except QuantityRefused as error:
            self._blame("quantity", part, str(error))
            return data
        self._read_line(part, quantity, data)
        return data

    def _refuse_typed_without_quantity(self, data: dict[str, Any], part: Part | None) -> None:
        """Nothing that was typed is dropped in silence."""
        if part is not None and (data.get("lot_text") or data.get("old_serial")):
            self._blame("quantity", part, _("Say how many you used."))

    def _read_line(self, part: Part, quantity: int, data: dict[str, Any]) -> None:
        answer = data.get("old_part_answer") or OldPartAnswer.NONE
        facts: dict[str, Any] = {"old_part_answer": answer}
        if answer != OldPartAnswer.NONE:
            facts |= self._old_part(part, data) | {"old_serial": data["old_serial"]}
        elif data["old_serial"]:
            self._blame("old_serial", part, _("You typed a serial number of an old part: say what happens to it."))
        if not self.errors:
            self.used = UsedPart(part, quantity, lot_text=data["lot_text"], **facts)

    def _old_part(self, part: Part, data: dict[str, Any]) -> dict[str, Any]:
        choice = data["old_choice"] or SAME
        entry = _ENTRY.fullmatch(choice)
        if entry is not None:
            return {"taken_from": int(entry.group(1))}
        if choice != OTHER:
            return {"old_part": part}
        named = self.catalogue.named(data["old_part"])
        if len(named) == 1:
            return {"old_part": named[0]}
        words = (
            _("Several parts have this number. Type it exactly as in the catalogue.")
            if named
            else _("No part has this number. Choose the old part from the catalogue.")
        )
        self._blame("old_part", part, words)
        return {}

    def _blame(self, field: str, part: Part, words: str) -> None:
        self.add_error(field, _("%(part)s: %(problem)s") % {"part": part.number, "problem": words})


class BaseUseFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """All lines; ``used`` are those with a quantity."""

    @property
    def used(self) -> list[UsedPart]:
        return [form.used for form in self.forms if form.used is not None]

    def clean(self) -> None:
        if not self.used and not any(form.errors for form in self.forms):
            raise forms.ValidationError(_("Add at least one part and say how many you used."))

    def add_problems(self, problems: Iterable[LineProblem]) -> None:
        """Put what the domain refused at the lines it came from."""
        with_quantity = [form for form in self.forms if form.used is not None]
        for problem in problems:
            if problem.index < len(with_quantity):
                with_quantity[problem.index].add_error(problem.field, problem.message)
            else:
                self.non_form_errors().append(problem.message)


UseFormSet = forms.formset_factory(
    UseLineForm, formset=BaseUseFormSet, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES, validate_max=True
)


class UseHeadForm(forms.Form):
    """Who used the parts. An engineer records his own use and is asked nothing; a manager names him and says why."""

    engineer = forms.ModelChoiceField(
        queryset=User.objects.none(), label=gettext_lazy("Engineer who used the parts"), empty_label=None
    )
    reason = forms.CharField(
        label=gettext_lazy("Why you record it for somebody else"),
        required=False,
        max_length=500,
        widget=forms.TextInput(),
    )

    def __init__(self, *args: Any, by: User, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        if by.has_perm(Permission.RECORD_USE_FOR_OTHERS):
            self.fields["engineer"].queryset = people  # type: ignore[attr-defined]
            self.fields["reason"].required = not people.filter(pk=by.pk).exists()
        else:
            self.fields.clear()

    @property
    def who(self) -> User:
        """The engineer who used the parts."""
        return self.cleaned_data.get("engineer") or self.by

    @property
    def why(self) -> str:
        """The reason for recording somebody else's use."""
        return "" if self.who.pk == self.by.pk else self.cleaned_data.get("reason", "")
