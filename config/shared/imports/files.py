"""A file of rows as people send it: CSV of any habit, or XLSX, read within limits."""

import codecs
import csv
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import IO, Any
from zlib import error as ZlibError

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from config.shared.errors import DomainError
from config.shared.exports import unescape

MOST_ROWS = 50_000
MOST_COLUMNS = 100
MOST_UNPACKED_BYTES = 150 * 1024 * 1024
# An element takes 300 bytes of memory and more, so a small file of nothing but elements would fill a machine.
MOST_TAGS = 5_000_000
MOST_TAGS_AT_ONCE = 200_000  # in one row, or in a part that has no rows (the styles)
MOST_BLANK_ROWS = 1_000
DELIMITERS = (",", ";", "\t", "|")

Cell = str | int | bool | Decimal | date | datetime


class Formula(str):
    """A cell of a spreadsheet that holds a formula instead of a value."""


class FileRefused(DomainError):
    """The file as a whole cannot be read."""

    field = "file"


@dataclass(frozen=True)
class Line:
    """One row; ``number`` is what a spreadsheet shows beside it (the header is row 1)."""

    number: int
    cells: list[Cell]


@dataclass(frozen=True)
class Sheet:
    headers: list[str]
    lines: list[Line]

    def column(self, index: int) -> Iterator[Cell]:
        return (line.cells[index] for line in self.lines if index < len(line.cells))


def read_sheet(data: bytes, name: str) -> Sheet:
    """The rows of the file called ``name``. Refused: FileRefused for what is no CSV or XLSX, empty, or too large."""
    if not data.strip():
        raise FileRefused(_("The file is empty. Choose a file with a header row and at least one row below it."))
    extension = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if data.startswith(b"PK\x03\x04") or extension == "xlsx":
        rows = _xlsx_rows(data, extension)
    elif data.startswith(b"\xd0\xcf\x11\xe0") or extension in {"xls", "ods", "numbers"}:
        raise FileRefused(_("This kind of spreadsheet cannot be read. Save it as XLSX or CSV and choose that file."))
    elif extension not in {"csv", "txt", "tsv"}:
        raise FileRefused(_("Choose a CSV or XLSX file."))
    else:
        rows = csv.reader(_lines(_decode(data)), delimiter=_delimiter(_decode(data)))
    return _sheet(_numbered(rows))


def _sheet(rows: Iterator[Line]) -> Sheet:
    header = next((line for line in rows), None)
    if header is None:
        raise FileRefused(_("The file is empty. Choose a file with a header row and at least one row below it."))
    if len(header.cells) > MOST_COLUMNS:
        raise FileRefused(_("The file has more than %(count)d columns.") % {"count": MOST_COLUMNS})
    headers = [str(cell).strip() or get_column_letter(at) for at, cell in enumerate(header.cells, 1)]
    lines: list[Line] = []
    for line in rows:
        if len(lines) >= MOST_ROWS:
            raise FileRefused(_("The file has more than %(count)d rows. Split it.") % {"count": MOST_ROWS})
        lines.append(line)
    if not lines:
        raise FileRefused(_("The file has a header row but no row below it."))
    return Sheet(headers, lines)


def _numbered(rows: Iterable[list[Any]]) -> Iterator[Line]:
    """The rows that hold something, with their numbers and without blank cells at the end."""
    blank = 0
    try:
        for number, row in enumerate(rows, 1):
            cells = _trimmed(row)
            if cells:
                blank = 0
                yield Line(number, cells)
            else:
                blank += 1
                if blank > MOST_BLANK_ROWS:
                    return
    except csv.Error as error:
        raise FileRefused(_("The file cannot be read as CSV: %(error)s.") % {"error": error}) from error


def _trimmed(row: Iterable[Any]) -> list[Cell]:
    cells = [_cell(value) for value in row]
    while cells and cells[-1] == "":
        cells.pop()
    return cells


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, Formula):
        return value
    if isinstance(value, str):
        return unescape(value.strip())
    if isinstance(value, float):
        return int(value) if value.is_integer() else Decimal(repr(round(value, 9)))
    if isinstance(value, bool | int | date):
        return value
    return str(value)


# --- CSV -------------------------------------------------------------------------------------------------
def _decode(data: bytes) -> str:
    """The text of the file: by its mark, else UTF-8, else the Chinese or the Western table, whichever fits."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _text(data, encoding)
    if b"\x00" in data:
        raise FileRefused(_("This is no text file. Choose a CSV or XLSX file."))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _text(data, "gb18030" if _looks_chinese(data) else "cp1252")


def _text(data: bytes, encoding: str) -> str:
    text = data.decode(encoding, "replace" if encoding == "cp1252" else "strict") if _decodes(data, encoding) else None
    if text is None or "\x00" in text:
        raise FileRefused(_("The text of this file cannot be read. Save it as CSV in UTF-8 and choose that file."))
    return text


def _decodes(data: bytes, encoding: str) -> bool:
    if encoding == "cp1252":
        return True
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_COMMON_CHINESE = re.compile(rb"(?:[\xb0-\xd7\xa1-\xa9][\xa1-\xfe])")


def _looks_chinese(data: bytes) -> bool:
    """Common Chinese characters are pairs of high bytes from a small area; Western letters stand mostly alone."""
    if not _decodes(data, "gb18030"):
        return False
    runs = _HIGH_RUN.findall(data)
    high = sum(len(run) for run in runs)
    paired = sum(2 * len(_COMMON_CHINESE.findall(run)) for run in runs)
    return paired >= 0.6 * high


def _delimiter(text: str) -> str:
    """The sign that splits the first rows most evenly; a first line ``sep=;`` decides."""
    if text[:4].lower() == "sep=" and text[4:5] not in {"", "\r", "\n", '"'}:
        return text[4:5]
    lines = text[:65536].splitlines()[:20]
    return max(DELIMITERS, key=lambda sign: _evenness(lines, sign))


def _evenness(lines: list[str], sign: str) -> tuple[float, int]:
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=sign) if row]
    except csv.Error:
        return (0, 0)
    if not widths or widths[0] == 1:
        return (0, 0)
    return (sum(width == widths[0] for width in widths) / len(widths), widths[0])


def _lines(text: str) -> Iterator[str]:
    body = text.split("\n", 1)[-1] if text[:4].lower() == "sep=" else text
    return iter(StringIO(body, newline=""))


# --- XLSX ------------------------------------------------------------------------------------------------
def _xlsx_rows(data: bytes, extension: str) -> Iterator[list[Any]]:
    if extension != "xlsx" or not data.startswith(b"PK\x03\x04"):
        raise FileRefused(_("The name and the content of this file do not fit. Choose a CSV or XLSX file."))
    try:
        _check_archive(data)
        book = load_workbook(BytesIO(data), read_only=True, keep_links=False)
        yield from _sheet_rows(book.worksheets[0])
    except FileRefused:
        raise
    except (
        zipfile.BadZipFile,
        ZlibError,
        InvalidFileException,
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        AttributeError,
        SyntaxError,
        OSError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise FileRefused(_("This XLSX file is damaged. Open it in a spreadsheet, save it and try again.")) from error


_ROW = re.compile(rb"<(?:\w+:)?(?:row|si)\b")
_TOO_MUCH = gettext_lazy("This XLSX file unpacks to too much data. Save only the sheet with the rows.")


def _check_archive(data: bytes) -> None:
    """Refuse what would unpack to far more than it seems, and XML that defines its own words."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        members = archive.infolist()
        if len(members) > 1000 or sum(member.file_size for member in members) > MOST_UNPACKED_BYTES:
            raise FileRefused(_TOO_MUCH)
        tags = 0
        for member in members:
            has_rows = member.filename.lower().startswith(("xl/worksheets/", "xl/sharedstrings"))
            with archive.open(member) as part:
                tags += _count_tags(part, has_rows=has_rows)
            if tags > MOST_TAGS:
                raise FileRefused(_TOO_MUCH)


def _count_tags(part: IO[bytes], *, has_rows: bool) -> int:
    """How many tags the part holds. Refused: definitions, wherever they stand, and too many tags between two rows."""
    tags = at_once = 0
    before = b""
    for block in iter(lambda: part.read(1 << 20), b""):
        plain = block.replace(b"\x00", b"").lower()
        if any(word in before + plain for word in (b"<!doctype", b"<!entity")):
            raise FileRefused(_("This XLSX file holds definitions that are not allowed."))
        before = plain[-10:]
        tags += plain.count(b"<")
        for number, piece in enumerate(_ROW.split(plain) if has_rows else [plain]):
            at_once = piece.count(b"<") + (at_once if number == 0 else 0)
            if at_once > MOST_TAGS_AT_ONCE:
                raise FileRefused(_TOO_MUCH)
    return tags


def _sheet_rows(sheet: Any) -> Iterator[list[Any]]:
    for row in sheet.iter_rows(max_col=MOST_COLUMNS + 1, max_row=MOST_ROWS * 2):
        yield [Formula(cell.value) if cell.data_type == "f" else cell.value for cell in row]
