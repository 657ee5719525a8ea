"""Every page a person can open, written by hand: who opens it, on which thing, and what its form refuses.

``refused`` sends the page's form with these values (the rest as the page has them), so that its errors are looked at
too. A page of the resolver that is neither here, nor in ELSEWHERE, nor in NO_PAGE fails the build.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse

from spareparts.models import Consumption, EquipmentPart
from workorders.enums import WorkOrderStatus as Status
from workorders.models import User, WorkOrder


@dataclass(frozen=True)
class Visit:
    """``on`` names a thing of Things. A page in ``with_large_text`` is also tried at 320 pixels and 200 % text."""

    address: str
    who: str
    on: str = ""
    query: str = ""
    refused: Mapping[str, Any] | None = None
    status: int = 200
    with_large_text: bool = False

    def __str__(self) -> str:
        words = [self.who, self.address, self.on, self.query, "refused" if self.refused is not None else ""]
        return " ".join(word for word in words if word)


NOTHING_FILLED_IN: dict[str, Any] = {}

VISITS = (
    # An engineer and his jobs
    Visit("workorders:my_jobs", "jana", with_large_text=True),
    Visit("workorders:my_jobs", "jana", query="?show=next"),
    Visit("workorders:my_jobs", "jana", query="?show=done"),
    Visit("workorders:work_order", "jana", "job", with_large_text=True),
    Visit("spareparts:record_use", "jana", "job", with_large_text=True),
    Visit("spareparts:record_use", "jana", "job", refused={"lines-0-quantity": "1.234567"}),
    Visit("spareparts:record_use", "jana", "job", refused=NOTHING_FILLED_IN),
    Visit("spareparts:record_use", "jana", "jana_done"),
    Visit("spareparts:consumption", "jana", "used_by_jana", with_large_text=True),
    Visit("spareparts:equipment_parts", "jana", "machine", with_large_text=True),
    Visit("workorders:work_order_start", "jana", "job"),
    Visit("workorders:work_order_hold", "jana", "jana_started"),
    Visit("workorders:work_order_hold", "jana", "jana_started", refused={"reason": ""}),
    Visit("workorders:work_order_resume", "jana", "jana_held"),
    Visit("workorders:work_order_complete", "jana", "jana_started"),
    Visit("workorders:work_orders", "jana"),
    Visit("workorders:equipment_list", "jana", with_large_text=True),
    Visit("workorders:equipment", "jana", "machine"),
    Visit("workorders:customers", "jana"),
    Visit("workorders:customer", "jana", "customer"),
    Visit("inventory:parts", "jana", with_large_text=True),
    Visit("inventory:parts", "jana", query="?q=valve&listed=True"),
    Visit("inventory:parts", "jana", query="?q=nothing-is-called-so"),
    Visit("inventory:part", "jana", "part"),
    Visit("workorders:me", "jana", with_large_text=True),
    Visit("workorders:me", "jana", refused={"name": ""}),
    Visit("spareparts:search", "jana", query="?q=val"),
    Visit("spareparts:search", "jana", query="?q=nothing-is-called-so"),
    # The service manager
    Visit("workorders:work_orders", "eva", with_large_text=True),
    Visit("workorders:work_orders", "eva", query="?state=all&priority=1_urgent&planned_from=2020-01-01"),
    Visit("workorders:work_orders", "eva", query="?planned_from=nonsense"),
    Visit("workorders:dispatch", "eva"),
    Visit("workorders:dispatch", "eva", query="?order={unassigned}"),
    Visit("workorders:work_order_new", "eva"),
    Visit("workorders:work_order_new", "eva", query="?q=nothing-is-called-so"),
    Visit("workorders:work_order_new", "eva", query="?customer={customer}"),
    Visit("workorders:work_order_new", "eva", query="?customer={customer}", refused=NOTHING_FILLED_IN),
    Visit("workorders:work_order", "eva", "unassigned"),
    Visit("workorders:work_order", "eva", "completed"),
    Visit("workorders:work_order", "eva", "used_job"),
    Visit("workorders:work_order_edit", "eva", "job"),
    Visit("workorders:work_order_edit", "eva", "job", refused={"site": ""}),
    Visit("workorders:work_order_assign", "eva", "unassigned"),
    Visit("workorders:work_order_assign", "eva", "unassigned", refused={"lead": ""}),
    Visit("workorders:work_order_plan", "eva", "job"),
    Visit("workorders:work_order_plan", "eva", "job", refused={"planned_at": "1999-01-01T08:00"}),
    Visit("workorders:work_order_cancel", "eva", "job"),
    Visit("workorders:work_order_cancel", "eva", "job", refused={"reason": ""}),
    Visit("workorders:work_order_reopen", "eva", "completed"),
    Visit("workorders:work_order_reopen", "eva", "completed", refused={"reason": ""}),
    Visit("workorders:customers", "eva", query="?q=nothing-is-called-so"),
    Visit("workorders:customer", "eva", "customer"),
    Visit("workorders:customer_new", "eva"),
    Visit("workorders:customer_new", "eva", refused=NOTHING_FILLED_IN),
    Visit("workorders:customer_edit", "eva", "customer"),
    Visit("workorders:site_new", "eva", "customer"),
    Visit("workorders:site_new", "eva", "customer", refused=NOTHING_FILLED_IN),
    Visit("workorders:site_edit", "eva", "site"),
    Visit("workorders:equipment_new", "eva", "customer"),
    Visit("workorders:equipment_new", "eva", "customer", refused=NOTHING_FILLED_IN),
    Visit("workorders:equipment_list", "eva", query="?warranty=in"),
    Visit("workorders:equipment", "eva", "machine"),
    Visit("workorders:equipment_edit", "eva", "machine"),
    Visit("spareparts:record_use", "eva", "job"),
    Visit("spareparts:record_use", "eva", "job", refused={"lines-0-quantity": "1"}),
    Visit("spareparts:consumption", "eva", "used_by_jana"),
    Visit("spareparts:consumption_undo", "eva", "used_by_jana"),
    Visit("spareparts:consumption_undo", "eva", "used_by_jana", refused={"reason": ""}),
    Visit("spareparts:consumption_correct", "eva", "used_by_jana"),
    Visit("spareparts:consumption_correct", "eva", "used_by_jana", refused={"reason": ""}),
    Visit("spareparts:equipment_parts", "eva", "machine"),
    Visit("spareparts:equipment_part_add", "eva", "machine"),
    Visit("spareparts:equipment_part_add", "eva", "machine", refused=NOTHING_FILLED_IN),
    Visit("spareparts:equipment_part_edit", "eva", "entry"),
    Visit("spareparts:equipment_part_edit", "eva", "entry", refused={"quantity": "many"}),
    Visit("spareparts:equipment_part_out", "eva", "entry"),
    Visit("spareparts:use_report", "eva", with_large_text=True),
    Visit("spareparts:use_report", "eva", query="?group=customer"),
    Visit("spareparts:use_report", "eva", query="?first=2026-02-01&last=2026-01-01"),
    Visit("spareparts:use_report", "eva", query="?q=nothing-is-called-so"),
    Visit("spareparts:use_lines", "eva", with_large_text=True),
    Visit("spareparts:use_lines", "eva", query="?customer={customer}"),
    # A warehouse manager
    Visit("inventory:parts", "karl"),
    Visit("inventory:part", "karl", "part"),
    Visit("inventory:part_import", "karl", with_large_text=True),
    Visit("imports:start", "karl", "parts", refused=NOTHING_FILLED_IN),
    # The administrator
    Visit("spareparts:settings", "ada", with_large_text=True),
    Visit("spareparts:settings", "ada", refused={"undo_minutes": "-1"}),
    Visit("spareparts:settings_mode", "ada", query="?to=off"),
    Visit("spareparts:settings_mode", "ada", query="?to=advanced"),
    Visit("imports:start", "ada", "customers"),
    Visit("imports:start", "ada", "equipment_parts"),
    # The auditor, and what is refused
    Visit("workorders:work_order", "oskar", "used_job"),
    Visit("spareparts:consumption", "oskar", "used_by_jana"),
    Visit("spareparts:settings", "jana", status=403),
    Visit("workorders:work_order", "tom", "jana_started", status=404),
)

# Pages that other tests of this package look at in the same way.
ELSEWHERE = {
    "test_accounts": {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_signup",
        "account_reauthenticate",
        "account_change_password",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "mfa_index",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
    },
    "test_imports": {"imports:columns", "imports:preview", "imports:result"},
    "test_components": {"styleguide"},
}

# Addresses that answer no page: redirects, posts, files, fragments and machines' answers.
NO_PAGE = {
    "spareparts:home",
    "spareparts:use_search",
    "spareparts:use_export",
    "workorders:sign_out_elsewhere",
    "inventory:part_search",
    "inventory:parts_export",
    "inventory:part_image",
    "imports:example",
    "imports:export",
    "imports:progress",
    "imports:problems",
    "account_set_password",
    "mfa_download_recovery_codes",
    "set_language",
    "demo_sign_in",
    "healthz",
    "readyz",
}


class Things:
    """What the pages are about, found in the small demo company by what it is."""

    @cached_property
    def jana(self) -> User:
        return User.objects.get(name="Jana Novak")

    @cached_property
    def job(self) -> WorkOrder:
        return WorkOrder.objects.get(number="WO-10411")

    def of_jana(self, status: Status) -> WorkOrder:
        """A job of hers in this state; the walk only looks, so that one of today's may be turned into it."""
        job = WorkOrder.objects.filter(lead=self.jana, status=status).exclude(pk=self.job.pk).order_by("pk").first()
        if job is None:
            job = WorkOrder.objects.filter(lead=self.jana, status=Status.ASSIGNED).exclude(pk=self.job.pk).latest("pk")
            WorkOrder.objects.filter(pk=job.pk).update(status=status)
        return job

    @cached_property
    def jobs(self) -> dict[str, WorkOrder]:
        return {
            "job": self.job,
            "jana_done": self.of_jana(Status.COMPLETED),
            "jana_started": self.of_jana(Status.IN_PROGRESS),
            "jana_held": self.of_jana(Status.ON_HOLD),
            "unassigned": WorkOrder.objects.filter(status=Status.NEW).earliest("pk"),
            "completed": WorkOrder.objects.filter(status=Status.COMPLETED).earliest("pk"),
            "used_job": self.used.work_order,
        }

    @cached_property
    def used(self) -> Consumption:
        return Consumption.objects.filter(engineer=self.jana, status="recorded").latest("pk")

    @cached_property
    def entry(self) -> EquipmentPart:
        return EquipmentPart.objects.current().filter(equipment=self.job.equipment).earliest("pk")

    def arguments(self, on: str) -> dict[str, Any]:
        if on in self.jobs:
            return {"pk": self.jobs[on].pk}
        machine = self.entry.equipment
        return {
            "": {},
            "used_by_jana": {"pk": self.used.pk},
            "machine": {"pk": machine.pk},
            "entry": {"pk": machine.pk, "row_pk": self.entry.pk},
            "customer": {"pk": self.job.customer.pk},
            "site": {"pk": self.job.site.pk},
            "part": {"pk": self.entry.part_id},
            "parts": {"kind": "parts"},
            "customers": {"kind": "customers"},
            "equipment_parts": {"kind": "equipment_parts"},
        }[on]

    def path(self, visit: Visit) -> str:
        facts = {"unassigned": self.jobs["unassigned"].pk, "customer": self.job.customer.pk}
        return reverse(visit.address, kwargs=self.arguments(visit.on)) + visit.query.format(**facts)
