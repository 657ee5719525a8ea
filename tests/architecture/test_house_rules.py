"""Rules that a reader would otherwise have to remember. Each has a planted case that it must find."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, all_files, functions, python_files, relative, templates

FILE_LINES, FUNCTION_LINES, TEMPLATE_LINES = 400, 40, 120

# The mode is asked in the policy table, where it is chosen and where it is stored; nowhere else.
MODE_MAY_BE_NAMED = {
    "spareparts/enums/base.py",
    "spareparts/policies.py",
    "spareparts/models/settings.py",
    "spareparts/domain/modes.py",
}
# Two stored modes may be compared ("has it changed?"); which one it is may not be asked.
MODE_QUESTION = re.compile(
    r"""\bmode\s*(?:==|!=|is|is\s+not|in|not\s+in)\s*["'({\[]|\bMode\.[A-Z]+|\bmatch\s+\S*mode\b"""
)

INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script in the page": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "an on… attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b"),
    "a javascript address": re.compile(r"""["']javascript:""", re.IGNORECASE),
    "a file of a third party": re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE),
}
INDEX_OPTION = re.compile(r"--(?:extra-)?index-url\b|--find-links\b|--trusted-host\b")
ADDRESS = re.compile(r"\b[a-z]+://(?!127\.0\.0\.1|localhost|\[::1\]|\$|\{)[\w.-]+\.[a-z]{2,}", re.IGNORECASE)


def mode_questions(text: str) -> list[str]:
    lines = (line.split("#")[0] for line in text.splitlines())
    return [line.strip() for line in lines if MODE_QUESTION.search(line)]


def inline_parts(text: str) -> list[str]:
    return [name for name, pattern in INLINE.items() if pattern.search(text)]


class TestSize:
    def test_a_file_fits_a_head(self):
        long = {relative(path): len(path.read_text().splitlines()) for path in python_files()}
        assert {name: lines for name, lines in long.items() if lines > FILE_LINES} == {}

    def test_a_function_fits_a_screen(self):
        long = [
            f"{relative(path)}:{node.lineno} {node.name}: {length(node)} lines"
            for path in python_files()
            for node in functions(path)
            if length(node) > FUNCTION_LINES
        ]
        assert long == []

    def test_a_template_fits_a_screen_or_two(self):
        long = {relative(path): len(path.read_text().splitlines()) for path in templates()}
        assert {name: lines for name, lines in long.items() if lines > TEMPLATE_LINES} == {}


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


class TestMode:
    def test_only_the_policy_table_asks_the_mode(self):
        found = {
            relative(path): mode_questions(path.read_text())
            for path in python_files("config", "inventory", "workorders", "spareparts")
            if relative(path) not in MODE_MAY_BE_NAMED and "/demo/" not in relative(path)
        }
        assert {name: lines for name, lines in found.items() if lines} == {}

    def test_no_template_asks_the_mode(self):
        asked = re.compile(r"\{%\s*(?:el)?if[^%]*\bmode\b\s*(?:==|!=|in\b|is\b)")
        assert [relative(path) for path in templates() if asked.search(path.read_text())] == []

    @pytest.mark.parametrize(
        "planted",
        ["if settings.mode == 'simple':", "return mode in {1}", "x = Mode.SIMPLE", "match row.mode:"],
    )
    def test_a_planted_question_would_be_found(self, planted: str):
        assert mode_questions(planted) == [planted]


class TestPages:
    def test_nothing_stands_inline(self):
        pages = [path for path in templates() if "emails" not in path.parts]
        assert {
            relative(path): inline_parts(path.read_text()) for path in pages if inline_parts(path.read_text())
        } == {}

    @pytest.mark.parametrize(
        ("planted", "found"),
        [
            ('<p style="color: red">', "a style attribute"),
            ("<style>", "a style element"),
            ("<script>go()</script>", "a script in the page"),
            ('<a onclick="go()">', "an on… attribute"),
            ('<a hx-on:click="go()">', "hx-on"),
            ('<a href="javascript:go()">', "a javascript address"),
            ('<script src="//cdn.example/x.js"></script>', "a file of a third party"),
        ],
    )
    def test_a_planted_inline_part_would_be_found(self, planted: str, found: str):
        assert found in inline_parts(planted)

    @pytest.mark.parametrize("innocent", ['<script src="/x.js" type="module"></script>', '<p data-on="1">'])
    def test_an_innocent_page_is_left_alone(self, innocent: str):
        assert inline_parts(innocent) == []


class TestCode:
    def test_functions_are_typed(self):
        """mypy reads only what is typed; the strict modules are listed in pyproject.toml."""
        bare = [
            f"{relative(path)}:{node.lineno} {node.name}"
            for path in python_files("config", "inventory", "workorders", "spareparts")
            for node in functions(path)
            if node.returns is None
        ]
        assert bare == []

    def test_migrations_are_named(self):
        names = [relative(path) for path in python_files(migrations=True) if "_auto_" in path.name]
        assert names == []

    def test_nothing_reads_the_clock_below_the_edges(self):
        clock = re.compile(r"\btimezone\.(?:now|localdate|localtime)\(\)|\bdatetime\.now\(|\bdate\.today\(")
        below = [path for path in python_files() if {"domain", "models"} & set(path.parts) or "queries" in path.name]
        assert [relative(path) for path in below if clock.search(path.read_text())] == []

    def test_no_untyped_ignore_and_no_silent_except(self):
        bad = re.compile(r"#\s*type:\s*ignore(?!\[)|except Exception:\s*pass|except:\s")
        assert [relative(path) for path in python_files() if bad.search(path.read_text())] == []


class TestSupply:
    """The locks and the scripts say what is needed, never where one machine got it from."""

    LOCKS = ("requirements.lock", "requirements-dev.lock")
    FILES = (*LOCKS, "pyproject.toml", "config/bootstrap.py", ".ci/run", "Dockerfile")

    @pytest.mark.parametrize("name", FILES)
    def test_no_package_index_is_named(self, name: str):
        text = (ROOT / name).read_text()
        assert INDEX_OPTION.findall(text) == []
        assert ADDRESS.findall(text) == []

    def test_a_planted_index_would_be_found(self):
        assert INDEX_OPTION.search("--extra-index-url x")
        assert ADDRESS.search("# https://index.example.org/simple")

    def test_no_file_names_the_folder_it_was_written_in(self):
        place = str(ROOT)
        if len(ROOT.parts) < 3:
            pytest.skip(f"{place} is too short a word to look for")
        assert [relative(path) for path in all_files() if place in read(path)] == []


def read(path: Path) -> str:
    return path.read_text(errors="replace")
