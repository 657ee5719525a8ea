"""Small, own, and complete: sizes, icons and what the style sheets may ask for."""

import gzip
import re
from pathlib import Path

import django_htmx
import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "static"
CSS_BUDGET, JS_BUDGET = 15_000, 25_000
PAGE_CSS = ["tokens.css", "base.css", "components.css", "pages.css"]


def packed(*files: Path) -> int:
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in files)


def scripts_of(template: str | Path) -> set[Path]:
    """The scripts that a template names itself, with what they import at once."""
    names = re.findall(r'"js/(\w+\.js)"', (ROOT / "templates" / template).read_text())
    found: set[Path] = set()
    while names:
        found.add(path := STATIC / "js" / names.pop())
        names += re.findall(r'^import .*"\./(\w+\.js)"', path.read_text(), re.MULTILINE)
    return found


def sprite() -> set[str]:
    return set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))


def sources() -> list[Path]:
    apps = [ROOT / "templates", ROOT / "config", ROOT / "inventory", ROOT / "workorders", ROOT / "spareparts"]
    return [path for app in apps for path in app.rglob("*") if path.suffix in {".html", ".py"}]


def icons_asked() -> dict[str, set[str]]:
    """Every icon named in a template tag, an include, a menu row or a badge, and the files that name it."""
    patterns = [
        r'\{%\s*icon "([^"]+)"',
        r'\bicon="([^"]+)"',
        r'"icon": "([^"]+)"',
        r'\{% badge [^%]*? "[a-z]+" "([^"]+)"',
    ]
    asked: dict[str, set[str]] = {}
    for path in sources():
        text = path.read_text(encoding="utf-8")
        for pattern in patterns:
            for name in re.findall(pattern, text):
                asked.setdefault(name, set()).add(path.name)
    return asked


class TestBudgets:
    def test_style_sheets_and_icons(self):
        assert packed(*(STATIC / "css" / name for name in PAGE_CSS), STATIC / "icons.svg") <= CSS_BUDGET

    def test_all_scripts_of_a_page_together(self):
        """The heaviest page is a form with a part picker and a script of its own."""
        htmx = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
        always = scripts_of("base.html") | scripts_of("components/part_picker.html")
        pages = [path for path in (ROOT / "templates").rglob("*.html") if "part_picker.html" in path.read_text()]
        heaviest = max((always | scripts_of(path) for path in pages), key=lambda found: packed(*found))
        assert {path.name for path in heaviest} >= {"app.js", "picker.js", "use.js", "lines.js"}
        assert packed(htmx, *heaviest) <= JS_BUDGET


class TestIcons:
    def test_every_icon_asked_for_exists(self):
        known = sprite()
        assert {name: files for name, files in icons_asked().items() if name not in known} == {}

    def test_the_search_does_find_icons(self):
        assert {"box", "alert-fill", "chevron-left"} <= set(icons_asked())

    def test_no_name_twice(self):
        names = re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text())
        assert sorted(names) == sorted(set(names))


class TestOwnHouse:
    @pytest.mark.parametrize("path", sorted((STATIC / "css").glob("*.css")), ids=lambda path: path.name)
    def test_a_style_sheet_loads_nothing_from_elsewhere(self, path: Path):
        assert re.findall(r"@import|url\(", path.read_text()) == []

    @pytest.mark.parametrize("path", sorted((STATIC / "js").glob("*.js")), ids=lambda path: path.name)
    def test_a_script_evaluates_nothing_and_calls_nobody(self, path: Path):
        text = path.read_text()
        assert re.findall(r"\beval\(|new Function|https?://|\.style\b|setAttribute\(.style", text) == []

    def test_a_colour_is_decided_in_one_place(self):
        """Only the tokens and the admin theme, which has other names for them, hold colour values."""
        for name in ["base.css", "components.css", "pages.css"]:
            found = re.findall(r"#[0-9a-f]{3,8}\b", (STATIC / "css" / name).read_text())
            assert set(found) <= {"#fff", "#f9fafb", "#1b2128"}, name

    def test_what_is_vendored_is_named(self):
        vendor = STATIC / "vendor"
        assert not vendor.exists() or (vendor / "VERSIONS").exists()
