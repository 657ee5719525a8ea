"""Who asks, and one way to send a form: once, with the domain's refusals in the form and a word of what happened."""

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse

from config.shared.submissions import submit
from workorders.models import User


def person(request: HttpRequest) -> User:
    """Who asks; views behind ``requires`` have nobody else."""
    return cast(User, request.user)


def sent(request: HttpRequest, form: BaseForm, act: Callable[[], str], *, done: str) -> HttpResponse | None:
    """Run ``act`` once and redirect to the address it answers, saying ``done``; None shows the form (again)."""
    if request.method != "POST" or not form.is_valid():
        return None
    response = submit(request, form, lambda _key: act())
    if response is not None:
        messages.success(request, done)
    return response
