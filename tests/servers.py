"""Throw-away PostgreSQL and Redis servers for tests, started from binaries that are already on the machine.

Each has a port and a folder of its own and is gone afterwards; the machine's own servers are left alone.
As a command: ``python -m tests.servers COMMAND …`` runs the command with DATABASE_URL naming a new cluster.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Durability is off: only a power cut could lose a test database; a killed server loses nothing.
POSTGRES_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
}
UNPRIVILEGED = ("postgres", "nobody")


class ServerFailed(Exception):
    """The binaries are there and the server did not start; the text is its own."""


@dataclass(frozen=True)
class Postgres:
    """A running cluster; ``stop`` and ``start`` are for tests that pull the plug."""

    binaries: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = POSTGRES_OPTIONS | {"port": str(self.port), "unix_socket_directories": str(self.folder)}
        words = " ".join(f"-c {name}={value}" for name, value in options.items())
        self.control("start", "-w", "-t", "60", "-l", str(self.folder / "log"), "-o", words)

    def stop(self, how: str = "fast") -> None:
        self.control("stop", "-w", "-m", how)

    def control(self, *words: str) -> None:
        run_unprivileged([self.binaries / "pg_ctl", "-D", self.folder / "data", *words], self.folder)


def find_postgres() -> Path | None:
    """The folder of the newest PostgreSQL binaries on this machine."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    on_path = shutil.which("pg_ctl")
    if on_path:
        folders.insert(0, Path(on_path).resolve().parent)
    complete = [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]
    return complete[-1] if complete else None


def find_redis() -> str | None:
    return shutil.which("redis-server")


@contextmanager
def throwaway_postgres(binaries: Path) -> Iterator[Postgres]:
    with temporary_folder("spareparts-pg-") as folder:
        server = Postgres(binaries=binaries, folder=folder, port=free_port())
        command = [binaries / "initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust"]
        run_unprivileged([*command, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"], folder)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")


@contextmanager
def throwaway_redis(binary: str) -> Iterator[str]:
    """A Redis server with an append-only file, as production has it; gives its URL."""
    with temporary_folder("spareparts-redis-") as folder:
        port = free_port()
        command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
        command += ["--appendonly", "yes", "--save", "", "--logfile", str(folder / "log")]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **identity())
        try:
            wait_for_port(port, server)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.kill()
            server.wait()


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    person = unprivileged_person()
    if person:
        os.chown(folder, person.pw_uid, person.pw_gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unprivileged_person() -> pwd.struct_passwd | None:
    """Whom a server runs as when we are root: initdb refuses root, and a server does not need it."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next((known[name] for name in UNPRIVILEGED if name in known), None)


def identity() -> dict[str, object]:
    person = unprivileged_person()
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []} if person else {}


def run_unprivileged(command: list[str | Path], folder: Path) -> None:
    """Run to its end; output goes to a file, since a server started here would keep a pipe open for ever."""
    name = Path(command[0]).name
    with (folder / "output").open("w+") as output:
        to_file = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
        try:
            done = subprocess.run(command, cwd=folder, check=False, **to_file, **identity())
        except OSError as error:
            raise ServerFailed(f"{name}: {error.strerror}") from error
        output.seek(0)
        if done.returncode:
            raise ServerFailed(f"{name}: {output.read().strip()[-400:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port: int, server: subprocess.Popen) -> None:
    for _ in range(200):
        if server.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise ServerFailed("redis-server did not start")


def clean_up_when_ended() -> None:
    """Let SIGTERM unwind the context managers instead of leaving servers behind."""
    signal.signal(signal.SIGTERM, lambda signum, frame: sys.exit(143))


def main(command: list[str]) -> int:
    clean_up_when_ended()
    binaries = find_postgres()
    if binaries is None:
        print("PostgreSQL is not on this machine.", file=sys.stderr)
        return 1
    with throwaway_postgres(binaries) as server:
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": server.url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
