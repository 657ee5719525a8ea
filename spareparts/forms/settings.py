"""Forms of Settings › Spare parts management."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from spareparts.enums import Feature, Mode
from spareparts.models import SparepartsSettings
from spareparts.policies import ModePolicy

OFF, ON = "off", "on"


class WantedForm(forms.Form):
    """Which change is looked at: the plugin off or on, or a mode."""

    to = forms.ChoiceField(choices=[(OFF, OFF), (ON, ON), *Mode.choices])

    def target(self, row: SparepartsSettings) -> dict[str, Any]:
        """The settings after the change."""
        to = self.cleaned_data["to"]
        if to in (OFF, ON):
            return {"mode": row.mode, "is_enabled": to == ON}
        return {"mode": to, "is_enabled": row.is_enabled}


class ChangeForm(WantedForm):
    """The confirmed change, with the version of the settings that the preview showed."""

    to = forms.ChoiceField(choices=[(OFF, OFF), (ON, ON), *Mode.choices], widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


# Which terms are asked when: a feature that must be there. What nothing asks for keeps its value.
TERM_FEATURES: dict[str, Feature] = {
    "undo_minutes": Feature.CONSUMPTION,
    "requisition_approval": Feature.REQUISITION,
    "rule_quantity": Feature.REQUISITION,
    "rule_value": Feature.REQUISITION,
    "rule_serial_tracked": Feature.REQUISITION,
    "rule_over_limit": Feature.REQUISITION,
    "holding_limit": Feature.PERSONAL_INVENTORY,
    "shipment_approval": Feature.SHIPMENT,
    "tracking_link": Feature.SHIPMENT,
    "return_confirmation": Feature.RETURN,
    "unused_days": Feature.RETURN,
    "old_part_default": Feature.OLD_PART_DEBT,
    "old_part_days": Feature.OLD_PART_DEBT,
    "colleagues_see": Feature.PERSONAL_INVENTORY,
    "hand_over_hours": Feature.HAND_OVER,
    "hand_over_keeps_age": Feature.HAND_OVER,
    "count_limit": Feature.PERSONAL_COUNT,
}
# Asked only where no warehouse takes returns in.
WITHOUT_WAREHOUSE = frozenset({"return_confirmation"})
MOST = {"undo_minutes": 1440, "hand_over_hours": 720, "unused_days": 730, "old_part_days": 730}
SHORT = {"class": "short", "inputmode": "numeric"}


class TermsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Approvals, limits and windows, as far as the mode knows what they are about."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    class Meta:
        model = SparepartsSettings
        fields = list(TERM_FEATURES)
        labels = {"undo_minutes": _("Undo window in minutes")}
        help_texts = {"undo_minutes": _("So long an engineer may undo what he recorded. Later a service manager can.")}
        widgets = {"undo_minutes": forms.NumberInput(attrs=SHORT)}

    def __init__(self, *args: Any, policy: ModePolicy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, feature in TERM_FEATURES.items():
            without = name in WITHOUT_WAREHOUSE and policy.has(Feature.WAREHOUSE_STOCK)
            if (name != "undo_minutes" and not policy.has(feature)) or without:
                del self.fields[name]
        for name, most in MOST.items():
            if name in self.fields:
                self.fields[name].validators.append(MaxValueValidator(most))

    def clean_tracking_link(self) -> str:
        link: str = self.cleaned_data["tracking_link"]
        if link and not (link.startswith("https://") and "{number}" in link):
            raise forms.ValidationError(_("Start with https:// and put {number} where the tracking number goes."))
        return link

    def terms(self) -> dict[str, Any]:
        """What was asked, for the domain."""
        return {name: self.cleaned_data[name] for name in TERM_FEATURES if name in self.fields}

    def _post_clean(self) -> None:
        """Field rules only: the row is written by the domain, not by this form."""
