"""Two administrators at once: one of them stays."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection

from config.shared.errors import DomainError
from tests.factories.workorders import UserFactory
from workorders.domain import people
from workorders.enums import Role
from workorders.models import User

AT = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


def at_once(*deeds: Callable[[], None]) -> list[str]:
    """Run the deeds in threads that start together; "done" or the name of the refusal for each."""
    start = threading.Barrier(len(deeds))
    outcomes = [""] * len(deeds)

    def run(index: int, deed: Callable[[], None]) -> None:
        try:
            start.wait()
            deed()
            outcomes[index] = "done"
        except DomainError as error:
            outcomes[index] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def removed_at_once() -> list[str]:
    User.objects.update(is_active=False)  # those of the round before
    ada, nora = UserFactory(is_administrator=True), UserFactory(is_administrator=True)
    return at_once(
        lambda: people.deactivate_person(ada, by=nora, at=AT, reason="race"),
        lambda: people.change_roles(nora, roles=[Role.AUDITOR], by=ada, at=AT),
    )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestLastAdministrator:
    def test_one_administrator_is_left(self):
        for _round in range(10):
            outcomes = removed_at_once()
            assert sorted(outcomes) == ["LastAdministrator", "done"]
            assert User.objects.with_role(Role.ADMINISTRATOR).filter(is_active=True).count() == 1

    def test_without_the_lock_both_could_win(self, monkeypatch: pytest.MonkeyPatch):
        """The positive control: the same race with the lock taken away loses the last administrator."""
        meet = threading.Barrier(2, timeout=5)

        def unlocked(person: User) -> tuple[User, set[int]]:
            active = User.objects.filter(is_administrator=True, is_active=True)
            found = User.objects.get(pk=person.pk), set(active.values_list("pk", flat=True))
            meet.wait()
            return found

        monkeypatch.setattr(people, "_lock_with_administrators", unlocked)
        assert removed_at_once() == ["done", "done"]
        assert User.objects.with_role(Role.ADMINISTRATOR).filter(is_active=True).count() == 0
