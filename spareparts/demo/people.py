"""Who works at Nordlift Service. Nobody has a password: in the demo a click on a name signs in."""

from datetime import timedelta

from spareparts.demo.stage import Stage
from spareparts.demo.tables import Row, read
from workorders.domain.people import change_person, deactivate_person, invite_person
from workorders.enums import Role
from workorders.models import Team, User

CAST = "demo.example"  # who may be tried on the sign-in page
COLLEAGUES = "nordlift.example"
FIRST_ADMINISTRATOR = "Ada Moser"


def add_people(stage: Stage) -> None:
    """The first administrator as ``createsuperuser`` makes him; he invites the others."""
    rows = read("people")
    ada = User.objects.create_user(
        email_of(FIRST_ADMINISTRATOR),
        name=FIRST_ADMINISTRATOR,
        is_administrator=True,
        language="en",
        date_joined=stage.beginning,
    )
    for row in rows:
        person = ada if row["name"] == ada.name else _invite(stage, row, by=ada)
        _set_theme(stage, person, row["theme"])
        stage.people[person.name] = person


def let_people_go(stage: Stage) -> None:
    """Some left before the jobs told here; what they did stays."""
    ada = stage.people[FIRST_ADMINISTRATOR]
    for row in read("people"):
        if row["left_because"]:
            left_at = stage.beginning + timedelta(days=60)
            deactivate_person(stage.people[row["name"]], by=ada, at=left_at, reason=row["left_because"])


def email_of(name: str, *, domain: str = CAST) -> str:
    return f"{name.lower().replace(' ', '.')}@{domain}"


def _invite(stage: Stage, row: Row, *, by: User) -> User:
    team = Team.objects.get_or_create(name=row["team"])[0] if row["team"] else None
    return invite_person(
        name=row["name"],
        email=email_of(row["name"], domain=CAST if row["in_cast"] else COLLEAGUES),
        roles=[Role(each) for each in row["roles"].split()],
        team=team,
        phone=row["phone"],
        language=row["language"],
        time_zone=row["time_zone"],
        by=by,
        at=stage.beginning,
    )


def _set_theme(stage: Stage, person: User, theme: str) -> None:
    change_person(person, by=person, at=stage.beginning, theme=theme)
