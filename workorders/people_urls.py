"""A person's own page. Included by workorders/urls.py, so that the names stay ``workorders:…``."""

from django.urls import path

from workorders.views import me

urlpatterns = [
    path("me/", me.me, name="me"),
    path("me/sign-out-elsewhere/", me.sign_out_elsewhere, name="sign_out_elsewhere"),
]
