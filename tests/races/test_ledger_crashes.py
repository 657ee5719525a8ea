"""All or nothing, whatever dies (R8): workers are killed at random, and the server has its plug pulled."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import Postgres, find_postgres, throwaway_postgres

ROOT = Path(__file__).resolve().parents[2]
FAST = (10, 1)  # workers killed, plugs pulled
FIGURES = [FAST, pytest.param(200, 5, marks=pytest.mark.soak)]
World = Callable[..., subprocess.Popen[str]]


@contextmanager
def world(database_url: str, folder: Path) -> Iterator[World]:
    """Run the worker's words against a database of its own."""
    environment = os.environ | {"DATABASE_URL": database_url, "SPAREPARTS_VAR": str(folder)}

    def start(*words: str, **options: object) -> subprocess.Popen[str]:
        command = [sys.executable, *words]
        return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **options)

    assert start("-m", "tests.support.poster", "prepare").wait() == 0
    yield start


def work(start: World, seed: int, told: Path) -> subprocess.Popen[str]:
    with told.open("a") as file:
        return start("-m", "tests.support.poster", "work", str(seed), stdout=file, stderr=subprocess.DEVNULL)


def wait_for_work(told: Path, more_than: int) -> int:
    for _ in range(600):
        if told.exists() and (size := told.stat().st_size) > more_than:
            return size
        time.sleep(0.05)
    raise AssertionError("the workers do not work")


def check(start: World, told: Path) -> str:
    with told.open() as file:
        done = start("-m", "tests.support.poster", "check", stdin=file, stdout=subprocess.PIPE)
        said, _errors = done.communicate()
    assert done.returncode == 0, said
    return said


def kill_workers(start: World, folder: Path, kills: int) -> None:
    told = folder / "told"
    with told.open("w") as file:
        errors = subprocess.DEVNULL  # a worker whose neighbour died with the lock may complain on its way out
        done = start("-m", "tests.support.poster", "kill", str(kills), stdout=file, stderr=errors)
        assert done.wait() == 0
    assert told.stat().st_size > 37 * kills
    print(f"{kills} workers killed: {check(start, told).strip()}")


@pytest.mark.parametrize("kills", [FAST[0], pytest.param(200, marks=pytest.mark.soak)])
def test_killed_workers_leave_whole_documents_on_sqlite(kills: int, tmp_path: Path) -> None:
    """And the positive control: documents saved line by line would be torn."""
    with world(f"sqlite:///{tmp_path}/crash.sqlite3", tmp_path) as start:
        kill_workers(start, tmp_path, kills)
        assert start("-m", "tests.support.poster", "careless", "5", stdout=subprocess.DEVNULL).wait() == 0
        done = start("-m", "tests.support.poster", "check", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        said, _errors = done.communicate()
    assert (done.returncode, " 0 torn" in said) == (1, False)


@pytest.fixture
def cluster() -> Iterator[Postgres]:
    binaries = find_postgres()
    if binaries is None:
        pytest.skip("PostgreSQL's binaries are not on this machine")
    with throwaway_postgres(binaries) as server:
        yield server


@pytest.mark.postgres
@pytest.mark.parametrize(("kills", "pulls"), FIGURES)
def test_killed_workers_and_a_server_stopped_at_once(kills: int, pulls: int, cluster: Postgres, tmp_path: Path) -> None:
    """A throw-away server confirms before it has written, unless told; here it is told, as production is."""
    durable = "ALTER ROLE postgres SET synchronous_commit = on"
    subprocess.run([cluster.binaries / "psql", cluster.url, "-qc", durable], check=True)
    with world(cluster.url, tmp_path) as start:
        kill_workers(start, tmp_path, kills)
        told = tmp_path / "told"
        for pull in range(pulls):
            workers = [work(start, 10 * pull + seed, told) for seed in range(3)]
            wait_for_work(told, told.stat().st_size + 800)
            cluster.stop("immediate")
            for worker in workers:
                worker.wait(timeout=60)
            cluster.start()
            print(f"plug pulled: {check(start, told).strip()}")
