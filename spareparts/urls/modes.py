"""Opening stock and the switch of the mode."""

from django.urls import path

from spareparts.views import opening, service_bom

urlpatterns = [
    path("settings/spare-parts/warehouse/", opening.settings_warehouse, name="settings_warehouse"),
    path("settings/spare-parts/opening/", opening.settings_opening, name="settings_opening"),
    path("settings/spare-parts/closing/", opening.settings_closing, name="settings_closing"),
    path("equipment-models/", service_bom.models, name="service_boms"),
    path("equipment-models/<int:pk>/parts/", service_bom.service_bom, name="service_bom"),
    path("equipment-models/<int:pk>/parts/<int:line_pk>/remove/", service_bom.remove, name="service_bom_remove"),
]
