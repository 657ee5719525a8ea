"""The forms of hand-overs, reports, counts and absences: how much of each row, to whom, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared.templatetags.shared import format_quantity
from inventory.enums import Condition
from inventory.forms import PictureField
from inventory.models import Balance, Lot, Part
from spareparts.enums import LossKind
from spareparts.forms.lines import QuantityRefused, is_zero, parse_quantity, step_of, typed_quantity
from workorders.models import User, WorkOrder

BIGGEST = 2**63 - 1


class ReasonForm(forms.Form):
    """Why it is done."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class OptionalReasonForm(ReasonForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False


@dataclass(frozen=True)
class StepRow:
    """One thing of which some may be chosen: at most ``most`` smallest steps, ``preset`` of them at first."""

    key: int
    part: Part
    most: int
    condition: str = Condition.NEW
    lot: Lot | None = None
    preset: int = 0
    note: str = ""

    @property
    def name(self) -> str:
        return f"quantity-{self.key}"

    @property
    def condition_words(self) -> str:
        """Nothing for a new part, which most are."""
        return "" if self.condition == Condition.NEW else str(Condition(self.condition).label)


class StepsForm(forms.Form):
    """A stepper for each of ``rows``. ``steps`` is what was chosen, by key of the row, without the zeros."""

    def __init__(self, *args: Any, rows: Sequence[StepRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list(rows)
        self.steps: dict[int, int] = {}
        for row in self.rows:
            typed = typed_quantity(row.preset, row.part.unit)
            self.fields[row.name] = forms.CharField(required=False, max_length=20, label=row.part.number, initial=typed)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for row in self.rows:
            text = data.get(row.name) or ""
            if not is_zero(text):
                self._read(row, text)
        return data

    def _read(self, row: StepRow, text: str) -> None:
        words = {"part": row.part.number}
        try:
            steps = parse_quantity(text, row.part.unit)
        except QuantityRefused as error:
            self.add_error(row.name, _("%(part)s: %(problem)s") % (words | {"problem": str(error)}))
            return
        if steps > row.most:
            words["most"] = f"{format_quantity(row.most, row.part.unit.decimal_places)} {row.part.unit.code}"
            self.add_error(row.name, _("%(part)s: at most %(most)s.") % words)
            return
        self.steps[row.key] = steps

    def shown(self) -> Iterator[dict[str, Any]]:
        """Each row with its field, for the template."""
        for row in self.rows:
            yield {"row": row, "field": self[row.name], "step": step_of(row.part.unit),
                   "most": typed_quantity(row.most, row.part.unit)}  # fmt: skip

    def others(self) -> Iterator[forms.BoundField]:
        """The fields that are no steppers."""
        names = {row.name for row in self.rows}
        return (field for field in self if field.name not in names)


class HandOverForm(StepsForm):
    """What goes to whom; a manager who moves it says why."""

    receiver = forms.ModelChoiceField(
        queryset=User.objects.none(), label=gettext_lazy("To"), empty_label=gettext_lazy("Choose a colleague")
    )
    reason = forms.CharField(
        label=gettext_lazy("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, people: QuerySet[User], needs_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receiver"].queryset = people  # type: ignore[attr-defined]
        if needs_reason:
            self.fields["reason"].required = True
            self.fields["reason"].label = _("Reason")


class AskForm(forms.Form):
    """One part of one colleague; from "Who has one?" everything is filled in."""

    part = forms.ModelChoiceField(queryset=Part.objects.none(), widget=forms.HiddenInput)
    engineer = forms.ModelChoiceField(
        queryset=User.objects.none(), label=gettext_lazy("Ask"), empty_label=gettext_lazy("Choose a colleague")
    )
    quantity = forms.CharField(
        label=gettext_lazy("How many"),
        max_length=20,
        initial="1",
        widget=forms.NumberInput(attrs={"data-stepper": "", "min": "0", "step": "any", "inputmode": "decimal"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, user: User, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts = Part.objects.visible_to(user).select_related("unit")
        self.fields["part"].queryset = parts  # type: ignore[attr-defined]
        self.fields["engineer"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        part = data.get("part")
        if part is not None and data.get("quantity"):
            try:
                data["steps"] = parse_quantity(data["quantity"], part.unit)
            except QuantityRefused as error:
                self.add_error("quantity", str(error))
        return data


class HoldingQuery(forms.Form):
    """Which holding a link means: its part, condition and lot."""

    part = forms.IntegerField(min_value=1, max_value=BIGGEST)
    condition = forms.ChoiceField(choices=Condition.choices, required=False)
    lot = forms.IntegerField(min_value=0, max_value=BIGGEST, required=False)

    def find(self, rows: QuerySet[Balance]) -> Balance | None:
        """The first of ``rows`` that is meant; None when the link means nothing of it."""
        if not self.is_valid():
            return None
        data = self.cleaned_data
        found = rows.filter(part_id=data["part"])
        if data["condition"]:
            found = found.filter(condition=data["condition"])
        if data["lot"]:
            found = found.filter(lot_id=data["lot"])
        return found.first()


class HoldingField(forms.ModelChoiceField):
    """One of the parts somebody holds."""

    def label_from_instance(self, obj: Balance) -> str:
        held = f"{format_quantity(obj.on_hand, obj.part.unit.decimal_places)} {obj.part.unit.code}"
        words = [f"{obj.part.number} {obj.part.name}", obj.lot.code if obj.lot else "", held]
        if obj.condition != Condition.NEW:
            words.insert(1, str(Condition(obj.condition).label))
        return " · ".join(word for word in words if word)


class LossForm(forms.Form):
    """What was lost, damaged or dead on arrival."""

    holding = HoldingField(
        queryset=Balance.objects.none(), label=gettext_lazy("Part"), empty_label=gettext_lazy("Choose a part")
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=LossKind.choices,
        widget=forms.RadioSelect(attrs={"class": "segmented"}),
    )
    quantity = forms.CharField(
        label=gettext_lazy("How many"),
        max_length=20,
        initial="1",
        widget=forms.NumberInput(attrs={"data-stepper": "", "min": "0", "step": "any", "inputmode": "decimal"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("How it happened"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    work_order = forms.ModelChoiceField(
        queryset=WorkOrder.objects.none(),
        label=gettext_lazy("On which job"),
        required=False,
        empty_label=gettext_lazy("No job"),
    )
    photo = PictureField(
        label=gettext_lazy("Photo"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("JPEG, PNG or WebP, at most 10 MB."),
    )

    def __init__(self, *args: Any, rows: QuerySet[Balance], jobs: QuerySet[WorkOrder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holding"].queryset = rows  # type: ignore[attr-defined]
        self.fields["work_order"].queryset = jobs  # type: ignore[attr-defined]
        self.fields["photo"].widget = forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        holding = data.get("holding")
        if holding is not None and data.get("quantity"):
            try:
                data["steps"] = parse_quantity(data["quantity"], holding.part.unit)
            except QuantityRefused as error:
                self.add_error("quantity", str(error))
        return data

    def facts(self) -> dict[str, Any]:
        """What the domain wants to know."""
        data = self.cleaned_data
        holding: Balance = data["holding"]
        held = {"part": holding.part, "condition": holding.condition, "lot": holding.lot}
        rest = {name: data[name] for name in ("kind", "reason", "work_order", "photo")}
        return held | rest | {"quantity": data["steps"]}


class AbsenceForm(forms.Form):
    """From when to when, and who stands in."""

    first_day = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date", "class": "short"})
    )
    last_day = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date", "class": "short"})
    )
    deputy = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label=gettext_lazy("Deputy"),
        required=False,
        empty_label=gettext_lazy("Nobody"),
        help_text=gettext_lazy("Answers approvals and gets the reminders meanwhile."),
    )

    def __init__(self, *args: Any, people: QuerySet[User], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deputy"].queryset = people  # type: ignore[attr-defined]
        for name in ("first_day", "last_day"):
            self.fields[name].widget.attrs["min"] = today.isoformat()  # type: ignore[attr-defined]
            self.fields[name].widget.format = "%Y-%m-%d"
