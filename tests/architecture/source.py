"""The files of the project, as the architecture tests read them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "inventory", "workorders", "spareparts")
OUTSIDE = {"var", "staticfiles", "__pycache__"}  # and hidden folders, but for .ci


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files(*folders: str, migrations: bool = False) -> Iterator[Path]:
    """The Python files under the folders, by default the product's own code."""
    for folder in folders or APPS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if migrations or "migrations" not in path.parts:
                yield path
    if not folders:
        yield from sorted(ROOT.glob("*.py"))


def templates(folder: str = "templates", suffix: str = ".html") -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob(f"*{suffix}"))


def all_files() -> Iterator[Path]:
    """Every file that may be committed."""
    for path in sorted(ROOT.rglob("*")):
        folders = path.relative_to(ROOT).parts[:-1]
        hidden = any(name.startswith(".") and name != ".ci" for name in folders)
        if path.is_file() and not hidden and not OUTSIDE.intersection(folders) and path.name != ".coverage":
            yield path


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
