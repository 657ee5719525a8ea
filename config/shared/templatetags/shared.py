"""Template tags that every app uses: the request key, quantities, money."""

import uuid
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.conf import settings
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString

from config.shared.submissions import FIELD

register = template.Library()


@register.simple_tag(takes_context=True)
def request_key(context: dict[str, Any]) -> SafeString:
    """The hidden key of a changing form; a form shown again keeps its key unless a new one is needed."""
    request = context.get("request")
    key = ""
    if request is not None and request.method == "POST" and not getattr(request, "fresh_request_key", False):
        key = request.POST.get(FIELD, "")
    try:
        key = str(uuid.UUID(key))
    except ValueError:
        key = str(uuid.uuid4())
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, key)


@register.filter
def quantity(value: int, unit: Any) -> str:
    """An integer of the smallest step as people read it: 1250 with 3 places is 1.25."""
    return format_quantity(value, unit.decimal_places)


def format_quantity(value: int, decimal_places: int) -> str:
    number = Decimal(value).scaleb(-decimal_places)
    text = formats.number_format(number, decimal_pos=decimal_places, use_l10n=True)
    if decimal_places:
        separator = formats.get_format("DECIMAL_SEPARATOR")
        text = text.rstrip("0").rstrip(separator)
    return text


@register.filter
def money(value: Decimal | None, decimal_places: int = 2) -> str:
    """An amount in the company's one currency, rounded half up: cut off, it would not agree with its lines."""
    if value is None:
        return "–"
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-decimal_places), rounding=ROUND_HALF_UP)
    number = formats.number_format(rounded, decimal_pos=decimal_places, use_l10n=True, force_grouping=True)
    symbol = CURRENCY_SYMBOLS.get(settings.COMPANY_CURRENCY, settings.COMPANY_CURRENCY + " ")
    return f"{symbol}{number}"


CURRENCY_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "CNY": "¥", "JPY": "¥"}
