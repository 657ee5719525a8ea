"""Finding parts for the lines of a form, with and without JavaScript."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from inventory.models import Part
from spareparts.forms.lines import key_of
from workorders.models import User

MOST_OPTIONS = 12


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
