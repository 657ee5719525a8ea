"""Other apps put panels on our pages; we never learn which."""

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory

from tests.workorders.stories import job
from workorders.models import User
from workorders.panels import Panel, Place, _panels, panels_for, register, unregister

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place on which no app of the house has anything."""
    monkeypatch.setitem(_panels, Place.WORK_ORDER, {})
    return Place.WORK_ORDER


def test_panels_come_in_their_order_and_silent_ones_not_at_all(place: Place):
    order, request = job(), RequestFactory().get("/")
    register(place, Panel("late", "late.html", lambda _request, subject: {"of": subject}, order=90))
    register(place, Panel("early", "early.html", lambda _request, subject: {"of": subject}, order=1))
    register(place, Panel("silent", "silent.html", lambda _request, _subject: None))
    register(place, Panel("late", "later.html", lambda _request, _subject: {}, order=90))
    drawn = panels_for(place, request, order)
    assert drawn == [{"template": "early.html", "data": {"of": order}}, {"template": "later.html", "data": {}}]
    unregister(place, "early")
    assert [each["template"] for each in panels_for(place, request, order)] == ["later.html"]


def test_the_page_draws_the_panel_with_its_context(place: Place, jana: User, as_user: Callable[[User], Client]):
    order, browser = job("in_progress", lead=jana), as_user(jana)
    context = {"facts": [{"label": "Parts used", "value": "3"}]}
    register(place, Panel("early", "components/dl.html", lambda _request, _subject: context))
    page = browser.get(order.get_absolute_url())
    assert page.context["panels"] == [{"template": "components/dl.html", "data": context}]
    assert '<dl class="dl">' in page.content.decode()
