"""English and Simplified Chinese are complete: nothing missing, nothing doubtful, nothing stale."""

import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from tests.architecture.source import APPS, ROOT, relative, templates
from tests.architecture.translations import content, problems, read_catalogue, untranslated_words

LOCALE = ROOT / "config" / "locale" / "zh_Hans" / "LC_MESSAGES"
CATALOGUES = sorted(LOCALE.glob("*.po"))


@pytest.fixture(params=CATALOGUES, ids=lambda path: path.stem)
def catalogue(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_there_is_a_catalogue():
    assert [path.name for path in CATALOGUES][:1] == ["django.po"]


def test_every_message_is_translated(catalogue: Path):
    entries = [entry for entry in read_catalogue(catalogue) if not entry.obsolete]
    assert entries
    assert [(entry.msgid, problems(entry)) for entry in entries if problems(entry)] == []


def test_nothing_obsolete_is_kept(catalogue: Path):
    assert [entry.msgid for entry in read_catalogue(catalogue).obsolete_entries()] == []


def test_the_compiled_file_says_the_same(catalogue: Path):
    compiled = polib.mofile(str(catalogue.with_suffix(".mo")))
    assert content(compiled) == content(read_catalogue(catalogue))


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="xgettext is not on this machine (package gettext)")
def test_the_code_has_no_message_that_the_catalogue_misses(tmp_path: Path):
    for name in (*APPS, "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "locale"))
    (tmp_path / "config" / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "zh_Hans", "--no-location"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = content(read_catalogue(tmp_path / "config" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po")).keys()
    known = content(read_catalogue(LOCALE / "django.po")).keys()
    assert {"new": found - known, "gone": known - found} == {"new": set(), "gone": set()}


def test_no_template_speaks_without_translation():
    pages = [path for path in templates() if "styleguide" not in path.parts]
    found = {relative(path): untranslated_words(path.read_text()) for path in pages}
    assert {name: words for name, words in found.items() if words} == {}


class TestPlantedFaults:
    """Each fault the tests above look for is one they would find."""

    @pytest.mark.parametrize(
        ("entry", "found"),
        [
            (polib.POEntry(msgid="Jobs", msgstr="工单"), []),
            (polib.POEntry(msgid="Jobs", msgstr=""), ["untranslated"]),
            (polib.POEntry(msgid="Jobs", msgstr="Jobs"), ["same as the English"]),
            (polib.POEntry(msgid="Jobs", msgstr="工单", flags=["fuzzy"]), ["fuzzy"]),
            (polib.POEntry(msgid="CSV", msgstr="CSV"), []),
            (polib.POEntry(msgid="%(n)s · {x}", msgstr="%(n)s · {x}"), []),
            (polib.POEntry(msgid="Hello %(name)s", msgstr="你好"), ["other placeholders"]),
            (
                polib.POEntry(msgid="Hello %(name)s", msgstr="你好 %(nane)s"),
                ["an unknown placeholder", "other placeholders"],
            ),
            (polib.POEntry(msgid="%(n)s part", msgid_plural="%(n)s parts", msgstr_plural={0: "%(n)s 个备件"}), []),
            (polib.POEntry(msgid="%(n)s part", msgid_plural="%(n)s parts", msgstr_plural={0: ""}), ["untranslated"]),
        ],
    )
    def test_in_a_message(self, entry: polib.POEntry, found: list[str]):
        assert problems(entry) == found

    @pytest.mark.parametrize(
        ("template", "words"),
        [
            ("<p>{% translate 'Jobs' %}</p>", []),
            ("<p>Jobs</p>", ["Jobs"]),
            ('<a title="Open the job">{{ job }}</a>', ["Open the job"]),
            ("{# Context: job #}<p>{% blocktranslate %}Hello{% endblocktranslate %} &middot; {{ x }}</p>", []),
            ('<a class="button" href="{% url "x" %}">Spareparts</a>', []),
            ("{% comment %}words{% endcomment %}<kbd>Enter</kbd>", []),
        ],
    )
    def test_in_a_template(self, template: str, words: list[str]):
        assert untranslated_words(template) == words
