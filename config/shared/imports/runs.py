"""One run of an import: dry or real, all or nothing, with a report; and the rows of an export."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.shared import audit
from config.shared.errors import DomainError
from config.shared.imports.files import Sheet
from config.shared.imports.kinds import ImportKind
from config.shared.imports.resources import Column, ImportResource, Problem, Sample

EXPORT_CHUNK = 500


@dataclass
class Report:
    """What a run did, or would do."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def bad_rows(self) -> int:
        return len({problem.row for problem in self.problems})

    @property
    def total(self) -> int:
        return self.new + self.changed + self.unchanged

    def counts(self) -> dict[str, int]:
        return {"new": self.new, "changed": self.changed, "unchanged": self.unchanged}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Report":
        problems = [Problem(**each) for each in data.pop("problems")]
        samples = [Sample(**each) for each in data.pop("samples")]
        return cls(problems=problems, samples=samples, **data)


class MappingRefused(DomainError):
    """The columns do not fit: one is missing, named twice or unknown."""


def run_import(
    kind: ImportKind,
    sheet: Sheet,
    mapping: dict[int, str],
    *,
    by: Any,
    at: datetime,
    is_dry_run: bool,
    label: str = "",
    progress: Callable[[int, int], None] | None = None,
    details: dict[str, Any] | None = None,
) -> Report:
    """Import the rows of ``sheet``; ``mapping`` says which field each of its columns (from 0) holds.

    All rows are written and audited, or none: a row with a problem stops them all. A dry run writes and takes back.
    ``by`` is None for a command. Refused: MappingRefused.
    """
    total = len(sheet.lines)
    resource = kind.resource(user=by, at=at, progress=(lambda done, _all: progress(done, total)) if progress else None)
    check_mapping(resource, mapping)
    with transaction.atomic():
        problems = _too_wide(sheet)
        resource.import_data(resource.dataset(sheet.lines, mapping), use_transactions=True)
        problems += resource.problems
        report = Report(problems=sorted(problems, key=_place), samples=resource.samples, **resource.totals)  # type: ignore[arg-type]
        report.notes = resource.notes()
        if is_dry_run or problems:
            transaction.set_rollback(True)
        else:
            facts = {"kind": kind.slug} | report.counts() | (details or {})
            audit.record(
                "import.done",
                by=by,
                at=at,
                label=label,
                details=facts,
            )
    return report


def _place(problem: Problem) -> int:
    return problem.row


def _too_wide(sheet: Sheet) -> list[Problem]:
    """Rows with more cells than the header: most often a separator inside an unquoted text."""
    width = len(sheet.headers)
    wide = [(line.number, len(line.cells)) for line in sheet.lines if len(line.cells) > width]
    return [Problem(number, "", _cells(width), _cells(count)) for number, count in wide]


def _cells(count: int) -> str:
    return ngettext("%(count)d cell", "%(count)d cells", count) % {"count": count}


def check_mapping(resource: ImportResource, mapping: dict[int, str]) -> None:
    """Refuse a mapping with an unknown field, a field twice, or a required field missing."""
    fields = list(mapping.values())
    messages = [_("There is no field “%(name)s”.") % {"name": name} for name in fields if name not in resource.fields]
    messages += [
        _("Two columns are chosen for “%(field)s”. Choose one.") % {"field": resource.labels[name]}
        for name in sorted(set(fields))
        if fields.count(name) > 1 and name in resource.fields
    ]
    messages += [
        _("Choose the column that holds “%(field)s”.") % {"field": resource.labels[name]}
        for name in resource.fields
        if name in resource.required and name not in fields
    ]
    if messages:
        raise MappingRefused(messages=messages)


def guess_mapping(columns: Iterable[Column], headers: list[str]) -> dict[int, str]:
    """Which field each header names: by field name, label in any language, or alias; each field once."""
    known: dict[str, str] = {}
    for column in columns:
        for word in _names(column):
            known.setdefault(_plain(word), column.field)
    mapping: dict[int, str] = {}
    for at, header in enumerate(headers):
        found = known.get(_plain(header))
        if found is not None and found not in mapping.values():
            mapping[at] = found
    return mapping


def _names(column: Column) -> list[str]:
    labels = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            labels.append(str(column.label))
    return [column.field, *labels, *column.aliases]


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def export_rows(kind: ImportKind, queryset: QuerySet[Any], *, user: Any) -> tuple[list[str], Iterator[list[Any]]]:
    """Headers and rows of an export that the import reads back; columns the person may not see are left out."""
    resource = kind.resource(user=user)
    related = [each.attribute for each in resource.fields.values()]
    names = {each.name for each in queryset.model._meta.fields if each.is_relation}
    prepared = resource.export_queryset(queryset.select_related(*[each for each in related if each in names]))
    rows = (resource.export_resource(each) for each in prepared.iterator(chunk_size=EXPORT_CHUNK))
    return list(resource.fields), rows
