"""The demo company's tables: CSV files a person can read and change."""

import csv
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).parent / "data"
Row = dict[str, str]


def read(name: str) -> list[Row]:
    """The rows of ``data/<name>.csv``."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed(text: str) -> list[str]:
    """ "Karl Huber; Lin Zhang" as two names."""
    return [each.strip() for each in text.split(";") if each.strip()]


def amounts(text: str) -> Iterator[tuple[str, str]]:
    """ "REF-R32×1.9; FST-SOLD-15×1" as pairs of a name and a quantity in units."""
    for each in listed(text):
        name, _times, quantity = each.rpartition("×")
        yield name, quantity
