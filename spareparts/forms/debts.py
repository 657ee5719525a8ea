"""Old parts that are owed: taking them out, asking to be let off, deciding."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.forms import PictureField
from spareparts.domain.debts import ASKABLE
from spareparts.enums import DEBT_TRANSITIONS, OldPartAnswer
from spareparts.models import OldPartDebt

DECISIONS = ("refuse", "leave", "waive")


class TakeOutForm(forms.Form):
    """Its serial number, where it has one."""

    old_serial = forms.CharField(
        label=_("Serial of the old part"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocapitalize": "off", "autocomplete": "off", "spellcheck": "false"}),
    )


class AskForm(forms.Form):
    """Why it does not come back."""

    answer = forms.ChoiceField(
        label=_("What became of the old part"),
        choices=[(each.value, OldPartAnswer(each).label) for each in ASKABLE],
        widget=forms.RadioSelect(attrs={"class": "segmented"}),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    photo = PictureField(
        label=_("Photo"),
        required=False,
        max_length=200,
        help_text=_("JPEG, PNG or WebP, at most 10 MB."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )


class DecideForm(forms.Form):
    """The verbs that the status allows; a refusal only answers a question."""

    decision = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, debt: OldPartDebt, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [DEBT_TRANSITIONS[verb] for verb in DECISIONS]
        possible = [row for row in rows if debt.status in row.sources and (row.verb != "refuse" or debt.asked_answer)]
        self.fields["decision"].choices = [(row.verb, row.label) for row in possible]  # type: ignore[attr-defined]
