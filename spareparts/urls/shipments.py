"""Shipments, receipts and discrepancies."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
