"""From a bare Python to a process that can import Django; standard library only.

For ``demo`` and ``test``, outside a virtual environment: make ``.venv``, fill it from the hash lock, and
start the same command again inside it. Inside a virtual environment nothing is installed or changed.
"""

import contextlib
import errno
import hashlib
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {"demo": "requirements.lock", "test": "requirements-dev.lock"}
DEFAULT_ADDRESS = ("127.0.0.1", 8000)
NO_NETWORK = (
    "NewConnectionError",
    "name resolution",
    "ConnectTimeout",
    "ProxyError",
    "Network is unreachable",
)


class Refused(Exception):
    """The start is refused; the text is one sentence for the person at the keyboard."""


def prepare(argv: Sequence[str]) -> None:
    """Check the start of ``demo`` or ``test``, then go on inside a complete virtual environment.

    Returns when this process is already inside one, otherwise replaces the process.
    Raises Refused for a busy port, an unwritable folder, a Python without venv, and a failed install.
    """
    command = argv[1]
    if command == "demo":
        prepare_demo(argv[2:])
    if not in_virtual_environment():
        environment = ROOT / ".venv"
        complete_environment(environment, ROOT / LOCKS[command])
        restart_inside(environment, argv)


def prepare_demo(arguments: Sequence[str]) -> None:
    """Make this process a demo: refuse production settings, a busy port and an unwritable data folder."""
    chosen = os.environ.setdefault("SPAREPARTS_ENV", "demo")
    if chosen != "demo":
        raise Refused(
            f"The demo does not run with SPAREPARTS_ENV={chosen}: it signs people in without a password. "
            "Unset SPAREPARTS_ENV first."
        )
    if "--help" in arguments or "-h" in arguments:
        return
    check_writable(Path(os.environ.get("SPAREPARTS_VAR", ROOT / "var")))
    check_port(*parse_address(arguments))


def in_virtual_environment() -> bool:
    return sys.prefix != sys.base_prefix


# --- Address ---------------------------------------------------------------------------------------------
def parse_address(arguments: Sequence[str]) -> tuple[str, int]:
    """The ADDR:PORT among the arguments of ``demo``, or the default; a bare port is enough."""
    text = next((word for word in arguments if is_address(word)), None)
    if text is None:
        return DEFAULT_ADDRESS
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise Refused(f"“{text}” is not an address. Write it like 127.0.0.1:8000 or 0.0.0.0:8000.")
    return host.strip("[]") or DEFAULT_ADDRESS[0], int(port)


def is_address(word: str) -> bool:
    return not word.startswith("-") and (":" in word or word.isdecimal())


def check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":  # as the server will do: a port whose connections only linger is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(port_refusal(host, port, error)) from error


def port_refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        other = f"python3 manage.py demo {host}:{port + 1}"
        return f"Port {port} is in use by another program. Choose another one: {other}"
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than you have. Choose one above 1023, for example 8000."
    return f"This machine cannot serve on {host}:{port} ({error.strerror or error})."


# --- Folders ---------------------------------------------------------------------------------------------
def check_writable(folder: Path) -> None:
    """Make the folder if it is missing, and prove that a file can be made in it."""
    trial = folder / f".write-test-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise Refused(
            f"The demo keeps its data in {folder}, which cannot be written ({error.strerror}). "
            "Set SPAREPARTS_VAR to a folder of yours."
        ) from error


# --- Virtual environment ---------------------------------------------------------------------------------
def environment_python(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def complete_environment(environment: Path, lock: Path) -> None:
    """Bring the environment to what the lock says; one stamp per lock tells whether that was done."""
    stamp = environment / f"{lock.name}.sha256"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    usable = is_usable(environment)
    if usable and stamp.is_file() and stamp.read_text().strip() == wanted:
        return
    try:
        if not usable:
            make_environment(environment)
        install(environment, lock)
        stamp.write_text(wanted + "\n")
    except OSError as error:
        raise Refused(
            f"{environment} cannot be written ({error.strerror}). Copy the project to a folder of yours."
        ) from error


def is_usable(environment: Path) -> bool:
    """Whether its Python still starts, is new enough, and has pip (a copied or half-made one fails here)."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        done = subprocess.run(
            [environment_python(environment), "-c", check], capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def missing_modules() -> list[str]:
    return [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]


def make_environment(environment: Path) -> None:
    missing = missing_modules()
    if missing:
        raise Refused(
            f"This Python has no {missing[0]} module. On Debian or Ubuntu: sudo apt install python3-venv. "
            "Then run the same command again."
        )
    say(f"Making a virtual environment in {environment.name}/")
    import venv

    try:
        venv.create(environment, clear=environment.exists(), with_pip=True, symlinks=os.name != "nt")
    except subprocess.CalledProcessError as error:
        shutil.rmtree(environment, ignore_errors=True)
        raise Refused("The virtual environment could not be made: Python's own ensurepip failed.") from error


def install(environment: Path, lock: Path) -> None:
    """Install exactly what the lock lists; every archive is checked against its hash."""
    packages = sum("==" in line for line in lock.read_text().splitlines() if not line.startswith((" ", "#")))
    say(f"Installing {packages} packages from {lock.name} (once; about half a minute)")
    command = [str(environment_python(environment)), "-m", "pip", "install", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--retries", "2", "--require-hashes", "--no-deps"]
    # Compiling every file of every package costs more than the first start saves.
    command += ["--no-compile", "--requirement", str(lock)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Refused(install_refusal(done.stderr))


def install_refusal(output: str) -> str:
    if any(sign in output for sign in NO_NETWORK):
        return (
            "The packages could not be fetched: no connection to the package index. "
            "Check the network, then run the same command again."
        )
    if "No space left" in output:
        return "The packages could not be installed: the disk is full."
    errors = [line for line in output.splitlines() if line.startswith("ERROR")] or output.splitlines()[-1:]
    return "The packages could not be installed. pip says: " + " ".join(errors)[:600]


def restart_inside(environment: Path, argv: Sequence[str]) -> NoReturn:
    python = str(environment_python(environment))
    command = [python, str(ROOT / "manage.py"), *argv[1:]]
    keep_compiled_files(environment)
    sys.stdout.flush()
    if os.name == "nt":  # there, exec returns to the shell before the new process has ended
        with contextlib.suppress(KeyboardInterrupt):
            sys.exit(subprocess.call(command))
        sys.exit(130)
    os.execv(python, command)


def keep_compiled_files(environment: Path) -> None:
    """A person may want none beside the sources; then they go into the environment, since a start without them
    compiles two thousand files and takes four times as long.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(environment / "compiled"))


def say(text: str) -> None:
    print(text, flush=True)
