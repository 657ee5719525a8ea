from django.urls import path

from config.shared.imports import views as import_views
from inventory.views import parts, stock

app_name = "inventory"
urlpatterns = [
    path("parts/", parts.parts, name="parts"),
    path("parts/search/", parts.part_search, name="part_search"),
    path("parts/export/", parts.parts_export, name="parts_export"),
    path("parts/<int:pk>/", parts.part, name="part"),
    path("parts/<int:pk>/image/", parts.part_image, name="part_image"),
    path("stock/", stock.stock, name="stock"),
    path("ledger/", stock.ledger, name="ledger"),
    path("imports/parts/", import_views.start, {"kind": "parts"}, name="part_import"),
]
