from django import forms

from spareparts.queries.report import GROUPINGS


class GroupForm(forms.Form):
    """What the report adds up by."""

    group = forms.ChoiceField(choices=[(key, key) for key in GROUPINGS], required=False)
