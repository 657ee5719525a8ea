"""R7 on PostgreSQL: eight browsers send the same form in the same moment."""

import uuid

import pytest

from config.shared import submissions
from spareparts.models import SparepartsSettings
from tests.contract.changing import TABLE, Changing
from tests.contract.database import more, row_counts
from tests.contract.test_double_submit import ALWAYS, Sending, browser_of
from tests.contract.world import World
from tests.support.crowd import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def answered_well(row: Changing, answers: list[tuple[int, str]]) -> bool:
    """Everybody is led to the one result; an import that is running says so instead."""
    places = {place for status, place in answers if status == 302}
    statuses = {status for status, _place in answers}
    return len(places) == 1 and statuses <= ({302, 409} if row.is_gone else {302})


def answers_of(sending: Sending, world: World) -> list[tuple[int, str]]:
    """Status and address of each of eight answers."""
    windows = [browser_of(world, sending.row.who) for _window in range(8)]
    results = at_once([lambda window=window: sending.send(window) for window in windows])  # type: ignore[misc]
    return [
        (getattr(each, "status_code", 0), getattr(each, "headers", {}).get("Location", repr(each))) for each in results
    ]


def test_every_form_acts_once(committed_world: World):
    wrong = []
    for row in TABLE:
        SparepartsSettings.objects.update(is_enabled=True)
        sending = Sending(
            row,
            committed_world,
            committed_world.another_corner() if row.target != "-" or row.query else committed_world.mine,
        )
        before = row_counts()
        answers = answers_of(sending, committed_world)
        made = more(before, row_counts(), without=ALWAYS)
        audited = more(before, row_counts()).get("shared_auditevent", 0)
        if made != row.made or audited != 1 * bool(row.verb) or not answered_well(row, answers):
            wrong.append(f"{row.name}: {made}, {audited} audit rows, answers {answers}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_without_the_key_it_would_act_eight_times(committed_world: World, monkeypatch: pytest.MonkeyPatch):
    """The control: each sending gets a key of its own."""
    monkeypatch.setattr(submissions, "read_key", lambda request: uuid.uuid4())
    row = next(each for each in TABLE if each.address == "spareparts:equipment_part_add")
    sending = Sending(row, committed_world, committed_world.mine)
    before = row_counts()
    answers_of(sending, committed_world)
    assert more(before, row_counts())["spareparts_equipmentpart"] == 8
