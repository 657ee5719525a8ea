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
from spareparts.enums import FEATURE_WORDS, MODE_WORDS, Feature, Mode, Permission
from spareparts.forms.settings import OFF, ON, ChangeForm, TermsForm, WantedForm
from spareparts.models import SparepartsSettings
from spareparts.policies import POLICIES, policy_for
from spareparts.queries import current_settings

LOG_LENGTH = 20


@requires(Permission.CHANGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """The cards; posting changes the terms: approvals, limits, windows."""
    row = current_settings()
    policy = policy_for(row.mode, is_enabled=True)
    data = request.POST if request.method == "POST" else None
    form = TermsForm(data, instance=current_settings(), initial={"version": row.version}, policy=policy)
    if request.method == "POST" and form.is_valid():

        def act(key: object) -> str:
            seen = form.cleaned_data["version"]
            modes.change_terms(by=request.user, at=timezone.now(), expected_version=seen, **form.terms())
            return reverse("spareparts:settings")

        done = submit(request, form, act)
        if done is not None:
            return done
    return render(request, "spareparts/settings.html", _settings_context(row) | {"form": form})


def _settings_context(row: SparepartsSettings) -> dict[str, Any]:
    keeps_stock = policy_for(row.mode, is_enabled=row.is_enabled).has(Feature.PERSONAL_INVENTORY)
    return {"settings": row, "cards": _cards(row), "events": _log(row), "keeps_stock": keeps_stock}


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
        "settings.terms_changed": _terms_in_words(before, after),
    }.get(event.verb, "")
    return {"title": in_words(event.verb), "text": text, "at": event.at, "by": event.actor, "icon": "settings"}


def _terms_in_words(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Each term that changed: its name, what it was and what it is now."""
    fields = {field.name: str(field.verbose_name) for field in SparepartsSettings._meta.concrete_fields}
    changed = [name for name in after if before.get(name) != after[name]]
    return "; ".join(f"{fields.get(name, name)}: {_arrow(before.get(name), after[name])}" for name in changed)


def _arrow(before: object, after: object) -> str:
    shown = ["–" if each is None or each == "" else each for each in (before, after)]
    return f"{shown[0]} → {shown[1]}"


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
    blockers = [_with_url(blocker, wanted.cleaned_data["to"]) for blocker in preview.blockers]
    context = {"preview": preview, "blockers": blockers, "form": form, "title": title, "to": wanted.cleaned_data["to"]}
    return render(request, "spareparts/settings_mode.html", context, status=status)


def _with_url(blocker: modes.Blocker, to: str) -> dict[str, str]:
    """Each obstacle leads to where it can be removed."""
    url = reverse(blocker.url_name) if blocker.url_name else ""
    if blocker.url_name == "spareparts:settings_closing":
        url += f"?to={to}"
    return {"words": blocker.words, "url": url}
