"""Background work: a doorbell only. What is due and what was done lives in the database.

Embedded (no broker): tasks run where they are called, and one ``celery beat`` process runs the schedule
itself. Production: Redis as the broker, one worker, one beat.
"""

import os
import threading
import time
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("spareparts")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
if not app.conf.broker_url:
    # beat opens a connection before every task, even one that it runs itself: give it one without a server.
    app.conf.update(broker_url="memory://")

app.conf.update(
    beat_schedule={
        # An interval, never a crontab: a crontab skips its day when the machine slept through the minute.
        "housekeeping": {"task": "config.shared.tasks.housekeeping", "schedule": 3600.0},
    }
)


@worker_init.connect
def refuse_without_triggers(**_: Any) -> None:
    """No task runs on a database without the ledger's triggers, as no page is served there.

    Celery logs what a signal's receiver raises and goes on; only this ends the process.
    """
    from django.core.exceptions import ImproperlyConfigured

    from inventory.checks import require_triggers

    try:
        require_triggers()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error


@beat_init.connect
def refuse_to_run_tasks_without_triggers(**_: Any) -> None:
    """An embedded beat runs the tasks itself; with a broker it only rings, and the worker refuses."""
    if app.conf.task_always_eager:
        refuse_without_triggers()


@beat_init.connect
def end_with_parent(**_: Any) -> None:
    """Let a beat that the demo started end with it, also when the demo was killed without a warning."""
    parent = os.environ.get("SPAREPARTS_PARENT_PID")
    if parent:
        threading.Thread(target=_watch, args=(int(parent),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)
