"""S9: a file that leaves the house runs nothing in a spreadsheet, and comes back as it went."""

import csv
import io
from itertools import cycle, islice, product
from typing import Any

import pytest
from openpyxl import load_workbook

from config.shared import exports
from config.shared.exports import csv_lines, escape, export_response, unescape, xlsx_file
from tests.contract import permissions
from tests.contract.objects import url
from tests.contract.world import World
from workorders.models import Customer, Equipment

SIGNS = (
    "=",
    "+",
    "-",
    "@",
    "\t=",
    "\r=",
    "\n=",
    " =",
    "  +",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
    "'=",
    "''@",
    "\u00a0=",
)
DEEDS = (
    "1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://evil.example","x")', "SUM(A1:A9)", "IMPORTXML(1,2)", "DDE(1)", "2",
    'WEBSERVICE("http://evil.example")', "A1", "-3+4", "@SUM(1)", "", "x,y", 'a"b', "x\n=1", "\u202e1", "(1)",
)  # fmt: skip
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def formulas(count: int = 1_000) -> list[str]:
    return list(islice(cycle(sign + deed for sign, deed in product(SIGNS, DEEDS)), count))


def is_live(cell: Any) -> bool:
    """Whether a spreadsheet would run it: it starts like a formula, blanks in front or not."""
    return isinstance(cell, str) and (cell.startswith(LIVE) or cell.strip().startswith(LIVE))


def in_csv(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) for cell in row]


def live_in_xlsx(data: Any) -> list[str]:
    with data:
        sheet = load_workbook(data).active
        assert sheet is not None
        cells = [cell for row in sheet.iter_rows() for cell in row]
        return [str(cell.value) for cell in cells if cell.data_type == "f" or is_live(cell.value)]


def test_a_thousand_formulas_are_dead_in_csv():
    text = "".join(csv_lines(formulas(3), [[each] for each in formulas()]))
    assert [cell for cell in in_csv(text) if is_live(cell)] == []
    assert len(in_csv(text)) == 1_003


def test_a_thousand_formulas_are_dead_in_xlsx():
    assert live_in_xlsx(xlsx_file(formulas(3), [[each] for each in formulas()])) == []


def test_without_the_escape_they_would_be_live(monkeypatch: pytest.MonkeyPatch):
    """The control."""
    monkeypatch.setattr(exports, "escape", lambda value: value)
    text = "".join(csv_lines(["cell"], [[each] for each in formulas()]))
    assert len([cell for cell in in_csv(text) if is_live(cell)]) > 800
    assert len(live_in_xlsx(xlsx_file(["cell"], [[each] for each in formulas()]))) > 800


def test_what_was_escaped_comes_back():
    assert [unescape(escape(each)) for each in formulas()] == formulas()


FILES = [
    ("inventory:parts_export", "-"), ("imports:export", "parts"), ("imports:export", "customers"),
    ("imports:export", "sites"), ("imports:export", "equipment"), ("imports:export", "work-orders"),
    ("imports:export", "equipment_parts"), ("imports:example", "parts"), ("spareparts:use_export", "report"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "target"), FILES)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_page_lets_a_formula_out(world: World, address: str, target: str, kind: str):
    """The names of the company are formulas; every file is read as a spreadsheet would."""
    name_everything(world)
    path = url(address, target, world).replace(".csv", f".{kind}")
    response = world.client("ada").get(path, {"format": kind})
    assert response.status_code == 200
    data = response.getvalue()
    if response["Content-Type"].startswith("text/csv"):
        assert [cell for cell in in_csv(data.decode()) if is_live(cell) and not is_number(cell)] == []
    else:
        assert live_in_xlsx(io.BytesIO(data)) == []


def is_number(cell: str) -> bool:
    """-2 is a figure, not a formula."""
    return cell.lstrip("-").replace(".", "", 1).isdigit()


def name_everything(world: World) -> None:
    for part in world.parts:
        part.name, part.description, part.manufacturer = "=1+1", "@SUM(1)", "+cmd|' /C calc'!A0"
        part.save()
    Customer.objects.update(name='=HYPERLINK("http://evil.example","x")', contact="-2+3")
    Equipment.objects.update(name="\t=1+1")
    world.mine.site.name, world.mine.site.address = "@site", "=now()"
    world.mine.site.save()
    world.mine.job.description = "=1+1"
    world.mine.job.save(update_fields=["description"])


def test_every_file_is_in_the_list():
    """Pages that answer with a file have "export" or "example" in their name; the problems of an import have both."""
    rows = permissions.read(permissions.PAGES)
    files = {row.address for row in rows if "export" in row.address or "example" in row.address}
    assert files == {address for address, _target in FILES}


def test_the_bad_rows_of_an_import_are_dead_too():
    response = export_response("x", "csv", ["got"], [[each] for each in formulas(100)])
    assert [cell for cell in in_csv(response.getvalue().decode()) if is_live(cell)] == []
