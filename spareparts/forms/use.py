"""The form for recording parts used: who, and one line per part."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Part
from spareparts.domain.consumption import UsedPart
from spareparts.enums import OldPartAnswer, Permission
from spareparts.forms.lines import MOST_LINES, PREFIX, Catalogue, PartLineForm, PartLineFormSet, lines_factory
from workorders.models import User

SAME, OTHER, ENTRY = "same", "other", "entry-"
_ENTRY = re.compile(rf"{ENTRY}([1-9]\d{{0,17}})")


def catalogue_of(data: Mapping[str, str], user: User) -> Catalogue:
    """The parts used and the old parts typed by number, in one query."""
    prefixes = [f"{PREFIX}-{index}" for index in range(MOST_LINES)]
    typed = (data.get(f"{each}-old_part", "") for each in prefixes if data.get(f"{each}-old_choice") == OTHER)
    return Catalogue.of_post(data, user, numbers=typed)


class UseLineForm(PartLineForm[UsedPart]):
    """One part used."""

    lot_text = forms.CharField(required=False, max_length=60)
    old_part_answer = forms.ChoiceField(required=False, choices=OldPartAnswer.choices)
    old_choice = forms.CharField(required=False, max_length=30)
    old_part = forms.CharField(required=False, max_length=60)
    old_serial = forms.CharField(required=False, max_length=60)

    def without_quantity(self, part: Part | None, data: dict[str, Any]) -> None:
        """Nothing that was typed is dropped in silence."""
        if part is not None and (data.get("lot_text") or data.get("old_serial")):
            self.blame("quantity", part, _("Say how many you used."))

    def read_line(self, part: Part, quantity: int, data: dict[str, Any]) -> None:
        answer = data.get("old_part_answer") or OldPartAnswer.NONE
        facts: dict[str, Any] = {"old_part_answer": answer}
        if answer != OldPartAnswer.NONE:
            facts |= self._old_part(part, data) | {"old_serial": data["old_serial"]}
        elif data["old_serial"]:
            self.blame("old_serial", part, _("You typed a serial number of an old part: say what happens to it."))
        if not self.errors:
            self.line = UsedPart(part, quantity, lot_text=data["lot_text"], **facts)

    def _old_part(self, part: Part, data: dict[str, Any]) -> dict[str, Any]:
        choice = data["old_choice"] or SAME
        entry = _ENTRY.fullmatch(choice)
        if entry is not None:
            return {"taken_from": int(entry.group(1))}
        if choice != OTHER:
            return {"old_part": part}
        named = self.catalogue.named(data["old_part"])
        if len(named) == 1:
            return {"old_part": named[0]}
        words = (
            _("Several parts have this number. Type it exactly as in the catalogue.")
            if named
            else _("No part has this number. Choose the old part from the catalogue.")
        )
        self.blame("old_part", part, words)
        return {}


class BaseUseFormSet(PartLineFormSet[UsedPart]):
    """All lines of one record."""

    nothing = gettext_lazy("Add at least one part and say how many you used.")


UseFormSet = lines_factory(UseLineForm, BaseUseFormSet)


class UseHeadForm(forms.Form):
    """Who used the parts. An engineer records his own use and is asked nothing; a manager names him and says why."""

    engineer = forms.ModelChoiceField(
        queryset=User.objects.none(), label=gettext_lazy("Engineer who used the parts"), empty_label=None
    )
    reason = forms.CharField(
        label=gettext_lazy("Why you record it for somebody else"),
        required=False,
        max_length=500,
        widget=forms.TextInput(),
    )

    def __init__(self, *args: Any, by: User, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        if by.has_perm(Permission.RECORD_USE_FOR_OTHERS):
            self.fields["engineer"].queryset = people  # type: ignore[attr-defined]
            self.fields["reason"].required = not people.filter(pk=by.pk).exists()
        else:
            self.fields.clear()

    @property
    def who(self) -> User:
        """The engineer who used the parts."""
        return self.cleaned_data.get("engineer") or self.by

    @property
    def why(self) -> str:
        """The reason for recording somebody else's use."""
        return "" if self.who.pk == self.by.pk else self.cleaned_data.get("reason", "")
