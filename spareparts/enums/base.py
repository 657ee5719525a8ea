"""Modes, flows, features and permissions: the words everything else is said in."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Mode(TextChoices):
    SIMPLE = "simple", _("Simple")
    STANDARD = "standard", _("Standard")
    ADVANCED = "advanced", _("Advanced")


MODE_WORDS: dict[str, str | Promise] = {
    Mode.SIMPLE: _("For small firms. Parts are recorded on the job; no stock is kept."),
    Mode.STANDARD: _("For mid-sized firms. Each engineer has a personal inventory and asks for what he needs."),
    Mode.ADVANCED: _("For larger firms. Warehouses, shipments, batches and serial numbers as well."),
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
    CONVERT = "convert"


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
    OLD_PART_DEBT = "old_part_debt"
    LOSS_REPORT = "loss_report"
    PERSONAL_COUNT = "personal_count"
    LOCAL_PURCHASE = "local_purchase"
    SERVICE_BOM = "service_bom"


# What the cards of the modes promise: a feature stands here when its pages exist.
FEATURE_WORDS: dict[Feature, str | Promise] = {
    Feature.CONSUMPTION: _("Record parts used on a job"),
    Feature.EQUIPMENT_BOM: _("Parts list of each machine, kept up to date by use"),
    Feature.PERSONAL_INVENTORY: _("Personal inventory: who holds which part"),
    Feature.REQUISITION: _("Requests for parts, with approval"),
    Feature.RETURN: _("Returns of what was not used"),
    Feature.HAND_OVER: _("Hand-over between engineers"),
    Feature.WAREHOUSE_STOCK: _("Warehouse stock, with bins and opening stock"),
    Feature.SHIPMENT: _("Shipment and receipt"),
    Feature.LOTS_ENFORCED: _("Batches and serial numbers are required"),
    Feature.REPLACEMENT_RECORD: _("Replacement records per machine"),
    Feature.OLD_PART_DEBT: _("Old parts owed: who, by when, worth how much"),
    Feature.LOSS_REPORT: _("Reports of lost and damaged parts"),
    Feature.PERSONAL_COUNT: _("Count of the personal inventory"),
    Feature.LOCAL_PURCHASE: _("Parts bought locally"),
    Feature.SERVICE_BOM: _("Suggested parts per equipment model"),
}


class Permission(StrEnum):
    """What may be asked of ``user.has_perm``; the answers stand in spareparts/rules.py."""

    RECORD_USE = "spareparts.record_use"
    RECORD_USE_FOR_OTHERS = "spareparts.record_use_for_others"
    VIEW_CONSUMPTION = "spareparts.view_consumptions"  # not the name the admin asks for
    VIEW_ALL_CONSUMPTION = "spareparts.view_all_consumption"
    CLOSE_JOB = "spareparts.close_job"
    UNDO_OWN_CONSUMPTION = "spareparts.undo_own_consumption"
    UNDO_ANY_CONSUMPTION = "spareparts.undo_any_consumption"
    VIEW_EQUIPMENT_PARTS = "spareparts.view_equipment_parts"
    EDIT_EQUIPMENT_PARTS = "spareparts.edit_equipment_parts"
    VIEW_USE_REPORT = "spareparts.view_use_report"
    CHANGE_SETTINGS = "spareparts.change_settings"
    # requisitions and shipments
    REQUEST_PARTS = "spareparts.request_parts"
    REQUEST_FOR_OTHERS = "spareparts.request_for_others"
    VIEW_REQUISITIONS = "spareparts.view_requisitions"
    VIEW_ALL_REQUISITIONS = "spareparts.view_all_requisitions"
    APPROVE_REQUISITION = "spareparts.approve_requisition"
    FULFIL_REQUISITION = "spareparts.fulfil_requisition"
    WORK_AT_DESK = "spareparts.work_at_desk"
    SHIP = "spareparts.ship"
    APPROVE_SHIPMENT = "spareparts.approve_shipment"
    RECEIVE = "spareparts.receive"
    SETTLE_DISCREPANCY = "spareparts.settle_discrepancy"
    VIEW_SHIPMENTS = "spareparts.view_shipments"
    VIEW_DISCREPANCIES = "spareparts.view_discrepancies"
    # personal inventory
    VIEW_MY_PARTS = "spareparts.view_my_parts"
    VIEW_HOLDINGS = "spareparts.view_holdings"
    HAND_OVER = "spareparts.hand_over"
    MOVE_HOLDINGS = "spareparts.move_holdings"
    FIND_HOLDERS = "spareparts.find_holders"
    REPORT_LOSS = "spareparts.report_loss"
    UNDO_ANY_LOSS = "spareparts.undo_any_loss"
    BUY_LOCALLY = "spareparts.buy_locally"
    COUNT_OWN = "spareparts.count_own"
    APPROVE_COUNT = "spareparts.approve_count"
    BE_ABSENT = "spareparts.be_absent"
    # returns and old parts
    RETURN_PARTS = "spareparts.return_parts"
    VIEW_RETURNS = "spareparts.view_returns"
    CHECK_IN_RETURN = "spareparts.check_in_return"
    VIEW_DEBTS = "spareparts.view_debts"
    VIEW_ALL_DEBTS = "spareparts.view_all_debts"
    DECIDE_DEBT = "spareparts.decide_debt"
    # service BOM
    VIEW_SERVICE_BOM = "spareparts.view_service_bom"
    EDIT_SERVICE_BOM = "spareparts.edit_service_bom"
    SEARCH = "spareparts.search"
