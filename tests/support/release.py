"""Live through an upgrade in one process: python -m tests.support.release APP:MIGRATION …

Up to the release, forty documents, up to the head twice: the same rows, books that add up. Then the triggers are taken
off, which must be seen.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.checks import run_checks  # noqa: E402
from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from config.celery import app  # noqa: E402
from inventory import checks, triggers  # noqa: E402
from tests.support import poster  # noqa: E402


def main(release: list[str]) -> None:
    for step in release:
        call_command("migrate", *step.split(":"), verbosity=0)
    poster.prepare()
    poster.work(0, 40)
    before = poster.hashes()
    for _again in range(2):
        call_command("migrate", verbosity=0)
        assert poster.hashes() == before
        call_command("verify_ledger")
    assert run_checks(databases=["default"], tags=["database"]) == []

    triggers.remove(connection)
    assert [error.id for error in run_checks(databases=["default"], tags=["database"])] == ["inventory.E001"]
    for start in (checks.require_triggers, app.Worker):
        said = ""
        try:
            start()
        except (ImproperlyConfigured, SystemExit) as refusal:
            said = str(refusal)
        assert triggers.REMEDY in said, f"{start} would start without the triggers"


if __name__ == "__main__":
    main(sys.argv[1:])
