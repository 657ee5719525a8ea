"""All addresses. Each app brings its own; what no mode has is refused by its permission."""

from django.contrib import admin
from django.urls import include, path

from config import health
from config.styleguide import styleguide

urlpatterns = [
    path("", include("spareparts.urls")),
    path("", include("workorders.urls")),
    path("", include("inventory.urls")),
    path("", include("workorders.account_urls")),
    path("admin/", admin.site.urls),
    path("imports/", include("config.shared.imports.urls")),
    path("styleguide/", styleguide, name="styleguide"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
