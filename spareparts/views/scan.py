"""One code, one page: what a scanner reads anywhere leads to what it is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from config.shared.access import requires
from inventory.models import Lot, Part
from inventory.search import normalise
from spareparts.enums import Permission
from spareparts.forms.desk import CodeForm
from spareparts.queries.search import find
from spareparts.views.references import document_urls


@requires(Permission.SEARCH)
@require_http_methods(["GET", "HEAD"])
def scan(request: HttpRequest) -> HttpResponse:
    """A field that waits for a scanner; what it reads opens at once."""
    form = CodeForm(request.GET or None)
    if request.GET and form.is_valid():
        return redirect(_page_of(request, form.cleaned_data["code"]))
    return render(request, "spareparts/desk/scan.html", {"form": form})


@requires(Permission.SEARCH)
@require_safe
def open_code(request: HttpRequest, code: str) -> HttpResponse:
    """What a printed code means: a document, a part, a machine, a job; else the search for it."""
    form = CodeForm({"code": code})
    return redirect(_page_of(request, form.cleaned_data["code"]) if form.is_valid() else reverse("spareparts:scan"))


def _page_of(request: HttpRequest, code: str) -> str:
    code = code.strip()
    document = document_urls([code.upper()]).get(code.upper(), "")
    if document:
        return document
    exact = find(request.user, code).only_exact(code)
    if exact is not None:
        return str(exact.get_absolute_url())
    parts = list(Part.objects.visible_to(request.user).filter(search_text__contains=f"\n{normalise(code)}\n")[:2])
    if len(parts) == 1:
        return parts[0].get_absolute_url()
    lot = Lot.objects.filter(code__iexact=code).select_related("part").first()
    if lot is not None:
        return lot.part.get_absolute_url()
    return f"{reverse('spareparts:search')}?{urlencode({'q': code})}"
