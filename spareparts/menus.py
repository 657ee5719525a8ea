"""The menu: one table; what a person may not open is not shown."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.enums import Permission as I
from spareparts.enums import Permission as S
from workorders.enums import Permission as W


@dataclass(frozen=True)
class Entry:
    label: str | Promise
    url_name: str
    icon: str
    permission: str
    on_phone: bool = False
    prefixes: tuple[str, ...] = ()
    is_minor: bool = False  # on the desk not a tab, but in the menu behind the tabs


JOB_PAGES = ("/work-orders/", "/consumptions/")
REQUEST_PAGES = ("/requests/", "/approvals/")
PERSONAL_PAGES = ("/hand-overs/", "/losses/", "/purchases/", "/counts/")
MOST_TABS = 9  # one line of a desk; what comes after stands in the menu
RETURN_PAGES = ("/returns/", "/old-parts/")
MENU = (
    Entry(_("Desk"), "spareparts:desk", "home", S.WORK_AT_DESK, True, ("/desk/", "/counter/")),
    Entry(_("My parts"), "spareparts:my_parts", "box", S.VIEW_MY_PARTS, True, ("/my/parts/", *PERSONAL_PAGES)),
    Entry(_("My jobs"), "workorders:my_jobs", "tools", W.VIEW_MY_JOBS, True, ("/jobs/", *JOB_PAGES)),
    Entry(_("Scan"), "spareparts:scan", "scan", W.VIEW_MY_JOBS, True, ("/scan/",)),
    Entry(_("Work orders"), "workorders:work_orders", "list", W.VIEW_ALL_WORK_ORDERS, True, JOB_PAGES),
    Entry(_("Requests"), "spareparts:requisitions", "cart-in", S.VIEW_REQUISITIONS, True, REQUEST_PAGES),
    Entry(_("Returns"), "spareparts:returns", "return", S.VIEW_RETURNS, True, RETURN_PAGES),
    Entry(_("Shipments"), "spareparts:shipments", "truck", S.VIEW_SHIPMENTS, prefixes=("/shipments/",)),
    Entry(_("Stock"), "inventory:stock", "box", I.VIEW_STOCK, prefixes=("/stock/",)),
    Entry(_("Held parts"), "spareparts:holdings", "clock", S.VIEW_HOLDINGS, prefixes=("/holdings/", *PERSONAL_PAGES)),
    Entry(_("Parts"), "inventory:parts", "tag", I.VIEW_PARTS, on_phone=True, prefixes=("/parts/", "/imports/parts/")),
    Entry(_("Equipment"), "workorders:equipment_list", "machine", W.VIEW_CUSTOMERS, True, ("/equipment/",)),
    Entry(_("Customers"), "workorders:customers", "building", W.VIEW_ALL_WORK_ORDERS, prefixes=("/customers/",)),
    Entry(_("Parts used"), "spareparts:use_report", "chart", S.VIEW_USE_REPORT, True, ("/reports/",)),
    Entry(_("Old parts"), "spareparts:old_parts", "shield", S.VIEW_ALL_DEBTS, prefixes=("/old-parts/",), is_minor=True),
    Entry(
        _("Discrepancies"),
        "spareparts:discrepancies",
        "alert",
        S.SETTLE_DISCREPANCY,
        prefixes=("/discrepancies/",),
        is_minor=True,
    ),
    Entry(
        _("Service BOM"),
        "spareparts:service_boms",
        "file",
        S.VIEW_SERVICE_BOM,
        prefixes=("/equipment-models/",),
        is_minor=True,
    ),
    Entry(_("Ledger"), "inventory:ledger", "history", I.SEARCH_LEDGER, prefixes=("/ledger/",), is_minor=True),
    Entry(_("Settings"), "spareparts:settings", "settings", S.CHANGE_SETTINGS, prefixes=("/settings/",)),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """``nav`` for base.html: entries with label, url, icon, is_current, on_phone, is_minor."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": []}
    entries = [entry for entry in MENU if user.has_perm(entry.permission)]
    # A job belongs to the work orders of those who see them all, and to "My jobs" of everybody else.
    current = next((entry for entry in reversed(entries) if request.path.startswith(entry.prefixes)), None)
    tabs = [entry for entry in entries if not entry.is_minor][:MOST_TABS]
    return {"nav": [_item(entry, is_current=entry is current, is_minor=entry not in tabs) for entry in entries]}


def _item(entry: Entry, *, is_current: bool, is_minor: bool) -> dict[str, Any]:
    return {
        "label": entry.label,
        "url": reverse(entry.url_name),
        "icon": entry.icon,
        "on_phone": entry.on_phone,
        "is_minor": is_minor,
        "is_current": is_current,
    }
