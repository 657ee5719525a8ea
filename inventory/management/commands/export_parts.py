"""Write the catalogue into a file that import_parts reads back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.shared.exports import FORMATS, csv_lines, xlsx_file
from config.shared.imports import export_rows, get_kind
from inventory.models import Part


class Command(BaseCommand):
    help = "Export all parts to FILE, which ends in .csv or .xlsx."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        kind = get_kind("parts")
        if kind is None or file.suffix.lower().removeprefix(".") not in FORMATS:
            raise CommandError("Name a file that ends in .csv or .xlsx.")
        headers, rows = export_rows(kind, Part.objects.order_by("number"), user=None)
        try:
            if file.suffix.lower() == ".xlsx":
                with xlsx_file(headers, rows) as made:
                    file.write_bytes(made.read())
            else:
                with file.open("w", encoding="utf-8", newline="") as target:
                    target.writelines(csv_lines(headers, rows))
        except OSError as error:
            raise CommandError(f"The file cannot be written: {error.strerror or error}.") from error
        self.stdout.write(f"Exported to {file}.")
