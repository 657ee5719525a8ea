"""The form for closing a job: one answer per part that is open for it, and one per old part not taken out yet."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.enums import Condition, Tracking
from spareparts.domain.closing import OWN_ONLY, OldAnswer, OldPartAnswered, PartAnswer, RestAnswer
from spareparts.domain.consumption import UsedPart
from spareparts.enums import OldPartAnswer
from spareparts.forms.lines import QuantityRefused, is_zero, parse_quantity, step_of, typed_quantity
from spareparts.forms.use_held import LATER, OLD_CHOICES
from spareparts.models import EquipmentPart, OldPartDebt
from spareparts.queries.open_parts import OpenPart
from workorders.models import User


class ClosingQueryForm(forms.Form):
    """Whose parts, and what the person pressed before he came here."""

    engineer = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    then = forms.ChoiceField(required=False, choices=[("complete", "complete")])


class ClosingHeadForm(forms.Form):
    """A manager who answers for somebody says why; the engineer himself is asked nothing."""

    reason = forms.CharField(
        label=gettext_lazy("Why you answer for somebody else"), max_length=500, widget=forms.TextInput()
    )

    def __init__(self, *args: Any, is_own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_own:
            self.fields.clear()

    @property
    def why(self) -> str:
        return self.cleaned_data.get("reason", "")


class OpenPartForm(forms.Form):
    """One part that is open: how many were used, and what becomes of the rest."""

    use_required_attribute = False

    seen = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput())
    used = forms.CharField(required=False, max_length=20)
    rest = forms.ChoiceField(required=False, choices=RestAnswer.choices)
    reason = forms.CharField(required=False, max_length=200)
    receiver = forms.ChoiceField(required=False)
    old_answer = forms.ChoiceField(required=False, choices=OLD_CHOICES)
    old_serial = forms.CharField(required=False, max_length=60)
    old_reason = forms.CharField(required=False, max_length=200)

    def __init__(
        self,
        *args: Any,
        row: OpenPart,
        must: bool,
        entry: EquipmentPart | None,
        colleagues: Sequence[User],
        is_own: bool,
        **kwargs: Any,
    ) -> None:
        kwargs["prefix"] = prefix_of(row)
        super().__init__(*args, **kwargs)
        self.row, self.must, self.entry, self.is_own = row, must, entry, is_own
        self.colleagues = {str(each.pk): each for each in colleagues}
        names = [(key, each.name) for key, each in self.colleagues.items()]
        self.fields["receiver"].choices = [("", "---------"), *names]  # type: ignore[attr-defined]
        self.used_part: UsedPart | None = None

    @property
    def rest_choices(self) -> list[tuple[str, Any]]:
        """What may be answered: only the engineer himself knows that a part is lost, or offers it to a colleague."""
        return [(value, label) for value, label in RestAnswer.choices if self.is_own or value not in OWN_ONLY]

    @property
    def most(self) -> str:
        return typed_quantity(self.row.quantity, self.row.part.unit)

    @property
    def step(self) -> str:
        return step_of(self.row.part.unit)

    @property
    def used_label(self) -> str:
        return _("%(part)s: used here") % {"part": self.row.part.number}

    @property
    def used_error(self) -> str:
        """The id of what is wrong with the quantity, when something is."""
        return f"{self['used'].id_for_label}_error" if self["used"].errors else ""

    @property
    def is_old_open(self) -> bool:
        """The question about the old part stands open: something is used, or its answer was refused."""
        return not is_zero(str(self["used"].value() or "")) or any(
            self[name].errors for name in ("old_answer", "old_serial", "old_reason")
        )

    @property
    def kind(self) -> str:
        """What to say of a part that is not new."""
        return "" if self.row.condition == Condition.NEW else str(Condition(self.row.condition).label)

    @property
    def old_serial_asked(self) -> bool:
        old = self.entry.part if self.entry is not None else self.row.part
        return old.tracking == Tracking.SERIAL

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        text = data.get("used") or ""
        if self.errors or is_zero(text):
            return data
        try:
            quantity = parse_quantity(text, self.row.part.unit)
        except QuantityRefused as error:
            words = {"part": self.row.part.number, "problem": str(error)}
            self.add_error("used", _("%(part)s: %(problem)s") % words)
            return data
        row = self.row
        lot = row.lot
        self.used_part = UsedPart(row.part, quantity, condition=row.condition, lot=lot, **self._old_part(data))
        return data

    def _old_part(self, data: dict[str, Any]) -> dict[str, Any]:
        answer = data.get("old_answer") or OldPartAnswer.NONE
        if not self.must or answer == OldPartAnswer.NONE:
            return {"old_reason": data["old_reason"]}
        old: dict[str, Any] = {"old_part": self.row.part}
        if self.entry is not None:
            old = {"taken_from": self.entry.pk}
        return old | {
            "old_part_answer": OldPartAnswer.RETURNING if answer == LATER else answer,
            "is_taken_out": answer != LATER,
            "old_serial": data["old_serial"],
            "old_reason": data["old_reason"],
        }

    @property
    def answer(self) -> PartAnswer:
        data = self.cleaned_data
        return PartAnswer(
            open=replace(self.row, quantity=data["seen"]),
            used=self.used_part,
            rest=data["rest"],
            reason=data["reason"],
            receiver=self.colleagues.get(data["receiver"]),
        )


class OldPartForm(forms.Form):
    """One old part that is still in the machine."""

    use_required_attribute = False

    answer = forms.ChoiceField(choices=OldAnswer.choices)
    serial = forms.CharField(required=False, max_length=60)
    reason = forms.CharField(required=False, max_length=500)

    def __init__(self, *args: Any, debt: OldPartDebt, **kwargs: Any) -> None:
        kwargs["prefix"] = f"old-{debt.pk}"
        super().__init__(*args, **kwargs)
        self.debt = debt

    @property
    def serial_asked(self) -> bool:
        return self.debt.part.tracking == Tracking.SERIAL

    @property
    def answered(self) -> OldPartAnswered:
        data = self.cleaned_data
        return OldPartAnswered(self.debt, data["answer"], data["reason"], data["serial"])


def prefix_of(row: OpenPart) -> str:
    return f"open-{row.part.pk}-{row.condition}-{row.lot.pk if row.lot is not None else 0}"


class AllLines:
    """The forms of the page as one thing: all are asked, and the summary on top names what is wrong in any."""

    is_bound = True

    def __init__(self, lines: Sequence[forms.Form]) -> None:
        self.forms = lines

    def are_valid(self) -> bool:
        return not [form for form in self.forms if not form.is_valid()]

    def total_error_count(self) -> int:
        return sum(len(form.errors) for form in self.forms if form.is_bound)

    def non_form_errors(self) -> list[str]:
        return []
