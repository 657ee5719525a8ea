"""The table of requirements is complete, says how, and its proofs are there."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin

from config.shared.admin import HistoryAdmin

ROOT = Path(__file__).resolve().parents[2]
STATES = {"yes", "partly", "no", "operator", "n/a"}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (ROOT / "docs" / "asvs.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_requirement_of_levels_1_and_2_stands_there_once(rows: list[dict[str, str]]):
    assert Counter(row["level"] for row in rows) == {"1": 70, "2": 183}
    assert len({row["requirement"] for row in rows}) == len(rows)
    assert {row["state"] for row in rows} == STATES


def test_what_is_not_kept_says_why(rows: list[dict[str, str]]):
    assert [row["requirement"] for row in rows if row["state"] in {"partly", "no"} and not row["how"]] == []


def test_every_proof_that_is_a_file_exists(rows: list[dict[str, str]]):
    named = {path for row in rows for path in re.findall(r"(?:tests|docs)/[\w/.]*\w", row["proof"] + " " + row["how"])}
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_no_admin_page_saves_old_versions():
    """The library's own page would, also for who may only look; ours refuses (tests/people/test_admin.py)."""
    bare = [
        type(each).__name__
        for each in admin.site._registry.values()
        if isinstance(each, SimpleHistoryAdmin) and not isinstance(each, HistoryAdmin)
    ]
    assert bare == []
