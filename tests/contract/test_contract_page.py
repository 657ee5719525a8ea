"""docs/contract.md names every promise, and every proof it names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")


def test_every_promise_has_its_line():
    rows = set(re.findall(r"^\| ([RS]\d+(?:–R\d+)?) \|", PAGE, re.MULTILINE))
    several = {f"R{number}" for number in range(9, 13)}
    assert (rows - {"R9–R12"}) | several == {f"R{n}" for n in range(1, 18)} | {f"S{n}" for n in range(1, 16)}


def test_every_proof_is_there():
    named = set(re.findall(r"`((?:tests|\.ci)/[\w/.]+)`", PAGE))
    assert len(named) > 20
    assert sorted(path for path in named if not (ROOT / path).exists()) == []
