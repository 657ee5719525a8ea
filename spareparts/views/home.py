"""The first page of each role, and the search over everything."""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.shared.access import requires
from inventory.enums import Permission as I
from spareparts.enums import Permission
from spareparts.forms.search import SearchForm
from spareparts.queries.search import find
from workorders.enums import Permission as W

# The first one a person may open is his home.
HOMES = (
    (Permission.VIEW_MY_PARTS, "spareparts:my_parts"),
    (W.VIEW_MY_JOBS, "workorders:my_jobs"),
    (W.DISPATCH, "workorders:work_orders"),
    (I.IMPORT_PARTS, "inventory:parts"),
    (W.VIEW_WORK_ORDERS, "workorders:work_orders"),
)


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """Where the person works: an engineer his parts or jobs, the office work orders, the warehouse parts."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    for permission, url_name in HOMES:
        if request.user.has_perm(permission):
            return redirect(url_name)
    return render(request, "spareparts/no_role.html", status=403)


@requires(Permission.SEARCH)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    found = find(request.user, text)
    exact = found.only_exact(text)
    if exact is not None:
        return redirect(exact)
    title = _("Search: %(text)s") % {"text": text} if text else _("Search")
    context = {"search_form": SearchForm(initial={"q": text}), "query": text, "found": found, "title": title}
    return render(request, "spareparts/search.html", context)
