"""The parts list of a machine, changed by hand."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Part, Unit
from spareparts.forms.lines import Catalogue, QuantityRefused, parse_quantity
from spareparts.models import EquipmentPart
from spareparts.queries.use import parts_named
from workorders.models import User

MOST_FOUND = 12


def number_text(steps: int, unit: Unit) -> str:
    """Smallest steps as a number field takes them: 150 of 2 places is 1.5."""
    return format(Decimal(steps).scaleb(-unit.decimal_places).normalize(), "f")


class EntryForm(forms.Form):
    """What both forms ask: how many, which serial number, where in the machine."""

    quantity = forms.CharField(
        label=gettext_lazy("Quantity"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short", "autocomplete": "off"}),
    )
    serial = forms.CharField(label=gettext_lazy("Serial number"), max_length=60, required=False)
    position = forms.CharField(
        label=gettext_lazy("Position"), max_length=60, required=False, help_text=gettext_lazy("Where in the machine.")
    )

    def steps(self, unit: Unit) -> int | None:
        """The quantity in smallest steps; None after its error was added."""
        try:
            steps = parse_quantity(self.cleaned_data.get("quantity", ""), unit)
        except QuantityRefused as error:
            self.add_error("quantity", str(error))
            return None
        if not steps:
            self.add_error("quantity", _("The quantity must be more than zero."))
            return None
        return steps


class AddEntryForm(EntryForm):
    """A part that is in the machine. The part is its number, typed or chosen."""

    part = forms.CharField(label=gettext_lazy("Part"), max_length=60)
    fitted_on = forms.DateField(
        label=gettext_lazy("Fitted on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d"),
    )
    field_order = ["part", "quantity", "serial", "position", "fitted_on"]

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        kwargs["auto_id"] = "%s"  # the picker's field is called "part"
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        number = data.get("part")
        if number:
            self._read_part(number, data)
        if data.get("fitted_on") and data["fitted_on"] > self.today:
            self.add_error("fitted_on", _("This day is still to come."))
        return data

    def _read_part(self, number: str, data: dict[str, Any]) -> None:
        named = Catalogue(parts_named(self.user, ids=(), numbers=[number])).named(number)
        if len(named) != 1:
            self.add_error("part", _("No part has this number. Choose one from the catalogue."))
            return
        data["part"] = named[0]
        if "quantity" in data:
            data["steps"] = self.steps(named[0].unit)

    def facts(self) -> dict[str, Any]:
        """What the domain wants to know."""
        data = self.cleaned_data
        part: Part = data["part"]
        fitted_at = None
        if data["fitted_on"]:
            fitted_at = timezone.make_aware(datetime.combine(data["fitted_on"], time(12)))
        names = ("serial", "position")
        return {"part": part, "quantity": data["steps"], "fitted_at": fitted_at} | {n: data[n] for n in names}


class EditEntryForm(EntryForm):
    """Corrects an entry that stands in the list now."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, entry: EquipmentPart, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "quantity": number_text(entry.quantity, entry.part.unit),
            "serial": entry.serial,
            "position": entry.position,
            "version": entry.version,
        }
        super().__init__(*args, **kwargs)
        self.entry = entry

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "quantity" in data:
            data["steps"] = self.steps(self.entry.part.unit)
        return data

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        names = ("serial", "position")
        return {"quantity": data["steps"], "seen_version": data["version"]} | {n: data[n] for n in names}


class TakeOutForm(forms.Form):
    """The part is in the machine no more."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, widget=forms.TextInput())
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


class PartChoiceForm(forms.Form):
    """Finding a part without JavaScript: ``part`` is what was typed, ``add`` the one chosen from what was found."""

    part = forms.CharField(required=False, max_length=120)
    add = forms.ModelChoiceField(queryset=Part.objects.none(), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = Part.objects.visible_to(user)
        self.fields["add"].queryset = self.parts  # type: ignore[attr-defined]

    def found(self) -> list[Part]:
        text = self.cleaned_data.get("part", "") if self.is_bound and self.is_valid() else ""
        return list(self.parts.search(text).select_related("unit")[:MOST_FOUND]) if text else []
