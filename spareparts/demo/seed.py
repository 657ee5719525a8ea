"""The demo company, made through the same functions as real use: its ledger and documents hold.

The same moment and size give the same company, whatever the machine: the dice are fixed and all dates are told from
``at``. Later flows add a scene here and a module beside it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from simple_history.signals import pre_create_historical_record

from spareparts.demo.catalogue import add_catalogue, add_warehouses
from spareparts.demo.customers import add_customers
from spareparts.demo.field import field_steps
from spareparts.demo.fitted import fit_machines
from spareparts.demo.jobs import all_jobs
from spareparts.demo.people import FIRST_ADMINISTRATOR, add_people, let_people_go
from spareparts.demo.stage import Stage
from spareparts.demo.stories import play
from spareparts.demo.supply import open_depots
from spareparts.domain.modes import change_mode
from spareparts.enums import Mode
from spareparts.policies import fullest_ready_mode
from spareparts.queries import current_settings
from workorders.models import User


def seed_demo(mode: str | None = None, size: str = "full", at: datetime | None = None) -> None:
    """Fill an empty database with Nordlift Service as it is at ``at`` (default: now), all or nothing.

    ``mode``: a ready mode, default the fullest one. ``size``: "full" or "small".
    Refused: settings other than the demo's, a database with people in it, a mode that is not ready.
    """
    _refuse_real_company()
    stage = Stage(at=at or timezone.now(), is_small=size == "small")
    with transaction.atomic(), _history_told_from(stage.beginning):
        add_people(stage)
        add_catalogue(stage)
        add_warehouses(stage)
        _choose_mode(stage, Mode(mode) if mode else fullest_ready_mode())
        add_customers(stage)
        fit_machines(stage)
        open_depots(stage)
        let_people_go(stage)
        play(stage, all_jobs(stage), field_steps(stage))


def _refuse_real_company() -> None:
    if not settings.IS_DEMO:
        raise ImproperlyConfigured(
            "Demo data is made with SPAREPARTS_ENV=demo only, never in a company's own database."
        )
    if User.objects.exists():
        raise ImproperlyConfigured("This database has people in it. Demo data needs an empty one.")


@contextmanager
def _history_told_from(at: datetime) -> Iterator[None]:
    """Master data was made when the company began, so its history says so, not when the demo was started."""

    def told(history_instance: Any, **kwargs: Any) -> None:
        history_instance.history_date = at

    pre_create_historical_record.connect(told)
    try:
        yield
    finally:
        pre_create_historical_record.disconnect(told)


def _choose_mode(stage: Stage, mode: Mode) -> None:
    row = current_settings()
    if row.mode != mode:
        ada = stage.people[FIRST_ADMINISTRATOR]
        change_mode(mode=mode, by=ada, at=stage.beginning, expected_version=row.version)
        stage.forget_policy()
