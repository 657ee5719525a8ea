"""Headers, language and zone of the person, and an audit row per denial."""

import zoneinfo
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from config.shared import audit

Handler = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger(__name__)

PERMISSIONS_POLICY = "accelerometer=(), camera=(self), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
# Outermost, because a refusal by a middleware further in must carry them too (a wrong host is a 400 of the second).
HEADERS = {
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": settings.X_FRAME_OPTIONS,
}


class SecurityHeadersMiddleware:
    """The headers of every response, whichever part of the application made it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class UserPreferencesMiddleware:
    """Speak the person's language, show his time zone, and leave nothing of his pages in a cache."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        speak_language_of(request.user, request)
        show_zone_of(request.user)
        response = self.get_response(request)
        if was_signed_in or request.user.is_authenticated:
            response["Cache-Control"] = "no-store, private"
        return response


def speak_language_of(user: Any, request: HttpRequest) -> None:
    """Activate the person's language; without one, or with one we do not speak, the browser's stays."""
    language = getattr(user, "language", "")
    if language in dict(settings.LANGUAGES):
        translation.activate(language)
        request.LANGUAGE_CODE = language


def show_zone_of(user: Any) -> None:
    """Activate the person's time zone, or the company's when he has none or its name means nothing here."""
    timezone.deactivate()
    name = getattr(user, "time_zone", "")
    if not name:
        return
    try:
        timezone.activate(zoneinfo.ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        log.warning("unknown_time_zone", zone=name)


class DenialAuditMiddleware:
    """Exactly one audit row for each refused request. A denial that cannot be written down stays a denial."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 403:
            self.write(request)
        return response

    def write(self, request: HttpRequest) -> None:
        try:
            audit.record(
                "access.denied",
                by=request.user,
                at=timezone.now(),
                label=request.path,
                details={"method": str(request.method), "address": audit.client_address(request)},
            )
        except DatabaseError:
            log.exception("denial_not_audited", path=request.path)
