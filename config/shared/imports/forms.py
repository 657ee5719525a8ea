"""The two forms of an import: the file, and which column means what."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared.errors import DomainError
from config.shared.imports.files import Sheet, read_sheet
from config.shared.imports.resources import Column
from config.shared.imports.runs import guess_mapping

SHOWN_CELLS = 3
LOOKED_AT = 200


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV or XLSX file"),
        max_length=200,
        help_text=gettext_lazy("The first row holds the names of the columns."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={
            "empty": gettext_lazy("The file is empty. Choose a file with a header row and at least one row below it.")
        },
    )

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > settings.UPLOAD_MAX_BYTES:
            limit = filesizeformat(settings.UPLOAD_MAX_BYTES)
            raise forms.ValidationError(_("The file is larger than %(limit)s. Split it.") % {"limit": limit})
        self.data_read = upload.read()
        try:
            read_sheet(self.data_read, upload.name or "")
        except DomainError as error:
            raise forms.ValidationError(error.messages) from error
        return upload


class ConfirmForm(forms.Form):
    """Nothing to fill in: the preview is the form."""


class MappingForm(forms.Form):
    """One choice per column of the file: a field, or leave it out."""

    def __init__(
        self, *args: Any, sheet: Sheet, columns: list[Column], saved: dict[int, str] | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        chosen = saved if saved is not None else guess_mapping(columns, sheet.headers)
        choices = [("", _("Leave out")), *((each.field, each.label) for each in columns)]
        for at, header in enumerate(sheet.headers):
            self.fields[f"column_{at}"] = forms.ChoiceField(
                label=header,
                choices=choices,
                required=False,
                initial=chosen.get(at, ""),
            )

    def mapping(self) -> dict[int, str]:
        values = self.cleaned_data.items()
        return {int(name.removeprefix("column_")): value for name, value in values if value}

    def with_examples(self) -> Iterator[tuple[forms.BoundField, str]]:
        """Each choice with some cells of its column. They are a stranger's text: never a help text, which is HTML."""
        for at, bound in enumerate(self):
            yield bound, _examples(self.sheet, at)


def _examples(sheet: Sheet, at: int) -> str:
    cells = [str(cell)[:40] for cell in islice(sheet.column(at), LOOKED_AT) if cell != ""]
    return " · ".join(list(dict.fromkeys(cells))[:SHOWN_CELLS])
