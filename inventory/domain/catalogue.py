"""The catalogue: which part replaces which, and what a picker shows."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from config.shared.errors import DomainError
from inventory.domain.locks import Lock, one_at_a_time
from inventory.models import Part

LONGEST_CHAIN = 50


class SupersessionCycle(DomainError):
    """A part would, along the chain, replace itself."""

    field = "superseded_by"

    def __init__(self, part: Part, successor: Part) -> None:
        words = {"part": part.number, "successor": successor.number}
        super().__init__(
            _("%(successor)s is itself replaced by %(part)s, so it cannot replace it. Choose another part.") % words
        )


def options(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """What the picker of components/part_picker.html draws for each part."""
    return [_option(part) for part in parts]


def _option(part: Part) -> dict[str, Any]:
    note = "" if part.is_listed else _("Unlisted")
    return {"id": part.pk, "number": part.number, "name": part.name, "unit": part.unit.code, "note": note}


def successors(part: Part) -> list[Part]:
    """The parts that replace ``part``, the next first, the one to order last."""
    chain: list[Part] = []
    seen = {part.pk}
    step = part
    while step.superseded_by is not None and step.superseded_by_id not in seen and len(chain) < LONGEST_CHAIN:
        step = step.superseded_by
        seen.add(step.pk)
        chain.append(step)
    return chain


def check_supersession(part: Part, successor: Part | None) -> None:
    """Refuse with SupersessionCycle a ``successor`` that ``part`` replaces, directly or along the chain.

    Inside a transaction it first waits for other changes of this kind, so that two people cannot close a circle
    together.
    """
    if successor is None or part.pk is None:
        return
    one_at_a_time(Lock.SUPERSESSION)
    seen: set[int] = set()
    step: int | None = successor.pk
    while step is not None and step not in seen:
        if step == part.pk:
            raise SupersessionCycle(part, successor)
        seen.add(step)
        step = Part.objects.filter(pk=step).values_list("superseded_by_id", flat=True).first()


def supersede(part: Part, *, successor: Part | None) -> None:
    """Say that ``successor`` (None: nothing) replaces ``part``. Refused: SupersessionCycle."""
    check_supersession(part, successor)
    part.superseded_by = successor
    part.save(update_fields=["superseded_by"])


def is_circular(part: int, chain: Mapping[int, int | None]) -> bool:
    """Does the way from ``part`` along ``chain`` (key to key of the successor) lead back to it?"""
    seen: set[int] = set()
    step = chain.get(part)
    while step is not None and step not in seen:
        if step == part:
            return True
        seen.add(step)
        step = chain.get(step)
    return False
