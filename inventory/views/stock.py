"""What lies in the warehouses, and the ledger behind every number."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.shared.access import requires
from config.shared.paging import paged
from inventory.enums import WAREHOUSE_KINDS, Permission
from inventory.filters import MoveFilter, StockFilter
from inventory.models import Balance, Move, Warehouse
from inventory.tables import MoveTable, StockTable


@requires(Permission.SEARCH_LEDGER)
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """Every movement, narrowed by part, document, place, reason, lot and day."""
    moves = _moves_for(request).select_related(
        *("posting__posted_by", "part__unit", "lot", "source__owner", "source__warehouse"),
        *("target__owner", "target__warehouse"),
    )
    found = MoveFilter(request.GET, queryset=moves.order_by("-pk"))
    context = {"filter": found, "table": paged(request, MoveTable(found.qs))}
    return render(request, "inventory/ledger.html", context)


def _moves_for(request: HttpRequest) -> QuerySet[Move]:
    """Everything for the office; a warehouse manager without another hat sees what touched his warehouses."""
    if request.user.has_perm(Permission.VIEW_ALL_STOCK):
        return Move.objects.all()
    own = Warehouse.objects.visible_to(request.user).values("locations")
    return Move.objects.filter(Q(source__in=own) | Q(target__in=own))


@requires(Permission.VIEW_STOCK)
@require_safe
def stock(request: HttpRequest) -> HttpResponse:
    """What lies on the shelves, packed, on the way and in repair."""
    warehouses = Warehouse.objects.all()
    if not request.user.has_perm(Permission.VIEW_ALL_STOCK):
        warehouses = warehouses.visible_to(request.user)
    rows = Balance.objects.filter(
        on_hand__gt=0, location__kind__in=[str(kind) for kind in WAREHOUSE_KINDS], location__warehouse__in=warehouses
    )
    rows = rows.select_related("part__unit", "lot", "location__warehouse").prefetch_related("part__bins")
    found = StockFilter(request.GET, queryset=rows.order_by("part__number", "pk"), warehouses=warehouses)
    return render(request, "inventory/stock.html", {"filter": found, "table": paged(request, StockTable(found.qs))})
