"""The ledger to look at: postings lead to their moves, places to what lies there. Nothing here writes."""

from urllib.parse import urlencode

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from config.shared.admin import ReadOnlyAdmin
from config.shared.templatetags.shared import format_quantity
from inventory.models import Balance, Location, Lot, Move, Part, Posting


def link_to_list(model: str, text: object, **query: object) -> str:
    """A link to the rows behind a figure."""
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:inventory_{model}_changelist"), urlencode(query), text)


def amount(steps: int, part: Part) -> str:
    return f"{format_quantity(steps, part.unit.decimal_places)} {part.unit.code}"


class LedgerAdmin(ReadOnlyAdmin):
    list_per_page = 50
    sortable_by = ()  # the newest first, by key: any other order reads the whole table


@admin.register(Posting)
class PostingAdmin(LedgerAdmin):
    list_display = ["reference", "reason", "posted_at", "posted_by", "reverses", "moves_link"]
    list_filter = ["reason"]
    list_select_related = ["posted_by", "reverses"]
    search_fields = ["=reference", "posted_by__name"]
    search_help_text = _("Reference, or who posted it")
    date_hierarchy = "posted_at"
    fields = ["reference", "reason", "posted_at", "posted_by", "reverses", "reversed_by_link", "key", "moves_link"]
    readonly_fields = ["reversed_by_link", "moves_link"]

    @admin.display(description=_("moves"))
    def moves_link(self, posting: Posting) -> str:
        return link_to_list("move", _("Show the moves"), posting__id__exact=posting.pk)

    @admin.display(description=_("reversed by"))
    def reversed_by_link(self, posting: Posting) -> str:
        reversal = Posting.objects.filter(reverses=posting).first()
        if reversal is None:
            return "–"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:inventory_posting_change", args=[reversal.pk]), reversal
        )


@admin.register(Move)
class MoveAdmin(LedgerAdmin):
    list_display = ["posted_at", "reference", "part", "condition", "lot", "amount", "way"]
    list_filter = ["posting__reason", "condition", "source__kind", "target__kind"]
    list_select_related = [
        "posting",
        "part__unit",
        "lot",
        "source__owner",
        "source__warehouse",
        "target__owner",
        "target__warehouse",
    ]
    search_fields = ["=part__number", "=posting__reference", "=lot__code"]
    search_help_text = _("Part number, reference, or batch or serial number, in full")
    fields = ["reference", "posted_at", "part", "condition", "lot", "amount", "source", "target", "held_since"]
    readonly_fields = ["reference", "posted_at", "amount"]

    @admin.display(description=_("posted at"))
    def posted_at(self, move: Move) -> object:
        return move.posting.posted_at

    @admin.display(description=_("reference"))
    def reference(self, move: Move) -> str:
        url = reverse("admin:inventory_posting_change", args=[move.posting_id])
        return format_html('<a href="{}">{}</a>', url, move.posting)

    @admin.display(description=_("quantity"))
    def amount(self, move: Move) -> str:
        return amount(move.quantity, move.part)

    @admin.display(description=_("from → to"))
    def way(self, move: Move) -> str:
        return f"{move.source} → {move.target}"


@admin.register(Balance)
class BalanceAdmin(LedgerAdmin):
    list_display = ["location", "part", "condition", "lot", "amount", "moves_link"]
    list_filter = ["condition", "location__kind"]
    list_select_related = ["location__owner", "location__warehouse", "part__unit", "lot"]
    search_fields = ["part__number", "part__name", "lot__code", "location__owner__name", "location__warehouse__name"]
    search_help_text = _("Part, batch or serial number, person, warehouse")
    ordering = ["location", "part", "condition"]
    fields = ["location", "part", "condition", "lot", "amount", "moves_link"]
    readonly_fields = ["amount", "moves_link"]

    @admin.display(description=_("on hand"))
    def amount(self, balance: Balance) -> str:
        return amount(balance.on_hand, balance.part)

    @admin.display(description=_("moves"))
    def moves_link(self, balance: Balance) -> str:
        return link_to_list("move", _("Show the moves"), part__id__exact=balance.part_id)


@admin.register(Lot)
class LotAdmin(ReadOnlyAdmin):
    list_display = ["code", "part", "is_serial", "expires_on"]
    list_filter = ["is_serial", "expires_on"]
    list_select_related = ["part"]
    list_per_page = 50
    search_fields = ["code", "part__number", "part__name"]
    date_hierarchy = "expires_on"


@admin.register(Location)
class LocationAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "kind", "warehouse", "owner", "is_outside", "stock_link"]
    list_filter = ["kind", "is_outside"]
    list_select_related = ["warehouse", "owner"]
    list_per_page = 50
    search_fields = ["owner__name", "owner__email", "warehouse__name", "warehouse__code"]
    ordering = ["kind", "pk"]
    fields = ["kind", "warehouse", "owner", "is_outside", "stock_link"]
    readonly_fields = ["stock_link"]

    @admin.display(description=_("stock"))
    def stock_link(self, location: Location) -> str:
        if location.is_outside:
            return "–"
        return link_to_list("balance", _("Show what lies here"), location__id__exact=location.pk)
