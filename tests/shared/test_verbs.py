"""Every verb that the audit stores has its words, in one table, in both languages."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from config.shared import verbs
from spareparts.enums import CONSUMPTION_TRANSITIONS
from workorders.enums import WORK_ORDER_TRANSITIONS

ROOT = Path(__file__).parents[2]
KINDS = "session|access|import|person|workorder|warehouse|settings|consumption|equipment_part"
WRITTEN = re.compile(rf'"(?:{KINDS})\.[a-z_]+"')


def written_verbs() -> set[str]:
    """What the code writes: named in full, or made from a row of a transition table."""
    sources = [
        path for app in ("config", "inventory", "workorders", "spareparts") for path in (ROOT / app).rglob("*.py")
    ]
    found = {match.strip('"') for path in sources for match in WRITTEN.findall(path.read_text())}
    made = {f"workorder.{verb}" for verb in WORK_ORDER_TRANSITIONS}
    made |= {f"consumption.{verb}" for verb in CONSUMPTION_TRANSITIONS}
    return found | made


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_verb_has_words(language: str) -> None:
    with translation.override(language):
        told = {verb: verbs.in_words(verb) for verb in written_verbs()}

    assert len(told) > 40
    assert {verb: words for verb, words in told.items() if words == verb} == {}
    if language == "zh-hans":
        assert {verb: words for verb, words in told.items() if words.isascii()} == {}


def test_a_verb_of_another_release_is_told_as_it_was_stored() -> None:
    assert verbs.in_words("workorder.archived") == "workorder.archived"
