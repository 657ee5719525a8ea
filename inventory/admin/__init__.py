"""What the Django admin shows of parts and stock."""

from inventory.admin import catalogue, ledger, locations

__all__ = ["catalogue", "ledger", "locations"]
