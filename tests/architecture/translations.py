"""Reading catalogues and templates for the translation tests."""

import re
from html.parser import HTMLParser
from pathlib import Path

import polib

# Words that are the same in both languages, or names: msgid == msgstr is right for them.
SAME_IN_CHINESE = {"Spareparts", "English", "简体中文", "CSV", "XLSX", "QR", "ID", "OK", "URL", "PDF", "BOM", "TOTP"}

NAMED = re.compile(r"%\((\w+)\)[sd]")
BRACED = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
LETTERS = re.compile(r"[A-Za-z]{2,}")
COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?\{%\s*endcomment\s*%\}|<!--.*?-->", re.DOTALL)
BLOCK = re.compile(r"\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL)
CLASSES = re.compile(r"\{%\s*block \w*class\s*%\}.*?\{%\s*endblock\b.*?%\}", re.DOTALL)
CHOSEN_ELEMENT = re.compile(r"</?\{[%{][^<]*?>", re.DOTALL)  # <{% if href %}a{% else %}button{% endif %} …>
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
SPOKEN = {"alt", "aria-label", "aria-description", "aria-roledescription", "placeholder", "title"}
SILENT = {"script", "style", "code", "kbd", "pre", "svg"}
# In a template these stand for themselves in every language.
NAMES = {"Spareparts", "CSV", "XLSX", "English", "Ctrl", "Esc", "Enter"}


def placeholders(text: str) -> set[str]:
    return set(NAMED.findall(text)) | set(BRACED.findall(text))


def texts(entry: polib.POEntry) -> list[str]:
    """Every translation of the entry: one, or one per plural form."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def key(entry: polib.POEntry) -> tuple[str, str, str]:
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural


def content(catalogue: polib.POFile | polib.MOFile) -> dict[tuple[str, str, str], list[str]]:
    return {key(entry): texts(entry) for entry in catalogue if not getattr(entry, "obsolete", False)}


def problems(entry: polib.POEntry) -> list[str]:
    """What is wrong with one message, in words."""
    found = []
    if "fuzzy" in entry.flags:
        found.append("fuzzy")
    if not all(text.strip() for text in texts(entry)):
        found.append("untranslated")
    elif entry.msgid in texts(entry) and entry.msgid not in SAME_IN_CHINESE and LETTERS.search(bare(entry.msgid)):
        found.append("same as the English")
    wanted = placeholders(entry.msgid) | placeholders(entry.msgid_plural)
    if any(placeholders(text) - wanted for text in texts(entry)):
        found.append("an unknown placeholder")
    if not entry.msgid_plural and all(texts(entry)) and placeholders(entry.msgstr) != wanted:
        found.append("other placeholders")
    return found


def bare(text: str) -> str:
    return BRACED.sub("", NAMED.sub("", text))


class Spoken(HTMLParser):
    """Collects the words a reader would see or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        self.words += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT and self.silent > 0

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)


def untranslated_words(template: str) -> list[str]:
    """The literal words of a template that no translation tag covers."""
    text = template
    for covered in (COMMENT, BLOCK, CLASSES, CHOSEN_ELEMENT, TAG):
        text = covered.sub(" ", text)
    reader = Spoken()
    reader.feed(text)
    stripped = (re.sub(r"&\w+;", " ", words).strip() for words in reader.words)
    return [words for words in stripped if LETTERS.search(words) and words not in NAMES]


def read_catalogue(path: Path) -> polib.POFile:
    return polib.pofile(str(path))
