"""Errors a person can act on. Every refusal of the domain is a subclass of ``DomainError``."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refused action. ``messages`` are translated sentences; ``field`` names the form field, if one is to blame."""

    field: str | None = None

    def __init__(self, message: object = "", *, messages: Sequence[object] = (), field: str | None = None) -> None:
        self.messages: list[str] = [str(each) for each in (messages or [message])]
        if field is not None:
            self.field = field
        super().__init__(" ".join(self.messages))


class NotAllowed(DomainError):
    """The person may not do this (role, or four eyes)."""

    def __init__(self, message: object = _("You are not allowed to do this.")) -> None:
        super().__init__(message)


class IllegalTransition(DomainError):
    """The verb does not exist from the document's present status."""


class StaleDocument(DomainError):
    """Someone else changed the document after it was read."""
