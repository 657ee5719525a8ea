"""The catalogue and the warehouses in the admin."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Part, PartBarcode, Warehouse
from spareparts.enums import Mode
from tests.factories.inventory import PartCategoryFactory, PartFactory, UnitFactory
from tests.inventory.test_warehouses import opened, put, state

pytestmark = pytest.mark.django_db
PARTS = "/admin/inventory/part/"
WAREHOUSES = "/admin/inventory/warehouse/"
NO_BINS = {"bins-TOTAL_FORMS": 0, "bins-INITIAL_FORMS": 0}


def typed(browser, url: str) -> dict[str, object]:
    """What the form holds when it is opened, ready to be sent again."""
    page = browser.get(url)
    form = page.context["adminform"].form
    values = {name: form[name].value() for name in form.fields if name != "image"}
    rows = {}
    for inline in page.context["inline_admin_formsets"]:
        formset = inline.formset
        for each in (formset.management_form, *formset.initial_forms):
            rows |= {each.add_prefix(name): each[name].value() for name in each.fields}
    return {name: value for name, value in (values | rows).items() if value is not None and value is not False}


class TestParts:
    def test_the_list_asks_the_database_the_same_for_one_part_and_for_three(self, ada, as_user):
        browser = as_user(ada)

        def asked() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert browser.get(PARTS).status_code == 200
            return len(captured)

        PartFactory(category=PartCategoryFactory(name="One"))
        asked()
        one = asked()
        PartFactory(category=PartCategoryFactory(name="Two"), unit=UnitFactory(code="m"))
        PartFactory(category=PartCategoryFactory(name="Three"), tracking="serial", is_listed=False)
        assert asked() == one
        assert one <= 12

    def test_it_searches_like_the_pages(self, ada, as_user):
        PartBarcode.objects.create(part=PartFactory(number="BRG-6204"), code="4006381333931")
        PartFactory(number="VLV-1")
        page = as_user(ada).get(PARTS, {"q": "4006381 333931"})
        assert [part.number for part in page.context["cl"].result_list] == ["BRG-6204"]
        found = as_user(ada).get(
            "/admin/autocomplete/",
            {"term": "brg6204", "app_label": "inventory", "model_name": "part", "field_name": "superseded_by"},
        )
        assert [each["text"].split()[0] for each in found.json()["results"]] == ["BRG-6204"]

    def test_barcodes_typed_in_the_admin_are_found_at_once(self, ada, as_user):
        part = PartFactory(number="BRG-6204")
        PartBarcode.objects.create(part=part, code="111")
        browser, url = as_user(ada), f"{PARTS}{part.pk}/change/"
        form = typed(browser, url) | {
            "barcodes-TOTAL_FORMS": 2,
            "barcodes-0-DELETE": "on",
            "barcodes-1-code": "222",
            "barcodes-1-part": part.pk,
        }
        assert browser.post(url, form).status_code == 302
        assert [list(Part.objects.search(code)) for code in ("111", "222")] == [[], [part]]

    def test_a_circle_of_replacements_is_refused_beside_the_field(self, ada, as_user):
        first = PartFactory(number="P-1")
        second = PartFactory(number="P-2", superseded_by=first)
        browser, url = as_user(ada), f"{PARTS}{first.pk}/change/"
        page = browser.post(url, typed(browser, url) | {"superseded_by": second.pk})
        assert page.context["adminform"].form.errors == {
            "superseded_by": ["P-2 is itself replaced by P-1, so it cannot replace it. Choose another part."]
        }
        page = browser.post(url, typed(browser, url) | {"superseded_by": first.pk})
        assert page.context["adminform"].form.errors == {
            "superseded_by": ["A part cannot replace itself. Choose another part."]
        }
        assert Part.objects.get(pk=first.pk).superseded_by is None

    def test_unit_and_tracking_stay_once_the_part_has_moved(self, ada, as_user, use_mode):
        use_mode(Mode.ADVANCED)
        part = PartFactory()
        put(part, 1, opened("Vienna", ada), "shelf", ada)
        browser, url = as_user(ada), f"{PARTS}{part.pk}/change/"
        page = browser.post(url, typed(browser, url) | {"unit": UnitFactory(code="m").pk, "tracking": "batch"})
        said = ["This part has moved already, so this stays as it is. Make a new part instead."]
        assert page.context["adminform"].form.errors == {"unit": said, "tracking": said}

    def test_the_history_says_who_changed_what(self, ada, as_user):
        part = PartFactory(name="Seal")
        browser, url = as_user(ada), f"{PARTS}{part.pk}/change/"
        browser.post(url, typed(browser, url) | {"name": "Gasket"})
        page = browser.get(f"{PARTS}{part.pk}/history/").content.decode()
        assert "Ada Moser" in page
        assert [row.name for row in part.history.all()] == ["Gasket", "Seal"]

    def test_import_and_export_start_here(self, ada, oskar, as_user):
        page = as_user(ada).get(PARTS).content.decode()
        assert reverse("imports:start", kwargs={"kind": "parts"}) in page
        assert f"{reverse('inventory:parts_export')}?format=xlsx" in page
        assert reverse("imports:start", kwargs={"kind": "parts"}) not in as_user(oskar).get(PARTS).content.decode()

    def test_who_may_only_look_changes_nothing(self, oskar, jana, as_user):
        part = PartFactory(name="Seal")
        url = f"{PARTS}{part.pk}/change/"
        assert as_user(oskar).post(url, {"name": "x"}).status_code == 403
        assert as_user(oskar).post(f"{PARTS}{part.pk}/delete/", {"post": "yes"}).status_code == 403
        assert as_user(jana).get(PARTS).status_code == 403
        assert Part.objects.get().name == "Seal"


class TestWarehouses:
    @pytest.fixture(autouse=True)
    def advanced(self, use_mode):
        use_mode(Mode.ADVANCED)

    @staticmethod
    def act(browser, action: str, *chosen: Warehouse, **fields):
        form = {"action": action, "_selected_action": [each.pk for each in chosen], "confirmed": "1"} | fields
        return browser.post(WAREHOUSES, form, follow=True)

    @staticmethod
    def said(page) -> list[str]:
        return [str(message) for message in page.context["messages"]]

    def test_ada_opens_two_and_changes_the_default(self, ada, as_user):
        browser = as_user(ada)
        for code, name in (("VIE", "Vienna"), ("LNZ", "Linz")):
            typed_in = {"code": code, "name": name, "is_default": "on", "status": "closed"}
            answer = browser.post(f"{WAREHOUSES}add/", typed_in | NO_BINS)
            assert answer.status_code == 302
        vienna, linz = Warehouse.objects.order_by("-name")
        assert (state(vienna), state(linz)) == (("open", True), ("open", False))
        assert vienna.locations.count() == 4

        asked = browser.post(WAREHOUSES, {"action": "make_default", "_selected_action": [linz.pk]})
        assert "The former default warehouse stays open" in asked.content.decode()
        assert state(linz) == ("open", False)
        page = self.act(browser, "make_default", linz)
        assert self.said(page) == ["Done for 1 warehouse."]
        assert (state(vienna), state(linz)) == (("open", False), ("open", True))

    def test_what_is_not_possible_is_said_and_nothing_happens(self, ada, as_user):
        vienna, linz = opened("Vienna", ada), opened("Linz", ada)
        put(PartFactory(number="A-1"), 3, linz, "shelf", ada)
        page = self.act(as_user(ada), "close", vienna, linz, reason="Lease ended")
        assert self.said(page) == [
            "Linz cannot be closed while parts lie there. Move or use them first.",
            "Warehouse shelf: 3 pc of A-1",
            "This is the default warehouse. Make another one the default first.",
        ]
        assert (state(vienna), state(linz)) == (("open", True), ("open", False))

    def test_a_reason_is_asked_for_and_a_form_cannot_set_the_status(self, ada, as_user):
        opened("Vienna", ada)
        linz = opened("Linz", ada)
        browser = as_user(ada)
        page = self.act(browser, "disable", linz)
        assert page.context["form"].errors == {"reason": ["This field is required."]}
        self.act(browser, "disable", linz, reason="Flooded")
        assert state(linz) == ("disabled", False)
        self.act(browser, "enable", linz)
        assert state(linz) == ("open", False)

        url = f"{WAREHOUSES}{linz.pk}/change/"
        form = {"code": "LNZ", "name": "Linz port", "status": "closed", "is_default": "on"}
        browser.post(url, form | NO_BINS)
        assert (Warehouse.objects.get(pk=linz.pk).name, state(linz)) == ("Linz port", ("open", False))

    def test_a_manager_sees_and_changes_his_own_only(self, ada, karl, lin, as_user):
        vienna, linz = opened("Vienna", ada), opened("Linz", ada)
        vienna.managers.add(karl)
        browser = as_user(karl)
        assert [each.name for each in browser.get(WAREHOUSES).context["cl"].result_list] == ["Vienna"]
        assert browser.get(f"{WAREHOUSES}{linz.pk}/change/").status_code == 302
        form = {"code": "VIE", "name": "Vienna", "managers": [lin.pk]}
        browser.post(f"{WAREHOUSES}{vienna.pk}/change/", form | NO_BINS)
        assert list(vienna.managers.all()) == [karl]
        self.act(browser, "disable", linz, reason="Mine now")
        assert state(linz) == ("open", False)
        assert browser.get(f"{WAREHOUSES}add/").status_code == 403

    def test_simple_mode_has_no_such_page(self, ada, as_user, use_mode):
        use_mode(Mode.SIMPLE)
        browser = as_user(ada)
        assert browser.get(WAREHOUSES).status_code == 403
        assert WAREHOUSES not in browser.get("/admin/").content.decode()
