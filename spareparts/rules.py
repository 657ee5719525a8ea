"""Who may do what: mode × role in one table. The admin's rights derive from it too; Django groups are unused.

A permission is granted when one of the person's roles is named and the mode has the feature the row asks for.
"""

from dataclasses import dataclass

from inventory.enums import Permission as I
from spareparts.enums import Feature
from spareparts.enums import Permission as S
from spareparts.policies import ModePolicy
from workorders.enums import Permission as W
from workorders.enums import Role

E, WM, SM, AD, AU = Role.ENGINEER, Role.WAREHOUSE_MANAGER, Role.SERVICE_MANAGER, Role.ADMINISTRATOR, Role.AUDITOR
EVERYONE = frozenset(Role)
OFFICE = frozenset({WM, SM, AD, AU})


@dataclass(frozen=True)
class Rule:
    roles: frozenset[Role]
    feature: Feature | None = None


def to(*roles: Role, feature: Feature | None = None) -> Rule:
    return Rule(frozenset(roles), feature)


RULES: dict[str, Rule] = {
    # people and work orders: useful with the plugin off
    W.USE_ME: Rule(EVERYONE),
    W.MANAGE_PEOPLE: to(AD),
    W.VIEW_WORK_ORDERS: Rule(EVERYONE),
    W.VIEW_ALL_WORK_ORDERS: Rule(OFFICE),
    W.VIEW_MY_JOBS: to(E),
    W.DISPATCH: to(SM, AD),
    W.WORK_ON_ORDER: to(E, SM, AD),
    W.VIEW_CUSTOMERS: Rule(EVERYONE),
    W.IMPORT: to(SM, AD),
    # catalogue and stock
    I.VIEW_PARTS: Rule(EVERYONE),
    I.SEE_COST: Rule(OFFICE),
    I.IMPORT_PARTS: to(WM, AD),
    I.VIEW_LEDGER: to(AD, AU),
    I.SEARCH_LEDGER: to(WM, SM, AD, AU),
    I.VIEW_STOCK: to(WM, SM, AD, AU, feature=Feature.WAREHOUSE_STOCK),
    I.VIEW_ALL_STOCK: to(SM, AD, AU),
    I.MANAGE_WAREHOUSES: to(WM, AD, feature=Feature.WAREHOUSE_STOCK),
    "inventory.manage_all_warehouses": to(AD),
    # spare parts management
    S.RECORD_USE: to(E, SM, AD, feature=Feature.CONSUMPTION),
    S.RECORD_USE_FOR_OTHERS: to(SM, AD, feature=Feature.CONSUMPTION),
    S.CLOSE_JOB: to(E, SM, AD, feature=Feature.PERSONAL_INVENTORY),
    S.VIEW_CONSUMPTION: Rule(EVERYONE, Feature.CONSUMPTION),
    S.VIEW_ALL_CONSUMPTION: Rule(OFFICE, Feature.CONSUMPTION),
    S.UNDO_OWN_CONSUMPTION: to(E, SM, AD, feature=Feature.CONSUMPTION),
    S.UNDO_ANY_CONSUMPTION: to(SM, AD, feature=Feature.CONSUMPTION),
    S.VIEW_EQUIPMENT_PARTS: Rule(EVERYONE, Feature.EQUIPMENT_BOM),
    S.EDIT_EQUIPMENT_PARTS: to(SM, AD, feature=Feature.EQUIPMENT_BOM),
    S.VIEW_USE_REPORT: to(WM, SM, AD, AU, feature=Feature.CONSUMPTION),
    S.CHANGE_SETTINGS: to(AD),
    # requisitions and shipments
    S.REQUEST_PARTS: to(E, WM, SM, AD, feature=Feature.REQUISITION),
    S.REQUEST_FOR_OTHERS: to(WM, SM, AD, feature=Feature.REQUISITION),
    S.VIEW_REQUISITIONS: Rule(EVERYONE, Feature.REQUISITION),
    S.VIEW_ALL_REQUISITIONS: to(SM, AD, AU, feature=Feature.REQUISITION),
    S.APPROVE_REQUISITION: to(WM, SM, AD, feature=Feature.REQUISITION),
    S.FULFIL_REQUISITION: to(WM, AD, feature=Feature.WAREHOUSE_STOCK),
    S.WORK_AT_DESK: to(WM, AD, feature=Feature.PERSONAL_INVENTORY),
    S.SHIP: to(WM, AD, feature=Feature.SHIPMENT),
    S.APPROVE_SHIPMENT: to(WM, AD, feature=Feature.SHIPMENT),
    S.RECEIVE: to(E, WM, AD, feature=Feature.SHIPMENT),
    S.SETTLE_DISCREPANCY: to(WM, SM, AD, feature=Feature.PERSONAL_INVENTORY),
    S.VIEW_SHIPMENTS: Rule(EVERYONE, Feature.SHIPMENT),
    S.VIEW_DISCREPANCIES: Rule(EVERYONE, Feature.PERSONAL_INVENTORY),
    # personal inventory
    S.VIEW_MY_PARTS: to(E, feature=Feature.PERSONAL_INVENTORY),
    S.VIEW_HOLDINGS: to(WM, SM, AD, AU, feature=Feature.PERSONAL_INVENTORY),
    S.HAND_OVER: to(E, feature=Feature.HAND_OVER),
    S.MOVE_HOLDINGS: to(WM, SM, AD, feature=Feature.HAND_OVER),
    S.FIND_HOLDERS: Rule(EVERYONE, Feature.PERSONAL_INVENTORY),
    S.REPORT_LOSS: to(E, feature=Feature.LOSS_REPORT),
    S.UNDO_ANY_LOSS: to(SM, AD, feature=Feature.LOSS_REPORT),
    S.BUY_LOCALLY: to(E, feature=Feature.LOCAL_PURCHASE),
    S.COUNT_OWN: to(E, feature=Feature.PERSONAL_COUNT),
    S.APPROVE_COUNT: to(WM, SM, AD, feature=Feature.PERSONAL_COUNT),
    S.BE_ABSENT: to(E, WM, SM, AD, feature=Feature.PERSONAL_INVENTORY),
    # returns and old parts
    S.RETURN_PARTS: to(E, feature=Feature.RETURN),
    S.VIEW_RETURNS: to(E, WM, SM, AD, AU, feature=Feature.RETURN),
    S.CHECK_IN_RETURN: to(WM, SM, AD, feature=Feature.RETURN),
    S.VIEW_DEBTS: Rule(EVERYONE, Feature.OLD_PART_DEBT),
    S.VIEW_ALL_DEBTS: to(WM, SM, AD, AU, feature=Feature.OLD_PART_DEBT),
    S.DECIDE_DEBT: to(SM, AD, feature=Feature.OLD_PART_DEBT),
    # service BOM
    S.VIEW_SERVICE_BOM: Rule(EVERYONE, Feature.SERVICE_BOM),
    S.EDIT_SERVICE_BOM: to(SM, AD, feature=Feature.SERVICE_BOM),
    S.SEARCH: Rule(EVERYONE),
    # the Django admin
    "admin.open": to(WM, AD, AU),
}

VIEW, EDIT = frozenset({"view"}), frozenset({"view", "add", "change"})
ALL = EDIT | {"delete"}

ADMIN_MODELS: dict[str, dict[Role, frozenset[str]]] = {
    "workorders.user": {AD: EDIT, AU: VIEW},
    "workorders.team": {AD: ALL, AU: VIEW},
    "workorders.customer": {AD: ALL, AU: VIEW},
    "workorders.site": {AD: ALL, AU: VIEW},
    "workorders.equipmentmodel": {AD: ALL, AU: VIEW},
    "workorders.equipment": {AD: ALL, AU: VIEW},
    "workorders.workorder": {AD: VIEW, AU: VIEW},
    "inventory.part": {AD: ALL, WM: EDIT, AU: VIEW},
    "inventory.partbarcode": {AD: ALL, WM: ALL, AU: VIEW},
    "inventory.partcategory": {AD: ALL, WM: EDIT, AU: VIEW},
    "inventory.unit": {AD: ALL, WM: VIEW, AU: VIEW},
    "inventory.warehouse": {AD: EDIT, WM: frozenset({"view", "change"}), AU: VIEW},
    "inventory.location": {AD: VIEW, AU: VIEW},
    "inventory.lot": {AD: VIEW, WM: VIEW, AU: VIEW},
    "inventory.posting": {AD: VIEW, AU: VIEW},
    "inventory.move": {AD: VIEW, AU: VIEW},
    "inventory.balance": {AD: VIEW, AU: VIEW},
    "spareparts.sparepartssettings": {AD: VIEW, AU: VIEW},
    "spareparts.consumption": {AD: VIEW, AU: VIEW},
    "spareparts.consumptionline": {AD: VIEW, AU: VIEW},
    "spareparts.equipmentpart": {AD: VIEW, AU: VIEW},
    "spareparts.requisition": {AD: VIEW, AU: VIEW},
    "spareparts.issue": {AD: VIEW, AU: VIEW},
    "spareparts.shipment": {AD: VIEW, AU: VIEW},
    "spareparts.discrepancy": {AD: VIEW, AU: VIEW},
    "spareparts.handover": {AD: VIEW, AU: VIEW},
    "spareparts.lossreport": {AD: VIEW, AU: VIEW},
    "spareparts.localpurchase": {AD: VIEW, AU: VIEW},
    "spareparts.stockcount": {AD: VIEW, AU: VIEW},
    "spareparts.return": {AD: VIEW, AU: VIEW},
    "spareparts.oldpartdebt": {AD: VIEW, AU: VIEW},
    "spareparts.warehouseterms": {AD: ALL, WM: VIEW, AU: VIEW},
    "spareparts.holdinglimit": {AD: ALL, AU: VIEW},
    "spareparts.absence": {AD: ALL, AU: VIEW},
    "spareparts.servicebomline": {AD: ALL, AU: VIEW},
    "inventory.bin": {AD: ALL, WM: ALL, AU: VIEW},
    "inventory.substitute": {AD: ALL, WM: ALL, AU: VIEW},
    "shared.auditevent": {AD: VIEW, AU: VIEW},
}
# Models whose admin pages exist only in a mode with the feature.
ADMIN_FEATURES: dict[str, Feature] = {
    "inventory.warehouse": Feature.WAREHOUSE_STOCK,
    "spareparts.consumption": Feature.CONSUMPTION,
    "spareparts.consumptionline": Feature.CONSUMPTION,
    "spareparts.equipmentpart": Feature.EQUIPMENT_BOM,
    "spareparts.requisition": Feature.REQUISITION,
    "spareparts.issue": Feature.REQUISITION,
    "spareparts.shipment": Feature.SHIPMENT,
    "spareparts.discrepancy": Feature.PERSONAL_INVENTORY,
    "spareparts.handover": Feature.HAND_OVER,
    "spareparts.lossreport": Feature.LOSS_REPORT,
    "spareparts.localpurchase": Feature.LOCAL_PURCHASE,
    "spareparts.stockcount": Feature.PERSONAL_COUNT,
    "spareparts.return": Feature.RETURN,
    "spareparts.oldpartdebt": Feature.OLD_PART_DEBT,
    "spareparts.warehouseterms": Feature.WAREHOUSE_STOCK,
    "spareparts.holdinglimit": Feature.PERSONAL_INVENTORY,
    "spareparts.absence": Feature.PERSONAL_INVENTORY,
    "spareparts.servicebomline": Feature.SERVICE_BOM,
    "inventory.bin": Feature.WAREHOUSE_STOCK,
    "inventory.substitute": Feature.REQUISITION,
}


def is_granted(permission: str, *, roles: frozenset[Role], policy: ModePolicy) -> bool:
    """Does one of ``roles`` hold ``permission`` under ``policy``? Unknown permissions are refused."""
    rule = RULES.get(permission)
    if rule is not None:
        return bool(rule.roles & roles) and (rule.feature is None or policy.has(rule.feature))
    return _is_admin_granted(permission, roles, policy)


def _is_admin_granted(permission: str, roles: frozenset[Role], policy: ModePolicy) -> bool:
    app_label, _dot, codename = permission.partition(".")
    action, _underscore, model = codename.partition("_")
    label = f"{app_label}.{model.removeprefix('historical')}"
    feature = ADMIN_FEATURES.get(label)
    if feature is not None and not policy.has(feature):
        return False
    rights = ADMIN_MODELS.get(label, {})
    return any(action in rights.get(role, frozenset()) for role in roles)
