from inventory.models.bins import Bin, Substitute
from inventory.models.catalogue import Part, PartBarcode, PartCategory, Unit
from inventory.models.ledger import Balance, Lot, Move, Posting
from inventory.models.locations import Location, Warehouse

__all__ = [
    "Balance",
    "Bin",
    "Location",
    "Lot",
    "Move",
    "Part",
    "PartBarcode",
    "PartCategory",
    "Posting",
    "Substitute",
    "Unit",
    "Warehouse",
]
