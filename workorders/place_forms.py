"""Forms of customers, sites and machines on the desk pages."""

from typing import Any, Self

from django import forms
from django.forms import model_to_dict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from workorders.forms import LONGEST_TEXT, DayField
from workorders.models import Customer, Equipment, EquipmentModel, Site, User

MODELS_OFFERED = 500


class TypedForm(forms.ModelForm):
    """Reads the fields; whether a number is taken the domain says, so that the same form sent twice answers once.

    It never gets the instance: the domain compares what is stored with what was typed.
    """

    @classmethod
    def showing(cls, row: Any, data: QueryDict | None, **kwargs: Any) -> Self:
        """The form filled in with what ``row`` says now; empty for None."""
        return cls(data, initial=model_to_dict(row, fields=cls._meta.fields) if row else None, **kwargs)

    def validate_unique(self) -> None:
        return

    def validate_constraints(self) -> None:
        return


class CustomerForm(TypedForm):
    class Meta:
        model = Customer
        fields = ["name", "number", "contact", "phone", "email"]
        widgets = {"phone": forms.TextInput(attrs={"type": "tel", "inputmode": "tel"})}
        help_texts = {"number": _("As in your accounts.")}


def long_text(**kwargs: Any) -> forms.CharField:
    """Every job card carries it, so a pasted book is refused."""
    return forms.CharField(required=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


class SiteForm(TypedForm):
    address = long_text(label=_("Address"))
    notes = long_text(label=_("Notes"), help_text=_("Access, parking, whom to call."))

    class Meta:
        model = Site
        fields = ["name", "address", "notes"]


class Suggestions(forms.TextInput):
    """A text field that offers known values; any other may be typed."""

    template_name = "workorders/_suggestions.html"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.values: list[str] = []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, {**(attrs or {}), "list": f"known-{name}"})
        context["suggestions"] = self.values
        return context


class EquipmentForm(TypedForm):
    """Manufacturer and model are typed or picked; a new pair becomes a new equipment model."""

    manufacturer = forms.CharField(label=_("Manufacturer"), max_length=80, widget=Suggestions())
    model_name = forms.CharField(label=_("Model"), max_length=80, widget=Suggestions())
    installed_on = DayField(label=_("Installed on"), required=False)
    warranty_until = DayField(label=_("Warranty until"), required=False)

    field_order = ("site", "name", "serial", "manufacturer", "model_name", "installed_on", "warranty_until")

    class Meta:
        model = Equipment
        fields = ["site", "name", "serial", "installed_on", "warranty_until"]

    def __init__(self, *args: Any, customer: Customer, user: User, model: EquipmentModel | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = Site.objects.visible_to(user).filter(customer=customer)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        if model is not None:
            self.initial = {**self.initial, "manufacturer": model.manufacturer, "model_name": model.name}
        known = EquipmentModel.objects.values_list("manufacturer", "name")[:MODELS_OFFERED]
        self.fields["manufacturer"].widget.values = sorted({maker for maker, _name in known})
        self.fields["model_name"].widget.values = sorted({name for _maker, name in known})

    @property
    def facts(self) -> dict[str, Any]:
        """What the domain verb gets."""
        facts = dict(self.cleaned_data)
        facts["model"] = facts.pop("model_name")
        return facts
