"""Home, search, settings, use on a job, machines and the report."""

from django.urls import path

from spareparts.views import consumptions, home, machine, report, settings, use

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", home.search, name="search"),
    path("settings/spare-parts/", settings.settings, name="settings"),
    path("settings/spare-parts/change/", settings.settings_mode, name="settings_mode"),
    path("work-orders/<int:pk>/use/", use.record_use, name="record_use"),
    path("work-orders/<int:pk>/use/search/", use.use_search, name="use_search"),
    path("consumptions/<int:pk>/", consumptions.consumption, name="consumption"),
    path("consumptions/<int:pk>/undo/", consumptions.consumption_undo, name="consumption_undo"),
    path("consumptions/<int:pk>/correct/", consumptions.consumption_correct, name="consumption_correct"),
    path("equipment/<int:pk>/parts/", machine.equipment_parts, name="equipment_parts"),
    path("equipment/<int:pk>/parts/add/", machine.equipment_part_add, name="equipment_part_add"),
    path("equipment/<int:pk>/parts/<int:row_pk>/edit/", machine.equipment_part_edit, name="equipment_part_edit"),
    path("equipment/<int:pk>/parts/<int:row_pk>/out/", machine.equipment_part_out, name="equipment_part_out"),
    path("reports/use/", report.use_report, name="use_report"),
    path("reports/use/lines/", report.use_lines, name="use_lines"),
    path("reports/use/<slug:what>.<slug:format_name>", report.use_export, name="use_export"),
]
