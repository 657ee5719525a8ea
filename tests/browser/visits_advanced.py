"""The pages of Advanced mode, as in visits.py: who opens each, on which thing, and what its form refuses."""

from functools import cached_property
from typing import Any

from django.urls import reverse

from spareparts.models import ServiceBomLine
from tests.browser.documents import all_documents
from tests.browser.visits import NOTHING_FILLED_IN, Things, Visit

ADVANCED_VISITS = (
    # An engineer: what he holds
    Visit("spareparts:my_parts", "jana", with_large_text=True),
    Visit("spareparts:my_holdings", "jana"),
    Visit("spareparts:my_moves", "jana"),
    Visit("spareparts:my_statement", "jana"),
    Visit("spareparts:my_collect", "jana"),
    Visit("spareparts:record_use", "jana", "job", with_large_text=True),
    Visit("workorders:work_order", "jana", "job"),
    Visit("inventory:part", "jana", "part"),
    Visit("spareparts:closing", "jana", "job"),
    Visit("spareparts:scan", "jana", with_large_text=True),
    # his requests
    Visit("spareparts:my_requisitions", "jana", with_large_text=True),
    Visit("spareparts:requisition_new", "jana", with_large_text=True),
    Visit("spareparts:requisition_new", "jana", query="?work_order={job}"),
    Visit("spareparts:requisition_new", "jana", refused=NOTHING_FILLED_IN),
    Visit("spareparts:requisition", "jana", "approved"),
    Visit("spareparts:requisition", "jana", "draft"),
    Visit("spareparts:requisition_edit", "jana", "draft"),
    Visit("spareparts:requisition_submit", "jana", "draft"),
    Visit("spareparts:requisition_withdraw", "jana", "submitted"),
    Visit("spareparts:requisition_copy", "jana", "approved"),
    # between engineers
    Visit("spareparts:hand_overs", "jana"),
    Visit("spareparts:hand_over_new", "jana"),
    Visit("spareparts:hand_over_new", "jana", refused=NOTHING_FILLED_IN),
    Visit("spareparts:hand_over", "jana", "offer"),
    Visit("spareparts:hand_over_ask", "jana"),
    Visit("spareparts:hand_over_everything", "jana"),
    Visit("spareparts:hand_over_undo", "jana", "offer"),
    # lost, bought, counted
    Visit("spareparts:losses", "jana"),
    Visit("spareparts:loss_new", "jana"),
    Visit("spareparts:loss_new", "jana", refused=NOTHING_FILLED_IN),
    Visit("spareparts:loss", "jana", "loss"),
    Visit("spareparts:loss_undo", "eva", "loss"),
    Visit("spareparts:purchases", "jana"),
    Visit("spareparts:purchase_new", "jana"),
    Visit("spareparts:purchase_new", "jana", refused=NOTHING_FILLED_IN),
    Visit("spareparts:purchase", "jana", "purchase"),
    Visit("spareparts:purchase_undo", "eva", "purchase"),
    Visit("spareparts:counts", "jana"),
    Visit("spareparts:count_new", "mia"),
    Visit("spareparts:count", "jana", "count", with_large_text=True),
    Visit("spareparts:count", "eva", "waiting_count"),
    Visit("spareparts:absences", "jana"),
    Visit("spareparts:absences", "jana", refused={"first_day": ""}),
    # what goes back
    Visit("spareparts:returns", "jana"),
    Visit("spareparts:return_new", "jana", with_large_text=True),
    Visit("spareparts:return", "jana", "handed_over"),
    Visit("spareparts:return_slip", "jana", "handed_over"),
    Visit("spareparts:return_edit", "jana", "prepared"),
    Visit("spareparts:return_hand_over", "jana", "prepared"),
    Visit("spareparts:return_cancel", "jana", "prepared"),
    Visit("spareparts:return_undo", "karl", "handed_over"),
    Visit("spareparts:debts", "jana"),
    Visit("spareparts:debt", "jana", "debt"),
    Visit("spareparts:debt_ask", "jana", "debt"),
    Visit("spareparts:debt_take_out", "jana", "debt"),
    # what is on its way to him
    Visit("spareparts:shipment_receive", "jana", "shipment", with_large_text=True),
    Visit("spareparts:discrepancy", "jana", "discrepancy"),
    # A warehouse manager
    Visit("spareparts:approvals", "karl"),
    Visit("spareparts:requisition", "karl", "submitted"),
    Visit("spareparts:requisition_approve", "karl", "submitted"),
    Visit("spareparts:requisition_reject", "karl", "submitted"),
    Visit("spareparts:requisition_forward", "karl", "submitted"),
    Visit("spareparts:requisition_cancel_rest", "karl", "approved"),
    Visit("spareparts:issue_undo", "karl", "issue"),
    Visit("spareparts:desk", "karl", with_large_text=True),
    Visit("spareparts:desk", "karl", query="?requisition={approved}"),
    Visit("spareparts:pick_list", "karl"),
    Visit("spareparts:counter", "karl", with_large_text=True),
    Visit("spareparts:scan", "karl"),
    Visit("spareparts:shipments", "karl"),
    Visit("spareparts:shipment_new", "karl"),
    Visit("spareparts:shipment_new", "karl", query="?requisition={to_ship}"),
    Visit("spareparts:shipment", "karl", "shipment"),
    Visit("spareparts:shipment_slip", "karl", "shipment"),
    Visit("spareparts:shipment_receive", "karl", "shipment"),
    Visit("spareparts:shipment_track", "karl", "shipment"),
    Visit("spareparts:shipment_approve", "karl", "waiting_shipment"),
    Visit("spareparts:shipment_cancel", "karl", "waiting_shipment"),
    Visit("spareparts:discrepancies", "karl"),
    Visit("spareparts:discrepancy_settle", "karl", "discrepancy"),
    Visit("spareparts:returns_desk", "karl", with_large_text=True),
    Visit("spareparts:return_check_in", "karl", "handed_over"),
    Visit("spareparts:take_back", "karl"),
    Visit("spareparts:take_back", "karl", query="?engineer={jana}"),
    Visit("inventory:stock", "karl", with_large_text=True),
    Visit("inventory:ledger", "karl", with_large_text=True),
    # The office
    Visit("spareparts:requisitions", "eva"),
    Visit("spareparts:holdings", "eva", with_large_text=True),
    Visit("spareparts:held_parts", "eva"),
    Visit("spareparts:engineer_holdings", "eva", "jana"),
    Visit("spareparts:engineer_moves", "eva", "jana"),
    Visit("spareparts:engineer_statement", "eva", "jana"),
    Visit("spareparts:hand_over_everything_of", "eva", "jana"),
    Visit("spareparts:old_parts", "eva"),
    Visit("spareparts:debt_decide", "eva", "debt"),
    Visit("spareparts:service_boms", "eva"),
    Visit("spareparts:service_bom", "eva", "model"),
    # The administrator
    Visit("spareparts:settings", "ada", with_large_text=True),
    Visit("spareparts:settings_mode", "ada", query="?to=simple"),
    Visit("spareparts:settings_warehouse", "ada"),
    Visit("spareparts:settings_opening", "ada"),
    Visit("spareparts:settings_closing", "ada", query="?to=simple"),
)

# Redirects, posts, files, fragments and machines' answers.
ADVANCED_NO_PAGE = {
    "spareparts:absence_cancel",
    "spareparts:count_approve",
    "spareparts:count_cancel",
    "spareparts:count_reject",
    "spareparts:debt_photo",
    "spareparts:desk_issue",
    "spareparts:desk_reserve",
    "spareparts:hand_over_accept",
    "spareparts:hand_over_decline",
    "spareparts:hand_over_lapse",
    "spareparts:hand_over_offer",
    "spareparts:hand_over_withdraw",
    "spareparts:holdings_export",
    "spareparts:holdings_move",
    "spareparts:loss_photo",
    "spareparts:old_parts_export",
    "spareparts:open_code",
    "spareparts:purchase_photo",
    "spareparts:requisition_search",
    "spareparts:return_confirm",
    "spareparts:service_bom_remove",
}


class AdvancedThings(Things):
    """One of every document, Jana's where it is anybody's: what the demo tells, and beside it what it does not."""

    @cached_property
    def documents(self) -> dict[str, int]:
        return all_documents(self.job, self.jana)

    def arguments(self, on: str) -> dict[str, Any]:
        if on == "jana":
            return {"pk": self.jana.pk}
        if on == "model":
            return {"pk": ServiceBomLine.objects.earliest("pk").equipment_model_id}
        return {"pk": self.documents[on]} if on in self.documents else super().arguments(on)

    def path(self, visit: Visit) -> str:
        facts = {"jana": self.jana.pk, "job": self.job.pk, **self.documents}
        return reverse(visit.address, kwargs=self.arguments(visit.on)) + visit.query.format(**facts)
