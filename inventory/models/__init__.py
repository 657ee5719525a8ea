from inventory.models.catalogue import Part, PartBarcode, PartCategory, Unit
from inventory.models.ledger import Balance, Lot, Move, Posting
from inventory.models.locations import Location, Warehouse

__all__ = [
    "Balance",
    "Location",
    "Lot",
    "Move",
    "Part",
    "PartBarcode",
    "PartCategory",
    "Posting",
    "Unit",
    "Warehouse",
]
