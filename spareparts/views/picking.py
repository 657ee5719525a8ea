"""Finding parts for the lines of a form, and showing the lines again as they were typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _

from inventory.models import Part
from spareparts.forms.lines import PartLineFormSet, is_zero, key_of, step_of
from workorders.models import User

MOST_OPTIONS = 12


@dataclass
class PartLine:
    """One line of a page: what stands in its fields, and what is wrong with them."""

    prefix: str
    part: Part | None
    quantity: str = "0"
    note: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_used(self) -> bool:
        return not is_zero(self.quantity)

    @property
    def step(self) -> str:
        return step_of(self.part.unit) if self.part is not None else "1"


P = TypeVar("P", bound=PartLine)


def next_index(lines: Sequence[PartLine]) -> int:
    """The number of the next line: one more than the highest shown, since removed ones leave gaps."""
    return max((int(line.prefix.rsplit("-", 1)[1]) for line in lines), default=-1) + 1


def with_part(lines: list[P], part: Part, make: Callable[[int], P]) -> list[P]:
    """``part`` chosen without JavaScript: its line on top with one at least, or a new one made for its number."""
    for line in lines:
        if line.part == part:
            line.quantity = line.quantity if line.is_used else "1"
            return [line, *(other for other in lines if other is not line)]
    return [make(next_index(lines)), *lines]


def typed_lines(formset: PartLineFormSet[Any], read: Callable[[str], P], *, with_errors: bool) -> list[P]:
    """The lines as they were sent, ``read`` by prefix, those in use first; those of removed lines are left out."""
    views = [read(form.prefix) for form in formset.forms]
    if with_errors:
        for view, form in zip(views, formset.forms, strict=True):
            view.errors = {name: list(errors) for name, errors in form.errors.items()}
    shown = [view for view in views if view.part is not None or view.errors]
    return sorted(shown, key=lambda view: not (view.is_used or view.errors))


def chosen_part(request: HttpRequest, field: str = "add") -> Part | None:
    """The part of the button that was pressed."""
    key = key_of(request.POST.get(field, ""))
    if key is None:
        return None
    return Part.objects.visible_to(request.user).select_related("unit", "superseded_by").filter(pk=key).first()


def found_parts(user: User, query: str) -> list[Part]:
    """What the picker offers for ``query``."""
    if not query:
        return []
    return list(Part.objects.visible_to(user).search(query).select_related("unit", "superseded_by")[:MOST_OPTIONS])


def note_of(part: Part) -> str:
    """What is unusual about a part, in a word or two."""
    if part.superseded_by is not None:
        return _("Replaced by %(part)s") % {"part": part.superseded_by.number}
    return "" if part.is_listed else _("Unlisted")
