"""S5: nothing that is typed, bent or left out makes an error page of ours, and the books still add up."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from inventory import queries
from tests.contract import hostile
from tests.contract.database import undone
from tests.contract.hostile import VALUES, Attack
from tests.contract.objects import url
from tests.contract.sampling import told
from tests.contract.world import World
from workorders.views import jobs

FORMS_SEED, QUERIES_SEED = 20_260_301, 20_260_302
SOAK, FAST = 10_000, 500


def outcome(world: World, attack: Attack) -> str:
    """ "" when the answer was a polite one, else what went wrong. What it wrote, if anything, is taken back."""
    client = world.client(attack.who)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    cache.clear()
    with undone():
        response = sent(client, attack)
        drift = queries.differences() if response.status_code == 302 and attack.method == "POST" else []
    client.cookies.load(cookies)
    if response.status_code >= 500:
        return f"{response.status_code} {error_of(response)}: {attack}"
    return f"drift {drift}: {attack}" if drift else ""


def sent(client: Client, attack: Attack) -> Any:
    extra = {"QUERY_STRING": attack.query.decode("ascii")}
    response = client.generic(attack.method, attack.path, attack.body, content_type=attack.content_type, **extra)
    getattr(response, "getvalue", bytes)()
    return response


def error_of(response: Any) -> str:
    info = getattr(response, "exc_info", None)
    return f"{info[0].__name__} {info[1]}"[:200] if info else "?"


def all_wrong(world: World, attacks: Iterable[Attack]) -> list[str]:
    return [wrong for attack in attacks if (wrong := outcome(world, attack))]


KNOWN = (
    # What the ten thousand found, kept in the fast run.
    Attack("ada", "POST", "/admin/workorders/user/", b"", b"action=deactivate&_selected_action=Infinity&confirmed=1"),
    Attack("ada", "POST", "/admin/workorders/user/add/", b"", b"name=a&email=b&team=simple"),
    Attack("ada", "POST", "/admin/inventory/part/add/", b"", b"number=a&category=%D7%90&superseded_by=1e309"),
    Attack("ada", "GET", "/admin/inventory/move/", b"q=" + b"x" * 60_000),
    Attack("ada", "GET", "/reports/use/", b"q=" + b"x" * 60_000),
    Attack("ada", "GET", "/admin/workorders/equipmentmodel/", b"equipment=-" + b"9" * 400),
    Attack("ada", "GET", "/admin/inventory/posting/", b"posted_at__year=-" + b"9" * 400),
    Attack("ada", "GET", "/admin/inventory/posting/", b"posted_at__year=9223372036854775807"),
    Attack("ada", "GET", "/admin/inventory/part/1/delete/", b"_to_field="),
    Attack("ada", "GET", "/parts/", b"sort=https%3A%2F%2Fevil.example"),
)


def test_what_was_found_once_stays_mended(world: World):
    preview = url("imports:preview", "ready-upload", world)
    wrong = all_wrong(world, [*KNOWN, Attack("ada", "POST", preview)])
    assert not wrong, told(wrong)


class TestForms:
    def test_a_fixed_twentieth(self, world: World):
        wrong = all_wrong(world, hostile.form_attacks(world, FAST, seed=FORMS_SEED))
        assert not wrong, told(wrong)

    @pytest.mark.soak
    def test_ten_thousand(self, world: World):
        wrong = all_wrong(world, hostile.form_attacks(world, SOAK, seed=FORMS_SEED))
        assert not wrong, told(wrong)

    def test_the_fast_run_attacks_every_form(self, world: World):
        assert len(hostile.forms(world)) <= FAST


class TestQueryStrings:
    def test_a_fixed_twentieth(self, world: World):
        wrong = all_wrong(world, hostile.query_attacks(world, FAST, seed=QUERIES_SEED))
        assert not wrong, told(wrong)

    @pytest.mark.soak
    def test_ten_thousand(self, world: World):
        wrong = all_wrong(world, hostile.query_attacks(world, SOAK, seed=QUERIES_SEED))
        assert not wrong, told(wrong)

    def test_a_page_that_trusts_its_query_string_is_found(self, world: World, monkeypatch: pytest.MonkeyPatch):
        """The control: the jobs page reads a number without asking a form."""
        monkeypatch.setattr(jobs, "tabs", lambda chosen, counts: int("\x00"))
        attacks = [Attack("jana", "GET", "/jobs/", hostile.encoded([("show", value)])) for value in VALUES[:3]]
        assert [wrong.split(":")[0] for wrong in all_wrong(world, attacks)] == [
            "500 ValueError invalid literal for int() with base 10"
        ] * 3
