"""One way to read what people type: case, blanks and dashes do not count, also in Chinese, the same on both engines."""

import re
import unicodedata

LONGEST_QUERY = 100
MOST_WORDS = 8

_IGNORED = re.compile(r"[\s\-‐-―−_./·・]+")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def normalise(text: str) -> str:
    """Half-width, lower case, without blanks, dashes, dots, slashes, underscores and unseen characters."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(letter for letter in _IGNORED.sub("", plain) if unicodedata.category(letter) not in _UNSEEN)
    return unicodedata.normalize("NFKC", kept)


def words(text: str) -> list[str]:
    """The normalised words of a query; a part must hold all of them. What is too long to mean anything is cut."""
    parts = unicodedata.normalize("NFKC", text[:LONGEST_QUERY]).split()
    return [word for word in map(normalise, parts) if word][:MOST_WORDS]
