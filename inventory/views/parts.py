"""The catalogue: the list, one part, and the options of the picker."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.shared.access import get_visible, requires
from config.shared.exports import FORMATS, export_response
from config.shared.imports import export_rows, get_kind
from config.shared.paging import paged
from inventory.domain import catalogue, images
from inventory.enums import Permission
from inventory.filters import PartFilter
from inventory.forms import PartSearchForm
from inventory.models import Part
from inventory.panels import panels_for
from inventory.tables import PartTable

MOST_OPTIONS = 20


@requires(Permission.VIEW_PARTS)
def parts(request: HttpRequest) -> HttpResponse:
    found = PartFilter(request.GET, queryset=Part.objects.visible_to(request.user).select_related("category", "unit"))
    hidden = () if request.user.has_perm(Permission.SEE_COST) else ("unit_cost",)
    table = paged(request, PartTable(found.qs, exclude=hidden))
    context = {"filter": found, "table": table, "may_import": request.user.has_perm(Permission.IMPORT_PARTS)}
    return render(request, "inventory/parts.html", context)


@requires(Permission.VIEW_PARTS)
@require_safe
def parts_export(request: HttpRequest) -> HttpResponseBase:
    """The list as filtered, as a file; the import reads it back."""
    chosen = request.GET.get("format", "csv")
    kind = get_kind("parts")
    if kind is None or chosen not in FORMATS:
        raise Http404
    found = PartFilter(request.GET, queryset=kind.queryset(request.user))
    headers, rows = export_rows(kind, found.qs, user=request.user)
    return export_response("parts", chosen, headers, rows)


@requires(Permission.VIEW_PARTS)
def part(request: HttpRequest, pk: int) -> HttpResponse:
    queryset = Part.objects.visible_to(request.user).select_related("category", "unit", "superseded_by")
    shown = get_visible(queryset, pk=pk)
    context = {
        "part": shown,
        "barcodes": shown.barcodes.all(),
        "successors": catalogue.successors(shown),
        "predecessors": shown.supersedes.all()[:MOST_OPTIONS],
        "may_see_cost": request.user.has_perm(Permission.SEE_COST),
        "may_edit": request.user.is_staff and request.user.has_perm("inventory.change_part"),
        "panels": panels_for(request, shown),
    }
    return render(request, "inventory/part.html", context)


@requires(Permission.VIEW_PARTS)
def part_search(request: HttpRequest) -> HttpResponse:
    form = PartSearchForm(request.GET)
    query = form.cleaned_data["q"] if form.is_valid() else ""
    found = Part.objects.visible_to(request.user).search(query).select_related("unit") if query else Part.objects.none()
    return render(request, "components/_part_options.html", {"options": catalogue.options(found[:MOST_OPTIONS])})


@requires(Permission.VIEW_PARTS)
@require_safe
def part_image(request: HttpRequest, pk: int) -> FileResponse:
    """The picture, for those who may see the part; drawn by us, so its kind is known."""
    shown = get_visible(Part.objects.visible_to(request.user), pk=pk)
    name = shown.image.name or ""
    kind = images.TYPES.get(name.rsplit(".", 1)[-1])
    if kind is None or not shown.image.storage.exists(name):
        raise Http404
    response = FileResponse(shown.image.open("rb"), content_type=kind)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
