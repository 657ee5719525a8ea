"""The words of people and work orders that the code and the pages share."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.shared.transitions import Transition


class Role(TextChoices):
    """A hat. A person may wear several; permissions are their union."""

    ENGINEER = "engineer", _("Engineer")
    WAREHOUSE_MANAGER = "warehouse_manager", _("Warehouse manager")
    SERVICE_MANAGER = "service_manager", _("Service manager")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


class Permission(StrEnum):
    """What may be asked of ``user.has_perm``; the answers stand in spareparts/rules.py."""

    VIEW_WORK_ORDERS = "workorders.view_work_orders"
    VIEW_ALL_WORK_ORDERS = "workorders.view_all_work_orders"
    VIEW_MY_JOBS = "workorders.view_my_jobs"
    DISPATCH = "workorders.dispatch"
    WORK_ON_ORDER = "workorders.work_on_order"
    VIEW_CUSTOMERS = "workorders.view_customers"
    IMPORT = "workorders.import"
    USE_ME = "workorders.use_me"
    MANAGE_PEOPLE = "workorders.manage_people"


class Theme(TextChoices):
    AUTO = "auto", _("Same as the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class WorkOrderType(TextChoices):
    REPAIR = "repair", pgettext_lazy("work order type", "Repair")
    MAINTENANCE = "maintenance", _("Maintenance")
    INSPECTION = "inspection", _("Inspection")
    INSTALLATION = "installation", _("Installation")
    OTHER = "other", _("Other")


class Priority(TextChoices):
    URGENT = "1_urgent", _("Urgent")
    HIGH = "2_high", _("High")
    NORMAL = "3_normal", _("Normal")
    LOW = "4_low", _("Low")


class WorkOrderStatus(TextChoices):
    NEW = "new", pgettext_lazy("work order status", "New")
    ASSIGNED = "assigned", _("Assigned")
    IN_PROGRESS = "in_progress", _("In progress")
    ON_HOLD = "on_hold", _("On hold")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


S = WorkOrderStatus
OPEN_STATUSES = frozenset({S.ASSIGNED, S.IN_PROGRESS, S.ON_HOLD})
ACTIVE_STATUSES = OPEN_STATUSES | {S.NEW}
CLOSED_STATUSES = frozenset({S.COMPLETED, S.CANCELLED})

KEEPS_STATUS = ""
"""The target of a verb that changes the work order and leaves its status as it is."""

WORK_ORDER_TRANSITIONS: dict[str, Transition] = {
    row.verb: row
    for row in (
        Transition("start", frozenset({S.ASSIGNED}), S.IN_PROGRESS, Permission.WORK_ON_ORDER, _("Start work")),
        Transition("resume", frozenset({S.ON_HOLD}), S.IN_PROGRESS, Permission.WORK_ON_ORDER, _("Resume work")),
        Transition("complete", frozenset({S.IN_PROGRESS}), S.COMPLETED, Permission.WORK_ON_ORDER, _("Complete")),
        Transition("hold", frozenset({S.IN_PROGRESS}), S.ON_HOLD, Permission.WORK_ON_ORDER, _("Put on hold"), True),
        Transition("assign", frozenset({S.NEW, S.ASSIGNED}), S.ASSIGNED, Permission.DISPATCH, _("Assign")),
        Transition("reassign", frozenset({S.IN_PROGRESS, S.ON_HOLD}), KEEPS_STATUS, Permission.DISPATCH, _("Reassign")),
        Transition("plan", ACTIVE_STATUSES, KEEPS_STATUS, Permission.DISPATCH, _("Plan")),
        Transition("edit", ACTIVE_STATUSES, KEEPS_STATUS, Permission.DISPATCH, _("Edit")),
        Transition("reopen", CLOSED_STATUSES, S.ASSIGNED, Permission.DISPATCH, _("Reopen"), True),
        Transition("cancel", ACTIVE_STATUSES, S.CANCELLED, Permission.DISPATCH, _("Cancel job"), True, "bad"),
    )
}
