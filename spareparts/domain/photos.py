"""Photos of documents: a file is stored with its row, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Model


@contextmanager
def stored_or_forgotten(document: Model, name: str) -> Iterator[None]:
    """When the event is refused, the file that was stored for the field ``name`` goes as well."""
    try:
        yield
    except BaseException:
        file = getattr(document, name)
        if file and file._committed:
            file.storage.delete(file.name)
        raise
