"""The forms of the desk: which request is worked on, what of it is handed out, and what goes over the counter."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Lot, Part, Warehouse
from inventory.search import normalise
from spareparts.domain.requisitions import CounterPart, IssuedPart, PackedLine
from spareparts.forms.lines import (
    MOST_LINES,
    PREFIX,
    Catalogue,
    PartLineForm,
    PartLineFormSet,
    QuantityRefused,
    is_zero,
    key_of,
    lines_factory,
    parse_quantity,
    typed_quantity,
)
from spareparts.models import Requisition
from spareparts.queries.desk import PickLine
from workorders.forms import EngineerField
from workorders.models import User, WorkOrder
from workorders.queries import active_engineers, search_work_orders


class KeysField(forms.ModelMultipleChoiceField):
    """Objects by key out of an address; what is no key is not looked up."""

    def clean(self, value: Any) -> Any:
        return super().clean([text for text in value or [] if key_of(str(text)) is not None])


class ChosenForm(forms.Form):
    """Which requests the address names; what is not visible does not exist."""

    requisition = KeysField(queryset=Requisition.objects.none(), required=False)

    def __init__(self, *args: Any, visible: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["requisition"].queryset = visible


class PickForm(forms.Form):
    """One number per reservation: what is handed out, or what is packed now."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, lines: Sequence[PickLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            unit = line.allocation.part.unit
            self.fields[self.name_of(line)] = forms.CharField(
                label=line.allocation.part.number,
                required=False,
                max_length=20,
                initial=typed_quantity(line.allocation.quantity, unit),
            )

    @staticmethod
    def name_of(line: PickLine) -> str:
        return f"allocation-{line.allocation.pk}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.quantities: list[tuple[PickLine, int]] = []
        for line in self.lines:
            name, part = self.name_of(line), line.allocation.part
            text = data.get(name) or ""
            if name in self.errors:
                continue
            try:
                self.quantities.append((line, 0 if is_zero(text) else parse_quantity(text, part.unit)))
            except QuantityRefused as error:
                self.add_error(name, _("%(part)s: %(problem)s") % {"part": part.number, "problem": str(error)})
        return data

    @property
    def issued(self) -> list[IssuedPart]:
        return [
            IssuedPart(line.allocation, quantity)
            for line, quantity in self.quantities
            if quantity and line.is_handed_out_here
        ]

    @property
    def packed(self) -> list[PackedLine]:
        return [PackedLine(line.allocation, quantity) for line, quantity in self.quantities]


def lots_typed(data: Mapping[str, str], catalogue: Catalogue) -> dict[tuple[int, str], Lot]:
    """The lots that the lines name, by part and lower-case code, in one query."""
    typed = {data.get(f"{PREFIX}-{index}-lot", "")[:60].strip().lower() for index in range(MOST_LINES)}
    codes = {code for code in typed if code and "\x00" not in code}
    named = Lot.objects.annotate(lower=Lower("code")).filter(part__in=catalogue.by_id, lower__in=codes)
    return {(lot.part_id, lot.code.lower()): lot for lot in named} if codes else {}


class CounterLineForm(PartLineForm[CounterPart]):
    """One part over the counter, with its batch or serial number where it is tracked."""

    lot = forms.CharField(required=False, max_length=60)

    def __init__(self, *args: Any, lots: Mapping[tuple[int, str], Lot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lots = lots

    def read_line(self, part: Part, quantity: int, data: dict[str, Any]) -> None:
        code = (data.get("lot") or "").strip()
        lot = self.lots.get((part.pk, code.lower()))
        if code and lot is None:
            self.blame("lot", part, _("no batch or serial number “%(lot)s” is known.") % {"lot": code})
            return
        self.line = CounterPart(part, quantity, lot)


class BaseCounterFormSet(PartLineFormSet[CounterPart]):
    """All parts handed over at once."""

    nothing = gettext_lazy("Scan or add at least one part.")


CounterFormSet = lines_factory(CounterLineForm, BaseCounterFormSet)


class CounterForm(forms.Form):
    """Who stands at the counter, out of which warehouse he is served, and for which job."""

    engineer = EngineerField(
        queryset=User.objects.none(), label=gettext_lazy("Engineer"), empty_label=gettext_lazy("Choose who is here")
    )
    work_order = forms.CharField(
        label=gettext_lazy("Job"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Its number; empty for van stock."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "short"}),
    )
    warehouse = forms.ModelChoiceField(
        queryset=Warehouse.objects.none(), label=gettext_lazy("Out of"), empty_label=None
    )

    def __init__(self, *args: Any, by: User, warehouses: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["engineer"].queryset = active_engineers()
        if warehouses is None:
            del self.fields["warehouse"]
        else:
            self.fields["warehouse"].queryset = warehouses

    def clean_work_order(self) -> WorkOrder | None:
        number = self.cleaned_data["work_order"].strip()
        if not number:
            return None
        found = [job for job in search_work_orders(self.by, number) if normalise(str(job)) == normalise(number)]
        if len(found) != 1:
            raise forms.ValidationError(_("There is no job with this number."))
        return found[0]


class CodeForm(forms.Form):
    """What a scanner read, or somebody typed."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=120)
