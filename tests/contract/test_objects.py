"""S2: what is somebody else's does not exist: not by its key, not in a list, a search, a counter or a file."""

from typing import Any

import pytest

from tests.contract import addresses, permissions, permissions_modes
from tests.contract.objects import NOBODY, keys, upload_of, url
from tests.contract.sampling import part_of, told
from tests.contract.test_permissions import answer_of
from tests.contract.world import Corner, World
from workorders.models.work_orders import WorkOrderQuerySet

# Addresses with a key that belongs to nobody in particular, each with the reason.
EVERYBODYS = {
    "inventory:part": "the catalogue is everybody's",
    "inventory:part_image": "the catalogue is everybody's",
    "imports:start": "the key is a kind of file, not an object",
    "imports:example": "the key is a kind of file, not an object",
    "imports:export": "all rows of a kind, for those who may import it",
    "spareparts:use_export": "the key is a kind of table",
    "account_reset_password_from_key": "the link is the secret itself",
}
# Of uploads only one's own exist: tried below with Karl's.
UPLOADS = {"imports:columns", "imports:preview", "imports:progress", "imports:problems", "imports:result"}


def rows_with_a_key() -> list[permissions.Expected]:
    rows = permissions.for_state(permissions.PAGES, is_on=True)
    return [row for row in rows if row.address in addresses.with_a_key() and row.address not in EVERYBODYS]


def test_the_other_engineers_things_do_not_exist(world: World):
    """What Jana may open of hers she may not open of Tom's, and he not of hers; a POST is no way round."""
    found = []
    for row in rows_with_a_key():
        if row.address in UPLOADS or row.of("jana") in ("403", "in"):
            continue
        expected = "405" if row.of("jana") == "405" else "404"
        for who, corner in (("jana", world.his), ("tom", world.mine)):
            got = answer_of(world, who, row.method, url(row.address, row.target, world, corner))
            if got != expected:
                found.append(f"{who} {row.method} {row.address}: expected {expected}, got {got}")
    assert not found, told(found)


def test_each_address_with_a_key_is_tried(world: World):
    tried = {row.address for row in rows_with_a_key()}
    elsewhere = {row.address for row in permissions.read(permissions_modes.ADVANCED)}  # asked in test_permissions_modes
    assert addresses.with_a_key() == tried | set(EVERYBODYS) | (elsewhere & addresses.with_a_key())
    assert elsewhere & set(EVERYBODYS) == set()


@pytest.mark.parametrize("key", [NOBODY, 0, 2**63, 10**40])
def test_a_key_that_nothing_has_is_not_found(world: World, key: int):
    found = []
    for row in rows_with_a_key():
        if row.address in UPLOADS or row.of("ada") == "405":
            continue
        path = url(row.address, row.target, world)
        for value in keys(row.target, world).values():
            path = path.replace(f"/{value}/", f"/{key}/")
        if answer_of(world, "ada", row.method, path) != "404":
            found.append(f"{row.method} {path}")
    assert not found, told(found)


def test_another_persons_upload_does_not_exist(world: World):
    for row in rows_with_a_key():
        if row.address in UPLOADS and row.of("ada") != "405":
            path = url(row.address, "upload", world).replace(
                str(upload_of(world, "ada").token), str(upload_of(world, "karl").token)
            )
            assert answer_of(world, "ada", row.method, path) == "404", path


def test_an_entry_of_another_machine_does_not_exist(world: World):
    """The two keys of an address must belong together."""
    path = url("spareparts:equipment_part_edit", "entry", world)
    mixed = path.replace(f"/parts/{world.mine.entry.pk}/", f"/parts/{world.his.entry.pk}/")
    assert (answer_of(world, "eva", "GET", mixed), answer_of(world, "eva", "POST", mixed)) == ("404", "404")


# ---------------------------------------------------------------- lists, searches, counters, files
def secrets(corner: Corner) -> dict[str, str]:
    """What only the engineer of this corner and the office may read."""
    return {
        "customer": corner.customer.name,
        "customer number": corner.customer.number,
        "job": str(corner.job),
        "description": corner.job.description,
        "machine": corner.equipment.name,
        "serial number": corner.equipment.serial,
        "site": corner.site.name,
        "record": corner.consumption.reference,
    }


def questions(corner: Corner) -> list[dict[str, Any]]:
    """Ways to ask a list for somebody else's things."""
    keyed = {
        "customer": corner.customer.pk,
        "equipment": corner.equipment.pk,
        "engineer": corner.engineer.pk,
        "order": corner.job.pk,
        "work_order": corner.job.pk,
        "state": "all",
        "show": "done",
        "team": corner.engineer.team_id or "",
    }
    return [
        {},
        *({"q": words} for words in secrets(corner).values()),
        *({name: value} for name, value in keyed.items()),
    ]


def lists_of(who: str, world: World) -> list[str]:
    """Every page without a key that the person may open, and his own pages with one."""
    rows = permissions.for_state(permissions.PAGES, is_on=True)
    own = [row for row in rows if row.method == "GET" and row.of(who) == "200"]
    return sorted(
        {url(row.address, row.target, world) for row in own if not row.address.startswith(("account", "mfa"))}
    )


Asked = tuple[str, dict[str, Any]]


def everything_asked(world: World, who: str, corner: Corner) -> list[Asked]:
    return [(place, question) for place in lists_of(who, world) for question in questions(corner)]


def leaks(world: World, who: str, corner: Corner, asked_of: list[Asked]) -> list[str]:
    """Every place where a word of ``corner`` is shown to ``who`` who did not type it himself."""
    found = []
    for place, question in asked_of:
        response = world.client(who).get(place, question)
        text = b"".join(response) if response.streaming else response.content
        typed = " ".join(str(value) for value in question.values())
        shown = [what for what, words in secrets(corner).items() if words.encode() in text and words not in typed]
        if shown or response.status_code == 302:
            found.append(f"{who} {place} {question}: {shown or response['Location']}")
    return found


def test_no_list_search_or_file_shows_what_is_toms(world: World):
    """Every page as it is; the lists with every question; of all the others a fixed part."""
    asked = everything_asked(world, "jana", world.his)
    lists = ("/work-orders/", "/search/", "/equipment/", "/customers/", "/jobs/")
    chosen = [each for each in asked if each[0] in lists or not each[1]] + part_of(asked, one_in=10)
    found = leaks(world, "jana", world.his, chosen)
    assert not found, told(found)


@pytest.mark.soak
def test_nothing_shows_what_is_somebody_elses(world: World):
    for who, corner in (("jana", world.his), ("tom", world.mine)):
        found = leaks(world, who, corner, everything_asked(world, who, corner))
        assert not found, told(found)


def test_his_own_are_shown_so_the_words_are_the_right_ones(world: World):
    pages = "".join(
        world.client("tom").get(path, {"state": "all"}).content.decode()
        for path in ("/work-orders/", "/jobs/", "/customers/", "/equipment/", f"/work-orders/{world.his.job.pk}/")
    )
    shown = {what for what, words in secrets(world.his).items() if words in pages}
    assert shown == set(secrets(world.his)) - {"customer number", "record"} | ({"customer number", "record"} & shown)
    assert {"customer", "job", "machine", "serial number"} <= shown


def test_a_list_that_forgets_to_ask_is_found(world: World, monkeypatch: pytest.MonkeyPatch):
    """The control: work orders without the question who asks."""
    monkeypatch.setattr(WorkOrderQuerySet, "visible_to", lambda self, user: self)
    asked: list[Asked] = [("/work-orders/", {}), ("/search/", {"q": "Bakery"}), ("/jobs/", {})]
    found = leaks(world, "jana", world.his, asked)
    assert [each.split(":")[0] for each in found] == ["jana /work-orders/ {}", "jana /search/ {'q'"]


def test_the_counters_count_ones_own_only(world: World):
    page = world.client("jana").get("/jobs/").content.decode()
    tabs = world.client("jana").get("/jobs/").context["tabs"]
    assert [tab["count"] for tab in tabs if "count" in tab] == [1, 0]
    assert str(world.his.job) not in page
