"""Forms of the catalogue."""

from typing import Any

from django import forms
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared.errors import DomainError
from inventory.domain.catalogue import check_supersession
from inventory.domain.images import clean_picture
from inventory.models import Move, Part


class PartSearchForm(forms.Form):
    """What the picker sends with each letter."""

    q = forms.CharField(required=False, max_length=200)


class ShownPicture:
    """What the file input links to: our own view, since no web server serves the folder."""

    def __init__(self, part: Part) -> None:
        self.url = reverse("inventory:part_image", args=[part.pk])

    def __str__(self) -> str:
        return _("the present picture")


class PictureInput(forms.ClearableFileInput):
    def format_value(self, value: Any) -> Any:
        return ShownPicture(value.instance) if self.is_initial(value) else None


class PictureField(forms.FileField):
    """A picture that is checked and drawn anew before it is stored."""

    widget = PictureInput

    def to_python(self, data: Any) -> "ContentFile[bytes] | None":
        upload: Any = super().to_python(data)
        if upload is None:
            return None
        try:
            return clean_picture(upload)
        except DomainError as error:
            raise forms.ValidationError(error.messages) from error


class PartForm(forms.ModelForm):
    """A part as the administrator edits it; takes the supersession lock when it is checked inside a transaction."""

    image = PictureField(
        label=gettext_lazy("Picture"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("JPEG, PNG or WebP, at most 10 MB."),
        widget=PictureInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    class Meta:
        model = Part
        fields = [
            "number",
            "name",
            "description",
            "manufacturer",
            "manufacturer_number",
            "supplier_number",
            "category",
            "unit",
            "tracking",
            "unit_cost",
            "is_listed",
            "is_noted_in_machine",
            "old_part_rule",
            "image",
            "superseded_by",
        ]

    def clean_superseded_by(self) -> Part | None:
        successor: Part | None = self.cleaned_data["superseded_by"]
        if successor is not None and successor.pk == self.instance.pk:
            raise forms.ValidationError(_("A part cannot replace itself. Choose another part."))
        try:
            check_supersession(self.instance, successor)
        except DomainError as error:
            raise forms.ValidationError(error.messages) from error
        return successor

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        fixed = [name for name in ("unit", "tracking") if name in self.changed_data]
        if fixed and self.instance.pk and Move.objects.filter(part=self.instance).exists():
            for name in fixed:
                self.add_error(name, _("This part has moved already, so this stays as it is. Make a new part instead."))
        return cleaned
