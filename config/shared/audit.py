"""Who did what, when, to which thing, in which request."""

import ipaddress
import re
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth import signals
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from config.shared.models import AuditEvent


def subject_type(subject: Model | type[Model]) -> str:
    return subject._meta.label_lower


def record(
    verb: str,
    *,
    by: Any,
    at: datetime,
    subject: Model | None = None,
    label: str = "",
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Write one audit row in the present transaction.

    ``by`` is a user or None (anonymous, machine); ``details`` must be JSON. The request id comes from the log context.
    """
    return AuditEvent.objects.create(
        at=at,
        actor=by if getattr(by, "pk", None) else None,
        verb=verb,
        subject_type=subject_type(subject) if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        subject_label=storable(label or (str(subject) if subject is not None else ""))[:200],
        reason=storable(reason),
        details=details or {},
        request_id=request_id(),
    )


def storable(text: str) -> str:
    """``text`` as every database takes it: what a stranger typed may hold NUL or half a character."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def request_id() -> str:
    """The id of the present request as its log lines carry it; a proxy may have sent it, so it is cleaned."""
    value = structlog.contextvars.get_contextvars().get("request_id", "")
    return re.sub(r"[^0-9A-Za-z._-]", "", str(value))[:40]


def events_of(subject: Model) -> QuerySet[AuditEvent]:
    """The history of one thing, newest first, with its people."""
    return AuditEvent.objects.filter(subject_type=subject_type(subject), subject_id=str(subject.pk)).select_related(
        "actor"
    )


def client_address(request: HttpRequest | None) -> str:
    """The address of the browser, or "" when it is not known.

    Behind proxies of ours (TRUSTED_PROXIES, how many) it is read from the right end of X-Forwarded-For: what stands
    further left was written by the browser itself and may be a lie.
    """
    if request is None:
        return ""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    depth = settings.TRUSTED_PROXIES
    address = hops[-depth] if depth and len(hops) >= depth else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return ""


def _signed_in(sender: object, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    record("session.signed_in", by=user, at=timezone.now(), details={"address": client_address(request)})


def _signed_out(sender: object, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    if user is not None:  # somebody who was not signed in changes nothing by signing out
        record("session.signed_out", by=user, at=timezone.now())


def _sign_in_failed(
    sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    record_refusal(request, str(credentials.get("email", "")))


def record_refusal(request: HttpRequest | None, email: str, *, reason: str = "") -> None:
    """One audit row for one refused sign-in; ``email`` is what was typed."""
    record(
        "session.refused",
        by=None,
        at=timezone.now(),
        label=email,
        reason=reason,
        details={"address": client_address(request)},
    )


def connect_sign_in_signals() -> None:
    signals.user_logged_in.connect(_signed_in, dispatch_uid="audit_signed_in")
    signals.user_logged_out.connect(_signed_out, dispatch_uid="audit_signed_out")
    signals.user_login_failed.connect(_sign_in_failed, dispatch_uid="audit_sign_in_failed")
