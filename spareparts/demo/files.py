"""Tables come in as a company's own files would: through the import, all rows or none."""

import csv
from collections.abc import Sequence
from io import StringIO

from config.shared.imports import get_kind, guess_mapping, run_import
from config.shared.imports.files import read_sheet
from spareparts.demo.stage import Stage
from spareparts.demo.tables import Row
from workorders.models import User


class BadTable(Exception):
    """A table of the demo that the import refuses; the message has all its problems."""


def import_rows(stage: Stage, slug: str, rows: Sequence[Row], *, by: User) -> None:
    """Import ``rows`` as a file of the kind ``slug``, as ``by`` at the company's beginning."""
    kind = get_kind(slug)
    assert kind is not None, slug  # noqa: S101
    name = f"{slug}.csv"
    sheet = read_sheet(_as_csv(rows).encode(), name)
    mapping = guess_mapping(kind.resource.columns, sheet.headers)
    report = run_import(kind, sheet, mapping, by=by, at=stage.beginning, is_dry_run=False, label=name)
    if report.problems:
        raise BadTable("\n".join(str(problem) for problem in report.problems))


def _as_csv(rows: Sequence[Row]) -> str:
    file = StringIO()
    writer = csv.DictWriter(file, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()
