"""Places on our pages where another app shows something of its own; this app never learns who.

    register(Place.WORK_ORDER, Panel("parts_used", "spareparts/_parts_used.html", parts_used))

in the other app's ``AppConfig.ready``. A panel whose ``context`` answers None is not shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from django.http import HttpRequest


class Place(Enum):
    """The page of one work order, one machine, one customer."""

    WORK_ORDER = auto()
    EQUIPMENT = auto()
    CUSTOMER = auto()


@dataclass(frozen=True)
class Panel:
    """``template`` is included with what ``context(request, subject)`` answers as ``panel``; low ``order`` comes first.

    It may cost two queries, whatever it shows.
    """

    key: str
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any] | None]
    order: int = 50


_panels: dict[Place, dict[str, Panel]] = {place: {} for place in Place}


def register(place: Place, panel: Panel) -> None:
    """Show ``panel`` at ``place``; the same key replaces an earlier one."""
    _panels[place][panel.key] = panel


def unregister(place: Place, key: str) -> None:
    """Show it no longer; for tests."""
    _panels[place].pop(key, None)


def panels_for(place: Place, request: HttpRequest, subject: Any) -> list[dict[str, Any]]:
    """The panels of ``subject``'s page in order, each with its ``template`` and ``data``."""
    drawn = []
    for panel in sorted(_panels[place].values(), key=lambda each: (each.order, each.key)):
        data = panel.context(request, subject)
        if data is not None:
            drawn.append({"template": panel.template, "data": data})
    return drawn
