"""Bring a file of parts into the catalogue."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.shared.errors import DomainError
from config.shared.imports import Problem, Report, get_kind, guess_mapping, run_import
from config.shared.imports.files import Sheet, read_sheet

SHOWN_PROBLEMS = 50


class Command(BaseCommand):
    help = "Import parts from a CSV or XLSX file: all rows or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help="Which field a column of the file holds, e.g. --map 'price_eur=cost'; may be given several times. "
            "Columns not named are guessed from their headers; 'COLUMN=' leaves one out.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Show what would change and write nothing.")

    def handle(self, *, file: Path, map: list[str], dry_run: bool, **options: Any) -> None:
        kind = get_kind("parts")
        if kind is None:
            raise CommandError("Parts cannot be imported.")
        try:
            sheet = read_sheet(file.read_bytes(), file.name)
            mapping = self.mapping(kind.resource.columns, sheet, map)
            report = run_import(kind, sheet, mapping, by=None, at=timezone.now(), is_dry_run=dry_run, label=file.name)
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror or error}.") from error
        except DomainError as error:
            raise CommandError("\n".join(error.messages)) from error
        self.show(report, is_dry_run=dry_run)

    def mapping(self, columns: Any, sheet: Sheet, given: list[str]) -> dict[int, str]:
        mapping = guess_mapping(columns, sheet.headers)
        for each in given:
            header, equals, name = each.rpartition("=")
            if not equals or header not in sheet.headers:
                raise CommandError(f"--map {each}: the file has no such column. It has: {', '.join(sheet.headers)}.")
            at = sheet.headers.index(header)
            mapping = {key: value for key, value in mapping.items() if key != at and value != name}
            if name:
                mapping[at] = name
        return mapping

    def show(self, report: Report, *, is_dry_run: bool) -> None:
        for note in report.notes:
            self.stdout.write(note)
        for problem in report.problems[:SHOWN_PROBLEMS]:
            self.stderr.write(describe(problem))
        if report.problems:
            raise CommandError(f"{report.bad_rows} rows to correct. Nothing was imported.")
        done = "Would be imported" if is_dry_run else "Imported"
        self.stdout.write(f"{done}: {report.new} new, {report.changed} changed, {report.unchanged} unchanged.")


def describe(problem: Problem) -> str:
    place = ", ".join(each for each in (f"row {problem.row}" if problem.row else "", problem.field) if each)
    return f"{place}: expected {problem.expected}, got {problem.got or 'nothing'}"
