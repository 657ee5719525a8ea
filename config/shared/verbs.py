"""What happened, in words: one table of the verbs in the audit. Each app adds its own when it is ready."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_WORDS: dict[str, str | Promise] = {
    "session.signed_in": _("Signed in"),
    "session.signed_out": _("Signed out"),
    "session.refused": _("Sign-in refused"),
    "access.denied": _("Page refused"),
    "import.done": _("Imported"),
}


def add_words(words: Mapping[str, str | Promise]) -> None:
    """Say what verbs (``kind.verb``, as the audit stores them) mean; a later word for the same verb wins."""
    _WORDS.update(words)


def in_words(verb: str) -> str:
    """What happened, in the reader's language; a verb of a release long gone is told as it was stored."""
    return str(_WORDS.get(verb, verb))
