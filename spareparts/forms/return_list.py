"""What the lists of returns and old parts can be narrowed by."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from spareparts.enums import OPEN_DEBTS, OWED, DebtStatus, ReturnStatus
from spareparts.models import OldPartDebt, Return
from workorders.enums import Role
from workorders.models import User

LONGEST_SEARCH = 60
OPEN = [ReturnStatus.PREPARED, ReturnStatus.HANDED_OVER]


class ListForm(forms.Form):
    """Only what is valid narrows; nonsense is as if nothing was chosen."""

    def chosen(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name)


class ReturnListForm(ListForm):
    state = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("All")), ("open", pgettext_lazy("returns", "Open")), ("done", _("Checked in"))],
    )
    q = forms.CharField(
        label=_("Reference or engineer"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    def narrowed(self, rows: QuerySet[Return]) -> QuerySet[Return]:
        state, text = self.chosen("state"), (self.chosen("q") or "").strip()
        if state == "open":
            rows = rows.filter(status__in=OPEN)
        elif state == "done":
            rows = rows.filter(status=ReturnStatus.CHECKED_IN)
        if text:
            digits = text.upper().removeprefix("RT-")
            is_key = digits.isascii() and digits.isdigit() and len(digits) < 19
            by_key = Q(pk=int(digits)) if is_key else Q(pk__in=[])
            rows = rows.filter(by_key | Q(engineer__name__icontains=text))
        return rows.order_by("-pk")


class OldPartsForm(ListForm):
    """Who owes what."""

    q = forms.CharField(
        label=_("Part or serial number"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    state = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", pgettext_lazy("old parts", "Open")),
            ("late", _("Late")),
            ("asked", _("Asked to be let off")),
            *DebtStatus.choices,
            ("all", _("All")),
        ],
    )
    engineer = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, label=_("Engineer"), empty_label=_("All")
    )
    warranty = forms.ChoiceField(
        required=False, label=_("Warranty"), choices=[("", _("All")), ("on", _("In warranty only"))]
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["engineer"].queryset = User.objects.with_role(Role.ENGINEER).order_by("name")  # type: ignore[attr-defined]

    def narrowed(self, rows: QuerySet[OldPartDebt]) -> QuerySet[OldPartDebt]:
        """Everything but the state: the tiles count within it."""
        text, engineer = (self.chosen("q") or "").strip(), self.chosen("engineer")
        if text:
            rows = rows.filter(
                Q(part__number__icontains=text) | Q(serial__icontains=text) | Q(lot__code__icontains=text)
            )
        if engineer is not None:
            rows = rows.filter(engineer=engineer)
        return rows.filter(is_warranty=True) if self.chosen("warranty") else rows

    def in_state(self, rows: QuerySet[OldPartDebt]) -> QuerySet[OldPartDebt]:
        state = self.chosen("state")
        if state == "all":
            return rows
        if state == "late":
            return rows.filter(status__in=OWED, due_on__lt=self.today)
        if state == "asked":
            return rows.filter(status__in=OWED).exclude(asked_answer="")
        return rows.filter(status=state) if state else rows.filter(status__in=OPEN_DEBTS)
