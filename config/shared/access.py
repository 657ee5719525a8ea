"""Who may open a page, and which rows exist for him."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

View = Callable[..., HttpResponseBase]
M = TypeVar("M", bound=Model)

BIGGEST_KEY = 2**63 - 1


def requires(permission: str) -> Callable[[View], View]:
    """Let a signed-in person with ``permission`` through; others sign in first, or get a 403 that is audited."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not request.user.has_perm(permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def is_local(url: str) -> bool:
    """Whether ``url`` is a path of this site: it starts with one slash and no browser reads a host into it."""
    return url.startswith("/") and url.isprintable() and url_has_allowed_host_and_scheme(url, allowed_hosts=None)


def next_url(request: HttpRequest, *, default: str) -> str:
    """Where the form wants to go on (field or parameter ``next``), if that is on this site; else ``default``."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if is_local(wanted) else default


def get_visible(queryset: QuerySet[M], *, pk: int) -> M:
    """The one object out of what the person may see; 404 for all others, so that keys tell nothing."""
    if pk > BIGGEST_KEY:
        raise Http404
    found = queryset.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
