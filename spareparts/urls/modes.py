"""Opening stock and the switch of the mode."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
