"""Forms of Settings › Spare parts management."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from spareparts.enums import Mode
from spareparts.models import SparepartsSettings

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


class UndoWindowForm(forms.Form):
    """How long an engineer may undo what he recorded."""

    undo_minutes = forms.IntegerField(
        label=_("Undo window in minutes"),
        help_text=_("So long an engineer may undo what he recorded. Later a service manager can."),
        min_value=0,
        max_value=1440,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
