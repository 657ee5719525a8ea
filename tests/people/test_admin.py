"""People in the admin: Ada invites, changes and deactivates; Oskar, the auditor, only looks."""

import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.test import Client
from django.utils import translation

from config.shared.models import AuditEvent
from tests.factories.workorders import TeamFactory, UserFactory
from tests.people.helpers import messages_on, verbs, with_password
from workorders.enums import Role
from workorders.models import User
from workorders.signals import person_deactivating

LIST, ADD = "/admin/workorders/user/", "/admin/workorders/user/add/"
NEW_MIA = {"name": "Mia Weiss", "email": "mia.weiss@demo.example", "is_engineer": "on", "language": "en"}


def page_of(person: User) -> str:
    return f"/admin/workorders/user/{person.pk}/change/"


def form_of(person: User, **changes: str | None) -> dict[str, str]:
    """The form as the browser would send it back, with changes; None leaves a box unticked."""
    words: dict[str, str | None] = {
        "name": person.name, "email": person.email, "phone": person.phone, "language": person.language,
        "time_zone": person.time_zone, "team": str(person.team_id or ""), "reason": "",
        "is_active": "on" if person.is_active else None,
        **{f"is_{role.value}": "on" if getattr(person, f"is_{role.value}") else None for role in Role},
        **changes,
    }  # fmt: skip
    return {name: value for name, value in words.items() if value is not None}


def trail(person: User) -> list[tuple[str, str]]:
    events = AuditEvent.objects.filter(subject_type="workorders.user", subject_id=str(person.pk)).order_by("id")
    return [(event.verb, event.reason) for event in events]


def errors_on(response: Any) -> dict[str, list[str]]:
    form = response.context["adminform"].form
    return {name: [str(text) for text in texts] for name, texts in form.errors.items()}


class ListeningServer(locmem.EmailBackend):
    """Notes to whom and in which language a mail was made."""

    heard: ClassVar[list[tuple[str, str]]] = []

    def send_messages(self, messages: Any) -> int:
        self.heard += [(message.to[0], translation.get_language()) for message in messages]
        return len(messages)


@pytest.fixture
def desk(ada: User, as_user: Callable[[User], Client]) -> Client:
    return as_user(ada)


@pytest.mark.django_db(transaction=True)
class TestInvite:
    def test_a_new_person_gets_a_mail_and_sets_a_password(self, desk: Client, ada: User):
        team = TeamFactory()
        response = desk.post(ADD, {**NEW_MIA, "team": str(team.pk), "time_zone": "Europe/Vienna"}, follow=True)
        mia = User.objects.get(email="mia.weiss@demo.example")
        assert (mia.roles, mia.team, mia.has_usable_password()) == ({Role.ENGINEER}, team, False)
        assert messages_on(response)[-1] == "An invitation went to mia.weiss@demo.example. The link works for a week."
        assert trail(mia) == [("person.invited", ""), ("person.link_sent", "")]
        message = mail.outbox[0]
        assert (message.to, message.subject) == (["mia.weiss@demo.example"], "Set your password for Nordlift Service")
        assert message.body.startswith(
            "Hello Mia Weiss,\n\nAda Moser added you to the spare-parts pages of Nordlift Service."
        )

        browser = Client()
        link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", message.body)
        assert link
        page = browser.get(link[1], follow=True)
        words = {"password1": "eight green lifts", "password2": "eight green lifts"}
        assert browser.post(page.redirect_chain[-1][0], words)["Location"] == "/"
        assert browser.get("/me/").context["person"] == mia

    def test_a_mail_that_cannot_go_is_said_and_the_person_stays(self, desk: Client, settings: Any):
        settings.EMAIL_BACKEND = "tests.security.test_fail_closed.SilentServer"
        response = desk.post(ADD, NEW_MIA, follow=True)
        mia = User.objects.get(email="mia.weiss@demo.example")
        assert messages_on(response)[-1] == (
            "Mia Weiss is added, but the invitation could not be sent. Send it again from the list of people."
        )
        assert trail(mia) == [("person.invited", ""), ("person.link_not_sent", "")]

    def test_the_mail_is_in_the_language_of_the_person(self, desk: Client, lin: User, settings: Any):
        User.objects.filter(pk=lin.pk).update(language="zh-hans")
        settings.EMAIL_BACKEND = "tests.people.test_admin.ListeningServer"
        confirm(desk, "send_link", lin)
        Client().post("/accounts/password/reset/", {"email": lin.email})
        assert ListeningServer.heard == [(lin.email, "zh-hans")] * 2

    def test_wrong_words_are_refused_beside_the_field_and_no_mail_goes(self, desk: Client, jana: User):
        refused = {
            "no role": errors_on(desk.post(ADD, {**NEW_MIA, "is_engineer": ""})),
            "taken": errors_on(desk.post(ADD, {**NEW_MIA, "email": "JANA.novak@demo.example"})),
            "zone": errors_on(desk.post(ADD, {**NEW_MIA, "time_zone": "Mars/Base"})),
        }
        assert refused == {
            "no role": {"is_engineer": ["Choose at least one role."]},
            "taken": {"email": ["Somebody already uses this e-mail address."]},
            "zone": {"time_zone": ["Select a valid choice. Mars/Base is not one of the available choices."]},
        }
        assert (User.objects.count(), len(mail.outbox), verbs()) == (2, 0, ["session.signed_in"])


class TestChange:
    def test_every_part_that_differs_is_one_row(self, desk: Client, jana: User):
        words = form_of(jana, phone="+43 1", is_service_manager="on", is_active=None, reason="left")
        assert desk.post(page_of(jana), words).status_code == 302
        jana.refresh_from_db()
        assert (jana.phone, jana.is_service_manager, jana.is_active) == ("+43 1", True, False)
        assert trail(jana) == [("person.changed", ""), ("person.roles_changed", ""), ("person.deactivated", "left")]

    def test_saving_without_a_change_writes_nothing(self, desk: Client, jana: User):
        assert desk.post(page_of(jana), form_of(jana)).status_code == 302
        assert (trail(jana), jana.history.count()) == ([], 1)

    def test_the_administrator_changes_the_address_one_signs_in_with(self, desk: Client, jana: User):
        desk.post(page_of(jana), form_of(with_password(jana), email="Jana.New@demo.example"))
        assert Client().login(email="jana.novak@demo.example", password="seven blue lifts") is False
        assert Client().login(email="jana.new@demo.example", password="seven blue lifts") is True

    def test_without_a_reason_nobody_is_deactivated(self, desk: Client, jana: User):
        response = desk.post(page_of(jana), form_of(jana, is_active=None, phone="typed"))
        assert errors_on(response) == {"reason": ["Give a reason."]}
        assert response.context["adminform"].form["phone"].value() == "typed"
        assert trail(jana) == []

    def test_the_last_administrator_is_kept_and_the_rest_of_the_form_too(self, desk: Client, ada: User):
        words = form_of(ada, is_administrator=None, is_auditor="on", phone="typed")
        response = desk.post(page_of(ada), words)
        assert errors_on(response) == {
            "__all__": ["Ada Moser is the last administrator who may sign in. Make somebody else administrator first."]
        }
        ada.refresh_from_db()
        assert (ada.phone, ada.roles, trail(ada)) == ("", {Role.ADMINISTRATOR}, [])

    def test_nobody_locks_herself_out(self, desk: Client, ada: User):
        UserFactory(name="Nora Neu", is_administrator=True)
        response = desk.post(page_of(ada), form_of(ada, is_active=None, reason="bye"))
        assert errors_on(response) == {"__all__": ["You cannot deactivate yourself. Ask another administrator."]}

    def test_back_again(self, desk: Client, jana: User):
        User.objects.filter(pk=jana.pk).update(is_active=False)
        jana.refresh_from_db()
        desk.post(page_of(jana), form_of(jana, is_active="on", reason="back from leave"))
        assert trail(jana) == [("person.reactivated", "back from leave")]

    def test_no_password_can_be_typed_here(self, desk: Client, jana: User):
        before = with_password(jana).password
        desk.post(
            page_of(jana),
            form_of(jana, phone="1") | {"password": "x", "session_epoch": "7", "last_login": "2020-01-01"},
        )
        jana.refresh_from_db()
        assert (jana.password, jana.session_epoch, jana.last_login) == (before, 0, None)


def confirm(client: Client, action: str, *chosen: User, **words: str) -> Any:
    keys = [str(person.pk) for person in chosen]
    return client.post(LIST, {"action": action, "confirmed": "1", "_selected_action": keys, **words}, follow=True)


class TestActions:
    @pytest.fixture
    def jana_holds_parts(self, jana: User) -> Iterator[None]:
        def holds(person: User, **facts: Any) -> list[str]:
            return ["6 pieces must come back first."] if person == jana else []

        person_deactivating.connect(holds)
        yield
        person_deactivating.disconnect(holds)

    def test_first_it_is_asked(self, desk: Client, jana: User, tom: User):
        keys = [str(jana.pk), str(tom.pk)]
        page = desk.post(LIST, {"action": "deactivate", "_selected_action": keys})
        assert (page.status_code, page.context["people"]) == (200, [jana, tom])
        assert User.objects.filter(is_active=False).count() == 0

    @pytest.mark.usefixtures("jana_holds_parts")
    def test_each_is_done_or_refused_with_the_reason(self, desk: Client, ada: User, jana: User, tom: User):
        response = confirm(desk, "deactivate", ada, jana, tom, reason="team closed")
        assert messages_on(response) == [
            "Ada Moser: You cannot deactivate yourself. Ask another administrator.",
            "Jana Novak: 6 pieces must come back first.",
            "Done for 1 person.",
        ]
        assert [trail(person) for person in (ada, jana, tom)] == [[], [], [("person.deactivated", "team closed")]]

    def test_without_a_reason_it_is_asked_again(self, desk: Client, jana: User):
        page = confirm(desk, "deactivate", jana, reason=" ")
        assert (page.status_code, page.context["form"].errors) == (200, {"reason": ["This field is required."]})
        jana.refresh_from_db()
        assert jana.is_active

    def test_back_in(self, desk: Client, jana: User):
        User.objects.filter(pk=jana.pk).update(is_active=False)
        assert messages_on(confirm(desk, "reactivate", jana)) == ["Done for 1 person."]
        assert trail(jana) == [("person.reactivated", "")]

    def test_a_link_again_for_the_invited_and_for_who_forgot(self, desk: Client, jana: User, tom: User):
        jana.set_unusable_password()
        jana.save()
        confirm(desk, "send_link", jana, with_password(tom))
        assert [(message.to[0], message.subject) for message in mail.outbox] == [
            ("jana.novak@demo.example", "Set your password for Nordlift Service"),
            ("tom.berger@demo.example", "Set a new password"),
        ]
        assert (trail(jana), trail(tom)) == ([("person.link_sent", "")], [("person.link_sent", "")])

    def test_no_link_for_who_may_not_sign_in(self, desk: Client, jana: User):
        User.objects.filter(pk=jana.pk).update(is_active=False)
        response = confirm(desk, "send_link", jana)
        assert messages_on(response) == ["Jana Novak: May not sign in, so no link was sent."]
        assert mail.outbox == []


class TestWhoMay:
    """The auditor looks at everything and changes nothing; all others find no people here."""

    def test_the_auditor_reads(self, oskar: User, jana: User, as_user: Callable[[User], Client]):
        client = as_user(oskar)
        history = f"/admin/workorders/user/{jana.pk}/history/"
        version = f"{history}{jana.history.get().history_id}/"
        paths = [LIST, page_of(jana), history, version]
        assert [client.get(path).status_code for path in paths] == [200] * 4

    def test_the_auditor_writes_nothing(self, oskar: User, jana: User, as_user: Callable[[User], Client]):
        client = as_user(oskar)
        version = f"/admin/workorders/user/{jana.pk}/history/{jana.history.get().history_id}/"
        words = form_of(jana, name="Changed", is_administrator="on")
        answers = [client.post(path, words).status_code for path in (page_of(jana), ADD, version)]
        answers += [confirm(client, action, jana, reason="x").status_code for action in ("deactivate", "send_link")]
        jana.refresh_from_db()
        assert (answers, jana.name, jana.is_active, len(mail.outbox)) == (
            [403, 403, 403, 200, 200],
            "Jana Novak",
            True,
            0,
        )
        assert [verb for verb in verbs() if verb != "session.signed_in"] == ["access.denied"] * 3

    def test_old_versions_cannot_be_posted_even_by_an_administrator(self, desk: Client, jana: User):
        """The library would save the form, with the empty password of the history, over the person."""
        before = with_password(jana).password
        version = f"/admin/workorders/user/{jana.pk}/history/{jana.history.get().history_id}/"
        assert desk.post(version, form_of(jana, name="Changed")).status_code == 403
        jana.refresh_from_db()
        assert (jana.name, jana.password) == ("Jana Novak", before)

    @pytest.mark.parametrize("key", ["abc", "0", "99999999999999999999", "%00"])
    def test_a_key_that_is_none_is_not_found(self, desk: Client, jana: User, key: str):
        tries = [f"/admin/workorders/user/{key}/history/", f"/admin/workorders/user/{key}/history/1/",
                 f"/admin/workorders/user/{jana.pk}/history/{key}/"]  # fmt: skip
        assert [desk.get(path).status_code for path in tries] == [404] * 3

    @pytest.mark.parametrize(("who", "status"), [("karl", 403), ("eva", 403), ("jana", 403)])
    def test_others_find_no_people_here(
        self, who: str, status: int, tom: User, request: pytest.FixtureRequest, as_user: Callable[[User], Client]
    ):
        client = as_user(request.getfixturevalue(who))
        assert [client.get(path).status_code for path in (LIST, ADD, page_of(tom))] == [status] * 3

    def test_nobody_is_deleted(self, desk: Client, jana: User):
        assert desk.post(f"/admin/workorders/user/{jana.pk}/delete/", {"post": "yes"}).status_code == 403
        confirm(desk, "delete_selected", jana, post="yes")
        assert User.objects.filter(pk=jana.pk).exists()


class TestList:
    def test_filters_and_search(self, desk: Client, ada: User, jana: User, karl: User):
        def found(query: str) -> list[str]:
            return [person.name for person in desk.get(f"{LIST}?{query}").context["cl"].result_list]

        assert found("role=engineer") == ["Jana Novak"]
        assert found("role=nonsense") == ["Ada Moser", "Jana Novak", "Karl Huber"]
        assert found("q=huber") == ["Karl Huber"]
        assert found(f"team__id__exact={jana.team_id}") == ["Jana Novak"]
        assert found("is_active__exact=0") == []

    def test_three_people_cost_no_more_than_one(self, desk: Client, jana: User, django_assert_max_num_queries: Any):
        counts = []
        for _round in range(2):
            with django_assert_max_num_queries(12) as captured:
                desk.get(LIST)
            counts.append(len(captured))
            UserFactory.create_batch(3, is_engineer=True, team=TeamFactory())
        assert counts[0] == counts[1]


class TestAuditPages:
    URL = "/admin/shared/auditevent/"

    def test_a_row_leads_to_its_subject_and_its_request(self, desk: Client, jana: User):
        desk.post(page_of(jana), form_of(jana, phone="1"))
        event = AuditEvent.objects.get(verb="person.changed")
        text = desk.get(self.URL).content.decode()
        assert f'<a href="/admin/workorders/user/{jana.pk}/change/">Jana Novak</a>' in text
        assert f'<a href="{self.URL}?q={event.request_id}">' in text
        found = desk.get(f"{self.URL}?q={event.request_id}").context["cl"].result_list
        assert [row.verb for row in found] == ["person.changed"]

    def test_it_is_told_in_words(self, desk: Client, jana: User):
        desk.post(page_of(jana), form_of(jana, phone="1"))
        for url in (self.URL, f"{self.URL}{AuditEvent.objects.get(verb='person.changed').pk}/change/"):
            text = desk.get(url).content.decode()
            assert ("Person changed" in text, "person.changed" in text) == (True, False)

    def test_a_kind_is_the_first_word_of_the_verb(self, desk: Client, jana: User):
        desk.post(page_of(jana), form_of(jana, phone="1"))

        def found(kind: str) -> list[str]:
            return [row.verb for row in desk.get(f"{self.URL}?kind={kind}").context["cl"].result_list]

        assert [found(kind) for kind in ("person", "session", "access")] == [
            ["person.changed"],
            ["session.signed_in"],
            [],
        ]
        assert found("nonsense") == ["person.changed", "session.signed_in"]

    def test_nothing_is_changed_here(self, desk: Client, jana: User):
        event = AuditEvent.objects.get(verb="session.signed_in")
        page = f"{self.URL}{event.pk}/change/"
        assert (desk.get(page).status_code, desk.post(page, {"verb": "x"}).status_code) == (200, 403)
        assert [desk.post(f"{self.URL}{event.pk}/delete/").status_code, desk.get(f"{self.URL}add/").status_code] == [
            403,
            403,
        ]
        event.refresh_from_db()
        assert event.verb == "session.signed_in"

    def test_a_subject_that_has_no_page_is_only_text(self, desk: Client, jana: User):
        AuditEvent.objects.update(subject_type="gone.model", subject_id="1", subject_label="<b>gone</b>")
        assert "&lt;b&gt;gone&lt;/b&gt;" in desk.get(self.URL).content.decode()
