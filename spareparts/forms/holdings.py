"""What the pages about holdings can be narrowed by; the only way query strings get in."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.enums import Condition
from inventory.models import Move, Part
from inventory.queries import span_of_days
from inventory.search import normalise
from spareparts.domain.handed import HandedPart
from spareparts.forms.lines import QuantityRefused, is_zero, key_of, parse_quantity, step_of, typed_quantity
from spareparts.queries.ageing import BUCKETS, pieces_by_bucket
from spareparts.queries.holdings import Holding, company_zone
from workorders.forms import DayField, EngineerField
from workorders.models import Team, User

LONGEST_SEARCH = 100
MOST_PEOPLE = 10
SHOWN = ("all", "due", "old", "value")


class ShownForm(forms.Form):
    """Which of my parts, and a search among them."""

    show = forms.ChoiceField(choices=[(key, key) for key in SHOWN], required=False)
    q = forms.CharField(max_length=LONGEST_SEARCH, required=False)

    @property
    def chosen(self) -> str:
        return (self.cleaned_data.get("show") if self.is_valid() else "") or "all"

    @property
    def text(self) -> str:
        return (self.cleaned_data.get("q") if self.is_valid() else "") or ""


class StatementForm(forms.Form):
    """The day whose evening the statement tells of."""

    day = DayField(label=gettext_lazy("As of the end of"), required=False)

    def chosen(self, *, today: date) -> date:
        """Today when nothing, or nothing sensible, was asked for; the future is not known yet."""
        found = self.cleaned_data.get("day") if self.is_valid() else None
        return min(found, today) if found else today


class DaysForm(forms.Form):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day is before the first."))
        return data


class DayFilter(django_filters.Filter):
    field_class = DayField


class MoveFilter(django_filters.FilterSet):
    """The moves of one person's inventory."""

    q = django_filters.CharFilter(method="search", label=gettext_lazy("Part"), max_length=LONGEST_SEARCH)
    condition = django_filters.ChoiceFilter(
        choices=Condition.choices, label=gettext_lazy("Condition"), empty_label=gettext_lazy("All")
    )
    first = DayFilter(label=gettext_lazy("From"), method="nothing")
    last = DayFilter(label=gettext_lazy("To"), method="nothing")
    part = django_filters.ModelChoiceFilter(queryset=Part.objects.all(), widget=forms.HiddenInput)

    class Meta:
        model = Move
        form = DaysForm
        fields: list[str] = []

    @cached_property
    def moves(self) -> QuerySet[Move]:
        """What is left of the moves; nothing when the filter cannot be understood."""
        if not self.form.is_valid():
            return self.queryset.none()
        first, last = self.form.cleaned_data.get("first"), self.form.cleaned_data.get("last")
        found = self.qs
        if first:
            found = found.filter(posting__posted_at__gte=span_of_days(first, first, company_zone())[0])
        if last:
            found = found.filter(posting__posted_at__lt=span_of_days(last, last, company_zone())[1])
        return found

    def nothing(self, queryset: QuerySet[Move], name: str, value: Any) -> QuerySet[Move]:
        """The days are applied together, in ``moves``."""
        return queryset

    def search(self, queryset: QuerySet[Move], name: str, value: str) -> QuerySet[Move]:
        return queryset.filter(part__in=Part.objects.search(value).order_by().values("pk"))


class TeamForm(forms.Form):
    """Whose parts: one team's or everybody's. The teams are read once, for the choice and the list alike."""

    team = forms.ChoiceField(
        label=gettext_lazy("Team"),
        required=False,
        widget=forms.Select(attrs={"aria-label": gettext_lazy("Team")}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        teams = [(str(team.pk), team.name) for team in Team.objects.order_by("name")]
        self.fields["team"].choices = [("", _("All teams")), *teams]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen; nothing when it cannot be understood."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}

    def narrowed(self, people: QuerySet[User]) -> QuerySet[User]:
        """The people of the chosen team; nobody when the form cannot be understood."""
        if not self.is_valid():
            return people.none()
        team = self.cleaned_data["team"]
        return people.filter(team=int(team)) if team else people


class HeldForm(TeamForm):
    """Which of the parts in engineers' hands."""

    q = forms.CharField(label=gettext_lazy("Part"), max_length=LONGEST_SEARCH, required=False)
    condition = forms.ChoiceField(
        choices=[("", gettext_lazy("All")), *Condition.choices], label=gettext_lazy("Condition"), required=False
    )
    age = forms.ChoiceField(
        choices=[("", gettext_lazy("All")), *((each.key, each.label) for each in BUCKETS)],
        label=gettext_lazy("Age"),
        required=False,
    )
    field_order = ("q", "team", "condition", "age")

    def found(self, holdings: Iterable[Holding]) -> list[Holding]:
        """The holdings with at least one piece of the age, in the condition, whose part is like what was typed."""
        chosen = self.chosen
        text, condition, age = normalise(chosen.get("q", "")), chosen.get("condition"), chosen.get("age")
        return [
            each
            for each in holdings
            if (not condition or each.condition == condition)
            and (not age or pieces_by_bucket(each).get(age))
            and text in normalise(f"{each.part.number} {each.part.name} {each.lot or ''}")
        ]


class KeysField(forms.ModelMultipleChoiceField):
    """Rows by their keys; what cannot be a key names nothing, and no database is asked about it."""

    def clean(self, value: Any) -> Any:
        keys = [key_of(str(each)) for each in value or ()]
        return super().clean([key for key in keys if key is not None])


class PeopleForm(forms.Form):
    """Whose parts are moved or recalled."""

    engineer = KeysField(queryset=User.objects.none())

    def __init__(self, data: Mapping[str, Any] | None = None, *, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["engineer"].queryset = people  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[User]:
        return list(self.cleaned_data["engineer"][:MOST_PEOPLE]) if self.is_valid() else []


class MoveForm(forms.Form):
    """How many of each line go, and where: to a colleague, or back by a return."""

    MOVE, RECALL = "move", "recall"

    action = forms.ChoiceField(
        label=gettext_lazy("What should happen"),
        choices=[(MOVE, gettext_lazy("Move to a colleague")), (RECALL, gettext_lazy("Call back"))],
        widget=forms.RadioSelect(attrs={"class": "segmented"}),
        initial=MOVE,
    )
    receiver = EngineerField(
        queryset=User.objects.none(),
        label=gettext_lazy("Colleague"),
        required=False,
        empty_label=gettext_lazy("Choose"),
        help_text=gettext_lazy("Only when parts are moved: they are his at once, and both are told."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        holdings: Iterable[Holding],
        proposed: Mapping[str, int],
        receivers: QuerySet[User],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.holdings = {f"q-{each.key}": each for each in holdings}
        self.fields["receiver"].queryset = receivers  # type: ignore[attr-defined]
        for name, each in self.holdings.items():
            typed = typed_quantity(proposed.get(each.key, 0), each.part.unit)
            self.fields[name] = forms.CharField(label=each.part.number, required=False, initial=typed, max_length=20)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name, holding in self.holdings.items():
            try:
                data[name] = self._read(data.get(name, ""), holding)
            except QuantityRefused as refusal:
                self.add_error(name, str(refusal))
        if data.get("action") == self.MOVE and not data.get("receiver") and "receiver" not in self.errors:
            self.add_error("receiver", _("Choose who gets the parts."))
        return data

    def _read(self, text: str, holding: Holding) -> int:
        if is_zero(text):
            return 0
        steps = parse_quantity(text, holding.part.unit)
        if steps > holding.quantity:
            held = f"{typed_quantity(holding.quantity, holding.part.unit)} {holding.part.unit.code}"
            words = {"part": holding.part.number, "person": holding.engineer, "held": held}
            raise QuantityRefused(_("%(part)s: %(person)s holds %(held)s.") % words)
        return steps

    @property
    def parts(self) -> dict[User, list[HandedPart]]:
        """What goes, person by person."""
        found: dict[User, list[HandedPart]] = {}
        for name, each in self.holdings.items():
            steps = self.cleaned_data[name]
            if steps:
                part = HandedPart(each.part, steps, each.condition, each.lot)
                found.setdefault(each.engineer, []).append(part)
        return found

    @property
    def groups(self) -> list[tuple[User, list[tuple[Holding, Any, str]]]]:
        """For the page: each person with his lines, their fields and the step of − and +."""
        found: dict[User, list[tuple[Holding, Any, str]]] = {}
        for name, each in self.holdings.items():
            found.setdefault(each.engineer, []).append((each, self[name], step_of(each.part.unit)))
        return sorted(found.items(), key=lambda group: group[0].name)
