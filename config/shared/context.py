"""What every page knows about the company."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def company(request: HttpRequest) -> dict[str, Any]:
    return {
        "company_name": settings.COMPANY_NAME,
        "company_currency": settings.COMPANY_CURRENCY,
        "is_demo": settings.IS_DEMO,
        "theme": getattr(request.user, "theme", "auto") if hasattr(request, "user") else "auto",
    }
