"""Import and export of master data: one framework, one declaration per kind (docs/import.md).

An app declares its kinds in ``<app>/domain/imports.py``: a subclass of ``ImportResource`` with its columns, and
``register(ImportKind(...))``. Pages, mapping, dry run, errors, progress and export come from here.
"""

from config.shared.imports.kinds import ImportKind, all_kinds, get_kind, register
from config.shared.imports.resources import Column, ImportResource, Problem
from config.shared.imports.runs import Report, export_rows, guess_mapping, run_import
from config.shared.imports.values import CellError, Choice, Day, Lookup, Moment, Number, Text, Value, Whole, YesNo

__all__ = [
    "CellError",
    "Choice",
    "Column",
    "Day",
    "ImportKind",
    "ImportResource",
    "Lookup",
    "Moment",
    "Number",
    "Problem",
    "Report",
    "Text",
    "Value",
    "Whole",
    "YesNo",
    "all_kinds",
    "export_rows",
    "get_kind",
    "guess_mapping",
    "register",
    "run_import",
]
