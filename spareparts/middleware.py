"""The policy is loaded once per request, when first asked for, and passed down."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from spareparts.queries import current_policy


class PolicyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.policy = SimpleLazyObject(current_policy)  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            request.user.policy = request.policy  # type: ignore[attr-defined, union-attr]
        return self.get_response(request)
