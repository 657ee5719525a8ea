"""People come, change and leave. Ada is the administrator."""

from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from config.shared.errors import NotAllowed
from config.shared.models import AuditEvent
from config.shared.transitions import ReasonMissing
from tests.factories.workorders import TeamFactory, UserFactory
from workorders.domain import people
from workorders.enums import Role, Theme
from workorders.models import User
from workorders.signals import person_deactivating

AT = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


def trail(person: User) -> list[tuple[str, str | None, str, dict[str, Any]]]:
    """What the audit says about a person, oldest first."""
    events = AuditEvent.objects.filter(subject_type="workorders.user", subject_id=str(person.pk)).order_by("id")
    return [(event.verb, event.actor and event.actor.name, event.reason, event.details) for event in events]


def invite(ada: User, **changes: Any) -> User:
    facts = {"name": "Mia Weiss", "email": "Mia.Weiss@Demo.example ", "roles": [Role.ENGINEER]}
    return people.invite_person(**{**facts, **changes}, by=ada, at=AT)


class TestInvite:
    def test_an_invited_person_has_her_roles_and_no_password(self, ada: User):
        mia = invite(ada, team=TeamFactory(), language="zh-hans", time_zone="Europe/Vienna", phone="+43 1 234")
        mia.refresh_from_db()
        assert (mia.email, mia.name, mia.team.name, mia.language) == (
            "mia.weiss@demo.example",
            "Mia Weiss",
            "Vienna",
            "zh-hans",
        )
        assert (mia.roles, mia.has_usable_password(), mia.is_active) == ({Role.ENGINEER}, False, True)
        assert trail(mia) == [("person.invited", "Ada Moser", "", {"roles": ["engineer"]})]
        assert mia.history.count() == 1

    def test_an_address_is_used_once_whatever_its_case(self, ada: User, jana: User):
        with pytest.raises(people.EmailTaken) as refused:
            invite(ada, email="JANA.NOVAK@demo.example")
        assert (refused.value.field, refused.value.messages) == (
            "email",
            ["Somebody already uses this e-mail address."],
        )
        assert (User.objects.count(), AuditEvent.objects.count()) == (2, 0)

    def test_nobody_comes_without_a_role(self, ada: User):
        with pytest.raises(people.RolesMissing):
            invite(ada, roles=[])
        assert User.objects.count() == 1

    @pytest.mark.parametrize("who", ["jana", "eva", "karl", "oskar"])
    def test_only_an_administrator_invites(self, who: str, request: pytest.FixtureRequest):
        somebody = request.getfixturevalue(who)
        with pytest.raises(NotAllowed):
            invite(somebody)
        assert User.objects.count() == 1


class TestChange:
    def test_only_what_differs_is_written_and_told(self, ada: User, jana: User):
        changed = people.change_person(jana, by=ada, at=AT, name="Jana Novak", phone="+43 1 999", team=None)
        assert (changed, jana.phone, jana.team) == ({"phone", "team"}, "+43 1 999", None)
        facts = {"phone": {"from": "", "to": "+43 1 999"}, "team": {"from": "Vienna", "to": ""}}
        assert trail(jana) == [("person.changed", "Ada Moser", "", facts)]

    def test_no_difference_leaves_no_trace(self, jana: User):
        assert people.change_person(jana, by=jana, at=AT, language="en") == frozenset()
        assert (trail(jana), jana.history.count()) == ([], 1)

    def test_people_change_their_own_looks_and_not_their_team(self, jana: User):
        people.change_person(jana, by=jana, at=AT, theme=Theme.DARK, time_zone="Asia/Shanghai")
        with pytest.raises(NotAllowed):
            people.change_person(jana, by=jana, at=AT, theme=Theme.LIGHT, email="other@demo.example")
        jana.refresh_from_db()
        assert (jana.theme, jana.time_zone, jana.email) == ("dark", "Asia/Shanghai", "jana.novak@demo.example")

    def test_nobody_changes_somebody_else(self, jana: User, tom: User):
        with pytest.raises(NotAllowed):
            people.change_person(tom, by=jana, at=AT, name="Thomas")
        assert trail(tom) == []

    def test_a_taken_address_is_refused_and_nothing_else_is_kept(self, ada: User, jana: User, tom: User):
        with pytest.raises(people.EmailTaken):
            people.change_person(tom, by=ada, at=AT, email="Jana.Novak@demo.example", phone="1")
        tom.refresh_from_db()
        assert (tom.email, tom.phone, trail(tom)) == ("tom.berger@demo.example", "", [])

    def test_a_field_with_a_verb_of_its_own_is_a_mistake_of_the_caller(self, ada: User, jana: User):
        with pytest.raises(ValueError, match="is_active"):
            people.change_person(jana, by=ada, at=AT, is_active=False)


class TestRoles:
    def test_roles_are_exactly_those_given(self, ada: User, jana: User):
        people.change_roles(jana, roles=[Role.ENGINEER, Role.SERVICE_MANAGER], by=ada, at=AT)
        assert jana.roles == {Role.ENGINEER, Role.SERVICE_MANAGER}
        people.change_roles(jana, roles=[Role.SERVICE_MANAGER], by=ada, at=AT)
        assert trail(jana) == [
            ("person.roles_changed", "Ada Moser", "", {"added": ["service_manager"], "removed": []}),
            ("person.roles_changed", "Ada Moser", "", {"added": [], "removed": ["engineer"]}),
        ]

    def test_the_same_roles_leave_no_trace(self, ada: User, jana: User):
        people.change_roles(jana, roles=[Role.ENGINEER], by=ada, at=AT)
        assert trail(jana) == []

    def test_the_last_administrator_keeps_the_role(self, ada: User):
        UserFactory(name="Otto Alt", is_administrator=True, is_active=False)  # may not sign in: does not count
        with pytest.raises(people.LastAdministrator) as refused:
            people.change_roles(ada, roles=[Role.AUDITOR], by=ada, at=AT)
        ada.refresh_from_db()
        assert (ada.roles, trail(ada)) == ({Role.ADMINISTRATOR}, [])
        assert refused.value.messages == [
            "Ada Moser is the last administrator who may sign in. Make somebody else administrator first."
        ]

    def test_with_another_administrator_she_may_lay_it_down(self, ada: User):
        UserFactory(name="Nora Neu", is_administrator=True)
        people.change_roles(ada, roles=[Role.AUDITOR], by=ada, at=AT)
        assert ada.roles == {Role.AUDITOR}


class TestLeaving:
    def test_who_leaves_has_no_role_that_counts_and_keeps_his_records(self, ada: User, jana: User):
        people.deactivate_person(jana, by=ada, at=AT, reason=" left the company ")
        assert (jana.is_active, jana.roles, people.roles_of(jana)) == (False, frozenset(), {Role.ENGINEER})
        assert trail(jana) == [("person.deactivated", "Ada Moser", "left the company", {})]

    def test_a_second_time_changes_nothing(self, ada: User, jana: User):
        people.deactivate_person(jana, by=ada, at=AT, reason="left")
        people.deactivate_person(jana, by=ada, at=AT, reason="left")
        assert (jana.session_epoch, len(trail(jana))) == (1, 1)

    def test_a_reason_is_needed(self, ada: User, jana: User):
        with pytest.raises(ReasonMissing):
            people.deactivate_person(jana, by=ada, at=AT, reason="  ")
        jana.refresh_from_db()
        assert jana.is_active

    def test_nobody_deactivates_herself(self, ada: User):
        UserFactory(name="Nora Neu", is_administrator=True)
        with pytest.raises(people.CannotDeactivateYourself):
            people.deactivate_person(ada, by=ada, at=AT, reason="holiday")
        assert trail(ada) == []

    def test_the_last_administrator_stays(self, ada: User):
        ghost = User(name="Ghost", is_administrator=True, pk=10**6)  # an administrator whose row is gone
        with pytest.raises(people.LastAdministrator):
            people.deactivate_person(ada, by=ghost, at=AT, reason="left")
        ada.refresh_from_db()
        assert ada.is_active

    def test_everything_unsettled_is_named_at_once(self, ada: User, jana: User):
        asked: list[dict[str, Any]] = []

        def holds_parts(**facts: Any) -> list[str]:
            asked.append({name: facts[name] for name in ("person", "by", "at")})
            return ["Jana Novak holds 6 pieces.", "Jana Novak owes 1 old part."]

        def owes_nothing(**facts: Any) -> None:
            return None

        for receiver in (holds_parts, owes_nothing):
            person_deactivating.connect(receiver)
        try:
            with pytest.raises(people.NotYetSettled) as refused:
                people.deactivate_person(jana, by=ada, at=AT, reason="left")
        finally:
            for receiver in (holds_parts, owes_nothing):
                person_deactivating.disconnect(receiver)
        assert refused.value.messages == ["Jana Novak holds 6 pieces.", "Jana Novak owes 1 old part."]
        assert asked == [{"person": jana, "by": ada, "at": AT}]
        jana.refresh_from_db()
        assert (jana.is_active, trail(jana)) == (True, [])

    def test_who_comes_back_has_the_roles_of_before(self, ada: User, jana: User):
        people.deactivate_person(jana, by=ada, at=AT, reason="parental leave")
        people.reactivate_person(jana, by=ada, at=AT)
        people.reactivate_person(jana, by=ada, at=AT)
        assert (jana.is_active, jana.roles, jana.session_epoch) == (True, {Role.ENGINEER}, 1)
        assert [verb for verb, *_rest in trail(jana)] == ["person.deactivated", "person.reactivated"]

    def test_a_lost_phone_is_taken_off_the_account(self, ada: User, jana: User):
        for kind in ("totp", "recovery_codes"):
            Authenticator.objects.create(user=jana, type=kind, data={})
        assert [people.remove_second_factor(jana, by=ada, at=AT) for _time in range(2)] == [True, False]
        assert (Authenticator.objects.count(), trail(jana)) == (
            0,
            [("person.second_factor_removed", "Ada Moser", "", {})],
        )

    def test_sessions_are_ended_by_oneself_or_an_administrator(self, ada: User, jana: User, tom: User):
        people.end_sessions(jana, by=jana, at=AT)
        people.end_sessions(jana, by=ada, at=AT)
        with pytest.raises(NotAllowed):
            people.end_sessions(jana, by=tom, at=AT)
        ended = [("person.sessions_ended", "Jana Novak", "", {}), ("person.sessions_ended", "Ada Moser", "", {})]
        assert (jana.session_epoch, trail(jana), jana.history.count()) == (2, ended, 1)

    @pytest.mark.parametrize("who", ["tom", "eva", "karl", "oskar"])
    def test_only_an_administrator_lets_go_and_takes_back(self, who: str, jana: User, request: pytest.FixtureRequest):
        somebody = request.getfixturevalue(who)
        with pytest.raises(NotAllowed):
            people.deactivate_person(jana, by=somebody, at=AT, reason="left")
        with pytest.raises(NotAllowed):
            people.reactivate_person(jana, by=somebody, at=AT)
        with pytest.raises(NotAllowed):
            people.change_roles(jana, roles=[Role.ADMINISTRATOR], by=somebody, at=AT)
        with pytest.raises(NotAllowed):
            people.remove_second_factor(jana, by=somebody, at=AT)
        assert trail(jana) == []
