"""Every address of the application, read from the resolver: what the hand-written tables are checked against."""

from collections.abc import Iterator
from functools import cache

from django.urls import URLResolver, get_resolver


def walk(resolver: URLResolver, namespace: str = "", prefix: str = "") -> Iterator[tuple[str, str]]:
    """Name and pattern of each address below ``resolver``; one without a name is called by its pattern."""
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from walk(entry, inner, pattern)
        else:
            yield namespace + (entry.name or pattern), pattern


@cache
def all_addresses() -> dict[str, str]:
    """Name to pattern."""
    return dict(walk(get_resolver()))


def names() -> set[str]:
    return set(all_addresses())


def of_the_pages() -> set[str]:
    """All but the Django admin, which the table lists by model."""
    return {name for name in names() if not name.startswith("admin:")}


def of_the_admin() -> set[str]:
    return names() - of_the_pages()


def with_a_key() -> set[str]:
    """Addresses of the pages that name an object."""
    return {name for name in of_the_pages() if "<" in all_addresses()[name]}
