"""The kinds of record that can be imported; each app declares its own in ``domain/imports.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from config.shared.imports.resources import ImportResource


@dataclass(frozen=True)
class ImportKind:
    """``slug`` is in the address /imports/<slug>/, ``title`` the plural name, ``list_url`` the page to go back to.

    ``permission`` may import; ``queryset(user)`` is what an export of this person holds.
    """

    slug: str
    title: str | Promise
    resource: type[ImportResource]
    permission: str
    list_url: str
    queryset: Callable[[Any], QuerySet[Any]]


_KINDS: dict[str, ImportKind] = {}


def register(kind: ImportKind) -> None:
    _KINDS[kind.slug] = kind


def get_kind(slug: str) -> ImportKind | None:
    return all_kinds().get(slug)


def all_kinds() -> dict[str, ImportKind]:
    """All kinds; the apps' declarations are imported when first asked for."""
    autodiscover_modules("domain.imports")
    return _KINDS
