from django import forms
from django.utils.translation import gettext_lazy as _


class UndoForm(forms.Form):
    """Taking a record back within the window: nothing to fill in."""


class ReasonForm(forms.Form):
    """Taking it back later, or correcting it, needs a reason."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
