"""Panels that other apps put on a part's page, so that this app need not know them.

An app registers in its ``AppConfig.ready``; a panel whose ``context`` answers None is not shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from inventory.models import Part


@dataclass(frozen=True)
class Panel:
    """``template`` is included with what ``context(request, part)`` answers as ``panel``; low ``order`` comes first."""

    key: str
    template: str
    context: Callable[[HttpRequest, Part], dict[str, Any] | None]
    order: int = 50


_PANELS: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Put ``panel`` on the part page; the same key replaces an earlier one."""
    _PANELS[panel.key] = panel


def panels_for(request: HttpRequest, part: Part) -> list[dict[str, Any]]:
    """The panels of this page in order, each with its ``template`` and ``data``."""
    drawn = []
    for panel in sorted(_PANELS.values(), key=lambda each: (each.order, each.key)):
        data = panel.context(request, part)
        if data is not None:
            drawn.append({"template": panel.template, "data": data})
    return drawn
