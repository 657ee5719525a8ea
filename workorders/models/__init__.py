from workorders.models.equipment import Customer, Equipment, EquipmentModel, Site
from workorders.models.people import Team, User
from workorders.models.work_orders import WorkOrder

__all__ = ["Customer", "Equipment", "EquipmentModel", "Site", "Team", "User", "WorkOrder"]
