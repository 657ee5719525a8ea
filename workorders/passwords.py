"""What a password may not be built on."""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

PRODUCT_WORDS = {"spareparts", "spare-parts"}


class WithoutCompanyWords:
    """Refuse a password that is little more than the company's or the product's name: the first that is guessed."""

    least_beside = 6  # characters that remain when the word is taken out

    def validate(self, password: str, user: Any = None) -> None:
        names = re.findall(r"\w{4,}", settings.COMPANY_NAME.lower())
        for word in PRODUCT_WORDS.union(names):
            if word in password.lower() and len(password.lower().replace(word, "")) < self.least_beside:
                raise ValidationError(self.get_help_text(), code="company_word")

    def get_help_text(self) -> str:
        return _("Your password can’t be little more than the name of the company.")
