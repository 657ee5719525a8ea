"""The words of spare parts management."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.shared.transitions import Transition


class Mode(TextChoices):
    SIMPLE = "simple", _("Simple")
    STANDARD = "standard", _("Standard")
    ADVANCED = "advanced", _("Advanced")


MODE_WORDS: dict[str, str | Promise] = {
    Mode.SIMPLE: _("For small firms. Parts are recorded on the job; no stock is kept."),
    Mode.STANDARD: _("For mid-sized firms. Each engineer has a personal inventory and asks for what he needs."),
    Mode.ADVANCED: _("For larger firms. Warehouses, shipments, batches and repairs as well."),
}


class Flow(StrEnum):
    """Why parts travel. A mode gives each flow its routes, or none (product.md 3)."""

    SUPPLY = "supply"
    USE = "use"
    UNUSED_BACK = "unused_back"
    OLD_PART_OUT = "old_part_out"
    OLD_PART_BACK = "old_part_back"
    HAND_OVER = "hand_over"
    LOSS = "loss"
    FOUND = "found"
    LOCAL_PURCHASE = "local_purchase"
    GOODS_IN = "goods_in"
    SUPPLIER_CLAIM = "supplier_claim"
    BETWEEN_WAREHOUSES = "between_warehouses"
    REPAIR = "repair"


class Feature(StrEnum):
    """What pages, menus and forms ask for; derived from the routes of the mode."""

    CONSUMPTION = "consumption"
    PERSONAL_INVENTORY = "personal_inventory"
    REQUISITION = "requisition"
    RETURN = "return"
    HAND_OVER = "hand_over"
    WAREHOUSE_STOCK = "warehouse_stock"
    SHIPMENT = "shipment"
    TRANSFER = "transfer"
    REPAIR = "repair"
    LOTS_ENFORCED = "lots_enforced"
    REPLACEMENT_RECORD = "replacement_record"
    EQUIPMENT_BOM = "equipment_bom"


FEATURE_WORDS: dict[Feature, str | Promise] = {
    Feature.CONSUMPTION: _("Record parts used on a job"),
    Feature.EQUIPMENT_BOM: _("Parts list of each machine, kept up to date by use"),
    Feature.PERSONAL_INVENTORY: _("Personal inventory: who holds which part"),
    Feature.REQUISITION: _("Requests for parts, with approval"),
    Feature.RETURN: _("Returns and reminders"),
    Feature.HAND_OVER: _("Hand-over between engineers"),
    Feature.WAREHOUSE_STOCK: _("Warehouse stock, goods receipt and stock count"),
    Feature.SHIPMENT: _("Shipment and receipt"),
    Feature.TRANSFER: _("Transfers between warehouses"),
    Feature.REPAIR: _("Repair of old parts"),
    Feature.LOTS_ENFORCED: _("Batches and serial numbers are required"),
    Feature.REPLACEMENT_RECORD: _("Replacement records per machine"),
}


class Permission(StrEnum):
    """What may be asked of ``user.has_perm``; the answers stand in spareparts/rules.py."""

    RECORD_USE = "spareparts.record_use"
    RECORD_USE_FOR_OTHERS = "spareparts.record_use_for_others"
    VIEW_CONSUMPTION = "spareparts.view_consumptions"  # not the name the admin asks for
    VIEW_ALL_CONSUMPTION = "spareparts.view_all_consumption"
    UNDO_OWN_CONSUMPTION = "spareparts.undo_own_consumption"
    UNDO_ANY_CONSUMPTION = "spareparts.undo_any_consumption"
    VIEW_EQUIPMENT_PARTS = "spareparts.view_equipment_parts"
    EDIT_EQUIPMENT_PARTS = "spareparts.edit_equipment_parts"
    VIEW_USE_REPORT = "spareparts.view_use_report"
    CHANGE_SETTINGS = "spareparts.change_settings"
    SEARCH = "spareparts.search"


class OldPartAnswer(TextChoices):
    """What happens to the part that was taken out."""

    RETURNING = "returning", _("Yes, returning it")
    LEFT = "left", _("Left at the customer")
    NONE = "none", _("No old part")


class ConsumptionStatus(TextChoices):
    RECORDED = "recorded", _("Recorded")
    UNDONE = "undone", _("Undone")
    CORRECTED = "corrected", _("Corrected")


CONSUMPTION_TRANSITIONS: dict[str, Transition] = {
    row.verb: row
    for row in (
        Transition(
            "undo",
            frozenset({ConsumptionStatus.RECORDED}),
            ConsumptionStatus.UNDONE,
            Permission.UNDO_OWN_CONSUMPTION,
            _("Undo"),
        ),
        Transition(
            "undo_later",
            frozenset({ConsumptionStatus.RECORDED}),
            ConsumptionStatus.UNDONE,
            Permission.UNDO_ANY_CONSUMPTION,
            _("Undo with a reason"),
            needs_reason=True,
        ),
        Transition(
            "correct",
            frozenset({ConsumptionStatus.RECORDED}),
            ConsumptionStatus.CORRECTED,
            Permission.UNDO_ANY_CONSUMPTION,
            _("Record a correcting entry"),
            needs_reason=True,
            tone="bad",
        ),
    )
}
