"""Files as people have them: any encoding, separator and habit; what cannot be read is said plainly."""

import contextlib
import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.shared.exports import csv_lines, escape, unescape, xlsx_file
from config.shared.imports import CellError, Choice, Column, Day, Moment, Number, Text, Whole, YesNo, guess_mapping
from config.shared.imports import files as import_files
from config.shared.imports.files import FileRefused, Formula, read_sheet
from config.shared.imports.values import decimal_mark, parse_number
from inventory.enums import Tracking

SPREADSHEET_DAY = datetime(2027, 3, 4, 9)  # noqa: DTZ001  a spreadsheet knows no zone


def cells(data: bytes, name: str = "parts.csv") -> list[list[object]]:
    sheet = read_sheet(data, name)
    return [list(sheet.headers), *(line.cells for line in sheet.lines)]


def xlsx(*rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def written(rows):
    with xlsx_file(["h"], rows) as target:
        return openpyxl.load_workbook(target).active


def refusal(data: bytes, name: str = "parts.csv") -> str:
    with pytest.raises(FileRefused) as refused:
        read_sheet(data, name)
    return refused.value.messages[0]


class TestCsv:
    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            (b"number,name\nA,Bearing\n", ["A", "Bearing"]),
            ("\ufeffnumber,name\r\nA,Kälte\r\n".encode(), ["A", "Kälte"]),
            ("number;name\rA;Kälte\r".encode("cp1252"), ["A", "Kälte"]),
            ("number;name\nA;Größe 24 °C – 5 €\n".encode("cp1252"), ["A", "Größe 24 °C – 5 €"]),
            ("number;name\nA;Größe\n".encode("latin-1"), ["A", "Größe"]),
            ("编号,名称\nA,深沟球轴承\n".encode("gb18030"), ["A", "深沟球轴承"]),
            ("编号,名称\nA,深沟球轴承\n".encode(), ["A", "深沟球轴承"]),
            ("number\tname\nA\t轴承\n".encode("utf-16"), ["A", "轴承"]),
            (b"sep=;\nnumber;name\nA;a,b,c\n", ["A", "a,b,c"]),
            (b'number|name\nA|"two\nlines"\n', ["A", "two\nlines"]),
            (b'number,name\nA,"a;b;c;d"\n', ["A", "a;b;c;d"]),
        ],
    )
    def test_every_habit_of_writing_is_read(self, data, expected):
        assert cells(data)[1] == expected

    def test_rows_keep_the_numbers_a_spreadsheet_shows(self):
        sheet = read_sheet(b"number,name\n\nA,x\n,,\nB,y\n", "p.csv")
        assert [(line.number, line.cells) for line in sheet.lines] == [(3, ["A", "x"]), (5, ["B", "y"])]

    def test_unnamed_columns_get_the_letter_of_the_spreadsheet(self):
        assert cells(b"number,,name\nA,1,x\n")[0] == ["number", "B", "name"]

    @pytest.mark.parametrize(
        ("data", "name", "said"),
        [
            (b"", "p.csv", "The file is empty."),
            (b"  \n \n", "p.csv", "The file is empty."),
            (b"number,name\n", "p.csv", "The file has a header row but no row below it."),
            (b"%PDF-1.7", "p.pdf", "Choose a CSV or XLSX file."),
            (b"MZ\x00\x00", "p.csv", "This is no text file."),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", "p.xls", "This kind of spreadsheet cannot be read."),
            (b"\xff\xfea", "p.csv", "The text of this file cannot be read."),
            (b"PK\x03\x04 not a zip", "p.xlsx", "This XLSX file is damaged."),
            (b"number,name\nA,x\n", "p.xlsx", "The name and the content of this file do not fit."),
            (xlsx(["number"], ["A"]), "p.csv", "The name and the content of this file do not fit."),
            (b'number,name\nA,"' + b"x" * 200_000, "p.csv", "The file cannot be read as CSV"),
            (b",".join([b"c"] * 101) + b"\nA\n", "p.csv", "The file has more than 100 columns."),
        ],
    )
    def test_what_is_no_list_of_rows_is_refused_with_a_reason(self, data, name, said):
        assert refusal(data, name).startswith(said)

    def test_more_rows_than_can_be_held_are_refused(self, monkeypatch):
        monkeypatch.setattr(import_files, "MOST_ROWS", 3)
        assert refusal(b"number\n" + b"A\n" * 4) == "The file has more than 3 rows. Split it."


class TestXlsx:
    def test_numbers_dates_and_texts_keep_their_kind(self):
        found = cells(xlsx(["number", "cost", "on", "code"], [7500, 22.58, SPREADSHEET_DAY, "0012"]), "p.xlsx")
        assert found[1] == [7500, Decimal("22.58"), SPREADSHEET_DAY, "0012"]

    def test_a_formula_is_kept_apart_from_a_value(self):
        value = cells(xlsx(["number", "cost"], ["A", "=1+1"]), "p.xlsx")[1][1]
        assert (type(value), value) == (Formula, "=1+1")

    def test_a_bomb_is_not_unpacked(self, monkeypatch):
        monkeypatch.setattr(import_files, "MOST_UNPACKED_BYTES", 1_000_000)
        target = io.BytesIO(xlsx(["number"], ["A"]))
        with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/media/bomb.bin", b"\x00" * 2_000_000)
        assert refusal(target.getvalue(), "p.xlsx").startswith("This XLSX file unpacks to too much data.")

    def test_xml_that_defines_its_own_words_is_refused(self):
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(xlsx(["number"], ["A"]))) as source, zipfile.ZipFile(target, "w") as copy:
            for name in source.namelist():
                body = source.read(name)
                if name == "xl/workbook.xml":
                    body = b'<!DOCTYPE x [<!ENTITY a "b">]>' + body
                copy.writestr(name, body)
        assert refusal(target.getvalue(), "p.xlsx") == "This XLSX file holds definitions that are not allowed."

    def test_a_sheet_that_is_far_too_wide_is_refused(self):
        book = openpyxl.Workbook()
        book.active.append(["number"])
        book.active.cell(row=1, column=101, value="far")
        book.active.append(["A"])
        target = io.BytesIO()
        book.save(target)
        assert refusal(target.getvalue(), "p.xlsx") == "The file has more than 100 columns."

    def test_a_million_blank_rows_end_the_reading(self):
        book = openpyxl.Workbook()
        book.active.append(["number"])
        book.active.append(["A"])
        book.active.cell(row=900_000, column=1, value="late")
        target = io.BytesIO()
        book.save(target)
        assert cells(target.getvalue(), "p.xlsx") == [["number"], ["A"]]

    @given(st.binary(max_size=300))
    def test_a_damaged_file_is_refused_and_never_a_fault(self, noise):
        whole = xlsx(["number"], ["A"])
        for data in (whole[: len(noise) * 10] + noise, whole[:200] + noise + whole[200:], b"PK\x03\x04" + noise):
            with contextlib.suppress(FileRefused):
                read_sheet(data, "p.xlsx")


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "mark", "expected"),
        [
            ("22.58", None, "22.58"),
            ("22,58", None, "22.58"),
            ("1,234.50", None, "1234.50"),
            ("1.234,50", None, "1234.50"),
            ("1.234.567", None, "1234567"),
            ("1 234,5", None, "1234.5"),
            ("1’234.50", None, "1234.50"),
            ("€ 22,58", None, "22.58"),
            ("22.58 EUR", None, "22.58"),
            ("１２．５", None, "12.5"),
            ("0,125", None, "0.125"),
            ("-5", None, "-5"),
            ("1,234", ",", "1.234"),
            ("1,234", ".", "1234"),
            ("1.234", ",", "1234"),
            ("1,234", None, None),
            ("1.234", None, None),
            ("12,34", ".", None),
            ("1,23,456.0", None, None),
            ("ten", None, None),
            ("1e309", None, None),
            ("NaN", None, None),
            ("1" * 5000, None, None),
            ("", None, None),
        ],
    )
    def test_a_number_is_read_as_its_writer_meant_it_or_not_at_all(self, text, mark, expected):
        assert parse_number(text, mark) == (None if expected is None else Decimal(expected))

    def test_the_column_tells_the_decimal_sign_where_one_cell_cannot(self):
        assert decimal_mark(["1,234", "22,58"]) == ","
        assert decimal_mark(["1,234", "22.58"]) == "."
        assert decimal_mark(["22,58", "22.58"]) is None
        assert decimal_mark(["1,234", "7"]) is None

    @pytest.mark.parametrize("cell", ["22.581", "x", True, date(2027, 1, 1), 10**40, Decimal("inf"), Formula("=1")])
    def test_what_is_no_amount_of_money_says_what_was_expected(self, cell):
        with pytest.raises(CellError) as refused:
            Number(2).clean(cell)
        assert refused.value.expected in {
            "a number such as 1234.50, with at most 2 decimals",
            "a value, not a formula",
        }

    def test_whole_numbers_have_no_decimals(self):
        assert Whole().clean("12") == 12
        with pytest.raises(CellError):
            Whole().clean("12.5")


class TestValues:
    def test_yes_and_no_in_three_languages(self):
        assert [YesNo().clean(each) for each in ("Yes", "JA", "是", "1", True)] == [True] * 5
        assert [YesNo().clean(each) for each in ("no", "Nein", "否", 0, False)] == [False] * 5
        with pytest.raises(CellError, match="yes or no"):
            YesNo().clean("maybe")

    def test_a_choice_by_value_or_name(self):
        choice = Choice(Tracking)
        choice.prepare([], user=None)
        assert [choice.clean(each) for each in ("serial", "Serial number", "BATCH")] == ["serial", "serial", "batch"]
        with pytest.raises(CellError) as refused:
            choice.clean("lots")
        assert (refused.value.expected, refused.value.got) == ("one of none, batch, serial", "lots")

    def test_dates_that_mean_one_day(self):
        for text in ("2027-03-04", "4.3.2027", "2027/3/4", "2027年3月4日", SPREADSHEET_DAY):
            assert Day().clean(text) == date(2027, 3, 4)
        for text in ("03/04/2027", "2027-02-30", "soon", "9" * 5000):
            with pytest.raises(CellError, match="a date such as 2027-03-04"):
                Day().clean(text)

    def test_times_are_the_companys(self):
        assert Moment().clean("2027-03-04 09:30") == datetime(2027, 3, 4, 8, 30, tzinfo=UTC)
        assert Moment().clean("4.3.2027 9:30") == datetime(2027, 3, 4, 8, 30, tzinfo=UTC)
        with pytest.raises(CellError):
            Moment().clean("2027-03-04 25:00")

    def test_text_that_no_database_holds_is_refused(self):
        for text in ("a\x00b", "\ud800"):
            with pytest.raises(CellError, match="readable text"):
                Text().clean(text)


class TestMapping:
    COLUMNS = (Column("number", "Part number", ("料号", "part_number")), Column("cost", "Cost per unit", ("price",)))

    def test_headers_are_recognised_by_field_label_and_alias(self):
        assert guess_mapping(self.COLUMNS, ["PART-NUMBER", "Price", "stock"]) == {0: "number", 1: "cost"}
        assert guess_mapping(self.COLUMNS, ["单价", "料号"]) == {1: "number"}
        assert guess_mapping(self.COLUMNS, ["number", "part number"]) == {0: "number"}


class TestExport:
    LIVE = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "'=1", "''@x", "=HYPERLINK(1)")

    def test_no_cell_of_a_file_runs_as_a_formula(self):
        text = "".join(csv_lines(["h"], [[each] for each in self.LIVE]))
        rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
        assert [row[0] for row in rows] == [f"'{each}" for each in self.LIVE]

    def test_an_xlsx_file_holds_texts_and_no_formula(self):
        sheet = written([[each] for each in self.LIVE])
        assert [cell.data_type for (cell,) in sheet.iter_rows()] == ["s"] * 13
        assert all(cell.value.startswith("'") for (cell,) in sheet.iter_rows(min_row=2))

    def test_numbers_stay_numbers(self):
        assert list(csv_lines(["a"], [[Decimal("-1.50")], [3], [None], [True]]))[2:] == [
            "-1.50\r\n",
            "3\r\n",
            '""\r\n',
            "True\r\n",
        ]

    @given(st.text())
    def test_what_is_escaped_comes_back(self, text):
        assert unescape(escape(text)) == text

    def test_a_file_comes_back_as_it_was(self):
        data = "".join(csv_lines(["number", "name"], [["A", each] for each in self.LIVE])).encode()
        assert [row[1] for row in cells(data)[1:]] == list(self.LIVE)

    def test_control_characters_do_not_stop_an_xlsx(self):
        sheet = written([["a\x0bb" + "c" * 40_000]])
        assert sheet["A2"].value == "ab" + "c" * 32_765
