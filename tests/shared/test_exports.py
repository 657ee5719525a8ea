"""What an export says when it cannot hold everything."""

from openpyxl import load_workbook

from config.shared import exports


def column(rows) -> list:
    with exports.xlsx_file(["Number"], ([each] for each in rows)) as book:
        return [cell.value for (cell,) in load_workbook(book).active.iter_rows()]


def test_a_workbook_that_is_cut_says_so(monkeypatch) -> None:
    monkeypatch.setattr(exports, "MOST_XLSX_ROWS", 2)
    assert column([1, 2]) == ["Number", 1, 2]
    said = "Only the first 2 rows are here. Export as CSV for all of them."
    assert column([1, 2, 3, 4]) == ["Number", 1, 2, said]


def test_a_csv_is_never_cut(monkeypatch) -> None:
    monkeypatch.setattr(exports, "MOST_XLSX_ROWS", 2)
    lines = list(exports.csv_lines(["Number"], ([each] for each in range(5))))
    assert [line.strip("\ufeff\r\n") for line in lines if line != "\ufeff"] == ["Number", "0", "1", "2", "3", "4"]
