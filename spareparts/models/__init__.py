from spareparts.models.bom import EquipmentPart, ReplacementRecord
from spareparts.models.consumption import Consumption, ConsumptionLine
from spareparts.models.documents import Document, StockLine
from spareparts.models.personal import (
    HandOver,
    HandOverLine,
    KeptPart,
    LocalPurchase,
    LocalPurchaseLine,
    LossReport,
    StockCount,
    StockCountLine,
)
from spareparts.models.requisitions import Allocation, Grant, Issue, IssueLine, Requisition, RequisitionLine
from spareparts.models.returns import OldPartDebt, Return, ReturnLine
from spareparts.models.settings import SparepartsSettings
from spareparts.models.shipments import Discrepancy, Receipt, ReceiptLine, Shipment, ShipmentLine
from spareparts.models.terms import Absence, HoldingLimit, ServiceBomLine, WarehouseTerms

__all__ = [
    "Absence",
    "Allocation",
    "Consumption",
    "ConsumptionLine",
    "Discrepancy",
    "Document",
    "EquipmentPart",
    "Grant",
    "HandOver",
    "HandOverLine",
    "HoldingLimit",
    "Issue",
    "IssueLine",
    "KeptPart",
    "LocalPurchase",
    "LocalPurchaseLine",
    "LossReport",
    "OldPartDebt",
    "Receipt",
    "ReceiptLine",
    "ReplacementRecord",
    "Requisition",
    "RequisitionLine",
    "Return",
    "ReturnLine",
    "ServiceBomLine",
    "Shipment",
    "ShipmentLine",
    "SparepartsSettings",
    "StockCount",
    "StockCountLine",
    "StockLine",
    "WarehouseTerms",
]
