"""Rows as a CSV or XLSX file, without live formulas.

A text that a spreadsheet would run gets an apostrophe in front; the import takes it off again, so a round trip keeps
every value.
"""

import csv
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

FORMATS = ("csv", "xlsx")
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767  # what a spreadsheet holds
MOST_XLSX_ROWS = 100_000  # a workbook is made before it is sent; a CSV is sent while it is made

# =, +, - and @ start a formula, also full-width and after blanks; tab and line ends can break out of a cell.
_LIVE = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")

Row = Sequence[Any]


def escape(value: Any) -> Any:
    """``value`` as a file may hold it: numbers stay numbers, a text that looks like a formula becomes plain text."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float | Decimal):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if timezone.is_aware(value) else str(value)
    text = str(value)
    return f"'{text}" if _LIVE.match(text) else text


def unescape(text: str) -> str:
    """What ``escape`` was given."""
    return text[1:] if text.startswith("'") and _LIVE.match(text) else text


def export_response(name: str, format_name: str, headers: Row, rows: Iterable[Row]) -> HttpResponseBase:
    """``rows`` as a download called ``name``.csv or .xlsx; a CSV is sent while the rows are read."""
    if format_name == "xlsx":
        return FileResponse(
            xlsx_file(headers, rows), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX_TYPE
        )
    response = StreamingHttpResponse(csv_lines(headers, rows), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


class _Echo:
    """A file that gives back what is written: the csv module then yields its lines."""

    def write(self, text: str) -> str:
        return text


def csv_lines(headers: Row, rows: Iterable[Row]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"  # spreadsheets read UTF-8 only with this mark
    yield writer.writerow([escape(each) for each in headers])
    for row in rows:
        yield writer.writerow([escape(each) for each in row])


def xlsx_file(headers: Row, rows: Iterable[Row]) -> IO[bytes]:
    """The rows in a temporary file, rewound; it goes away when closed."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    sheet.append([_xlsx_cell(each) for each in headers])
    for number, row in enumerate(rows, start=1):
        if number > MOST_XLSX_ROWS:
            sheet.append(
                [
                    _("Only the first %(count)d rows are here. Export as CSV for all of them.")
                    % {"count": MOST_XLSX_ROWS}
                ]
            )
            break
        sheet.append([_xlsx_cell(each) for each in row])
    target = tempfile.TemporaryFile()  # noqa: SIM115  closed by the response
    book.save(target)
    target.seek(0)
    return target


def _xlsx_cell(value: Any) -> Any:
    safe = escape(value)
    if isinstance(safe, str):
        return ILLEGAL_CHARACTERS_RE.sub("", safe)[:LONGEST_CELL]
    return safe
