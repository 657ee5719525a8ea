"""The test command itself: what it runs twice, what it adds up, and when it fails."""

from collections import Counter
from pathlib import Path

import pytest

from tests import run, servers


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-x", "tests/setup"], ("not soak", ["-x", "tests/setup"])),
        (["-m", "soak", "-x"], ("soak", ["-x"])),
        (["-m"], ("not soak", [])),
    ],
)
def test_the_persons_marks_are_taken_out(arguments, expected):
    assert run.take_marks(arguments) == expected


@pytest.mark.parametrize(
    ("codes", "code"),
    [([0, 0], 0), ([0, 5], 0), ([5, 5], 5), ([1, 0], 1), ([0, 1], 1), ([0, 2], 2), ([-15, 0], 1)],
)
def test_the_worst_part_decides(codes, code):
    assert run.finish([(one, Counter()) for one in codes], 0.0, note="") == code


def test_the_parts_are_added_up_in_one_line(capsys):
    parts = [(0, Counter(passed=7, skipped=2)), (1, Counter(passed=3, failed=1))]
    run.finish(parts, run.time.monotonic(), note="A note.")
    assert capsys.readouterr().out == "\nA note.\n\n1 failed, 10 passed, 2 skipped in 0.00s\n"


def test_missing_postgres_tests_fail_a_build_and_not_a_person(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    assert run.finish([(0, Counter(passed=1))], 0.0, note="x", incomplete=True) == 0
    monkeypatch.setenv("CI", "true")
    assert run.finish([(0, Counter(passed=1))], 0.0, note="x", incomplete=True) == 1


@pytest.mark.skipif(servers.find_postgres() is None, reason="no PostgreSQL binaries on this machine")
def test_a_throwaway_server_leaves_nothing_behind():
    import psycopg

    with servers.throwaway_postgres(servers.find_postgres()) as server:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        server.stop("immediate")
        server.start()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("select 2").fetchone() == (2,)
        folder = server.folder
    assert not folder.exists()


def test_a_server_that_cannot_start_is_said():
    with servers.temporary_folder("spareparts-broken-") as binaries:
        broken = binaries / "initdb"
        broken.write_text("#!/bin/sh\necho broken disk\nexit 1\n")
        broken.chmod(0o755)
        with (
            pytest.raises(servers.ServerFailed, match="initdb: broken disk"),
            servers.throwaway_postgres(binaries),
        ):
            pytest.fail("it started")


def test_binaries_that_cannot_be_run_are_said():
    with (
        pytest.raises(servers.ServerFailed, match="initdb: No such file"),
        servers.throwaway_postgres(Path("/nowhere")),
    ):
        pytest.fail("it started")
