"""The pages of returns and old parts, as people walk through them."""

import io
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from inventory.enums import Tracking
from inventory.models import Part, PartBarcode, Warehouse
from spareparts.domain.returns import preparing
from spareparts.enums import ConfirmationMode, DebtStatus, Mode, ReturnStatus
from spareparts.forms import returns as return_forms
from spareparts.models import Discrepancy, OldPartDebt, Return
from spareparts.policies import ModePolicy
from tests.factories.inventory import PartFactory
from tests.factories.returns import handed_over, owed, prepared
from tests.support.modes import in_mode
from tests.support.stock import held, personal, put, shelf
from workorders.models import User

SignIn = Callable[[User], Client]


def url(name: str, *args: object) -> str:
    return reverse(f"spareparts:{name}", args=args)


def key(**fields: object) -> dict[str, object]:
    return {"request_key": str(uuid.uuid4())} | fields


def sent(client: Client, name: str, *args: object, **fields: object):
    return client.post(url(name, *args), key(**fields))


def proposed(client: Client, query: str = "") -> dict[str, str]:
    """What the page would send when its button is pressed without touching anything."""
    form = client.get(url("return_new") + query).context["form"]
    fields = {}
    for view in form.views(form.rows):
        if view.is_ticked:
            fields[view.tick.html_name] = "on"
        fields[view.quantity.html_name] = view.quantity.value()
    for name in ("warehouse", "method"):
        if name in form.fields:
            value = form[name].value()
            fields[name] = getattr(value, "pk", value)
    return fields


def ago(days: int):
    return timezone.now() - timedelta(days=days)


class TestReturnParts:
    def test_what_is_due_goes_back_in_two_taps(
        self, advanced: ModePolicy, jana: User, vienna: Warehouse, board: Part, fan: Part, as_user: SignIn
    ):
        put(personal(jana), board, 2, by=jana, at=ago(25))
        put(personal(jana), fan, 4, by=jana, at=ago(12))
        put(personal(jana), PartFactory(number="SNS-1"), 3, by=jana, at=ago(3))
        debt = owed(jana, PartFactory(number="VLV-SOL"))
        client = as_user(jana)
        page = client.get(url("return_new"))  # the first tap
        assert "Return 7 pieces" in page.content.decode()
        done = client.post(url("return_new"), key(**proposed(client)))  # the second
        document = Return.objects.get()
        assert (done.status_code, done["Location"]) == (302, document.get_absolute_url())
        lines = {(line.part.number, line.quantity, line.debt) for line in document.lines.all()}
        assert lines == {("PCB-4471", 2, None), ("FAN-120", 4, None), ("VLV-SOL", 1, debt)}
        assert (document.status, document.warehouse) == (ReturnStatus.PREPARED, vienna)
        assert client.get(url("return_new")).context["form"].piece_count == 0

    def test_standard_hands_over_at_once(self, standard: ModePolicy, jana: User, board: Part, as_user: SignIn):
        put(personal(jana), board, 2, by=jana, at=ago(25))
        client = as_user(jana)
        client.post(url("return_new"), key(**proposed(client)))
        assert (Return.objects.get().status, held(personal(jana))) == (ReturnStatus.CHECKED_IN, {})

    def test_standard_may_prepare_for_later(self, standard: ModePolicy, jana: User, board: Part, as_user: SignIn):
        put(personal(jana), board, 2, by=jana, at=ago(25))
        client = as_user(jana)
        client.post(url("return_new"), key(later="1", **proposed(client)))
        assert Return.objects.get().status == ReturnStatus.PREPARED

    def test_sending_leaves_at_once(self, advanced: ModePolicy, jana: User, vienna, board: Part, as_user: SignIn):
        put(personal(jana), board, 2, by=jana, at=ago(25))
        client = as_user(jana)
        client.post(url("return_new"), key(**(proposed(client) | {"method": "send", "carrier": "Post"})))
        document = Return.objects.get()
        assert (document.status, document.carrier) == (ReturnStatus.HANDED_OVER, "Post")

    def test_from_one_part_only_that_part_is_ticked(
        self, standard: ModePolicy, jana: User, board: Part, fan: Part, as_user: SignIn
    ):
        put(personal(jana), board, 2, by=jana, at=ago(25))
        put(personal(jana), fan, 1, by=jana)
        client = as_user(jana)
        client.post(url("return_new"), key(**proposed(client, f"?part={fan.pk}&condition=new&lot=")))
        assert [line.part for line in Return.objects.get().lines.all()] == [fan]

    @pytest.mark.parametrize("query", ["?part=%00", "?part=" + "9" * 5000, "?part=x&condition=moon&lot=-1"])
    def test_nonsense_in_the_address_is_as_if_nothing_was_said(
        self, standard: ModePolicy, jana: User, board: Part, as_user: SignIn, query: str
    ):
        put(personal(jana), board, 2, by=jana, at=ago(25))
        assert as_user(jana).get(url("return_new") + query).context["form"].piece_count == 2

    def test_too_many_is_said_at_the_row_and_stays_typed(
        self, standard: ModePolicy, jana: User, board: Part, as_user: SignIn
    ):
        put(personal(jana), board, 2, by=jana, at=ago(25))
        client = as_user(jana)
        fields = proposed(client)
        name = next(each for each in fields if each.endswith("-quantity"))
        page = client.post(url("return_new"), key(**(fields | {name: "5"})))
        assert page.context["form"].errors == {name: ["PCB-4471: 2 pc held, so 5 pc cannot go back."]}
        assert 'value="5"' in page.content.decode()
        assert not Return.objects.exists()

    def test_parts_that_left_meanwhile_are_said(self, standard: ModePolicy, jana: User, board, fan, as_user: SignIn):
        put(personal(jana), board, 1, by=jana, at=ago(25))
        client = as_user(jana)
        fields = proposed(client)
        handed_over(jana, (board, 1))
        page = client.post(url("return_new"), key(**fields))
        assert "no longer with you" in str(page.context["form"].errors)

    def test_nothing_ticked_is_refused(self, standard: ModePolicy, jana: User, board: Part, as_user: SignIn):
        put(personal(jana), board, 1, by=jana)
        page = sent(as_user(jana), "return_new", method="hand_in")
        assert "Tick at least one part" in page.content.decode()

    def test_a_part_without_its_number_is_not_ticked_and_gets_it_here(
        self, advanced: ModePolicy, jana: User, vienna: Warehouse, as_user: SignIn
    ):
        pump = PartFactory(number="PMP-1", tracking=Tracking.SERIAL)
        put(personal(jana), pump, 2, by=jana, at=ago(30))
        client = as_user(jana)
        (view,) = client.get(url("return_new")).context["form"].unused
        assert (view.is_ticked, view.quantity.value()) == (False, "1")
        fields = proposed(client) | {view.tick.html_name: "on"}
        page = client.post(url("return_new"), key(**fields))
        assert "say first which batch or serial number it is" in page.content.decode()
        assert client.post(url("return_new"), key(**(fields | {view.lot.html_name: "77-1"}))).status_code == 302
        line = Return.objects.get().lines.get()
        assert (line.lot.code, line.lot.is_serial, held(personal(jana))) == ("77-1", True, {"PMP-1": 2})

    def test_a_van_full_of_due_parts_goes_back_in_portions(
        self, standard: ModePolicy, jana: User, as_user: SignIn, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(return_forms, "MOST_LINES", 3)
        monkeypatch.setattr(preparing, "MOST_LINES", 3)
        for _each in range(5):
            put(personal(jana), PartFactory(), 1, by=jana, at=ago(25))
        client = as_user(jana)
        for left in (2, 0):
            assert client.post(url("return_new"), key(**proposed(client))).status_code == 302
            assert sum(held(personal(jana)).values()) == left

    def test_holding_nothing_says_so(self, standard: ModePolicy, jana: User, as_user: SignIn):
        assert "You hold nothing" in as_user(jana).get(url("return_new")).content.decode()


class TestOneReturn:
    @pytest.fixture
    def document(self, advanced: ModePolicy, jana: User, vienna: Warehouse, board: Part) -> Return:
        put(personal(jana), board, 4, by=jana, at=ago(20))
        return prepared(jana, (board, 4))

    def test_it_can_be_changed(self, document: Return, jana: User, as_user: SignIn):
        client = as_user(jana)
        form = client.get(url("return_edit", document.pk)).context["form"]
        (view,) = form.views(form.rows)
        assert (view.is_ticked, view.quantity.value()) == (True, "4")
        fields = {view.tick.html_name: "on", view.quantity.html_name: "3", "method": "hand_in", "warehouse": 1}
        fields["warehouse"] = document.warehouse_id
        assert sent(client, "return_edit", document.pk, **fields).status_code == 302
        assert document.lines.get().quantity == 3

    def test_handing_over_says_what_became_less(self, document: Return, jana: User, board: Part, as_user: SignIn):
        handed_over(jana, (board, 1))
        client = as_user(jana)
        page = client.post(url("return_hand_over", document.pk), key(carrier="DHL"), follow=True)
        assert "PCB-4471: 3 pc instead of 4 pc" in page.content.decode()
        document.refresh_from_db()
        assert (document.status, document.carrier) == (ReturnStatus.HANDED_OVER, "DHL")

    def test_cancelling(self, document: Return, jana: User, as_user: SignIn):
        sent(as_user(jana), "return_cancel", document.pk)
        document.refresh_from_db()
        assert document.status == ReturnStatus.CANCELLED

    def test_the_slip_carries_a_code(self, document: Return, jana: User, as_user: SignIn):
        page = as_user(jana).get(url("return_slip", document.pk)).content.decode()
        assert 'class="qr"' in page
        assert "style=" not in page.split('class="qr"')[1].split("</svg>")[0]

    def test_a_colleague_finds_nothing(self, document: Return, tom: User, as_user: SignIn):
        client = as_user(tom)
        for name in ("return", "return_slip", "return_edit", "return_hand_over", "return_cancel"):
            assert client.get(url(name, document.pk)).status_code == 404


class TestDesk:
    def test_a_scanned_code_opens_the_check_in(
        self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, board: Part, as_user: SignIn
    ):
        put(personal(jana), board, 1, by=jana)
        document = prepared(jana, (board, 1))
        client = as_user(karl)
        address = f"https://parts.example{reverse('spareparts:open_code', args=[document.reference])}"
        for code in (document.reference, document.reference.lower(), address):
            found = client.get(url("returns_desk"), {"code": code})
            assert found["Location"] == url("return_check_in", document.pk)
        assert client.get(address.removeprefix("https://parts.example"))["Location"] == document.get_absolute_url()
        assert "No return has the code" in client.get(url("returns_desk"), {"code": "RT-999999"}).content.decode()

    def test_counting_and_inspecting(
        self, advanced: ModePolicy, jana: User, karl: User, vienna: Warehouse, board: Part, fan: Part, as_user: SignIn
    ):
        put(personal(jana), board, 4, by=jana)
        put(personal(jana), fan, 2, by=jana)
        PartBarcode.objects.create(part=board, code="4006381333931")
        document = handed_over(jana, (board, 4), (fan, 2))
        client = as_user(karl)
        page = client.get(url("return_check_in", document.pk))
        assert "PCB-4471||4006381333931" in page.content.decode()
        first, second = document.lines.order_by("pk")
        fields = {
            "version": document.version,
            f"{first.pk}-accepted": "2",
            f"{first.pk}-refused": "1",
            f"{first.pk}-inspection": "Burnt",
            f"{first.pk}-disposition": "repair",
            f"{second.pk}-accepted": "2",
            f"{second.pk}-disposition": "scrap",
        }
        assert sent(client, "return_check_in", document.pk, **fields).status_code == 302
        assert held(shelf(vienna)) == {"PCB-4471": 2}
        assert Discrepancy.objects.get().quantity == 1
        told = as_user(jana).get(document.get_absolute_url()).content.decode()
        assert [words in told for words in ("1 refused", "Burnt", "Missing: 1")] == [True, True, True]
        assert f"{document.reference} was checked in" in as_user(jana).get(url("my_parts")).content.decode()

    def test_a_stale_page_is_refused(self, advanced, jana: User, karl: User, vienna, board: Part, as_user: SignIn):
        put(personal(jana), board, 1, by=jana)
        document = handed_over(jana, (board, 1))
        line = document.lines.get()
        page = sent(as_user(karl), "return_check_in", document.pk, version=0, **{f"{line.pk}-accepted": "1"})
        assert "Look again before you go on" in page.content.decode()

    def test_undo_at_once(self, advanced, jana: User, karl: User, vienna, board: Part, as_user: SignIn):
        put(personal(jana), board, 1, by=jana)
        document = handed_over(jana, (board, 1))
        client = as_user(karl)
        line = document.lines.get()
        sent(client, "return_check_in", document.pk, version=document.version, **{f"{line.pk}-accepted": "1"})
        assert "Undo" in client.get(document.get_absolute_url()).content.decode()
        sent(client, "return_undo", document.pk)
        document.refresh_from_db()
        assert document.status == ReturnStatus.HANDED_OVER

    def test_taking_back(self, advanced, jana: User, karl: User, vienna, board: Part, fan: Part, as_user: SignIn):
        put(personal(jana), board, 2, by=jana)
        put(personal(jana), fan, 2, by=jana)
        client = as_user(karl)
        assert "choose who is here" in client.get(url("take_back")).content.decode()
        address = f"{url('take_back')}?engineer={jana.pk}"
        form = client.get(address).context["form"]
        fields = {view.quantity.html_name: "0" for view in form.lines}
        named = {view.row.part: view.quantity.html_name for view in form.lines}
        fields |= {named[board]: "1", "warehouse": vienna.pk}
        assert client.post(address, key(**fields)).status_code == 302
        assert (held(shelf(vienna)), held(personal(jana))) == ({"PCB-4471": 1}, {"FAN-120": 2, "PCB-4471": 1})

    def test_standard_confirms_from_the_list(self, standard, jana: User, karl: User, board: Part, as_user: SignIn):
        in_mode(Mode.STANDARD, return_confirmation=ConfirmationMode.MANUAL)
        put(personal(jana), board, 1, by=jana)
        document = handed_over(jana, (board, 1))
        client = as_user(karl)
        assert "Waiting for confirmation" in client.get(url("returns_desk")).content.decode()
        sent(client, "return_confirm", document.pk)
        document.refresh_from_db()
        assert (document.status, held(personal(jana))) == (ReturnStatus.CHECKED_IN, {})

    def test_engineers_and_auditors_stay_out(self, advanced, jana: User, oskar: User, as_user: SignIn):
        for person in (jana, oskar):
            for name in ("returns_desk", "take_back"):
                assert as_user(person).get(url(name)).status_code == 403


def photo() -> SimpleUploadedFile:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(target, "JPEG")
    return SimpleUploadedFile("van.jpg", target.getvalue(), "image/jpeg")


class TestOldParts:
    @pytest.fixture
    def debt(self, standard: ModePolicy, jana: User, board: Part) -> OldPartDebt:
        return owed(jana, board, due_on=timezone.localdate() - timedelta(days=2), is_warranty=True)

    def test_asking_with_a_photo_and_deciding(
        self, debt: OldPartDebt, jana: User, tom: User, eva: User, as_user: SignIn, settings, tmp_path
    ):
        settings.MEDIA_ROOT = tmp_path
        asked = sent(as_user(jana), "debt_ask", debt.pk, answer="left", reason="Customer keeps it", photo=photo())
        assert asked.status_code == 302
        debt.refresh_from_db()
        assert (debt.asked_answer, debt.asked_reason) == ("left", "Customer keeps it")
        picture = as_user(eva).get(url("debt_photo", debt.pk))
        assert (picture["Content-Type"], b"".join(picture)[:3]) == ("image/jpeg", b"\xff\xd8\xff")
        assert as_user(tom).get(url("debt_photo", debt.pk)).status_code == 404
        page = as_user(eva).get(url("debt_decide", debt.pk)).content.decode()
        assert "Customer keeps it" in page
        sent(as_user(eva), "debt_decide", debt.pk, decision="waive", reason="Agreed with the supplier")
        debt.refresh_from_db()
        assert (debt.status, debt.decided_by) == (DebtStatus.WAIVED, eva)

    def test_refusing_keeps_the_debt(self, debt: OldPartDebt, jana: User, eva: User, as_user: SignIn):
        sent(as_user(jana), "debt_ask", debt.pk, answer="none", reason="There was none")
        sent(as_user(eva), "debt_decide", debt.pk, decision="refuse", reason="It is on the photo")
        debt.refresh_from_db()
        assert (debt.status, debt.asked_answer) == (DebtStatus.HELD, "")

    def test_what_is_no_picture_is_refused_and_nothing_is_asked(self, debt: OldPartDebt, jana: User, as_user: SignIn):
        bad = SimpleUploadedFile("x.jpg", b"<svg/>", "image/jpeg")
        page = sent(as_user(jana), "debt_ask", debt.pk, answer="left", reason="x", photo=bad)
        assert "Choose a JPEG" in page.content.decode()
        debt.refresh_from_db()
        assert debt.asked_answer == ""

    def test_the_office_sees_who_owes_what_and_takes_it_along(
        self, debt: OldPartDebt, eva: User, jana: User, as_user: SignIn
    ):
        client = as_user(eva)
        page = client.get(url("old_parts"))
        assert page.context["totals"] == {"open": 1, "late": 1, "asked": 0, "at_risk": 120, "in_warranty": 120}
        assert "2 days late" in page.content.decode()
        for query, count in (("?state=asked", 0), ("?state=late", 1), ("?q=pcb", 1), ("?state=moon&engineer=x", 1)):
            assert len(client.get(url("old_parts") + query).context["rows"]) == count
        lines = b"".join(client.get(url("old_parts_export", "csv"))).decode().splitlines()
        assert lines[1].split(",")[1:3] == ["Jana Novak", "PCB-4471"]
        assert client.get(url("old_parts_export", "pdf")).status_code == 404

    def test_the_engineer_sees_his_own(self, debt: OldPartDebt, jana: User, tom: User, as_user: SignIn):
        assert "PCB-4471" in as_user(jana).get(url("debts")).content.decode()
        assert "You owe no old parts" in as_user(tom).get(url("debts")).content.decode()
        assert as_user(tom).get(url("debt", debt.pk)).status_code == 404
        assert as_user(jana).get(url("old_parts")).status_code == 403


class TestConstantQueries:
    @pytest.mark.parametrize("name", ["returns", "return_new", "debts", "returns_desk", "old_parts", "take_back"])
    def test_one_and_three_rows_cost_the_same(
        self, advanced, jana: User, karl: User, vienna, as_user: SignIn, name: str
    ):
        person = jana if name in ("returns", "return_new", "debts") else karl
        client = as_user(person)
        query = {"engineer": jana.pk} if name == "take_back" else {}
        counts = []
        for _round in range(2):
            for _each in range(1 if not counts else 2):
                part = PartFactory()
                put(personal(jana), part, 3, by=jana, at=ago(20))
                owed(jana, part)
                prepared(jana, (part, 1))
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url(name), query).status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1]
        assert counts[1] <= 16

    @pytest.mark.parametrize("name", ["return", "return_slip", "return_edit", "return_check_in", "return_hand_over"])
    def test_one_and_three_lines_cost_the_same(
        self, advanced, jana: User, karl: User, vienna, as_user: SignIn, name: str
    ):
        client = as_user(karl if name == "return_check_in" else jana)
        counts = []
        for lines in (1, 3):
            parts = [PartFactory() for _each in range(lines)]
            for part in parts:
                put(personal(jana), part, 1, by=jana)
            document = prepared(jana, *((part, 1) for part in parts))
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url(name, document.pk)).status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1]
