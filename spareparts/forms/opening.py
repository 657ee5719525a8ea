"""Opening stock typed or pasted line by line, or as a file; every bad cell is named by row, field, expected and got."""

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared.errors import DomainError
from config.shared.imports.files import Cell, Line, read_sheet
from inventory.enums import Condition
from inventory.models import Part, Warehouse
from inventory.search import normalise
from spareparts.domain.opening import MOST_LINES, OpeningLine
from spareparts.enums import Mode
from spareparts.forms.lines import QuantityRefused, parse_quantity
from spareparts.policies import ModePolicy
from spareparts.queries.use import parts_named
from workorders.models import User
from workorders.queries import active_engineers

MOST_TYPED = 200_000  # characters
MOST_FILE_BYTES = 10 * 1024 * 1024
MOST_SHOWN = 50
COLUMNS = {
    "part": ("part", "part number", "number", "备件", "备件编号", "料号"),
    "quantity": ("quantity", "qty", "数量"),
    "lot": ("lot", "batch", "serial", "batch or serial number", "serial number", "批次", "序列号"),
    "condition": ("condition", "状态", "新旧"),
    "since": ("held since", "since", "date", "日期"),
}
ORDER = ("part", "quantity", "lot", "condition", "since")


class WarehouseForm(forms.ModelForm):  # type: ignore[type-arg]
    """The first warehouse of a company that begins to keep warehouse stock."""

    class Meta:
        model = Warehouse
        fields = ["code", "name", "address", "phone"]
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}


class ClosingForm(forms.Form):
    """The closing document: why everything in vanishing places is written off."""

    to = forms.ChoiceField(choices=Mode.choices, widget=forms.HiddenInput)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class OpeningForm(forms.Form):
    """Where the stock lay, and what: ``lines`` is for the domain."""

    place = forms.ChoiceField(label=gettext_lazy("Where it lies"))
    rows = forms.CharField(
        label=gettext_lazy("Lines"),
        required=False,
        max_length=MOST_TYPED,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocapitalize": "off"}),
        help_text=gettext_lazy(
            "One per line: part number, quantity, batch or serial number. Rows copied from a spreadsheet work too."
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        help_text=gettext_lazy("CSV or XLSX with the columns part, quantity, lot, condition, held since."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )

    def __init__(self, *args: Any, by: User, policy: ModePolicy, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.policy = by, policy
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.lines: list[OpeningLine] = []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        upload, typed = data.get("file"), data.get("rows") or ""
        if self.errors:
            return data
        if bool(upload) == bool(typed.strip()):
            self.add_error("rows", _("Type the lines, or choose a file."))
            return data
        try:
            sheet = _uploaded(upload) if upload else read_sheet(_with_header(typed).encode(), "typed.csv")
        except DomainError as error:
            self.add_error("file" if upload else "rows", error.messages)
            return data
        self._read("file" if upload else "rows", _columns(sheet.headers), sheet.lines, typed_header=not upload)
        return data

    def _read(self, field: str, columns: dict[str, int], lines: list[Line], *, typed_header: bool) -> None:
        if missing := {"part", "quantity"} - columns.keys():
            self.add_error(field, _("The columns are missing: %(names)s") % {"names": ", ".join(sorted(missing))})
            return
        if len(lines) > MOST_LINES:
            self.add_error(field, _("At most %(most)s lines at once.") % {"most": MOST_LINES})
            return
        parts = _parts(self.by, [_text(line.cells, columns["part"]) for line in lines])
        problems: list[str] = []
        for line in lines:
            reader = _Row(line, columns, parts)
            self.lines += reader.read()
            problems += reader.problems
        if problems:
            self.lines = []
            self.add_error(field, problems[:MOST_SHOWN])


class _Row:
    """One row on its way to an OpeningLine."""

    def __init__(self, line: Line, columns: dict[str, int], parts: dict[str, list[Part]]) -> None:
        self.line, self.columns, self.parts = line, columns, parts
        self.problems: list[str] = []

    def cell(self, name: str) -> str:
        return _text(self.line.cells, self.columns[name]) if name in self.columns else ""

    def blame(self, field: str, expected: str) -> None:
        words = {"row": self.line.number, "field": field, "expected": expected, "got": self.cell(field)[:60] or "–"}
        self.problems.append(_("Row %(row)s, %(field)s: expected %(expected)s, got “%(got)s”.") % words)

    def read(self) -> list[OpeningLine]:
        number = self.cell("part")
        found = self.parts.get(normalise(number), [])
        found = [part for part in found if part.number == number] or found
        if len(found) != 1:
            self.blame("part", _("a part number of the catalogue"))
            return []
        quantity, condition, since = self._quantity(found[0]), self._condition(), self._since()
        if self.problems or quantity is None:
            return []
        return [OpeningLine(found[0], quantity, self.line.number, self.cell("lot")[:60], condition, since)]

    def _quantity(self, part: Part) -> int | None:
        try:
            return parse_quantity(self.cell("quantity"), part.unit)
        except QuantityRefused as error:
            self.blame("quantity", str(error))
            return None

    def _condition(self) -> str:
        typed = self.cell("condition").casefold()
        known = {"": Condition.NEW} | {each.value: each for each in Condition}
        known |= {str(each.label).casefold(): each for each in Condition}
        if typed not in known:
            self.blame("condition", ", ".join(Condition.values))
        return str(known.get(typed, Condition.NEW))

    def _since(self) -> datetime | None:
        typed = self.cell("since")[:10]
        try:
            return datetime.combine(date.fromisoformat(typed), time(12), tzinfo=UTC) if typed else None
        except ValueError:
            self.blame("since", _("a date such as 2026-11-23"))
            return None


def _uploaded(upload: UploadedFile) -> Any:
    if (upload.size or 0) > MOST_FILE_BYTES:
        raise DomainError(_("The file is larger than 10 MB."))
    return read_sheet(upload.read(), upload.name or "")


def _with_header(typed: str) -> str:
    """What people paste has rarely a header; without one the columns stand in the order of the hint."""
    first = typed.lstrip().splitlines()[0]
    for mark in ("\t", ";", ","):
        if mark in first:
            is_header = first.split(mark)[0].strip().casefold() in COLUMNS["part"]
            most = max(line.count(mark) for line in typed.splitlines()) + 1
            return typed.lstrip() if is_header else f"{mark.join(ORDER[:most])}\n{typed.lstrip()}"
    return f"part,quantity\n{typed.lstrip()}"


def _columns(headers: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, header in enumerate(headers):
        name = next((each for each, names in COLUMNS.items() if header.strip().casefold() in (each, *names)), None)
        if name:
            found.setdefault(name, index)
    return found


def _text(cells: list[Cell], index: int) -> str:
    return str(cells[index]).strip().replace("\x00", "") if index < len(cells) else ""


def _parts(by: User, numbers: list[str]) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for part in parts_named(by, ids=[], numbers=[number[:60] for number in numbers]):
        found.setdefault(part.number_key, []).append(part)
    return found


def places_for(policy: ModePolicy, *, warehouses: list[Warehouse]) -> list[tuple[str, str]]:
    """Every place that opening stock may come to: shelves where the mode has them, and the engineers."""
    people = [(f"engineer-{person.pk}", str(person)) for person in active_engineers()]
    return [(f"warehouse-{each.pk}", str(each)) for each in warehouses] + people
