"""Closing a job."""

from django.urls import path

from spareparts.views import closing

urlpatterns = [path("work-orders/<int:pk>/closing/", closing.closing, name="closing")]
