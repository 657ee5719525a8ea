"""The demo as a stranger meets it: a process, an address, a phone, a second start, a clean end."""

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
STARTED_WITHIN = 90  # seconds; making the data on a busy machine takes most of it


class Demo:
    def __init__(self, folder: Path, *words: str, host: str = "127.0.0.1"):
        self.port = free_port()
        self.folder = folder
        ours = ("SPAREPARTS_ENV", "DATABASE_URL")
        clean = {key: value for key, value in os.environ.items() if key not in ours}
        self.output = folder.parent / f"output-{self.port}"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo", f"{host}:{self.port}", *words],
                cwd=ROOT,
                env=clean | {"SPAREPARTS_VAR": str(folder)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def get(self, path: str, host: str = "") -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        if host:
            request.add_header("Host", host)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""

    def wait(self) -> None:
        for _ in range(STARTED_WITHIN * 10):
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                self.get("/healthz")
                return
            time.sleep(0.1)
        pytest.fail("the demo did not start:\n" + self.said())

    def said(self) -> str:
        return self.output.read_text()

    def children(self) -> list[int]:
        done = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
        rows = [line.split() for line in done.stdout.splitlines()]
        return [int(pid) for pid, parent in rows if int(parent) == self.process.pid]

    def ask_people(self) -> list[tuple[str]]:
        with contextlib.closing(sqlite3.connect(self.folder / "demo.sqlite3")) as connection:
            return connection.execute("select email from workorders_user where is_active order by id").fetchall()


@contextmanager
def launched(folder: Path, *words: str, host: str = "127.0.0.1") -> Iterator[Demo]:
    demo = Demo(folder, *words, host=host)
    try:
        yield demo
    finally:
        demo.process.terminate()
        demo.process.wait(timeout=20)


@contextmanager
def running(folder: Path, *words: str, host: str = "127.0.0.1") -> Iterator[Demo]:
    with launched(folder, *words, host=host) as demo:
        demo.wait()
        yield demo


def ended(pid: int) -> bool:
    """Whether a process is gone within ten seconds."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.1)
    return False


@dataclass(frozen=True)
class FirstStart:
    folder: Path
    exit_code: int
    beat_ended: bool
    said: str


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> FirstStart:
    """A small company takes the place of yesterday's, and then somebody presses Ctrl-C."""
    folder = tmp_path_factory.mktemp("demo") / "var"
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "old.jpg").touch()
    with contextlib.closing(sqlite3.connect(folder / "demo.sqlite3")) as connection, connection:
        connection.execute("create table of_yesterday (id integer)")
    with running(folder, "--fresh", "--size", "small") as demo:
        (beat,) = demo.children()
        demo.process.send_signal(signal.SIGINT)
        code = demo.process.wait(timeout=20)
        return FirstStart(folder=folder, exit_code=code, beat_ended=ended(beat), said=demo.said())


@pytest.fixture(scope="module")
def folder(first_start: FirstStart) -> Path:
    """A data folder with a small company in it."""
    return first_start.folder


@pytest.fixture(scope="module")
def second_start(folder: Path) -> Iterator[Demo]:
    """The same folder again, now for a phone on the same network."""
    with contextlib.closing(sqlite3.connect(folder / "demo.sqlite3")) as connection, connection:
        connection.execute("create table left_by_the_first_start (id integer)")
    with running(folder, host="0.0.0.0") as demo:
        yield demo


def test_a_second_start_keeps_its_data(folder, second_start):
    assert "Making a demo company" not in second_start.said()
    assert "Preparing the database" not in second_start.said()
    with contextlib.closing(sqlite3.connect(folder / "demo.sqlite3")) as connection:
        assert connection.execute("select count(*) from left_by_the_first_start").fetchone() == (0,)


def test_it_says_where_and_who(second_start):
    assert f"Spareparts demo: http://127.0.0.1:{second_start.port}/\n" in second_start.said()
    cast = {email for (email,) in second_start.ask_people() if email.endswith("@demo.example")}
    said = re.findall(r"\S+@\w+\.example", second_start.said())
    assert (set(said), len(said)) == (cast, 11)
    assert said[0] == "jana.novak@demo.example"


def test_a_phone_on_the_same_network_may_sign_in(second_start):
    assert "From a phone on the same network: http://" in second_start.said()
    status, page = second_start.get("/accounts/login/", host=f"192.168.1.7:{second_start.port}")
    assert status == 200
    assert "csrfmiddlewaretoken" in page


def test_its_pages_have_their_style(second_start):
    _status, page = second_start.get("/accounts/login/")
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert styles
    assert {second_start.get(path)[0] for path in styles} == {200}


def test_ctrl_c_ends_it_with_its_beat(first_start):
    assert (first_start.exit_code, first_start.beat_ended) == (0, True)
    assert first_start.said.endswith("\nStopped. The data stays for the next start.\n")


def test_a_service_manager_ends_it_with_its_beat(folder):
    with running(folder) as demo:
        (beat,) = demo.children()
        demo.process.terminate()
        assert demo.process.wait(timeout=20) == 0
        assert ended(beat)


def test_another_world_needs_fresh(folder):
    said = "CommandError: The demo already has its data. To start over with this choice, add --fresh."
    with launched(folder, "--size", "small") as demo:
        assert demo.process.wait(timeout=30) == 1
        assert said in demo.said()


def test_a_database_of_ones_own_is_refused(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", str(free_port())],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": "sqlite://:memory:", "SPAREPARTS_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "The demo keeps a database of its own in var/. Unset DATABASE_URL first." in done.stderr


def test_fresh_starts_over(folder):
    with contextlib.closing(sqlite3.connect(folder / "demo.sqlite3")) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
    assert "of_yesterday" not in tables
    assert "workorders_user" in tables
    assert not (folder / "media" / "old.jpg").exists()


def test_a_killed_demo_takes_its_beat_along(folder):
    with running(folder) as demo:
        (beat,) = demo.children()
        demo.process.kill()  # nobody can tidy up after this: the beat must notice by itself
        demo.process.wait()
        assert ended(beat)
