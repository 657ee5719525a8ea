"""Eva clears what several engineers hold: to a colleague at once, or back by returns that wait for them."""

import uuid

import pytest
from django.utils import timezone

from config.shared.transitions import ReasonMissing
from spareparts.domain.handed import HandedPart
from spareparts.domain.modes import ModeChanged
from spareparts.domain.recalls import NothingChosen, move_from_many, recall_from_many
from spareparts.enums import HandOverStatus, ReturnStatus
from spareparts.models import HandOver, Return, SparepartsSettings
from tests.factories.asking import depot
from tests.factories.workorders import UserFactory
from tests.spareparts.helpers import key, refused
from tests.spareparts.holdings.conftest import holds
from tests.support.stock import held, personal
from workorders.models import User

INVALID = "Select a valid choice."
OVERVIEW, MOVE = "/holdings/", "/holdings/move/"

pytestmark = pytest.mark.usefixtures("monday")


@pytest.fixture
def mia(db):
    return UserFactory(name="Mia Weiss", is_engineer=True)


@pytest.fixture
def vans(standard, jana, tom, board, fan):
    holds(jana, board, 2, days=25)
    holds(jana, fan, 4, days=3)
    holds(tom, fan, 3, days=20)


def field(engineer, part, condition: str = "new") -> str:
    return f"q-{personal(engineer).pk}-{part.pk}-{condition}-0"


def address(*people) -> str:
    return f"{MOVE}?" + "&".join(f"engineer={each.pk}" for each in people)


def test_what_should_be_back_is_filled_in(vans, jana, tom, mia, eva, as_user, board, fan) -> None:
    form = as_user(eva).get(address(jana, tom)).context["form"]

    told = [
        (person.name, [(holding.part.number, bound.value()) for holding, bound, _step in lines])
        for person, lines in form.groups
    ]
    assert told == [
        ("Jana Novak", [("PCB-4471", "2"), ("FAN-120", "0")]),
        ("Tom Berger", [("FAN-120", "3")]),
    ]


def test_moved_to_a_colleague_both_are_told(vans, jana, tom, mia, eva, as_user, board, fan) -> None:
    browser = as_user(eva)
    form = key() | {
        "action": "move",
        "receiver": mia.pk,
        "reason": "Tom and Jana are ill",
        field(jana, board): "1",
        field(jana, fan): "",
        field(tom, fan): "3",
    }

    answers = [browser.post(address(jana, tom), form) for _twice in range(2)]

    assert [answer.url for answer in answers] == [OVERVIEW, OVERVIEW]
    assert held(personal(mia)) == {"FAN-120": 3, "PCB-4471": 1}
    assert held(personal(jana)) == {"FAN-120": 4, "PCB-4471": 1}
    assert held(personal(tom)) == {}
    documents = HandOver.objects.filter(status=HandOverStatus.MOVED, receiver=mia, created_by=eva)
    assert sorted(document.sender.name for document in documents) == ["Jana Novak", "Tom Berger"]
    assert b"Tom and Jana are ill" in as_user(jana).get("/my/parts/").content
    assert b"Tom and Jana are ill" in as_user(mia).get("/my/parts/").content


def test_called_back_a_return_waits_for_each(vans, jana, tom, mia, eva, as_user, board, fan) -> None:
    form = key() | {
        "action": "recall",
        "reason": "Recall by the maker",
        field(jana, board): "2",
        field(tom, fan): "1",
    }

    assert as_user(eva).post(address(jana, tom), form).url == OVERVIEW

    documents = Return.objects.order_by("engineer__name")
    told = [(each.engineer.name, each.status, each.note, each.lines.get().quantity) for each in documents]
    assert told == [
        ("Jana Novak", ReturnStatus.PREPARED, "Recall by the maker", 2),
        ("Tom Berger", ReturnStatus.PREPARED, "Recall by the maker", 1),
    ]
    assert held(personal(jana)) == {"FAN-120": 4, "PCB-4471": 2}  # nothing moves before it is handed over


@pytest.mark.parametrize(
    ("typed", "where", "words"),
    [
        ({"receiver": ""}, "receiver", "Choose who gets the parts."),
        ({"reason": ""}, "reason", "This field is required."),
        ({"action": "steal"}, "action", f"{INVALID} steal is not one of the available choices."),
        ({"board": "3"}, "board", "PCB-4471: Jana Novak holds 2 pc."),
        ({"board": "1.5"}, "board", "piece: whole numbers only."),
        ({"board": "many"}, "board", "Enter a number such as 2."),
        ({"board": "0", "fan": "0"}, None, "Say how many of at least one part."),
        (
            {"receiver": "99999999"},
            "receiver",
            "Select a valid choice. That choice is not one of the available choices.",
        ),
    ],
)
def test_what_cannot_be_is_said_at_its_place(vans, jana, mia, eva, as_user, board, fan, typed, where, words) -> None:
    names = {"board": field(jana, board), "fan": field(jana, fan)}
    facts = {"action": "move", "receiver": mia.pk, "reason": "Ill", "board": "1"} | typed
    form = {names.get(name, name): value for name, value in facts.items()}

    page = as_user(eva).post(address(jana), key() | form)

    assert page.status_code == 200
    errors = (
        page.context["form"].non_field_errors()
        if where is None
        else page.context["form"].errors[names.get(where, where)]
    )
    assert list(errors) == [words]
    assert held(personal(jana)) == {"FAN-120": 4, "PCB-4471": 2}


def test_what_was_used_meanwhile_keeps_the_page(vans, jana, mia, eva, as_user, board) -> None:
    """The form still knows the line by its name; the number is more than there is."""
    form = key() | {"action": "move", "receiver": mia.pk, "reason": "Ill", field(jana, board): "2"}
    holds(mia, board, 1)
    browser = as_user(eva)
    browser.post(
        address(jana), key() | {"action": "move", "receiver": mia.pk, "reason": "Ill", field(jana, board): "1"}
    )

    page = browser.post(address(jana), form)

    assert page.context["form"].errors[field(jana, board)] == ["PCB-4471: Jana Novak holds 1 pc."]
    assert b'value="2"' in page.content


@pytest.mark.parametrize("query", ["", "?engineer=", "?engineer=99999999", "?engineer=" + "9" * 500, "?engineer=%00"])
def test_nobody_chosen_leads_back(standard, eva, as_user, query) -> None:
    assert as_user(eva).get(f"{MOVE}{query}").url == OVERVIEW


def test_nobody_moves_to_or_from_himself_where_others_may(vans, jana, eva, as_user, fan) -> None:
    """Jana leads the service as well; Eva could do it."""
    User.objects.filter(pk=jana.pk).update(is_service_manager=True)
    chief = User.objects.get(pk=jana.pk)
    form = key() | {
        "action": "move",
        "receiver": UserFactory(is_engineer=True).pk,
        "reason": "Mine",
        field(jana, fan): "1",
    }

    page = as_user(chief).post(address(jana), form)

    assert "somebody else has to do this: Eva Lang" in page.context["form"].non_field_errors()[0]


def test_a_warehouse_manager_moves_only_between_his_people(advanced, jana, tom, karl, fan, as_user) -> None:
    depot("Vienna")
    depot("Graz", karl, serves=jana.team)
    User.objects.filter(pk=tom.pk).update(team=None)
    holds(jana, fan, 2)
    form = key() | {"action": "move", "receiver": tom.pk, "reason": "Ill", field(jana, fan): "1"}

    page = as_user(karl).post(address(jana), form)

    assert list(page.context["form"].errors) == ["receiver"]


# ---------------------------------------------------------------- the verbs
def test_all_or_none(standard, jana, tom, mia, eva, board, fan) -> None:
    holds(jana, board, 1)
    facts = {"receiver": mia, "by": eva, "at": timezone.now(), "key": uuid.uuid4(), "policy": standard}

    with refused(Exception):  # type: ignore[arg-type]
        move_from_many({jana: [HandedPart(board, 1)], tom: [HandedPart(fan, 1)]}, reason="Ill", **facts)

    assert held(personal(jana)) == {"PCB-4471": 1}
    assert HandOver.objects.count() == 0


@pytest.mark.parametrize("verb", ["move", "recall"])
def test_refusals(standard, jana, mia, eva, board, verb) -> None:
    holds(jana, board, 1)
    facts = {"by": eva, "at": timezone.now(), "policy": standard}
    move = {"receiver": mia, "key": uuid.uuid4()} if verb == "move" else {}
    act = move_from_many if verb == "move" else recall_from_many

    with refused(NothingChosen):
        act({}, reason="Ill", **facts, **move)  # type: ignore[operator]
    with refused(ReasonMissing):
        act({jana: [HandedPart(board, 1)]}, reason=" ", **facts, **move)  # type: ignore[operator]
    SparepartsSettings.objects.update(version=99)
    with refused(ModeChanged):
        act({jana: [HandedPart(board, 1)]}, reason="Ill", **facts, **move)  # type: ignore[operator]
