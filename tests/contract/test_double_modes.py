"""R7 where personal and warehouse inventory is kept: a form acts once, however often it is sent."""

import uuid
from typing import Any

import pytest
from django.urls import reverse

from config.shared.models import AuditEvent
from tests.contract import permissions, permissions_modes
from tests.contract.changing_modes import OWN_STORY, TABLE, Sent
from tests.contract.database import contents, undone
from tests.contract.sampling import told
from tests.contract.world import World
from tests.contract.world_advanced import NAMES, Documents, make_advanced

SESSION = frozenset({"django_session"})


@pytest.fixture
def made(world: World) -> Documents:
    return make_advanced(world)


def address_of(row: Sent, world: World, made: Documents) -> str:
    document = row.before(world, made)
    if row.target in NAMES:
        return reverse(f"spareparts:{row.address}", kwargs=made.keys(row.target))
    key = {"+": getattr(document, "pk", 0), "jana": world.people["jana"].pk}.get(row.target)
    key = world.mine.equipment.model_id if row.target == "model" else key
    return reverse(f"spareparts:{row.address}", kwargs={"pk": key} if key else {})


def wrong_with(row: Sent, world: World, made: Documents) -> str:
    """Nothing without a key; one effect with it, however often; "" when it is so."""
    address = address_of(row, world, made)
    data, query = {"request_key": str(uuid.uuid4()), **row.fields(world, made)}, row.query(world, made)

    def send(**more: Any) -> Any:
        return world.client(row.who).post(address, {**data, **more}, query_params=query)

    before = contents()
    if send(request_key="").status_code not in (200, 302) or contents() != before:
        return "acts without a key"
    last = AuditEvent.objects.order_by("-pk")[0].pk
    first = send()
    if first.status_code != 302:
        return f"answers {first.status_code}"
    found = sorted(AuditEvent.objects.filter(pk__gt=last).values_list("verb", flat=True))
    after = contents(without=SESSION)
    second = send()
    if (second.status_code, second.headers.get("Location")) != (302, first["Location"]):
        return f"the second time answers {second.status_code}"
    if contents(without=SESSION) != after:
        return "acts twice"
    return "" if found == sorted(row.verbs) else f"audited {found}"


def test_each_form_acts_once(world: World, made: Documents) -> None:
    wrong = []
    for row in TABLE:
        with undone():
            problem = wrong_with(row, world, made)
        wrong += [f"{row.address}: {problem}"] * bool(problem)
    assert not wrong, told(wrong)


def test_every_page_that_takes_a_post_is_listed() -> None:
    rows = [row for row in permissions.read(permissions_modes.ADVANCED) if row.method == "POST"]
    taking = {row.address for row in rows if {"200", "302"} & set(row.answers)}
    listed = {f"spareparts:{row.address}" for row in TABLE} | {f"spareparts:{name}" for name in OWN_STORY}
    assert taking ^ listed == set()
