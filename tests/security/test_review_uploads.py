"""Files made to break the reader: small ones that fill the memory, first lines that name no separator."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from config.shared.exports import xlsx_file
from config.shared.imports import store
from config.shared.imports.files import FileRefused, Sheet, read_sheet

TOO_MUCH = "This XLSX file unpacks to too much data. Save only the sheet with the rows."
NOT_ALLOWED = "This XLSX file holds definitions that are not allowed."
MANY = 250_000


def workbook(**parts: bytes) -> bytes:
    """A small sheet with some of its parts replaced; ``styles`` is xl/styles.xml."""
    names = {"styles": "xl/styles.xml", "sheet": "xl/worksheets/sheet1.xml"}
    replaced = {names[name]: content for name, content in parts.items()}
    target = io.BytesIO()
    with (
        xlsx_file(["number"], [["A"]]) as plain,
        zipfile.ZipFile(plain) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for item in source.infolist():
            copy.writestr(item.filename, replaced.get(item.filename) or source.read(item))
    return target.getvalue()


def refusal(data: bytes, name: str = "p.xlsx") -> str:
    with pytest.raises(FileRefused) as refused:
        read_sheet(data, name)
    return str(refused.value)


class TestElementBombs:
    """Each is some kilobytes long and took more than a gigabyte of memory to read."""

    def test_styles(self):
        data = workbook(styles=b"<styleSheet><fonts>" + b"<font/>" * MANY + b"</fonts></styleSheet>")
        assert (len(data) < 20_000, refusal(data)) == (True, TOO_MUCH)

    def test_one_row_without_end(self):
        data = workbook(sheet=b'<worksheet><sheetData><row r="1">' + b"<c/>" * MANY + b"</row></sheetData></worksheet>")
        assert (len(data) < 20_000, refusal(data)) == (True, TOO_MUCH)

    def test_rows_without_end(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("config.shared.imports.files.MOST_TAGS", 10_000)
        data = workbook(sheet=b"<worksheet><sheetData>" + b"<row><c/></row>" * 4_000 + b"</sheetData></worksheet>")
        assert refusal(data) == TOO_MUCH

    def test_a_large_honest_sheet_is_read(self):
        with xlsx_file(["number", "name"], [[f"P-{n}", "valve"] for n in range(5_000)]) as plain:
            assert len(read_sheet(plain.read(), "p.xlsx").lines) == 5_000


@pytest.mark.parametrize("gap", [0, 70_000, (1 << 20) - 5])
def test_a_definition_is_found_wherever_it_stands(gap: int):
    assert refusal(workbook(styles=b"<?xml version='1.0'?>" + b" " * gap + b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>")) == (
        NOT_ALLOWED
    )


class TestSeparatorLine:
    """Python's csv raises TypeError for none, and from 3.13 on ValueError for a line end or a quote."""

    @pytest.mark.parametrize("first", ["SEP=\n", "sep=\r\n", 'sep="\n'])
    def test_a_line_that_names_none_is_no_error(self, first: str):
        try:
            found: Sheet | None = read_sheet(f"{first}number,name\nA,valve\n".encode(), "p.csv")
        except FileRefused:
            found = None
        assert found is None or [line.cells for line in found.lines] in ([["A", "valve"]], [["A,valve"]])

    @pytest.mark.parametrize("data", [b"sep=", b"\xfe\xff\x00s\x00e\x00p\x00="])
    def test_alone_it_is_a_file_without_rows(self, data: bytes):
        assert refusal(data, "p.csv") == "The file has a header row but no row below it."


class TestDisk:
    """Uploads that nobody imports stay for a day; one person cannot fill the disk with them."""

    @pytest.fixture(autouse=True)
    def _three_are_the_most(self, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.VAR_DIR = tmp_path
        monkeypatch.setattr(store, "MOST_KEPT", 3)

    def keep(self, user_id: int, age: int) -> store.Upload:
        upload = store.keep("parts", user_id, "p.csv", b"number\nA\n")
        made = upload.path.stat().st_mtime - age
        os.utime(upload.path, (made, made))
        return upload

    def test_the_oldest_of_his_own_go(self):
        karls = [self.keep(1, age) for age in (50, 40, 30, 20)]
        lins = [self.keep(2, age) for age in (90, 80)]
        assert [each.path.exists() for each in karls + lins] == [False, True, True, True, True, True]

    def test_one_that_is_being_imported_stays(self):
        running = self.keep(1, 50)
        assert running.claim()
        later = [self.keep(1, age) for age in (40, 30, 20, 10)]
        assert [each.path.exists() for each in [running, *later]] == [True, False, True, True, True]
