"""Jana records on her phone, without and with mistakes; the confirmation, and taking it back."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.shared.models import RequestKey
from inventory.models import Move
from spareparts.domain.consumption import UsedPart
from spareparts.enums import ConsumptionStatus, OldPartAnswer
from spareparts.models import Consumption, ConsumptionLine, EquipmentPart
from tests.factories.inventory import PartFactory, UnitFactory
from tests.factories.spareparts import EquipmentPartFactory, used
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.spareparts.helpers import key
from workorders.models import WorkOrder


@pytest.fixture
def job(jana):
    chiller = EquipmentFactory(name="Chiller 3", serial="C3-1")
    return WorkOrderFactory(number="WO-411", lead=jana, site=chiller.site, equipment=chiller)


@pytest.fixture
def bearing(db):
    return PartFactory(number="BRG-6004-2RS", name="Bearing 6004 2RS")


@pytest.fixture
def cable(db):
    return PartFactory(
        number="CBL-FLEX-3", name="Rubber cable", unit=UnitFactory(code="m", name="metre", decimal_places=2)
    )


def url_of(job) -> str:
    return reverse("spareparts:record_use", args=[job.pk])


def lines(*rows: dict) -> dict:
    """What the browser sends for these lines."""
    data = {"lines-TOTAL_FORMS": str(len(rows)), "lines-INITIAL_FORMS": "0"}
    for index, row in enumerate(rows):
        data |= {f"lines-{index}-{name}": str(value) for name, value in row.items()}
    return data


class TestThePage:
    def test_likely_parts_stand_ready(self, job, jana, tom, bearing, cable, as_user) -> None:
        same_model = EquipmentFactory(model=job.equipment.model)
        other_job = WorkOrderFactory(lead=tom, site=same_model.site, equipment=same_model)
        used(other_job, bearing)
        used(other_job, bearing)
        used(WorkOrderFactory(lead=jana), cable)
        filter_drier = EquipmentPartFactory(equipment=job.equipment).part

        page = as_user(jana).get(url_of(job))

        assert [(line.part, line.quantity, line.note, line.step) for line in page.context["lines"]] == [
            (bearing, "0", "Used 2 times on this model", "1"),
            (cable, "0", "Used lately", "0.5"),
            (filter_drier, "0", "In this machine", "1"),
        ]

    def test_undone_use_proposes_nothing(self, job, jana, bearing, as_user) -> None:
        used(WorkOrderFactory(lead=jana), bearing)
        Consumption.objects.update(
            status="undone", undone_by=jana, undone_at=timezone.now(), reversal=Consumption.objects.get().posting
        )
        assert as_user(jana).get(url_of(job)).context["lines"] == []
        Consumption.objects.update(status="recorded", undone_by=None, undone_at=None, reversal=None)

    def test_presets_of_the_old_part(self, job, jana, as_user) -> None:
        valve = PartFactory(old_part_rule="always")
        entry = EquipmentPartFactory(equipment=job.equipment, part=valve, serial="77-0031")

        line = as_user(jana).get(url_of(job)).context["lines"][0]

        assert (line.old_part_answer, line.old_choice) == ("returning", f"entry-{entry.pk}")

    def test_a_completed_job_takes_no_parts(self, job, jana, as_user) -> None:
        WorkOrder.objects.update(status="completed", completed_at=timezone.now())
        page = as_user(jana).get(url_of(job))
        assert page.context["may_record"] is False
        assert "This job is “Completed”." in page.content.decode()

    def test_tom_does_not_know_the_job(self, job, tom, as_user) -> None:
        assert as_user(tom).get(url_of(job)).status_code == 404

    def test_karl_records_nothing(self, job, karl, as_user) -> None:
        assert as_user(karl).get(url_of(job)).status_code == 403

    def test_the_search_knows_the_job(self, job, jana, as_user) -> None:
        new = PartFactory(number="VLV-2")
        old = PartFactory(number="VLV-1", superseded_by=new, old_part_rule="always")

        page = as_user(jana).get(reverse("spareparts:use_search", args=[job.pk]), {"q": "vlv"})

        found = [(option["id"], option["answer"], option["note"]) for option in page.context["options"]]
        assert found == [(old.pk, "returning", "Replaced by VLV-2"), (new.pk, "none", "")]

    def test_as_many_queries_for_three_lines_as_for_one(self, job, jana, as_user) -> None:
        browser, counts = as_user(jana), []
        for number in (1, 2):
            for _each in range(number):
                EquipmentPartFactory(equipment=job.equipment)
                used(WorkOrderFactory(lead=jana), PartFactory())
            with CaptureQueriesContext(connection) as captured:
                assert browser.get(url_of(job)).status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1] <= 10


class TestRecording:
    def test_two_parts(self, job, jana, bearing, cable, as_user) -> None:
        sent = lines({"part": bearing.pk, "quantity": "2"}, {"part": cable.pk, "quantity": "1.5", "lot_text": "B-7"})

        page = as_user(jana).post(url_of(job), sent | key())

        document = Consumption.objects.get()
        assert page.url == f"/consumptions/{document.pk}/"
        assert [(line.part, line.quantity, line.lot_text) for line in document.lines.order_by("pk")] == [
            (bearing, 2, ""),
            (cable, 150, "B-7"),
        ]
        assert (document.engineer, document.recorded_by, document.reason) == (jana, jana, "")

    def test_untouched_lines_are_not_recorded(self, job, jana, bearing, cable, as_user) -> None:
        sent = lines(
            {"part": bearing.pk, "quantity": "0"}, {"part": cable.pk, "quantity": "0.50"}, {}, {"quantity": ""}
        )
        as_user(jana).post(url_of(job), sent | key())
        assert ConsumptionLine.objects.get().quantity == 50

    def test_old_part_from_the_machine(self, job, jana, bearing, as_user) -> None:
        entry = EquipmentPartFactory(equipment=job.equipment, part=bearing)
        row = {"part": bearing.pk, "quantity": "1", "old_part_answer": "returning", "old_choice": f"entry-{entry.pk}"}
        as_user(jana).post(url_of(job), lines(row | {"old_serial": "77"}) | key())

        line = ConsumptionLine.objects.get()
        assert (line.taken_from, line.old_part, line.old_serial) == (entry, bearing, "77")
        assert EquipmentPart.objects.get(pk=entry.pk).removed_at == line.consumption.recorded_at

    @pytest.mark.parametrize("choice", ["", "same", "nonsense"])
    def test_old_part_of_the_same_number(self, job, jana, bearing, as_user, choice) -> None:
        row = {"part": bearing.pk, "quantity": "1", "old_part_answer": "left", "old_choice": choice}
        as_user(jana).post(url_of(job), lines(row) | key())
        assert ConsumptionLine.objects.get().old_part == bearing

    def test_old_part_of_another_number_however_typed(self, job, jana, bearing, as_user) -> None:
        old = PartFactory(number="OLD-6203", is_listed=False)
        row = {"part": bearing.pk, "quantity": "1", "old_part_answer": "left", "old_choice": "other"}
        as_user(jana).post(url_of(job), lines(row | {"old_part": "old 6203"}) | key())
        assert ConsumptionLine.objects.get().old_part == old

    def test_twice_in_a_row_is_once(self, job, jana, bearing, as_user) -> None:
        browser, sent = as_user(jana), lines({"part": bearing.pk, "quantity": "2"}) | key()
        first, second = browser.post(url_of(job), sent), browser.post(url_of(job), sent)

        assert first.url == second.url
        assert (Consumption.objects.count(), Move.objects.count(), RequestKey.objects.count()) == (1, 1, 1)

    def test_the_key_with_other_content_shows_what_was_saved(self, job, jana, bearing, as_user) -> None:
        browser, sent = as_user(jana), lines({"part": bearing.pk, "quantity": "2"}) | key()
        browser.post(url_of(job), sent)
        page = browser.post(url_of(job), sent | {"lines-0-quantity": "3"})

        assert "This form was already saved with other content." in page.content.decode()
        assert page.context["lines"][0].quantity == "3"
        assert ConsumptionLine.objects.get().quantity == 2

    def test_eva_records_for_jana(self, job, jana, eva, bearing, as_user) -> None:
        browser, sent = as_user(eva), lines({"part": bearing.pk, "quantity": "2"}) | {"engineer": jana.pk}

        refused = browser.post(url_of(job), sent | key())
        assert refused.context["form"].errors == {"reason": ["This field is required."]}
        browser.post(url_of(job), sent | {"reason": "Phone flat"} | key())

        document = Consumption.objects.get()
        assert (document.engineer, document.recorded_by, document.reason) == (jana, eva, "Phone flat")

    def test_eva_names_only_people_of_the_job(self, job, tom, eva, bearing, as_user) -> None:
        sent = lines({"part": bearing.pk, "quantity": "2"}) | {"engineer": tom.pk, "reason": "because"}
        assert list(as_user(eva).post(url_of(job), sent | key()).context["form"].errors) == ["engineer"]

    def test_jana_cannot_name_another_engineer(self, job, jana, tom, bearing, as_user) -> None:
        sent = lines({"part": bearing.pk, "quantity": "2"}) | {"engineer": tom.pk, "reason": "because"}
        as_user(jana).post(url_of(job), sent | key())
        assert Consumption.objects.get().engineer == jana


class TestMistakes:
    @pytest.mark.parametrize(
        ("row", "field", "message"),
        [
            ({"quantity": "two"}, "quantity", "BRG-6004-2RS: Enter a number such as 2."),
            ({"quantity": "1,500"}, "quantity", "BRG-6004-2RS: Enter a number such as 2."),
            ({"quantity": "1,5"}, "quantity", "BRG-6004-2RS: piece: whole numbers only."),
            ({"quantity": "-1"}, "quantity", "BRG-6004-2RS: Enter a number such as 2."),
            ({"quantity": "1.5"}, "quantity", "BRG-6004-2RS: piece: whole numbers only."),
            ({"quantity": "0", "lot_text": "B-7"}, "quantity", "BRG-6004-2RS: Say how many you used."),
            (
                {"old_serial": "77"},
                "old_serial",
                "BRG-6004-2RS: You typed a serial number of an old part: say what happens to it.",
            ),
            (
                {"old_part_answer": "left", "old_choice": "other", "old_part": "NO-SUCH"},
                "old_part",
                "BRG-6004-2RS: No part has this number. Choose the old part from the catalogue.",
            ),
            (
                {"old_part_answer": "left", "old_choice": "entry-99999"},
                "old_part",
                "Line 1, BRG-6004-2RS: the old part is no longer in the machine. Choose it again.",
            ),
        ],
    )
    def test_said_at_the_line_with_everything_kept(self, job, jana, bearing, as_user, row, field, message) -> None:
        sent = {"part": bearing.pk, "quantity": "1"} | row
        page = as_user(jana).post(url_of(job), lines(sent) | key())

        line = page.context["lines"][0]
        assert line.errors == {field: [message]}
        assert {name: getattr(line, name) for name in row} == row
        assert "There is a problem" in page.content.decode()
        assert Consumption.objects.count() == 0

    def test_metres_have_two_places(self, job, jana, cable, as_user) -> None:
        page = as_user(jana).post(url_of(job), lines({"part": cable.pk, "quantity": "1.555"}) | key())
        assert page.context["lines"][0].errors == {"quantity": ["CBL-FLEX-3: metre: at most 2 decimal places."]}

    def test_two_parts_with_nearly_the_same_number(self, job, jana, bearing, as_user) -> None:
        PartFactory(number="OLD-1")
        exact = PartFactory(number="OLD1")
        row = {"part": bearing.pk, "quantity": "1", "old_part_answer": "left", "old_choice": "other"}
        page = as_user(jana).post(url_of(job), lines(row | {"old_part": "old 1"}) | key())
        assert page.context["lines"][0].errors == {
            "old_part": ["BRG-6004-2RS: Several parts have this number. Type it exactly as in the catalogue."]
        }
        as_user(jana).post(url_of(job), lines(row | {"old_part": "OLD1"}) | key())
        assert ConsumptionLine.objects.get().old_part == exact

    def test_nothing_used(self, job, jana, bearing, as_user) -> None:
        page = as_user(jana).post(url_of(job), lines({"part": bearing.pk, "quantity": "0"}) | key())
        assert page.context["formset"].non_form_errors() == ["Add at least one part and say how many you used."]

    def test_a_part_that_is_gone(self, job, jana, as_user) -> None:
        page = as_user(jana).post(url_of(job), lines({"part": 99999, "quantity": "1"}) | key())
        assert page.context["lines"][0].errors == {
            "quantity": ["This part is no longer in the catalogue. Choose it again."]
        }

    @pytest.mark.parametrize("part", ["", "x", "9" * 5000, "-1", "٣", "\x00"])
    def test_nonsense_is_no_part(self, job, jana, as_user, part) -> None:
        page = as_user(jana).post(url_of(job), lines({"part": part, "quantity": "1"}) | key())
        assert page.status_code == 200
        assert Consumption.objects.count() == 0

    def test_a_mangled_form(self, job, jana, as_user) -> None:
        page = as_user(jana).post(url_of(job), {"lines-TOTAL_FORMS": "x"} | key())
        assert page.status_code == 200

    def test_the_job_ended_meanwhile(self, job, jana, bearing, as_user) -> None:
        WorkOrder.objects.update(status="cancelled")
        page = as_user(jana).post(url_of(job), lines({"part": bearing.pk, "quantity": "1"}) | key())
        assert page.context["form"].non_field_errors() == [
            "WO-411 is “Cancelled”: parts are recorded on open jobs only. Ask the dispatcher to reopen it."
        ]


class TestWithoutJavaScript:
    def test_find_keeps_what_was_typed(self, job, jana, bearing, cable, as_user) -> None:
        row = {"part": cable.pk, "quantity": "1.5", "lot_text": "B-7"}
        page = as_user(jana).post(url_of(job), lines(row) | {"part": "bearing", "find": "1"} | key())

        assert [option["id"] for option in page.context["options"]] == [bearing.pk]
        line = page.context["lines"][0]
        assert (line.part, line.quantity, line.lot_text, line.errors) == (cable, "1.5", "B-7", {})

    def test_add_puts_the_part_on_top(self, job, jana, bearing, cable, as_user) -> None:
        sent = lines({"part": cable.pk, "quantity": "1.5"}) | {"add": bearing.pk}
        page = as_user(jana).post(url_of(job), sent | key())
        assert [(line.part, line.quantity, line.prefix) for line in page.context["lines"]] == [
            (bearing, "1", "lines-1"),
            (cable, "1.5", "lines-0"),
        ]
        assert page.context["total"] == 2

    def test_adding_what_is_there_makes_it_one(self, job, jana, bearing, as_user) -> None:
        sent = lines({"part": bearing.pk, "quantity": "0"}) | {"add": bearing.pk}
        page = as_user(jana).post(url_of(job), sent | key())
        assert [(line.part, line.quantity) for line in page.context["lines"]] == [(bearing, "1")]

    @pytest.mark.parametrize("add", ["", "x", "999", "9" * 50])
    def test_adding_nonsense_adds_nothing(self, job, jana, as_user, add) -> None:
        assert as_user(jana).post(url_of(job), lines() | {"add": add} | key()).context["lines"] == []

    def test_finding_nothing(self, job, jana, as_user) -> None:
        page = as_user(jana).post(url_of(job), lines() | {"part": "", "find": "1"} | key())
        assert "No part found." in page.content.decode()


FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
# PostgreSQL writes a posting with its moves in one statement, SQLite in two.
EXTRA = 0 if connection.vendor == "postgresql" else 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_engines
class TestBudget:
    """Statements of a movement request, session and user included; the frame of the transaction is counted apart."""

    def statements(self, browser, url, sent) -> tuple[int, list[str]]:
        with CaptureQueriesContext(connection) as captured:
            assert browser.post(url, sent | key()).status_code == 302
        words = [query["sql"].split()[0] for query in captured]
        return len([word for word in words if word not in FRAME]), [word for word in words if word in FRAME]

    @pytest.fixture
    def browser(self, job, jana, as_user):
        """One that has recorded before: the places of the ledger are remembered."""
        browser = as_user(jana)
        browser.post(url_of(job), lines({"part": PartFactory().pk, "quantity": "1"}) | key())
        return browser

    @pytest.mark.parametrize("count", [1, 20])
    def test_recording_is_at_most_twelve_whatever_the_lines(self, job, browser, count) -> None:
        parts = PartFactory.create_batch(count)
        sent = lines(*({"part": part.pk, "quantity": "1"} for part in parts))

        found = self.statements(browser, url_of(job), sent)

        assert found == (11 + EXTRA, ["BEGIN", "SAVEPOINT", "RELEASE", "COMMIT"])
        assert ConsumptionLine.objects.count() == count + 1

    @pytest.mark.parametrize("count", [1, 20])
    def test_old_parts_out_of_the_machine_are_locked_in_one_more(self, job, browser, count) -> None:
        """PostgreSQL changes them where it writes the new ones; SQLite needs a statement of its own."""
        entries = [EquipmentPartFactory(equipment=job.equipment) for _each in range(count)]
        old = {"quantity": "1", "old_part_answer": "returning"}
        sent = lines(*({"part": e.part_id, "old_choice": f"entry-{e.pk}"} | old for e in entries))

        assert self.statements(browser, url_of(job), sent)[0] == 12 + 2 * EXTRA

    @pytest.mark.parametrize("count", [1, 20])
    def test_an_undo_is_the_same_whatever_the_lines(self, job, browser, count) -> None:
        document = used(job, *PartFactory.create_batch(count))

        assert self.statements(browser, f"/consumptions/{document.pk}/undo/", {})[0] == 12 + EXTRA


class TestConfirmation:
    def test_reference_lines_and_what_happens_next(self, job, jana, bearing, as_user) -> None:
        line = UsedPart(bearing, 2, old_part_answer=OldPartAnswer.RETURNING, old_part=bearing)
        document = used(job, line)

        page = as_user(jana).get(document.get_absolute_url())

        assert page.context["next"] == ["Bring the old part back.", "The parts list of Chiller 3 is up to date."]
        assert page.context["undo"] == {"is_at_once": True, "text": "You can undo this for 10 more minutes."}
        assert page.context["total"] is None  # what it cost is for the office
        assert document.reference in page.content.decode()

    def test_the_office_sees_the_cost(self, job, eva, bearing, as_user) -> None:
        document = used(job, UsedPart(bearing, 2))
        page = as_user(eva).get(document.get_absolute_url())
        assert (str(page.context["total"]), page.context["undo"]["label"]) == ("16.80", "Undo with a reason")

    def test_what_is_used_up_leaves_the_parts_list_unmentioned(self, job, jana, as_user) -> None:
        document = used(job, PartFactory(number="GRS-SPRAY", is_noted_in_machine=False))
        assert as_user(jana).get(document.get_absolute_url()).context["next"] == []

    def test_an_undo_that_would_be_refused_is_not_offered(self, job, jana, eva, bearing, as_user) -> None:
        document = used(job, bearing, engineer=jana)
        WorkOrder.objects.update(status="completed", completed_at=timezone.now())

        assert as_user(jana).get(document.get_absolute_url()).context["undo"] is None
        evas = as_user(eva).get(document.get_absolute_url()).context["undo"]
        assert evas == {"is_at_once": False, "label": "Undo with a reason"}

    def test_tom_does_not_know_it(self, job, tom, bearing, as_user) -> None:
        document = used(job, bearing)
        urls = [document.get_absolute_url(), f"/consumptions/{document.pk}/undo/"]
        assert [as_user(tom).get(url).status_code for url in urls] == [404, 404]

    def test_jana_undoes(self, job, jana, bearing, as_user) -> None:
        document, browser = used(job, bearing), as_user(jana)
        url = f"/consumptions/{document.pk}/undo/"
        sent = key()

        first, second = browser.post(url, sent), browser.post(url, sent)

        assert (first.url, second.url) == (document.get_absolute_url(),) * 2
        page = browser.get(document.get_absolute_url())
        assert (page.context["undo"], page.context["next"]) == (None, [])
        assert "This record is “Undone” already." in browser.get(url).content.decode()

    def test_too_late_for_jana_not_for_eva(self, job, jana, eva, bearing, as_user) -> None:
        document = used(job, bearing, at=timezone.now() - timedelta(minutes=11))
        url = f"/consumptions/{document.pk}/undo/"

        page = as_user(jana).post(url, key())
        assert page.context["form"].non_field_errors() == [
            "This could be undone for 10 minutes. Ask a service manager to undo it."
        ]
        assert as_user(jana).get(document.get_absolute_url()).context["undo"] is None
        missing = as_user(eva).post(url, key())
        assert missing.context["form"].errors == {"reason": ["This field is required."]}
        as_user(eva).post(url, {"reason": "Wrong job"} | key())
        assert Consumption.objects.get().status == ConsumptionStatus.UNDONE

    def test_a_minute_is_a_minute(self, job, jana, bearing, as_user) -> None:
        document = used(job, bearing)
        with time_machine.travel(document.recorded_at + timedelta(minutes=9, seconds=1), tick=False):
            page = as_user(jana).get(document.get_absolute_url())
        assert page.context["undo"]["text"] == "You can undo this for 1 more minute."

    def test_a_refused_undo_offers_a_correcting_entry(self, job, jana, eva, bearing, as_user) -> None:
        document = used(job, bearing)
        WorkOrder.objects.update(status="cancelled")
        url = f"/consumptions/{document.pk}/undo/"

        janas = as_user(jana).post(url, key())
        assert janas.context["form"].non_field_errors() == ["WO-411 is “Cancelled”."]
        assert janas.context["correction"] is None
        evas = as_user(eva).get(url)
        assert evas.context["correction"] is not None
        correct = f"/consumptions/{document.pk}/correct/"
        done = as_user(eva).post(correct, {"reason": "Job cancelled"} | key())

        assert done.url == document.get_absolute_url()
        assert Consumption.objects.get().status == ConsumptionStatus.CORRECTED
        assert as_user(eva).get(correct).status_code == 200

    def test_correcting_what_can_be_undone_is_refused(self, job, eva, bearing, as_user) -> None:
        document = used(job, bearing)
        page = as_user(eva).post(f"/consumptions/{document.pk}/correct/", {"reason": "x"} | key())
        assert page.context["form"].non_field_errors() == [
            "Nothing stands against an undo: undo it, so that the machine follows."
        ]


class TestPanels:
    def test_on_the_job(self, job, jana, eva, bearing, as_user) -> None:
        used(job, UsedPart(bearing, 2))
        url = job.get_absolute_url()
        janas = as_user(jana).get(url).context["panels"][0]["data"]
        evas = as_user(eva).get(url).context["panels"][0]["data"]
        assert ([line.quantity for line in janas["lines"]], janas["total"], janas["may_record"]) == ([2], None, True)
        assert str(evas["total"]) == "16.80"

    def test_on_machine_part_and_customer(self, job, eva, jana, bearing, as_user) -> None:
        used(job, UsedPart(bearing, 2))
        browser = as_user(eva)
        machine = browser.get(job.equipment.get_absolute_url()).context["panels"][0]["data"]
        part = browser.get(bearing.get_absolute_url()).context["panels"][0]["data"]
        customer = browser.get(job.customer.get_absolute_url()).context["panels"][0]["data"]
        assert [entry.part for entry in machine["entries"]] == [bearing]
        assert [line.quantity for line in part["lines"]] == [2]
        assert str(customer["cost"]) == "16.80"
        assert as_user(jana).get(bearing.get_absolute_url()).context["panels"][0]["data"]["url"] == ""

    def test_a_part_others_used_is_not_used_on_her_jobs(self, job, jana, tom, eva, bearing, as_user) -> None:
        used(WorkOrderFactory(lead=tom), bearing)
        own, any_job = "Not used on your jobs yet.", "Not used on any job yet."

        janas = as_user(jana).get(bearing.get_absolute_url()).content.decode()
        evas = as_user(eva).get(bearing.get_absolute_url()).content.decode()
        unused = as_user(eva).get(PartFactory().get_absolute_url()).content.decode()

        assert (own in janas, any_job in janas) == (True, False)
        assert [words in evas for words in (own, any_job, "Used lately<")] == [False, False, True]
        assert any_job in unused
