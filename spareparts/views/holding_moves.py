"""A manager moves everything of an engineer who leaves, without asking."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config.shared.access import get_visible, requires
from config.shared.submissions import submit
from spareparts.domain import hand_overs as domain
from spareparts.enums import Permission
from spareparts.forms.personal import HandOverForm
from spareparts.queries.holdings import engineers_visible_to
from spareparts.queries.personal import colleagues, held_rows


@requires(Permission.MOVE_HOLDINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over_everything_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything of somebody who leaves goes to a colleague."""
    sender = get_visible(engineers_visible_to(request.user), pk=pk)
    data = request.POST if request.method == "POST" else None
    form = HandOverForm(data, rows=[], people=colleagues(sender), needs_reason=True)
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            people = {"sender": sender, "receiver": form.cleaned_data["receiver"], "by": request.user}
            facts = {"at": timezone.now(), "key": key, "policy": request.policy}
            reason = form.cleaned_data["reason"]
            return domain.hand_over_everything(**people, **facts, reason=reason).get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
    title = _("Move everything %(person)s holds") % {"person": sender}
    up = reverse("spareparts:engineer_holdings", args=[sender.pk])
    context = {"form": form, "held": list(held_rows(sender)), "up": up, "title": title, "sender": sender}
    context["label"] = _("Move everything")
    return render(request, "spareparts/personal/hand_over_everything.html", context)
