"""What the Django admin shows of spare parts management."""

from spareparts.admin import consumption, documents, terms

__all__ = ["consumption", "documents", "terms"]
