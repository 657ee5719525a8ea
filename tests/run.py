"""``python3 manage.py test``: pytest on SQLite, the browser, then what needs PostgreSQL on a throw-away server.

Without PostgreSQL on the machine the second part is skipped, and the last lines say so. With DATABASE_URL
given, everything runs once, there. Arguments go to pytest; ``-m`` is combined with the split. Tests run one at a time:
some measure what a machine does in a second (killed workers, races), and neighbours would take that second away.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.servers import ServerFailed, clean_up_when_ended, find_postgres, throwaway_postgres

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_MARKS = "not soak"
NOTHING_COLLECTED = 5
ORDER = ("failed", "passed", "skipped", "xfailed", "xpassed", "error")
Part = tuple[int, Counter[str]]  # exit code and counts


def main(arguments: list[str]) -> int:
    clean_up_when_ended()
    marks, arguments = take_marks(arguments)
    started = time.monotonic()
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        return finish(run_parts(marks, arguments), started, note="")
    binaries = find_postgres()
    if binaries is None:
        parts = run_parts(marks, arguments)
        return finish(parts, started, note="PostgreSQL is not on this machine: its tests were skipped.")
    parts = run_parts(f"({marks}) and not postgres", arguments)
    print("\nPostgreSQL tests, on a throw-away server\n", flush=True)
    try:
        with throwaway_postgres(binaries) as server:
            parts.append(run_pytest(f"({marks}) and (postgres or both_engines)", arguments, DATABASE_URL=server.url))
    except ServerFailed as failure:
        return finish(parts, started, note=f"PostgreSQL tests were skipped: {failure}", incomplete=True)
    return finish(parts, started, note="")


def take_marks(arguments: list[str]) -> tuple[str, list[str]]:
    """The person's own ``-m EXPRESSION`` and the other arguments."""
    if "-m" not in arguments:
        return DEFAULT_MARKS, arguments
    at = arguments.index("-m")
    return " ".join(arguments[at + 1 : at + 2]) or DEFAULT_MARKS, arguments[:at] + arguments[at + 2 :]


def run_parts(marks: str, arguments: list[str]) -> list[Part]:
    """The browser's tests share one browser and one company, so they have a process of their own, in their order."""
    others = run_pytest(f"({marks}) and not browser", arguments)
    print("\nBrowser tests\n", flush=True)
    return [others, run_pytest(f"({marks}) and browser", arguments)]


def run_pytest(marks: str, arguments: list[str], **environment: str) -> Part:
    """Run one part; tests/conftest.py writes the counts where TEST_COUNTS says."""
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts.json"
        command = [sys.executable, "-m", "pytest", *arguments, "-m", marks]
        added = environment | {"TEST_COUNTS": str(counts)}
        code = subprocess.run(command, cwd=ROOT, env=os.environ | added, check=False).returncode
        found = json.loads(counts.read_text()) if counts.is_file() else {"error": 1}
    if code < 0:
        print(f"\nThis part was ended by signal {-code}.", flush=True)
    return code, Counter(found)


def finish(parts: list[Part], started: float, *, note: str, incomplete: bool = False) -> int:
    """One closing line over all parts, in pytest's words, and the exit code of the worst part."""
    total = sum((counts for _, counts in parts), Counter())
    said = ", ".join(f"{total[word]} {word}" for word in ORDER if total[word]) or "no tests ran"
    if note:
        print(f"\n{note}")
    print(f"\n{said} in {time.monotonic() - started:.2f}s", flush=True)
    # A part that was killed has a negative code, and no counts: that is a failure like any other.
    codes = [code if code >= 0 else 1 for code, _ in parts if code != NOTHING_COLLECTED]
    if incomplete and os.environ.get("CI"):
        codes.append(1)  # a build promises these tests; a person's machine may be without them
    return max(codes, default=NOTHING_COLLECTED)
