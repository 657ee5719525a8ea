"""Settings › Spare parts management: on or off, the mode, what a change would do, and the log."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config.shared import audit
from config.shared.access import requires
from config.shared.models import AuditEvent
from config.shared.submissions import submit
from config.shared.verbs import in_words
from spareparts.domain import modes
from spareparts.enums import FEATURE_WORDS, MODE_WORDS, Mode, Permission
from spareparts.forms.settings import OFF, ON, ChangeForm, UndoWindowForm, WantedForm
from spareparts.models import SparepartsSettings
from spareparts.policies import POLICIES
from spareparts.queries import current_settings

LOG_LENGTH = 20


@requires(Permission.CHANGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """The cards; posting changes the undo window."""
    row = current_settings()
    initial = {"undo_minutes": row.undo_minutes, "version": row.version}
    form = UndoWindowForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():

        def act(key: object) -> str:
            minutes, seen = form.cleaned_data["undo_minutes"], form.cleaned_data["version"]
            modes.set_undo_minutes(minutes=minutes, by=request.user, at=timezone.now(), expected_version=seen)
            return reverse("spareparts:settings")

        done = submit(request, form, act)
        if done is not None:
            return done
    return render(request, "spareparts/settings.html", _settings_context(row) | {"form": form})


def _settings_context(row: SparepartsSettings) -> dict[str, Any]:
    return {"settings": row, "cards": _cards(row), "events": _log(row)}


def _cards(row: SparepartsSettings) -> list[dict[str, Any]]:
    return [
        {
            "mode": mode,
            "words": MODE_WORDS[mode],
            "features": [words for feature, words in FEATURE_WORDS.items() if policy.has(feature)],
            "is_current": row.mode == mode,
            "is_ready": policy.is_ready,
        }
        for mode, policy in POLICIES.items()
    ]


def _log(row: SparepartsSettings) -> list[dict[str, Any]]:
    return [_log_entry(event) for event in audit.events_of(row)[:LOG_LENGTH]]


def _log_entry(event: AuditEvent) -> dict[str, Any]:
    before, after = event.details.get("before", {}), event.details.get("after", {})
    text = {
        "settings.mode_changed": _arrow(_mode(before), _mode(after)),
        "settings.undo_minutes_changed": _arrow(before.get("undo_minutes", ""), after.get("undo_minutes", "")),
    }.get(event.verb, "")
    return {"title": in_words(event.verb), "text": text, "at": event.at, "by": event.actor, "icon": "settings"}


def _arrow(before: object, after: object) -> str:
    return f"{before} → {after}"


def _mode(facts: dict[str, Any]) -> str:
    known = dict(Mode.choices)
    return str(known.get(facts.get("mode", ""), "–"))


@requires(Permission.CHANGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def settings_mode(request: HttpRequest) -> HttpResponse:
    """What a change would do (GET), and the change itself (POST)."""
    row = current_settings()
    if request.method != "POST":
        wanted = WantedForm(request.GET)
        if not wanted.is_valid():
            return redirect("spareparts:settings")
        initial = {"to": wanted.cleaned_data["to"], "version": row.version}
        return _preview(request, row, wanted, ChangeForm(initial=initial))
    form = ChangeForm(request.POST)
    if not form.is_valid():
        return redirect("spareparts:settings")
    done = submit(request, form, lambda key: _change(request, form))
    return done or _preview(request, row, form, form, status=409)


def _change(request: HttpRequest, form: ChangeForm) -> str:
    to, facts = form.cleaned_data["to"], {"by": request.user, "at": timezone.now()}
    facts["expected_version"] = form.cleaned_data["version"]
    if to in (OFF, ON):
        modes.set_enabled(is_enabled=to == ON, **facts)
    else:
        modes.change_mode(mode=Mode(to), **facts)
    return reverse("spareparts:settings")


def _preview(
    request: HttpRequest, row: SparepartsSettings, wanted: WantedForm, form: ChangeForm, status: int = 200
) -> HttpResponse:
    preview = modes.preview_change(**wanted.target(row))
    title = {OFF: _("Turn spare parts management off"), ON: _("Turn spare parts management on")}.get(
        wanted.cleaned_data["to"]
    ) or _("Change to %(mode)s") % {"mode": dict(Mode.choices)[wanted.cleaned_data["to"]]}
    context = {"preview": preview, "form": form, "title": title, "to": wanted.cleaned_data["to"]}
    return render(request, "spareparts/settings_mode.html", context, status=status)
