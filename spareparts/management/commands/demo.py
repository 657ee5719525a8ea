"""The demo: a believable company in a database of its own, on one address, with its reminders running."""

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.core.servers.basehttp import WSGIServer, run
from django.core.wsgi import get_wsgi_application
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from config.bootstrap import parse_address
from config.shared.errors import DomainError
from spareparts.enums import Mode
from workorders.models import User
from workorders.views.people import demo_personas

OPEN_TO_ALL = ("0.0.0.0", "::")  # noqa: S104  compared with, not bound to


class Command(BaseCommand):
    help = "Serve a demo company. Its data is kept in var/ until --fresh."
    # Each run checks the settings that matter below; all of Django's checks would cost a warm start a second.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", nargs="?", default="", metavar="ADDR:PORT", help="127.0.0.1:8000")
        parser.add_argument("--fresh", action="store_true", help="Delete the demo's data and start over.")
        parser.add_argument("--mode", choices=Mode.values, help="Default: the fullest mode built.")
        parser.add_argument("--size", choices=["small", "full"], help="How much data. Default: full.")

    def handle(self, *, address: str, fresh: bool, mode: str | None, size: str | None, **options: Any) -> None:
        refuse_other_worlds()
        signal.signal(signal.SIGTERM, _stop)
        if fresh:
            delete_data()
        self.migrate()
        self.seed(mode=mode, size=size)
        host, port = parse_address([address] if address else [])
        self.serve(host, port)

    def migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.say("Preparing the database")
            call_command("migrate", verbosity=0, interactive=False)

    def seed(self, *, mode: str | None, size: str | None) -> None:
        """Fill an empty database, all or nothing; a filled one keeps its data and refuses another world."""
        if User.objects.exists():
            if mode or size:
                raise CommandError("The demo already has its data. To start over with this choice, add --fresh.")
            return
        from spareparts.demo.seed import seed_demo  # much code, needed once

        self.say("Making a demo company (once)")
        try:
            with transaction.atomic():
                seed_demo(mode=mode, size=size or "full")
        except DomainError as error:
            raise CommandError(str(error)) from error

    def serve(self, host: str, port: int) -> None:
        application = get_wsgi_application()
        logging.getLogger("django.server").setLevel(logging.WARNING)  # a line per request is noise here
        beat = start_beat()
        try:
            run(
                host,
                port,
                application,
                ipv6=":" in host,
                threading=True,
                on_bind=lambda bound: self.welcome(host, int(bound)),
                server_cls=WSGIServer,
            )
        except OSError as error:
            raise CommandError(f"The demo cannot serve on {host}:{port} ({error.strerror or error}).") from error
        except KeyboardInterrupt:
            self.say("\nStopped. The data stays for the next start.")
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            end(beat)

    def welcome(self, host: str, port: int) -> None:
        self.say(f"\nSpareparts demo: http://{local_name(host)}:{port}/\n")
        for person in demo_personas():
            self.say(f"  {person['name']:<16} {person['key']:<30} {person['role']}")
        self.say("\nOn the sign-in page a name is enough; there is no password.")
        if host in OPEN_TO_ALL:
            self.say(f"From a phone on the same network: http://{network_address()}:{port}/")
        else:
            self.say(f"For a phone on the same network, start it with: python3 manage.py demo 0.0.0.0:{port}")
        self.say("Stop with Ctrl-C.")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def refuse_other_worlds() -> None:
    """The demo signs people in without a password and can delete its data: only ever its own database."""
    if not settings.IS_DEMO:
        raise CommandError("The demo runs with SPAREPARTS_ENV=demo only, never with production settings.")
    if os.environ.get("DATABASE_URL"):
        raise CommandError("The demo keeps a database of its own in var/. Unset DATABASE_URL first.")


def delete_data() -> None:
    name = str(settings.DATABASES[DEFAULT_DB_ALIAS]["NAME"])
    for suffix in ("", "-wal", "-shm"):
        settings.VAR_DIR.joinpath(name + suffix).unlink(missing_ok=True)
    for folder in (settings.MEDIA_ROOT, settings.EMAIL_FILE_PATH):
        shutil.rmtree(folder, ignore_errors=True)


def start_beat() -> subprocess.Popen[bytes]:
    """One process that keeps the schedule; out of the terminal's group, so that Ctrl-C reaches only us."""
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "config", "beat"]
    command += [
        "--loglevel",
        "WARNING",
        "--schedule",
        str(settings.VAR_DIR / "beat-schedule"),
        "--pidfile",
        "",
    ]
    environment = os.environ | {"SPAREPARTS_PARENT_PID": str(os.getpid())}
    return subprocess.Popen(  # noqa: S603  every word is ours
        command, env=environment, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, start_new_session=True
    )


def end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _stop(signum: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def local_name(host: str) -> str:
    if host in OPEN_TO_ALL:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def network_address() -> str:
    """This machine's address on its network. Nothing is sent: connecting UDP only chooses a route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "this-machine"
        return str(probe.getsockname()[0])
