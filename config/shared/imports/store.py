"""What an import keeps between its pages: the file and its state in a private folder, the progress in the cache."""

import json
import os
import shutil
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache

from config.shared.imports.files import Sheet, read_sheet
from config.shared.imports.runs import Report

KEPT_SECONDS = 24 * 60 * 60
RUNNING_SECONDS = 15 * 60
MOST_KEPT = 20  # uploads of one person; each may be as large as the limit, so they have an end


def folder() -> Path:
    return Path(settings.VAR_DIR) / "imports"


@dataclass
class Upload:
    """One uploaded file of one person; others do not see it."""

    token: uuid.UUID
    kind: str
    user_id: int
    name: str

    @property
    def path(self) -> Path:
        return folder() / self.token.hex

    def sheet(self) -> Sheet:
        return read_sheet((self.path / "data").read_bytes(), self.name)

    # --- mapping and report, as JSON beside the file ---------------------------------------------------
    def save_mapping(self, mapping: dict[int, str]) -> None:
        self._write("mapping", {str(at): name for at, name in mapping.items()})

    def mapping(self) -> dict[int, str] | None:
        saved = self._read("mapping")
        return None if saved is None else {int(at): name for at, name in saved.items()}

    def save_report(self, report: Report) -> None:
        self._write("report", report.to_json())

    def report(self) -> Report | None:
        saved = self._read("report")
        return None if saved is None else Report.from_json(saved)

    def _write(self, what: str, content: Any) -> None:
        part = self.path / f"{what}.part"
        part.write_text(json.dumps(content))
        part.replace(self.path / f"{what}.json")

    def _read(self, what: str) -> Any:
        try:
            return json.loads((self.path / f"{what}.json").read_text())
        except FileNotFoundError:
            return None

    # --- one run at a time -----------------------------------------------------------------------------
    def claim(self) -> bool:
        """Start the run; False while another request runs it, or when the file is gone.

        A run that died is forgotten after a while.
        """
        lock = self.path / "running"
        try:
            if time.time() - lock.stat().st_mtime > RUNNING_SECONDS:
                lock.unlink(missing_ok=True)
        except FileNotFoundError:
            pass
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except (FileExistsError, FileNotFoundError):
            return False
        return True

    @property
    def is_gone(self) -> bool:
        return not self.path.exists()

    def release(self) -> None:
        (self.path / "running").unlink(missing_ok=True)

    def remove(self) -> None:
        """All at once: nobody finds half of it."""
        going = self.path.with_name(f"{self.token.hex}.gone")
        with suppress(FileNotFoundError):
            self.path.rename(going)
        shutil.rmtree(going, ignore_errors=True)

    # --- progress ----------------------------------------------------------------------------------------
    def set_progress(self, done: int, total: int) -> None:
        cache.set(self._progress_key, (done, total), RUNNING_SECONDS)

    def progress(self) -> tuple[int, int]:
        done, total = cache.get(self._progress_key) or (0, 0)
        return int(done), int(total)

    @property
    def _progress_key(self) -> str:
        return f"import-progress-{self.token.hex}"


def keep(kind: str, user_id: int, name: str, data: bytes) -> Upload:
    """Store the file where no web server looks, readable by this process alone; older ones are cleared away."""
    forget_old()
    _make_room(user_id)
    upload = Upload(uuid.uuid4(), kind, user_id, name[-100:])
    upload.path.mkdir(parents=True, mode=0o700)
    (upload.path / "data").write_bytes(data)
    upload._write("upload", {"kind": kind, "user_id": user_id, "name": upload.name})
    return upload


def find(token: uuid.UUID, *, kind: str, user_id: int) -> Upload | None:
    """The person's own upload of this kind, if it is still there."""
    path = folder() / token.hex / "upload.json"
    try:
        saved = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    if saved["kind"] != kind or saved["user_id"] != user_id:
        return None
    return Upload(token, **saved)


def _make_room(user_id: int) -> None:
    """Remove the person's oldest uploads that are not being imported, so that one more is within MOST_KEPT."""
    if not folder().exists():
        return
    own: list[tuple[float, Path]] = []
    for path in folder().iterdir():
        try:
            saved = json.loads((path / "upload.json").read_text())
            if saved["user_id"] == user_id and not (path / "running").exists():
                own.append((path.stat().st_mtime, path))
        except (FileNotFoundError, NotADirectoryError):  # another request is making or removing it
            continue
    for _made, path in sorted(own)[: max(0, len(own) - MOST_KEPT + 1)]:
        shutil.rmtree(path, ignore_errors=True)


def forget_old() -> None:
    """Remove uploads that nobody finished within a day."""
    if not folder().exists():
        return
    limit = time.time() - KEPT_SECONDS
    for path in folder().iterdir():
        try:
            is_old = path.stat().st_mtime < limit
        except FileNotFoundError:  # another request was faster
            continue
        if is_old:
            shutil.rmtree(path, ignore_errors=True)
