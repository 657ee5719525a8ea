"""Four eyes: nobody decides about his own document where a second person may (contract S15)."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from config.shared.errors import NotAllowed
from spareparts.rules import RULES
from workorders.models import User

MOST_NAMED = 3


class OwnDocument(NotAllowed):
    """It is the person's own document, and somebody else may decide about it."""


def refuse_own(document_person_ids: Iterable[int | None], *, by: User, permission: str) -> None:
    """Refuse when ``by`` is one of the document's people and another active person holds ``permission``.

    Who is alone with the permission may, or nothing would ever be decided. No query is asked about other people's
    documents. Refused: OwnDocument, naming who may.
    """
    if by.pk not in set(document_person_ids):
        return
    others = [person.name for person in others_with(permission, by=by)[:MOST_NAMED]]
    if others:
        raise OwnDocument(
            _("This is your own document, so somebody else has to do this: %(people)s.") % {"people": ", ".join(others)}
        )


def others_with(permission: str, *, by: User) -> QuerySet[User]:
    """Everybody else who may sign in and wears a hat that the rules give ``permission``, by name."""
    wears_a_hat = Q(pk__in=[])
    for role in RULES[permission].roles:
        wears_a_hat |= Q(**{f"is_{role.value}": True})
    return User.objects.filter(wears_a_hat, is_active=True).exclude(pk=by.pk).order_by("name", "pk")
