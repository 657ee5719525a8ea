"""Shipments, receipts and discrepancies."""

from django.urls import path

from spareparts.views import discrepancies, shipment_new, shipment_receive, shipment_verbs, shipments

urlpatterns = [
    path("shipments/", shipments.shipments, name="shipments"),
    path("shipments/new/", shipment_new.shipment_new, name="shipment_new"),
    path("shipments/<int:pk>/", shipments.shipment, name="shipment"),
    path("shipments/<int:pk>/slip/", shipments.shipment_slip, name="shipment_slip"),
    path("shipments/<int:pk>/approve/", shipment_verbs.shipment_approve, name="shipment_approve"),
    path("shipments/<int:pk>/cancel/", shipment_verbs.shipment_cancel, name="shipment_cancel"),
    path("shipments/<int:pk>/track/", shipment_verbs.shipment_track, name="shipment_track"),
    path("shipments/<int:pk>/receive/", shipment_receive.shipment_receive, name="shipment_receive"),
    path("discrepancies/", discrepancies.discrepancies, name="discrepancies"),
    path("discrepancies/<int:pk>/", discrepancies.discrepancy, name="discrepancy"),
    path("discrepancies/<int:pk>/settle/", discrepancies.discrepancy_settle, name="discrepancy_settle"),
]
