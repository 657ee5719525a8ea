from spareparts.models.bom import EquipmentPart
from spareparts.models.consumption import Consumption, ConsumptionLine
from spareparts.models.settings import SparepartsSettings

__all__ = ["Consumption", "ConsumptionLine", "EquipmentPart", "SparepartsSettings"]
