"""The company of the contract, made once for each module, and limits that start from nothing."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from inventory import queries
from tests.contract.database import undone
from tests.contract.world import World, build


@pytest.fixture(autouse=True)
def quick_and_unlimited(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.VAR_DIR = tmp_path
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True, scope="package")
def quiet() -> Iterator[None]:
    """Thousands of refusals are asked for here on purpose; writing each into the log takes longer than the refusal."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Making it takes ten times as long as most tests that use it, so it is made once and taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def world(company: World, django_db_blocker: Any) -> Iterator[World]:
    """The company as it was made. What a test does to it is taken back, after the books were verified."""
    with django_db_blocker.unblock(), undone():
        yield company.as_new()
        assert queries.differences() == []


@pytest.fixture
def committed_world(transactional_db: None) -> World:
    """The company for many at once: each of them has a connection of its own and sees only what is committed."""
    return build()
