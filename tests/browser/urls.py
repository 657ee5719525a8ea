"""The addresses of the application and two that are broken on purpose, to see the pages for that."""

from typing import NoReturn

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.urls import path

from config.urls import urlpatterns as pages


def broken(request: HttpRequest) -> NoReturn:
    raise RuntimeError("a fault of ours")


def bad_request(request: HttpRequest) -> NoReturn:
    raise BadRequest("nonsense")


urlpatterns = [*pages, path("planted/broken/", broken), path("planted/bad-request/", bad_request)]
