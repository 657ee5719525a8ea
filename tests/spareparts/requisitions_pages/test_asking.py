"""Jana asks for parts on her phone: from a job and for her van, with and without mistakes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.shared.models import RequestKey
from inventory.enums import WarehouseStatus
from inventory.models import Substitute, Warehouse
from spareparts.enums import ReceivingMethod, RequisitionStatus
from spareparts.models import Requisition, ServiceBomLine
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.workorders import WorkOrderFactory
from tests.spareparts.helpers import key
from tests.spareparts.requisitions_pages.helpers import drafted, line, lines
from tests.support.stock import held, personal, put, shelf

NEW = "/requests/new/"


def shown(page) -> list[tuple[str, str, str]]:
    return [(each.part.number, each.quantity, each.note) for each in page.context["lines"]]


class TestThePage:
    def test_the_service_bom_stands_ready_for_the_job(self, advanced, stocked, job, jana, bearing, as_user) -> None:
        ServiceBomLine.objects.create(equipment_model=job.equipment.model, part=bearing, quantity=2)

        page = as_user(jana).get(NEW, {"work_order": job.pk})

        assert shown(page) == [("BRG-6004-2RS", "0", "Suggested for this machine: 2 pc")]
        assert page.context["lines"][0].free == "Vienna 3 free"

    def test_the_successor_stands_for_a_replaced_part(self, advanced, vienna, job, jana, as_user) -> None:
        new = PartFactory(number="VLV-2")
        old = PartFactory(number="VLV-1", superseded_by=new, is_listed=False)
        ServiceBomLine.objects.create(equipment_model=job.equipment.model, part=old, quantity=1)
        gone = PartFactory(number="GONE", is_listed=False)
        ServiceBomLine.objects.create(equipment_model=job.equipment.model, part=gone, quantity=1)

        page = as_user(jana).get(NEW, {"work_order": job.pk})

        assert [each.part for each in page.context["lines"]] == [new]

    def test_substitutes_stand_beside_the_part(self, advanced, stocked, jana, bearing, as_user) -> None:
        rare = PartFactory(number="RARE")
        Substitute.objects.create(part=rare, substitute=bearing)

        page = as_user(jana).get(NEW, {"part": rare.pk})

        only = page.context["lines"][0]
        assert (only.part, only.quantity, only.free, only.is_short) == (rare, "1", "None free now", True)
        assert [(each.part, each.free) for each in only.others] == [(bearing, "Vienna 3 free")]

    def test_standard_knows_no_warehouse_and_no_shipping(self, standard, job, jana, bearing, as_user) -> None:
        WarehouseFactory(name="Vienna", is_default=True)
        page = as_user(jana).get(NEW, {"part": bearing.pk})
        assert list(page.context["head"].fields) == ["work_order", "needed_at", "note"]
        assert page.context["lines"][0].free == ""

    def test_advanced_offers_every_way(self, advanced, vienna, job, jana, as_user) -> None:
        head = as_user(jana).get(NEW, {"work_order": job.pk}).context["head"]
        assert [value for value, _label in head.fields["receiving_method"].choices] == ReceivingMethod.values
        assert head.initial["work_order"] == job.pk

    def test_without_a_job_nothing_goes_to_a_site(self, advanced, vienna, jana, as_user) -> None:
        head = as_user(jana).get(NEW).context["head"]
        methods = [value for value, _label in head.fields["receiving_method"].choices]
        assert methods == ["pick_up", "to_engineer", "to_warehouse"]
        assert "work_order" not in head.fields

    def test_a_disabled_warehouse_is_not_offered(self, advanced, vienna, jana, as_user) -> None:
        WarehouseFactory(name="Graz", status=WarehouseStatus.DISABLED)
        head = as_user(jana).get(NEW).context["head"]
        assert list(head.fields["warehouse"].queryset) == list(head.fields["destination"].queryset) == [vienna]

    def test_jobs_of_others_are_not_offered(self, standard, job, tom, as_user) -> None:
        page = as_user(tom).get(NEW, {"work_order": job.pk})
        assert page.context["work_order"] is None
        assert "work_order" not in page.context["head"].fields

    def test_the_auditor_asks_for_nothing(self, standard, oskar, as_user) -> None:
        assert as_user(oskar).get(NEW).status_code == 403

    def test_simple_knows_no_requests(self, jana, as_user) -> None:
        assert as_user(jana).get(NEW).status_code == 403

    def test_the_search_says_what_lies_free(self, advanced, stocked, jana, bearing, as_user) -> None:
        page = as_user(jana).get(reverse("spareparts:requisition_search"), {"q": "brg"})
        assert [(each["id"], each["free"]) for each in page.context["options"]] == [(bearing.pk, "Vienna 3 free")]

    def test_as_many_queries_for_three_lines_as_for_one(self, advanced, vienna, karl, job, jana, as_user) -> None:
        browser, counts = as_user(jana), []
        for number in (1, 2):
            for _each in range(number):
                part, other = PartFactory(superseded_by=PartFactory()), PartFactory()
                Substitute.objects.create(part=other, substitute=part)
                put(shelf(vienna), other, 1, by=karl)
                ServiceBomLine.objects.create(equipment_model=job.equipment.model, part=other, quantity=1)
            with CaptureQueriesContext(connection) as captured:
                assert browser.get(NEW, {"work_order": job.pk}).status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1] <= 14


class TestSending:
    def test_standard_hands_it_out_at_once(self, standard, job, jana, bearing, cable, as_user) -> None:
        sent = lines(line(bearing, 4), line(cable, "1.5"), {"part": bearing.pk, "quantity": "0"})

        page = as_user(jana).post(f"{NEW}?work_order={job.pk}", sent | {"work_order": job.pk} | key())

        requisition = Requisition.objects.get()
        assert page.url == requisition.get_absolute_url()
        assert (requisition.engineer, requisition.work_order, requisition.status) == (jana, job, "approved")
        assert held(personal(jana)) == {"BRG-6004-2RS": 4, "CBL-FLEX-3": 150}

    def test_van_stock(self, standard, job, jana, bearing, as_user) -> None:
        as_user(jana).post(NEW, lines(line(bearing, 1)) | {"work_order": "", "note": "For the winter"} | key())
        requisition = Requisition.objects.get()
        assert (requisition.work_order, requisition.note) == (None, "For the winter")

    def test_advanced_reserves_and_keeps_the_rest_open(self, advanced, stocked, jana, bearing, as_user) -> None:
        sent = lines(line(bearing, 4)) | {"receiving_method": "pick_up", "warehouse": ""}
        as_user(jana).post(NEW, sent | key())

        grant = Requisition.objects.get().lines.get().grants.get()
        assert (Requisition.objects.get().warehouse, grant.reserved, grant.open_quantity) == (stocked, 3, 1)

    def test_shipped_to_the_site_of_the_job(self, advanced, stocked, job, jana, bearing, as_user) -> None:
        sent = lines(line(bearing, 1)) | {"receiving_method": "to_site", "work_order": job.pk}
        as_user(jana).post(f"{NEW}?work_order={job.pk}", sent | key())
        assert Requisition.objects.get().site == job.site

    def test_a_destination_of_another_method_is_not_meant(self, advanced, stocked, jana, bearing, as_user) -> None:
        graz = WarehouseFactory(name="Graz")
        sent = lines(line(bearing, 1)) | {"receiving_method": "pick_up", "destination": graz.pk}
        as_user(jana).post(NEW, sent | key())
        assert Requisition.objects.get().destination is None

    def test_a_draft_is_seen_by_nobody_yet(self, standard, jana, bearing, as_user) -> None:
        as_user(jana).post(NEW, lines(line(bearing, 4)) | {"draft": "1"} | key())
        assert (Requisition.objects.get().status, held(personal(jana))) == (RequisitionStatus.DRAFT, {})

    def test_twice_in_a_row_is_once(self, standard, jana, bearing, as_user) -> None:
        browser, sent = as_user(jana), lines(line(bearing, 2)) | key()
        first, second = browser.post(NEW, sent), browser.post(NEW, sent)
        assert first.url == second.url
        assert (Requisition.objects.count(), RequestKey.objects.count()) == (1, 1)
        assert held(personal(jana)) == {"BRG-6004-2RS": 2}

    def test_eva_asks_for_jana(self, standard, job, jana, eva, bearing, as_user) -> None:
        sent = lines(line(bearing, 1)) | {"engineer": jana.pk, "work_order": job.pk}
        as_user(eva).post(f"{NEW}?work_order={job.pk}", sent | key())
        requisition = Requisition.objects.get()
        assert (requisition.engineer, requisition.created_by) == (jana, eva)

    def test_jana_cannot_ask_for_tom(self, standard, jana, tom, bearing, as_user) -> None:
        as_user(jana).post(NEW, lines(line(bearing, 1)) | {"engineer": tom.pk} | key())
        assert Requisition.objects.get().engineer == jana


class TestMistakes:
    @pytest.mark.parametrize(
        ("quantity", "message"),
        [
            ("two", "BRG-6004-2RS: Enter a number such as 2."),
            ("1,5", "BRG-6004-2RS: piece: whole numbers only."),
            ("-1", "BRG-6004-2RS: Enter a number such as 2."),
        ],
    )
    def test_said_at_the_line_with_everything_kept(self, standard, jana, bearing, as_user, quantity, message) -> None:
        sent = lines(line(bearing, quantity)) | {"note": "For the winter", "needed_at": "2026-12-01T13:00"}
        page = as_user(jana).post(NEW, sent | key())

        only = page.context["lines"][0]
        assert (only.quantity, only.errors) == (quantity, {"quantity": [message]})
        assert "There is a problem" in page.content.decode()
        assert 'value="For the winter"' in page.content.decode()
        assert 'value="2026-12-01T13:00"' in page.content.decode()
        assert Requisition.objects.count() == 0

    def test_an_unlisted_part_cannot_be_requested(self, standard, jana, as_user) -> None:
        old = PartFactory(number="OLD-1", is_listed=False)
        page = as_user(jana).post(NEW, lines(line(old, 1)) | key())
        assert list(page.context["lines"][0].errors) == ["part"]
        assert Requisition.objects.count() == 0

    def test_nothing_asked(self, standard, jana, bearing, as_user) -> None:
        page = as_user(jana).post(NEW, lines(line(bearing, 0)) | key())
        assert page.context["formset"].non_form_errors() == ["Add at least one part and say how many you need."]

    def test_no_destination(self, advanced, stocked, jana, bearing, as_user) -> None:
        page = as_user(jana).post(NEW, lines(line(bearing, 1)) | {"receiving_method": "to_warehouse"} | key())
        assert page.context["form"].errors == {"destination": ["Say to which warehouse it is shipped."]}

    def test_a_warehouse_is_no_source_where_none_is_kept(self, standard, jana, bearing, as_user) -> None:
        graz = WarehouseFactory(name="Graz")
        as_user(jana).post(NEW, lines(line(bearing, 1)) | {"warehouse": graz.pk} | key())
        assert Requisition.objects.get().warehouse is None

    def test_the_warehouse_was_disabled_meanwhile(self, advanced, stocked, jana, bearing, as_user) -> None:
        graz = WarehouseFactory(name="Graz")
        Warehouse.objects.filter(pk=graz.pk).update(status=WarehouseStatus.DISABLED)
        sent = lines(line(bearing, 1)) | {"receiving_method": "pick_up", "warehouse": graz.pk}
        assert list(as_user(jana).post(NEW, sent | key()).context["form"].errors) == ["warehouse"]

    @pytest.mark.parametrize("part", ["", "x", "9" * 5000, "-1", "\x00"])
    def test_nonsense_is_no_part(self, standard, jana, as_user, part) -> None:
        page = as_user(jana).post(NEW, lines({"part": part, "quantity": "1"}) | key())
        assert (page.status_code, Requisition.objects.count()) == (200, 0)

    @pytest.mark.parametrize("query", [{"work_order": "\x00"}, {"part": "9" * 5000}, {"work_order": "x"}])
    def test_a_mangled_address_is_an_empty_page(self, standard, jana, as_user, query) -> None:
        assert as_user(jana).get(NEW, query).status_code == 200


class TestWithoutJavaScript:
    def test_find_keeps_what_was_typed(self, advanced, stocked, jana, bearing, cable, as_user) -> None:
        sent = lines(line(cable, "1.5")) | {"part": "bearing", "find": "1", "note": "Soon"}
        page = as_user(jana).post(NEW, sent | key())
        assert [option["id"] for option in page.context["options"]] == [bearing.pk]
        assert shown(page) == [("CBL-FLEX-3", "1.5", "")]
        assert 'value="Soon"' in page.content.decode()

    def test_add_puts_the_part_on_top(self, advanced, stocked, jana, bearing, cable, as_user) -> None:
        page = as_user(jana).post(NEW, lines(line(cable, "1.5")) | {"add": bearing.pk} | key())
        assert shown(page) == [("BRG-6004-2RS", "1", ""), ("CBL-FLEX-3", "1.5", "")]
        assert page.context["lines"][0].free == "Vienna 3 free"


class TestDrafts:
    def test_changed_and_sent(self, standard, job, jana, bearing, cable, as_user) -> None:
        draft = drafted(jana, (bearing, 2), note="First")
        url = reverse("spareparts:requisition_edit", args=[draft.pk])

        page = as_user(jana).get(url)
        assert (shown(page), page.context["head"].initial["note"]) == ([("BRG-6004-2RS", "2", "")], "First")
        as_user(jana).post(url, lines(line(cable, "0.5")) | {"work_order": job.pk, "note": "Second"} | key())

        draft.refresh_from_db()
        assert (draft.status, draft.note, draft.work_order) == ("approved", "Second", job)
        assert held(personal(jana)) == {"CBL-FLEX-3": 50}

    def test_metres_stand_as_they_are_typed(self, standard, jana, cable, as_user) -> None:
        draft = drafted(jana, (cable, 150))
        page = as_user(jana).get(reverse("spareparts:requisition_edit", args=[draft.pk]))
        assert shown(page) == [("CBL-FLEX-3", "1.5", "")]

    def test_what_was_sent_is_not_changed_any_more(self, standard, jana, bearing, as_user) -> None:
        draft = drafted(jana, (bearing, 2))
        Requisition.objects.update(status="submitted", submitted_at=timezone.now())
        url = reverse("spareparts:requisition_edit", args=[draft.pk])
        page = as_user(jana).get(url)
        assert (page.context["may_ask"], page.status_code) == (False, 200)
        page = as_user(jana).post(url, lines(line(bearing, 9)) | key())
        assert (page.status_code, draft.lines.get().quantity) == (200, 2)

    def test_tom_does_not_know_it(self, standard, jana, tom, bearing, as_user) -> None:
        draft = drafted(jana, (bearing, 2))
        assert as_user(tom).get(reverse("spareparts:requisition_edit", args=[draft.pk])).status_code == 404


def test_the_job_shows_its_requests(standard, job, jana, bearing, as_user) -> None:
    drafted(jana, (bearing, 2), work_order=job)
    drafted(jana, (bearing, 2), work_order=WorkOrderFactory(lead=jana))
    page = as_user(jana).get(job.get_absolute_url())
    panel = next(each["data"] for each in page.context["panels"] if "requisitions" in each["template"])
    assert ([row["requisition"].work_order for row in panel["rows"]], panel["may_ask"]) == ([job], True)
    assert f"/requests/new/?work_order={job.pk}" in page.content.decode()
