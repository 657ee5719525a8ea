"""Forms about people: one's own page, the language switch, the admin."""

import zoneinfo
from datetime import datetime
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.shared.errors import DomainError
from config.shared.submissions import add_domain_error
from workorders.domain import people
from workorders.enums import Role, Theme
from workorders.models import User

REGIONS = {
    "Europe": _("Europe"),
    "Asia": _("Asia"),
    "Africa": _("Africa"),
    "America": _("America"),
    "Australia": _("Australia"),
    "Pacific": _("Pacific"),
    "Atlantic": _("Atlantic"),
    "Indian": _("Indian Ocean"),
}


@cache
def zones_by_region() -> dict[str, list[tuple[str, str]]]:
    """The places people know, by region; left out are the abbreviations and the aliases that files inherit."""
    found: dict[str, list[tuple[str, str]]] = {region: [] for region in REGIONS}
    for name in sorted(zoneinfo.available_timezones()):
        region, _slash, place = name.partition("/")
        if region in found:
            found[region].append((name, place.replace("_", " ").replace("/", " – ")))
    return found


def zone_choices() -> list[tuple[Any, Any]]:
    company = _("The company's (%(zone)s)") % {"zone": settings.COMPANY_TIME_ZONE.replace("_", " ")}
    groups = [(REGIONS[region], places) for region, places in zones_by_region().items()]
    return [("", company), *groups, ("UTC", "UTC")]


def zone_field(**kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Time zone"), choices=zone_choices, required=False, **kwargs)


class MeForm(forms.ModelForm):
    """What a person sets for himself. Name and address of the account belong to the administrator."""

    time_zone = zone_field()
    theme = forms.ChoiceField(
        label=_("Appearance"), choices=Theme.choices, widget=forms.RadioSelect(attrs={"class": "segmented"})
    )

    class Meta:
        model = User
        fields = ["name", "phone", "language", "time_zone", "theme"]
        labels = {"name": _("Full name"), "phone": _("Phone"), "language": _("Language")}
        help_texts = {"language": ""}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)  # noqa: S101  for the type checker
        language.choices = [("", _("As the browser asks")), *settings.LANGUAGES]


class LanguageForm(forms.Form):
    language = forms.ChoiceField(choices=settings.LANGUAGES)


class DemoSignInForm(forms.Form):
    persona = forms.EmailField()


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Kept in the audit.")
    )


class PersonForm(forms.ModelForm):
    """A person in the admin. ``reason`` is asked when he may sign in no more; ``by`` is who fills it in."""

    by: User

    time_zone = zone_field()
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        help_text=_("Needed when the person may sign in no more. Kept in the audit."),
    )

    class Meta:
        model = User
        fields = [
            "name", "email", "is_active", "team", "phone", "language", "time_zone",
            *(f"is_{role.value}" for role in Role),
        ]  # fmt: skip

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError(people.EmailTaken().messages)
        return email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.roles():
            self.add_error("is_engineer", people.RolesMissing().messages)
        if self.instance.pk and not self.errors:
            self._rehearse()
        return cleaned

    def apply(self, *, by: User, at: datetime) -> None:
        """Give each part of the change to its verb: facts, roles, access. One audit row per part that differs."""
        person, changed = User.objects.get(pk=self.instance.pk), set(self.changed_data)
        facts = {name: self.cleaned_data[name] for name in people.MANAGED_FIELDS & changed}
        if facts:
            people.change_person(person, by=by, at=at, **facts)
        people.change_roles(person, roles=self.roles(), by=by, at=at)
        if "is_active" in changed:
            verb = people.reactivate_person if self.cleaned_data["is_active"] else people.deactivate_person
            verb(person, by=by, at=at, reason=self.cleaned_data["reason"])

    def _rehearse(self) -> None:
        """Do all of it and undo it, so that every refusal of the domain stands in the form with what was typed."""
        try:
            with transaction.atomic():
                self.apply(by=self.by, at=timezone.now())
                transaction.set_rollback(True)
        except DomainError as error:
            add_domain_error(self, error)

    def roles(self) -> frozenset[Role]:
        return frozenset(role for role in Role if self.cleaned_data.get(f"is_{role.value}"))
