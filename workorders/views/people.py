"""Signing in, the language of the pages, and the demo's cast."""

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.shared.access import next_url
from workorders.domain.people import change_person
from workorders.enums import Role
from workorders.models import User
from workorders.people_forms import DemoSignInForm, LanguageForm

DEMO_ADDRESS = "@demo.example"


class SignInView(LoginView):
    """allauth's sign-in; in the demo with the cast to choose from."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if settings.DEMO_PERSONAS_ENABLED:
            context["demo_personas"] = demo_personas()
        return context


def demo_personas() -> list[dict[str, str]]:
    """The invented people who may sign in: ``key`` for the form, ``name``, and ``role`` as one label."""
    people = User.objects.filter(is_active=True, email__endswith=DEMO_ADDRESS).order_by(
        "-is_engineer", "-is_service_manager", "-is_warehouse_manager", "-is_administrator", "pk"
    )
    return [{"key": person.email, "name": person.name, "role": role_label(person)} for person in people]


def role_label(person: User) -> str:
    return ", ".join(str(role.label) for role in Role if role in person.roles)


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the cast without a password. Outside the demo this page does not exist."""
    form = DemoSignInForm(request.POST)
    if not settings.DEMO_PERSONAS_ENABLED or not form.is_valid():
        raise Http404
    cast = User.objects.filter(is_active=True, email__endswith=DEMO_ADDRESS)
    person = cast.filter(email=form.cleaned_data["persona"].lower()).first()
    if person is None:
        raise Http404
    login(request, person, backend="workorders.accounts.SignInBackend")
    return HttpResponseRedirect(next_url(request, default=resolve_url(settings.LOGIN_REDIRECT_URL)))


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on: kept with the person, or in a cookie before he signs in."""
    response = HttpResponseRedirect(next_url(request, default="/"))
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return response
    language = form.cleaned_data["language"]
    if request.user.is_authenticated:
        change_person(request.user, by=request.user, at=timezone.now(), language=language)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


def no_password_yet(request: HttpRequest) -> HttpResponse:
    """Who is signed in without a password (the demo's cast) gets one by mail, like everybody."""
    messages.info(request, _("You have no password yet. Ask for a link to set one."))
    return redirect("account_reset_password")
