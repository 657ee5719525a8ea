"""R2 over the pages: 64 engineers ask for and take the last 500 units; the others are told in plain words."""

import re
import uuid
from collections import Counter
from html import unescape

import pytest
from django.test import Client
from django.utils.html import strip_tags

from inventory.enums import LocationKind
from inventory.models import Balance, Part, Warehouse
from spareparts.enums import Mode
from spareparts.models import Requisition
from tests.factories.asking import depot
from tests.factories.inventory import PartFactory
from tests.factories.workorders import TeamFactory, UserFactory
from tests.support.crowd import at_once
from tests.support.modes import in_mode
from tests.support.stock import held, personal, put, shelf
from workorders.models import User

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

CROWD, EACH, STOCK = 64, 10, 500


@pytest.fixture
def store(karl: User) -> Warehouse:
    """Who asks here has taken."""
    in_mode(Mode.ADVANCED)
    return depot("Store", karl, issues_on_approval=True)


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend="workorders.accounts.SignInBackend")
    return browser


def ask(browser: Client, part: Part) -> tuple[int, str]:
    """Press "Send request", and read the page that comes."""
    sent = {
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-part": str(part.pk),
        "lines-0-quantity": str(EACH),
        "receiving_method": "pick_up",
        "request_key": str(uuid.uuid4()),
    }
    page = browser.post("/requests/new/", sent, follow=True)
    return page.status_code, re.sub(r"\s+", " ", unescape(strip_tags(page.content.decode())))


def test_exactly_500_are_taken_and_the_others_told(store: Warehouse, karl: User) -> None:
    part, team = PartFactory(number="BRG-1"), TeamFactory()
    put(shelf(store), part, STOCK, by=karl)
    crowd = [UserFactory(name=f"Engineer {number}", is_engineer=True, team=team) for number in range(CROWD)]
    for engineer in crowd:
        personal(engineer)
    browsers = [signed_in(engineer) for engineer in crowd]

    answers = at_once([lambda browser=browser: ask(browser, part) for browser in browsers])

    assert [each for each in answers if isinstance(each, Exception)] == []
    assert Counter(status for status, _text in answers) == {200: CROWD}
    in_hands = Balance.objects.filter(location__kind=LocationKind.ENGINEER, on_hand__gt=0)
    assert sum(in_hands.values_list("on_hand", flat=True)) == STOCK
    assert held(shelf(store)) == {}
    fulfilled = Counter(Requisition.objects.values_list("fulfilment", flat=True))
    assert fulfilled == {"confirmed": STOCK // EACH, "pending_pick_up": CROWD - STOCK // EACH}
    told = [text for _status, text in answers if f"{EACH} waiting for stock" in text]
    assert len(told) == CROWD - STOCK // EACH
    assert all("What is missing stays open and is reserved when stock arrives." in text for text in told)
