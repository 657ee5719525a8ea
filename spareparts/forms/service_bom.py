"""A part suggested for an equipment model."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spareparts.forms.lines import Catalogue, QuantityRefused, parse_quantity
from spareparts.queries.use import parts_named
from workorders.models import User


class ServiceBomForm(forms.Form):
    """The part is its number, typed or chosen; the quantity is in its unit."""

    part = forms.CharField(label=gettext_lazy("Part"), max_length=60)
    quantity = forms.CharField(
        label=gettext_lazy("Quantity"),
        max_length=20,
        initial="1",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short", "autocomplete": "off"}),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs["auto_id"] = "%s"  # the picker's field is called "part"
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "part" not in data or "quantity" not in data:
            return data
        named = Catalogue(parts_named(self.user, ids=(), numbers=[data["part"]])).named(data["part"])
        if len(named) != 1:
            self.add_error("part", _("No part has this number. Choose one from the catalogue."))
            return data
        try:
            data["steps"] = parse_quantity(data["quantity"], named[0].unit)
        except QuantityRefused as error:
            self.add_error("quantity", str(error))
            return data
        if not data["steps"]:
            self.add_error("quantity", _("The quantity must be more than zero."))
        return data | {"part": named[0]}
