"""Returns and old parts."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
