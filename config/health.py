"""Is it alive, and can it work: two addresses for the machinery around the application.

``/healthz`` answers as long as the process answers. ``/readyz`` says whether a request would succeed now:
the database answers, its migrations are applied and the ledger's triggers are in it. Redis is reported and never
decides: pages work without it.
"""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from inventory import triggers


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every deciding check holds, 503 otherwise; the body names each check, never an address."""
    database = check_database()
    body = {"database": database, "cache": check_cache()}
    return JsonResponse(body, status=200 if database == "ok" else 503)


def check_database() -> str:
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "migrations pending"
        return "ledger triggers missing" if triggers.differences(connection) else "ok"
    except DatabaseError:
        return "unreachable"


def check_cache() -> str:
    """A lost Redis is made up for (config.shared.caching), so the server itself is asked."""
    is_reachable = getattr(cache, "is_reachable", None)
    return "ok" if is_reachable is None or is_reachable() else "unreachable"
