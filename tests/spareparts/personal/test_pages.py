"""The pages of hand-overs, reports, purchases, counts and absences, as people use them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from spareparts.domain.counts import CountedPart
from spareparts.domain.handed import HandedPart
from spareparts.enums import CountStatus, HandOverStatus, LossKind, Mode
from spareparts.models import Absence, HandOver, LocalPurchase, LossReport, StockCount
from tests.factories.inventory import PartFactory
from tests.factories.personal import accepted, asked, bought, finished, gives, lost, moved, offered, opened
from tests.factories.workorders import UserFactory, WorkOrderFactory
from tests.inventory.test_pictures import PNG, SVG
from tests.spareparts.helpers import key
from tests.support.modes import in_mode
from tests.support.stock import held, personal

pytestmark = [pytest.mark.usefixtures("standard")]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def _two(part):
    return HandedPart(part, 2)


@pytest.fixture
def bearing(db):
    return PartFactory(number="BRG-1", name="Bearing", unit_cost=Decimal("8.40"))


@pytest.fixture
def six(jana, bearing):
    gives(jana, bearing, 6)
    return bearing


def row_of(person):
    return personal(person).balances.get(on_hand__gt=0)


class TestHandOver:
    def test_from_my_parts_to_a_colleague(self, as_user, jana, tom, six) -> None:
        browser = as_user(jana)
        page = browser.get(f"/hand-overs/new/?part={six.pk}&condition=new&lot=")
        assert page.context["form"][f"quantity-{row_of(jana).pk}"].value() == "6"
        assert "Tom Berger" in page.text
        assert "Jana Novak</option>" not in page.text

        sent = browser.post(
            "/hand-overs/new/", {f"quantity-{row_of(jana).pk}": "2", "receiver": tom.pk, "reason": "Yours"} | key()
        )
        document = HandOver.objects.get()
        assert sent.url == f"/hand-overs/{document.pk}/"
        shown = browser.get(sent.url)
        assert "Jana Novak to Tom Berger" in shown.text
        assert "Withdraw" in shown.text
        assert "How many do you take?" not in shown.text

    def test_he_takes_one_of_two_and_puts_it_back(self, as_user, jana, tom, six) -> None:
        document = offered(jana, tom, _two(six))
        browser = as_user(tom)
        home = browser.get(f"/hand-overs/{document.pk}/")
        assert "How many do you take?" in home.text
        line = document.lines.get()

        sent = browser.post(f"/hand-overs/{document.pk}/accept/", {f"quantity-{line.pk}": "1"} | key())
        assert sent.status_code == 302
        assert held(personal(tom)) == {"BRG-1": 1}
        shown = browser.get(sent.url)
        assert "of 2 offered" in shown.text
        assert "You can undo this for 10 more minutes." in shown.text
        browser.post(f"/hand-overs/{document.pk}/undo/", key())
        assert held(personal(jana)) == {"BRG-1": 6}

    def test_used_meanwhile_the_page_says_what_remains(self, as_user, jana, tom, six) -> None:
        document = offered(jana, tom, _two(six))
        lost(jana, six, 5)
        line = document.lines.get()
        browser = as_user(tom)
        assert "Jana Novak has 1 pc left." in browser.get(f"/hand-overs/{document.pk}/").text

        page = browser.post(f"/hand-overs/{document.pk}/accept/", {f"quantity-{line.pk}": "2"} | key())
        assert page.status_code == 200
        assert "BRG-1: Jana Novak has 1 pc left, not 2 pc. Take what remains." in page.text
        assert 'value="2"' in page.text
        assert HandOver.objects.get().status == HandOverStatus.OFFERED

    def test_too_many_and_nobody(self, as_user, jana, six) -> None:
        page = as_user(jana).post("/hand-overs/new/", {f"quantity-{row_of(jana).pk}": "7"} | key())
        assert "BRG-1: at most 6 pc." in page.text
        assert "To: This field is required." in page.text
        page = as_user(jana).post("/hand-overs/new/", {f"quantity-{row_of(jana).pk}": "x"} | key())
        assert "BRG-1: Enter a number such as 2." in page.text

    def test_nothing_chosen(self, as_user, jana, tom, six) -> None:
        page = as_user(jana).post("/hand-overs/new/", {"receiver": tom.pk} | key())
        assert "Choose at least one part and say how many." in page.text

    def test_who_holds_nothing(self, as_user, jana) -> None:
        assert "You hold nothing" in as_user(jana).get("/hand-overs/new/").text
        assert "There is nothing to hand over" in as_user(jana).get("/hand-overs/everything/").text

    def test_ask_offer_take(self, as_user, jana, tom, six) -> None:
        tom_sees = as_user(tom).get(f"/hand-overs/ask/?part={six.pk}&engineer={jana.pk}")
        assert "BRG-1" in tom_sees.text
        sent = as_user(tom).post("/hand-overs/ask/", {"part": six.pk, "engineer": jana.pk, "quantity": "2"} | key())
        document = HandOver.objects.get()
        assert (sent.url, document.status) == (f"/hand-overs/{document.pk}/", "asked")
        line = document.lines.get()
        assert "How many do you give?" in as_user(jana).get(sent.url).text

        as_user(jana).post(f"/hand-overs/{document.pk}/offer/", {f"quantity-{line.pk}": "2"} | key())
        assert HandOver.objects.get().status == "offered"
        as_user(tom).post(f"/hand-overs/{document.pk}/accept/", {f"quantity-{line.pk}": "2"} | key())
        assert held(personal(tom)) == {"BRG-1": 2}

    def test_ask_for_nothing_in_particular(self, as_user, tom, jana, six) -> None:
        assert "Which part?" in as_user(tom).get("/hand-overs/ask/").text
        for quantity in ("0", "x", "1.5"):
            page = as_user(tom).post(
                "/hand-overs/ask/", {"part": six.pk, "engineer": jana.pk, "quantity": quantity} | key()
            )
            assert page.status_code == 200
            assert "There is a problem" in page.text

    def test_decline_withdraw_and_put_away(self, as_user, jana, tom, six) -> None:
        first, second = offered(jana, tom, six), offered(jana, tom, six)
        third = offered(jana, tom, six, at=timezone.now() - timedelta(hours=25))
        as_user(tom).post(f"/hand-overs/{first.pk}/decline/", {"reason": "Van is full"} | key())
        as_user(jana).post(f"/hand-overs/{second.pk}/withdraw/", key())
        page = as_user(tom).get(f"/hand-overs/{third.pk}/")
        assert "so it lapsed" in page.text
        late = as_user(tom).post(f"/hand-overs/{third.pk}/accept/", {f"quantity-{third.lines.get().pk}": "1"} | key())
        assert "The offer lapsed on" in late.text
        as_user(tom).post(f"/hand-overs/{third.pk}/lapse/", key())

        assert [each.status for each in HandOver.objects.order_by("pk")] == ["declined", "withdrawn", "lapsed"]
        listed = as_user(tom).get("/hand-overs/")
        assert "Jana Novak to Tom Berger" in listed.text

    def test_strangers_find_nothing(self, as_user, jana, tom, six) -> None:
        document = offered(jana, tom, six)
        luis = UserFactory(name="Luis Ortega", is_engineer=True)
        browser = as_user(luis)
        assert browser.get(f"/hand-overs/{document.pk}/").status_code == 404
        for verb in ("accept", "offer", "decline", "withdraw", "lapse", "undo"):
            assert browser.post(f"/hand-overs/{document.pk}/{verb}/", key()).status_code == 404
        assert "No parts were handed over yet." in browser.get("/hand-overs/").text

    def test_everything_by_himself(self, as_user, jana, tom, six) -> None:
        sent = as_user(jana).post("/hand-overs/everything/", {"receiver": tom.pk} | key())
        document = HandOver.objects.get()
        assert (sent.url, document.is_everything, document.status) == (f"/hand-overs/{document.pk}/", True, "offered")


class TestManager:
    def test_what_he_moves_both_are_told(self, as_user, jana, tom, eva, six) -> None:
        document = moved(jana, tom, _two(six), by=eva)
        assert "Moved by a manager" in as_user(eva).get(f"/hand-overs/{document.pk}/").text
        assert "Eva Lang moved BRG-1 from Jana Novak to you: On sick leave" in as_user(tom).get("/my/parts/").text
        assert "Eva Lang moved BRG-1 from you to Tom Berger: On sick leave" in as_user(jana).get("/my/parts/").text

    def test_everything_of_somebody_who_leaves(self, as_user, jana, tom, eva, six) -> None:
        url = f"/holdings/{jana.pk}/move/everything/"
        assert "Move everything Jana Novak holds" in as_user(eva).get(url).text
        as_user(eva).post(url, {"receiver": tom.pk, "reason": "Leaves"} | key())
        assert held(personal(tom)) == {"BRG-1": 6}

    def test_undoes_later_with_a_reason(self, as_user, jana, tom, eva, six) -> None:
        document = moved(jana, tom, six, by=eva)
        assert as_user(tom).get(f"/hand-overs/{document.pk}/undo/").status_code == 403
        browser = as_user(eva)
        assert "Undo with a reason" in browser.get(f"/hand-overs/{document.pk}/").text
        assert "This field is required." in browser.post(f"/hand-overs/{document.pk}/undo/", key()).text
        browser.post(f"/hand-overs/{document.pk}/undo/", {"reason": "He is back"} | key())
        assert held(personal(jana)) == {"BRG-1": 6}

    def test_engineers_do_not(self, as_user, jana, tom, six) -> None:
        assert as_user(tom).get(f"/holdings/{jana.pk}/move/everything/").status_code == 403


class TestNotes:
    def test_what_waits_for_me(self, as_user, jana, tom, six) -> None:
        offered(jana, tom, six)
        asked(jana, tom, six)
        text = as_user(tom).get("/my/parts/").text
        assert "Jana Novak offers you BRG-1." in text
        assert "Jana Novak asks you for BRG-1." in text


class TestLoss:
    def test_lost_with_a_photo(self, as_user, jana, six) -> None:
        browser = as_user(jana)
        page = browser.get(f"/losses/new/?part={six.pk}&condition=new")
        assert page.context["form"]["holding"].value() == row_of(jana).pk
        photo = SimpleUploadedFile("roof.png", PNG)
        data = {"holding": row_of(jana).pk, "kind": "lost", "quantity": "2", "reason": "Fell off the roof"}
        sent = browser.post("/losses/new/", data | {"photo": photo} | key())

        report = LossReport.objects.get()
        assert sent.url == f"/losses/{report.pk}/"
        assert held(personal(jana)) == {"BRG-1": 4}
        assert "Fell off the roof" in browser.get(sent.url).text
        picture = browser.get(f"/losses/{report.pk}/photo/")
        assert picture["Content-Type"] == "image/png"
        assert b"".join(picture.streaming_content).startswith(b"\x89PNG")
        browser.post(f"/losses/{report.pk}/undo/", key())
        assert held(personal(jana)) == {"BRG-1": 6}

    def test_a_drawing_with_a_script_is_no_photo(self, as_user, jana, six) -> None:
        data = {"holding": row_of(jana).pk, "kind": "lost", "quantity": "2", "reason": "x"}
        page = as_user(jana).post("/losses/new/", data | {"photo": SimpleUploadedFile("x.png", SVG)} | key())
        assert "Choose a JPEG, PNG or WebP picture." in page.text
        assert not LossReport.objects.exists()

    def test_what_is_missing_is_said(self, as_user, jana, six) -> None:
        page = as_user(jana).post("/losses/new/", key())
        assert "How it happened: This field is required." in page.text
        data = {"holding": row_of(jana).pk, "kind": "lost", "quantity": "9", "reason": "x"}
        assert "Jana Novak has 6 pc, you asked for 9 pc." in as_user(jana).post("/losses/new/", data | key()).text
        data["quantity"] = "many"
        assert "Enter a number such as 2." in as_user(jana).post("/losses/new/", data | key()).text

    def test_not_somebody_elses_part_or_job(self, as_user, jana, tom, six) -> None:
        job = WorkOrderFactory(lead=jana)
        gives(tom, six)
        data = {"holding": row_of(jana).pk, "kind": "lost", "quantity": "1", "reason": "x", "work_order": job.pk}
        page = as_user(tom).post("/losses/new/", data | key())
        assert "Part: Select a valid choice." in page.text
        assert "On which job: Select a valid choice." in page.text

    def test_strangers_find_nothing(self, as_user, jana, tom, six) -> None:
        report = lost(jana, six)
        for url in (f"/losses/{report.pk}/", f"/losses/{report.pk}/undo/", f"/losses/{report.pk}/photo/"):
            assert as_user(tom).get(url).status_code == 404
        assert as_user(jana).get(f"/losses/{report.pk}/photo/").status_code == 404

    def test_the_office_sees_and_undoes_it(self, as_user, jana, eva, karl, six) -> None:
        report = lost(jana, six, kind=LossKind.DAMAGED)
        assert "BRG-1 Bearing" in as_user(eva).get("/losses/").text
        assert as_user(karl).get(f"/losses/{report.pk}/undo/").status_code == 403
        as_user(eva).post(f"/losses/{report.pk}/undo/", {"reason": "It works"} | key())
        assert held(personal(jana)) == {"BRG-1": 6}

    def test_who_holds_nothing(self, as_user, jana) -> None:
        assert "Only parts you hold can be reported." in as_user(jana).get("/losses/new/").text


def lines(*rows, **head):
    data = {"lines-TOTAL_FORMS": str(len(rows)), "lines-INITIAL_FORMS": "0"} | head | key()
    for index, row in enumerate(rows):
        data |= {f"lines-{index}-{name}": str(value) for name, value in row.items()}
    return data


class TestPurchase:
    def test_two_lines_and_a_receipt(self, as_user, jana, bearing) -> None:
        grease = PartFactory(number="GRS-1")
        browser = as_user(jana)
        assert "I bought parts" in browser.get("/purchases/new/").text
        data = lines(
            {"part": bearing.pk, "quantity": "2", "unit_cost": "9,90"},
            {"part": grease.pk, "quantity": "1", "unit_cost": "4"},
            supplier="Hardware Prater",
        )
        sent = browser.post("/purchases/new/", data | {"photo": SimpleUploadedFile("r.png", PNG)})
        purchase = LocalPurchase.objects.get()
        assert sent.url == f"/purchases/{purchase.pk}/"
        assert held(personal(jana)) == {"BRG-1": 2, "GRS-1": 1}
        page = browser.get(sent.url)
        assert "€23.80" in page.text
        assert b"".join(browser.get(f"/purchases/{purchase.pk}/photo/").streaming_content).startswith(b"\x89PNG")
        browser.post(f"/purchases/{purchase.pk}/undo/", key())
        assert held(personal(jana)) == {}

    def test_without_javascript_a_part_is_found_and_added(self, as_user, jana, bearing) -> None:
        browser = as_user(jana)
        found = browser.post("/purchases/new/", lines(supplier="Prater", part="brg", find="1"))
        assert f'value="{bearing.pk}"' in found.text
        added = browser.post("/purchases/new/", lines(supplier="Prater", add=bearing.pk))
        assert 'name="lines-0-quantity"' in added.text
        assert 'value="Prater"' in added.text
        assert not LocalPurchase.objects.exists()
        nonsense = browser.post("/purchases/new/", lines(add="x"))
        assert nonsense.status_code == 200

    def test_refusals_stand_at_their_lines(self, as_user, jana, bearing) -> None:
        old = PartFactory(number="OLD-9", is_listed=False)
        browser = as_user(jana)
        page = browser.post("/purchases/new/", lines({"part": bearing.pk, "quantity": "1", "unit_cost": ""}))
        assert "BRG-1: Say what one unit cost, such as 9.90." in page.text
        assert "Bought at: This field is required." in page.text
        page = browser.post("/purchases/new/", lines({"part": bearing.pk, "quantity": "0", "unit_cost": "3"}))
        assert "BRG-1: Say how many you bought." in page.text
        data = lines({"part": old.pk, "quantity": "1", "unit_cost": "3"}, supplier="x")
        assert "OLD-9: it is unlisted" in browser.post("/purchases/new/", data).text
        page = browser.post("/purchases/new/", lines(supplier="x"))
        assert "Add at least one part and say how many you bought." in page.text

    def test_in_advanced_a_serial_number_is_asked(self, as_user, jana) -> None:
        in_mode(Mode.ADVANCED)
        pump = PartFactory(number="PMP-1", tracking="serial")
        data = lines({"part": pump.pk, "quantity": "1", "unit_cost": "3"}, supplier="x")
        page = as_user(jana).post("/purchases/new/", data)
        assert "PMP-1: type its serial number." in page.text
        as_user(jana).post("/purchases/new/", data | {"lines-0-lot_code": "77-1"} | key())
        assert LocalPurchase.objects.get().lines.get().lot.code == "77-1"

    def test_strangers_find_nothing(self, as_user, jana, tom, bearing) -> None:
        purchase = bought(jana, bearing)
        for part in ("", "undo/", "photo/"):
            assert as_user(tom).get(f"/purchases/{purchase.pk}/{part}").status_code == 404
        assert "Nothing was bought locally yet." in as_user(tom).get("/purchases/").text


class TestCount:
    def test_open_save_and_finish(self, as_user, jana, six) -> None:
        browser = as_user(jana)
        assert "One line is booked with you." in browser.get("/counts/new/").text
        sent = browser.post("/counts/new/", key())
        count = StockCount.objects.get()
        assert sent.url == f"/counts/{count.pk}/"
        assert browser.get("/counts/new/").url == sent.url
        line = count.lines.get()
        assert f'name="quantity-{line.pk}" id="id_quantity-{line.pk}" value="6"' in browser.get(sent.url).text

        typed = {f"quantity-{line.pk}": "5", f"reason-{line.pk}": ""}
        saved = browser.post(sent.url, lines(save="1", **typed), follow=True)
        assert "Saved. Nothing is booked until you finish the count." in saved.text
        refused = browser.post(sent.url, lines(finish="1", **typed))
        assert "BRG-1: say why it is not what is booked." in refused.text
        typed[f"reason-{line.pk}"] = "One broke and I forgot"
        done = browser.post(sent.url, lines(finish="1", **typed), follow=True)
        assert "One broke and I forgot" in done.text
        assert held(personal(jana)) == {"BRG-1": 5}

    def test_a_part_that_nobody_booked(self, as_user, jana, six) -> None:
        grease = PartFactory(number="GRS-1")
        count = opened(jana)
        browser = as_user(jana)
        url, line = f"/counts/{count.pk}/", count.lines.get()
        typed = {f"quantity-{line.pk}": "6"}
        assert "GRS-1" in browser.post(url, lines(find="1", part="grs", **typed)).text
        added = browser.post(url, lines(add=grease.pk, **typed))
        assert 'name="lines-0-reason"' in added.text
        found = {"part": grease.pk, "quantity": "2", "condition": "new"}
        assert "GRS-1: say why it is not what is booked." in browser.post(url, lines(found, finish="1", **typed)).text
        browser.post(url, lines(found | {"reason": "Left by Luis"}, finish="1", **typed))
        assert held(personal(jana)) == {"BRG-1": 6, "GRS-1": 2}

    def test_what_moved_is_asked_again(self, as_user, jana, six) -> None:
        count = opened(jana)
        line = count.lines.get()
        lost(jana, six)
        page = as_user(jana).post(
            f"/counts/{count.pk}/", lines(finish="1", **{f"quantity-{line.pk}": "6"}), follow=True
        )
        assert "Some parts moved while you counted. Count those once more." in page.text
        assert "Moved since: count again" in page.text
        page = as_user(jana).post(f"/counts/{count.pk}/", lines(finish="1", **{f"quantity-{line.pk}": ""}))
        assert "BRG-1: say how many you counted." in page.text
        as_user(jana).post(f"/counts/{count.pk}/", lines(finish="1", **{f"quantity-{line.pk}": "5"}))
        assert StockCount.objects.get().status == CountStatus.POSTED

    def waiting(self, jana, six) -> StockCount:
        in_mode(Mode.STANDARD, count_limit=Decimal("10.00"))
        return finished(opened(jana), CountedPart(six, 0, reason="Stolen"))

    def test_above_the_limit_a_second_person_decides(self, as_user, jana, karl, six) -> None:
        count = self.waiting(jana, six)
        assert "A manager looks at them." in as_user(jana).get(f"/counts/{count.pk}/").text
        assert "Waiting for approval" in as_user(karl).get("/counts/").text
        assert "€50.40" in as_user(karl).get(f"/counts/{count.pk}/").text
        as_user(karl).post(f"/counts/{count.pk}/approve/", key())
        assert held(personal(jana)) == {}

    def test_or_rejects_with_a_reason(self, as_user, jana, karl, six) -> None:
        count = self.waiting(jana, six)
        assert "This field is required." in as_user(karl).post(f"/counts/{count.pk}/reject/", key()).text
        as_user(karl).post(f"/counts/{count.pk}/reject/", {"reason": "Look again"} | key())
        page = as_user(jana).get(f"/counts/{count.pk}/")
        assert "Karl Huber rejected it: Look again" in page.text
        assert "Count again" in page.text

    def test_given_up(self, as_user, jana, six) -> None:
        count = opened(jana)
        as_user(jana).post(f"/counts/{count.pk}/cancel/", key())
        assert StockCount.objects.get().status == CountStatus.CANCELLED

    def test_strangers_and_the_office(self, as_user, jana, tom, eva, six) -> None:
        count = opened(jana)
        assert as_user(tom).get(f"/counts/{count.pk}/").status_code == 404
        assert as_user(eva).get(f"/counts/{count.pk}/").status_code == 200
        assert as_user(eva).post(f"/counts/{count.pk}/", lines(finish="1")).status_code == 403
        assert as_user(tom).post(f"/counts/{count.pk}/approve/", key()).status_code == 403


class TestAbsence:
    def test_planned_and_cancelled(self, as_user, jana, tom) -> None:
        browser, today = as_user(jana), timezone.localdate()
        data = {"first_day": today.isoformat(), "last_day": (today + timedelta(days=3)).isoformat(), "deputy": tom.pk}
        browser.post("/absences/", data | key())
        page = browser.get("/absences/")
        assert "Deputy: Tom Berger" in page.text
        assert "You stand in for" in as_user(tom).get("/absences/").text
        again = browser.post("/absences/", data | key())
        assert "You are away from" in again.text
        absence = Absence.objects.get()
        assert as_user(tom).post(f"/absences/{absence.pk}/cancel/", key()).status_code == 404
        assert "too old to send" in browser.post(f"/absences/{absence.pk}/cancel/").text
        browser.post(f"/absences/{absence.pk}/cancel/", key())
        assert not Absence.objects.exists()

    def test_the_auditor_has_none(self, as_user, oskar) -> None:
        assert as_user(oskar).get("/absences/").status_code == 403


class TestSimple:
    def test_none_of_it_exists(self, as_user, jana, eva, bearing) -> None:
        in_mode(Mode.SIMPLE)
        for url in (
            "/hand-overs/",
            "/hand-overs/new/",
            "/losses/new/",
            "/purchases/new/",
            "/counts/new/",
            "/absences/",
        ):
            assert as_user(jana).get(url).status_code == 403
        assert as_user(eva).get(f"/holdings/{jana.pk}/move/everything/").status_code == 403


class TestQueries:
    @pytest.mark.parametrize("url", ["/hand-overs/", "/losses/", "/purchases/", "/counts/", "/hand-overs/new/"])
    def test_as_many_for_three_rows_as_for_one(
        self, as_user, jana, tom, six, url, django_assert_max_num_queries
    ) -> None:
        browser = as_user(jana)

        def make() -> None:
            part = PartFactory()
            gives(jana, part, 3)
            accepted(offered(jana, tom, part))
            lost(jana, part)
            bought(jana, part)
            finished(opened(jana))

        make()
        browser.get(url)
        with django_assert_max_num_queries(8) as one:
            browser.get(url)
        make()
        make()
        with django_assert_max_num_queries(8) as three:
            browser.get(url)
        assert len(three) == len(one)
