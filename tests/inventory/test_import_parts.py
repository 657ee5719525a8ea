"""Karl brings his spreadsheet: he sees what would change, then all of it is imported, or nothing."""

import csv
import io
import os
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.shared.imports import Report, get_kind, guess_mapping, run_import, store
from config.shared.imports.files import read_sheet
from config.shared.models import AuditEvent
from inventory.domain import imports as part_imports
from inventory.models import Part, PartBarcode, PartCategory, Unit
from tests.factories.inventory import PartCategoryFactory, PartFactory

pytestmark = pytest.mark.django_db
START = "/imports/parts/"


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path / "imports"


def take(text: str | bytes, *, is_dry_run: bool = False, by=None) -> Report:
    kind = get_kind("parts")
    data = text.encode() if isinstance(text, str) else text
    sheet = read_sheet(data, "parts.csv")
    mapping = guess_mapping(kind.resource.columns, sheet.headers)
    return run_import(kind, sheet, mapping, by=by, at=timezone.now(), is_dry_run=is_dry_run)


def told(report: Report) -> list[tuple[int, str, str, str]]:
    return [(each.row, each.field, each.expected, each.got) for each in report.problems]


def stock_of_a_refinery(rows: int = 3512) -> str:
    """A file like the ones of spare parts planning: numbers and prices, no names."""
    lines = ["part_number,delivery_days,minimum,maximum,stock,price_eur"]
    lines += [
        f"{7500 + 2 * at},{at % 90},{at % 9},{at % 20},{at % 13},{(at * 37 % 90000) / 100:.2f}" for at in range(rows)
    ]
    return "\n".join(lines)


class TestRows:
    def test_a_row_becomes_a_part_with_all_it_says(self, karl):
        report = take(
            "number;name;brand;manufacturer number;barcode;category;unit;tracking;price;active;old part;successor;"
            "noted in the machine\n"
            "BRG-6204;Bearing;SKF;6204-2RSH;4006381333931|4006381333948;Bearings;m;Batch;8,40;nein;always;BRG-6205;no\n"
            "BRG-6205;Bearing;;;;Bearings;;;1.234,50;;;;\n",
            by=karl,
        )

        assert report.counts() == {"new": 2, "changed": 0, "unchanged": 0}
        assert report.notes == ["New category: Bearings"]
        part = Part.objects.get(number="BRG-6204")
        assert (part.name, part.manufacturer, part.manufacturer_number) == ("Bearing", "SKF", "6204-2RSH")
        assert (part.unit.code, part.tracking, part.unit_cost) == ("m", "batch", Decimal("8.40"))
        assert (part.is_listed, part.old_part_rule) == (False, "always")
        assert (part.category.name, part.superseded_by.number) == ("Bearings", "BRG-6205")
        assert (part.is_noted_in_machine, part.superseded_by.is_noted_in_machine) == (False, True)
        assert Part.objects.get(number="BRG-6205").unit_cost == Decimal("1234.50")
        assert list(Part.objects.search("4006381333948")) == [part]

    def test_a_part_without_a_name_is_called_by_its_number(self):
        report = take("part_number,price_eur,stock\n7500,22.58,1\n")

        part = Part.objects.get()
        assert (part.number, part.name, part.unit_cost, part.unit.code) == ("7500", "7500", Decimal("22.58"), "pc")
        assert report.notes == ["1 part has no name and gets its number as its name."]

    def test_only_what_differs_is_written_and_kept_in_the_history(self, karl):
        same, other = PartFactory(number="A-1", name="Seal"), PartFactory(number="A-2", name="Seal")
        report = take("number,name,cost\nA-1,Seal,8.40\nA-2,Gasket,9.00\n", by=karl)

        assert report.counts() == {"new": 0, "changed": 1, "unchanged": 1}
        assert report.samples[0].changes == [("Name", "Seal", "Gasket"), ("Cost per unit", "8.40", "9.00")]
        assert [row.history_type for row in same.history.all()] == ["+"]
        assert [(row.history_type, row.history_user, row.name) for row in other.history.all()] == [
            ("~", karl, "Gasket"),
            ("+", None, "Seal"),
        ]
        assert list(Part.objects.search("gasket")) == [other]

    def test_an_empty_cell_clears_a_text_and_keeps_what_must_have_a_value(self):
        part = PartFactory(
            number="A-1",
            name="Seal",
            manufacturer="SKF",
            tracking="batch",
            category=PartCategoryFactory(),
            unit_cost="5.00",
        )
        PartBarcode.objects.create(part=part, code="123")
        take("number,name,manufacturer,tracking,category,cost,barcodes,unit,listed\nA-1,,,,,,,,\n")

        part = Part.objects.get()
        assert (part.name, part.manufacturer, part.tracking) == ("Seal", "", "batch")
        assert (part.category, part.unit_cost, part.unit.code, part.is_listed) == (None, Decimal("5.00"), "pc", True)
        assert list(part.barcodes.all()) == []
        assert list(Part.objects.search("123")) == []

    def test_a_column_that_is_not_in_the_file_stays_as_it_is(self):
        part = PartFactory(number="A-1", description="Keep me")
        PartBarcode.objects.create(part=part, code="123")
        take("number,name\nA-1,Seal\n")

        part.refresh_from_db()
        assert (part.name, part.description) == ("Seal", "Keep me")
        assert list(Part.objects.search("seal 123")) == [part]

    def test_the_same_file_twice_changes_nothing_the_second_time(self):
        text = "number,name,barcodes,superseded_by\nA,Seal,1;2,B\nB,Seal 2,3,\n"
        assert take(text).counts() == {"new": 2, "changed": 0, "unchanged": 0}
        assert take(text).counts() == {"new": 0, "changed": 0, "unchanged": 2}

    def test_barcodes_are_added_and_removed(self):
        take("number,barcodes\nA,1;2\n")
        take("number,barcodes\nA,2;3\n")
        assert sorted(PartBarcode.objects.values_list("code", flat=True)) == ["2", "3"]
        assert [part.number for part in Part.objects.search("3")] == ["A"]


class TestProblems:
    def test_every_bad_cell_is_named_with_row_field_expected_and_got(self):
        PartFactory(number="OLD", name="Old")
        PartBarcode.objects.create(part=Part.objects.get(), code="999")
        report = take(
            "number,name,unit,tracking,cost,listed,barcodes,category\n"
            "A,Fine,pc,none,1.00,yes,1,\n"
            ",No number,pc,,,,,\n"
            "B,x,box,lots,cheap,perhaps,999,\n"
            "A,Again,,,,,,\n"
            f"C,{'n' * 161},,,-1,,,\n"
            "D,x,,,,,999,\n"
            "E,x,,,,,1,\n"
            "F,x,,,,,,,too,many\n"
        )

        assert told(report) == [
            (3, "Part number", "a value", ""),
            (4, "Unit", "a known unit: kg, l, m, pc, set", "box"),
            (4, "Tracking", "one of none, batch, serial", "lots"),
            (4, "Cost per unit", "a number such as 1234.50, with at most 2 decimals", "cheap"),
            (4, "Listed", "yes or no", "perhaps"),
            (5, "Part number", "each Part number once; it is in row 2 already", "A"),
            (6, "Name", "Ensure this value has at most 160 characters (it has 161).", "n" * 161),
            (6, "Cost per unit", "Ensure this value is greater than or equal to 0.00.", "-1"),
            (7, "Barcodes", "a barcode that no other part has", "999 (OLD)"),
            (8, "Barcodes", "a barcode that no other part has", "1 (A)"),
            (9, "", "8 cells", "10 cells"),
        ]
        assert report.bad_rows == 7
        assert [part.number for part in Part.objects.all()] == ["OLD"]

    def test_a_successor_must_exist_and_must_not_lead_back(self):
        PartFactory(number="A", superseded_by=PartFactory(number="B"))
        report = take("number,superseded_by\nB,C\nC,A\nD,GHOST\n")
        assert told(report) == [
            (2, "Superseded by", "a part that this one does not replace itself", "C"),
            (3, "Superseded by", "a part that this one does not replace itself", "A"),
            (4, "Superseded by", "the number of a known part", "GHOST"),
        ]
        assert Part.objects.get(number="B").superseded_by is None

    def test_a_missing_or_doubled_column_is_asked_for(self):
        kind = get_kind("parts")
        sheet = read_sheet(b"a,b\n1,2\n", "p.csv")
        for mapping, said in (
            ({0: "name"}, "Choose the column that holds “Part number”."),
            ({0: "number", 1: "number"}, "Two columns are chosen for “Part number”. Choose one."),
            ({0: "number", 1: "stock"}, "There is no field “stock”."),
        ):
            with pytest.raises(Exception, match=said):
                run_import(kind, sheet, mapping, by=None, at=timezone.now(), is_dry_run=False)

    def test_what_the_database_refuses_writes_nothing(self, monkeypatch):
        monkeypatch.setattr(part_imports, "_owners", lambda codes: ())
        PartBarcode.objects.create(part=PartFactory(number="OLD"), code="1")
        report = take("number,barcodes\nA,1\n")

        assert [(each.row, each.expected) for each in report.problems] == [(0, "what the database accepts")]
        assert [part.number for part in Part.objects.all()] == ["OLD"]

    def test_without_the_usual_unit_a_unit_is_asked_for(self):
        Unit.objects.all().delete()
        assert told(take("number\nA\n")) == [(2, "Unit", "a value", "")]


class TestDryRun:
    def test_it_says_what_would_happen_and_leaves_no_trace(self, karl):
        report = take("number,name,category\nA,Seal,New one\n", is_dry_run=True, by=karl)

        assert report.counts() == {"new": 1, "changed": 0, "unchanged": 0}
        assert (Part.objects.count(), PartCategory.objects.count(), Part.history.count()) == (0, 0, 0)
        assert AuditEvent.objects.filter(verb="import.done").count() == 0


class TestScale:
    def test_a_refinery_of_parts_takes_few_queries(self, django_assert_max_num_queries):
        with CaptureQueriesContext(connection) as small:
            take(stock_of_a_refinery(20), is_dry_run=True)
        with CaptureQueriesContext(connection) as big:
            report = take(stock_of_a_refinery())
        assert report.counts() == {"new": 3512, "changed": 0, "unchanged": 0}
        assert len(small) <= 40
        assert len(big) <= 450
        with CaptureQueriesContext(connection) as again:
            assert take(stock_of_a_refinery()).counts() == {"new": 0, "changed": 0, "unchanged": 3512}
        assert len(again) <= 60


class TestPages:
    @staticmethod
    def send(browser, text: str, name: str = "parts.csv"):
        return browser.post(START, {"file": SimpleUploadedFile(name, text.encode())})

    @staticmethod
    def confirm(browser, page, key="6f0c2b3e-0000-4000-8000-000000000001"):
        return browser.post(page, {"request_key": key})

    def columns_of(self, browser, text: str) -> str:
        answer = self.send(browser, text)
        assert answer.status_code == 302, answer.context["form"].errors
        return answer["Location"]

    def preview_of(self, browser, text: str, **fields) -> str:
        columns = self.columns_of(browser, text)
        form = browser.get(columns).context["form"]
        chosen = {name: field.initial for name, field in form.fields.items()} | fields
        answer = browser.post(columns, chosen)
        assert answer.status_code == 302, answer.context["form"].errors
        return answer["Location"]

    def test_karl_imports_his_list_in_four_steps(self, karl, as_user, private_folder):
        browser = as_user(karl)
        assert "Part number" in browser.get(START).content.decode()

        columns = self.columns_of(browser, "Article,Price,Shelf\nA-1,1.50,x\nA-2,2.50,y\n")
        form = browser.get(columns).context["form"]
        assert [field.initial for field in form] == ["number", "cost", ""]
        assert [examples for _field, examples in form.with_examples()] == ["A-1 · A-2", "1.50 · 2.50", "x · y"]

        preview = self.preview_of(browser, "Article,Price,Shelf\nA-1,1.50,x\nA-2,2.50,y\n")
        page = browser.get(preview)
        assert page.context["report"].counts() == {"new": 2, "changed": 0, "unchanged": 0}
        assert "Import 2 rows" in page.content.decode()
        assert Part.objects.count() == 0

        done = browser.post(preview, {"request_key": "6f0c2b3e-0000-4000-8000-000000000001"}, follow=True)
        assert "New: 2. Changed: 0. Unchanged: 0." in done.content.decode()
        assert sorted(Part.objects.values_list("number", flat=True)) == ["A-1", "A-2"]
        event = AuditEvent.objects.get(verb="import.done")
        assert (event.actor, event.subject_label, event.details["new"]) == (karl, "parts.csv", 2)
        assert len(list(private_folder.iterdir())) == 1  # the first upload, left at its columns

    def test_a_stranger_s_file_is_shown_as_text_and_never_as_a_page(self, karl, as_user):
        bad = "<script>alert(1)</script>"
        browser = as_user(karl)
        text = f"number,{bad},cost\n{bad},{bad},{bad}\n"
        columns = self.columns_of(browser, text)
        preview = self.preview_of(browser, text)
        for url in (columns, preview):
            page = browser.get(url).content.decode()
            assert bad not in page
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page

    def test_a_second_press_imports_nothing_more(self, karl, as_user):
        browser = as_user(karl)
        preview = self.preview_of(browser, "number\nA\n")
        first, second = self.confirm(browser, preview), self.confirm(browser, preview)

        assert (first.status_code, second.status_code) == (302, 302)
        assert first["Location"] == second["Location"]
        assert AuditEvent.objects.filter(verb="import.done").count() == 1
        assert Part.history.count() == 1

    def test_bad_rows_come_back_as_a_file_to_correct(self, karl, as_user):
        browser = as_user(karl)
        preview = self.preview_of(browser, "number,cost\nA,1.00\nB,=cheap\n,3\n")
        page = browser.get(preview)
        assert page.context["report"].bad_rows == 2
        assert "Import" not in [button for button in page.content.decode().split() if button == "Import 1 row"]

        answer = browser.get(reverse("imports:problems", kwargs={"kind": "parts", "token": preview.split("/")[3]}))
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        assert list(csv.reader(io.StringIO(text))) == [
            ["row", "field", "expected", "got", "number", "cost"],
            ["3", "Cost per unit", "a number such as 1234.50, with at most 2 decimals", "'=cheap", "B", "'=cheap"],
            ["4", "Part number", "a value", "", "", "3"],
        ]

    def test_what_changed_since_the_preview_stops_the_import(self, karl, as_user):
        browser = as_user(karl)
        preview = self.preview_of(browser, "number,barcodes\nA,1\n")
        PartBarcode.objects.create(part=PartFactory(number="OLD"), code="1")

        page = self.confirm(browser, preview)
        assert page.context["form"].non_field_errors() == ["The data changed since the preview. Nothing was imported."]
        assert told(page.context["report"]) == [(2, "Barcodes", "a barcode that no other part has", "1 (OLD)")]
        assert [part.number for part in Part.objects.all()] == ["OLD"]

    def test_nothing_is_imported_while_another_request_imports_it(self, karl, as_user, private_folder):
        browser = as_user(karl)
        preview = self.preview_of(browser, "number\nA\n")
        (private_folder / preview.split("/")[3].replace("-", "") / "running").touch()

        assert self.confirm(browser, preview).status_code == 409
        assert Part.objects.count() == 0

    def test_progress_is_told_while_it_runs_and_where_it_ended(self, karl, as_user, monkeypatch):
        browser = as_user(karl)
        preview = self.preview_of(browser, "number\n" + "".join(f"A{at}\n" for at in range(120)))
        url = reverse("imports:progress", kwargs={"kind": "parts", "token": preview.split("/")[3]})
        assert browser.get(url).json() == {"done": 100, "total": 120, "text": "Row 100 of 120", "finished_url": ""}

        done = self.confirm(browser, preview)
        assert browser.get(url).json() == {"done": 1, "total": 1, "text": "", "finished_url": done["Location"]}

    def test_the_columns_can_be_chosen_by_hand_and_are_checked(self, karl, as_user):
        browser = as_user(karl)
        columns = self.columns_of(browser, "a,b\nA-1,Seal\n")
        page = browser.post(columns, {"column_0": "", "column_1": "name"})
        assert page.context["form"].non_field_errors() == ["Choose the column that holds “Part number”."]
        page = browser.post(columns, {"column_0": "number", "column_1": "password"})
        assert "column_1" in page.context["form"].errors

        preview = self.preview_of(browser, "a,b\nA-1,Seal\n", column_0="number", column_1="name")
        self.confirm(browser, preview)
        assert str(Part.objects.get()) == "A-1 Seal"

    @pytest.mark.parametrize(
        ("name", "text", "said"),
        [
            ("parts.csv", "number\n", "The file has a header row but no row below it."),
            ("parts.pdf", "%PDF", "Choose a CSV or XLSX file."),
            ("parts.csv", "", "The file is empty. Choose a file with a header row and at least one row below it."),
        ],
    )
    def test_a_file_that_cannot_be_read_says_why_beside_the_field(self, karl, as_user, name, text, said):
        page = self.send(as_user(karl), text, name)
        assert page.context["form"].errors == {"file": [said]}
        assert not store.folder().exists()

    def test_a_file_that_is_too_large_is_refused(self, karl, as_user, settings):
        settings.UPLOAD_MAX_BYTES = 100
        page = self.send(as_user(karl), "number\n" + "A" * 200)
        assert page.context["form"].errors == {"file": ["The file is larger than 100\xa0bytes. Split it."]}

    def test_nobody_sees_the_upload_of_another(self, karl, lin, as_user):
        preview = self.preview_of(as_user(karl), "number\nA\n")
        stranger = as_user(lin)
        for url in (
            preview,
            preview.replace("preview/", ""),
            preview.replace("preview", "progress"),
            preview.replace("preview", "problems"),
            preview.replace("preview", "result"),
        ):
            assert stranger.get(url).status_code == 404
        assert self.confirm(stranger, preview).status_code == 404
        assert Part.objects.count() == 0

    def test_who_may_not_import_gets_a_refusal(self, jana, eva, as_user, client):
        for user in (jana, eva):
            assert as_user(user).get(START).status_code == 403
            assert self.send(as_user(user), "number\nA\n").status_code == 403
        assert client.get(START).status_code == 302
        assert as_user(eva).get("/imports/secrets/").status_code == 404

    def test_uploads_nobody_finished_are_forgotten_after_a_day(self, karl, as_user, private_folder):
        browser = as_user(karl)
        self.columns_of(browser, "number\nA\n")
        (old,) = private_folder.iterdir()
        os.utime(old, (0, 0))
        self.columns_of(browser, "number\nB\n")

        assert old not in list(private_folder.iterdir())
        assert len(list(private_folder.iterdir())) == 1


class TestExport:
    @staticmethod
    def rows(answer) -> list[list[str]]:
        return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

    def test_the_list_as_filtered_comes_as_a_file_that_the_import_reads_back(self, karl, as_user):
        first = PartFactory(number="=A1", name="-Seal", description="@x\ny", superseded_by=PartFactory(number="B"))
        PartBarcode.objects.create(part=first, code="+49")
        browser = as_user(karl)

        exported = b"".join(browser.get("/parts/export/", {"q": "seal"}).streaming_content)
        assert take(exported).counts() == {"new": 0, "changed": 0, "unchanged": 1}
        Part.objects.filter(number="=A1").delete()
        assert take(exported).counts() == {"new": 1, "changed": 0, "unchanged": 0}
        again = Part.objects.get(number="=A1")
        assert (again.name, again.description, again.superseded_by.number) == ("-Seal", "@x\ny", "B")

    def test_xlsx_comes_back_too(self, karl, as_user):
        PartFactory(number="0012", name="=Seal", unit_cost="1234.50")
        data = b"".join(as_user(karl).get("/parts/export/", {"format": "xlsx"}).streaming_content)
        kind = get_kind("parts")
        sheet = read_sheet(data, "parts.xlsx")
        mapping = guess_mapping(kind.resource.columns, sheet.headers)
        report = run_import(kind, sheet, mapping, by=None, at=timezone.now(), is_dry_run=True)
        assert report.counts() == {"new": 0, "changed": 0, "unchanged": 1}

    def test_the_cost_leaves_only_with_those_who_see_it(self, jana, karl, as_user):
        PartFactory()
        assert "cost" not in self.rows(as_user(jana).get("/parts/export/"))[0]
        assert "cost" in self.rows(as_user(karl).get("/parts/export/"))[0]
        assert as_user(jana).get("/parts/export/?format=exe").status_code == 404

    def test_the_queries_do_not_grow_with_the_parts(self, karl, as_user):
        browser = as_user(karl)

        def asked() -> int:
            with CaptureQueriesContext(connection) as captured:
                self.rows(browser.get("/parts/export/"))
            return len(captured)

        PartBarcode.objects.create(part=PartFactory(), code="1")
        one = asked()
        PartBarcode.objects.create(part=PartFactory(category=PartCategoryFactory()), code="2")
        PartFactory(superseded_by=Part.objects.first())
        assert asked() == one


class TestCommands:
    def test_a_file_is_imported_with_a_mapping_and_exported_again(self, tmp_path, capsys):
        source, target = tmp_path / "in.csv", tmp_path / "out.xlsx"
        source.write_text("article;what;price_eur;stock\nA-1;Seal;1,50;3\n")
        call_command("import_parts", source, "--map", "what=name", "--dry-run")
        assert Part.objects.count() == 0
        call_command("import_parts", source, "--map", "what=name", "--map", "price_eur=")
        assert str(Part.objects.get()) == "A-1 Seal"
        assert Part.objects.get().unit_cost == Decimal("0.00")
        call_command("export_parts", target)
        call_command("import_parts", target)
        said = capsys.readouterr().out.splitlines()
        assert said == [
            "Would be imported: 1 new, 0 changed, 0 unchanged.",
            "Imported: 1 new, 0 changed, 0 unchanged.",
            f"Exported to {target}.",
            "Imported: 0 new, 0 changed, 1 unchanged.",
        ]

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["missing.csv"], "The file cannot be read: No such file or directory."),
            (["in.csv", "--map", "colour=name"], "the file has no such column"),
            (["in.csv", "--map", "name="], "1 rows to correct. Nothing was imported."),
            (["in.csv", "--map", "number="], "Choose the column that holds “Part number”."),
        ],
    )
    def test_what_cannot_be_done_is_said_in_one_line(self, tmp_path, monkeypatch, arguments, said):
        monkeypatch.chdir(tmp_path)
        Path("in.csv").write_text("number,name,cost\nA,Seal,cheap\n")
        with pytest.raises(CommandError, match=said):
            call_command("import_parts", *arguments)
        with pytest.raises(CommandError, match=r"ends in .csv or .xlsx"):
            call_command("export_parts", "out.pdf")
