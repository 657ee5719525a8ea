"""Hand-over, loss, purchase, count."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
