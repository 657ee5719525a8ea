"""A stranger's first command: each thing that can be missing is said in one sentence."""

import ast
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import manage
from config import bootstrap

ROOT = Path(manage.__file__).resolve().parent


def run_python(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


class TestOldPython:
    def test_is_refused_in_one_sentence_by_every_command(self):
        program = "import sys; sys.version_info = (3, 8, 10); import manage; sys.exit(manage.main(['', 'demo']))"
        done = run_python(program)
        assert done.returncode == 1
        assert done.stderr == (
            "Spareparts needs Python 3.11 or newer, and this is Python 3.8. "
            "Run the same command with a newer one, for example python3.11 manage.py demo.\n"
        )

    def test_reads_the_file_without_a_syntax_error(self):
        source = Path(manage.__file__).read_text()
        tree = ast.parse(source, feature_version=(3, 4))
        newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match, ast.AsyncFunctionDef)
        assert [node for node in ast.walk(tree) if isinstance(node, newer)] == []
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        assert [node.name for node in functions if node.returns] == []

    def test_the_oldest_allowed_is_not_refused(self):
        assert manage.refuse_old_python((3, 11, 0)) is None
        assert manage.refuse_old_python((4, 0, 0)) is None


class TestWithoutDjango:
    def test_other_commands_say_how_to_get_it(self):
        program = (
            "import sys; sys.modules['django'] = None; import manage; sys.exit(manage.main(['manage.py', 'migrate']))"
        )
        done = run_python(program)
        assert done.returncode == 1
        assert done.stderr == (
            "Django is not installed for this Python. Run python3 manage.py demo once, "
            "then use .venv/bin/python manage.py.\n"
        )


class TestVirtualEnvironment:
    def test_nothing_is_made_inside_one(self, monkeypatch: pytest.MonkeyPatch):
        def forbidden(*args: object) -> None:
            raise AssertionError("an environment was made inside an environment")

        monkeypatch.setattr(bootstrap, "complete_environment", forbidden)
        monkeypatch.setattr(bootstrap, "in_virtual_environment", lambda: True)
        bootstrap.prepare(["manage.py", "test"])

    @pytest.mark.parametrize("command", ["demo", "test"])
    def test_each_command_has_its_lock_and_goes_on_inside(
        self, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ):
        done: list[object] = []
        monkeypatch.setattr(bootstrap, "in_virtual_environment", lambda: False)
        monkeypatch.setattr(bootstrap, "prepare_demo", lambda arguments: None)
        monkeypatch.setattr(bootstrap, "complete_environment", lambda folder, lock: done.append(lock.name))
        monkeypatch.setattr(bootstrap, "restart_inside", lambda folder, argv: done.append(argv))
        argv = ["manage.py", command, "-x"]
        bootstrap.prepare(argv)
        assert done == [bootstrap.LOCKS[command], argv]

    def test_a_missing_venv_module_names_the_package(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
        monkeypatch.setattr(bootstrap, "missing_modules", lambda: ["ensurepip"])
        with pytest.raises(bootstrap.Refused) as refused:
            bootstrap.make_environment(tmp_path / ".venv")
        assert str(refused.value) == (
            "This Python has no ensurepip module. On Debian or Ubuntu: sudo apt install python3-venv. "
            "Then run the same command again."
        )
        assert not (tmp_path / ".venv").exists()

    def test_this_python_misses_nothing(self):
        assert bootstrap.missing_modules() == []

    @pytest.mark.parametrize(("wanted", "place"), [("1", ".venv/compiled"), (None, None)])
    def test_compiled_files_nobody_wants_beside_the_sources_go_inside(
        self, wanted: str | None, place: str | None, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(os, "environ", {"PYTHONDONTWRITEBYTECODE": wanted} if wanted else {})
        bootstrap.keep_compiled_files(Path(".venv"))
        assert os.environ == ({"PYTHONPYCACHEPREFIX": place} if place else {})


class TestStamps:
    """One stamp per lock: a shared one would install again at every change of command."""

    @pytest.fixture
    def installed(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        names: list[str] = []
        monkeypatch.setattr(bootstrap, "is_usable", lambda folder: True)
        monkeypatch.setattr(bootstrap, "install", lambda folder, lock: names.append(lock.name))
        return names

    def test_a_lock_is_installed_once_until_it_changes(self, tmp_path: Path, installed: list[str]):
        run, dev = tmp_path / "run.lock", tmp_path / "dev.lock"
        run.write_text("a==1\n")
        dev.write_text("b==1\n")
        for lock in (run, dev, run, dev):
            bootstrap.complete_environment(tmp_path, lock)
        assert installed == ["run.lock", "dev.lock"]
        run.write_text("a==2\n")
        for lock in (run, dev):
            bootstrap.complete_environment(tmp_path, lock)
        assert installed == ["run.lock", "dev.lock", "run.lock"]

    def test_a_failed_install_leaves_no_stamp(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        lock = tmp_path / "run.lock"
        lock.write_text("a==1\n")
        monkeypatch.setattr(bootstrap, "is_usable", lambda folder: True)

        def fail(folder: Path, lock: Path) -> None:
            raise bootstrap.Refused("no")

        monkeypatch.setattr(bootstrap, "install", fail)
        with pytest.raises(bootstrap.Refused):
            bootstrap.complete_environment(tmp_path, lock)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["run.lock"]

    def test_an_unwritable_project_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        lock = tmp_path / "run.lock"
        lock.write_text("a==1\n")
        in_the_way = tmp_path / "file"
        in_the_way.touch()
        with pytest.raises(bootstrap.Refused, match="cannot be written"):
            bootstrap.complete_environment(in_the_way / ".venv", lock)

    def test_a_folder_that_only_looks_like_an_environment_is_not_usable(self, tmp_path: Path):
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "python").write_text("#!/bin/false\n")
        assert bootstrap.is_usable(tmp_path) is False


class TestInstall:
    @pytest.mark.parametrize(
        ("output", "sentence"),
        [
            (
                "WARNING: Retrying: Failed to connect: Temporary failure in name resolution",
                "The packages could not be fetched: no connection to the package index. "
                "Check the network, then run the same command again.",
            ),
            ("OSError: No space left on device", "The packages could not be installed: the disk is full."),
            (
                "noise\nERROR: THE HASHES DIFFER",
                "The packages could not be installed. pip says: ERROR: THE HASHES DIFFER",
            ),
            ("", "The packages could not be installed. pip says: "),
        ],
    )
    def test_its_failure_is_said_in_a_sentence(self, output: str, sentence: str):
        assert bootstrap.install_refusal(output) == sentence

    def test_without_a_network_the_real_pip_is_understood(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        monkeypatch.setenv("PIP_RETRIES", "0")
        lock = tmp_path / "requirements.lock"
        lock.write_text("no-such-package==1 --hash=sha256:" + "0" * 64 + "\n")
        with pytest.raises(bootstrap.Refused) as refused:
            bootstrap.install(Path(sys.prefix), lock)
        assert "no connection to the package index" in str(refused.value)


class TestAddress:
    @pytest.mark.parametrize(
        ("words", "address"),
        [
            ([], ("127.0.0.1", 8000)),
            (["9000"], ("127.0.0.1", 9000)),
            (["0.0.0.0:8001"], ("0.0.0.0", 8001)),
            (["[::1]:8002"], ("::1", 8002)),
            (["--fresh", "127.0.0.1:8003", "--mode", "simple"], ("127.0.0.1", 8003)),
        ],
    )
    def test_is_read(self, words: list[str], address: tuple[str, int]):
        assert bootstrap.parse_address(words) == address

    @pytest.mark.parametrize("word", ["127.0.0.1:", "127.0.0.1:x", "127.0.0.1:0", "70000"])
    def test_nonsense_is_refused(self, word: str):
        with pytest.raises(bootstrap.Refused, match="is not an address"):
            bootstrap.parse_address([word])


def serve_nothing() -> tuple[socket.socket, int]:
    taken = socket.socket(socket.AF_INET)
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    return taken, taken.getsockname()[1]


class TestDemoStart:
    def demo(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {key: value for key, value in os.environ.items() if key not in ("SPAREPARTS_ENV", "DATABASE_URL")}
        return subprocess.run(
            [sys.executable, "manage.py", "demo", *words],
            cwd=ROOT,
            env=clean | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def test_a_port_in_use_is_said_before_anything_is_made(self, tmp_path: Path):
        taken, port = serve_nothing()
        with taken:
            done = self.demo(f"127.0.0.1:{port}", SPAREPARTS_VAR=str(tmp_path / "var"))
        assert done.returncode == 1
        other = f"python3 manage.py demo 127.0.0.1:{port + 1}"
        assert done.stderr == f"Port {port} is in use by another program. Choose another one: {other}\n"
        assert list((tmp_path / "var").iterdir()) == []

    def test_an_unwritable_data_folder_is_said(self, tmp_path: Path):
        in_the_way = tmp_path / "file"
        in_the_way.touch()
        done = self.demo(SPAREPARTS_VAR=str(in_the_way / "var"))
        assert done.returncode == 1
        assert done.stderr == (
            f"The demo keeps its data in {in_the_way}/var, which cannot be written (Not a directory). "
            "Set SPAREPARTS_VAR to a folder of yours.\n"
        )

    def test_production_settings_are_refused(self, tmp_path: Path):
        done = self.demo(SPAREPARTS_ENV="production", SPAREPARTS_VAR=str(tmp_path))
        assert done.returncode == 1
        assert done.stderr == (
            "The demo does not run with SPAREPARTS_ENV=production: it signs people in without a password. "
            "Unset SPAREPARTS_ENV first.\n"
        )
        assert list(tmp_path.iterdir()) == []

    def test_a_port_below_1024_is_explained(self):
        error = PermissionError(13, "Permission denied")
        assert bootstrap.port_refusal("127.0.0.1", 80, error) == (
            "Port 80 needs more rights than you have. Choose one above 1023, for example 8000."
        )

    def test_an_address_of_another_machine_is_refused(self):
        with pytest.raises(bootstrap.Refused, match=r"cannot serve on 192\.0\.2\.1:8000"):
            bootstrap.check_port("192.0.2.1", 8000)
