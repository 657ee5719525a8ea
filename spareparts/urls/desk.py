"""The warehouse desk, the counter, and what a scanner reads."""

from django.urls import path

from spareparts.views import counter, desk, scan

urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("desk/requisitions/<int:pk>/issue/", desk.desk_issue, name="desk_issue"),
    path("desk/requisitions/<int:pk>/reserve/", desk.desk_reserve, name="desk_reserve"),
    path("desk/pick-list/", desk.pick_list, name="pick_list"),
    path("counter/", counter.counter, name="counter"),
    path("scan/", scan.scan, name="scan"),
    path("s/<path:code>/", scan.open_code, name="open_code"),
]
