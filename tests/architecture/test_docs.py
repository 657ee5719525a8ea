"""The documents lead somewhere and leave no setting out."""

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, relative

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)?(#[^)\s]+)?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
SETTING = re.compile(r"""(?:\benv\.\w+\(|environ\.get\()\s*["']([A-Z][A-Z_]+)["']""")
# Set by one process of ours for another, never by a person.
INTERNAL = {"SPAREPARTS_PARENT_PID", "DEBUG", "PORT", "DATABASE_URL", "WEB_ROLE_PASSWORD"}


def anchor(heading: str) -> str:
    return "#" + re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def broken(page: Path) -> list[str]:
    found = []
    for target, part in LINK.findall(page.read_text()):
        if "://" in target:
            continue
        other = (page.parent / target) if target else page
        if not other.exists():
            found.append(target)
        elif part and part not in {anchor(heading) for heading in HEADING.findall(other.read_text())}:
            found.append(target + part)
    return found


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_link_leads_somewhere(page: Path):
    assert broken(page) == []


def test_a_broken_link_would_be_found(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# One\n[a](missing.md) [b](#one) [c](#two) [d](page.md#one)\n")
    assert broken(page) == ["missing.md", "#two"]


def test_every_setting_is_explained():
    text = (ROOT / "docs" / "operations.md").read_text()
    read = {
        name
        for path in (ROOT / "config").rglob("*.py")
        for name in SETTING.findall(path.read_text())
        if name not in INTERNAL
    }
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL"} <= read
    assert sorted(name for name in read if f"`{name}`" not in text) == []


def test_the_changelog_knows_the_next_version():
    assert (ROOT / "CHANGELOG.md").read_text().splitlines()[4] == "## Unreleased"
