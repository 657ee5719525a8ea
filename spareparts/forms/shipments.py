"""What is shipped, what arrived, and what became of what did not fit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from inventory.models import Part
from spareparts.domain.shipments import Arrived, outcomes_of
from spareparts.enums import DiscrepancyKind, DiscrepancyOutcome
from spareparts.forms.lines import QuantityRefused, is_zero, key_of, parse_quantity, step_of, typed_quantity
from spareparts.models import Allocation, Discrepancy, Requisition, Shipment
from spareparts.queries.shipments import expected

MOST_CHOSEN = 50
MOST_VERSION = 2**31 - 1
NUMBERS = ("received", "damaged", "short", "over")
WORDS = {
    "received": gettext_lazy("Arrived well"),
    "damaged": gettext_lazy("Arrived damaged"),
    "short": gettext_lazy("Missing"),
    "over": gettext_lazy("More than was sent"),
}


def _read(form: forms.Form, name: str, part: Part) -> int | None:
    """Smallest steps of a quantity field; None after its error was added."""
    text = form.cleaned_data.get(name) or "0"
    try:
        return 0 if is_zero(text) else parse_quantity(text, part.unit)
    except QuantityRefused as error:
        form.add_error(name, _("%(part)s: %(problem)s") % {"part": part.number, "problem": error})
        return None


def _quantity(label: Any, initial: str) -> forms.CharField:
    return forms.CharField(required=False, max_length=20, label=label, initial=initial)


# ---------------------------------------------------------------- shipping
class ChoiceForm(forms.Form):
    """Which requests are shipped together."""

    requisition = forms.ModelMultipleChoiceField(
        queryset=Requisition.objects.none(),
        label=gettext_lazy("Requests"),
        error_messages={
            "required": gettext_lazy("Choose at least one request."),
            "invalid_choice": gettext_lazy("One of the requests cannot be shipped now. Choose again."),
            "invalid_pk_value": gettext_lazy("One of the requests cannot be shipped now. Choose again."),
        },
    )

    def __init__(self, *args: Any, requisitions: QuerySet[Requisition], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["requisition"].queryset = requisitions

    def clean_requisition(self) -> list[Requisition]:
        chosen = list(self.cleaned_data["requisition"])
        if len(chosen) > MOST_CHOSEN:
            raise forms.ValidationError(_("Ship at most %(most)s requests at once.") % {"most": MOST_CHOSEN})
        return chosen


@dataclass(frozen=True)
class ShipRow:
    """One reserved row of the page with its field."""

    allocation: Allocation
    field: forms.BoundField

    @property
    def step(self) -> str:
        return step_of(self.allocation.part.unit)

    @property
    def most(self) -> str:
        return typed_quantity(self.allocation.quantity, self.allocation.part.unit)


class ShipForm(forms.Form):
    """``quantities``: key of an allocation → smallest steps. Several parcels have no tracking number in common."""

    carrier = forms.CharField(label=gettext_lazy("Carrier"), max_length=60, required=False)
    tracking_number = forms.CharField(label=gettext_lazy("Tracking number"), max_length=60, required=False)
    note = forms.CharField(
        label=gettext_lazy("Note on the packing slip"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, allocations: Iterable[Allocation], is_split: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.allocations = list(allocations)
        self.quantities: dict[int, int] = {}
        if is_split:
            del self.fields["tracking_number"]
        for each in self.allocations:
            label = _("%(part)s: how many to ship") % {"part": each.part.number}
            self.fields[_name(each)] = _quantity(label, typed_quantity(each.quantity, each.part.unit))

    def row(self, allocation: Allocation) -> ShipRow:
        return ShipRow(allocation, self[_name(allocation)])

    def facts(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "") for name in ("carrier", "tracking_number", "note")}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for each in self.allocations:
            steps = _read(self, _name(each), each.part)
            if steps:
                self.quantities[each.pk] = steps
        self._keep_what_is_gone()
        return data

    def _keep_what_is_gone(self) -> None:
        """What was on the page and is reserved no longer still is asked for, so that it can be refused in words."""
        for name in self.data:
            pk = key_of(name.removeprefix("q-")) if name.startswith("q-") else None
            if pk is not None and name not in self.fields and not is_zero(self.data[name]):
                self.quantities[pk] = 1


def _name(allocation: Allocation) -> str:
    return f"q-{allocation.pk}"


class TrackForm(forms.Form):
    carrier = forms.CharField(label=gettext_lazy("Carrier"), max_length=60, required=False)
    tracking_number = forms.CharField(label=gettext_lazy("Tracking number"), max_length=60, required=False)


# ---------------------------------------------------------------- receiving
@dataclass(frozen=True)
class ArrivalRow:
    """One line of a shipment on the page, with its fields."""

    line: Any
    received: forms.BoundField
    damaged: forms.BoundField
    short: forms.BoundField
    over: forms.BoundField

    @property
    def step(self) -> str:
        return step_of(self.line.part.unit)

    @property
    def expected(self) -> int:
        return expected(self.line)

    @property
    def most(self) -> str:
        return typed_quantity(self.expected, self.line.part.unit)

    @property
    def others(self) -> list[forms.BoundField]:
        return [self.short, self.damaged, self.over]

    @property
    def is_open(self) -> bool:
        """Its deviations stand open: one is said, or wrong."""
        return any(field.errors or not is_zero(str(field.value() or "")) for field in self.others)


class ReceiveForm(forms.Form):
    """``arrived``: what the domain gets. With ``all`` everything that can still arrive did, whatever the fields say."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=MOST_VERSION)
    all = forms.CharField(required=False, max_length=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, shipment: Shipment, lines: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = shipment.version
        self.lines = [line for line in lines if expected(line)] or list(lines)
        self.arrived: list[Arrived] = []
        for line in self.lines:
            for name in NUMBERS:
                start = typed_quantity(expected(line), line.part.unit) if name == "received" else "0"
                self.fields[f"{line.pk}-{name}"] = _quantity(WORDS[name], start)

    def rows(self) -> list[ArrivalRow]:
        return [ArrivalRow(line, **{name: self[f"{line.pk}-{name}"] for name in NUMBERS}) for line in self.lines]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for line in self.lines:
            if data.get("all"):
                self.arrived.append(Arrived(line, expected(line)))
                continue
            said = {name: _read(self, f"{line.pk}-{name}", line.part) for name in NUMBERS}
            if None not in said.values():
                self.arrived.append(Arrived(line, **said))  # type: ignore[arg-type]
        return data


# ---------------------------------------------------------------- settling
OVER_WORDS = {
    DiscrepancyOutcome.BACK: gettext_lazy("It goes back to the sender: no stock moves"),
    DiscrepancyOutcome.BOOKED: gettext_lazy("It stays where it was found and is booked in"),
}
TRANSIT_WORDS = {
    DiscrepancyOutcome.BACK: gettext_lazy("It lies at the sender again"),
    DiscrepancyOutcome.LOST: gettext_lazy("It is lost and is written off"),
    DiscrepancyOutcome.BOOKED: gettext_lazy("It has arrived after all"),
}


class SettleForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("What became of it"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what became of it.")},
    )
    reason = forms.CharField(
        label=pgettext_lazy("settlement", "How you know"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Give a reason.")},
    )

    def __init__(self, *args: Any, discrepancy: Discrepancy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = OVER_WORDS if discrepancy.kind == DiscrepancyKind.OVER else TRANSIT_WORDS
        self.fields["outcome"].choices = [(each.value, words[each]) for each in outcomes_of(discrepancy)]
