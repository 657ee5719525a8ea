"""R7: a form acts once, however often it is sent; the same key with other content is refused and keeps what was typed.

S7 and S14 read the same table: no page acts without a token, and each event leaves exactly one audit row.
"""

import uuid
from typing import Any

import pytest
from django.test import Client

from config.shared.models import AuditEvent
from tests.contract import changing, permissions
from tests.contract.changing import NO_KEY, TABLE, Changing
from tests.contract.database import contents, more, row_counts
from tests.contract.objects import url
from tests.contract.world import Corner, World

ALWAYS = frozenset({"django_session", "shared_auditevent", "shared_requestkey", "inventory_balance"})
SESSION = frozenset({"django_session"})
SAVED = "already saved with other content"


class Sending:
    """A page with its form filled in, ready to be sent as often as one likes."""

    def __init__(self, row: Changing, world: World, corner: Corner) -> None:
        row.before(world, corner)
        self.row, self.world = row, world
        self.address = url(row.address, row.target, world, corner)
        self.query = row.query(world, corner)
        self.key = uuid.uuid4()
        self.data = {"request_key": str(self.key), **row.fields(world, corner)}

    def send(self, client: Client | None = None, **other: Any) -> Any:
        browser = client or self.world.client(self.row.who)
        return browser.post(self.address, {**self.data, **other}, query_params=self.query)


def by_name(row: Changing) -> str:
    return row.address


@pytest.mark.parametrize("row", TABLE, ids=by_name)
def test_a_form_acts_once(row: Changing, world: World):
    """Not without a key, not without a token; once when sent twice; and going back changes nothing more."""
    sending = Sending(row, world, world.mine)
    assert_refused_without_a_key(sending)
    assert_refused_without_a_token(sending)
    first = assert_sent_twice_it_acts_once(sending)
    assert_other_content_is_refused(sending, first)


def assert_refused_without_a_key(sending: Sending) -> None:
    """Nor when the script brings it back after a sign-in (static/js/restore.js): it is only shown."""
    before = contents()
    for restored, words in ({}, "This page was too old to send"), ({"restored": "1"}, "you had been signed out"):
        response = sending.send(request_key="", **restored)
        assert response.status_code in (200, 409)
        assert words in response.content.decode()
        assert contents() == before


def assert_refused_without_a_token(sending: Sending) -> None:
    """S7."""
    who = sending.row.who
    strict = browser_of(sending.world, who, enforce_csrf_checks=True)
    before = contents()
    assert (sending.send(strict).status_code, contents()) == (403, before)
    denial = AuditEvent.objects.exclude(request_id="").get()
    found = (denial.verb, denial.actor, denial.subject_label)
    assert found == ("access.denied", sending.world.people[who], sending.address)


def assert_sent_twice_it_acts_once(sending: Sending) -> str:
    row, before = sending.row, row_counts()
    first = sending.send()
    assert first.status_code == 302, first.content.decode()[:3000]
    assert more(before, row_counts(), without=ALWAYS) == row.made
    assert_audited(row, sending.world)
    after = contents(without=SESSION)
    second = sending.send()
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert contents(without=SESSION) == after
    return str(first["Location"])


def assert_audited(row: Changing, world: World) -> None:
    """S14: exactly one row says who, when, what, and in which request."""
    events = AuditEvent.objects.exclude(request_id="").exclude(verb="access.denied")
    found = [(event.verb, event.actor, event.at >= world.at, len(event.request_id)) for event in events]
    assert found == ([(row.verb, world.people[row.who], True, 36)] if row.verb else [])
    assert [event.subject_label for event in events if not event.subject_label] == []


def assert_other_content_is_refused(sending: Sending, first: str) -> None:
    after = contents(without=SESSION)
    again = sending.send(**sending.row.other)
    page = again.content.decode()
    assert contents(without=SESSION) == after
    if sending.row.is_gone:
        assert (again.status_code, again["Location"]) == (302, first)
        return
    assert again.status_code in (200, 409)
    assert [words for words in (SAVED, first, sending.row.typed) if words not in page] == []
    assert str(sending.key) not in page


def test_somebody_elses_key_opens_nothing(world: World):
    """Tom found the key of Jana's form; his own form with it tells him nothing of hers."""
    row = next(each for each in TABLE if each.address == "workorders:me")
    jana = Sending(row, world, world.mine)
    jana.send()
    before = contents()
    answer = jana.send(world.client("tom"))
    assert (answer.status_code, contents()) == (200, before)
    assert "This page was too old to send" in answer.content.decode()


class TestTheTableIsComplete:
    def test_every_page_that_takes_a_post_is_listed(self):
        """By the answers of the permission table, also written by hand: 200 and 302 are pages that take a form."""
        rows = [row for row in permissions.read(permissions.PAGES) if row.method == "POST"]
        taking = {row.address for row in rows if {"200", "302"} & set(row.answers)} - {"spareparts:home"}
        assert taking - {row.address for row in TABLE} - set(NO_KEY) == set(), "pages without a line"

    def test_no_line_is_about_nothing(self):
        known = {row.address for row in permissions.read(permissions.PAGES)}
        assert {row.address for row in TABLE} | set(NO_KEY) <= known

    def test_a_page_missing_from_it_fails_the_build(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.delitem(changing.NO_KEY, "workorders:my_jobs")
        with pytest.raises(AssertionError, match="my_jobs"):
            self.test_every_page_that_takes_a_post_is_listed()

    def test_pages_that_only_show_change_nothing_when_posted_to(self, world: World):
        targets = {row.address: row.target for row in permissions.read(permissions.PAGES)}
        shown = sorted(name for name, why in NO_KEY.items() if why.startswith("shows "))
        before = contents()
        for address in shown:
            words = {"name": "Changed", "status": "cancelled", "quantity": "7", "request_key": str(uuid.uuid4())}
            for who in ("jana", "eva", "ada"):
                world.client(who).post(url(address, targets[address], world), words)
        assert contents() == before


def browser_of(world: World, who: str, **options: Any) -> Client:
    """Another window of the same session."""
    browser = Client(raise_request_exception=False, **options)
    browser.cookies.load({name: morsel.value for name, morsel in world.client(who).cookies.items()})
    return browser
