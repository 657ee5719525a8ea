"""The two hash locks fit pyproject.toml and each other."""

import re
import tomllib
from importlib.metadata import distributions

import pytest

from tests.architecture.source import ROOT

RUN, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> dict[str, str]:
    return {normal(name): version for name, version in PIN.findall((ROOT / lock).read_text())}


def declared(extra: str = "") -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {normal(re.split(r"[\[<>=!~; ]", line)[0]) for line in lines}


def test_every_declared_package_is_locked():
    assert declared() - pins(RUN).keys() == set()
    assert (declared() | declared("dev")) - pins(DEVELOPMENT).keys() == set()


def test_the_development_lock_holds_the_same_versions():
    development = pins(DEVELOPMENT)
    assert {name: version for name, version in pins(RUN).items() if development.get(name) != version} == {}


@pytest.mark.parametrize("lock", [RUN, DEVELOPMENT])
def test_every_pin_has_a_hash(lock: str):
    text = (ROOT / lock).read_text()
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert len(entries) == len(pins(lock))


def test_what_is_installed_is_what_is_locked():
    """A test run proves the locked versions, not whatever lay around."""
    locked = pins(DEVELOPMENT)
    installed = {normal(each.metadata["Name"]): each.version for each in distributions()}
    assert {name: installed[name] for name in locked if installed.get(name, locked[name]) != locked[name]} == {}
