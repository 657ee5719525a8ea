"""Imports point down: the two contracts of import-linter, and what it cannot see in templates."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.source import APPS, ROOT, relative, templates

SPAREPARTS_IN_TEMPLATE = re.compile(r"""["']spareparts:|\{%\s*load[^%]*\bspareparts\b|["']spareparts/""")
LOWER = ("workorders", "inventory")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    command = [program, "--config", ROOT / "pyproject.toml", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_both_contracts_are_kept():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_every_app_is_under_contract():
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert linter["root_packages"] == list(APPS)
    houses, rooms = linter["contracts"]
    assert houses["layers"][1:] == ["spareparts", "inventory | workorders", "config.shared"]
    assert rooms["containers"] == ["inventory", "workorders", "spareparts"]
    assert not [key for contract in (houses, rooms) for key in contract if key.startswith("ignore")]


def test_templates_of_the_lower_apps_do_not_know_spareparts():
    found = [
        relative(path)
        for app in LOWER
        for path in templates(f"templates/{app}")
        if SPAREPARTS_IN_TEMPLATE.search(path.read_text())
    ]
    assert found == []


def test_a_planted_address_would_be_found():
    for planted in ("{% url 'spareparts:home' %}", "{% load i18n spareparts %}", '{% include "spareparts/x.html" %}'):
        assert SPAREPARTS_IN_TEMPLATE.search(planted)
