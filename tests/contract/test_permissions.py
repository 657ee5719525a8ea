"""S1: every address answers every person as the hand-written tables say, in Simple mode and with the plugin off.

S7 rides along: all that a person looks at together changes no row but his session and the audit.
"""

from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache

from spareparts import rules
from tests.contract import addresses, permissions, permissions_admin, permissions_modes
from tests.contract.admin_objects import admin_pages, documents_of_the_admin, objects_of_the_admin, other_url
from tests.contract.database import changed, contents, undone
from tests.contract.objects import url
from tests.contract.permissions import Expected
from tests.contract.sampling import part_of, told
from tests.contract.world import PEOPLE, World, turn_off
from workorders import queries
from workorders.enums import Role
from workorders.models import Customer

SIGN_IN = ("/accounts/login/", "/admin/login/")


def answer_of(world: World, who: str, method: str, address: str) -> str:
    """What the person gets, in the words of the table. His cookies stay as they were."""
    client = world.client(who)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    cache.clear()
    response = client.generic(method, address)
    getattr(response, "getvalue", bytes)()  # a download is made while it is read
    client.cookies.load(cookies)
    if response.status_code == 302 and response["Location"].startswith(SIGN_IN):
        return "in"
    return str(response.status_code)


def wrong_answers(world: World, rows: list[Expected], who: str) -> list[str]:
    """Every line that does not hold for ``who``, and every table that changed although he only looked."""
    asked = [(row, url(row.address, row.target, world)) for row in rows]
    looks = [(row, address) for row, address in asked if row.method == "GET"]
    before = contents()
    with undone():
        got = [(row, answer_of(world, who, "GET", address)) for row, address in looks]
        wrote = contents() != before
    found = written_by(world, who, [(row.address, address) for row, address in looks]) if wrote else []
    for row, address in asked:
        if row.method != "GET":
            with undone():
                got.append((row, answer_of(world, who, row.method, address)))
    return found + [
        f"{who} {row.method} {row.address} {row.target}: expected {row.of(who)}, got {answer}"
        for row, answer in got
        if answer != row.of(who)
    ]


def written_by(world: World, who: str, places: list[tuple[str, str]]) -> list[str]:
    """The pages that change a table other than session and audit when ``who`` only looks."""
    before = contents()
    found = []
    for name, address in places:
        with undone():
            answer_of(world, who, "GET", address)
            tables = changed(before, contents())
        if tables:
            found.append(f"{who} GET {name} writes: {', '.join(tables)}")
    return found


class TestPages:
    def test_everybody_gets_what_the_table_says(self, world: World):
        """Everybody looks at everything; of the empty forms each person sends a fixed half."""
        rows = permissions.for_state(permissions.PAGES, is_on=True)
        looks, sends = [row for row in rows if row.method == "GET"], [row for row in rows if row.method == "POST"]
        asked = {
            who: looks + part_of(sends, one_in=2, name=lambda row, who=who: f"{who} {row.address}") for who in PEOPLE
        }
        wrong = [each for who in PEOPLE for each in wrong_answers(world, asked[who], who)]
        assert not wrong, told(wrong)

    @pytest.mark.soak
    def test_everybody_gets_all_of_it(self, world: World):
        rows = permissions.for_state(permissions.PAGES, is_on=True)
        wrong = [each for who in PEOPLE for each in wrong_answers(world, rows, who)]
        assert not wrong, told(wrong)

    def test_what_is_refused_when_the_plugin_is_off(self, world: World):
        turn_off()
        rows = [row for row in permissions.read(permissions.PAGES) if not row.is_on]
        wrong = [each for who in PEOPLE for each in wrong_answers(world, rows, who)]
        assert not wrong, told(wrong)

    @pytest.mark.soak
    def test_everything_when_the_plugin_is_off(self, world: World):
        turn_off()
        rows = permissions.for_state(permissions.PAGES, is_on=False)
        wrong = [each for who in PEOPLE for each in wrong_answers(world, rows, who)]
        assert not wrong, told(wrong)

    def test_every_address_is_in_the_table(self):
        listed = {row.address for row in permissions.read(permissions.PAGES + permissions_modes.ADVANCED)}
        assert addresses.of_the_pages() - listed == set(), "addresses without a line"
        assert listed - addresses.of_the_pages() == set(), "lines without an address"

    def test_every_address_has_a_line_for_get_and_for_post(self):
        rows = permissions.read(permissions.PAGES + permissions_modes.ADVANCED)
        for name in addresses.of_the_pages():
            assert {row.method for row in rows if row.address == name} == {"GET", "POST"}, name

    def test_every_line_names_everybody(self):
        tables = (permissions.PAGES, permissions_admin.PAGES, permissions_modes.ADVANCED, permissions_modes.IN_SIMPLE)
        rows = [row for table in tables for row in permissions.read(table)]
        assert [row for row in rows if len(row.answers) != len(PEOPLE)] == []


class TestControls:
    """The same comparisons with something wrong on purpose."""

    def test_a_page_nobody_listed_fails_the_build(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(addresses, "all_addresses", lambda: {"spareparts:back_door": "back-door/"})
        with pytest.raises(AssertionError, match="back_door"):
            TestPages().test_every_address_is_in_the_table()

    def test_a_right_given_by_mistake_is_seen(self, world: World, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setitem(rules.RULES, "spareparts.change_settings", rules.to(Role.ADMINISTRATOR, Role.ENGINEER))
        rows = [row for row in permissions.for_state(permissions.PAGES, is_on=True) if "settings" in row.address]
        assert wrong_answers(world, rows, "jana") == [
            "jana GET spareparts:settings -: expected 403, got 200",
            "jana GET spareparts:settings_mode -: expected 403, got 302",
            "jana POST spareparts:settings -: expected 403, got 200",
            "jana POST spareparts:settings_mode -: expected 403, got 302",
        ]

    def test_a_page_that_writes_when_looked_at_is_found(self, world: World, monkeypatch: pytest.MonkeyPatch):
        plain = queries.job_counts

        def counting(*args: Any, **kwargs: Any) -> Any:
            Customer.objects.create(number=f"V-{Customer.objects.count()}", name="Visitor")
            return plain(*args, **kwargs)

        monkeypatch.setattr(queries, "job_counts", counting)
        places = [("workorders:me", "/me/"), ("workorders:my_jobs", "/jobs/")]
        assert written_by(world, "jana", places) == [
            "jana GET workorders:my_jobs writes: workorders_customer, workorders_historicalcustomer"
        ]


Question = tuple[str, str, str, str, str]  # who, method, page, address, expected


def questions(world: World, *, is_on: bool) -> list[Question]:
    """Everybody × every page of every model of the admin × both methods, with the answer of the table."""
    return asked_of(permissions_admin.rights(), objects_of_the_admin(world), is_on=is_on)


def questions_in_advanced(world: World) -> list[Question]:
    """The same for what only the other modes have."""
    return asked_of(permissions_admin.rights_in_advanced(), documents_of_the_admin(world), is_on=True)


def asked_of(table: list[permissions_admin.Rights], rows: dict[str, Any], *, is_on: bool) -> list[Question]:
    return [
        (who, method, page, address, rights.answer(who, page, method, is_on=is_on))
        for rights in table
        for page, address in admin_pages(rights.model, rows.get(rights.model))
        for who in PEOPLE
        for method in ("GET", "POST")
    ]


def wrong_in_the_admin(world: World, asked: list[Question]) -> list[str]:
    wrong = []
    for who, method, page, address, expected in asked:
        with undone():
            got = answer_of(world, who, method, address)
        if got != expected:
            wrong.append(f"{who} {method} {page} {address}: expected {expected}, got {got}")
    return wrong


class TestAdmin:
    def test_a_fixed_part_of_the_table_holds(self, world: World):
        asked = part_of(questions(world, is_on=True), one_in=12)
        wrong = wrong_in_the_admin(world, asked)
        assert not wrong, told(wrong)

    def test_a_fixed_part_of_what_only_the_other_modes_have(self, world: World):
        wrong = wrong_in_the_admin(world, part_of(questions_in_advanced(world), one_in=8))
        assert not wrong, told(wrong)

    @pytest.mark.soak
    def test_all_that_only_the_other_modes_have(self, world: World):
        wrong = wrong_in_the_admin(world, questions_in_advanced(world))
        assert not wrong, told(wrong)

    @pytest.mark.soak
    @pytest.mark.parametrize("is_on", [True, False], ids=["simple", "off"])
    def test_the_whole_table_holds(self, world: World, is_on: bool):
        asked = questions(world, is_on=is_on)
        if not is_on:
            turn_off()
        wrong = wrong_in_the_admin(world, asked)
        assert not wrong, told(wrong)

    @pytest.mark.soak
    def test_looking_at_the_admin_writes_nothing(self, world: World):
        rows = objects_of_the_admin(world)
        places = [pair for model in rows for pair in admin_pages(model, rows[model])]
        before = contents()
        for who in ("karl", "ada", "oskar"):
            with undone():
                for _page, address in places:
                    answer_of(world, who, "GET", address)
                assert changed(before, contents()) == []

    def test_the_other_pages_of_the_admin(self, world: World):
        rows = permissions.read(permissions_admin.PAGES)
        pages = [(row, other_url(row, world)) for row in rows]
        asked = [(who, row.method, row.address, place, row.of(who)) for row, place in pages for who in PEOPLE]
        wrong = wrong_in_the_admin(world, asked)
        assert not wrong, told(wrong)

    def test_no_permission_of_ours_is_also_one_of_the_admins(self):
        """Django asks for app.view_model: a page's permission with that name would open the admin as well."""
        codenames = {
            f"{model._meta.app_label}.{action}_{model._meta.model_name}"
            for model in admin.site._registry
            for action in ("view", "add", "change", "delete")
        }
        assert codenames & set(rules.RULES) == set()

    def test_every_model_of_the_admin_is_in_the_table(self):
        listed = {rights.model for rights in permissions_admin.rights()}
        assert {model._meta.label_lower for model in admin.site._registry} == listed

    def test_every_address_of_the_admin_is_expected(self):
        stems = tuple(f"admin:{rights.model.replace('.', '_')}_" for rights in permissions_admin.rights())
        known = {row.address for row in permissions.read(permissions_admin.PAGES)}
        pages = {page for page, _method in permissions_admin.ANSWERS}
        rest = {
            name
            for name in addresses.of_the_admin() - known
            if not name.endswith(permissions_admin.FORWARDS)
            and not any(name == f"{stem}{page}" for stem in stems for page in pages)
        }
        assert rest == set(), "addresses of the admin without a line"
