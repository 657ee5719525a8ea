"""Hand-overs: what is going on, one of them, and how an engineer begins one."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.shared.access import get_visible, requires
from config.shared.submissions import submit
from inventory.models import Balance
from spareparts.domain import hand_overs as domain
from spareparts.domain.handed import HandedPart
from spareparts.enums import Permission
from spareparts.forms.personal import AskForm, HandOverForm, HoldingQuery, StepRow
from spareparts.models import HandOver
from spareparts.queries.personal import colleagues, held_rows
from spareparts.views.hand_over_page import page_of_hand_over


@requires(Permission.HAND_OVER)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over_new(request: HttpRequest) -> HttpResponse:
    """Steppers over everything I hold; from My parts one part is filled in."""
    held = list(held_rows(request.user))
    form = HandOverForm(**_data(request), rows=rows_to_choose(request, held), people=colleagues(request.user))
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            facts = {"by": request.user, "at": timezone.now(), "policy": request.policy}
            parts = handed_parts(held, form.steps)
            people = {"sender": request.user, "receiver": form.cleaned_data["receiver"]}
            return domain.offer_hand_over(
                **people, **facts, parts=parts, reason=form.cleaned_data["reason"]
            ).get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
    return render(request, "spareparts/personal/hand_over_new.html", {"form": form, "held": held})


def _data(request: HttpRequest, **initial: Any) -> dict[str, Any]:
    return {"data": request.POST} if request.method == "POST" else {"initial": initial}


def rows_to_choose(request: HttpRequest, held: Sequence[Balance]) -> list[StepRow]:
    """A stepper for everything held; the holding the link names stands on top, all of it chosen."""
    named = _named(request, held)
    rows = [
        StepRow(row.pk, row.part, row.on_hand, row.condition, row.lot, preset=row.on_hand if row.pk == named else 0)
        for row in held
    ]
    return sorted(rows, key=lambda row: row.key != named)


def _named(request: HttpRequest, held: Sequence[Balance]) -> int | None:
    query = HoldingQuery(request.GET)
    if not query.is_valid():
        return None
    data = query.cleaned_data
    for row in held:
        fits = row.part_id == data["part"] and (not data["condition"] or row.condition == data["condition"])
        if fits and (not data["lot"] or row.lot_id == data["lot"]):
            return row.pk
    return None


def handed_parts(held: Sequence[Balance], steps: dict[int, int]) -> list[HandedPart]:
    """What was chosen of ``held``, for the domain."""
    return [HandedPart(row.part, steps[row.pk], row.condition, row.lot) for row in held if row.pk in steps]


@requires(Permission.HAND_OVER)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over_ask(request: HttpRequest) -> HttpResponse:
    """Ask a colleague for a part; "Who has one?" sends everything in one tap."""
    facts = _data(request, **{name: request.GET.get(name) for name in ("part", "engineer")})
    form = AskForm(**facts, user=request.user, people=colleagues(request.user))
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            data = form.cleaned_data
            people = {"receiver": request.user, "sender": data["engineer"], "by": request.user}
            facts = {"at": timezone.now(), "policy": request.policy, "reason": data["reason"]}
            parts = [HandedPart(data["part"], data["steps"])]
            return domain.ask_hand_over(**people, **facts, parts=parts).get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
    return render(request, "spareparts/personal/hand_over_ask.html", {"form": form, "part": _part_of(form)})


def _part_of(form: AskForm) -> Any:
    """The part the form is about, also before it was sent."""
    query = HoldingQuery({"part": form["part"].value()})
    if not query.is_valid():
        return None
    return form.fields["part"].queryset.filter(pk=query.cleaned_data["part"]).first()


@requires(Permission.HAND_OVER)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over_everything(request: HttpRequest) -> HttpResponse:
    """Offer all I hold to one colleague."""
    form = HandOverForm(**_data(request), rows=[], people=colleagues(request.user))
    if request.method == "POST" and form.is_valid():

        def act(key: uuid.UUID) -> str:
            people = {"sender": request.user, "receiver": form.cleaned_data["receiver"], "by": request.user}
            facts = {"at": timezone.now(), "key": key, "policy": request.policy}
            reason = form.cleaned_data["reason"]
            return domain.hand_over_everything(**people, **facts, reason=reason).get_absolute_url()

        done = submit(request, form, act)
        if done is not None:
            return done
    context = {"form": form, "held": list(held_rows(request.user)), "up": reverse("spareparts:hand_over_new")}
    context |= {"title": _("Hand everything over"), "is_mine": True, "label": _("Offer everything")}
    return render(request, "spareparts/personal/hand_over_everything.html", context)


@requires(Permission.FIND_HOLDERS)
@require_safe
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    related = ("sender", "receiver", "created_by", "posting", "reversal")
    document = get_visible(HandOver.objects.visible_to(request.user).select_related(*related), pk=pk)
    return page_of_hand_over(request, document)
