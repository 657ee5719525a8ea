"""The lines of a local purchase and of a count."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.enums import Condition
from inventory.forms import PictureField
from inventory.models import Part
from spareparts.domain.consumption import LineProblem
from spareparts.domain.counts import CountedPart
from spareparts.domain.purchases import BoughtPart
from spareparts.forms.lines import (
    PartLineForm,
    PartLineFormSet,
    QuantityRefused,
    lines_factory,
    parse_quantity,
    step_of,
    typed_quantity,
)
from spareparts.models import StockCountLine
from workorders.models import WorkOrder

_PRICE = re.compile(r"\d{1,10}(?:[.,]\d{1,2})?")


# ---------------------------------------------------------------- local purchase
class PurchaseHeadForm(forms.Form):
    """Where, for which job, and the receipt."""

    supplier = forms.CharField(label=gettext_lazy("Bought at"), max_length=80)
    work_order = forms.ModelChoiceField(
        queryset=WorkOrder.objects.none(),
        label=gettext_lazy("For which job"),
        required=False,
        empty_label=gettext_lazy("No job"),
    )
    photo = PictureField(
        label=gettext_lazy("Photo of the receipt"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("JPEG, PNG or WebP, at most 10 MB."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, jobs: QuerySet[WorkOrder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["work_order"].queryset = jobs  # type: ignore[attr-defined]
        self.fields["photo"].widget = forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})


class PurchaseLineForm(PartLineForm[BoughtPart]):
    unit_cost = forms.CharField(required=False, max_length=14)
    lot_code = forms.CharField(required=False, max_length=60)

    def without_quantity(self, part: Part | None, data: dict[str, Any]) -> None:
        if part is not None and (data.get("unit_cost") or data.get("lot_code")):
            self.blame("quantity", part, _("Say how many you bought."))

    def read_line(self, part: Part, quantity: int, data: dict[str, Any]) -> None:
        typed = data["unit_cost"]
        if not _PRICE.fullmatch(typed):
            self.blame("unit_cost", part, _("Say what one unit cost, such as 9.90."))
            return
        price = Decimal(typed.replace(",", "."))
        self.line = BoughtPart(part, quantity, price, lot_code=data["lot_code"])


class PurchaseLineFormSet(PartLineFormSet[BoughtPart]):
    nothing = gettext_lazy("Add at least one part and say how many you bought.")


PurchaseLines = lines_factory(PurchaseLineForm, PurchaseLineFormSet)


# ---------------------------------------------------------------- count
class FoundLineForm(PartLineForm[CountedPart]):
    """A part that is there and not in the count."""

    condition = forms.ChoiceField(choices=Condition.choices, required=False)
    lot_code = forms.CharField(required=False, max_length=60)
    reason = forms.CharField(required=False, max_length=200)

    def read_line(self, part: Part, quantity: int, data: dict[str, Any]) -> None:
        condition = data["condition"] or Condition.NEW
        self.line = CountedPart(part, quantity, condition, lot_code=data["lot_code"], reason=data["reason"])


class FoundLineFormSet(PartLineFormSet[CountedPart]):
    def clean(self) -> None:
        """Nothing may be found."""


FoundLines = lines_factory(FoundLineForm, FoundLineFormSet)


class CountForm(forms.Form):
    """What was counted of each row of the count. ``lines`` go to the domain in the order of the rows."""

    def __init__(self, *args: Any, rows: Sequence[StockCountLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list(rows)
        self.lines: list[CountedPart] = []
        for row in self.rows:
            counted = "" if row.counted is None else typed_quantity(row.counted, row.part.unit)
            name = row.part.number
            self.fields[f"quantity-{row.pk}"] = forms.CharField(
                required=False, max_length=20, label=name, initial=counted
            )
            self.fields[f"reason-{row.pk}"] = forms.CharField(
                required=False, max_length=200, label=name, initial=row.reason
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for row in self.rows:
            text, reason = (data.get(f"{name}-{row.pk}") or "" for name in ("quantity", "reason"))
            counted = None
            try:
                counted = parse_quantity(text, row.part.unit) if text else None
            except QuantityRefused as error:
                words = {"part": row.part.number, "problem": str(error)}
                self.add_error(f"quantity-{row.pk}", _("%(part)s: %(problem)s") % words)
            self.lines.append(CountedPart(row.part, counted, row.condition, row.lot, reason=reason))
        return data

    def shown(self) -> Iterator[dict[str, Any]]:
        """Each row with its two fields, for the template."""
        for row in self.rows:
            quantity, reason = self[f"quantity-{row.pk}"], self[f"reason-{row.pk}"]
            booked = typed_quantity(row.booked, row.part.unit)
            differs = str(quantity.value() or "") != booked or bool(reason.errors)
            yield {
                "row": row,
                "field": quantity,
                "reason": reason,
                "step": step_of(row.part.unit),
                "booked": booked,
                "differs": differs,
                "is_asked_again": row.counted is None,
                "condition_words": "" if row.condition == Condition.NEW else Condition(row.condition).label,
            }

    def add_problems(self, problems: Iterable[LineProblem], found: FoundLineFormSet) -> None:
        """Put what the domain refused at the rows, at the found parts, or on top."""
        rest = []
        for problem in problems:
            if problem.index < len(self.rows):
                name = "reason" if problem.field == "reason" else "quantity"
                self.add_error(f"{name}-{self.rows[problem.index].pk}", problem.message)
            else:
                rest.append(LineProblem(problem.index - len(self.rows), problem.field, problem.message))
        found.add_problems(rest)
