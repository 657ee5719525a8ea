"""The words of the catalogue and the ledger."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """What may be asked of ``user.has_perm``; the answers stand in spareparts/rules.py."""

    VIEW_PARTS = "inventory.view_parts"
    SEE_COST = "inventory.see_cost"
    IMPORT_PARTS = "inventory.import_parts"
    VIEW_LEDGER = "inventory.view_ledger"
    SEARCH_LEDGER = "inventory.search_ledger"
    VIEW_STOCK = "inventory.view_stock"
    VIEW_ALL_STOCK = "inventory.view_all_stock"
    MANAGE_WAREHOUSES = "inventory.manage_warehouses"
    MANAGE_ALL_WAREHOUSES = "inventory.manage_all_warehouses"


class Tracking(TextChoices):
    NONE = "none", _("Not tracked")
    BATCH = "batch", _("Batch")
    SERIAL = "serial", _("Serial number")


class OldPartRule(TextChoices):
    """Must the old part come back when a new one is fitted? (product.md: return-the-old-part rule)."""

    NEVER = "never", _("Need not come back")
    WARRANTY = "warranty", _("Comes back while in warranty")
    ALWAYS = "always", _("Always comes back")


class Condition(TextChoices):
    NEW = "new", _("New part")
    OLD = "old", _("Old part")
    REPAIRED = "repaired", _("Repaired part")


class LocationKind(TextChoices):
    SHELF = "shelf", _("Warehouse shelf")
    STAGING = "staging", _("Packed and waiting")
    TRANSIT = "transit", _("On the way")
    REPAIR = "repair", _("In repair")
    ENGINEER = "engineer", _("Personal inventory")
    SUPPLIER = "supplier", _("Supplier")
    CUSTOMER = "customer", _("Customer")
    SCRAP = "scrap", _("Scrap")
    ADJUSTMENT = "adjustment", _("Adjustment")
    CONVERSION = "conversion", _("Conversion")


WAREHOUSE_KINDS = frozenset({LocationKind.SHELF, LocationKind.STAGING, LocationKind.TRANSIT, LocationKind.REPAIR})
INSIDE_KINDS = WAREHOUSE_KINDS | {LocationKind.ENGINEER}
OUTSIDE_KINDS = frozenset(set(LocationKind) - INSIDE_KINDS)


class WarehouseStatus(TextChoices):
    OPEN = "open", _("Open")
    DISABLED = "disabled", _("Disabled: no new documents")
    CLOSED = "closed", _("Closed")


class PostingReason(TextChoices):
    """Why parts moved. A printable word on every ledger line."""

    CONSUMPTION = "consumption", _("Used on a job")
    GOODS_RECEIPT = "goods_receipt", _("Goods receipt")
    REQUISITION = "requisition", _("Requisition")
    SHIPMENT = "shipment", _("Shipment")
    RECEIPT = "receipt", _("Receipt")
    RETURN = "return", _("Return")
    HAND_OVER = "hand_over", _("Hand-over")
    TRANSFER = "transfer", _("Transfer")
    COUNT = "count", _("Stock count")
    REPAIR = "repair", _("Repair")
    LOSS = "loss", _("Loss or damage")
    LOCAL_PURCHASE = "local_purchase", _("Local purchase")
    OLD_PART = "old_part", _("Old part taken out")
    CONVERSION = "conversion", _("Condition or lot changed")
    REVERSAL = "reversal", _("Reversal")
