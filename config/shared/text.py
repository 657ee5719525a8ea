"""Names and numbers are one line, of characters that can be seen."""

import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

# Line breaks and other controls, zero-width and bidirectional marks, separators of lines, halves of characters.
HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})


def validate_one_line(value: str) -> None:
    """Refuse what breaks the line or cannot be seen: two names would look like one, or one like another."""
    if any(unicodedata.category(letter) in HIDDEN for letter in value):
        message = _("This holds a line break or an invisible character. Delete it and type it, without pasting.")
        raise ValidationError(message, code="hidden_character")


class OneLineField(models.CharField):
    """A CharField for names. To the database, and so to migrations, it is a plain one."""

    default_validators = [validate_one_line]

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options
