"""The admin of people and work orders, one module per room."""

from workorders.admin import customers, equipment, people, work_orders

__all__ = ["customers", "equipment", "people", "work_orders"]
