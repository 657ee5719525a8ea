"""The settings and their policy are loaded once per request, when first asked for, and passed down."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from spareparts.queries import current_settings, policy_of_settings


class PolicyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        row = SimpleLazyObject(current_settings)
        request.settings_row = row  # type: ignore[attr-defined]
        request.policy = SimpleLazyObject(lambda: policy_of_settings(row))  # type: ignore[attr-defined, arg-type]
        if request.user.is_authenticated:
            request.user.policy = request.policy  # type: ignore[attr-defined, union-attr]
        return self.get_response(request)
