"""The addresses of spare parts management, one module per family of pages."""

from spareparts.urls import closing, desk, holdings, jobs, modes, personal, requisitions, returns, shipments

app_name = "spareparts"
urlpatterns = [
    *jobs.urlpatterns,
    *requisitions.urlpatterns,
    *shipments.urlpatterns,
    *desk.urlpatterns,
    *holdings.urlpatterns,
    *personal.urlpatterns,
    *returns.urlpatterns,
    *closing.urlpatterns,
    *modes.urlpatterns,
]
