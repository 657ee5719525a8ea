"""The parts list of a machine: seen by all who see the machine, changed by managers, by hand or by file."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from config.shared.errors import NotAllowed, StaleDocument
from config.shared.imports import Report, export_rows, get_kind, guess_mapping, run_import
from config.shared.imports.files import read_sheet
from config.shared.models import AuditEvent
from spareparts.domain.consumption import UsedPart
from spareparts.domain.machine import (
    PartTakenOut,
    QuantityNotPositive,
    add_equipment_part,
    edit_equipment_part,
    take_out_equipment_part,
)
from spareparts.domain.old_parts import preset_answer, preset_entry
from spareparts.enums import OldPartAnswer
from spareparts.models import EquipmentPart
from spareparts.queries.machine import current_parts
from spareparts.queries.use import machine_parts
from tests.factories.inventory import PartFactory, UnitFactory
from tests.factories.spareparts import EquipmentPartFactory, used
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.spareparts.helpers import in_machine, key, refused, taken_out

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def chiller(db):
    return EquipmentFactory(name="Chiller 3", serial="C3-1")


@pytest.fixture
def bearing(db):
    return PartFactory(number="BRG-6004-2RS", name="Bearing 6004 2RS")


class TestByHand:
    def test_eva_adds_a_part(self, chiller, bearing, eva) -> None:
        row = add_equipment_part(chiller, part=bearing, quantity=4, position="Fan", by=eva, at=NOW)

        assert (row.fitted_at, row.position) == (NOW, "Fan")
        assert in_machine(chiller) == [("BRG-6004-2RS", 4, "")]
        event = AuditEvent.objects.get(verb="equipment_part.add")
        assert (event.subject_id, event.details["after"]["quantity"]) == (str(chiller.pk), 4)

    def test_she_corrects_it(self, bearing, chiller, eva) -> None:
        row = EquipmentPartFactory(equipment=chiller, part=bearing, quantity=4)
        edit_equipment_part(row, quantity=6, serial="", position="Fan", by=eva, at=NOW, seen_version=0)

        row.refresh_from_db()
        assert (row.quantity, row.position, row.version) == (6, "Fan", 1)
        assert AuditEvent.objects.get(verb="equipment_part.edit").details["before"]["quantity"] == 4

    def test_she_takes_it_out(self, bearing, chiller, eva) -> None:
        row = EquipmentPartFactory(equipment=chiller, part=bearing)
        take_out_equipment_part(row, by=eva, at=NOW, reason="Never was there", seen_version=0)

        assert in_machine(chiller) == []
        assert taken_out(chiller) == [("BRG-6004-2RS", 1)]
        assert AuditEvent.objects.get(verb="equipment_part.take_out").reason == "Never was there"

    def test_what_is_out_is_history(self, bearing, eva) -> None:
        row = EquipmentPartFactory(part=bearing, removed_at=NOW)
        with refused(PartTakenOut):
            take_out_equipment_part(row, by=eva, at=NOW, reason="again", seen_version=0)

    def test_somebody_was_faster(self, bearing, eva) -> None:
        row = EquipmentPartFactory(part=bearing, version=1)
        with refused(StaleDocument):
            edit_equipment_part(row, quantity=1, serial="", position="", by=eva, at=NOW, seen_version=0)

    def test_engineers_do_not_change_it(self, bearing, chiller, jana) -> None:
        with refused(NotAllowed):
            add_equipment_part(chiller, part=bearing, quantity=1, by=jana, at=NOW)

    def test_none_is_no_quantity(self, bearing, chiller, eva) -> None:
        with refused(QuantityNotPositive):
            add_equipment_part(chiller, part=bearing, quantity=0, by=eva, at=NOW)


class TestPresets:
    TODAY = NOW.date()

    @pytest.mark.parametrize(
        ("rule", "warranty_until", "expected"),
        [
            ("always", None, OldPartAnswer.RETURNING),
            ("never", "2027-03-04", OldPartAnswer.NONE),
            ("warranty", "2026-11-23", OldPartAnswer.RETURNING),
            ("warranty", "2026-11-22", OldPartAnswer.NONE),
            ("warranty", None, OldPartAnswer.NONE),
        ],
    )
    def test_the_rule_and_the_warranty_decide(self, rule, warranty_until, expected) -> None:
        equipment = EquipmentFactory(warranty_until=warranty_until)
        equipment.refresh_from_db()
        part = PartFactory(old_part_rule=rule)

        assert preset_answer(part, equipment, today=self.TODAY) == expected

    def test_without_a_machine_nothing_is_in_warranty(self) -> None:
        part = PartFactory(old_part_rule="warranty")
        assert preset_answer(part, None, today=self.TODAY) == OldPartAnswer.NONE

    def test_the_same_part_before_the_one_it_supersedes(self, chiller, bearing) -> None:
        older = EquipmentPartFactory(equipment=chiller, part=PartFactory(superseded_by=bearing))
        assert preset_entry(bearing, [older]) == older
        same = EquipmentPartFactory(equipment=chiller, part=bearing)
        assert preset_entry(bearing, [older, same]) == same
        assert preset_entry(PartFactory(), [older, same]) is None

    @pytest.fixture(autouse=True)
    def database(self, db) -> None:
        """These ask the database only for the things they compare."""


class TestPages:
    def test_the_list_with_its_history(self, chiller, bearing, jana, as_user) -> None:
        job = WorkOrderFactory(number="WO-411", lead=jana, site=chiller.site, equipment=chiller)
        row = EquipmentPartFactory(equipment=chiller, part=bearing, quantity=4)
        swap = UsedPart(bearing, 1, old_part_answer=OldPartAnswer.RETURNING, taken_from=row.pk)
        used(job, swap)

        page = as_user(jana).get(reverse("spareparts:equipment_parts", args=[chiller.pk]))

        assert [(row.part, row.quantity) for row in page.context["entries"]] == [(bearing, 3), (bearing, 1)]
        assert [row.record.quantity for row in page.context["history"].rows] == [1]
        assert page.content.decode().count("WO-411") == 2
        assert page.context["may_edit"] is False

    def test_entries_with_a_position_come_first(self, chiller, bearing, jana, as_user) -> None:
        job = WorkOrderFactory(lead=jana, site=chiller.site, equipment=chiller)
        for number, position in (("AAA-1", ""), ("ZZZ-1", "Pump"), ("BRG-1", "Fan")):
            EquipmentPartFactory(equipment=chiller, part=PartFactory(number=number), position=position)

        assert [entry.part.number for entry in current_parts(chiller)] == ["BRG-1", "ZZZ-1", "AAA-1"]
        assert machine_parts(job) == current_parts(chiller)

    def test_tom_does_not_know_the_machine(self, chiller, tom, as_user) -> None:
        assert as_user(tom).get(reverse("spareparts:equipment_parts", args=[chiller.pk])).status_code == 404

    def test_eva_adds_a_part_by_its_number(self, chiller, eva, as_user) -> None:
        hose = PartFactory(number="HSE-12", unit=UnitFactory(code="m", name="metre", decimal_places=2))
        url = reverse("spareparts:equipment_part_add", args=[chiller.pk])
        typed = {"part": "hse 12", "quantity": "1.5", "serial": "", "position": "Water", "fitted_on": "2026-11-01"}

        page = as_user(eva).post(url, typed | key())

        assert page.url == reverse("spareparts:equipment_parts", args=[chiller.pk])
        row = EquipmentPart.objects.get()
        assert (row.part, row.quantity, row.position) == (hose, 150, "Water")
        assert timezone.localtime(row.fitted_at).date().isoformat() == "2026-11-01"

    @pytest.mark.parametrize(
        ("typed", "field", "message"),
        [
            ({"part": "NO-SUCH"}, "part", "No part has this number. Choose one from the catalogue."),
            ({"quantity": "0"}, "quantity", "The quantity must be more than zero."),
            ({"quantity": "1.5"}, "quantity", "piece: whole numbers only."),
            ({"quantity": "many"}, "quantity", "Enter a number such as 2."),
            ({"fitted_on": "2999-01-01"}, "fitted_on", "This day is still to come."),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, chiller, bearing, eva, as_user, typed, field, message) -> None:
        url = reverse("spareparts:equipment_part_add", args=[chiller.pk])
        right = {"part": "BRG-6004-2RS", "quantity": "2"}

        page = as_user(eva).post(url, right | typed | key())

        assert page.context["form"].errors == {field: [message]}
        assert EquipmentPart.objects.count() == 0

    def test_without_javascript_she_finds_and_chooses_it(self, chiller, bearing, eva, as_user) -> None:
        url, browser = reverse("spareparts:equipment_part_add", args=[chiller.pk]), as_user(eva)

        found = browser.post(url, {"part": "bearing", "quantity": "2", "find": "1"} | key())
        chosen = browser.post(url, {"part": "bearing", "quantity": "2", "add": bearing.pk} | key())

        assert found.context["options"] == [bearing]
        assert (chosen.context["form"]["part"].value(), chosen.context["form"]["quantity"].value()) == (
            "BRG-6004-2RS",
            "2",
        )
        assert EquipmentPart.objects.count() == 0

    def test_she_edits_and_takes_out(self, chiller, bearing, eva, as_user) -> None:
        row, browser = EquipmentPartFactory(equipment=chiller, part=bearing), as_user(eva)
        edit = reverse("spareparts:equipment_part_edit", args=[chiller.pk, row.pk])
        out = reverse("spareparts:equipment_part_out", args=[chiller.pk, row.pk])
        assert browser.get(edit).context["form"].initial["quantity"] == "1"

        browser.post(edit, {"quantity": "3", "serial": "x", "position": "", "version": "0"} | key())
        assert in_machine(chiller) == [("BRG-6004-2RS", 3, "x")]

        stale = browser.post(out, {"reason": "Sold", "version": "0"} | key())
        assert stale.context["form"].non_field_errors() == [
            "Someone else changed this entry. Look again before you go on."
        ]
        browser.post(out, {"reason": "Sold", "version": "1"} | key())
        assert in_machine(chiller) == []
        assert browser.get(edit).status_code == 404

    def test_engineers_get_no_form(self, chiller, jana, as_user) -> None:
        WorkOrderFactory(lead=jana, site=chiller.site, equipment=chiller)
        url = reverse("spareparts:equipment_part_add", args=[chiller.pk])
        assert as_user(jana).get(url).status_code == 403


def take(text: str, *, by, is_dry_run: bool = False) -> Report:
    kind = get_kind("equipment_parts")
    sheet = read_sheet(text.encode(), "machines.csv")
    mapping = guess_mapping(kind.resource.columns, sheet.headers)
    return run_import(kind, sheet, mapping, by=by, at=NOW, is_dry_run=is_dry_run)


class TestAdmin:
    def test_quantities_are_read_in_the_unit_of_the_part(self, jana, ada, chiller, as_user) -> None:
        metre = UnitFactory(code="m", name="metre", decimal_places=2)
        job = WorkOrderFactory(lead=jana, site=chiller.site, equipment=chiller)
        document = used(job, UsedPart(PartFactory(number="CBL-CAT6", unit=metre), 2610))
        line, browser = document.lines.get(), as_user(ada)
        for name, row in (("consumption", document), ("consumptionline", line), ("equipmentpart", line.fitted)):
            pages = [reverse(f"admin:spareparts_{name}_change", args=[row.pk])]
            pages += [reverse(f"admin:spareparts_{name}_changelist")] if name != "consumption" else []
            for page in pages:
                text = browser.get(page).content.decode()
                assert ("26.1 m" in text, "2,610" in text) == (True, False), page


class TestByFile:
    HEAD = "equipment,part,quantity,position,serial\n"

    def test_new_and_changed_entries(self, chiller, bearing, eva) -> None:
        hose = PartFactory(number="HSE-12", unit=UnitFactory(code="m", name="metre", decimal_places=2))
        EquipmentPartFactory(equipment=chiller, part=bearing, quantity=4, position="Fan")

        rows = "C3-1,BRG-6004-2RS,6,Fan,\nC3-1,HSE-12,1.5,,\nC3-1,BRG-6004-2RS,,Pump,9\n"
        report = take(self.HEAD + rows, by=eva)

        assert (report.problems, report.new, report.changed) == ([], 2, 1)
        entries = EquipmentPart.objects.order_by("pk")
        assert [(e.part, e.quantity, e.position, e.serial, e.version) for e in entries] == [
            (bearing, 6, "Fan", "", 1),
            (hose, 150, "", "", 0),
            (bearing, 1, "Pump", "9", 0),
        ]

    def test_the_same_file_again_changes_nothing(self, chiller, bearing, eva) -> None:
        text = self.HEAD + "C3-1,BRG-6004-2RS,6,Fan,\n"
        take(text, by=eva)
        report = take(text, by=eva)

        assert (report.new, report.changed, report.unchanged) == (0, 0, 1)
        assert EquipmentPart.objects.get().version == 0

    def test_bad_rows_stop_all(self, chiller, bearing, eva) -> None:
        rows = "C3-1,BRG-6004-2RS,1.5,,\nC3-1,NO-SUCH,1,,\nnowhere,BRG-6004-2RS,1,,\n"
        report = take(self.HEAD + rows, by=eva)

        assert [(each.row, each.field, each.got) for each in report.problems] == [
            (2, "Quantity", "1.5"),
            (3, "Part number", "NO-SUCH"),
            (4, "Equipment serial number", "nowhere"),
        ]
        assert EquipmentPart.objects.count() == 0

    def test_what_goes_out_comes_in(self, chiller, bearing, eva) -> None:
        EquipmentPartFactory(equipment=chiller, part=bearing, quantity=4, position="Fan")
        kind = get_kind("equipment_parts")
        headers, rows = export_rows(kind, kind.queryset(eva), user=eva)

        assert headers == ["equipment", "part", "quantity", "position", "serial", "fitted_at"]
        assert [row[:5] for row in rows] == [["C3-1", "BRG-6004-2RS", Decimal(4), "Fan", ""]]
