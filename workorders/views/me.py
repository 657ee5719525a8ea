"""A person's own page: who he is here, how pages look to him, how he signs in."""

import uuid
from typing import cast

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.shared.access import requires
from config.shared.submissions import submit
from workorders.domain.people import change_person, end_sessions
from workorders.enums import Permission, Role
from workorders.models import User
from workorders.people_forms import MeForm


@require_POST
@requires(Permission.USE_ME)
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """End the sessions of all other devices; this one goes on."""
    user = cast(User, request.user)
    end_sessions(user, by=user, at=timezone.now())
    update_session_auth_hash(request, user)
    messages.success(request, _("You are signed out on all other devices."))
    return redirect("workorders:me")


@requires(Permission.USE_ME)
def me(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    person = User.objects.select_related("team").get(pk=user.pk)
    form = MeForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            change_person(person, by=user, at=timezone.now(), **form.cleaned_data)
            return reverse("workorders:me")

        response = submit(request, form, act)
        if response is not None:
            with translation.override(person.language or translation.get_language()):
                messages.success(request, _("Your settings are saved."))
            return response
    context = {
        "form": form,
        "person": person,
        "roles": [role.label for role in Role if role in user.roles],
        "has_second_factor": is_mfa_enabled(user),
    }
    return render(request, "workorders/me.html", context)
