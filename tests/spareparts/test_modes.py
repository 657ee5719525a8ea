"""Ada looks after the plugin: on or off, the mode, and what a change would do."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from config.shared.errors import NotAllowed
from config.shared.models import AuditEvent
from inventory.domain import ledger, locations
from inventory.enums import LocationKind, PostingReason
from inventory.models import Balance, Move
from spareparts import policies
from spareparts.domain import modes
from spareparts.domain.modes import ChangeBlocked, ModeChanged, ModeNotReady
from spareparts.enums import Mode
from spareparts.models import SparepartsSettings
from spareparts.queries import counted, current_settings
from tests.factories.inventory import PartFactory
from tests.factories.spareparts import used
from tests.factories.workorders import WorkOrderFactory
from tests.spareparts.helpers import key, refused
from workorders.models import WorkOrder

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SETTINGS = "/settings/spare-parts/"
CHANGE = "/settings/spare-parts/change/"


@pytest.fixture
def not_built(monkeypatch):
    """As in a release whose larger modes are still being built."""
    built = {mode: policies.replace(policy, is_ready=mode == Mode.SIMPLE) for mode, policy in policies.POLICIES.items()}
    monkeypatch.setattr(policies, "POLICIES", built)
    policies.policy_for.cache_clear()
    yield
    policies.policy_for.cache_clear()


def version() -> int:
    return current_settings().version


def stock() -> list[list[tuple]]:
    return [list(model.objects.order_by("pk").values_list()) for model in (Move, Balance)]


class TestSwitching:
    def test_off_and_on_again_moves_nothing_and_is_logged(self, ada) -> None:
        used(WorkOrderFactory(), PartFactory())
        before = stock()

        row = modes.set_enabled(is_enabled=False, by=ada, at=NOW, expected_version=0)
        assert (row.is_enabled, row.version) == (False, 1)
        row = modes.set_enabled(is_enabled=True, by=ada, at=NOW, expected_version=1)
        assert (row.is_enabled, row.version) == (True, 2)

        assert stock() == before
        events = AuditEvent.objects.filter(verb__startswith="settings.").order_by("pk")
        assert [(event.verb, event.actor) for event in events] == [
            ("settings.turned_off", ada),
            ("settings.turned_on", ada),
        ]
        assert row.history.count() == 2

    @pytest.mark.parametrize("mode", [Mode.STANDARD, Mode.ADVANCED])
    def test_what_is_not_built_cannot_be_chosen(self, ada, mode, not_built) -> None:
        with refused(ModeNotReady) as caught:
            modes.change_mode(mode=mode, by=ada, at=NOW, expected_version=0)

        assert caught.value.messages == [f"{mode.label} comes in a later release and cannot be chosen yet."]
        assert (current_settings().mode, version()) == (Mode.SIMPLE, 0)

    def test_up_carries_everything_over(self, ada) -> None:
        used(WorkOrderFactory(), PartFactory())
        before = stock()

        modes.change_mode(mode=Mode.STANDARD, by=ada, at=NOW, expected_version=0)

        assert (current_settings().mode, version(), stock()) == (Mode.STANDARD, 1, before)

    def test_down_needs_empty_places(self, ada, jana, use_mode) -> None:
        use_mode(Mode.STANDARD)
        places = (locations.outside(LocationKind.SUPPLIER), locations.personal_location(jana))
        lines = [ledger.Line(PartFactory(), 2, *places)]
        facts = {"reference": "x", "by": jana, "at": NOW, "key": key()["request_key"]}
        ledger.post(reason=PostingReason.REQUISITION, lines=lines, **facts)

        with refused(ChangeBlocked) as caught:
            modes.change_mode(mode=Mode.SIMPLE, by=ada, at=NOW, expected_version=0)

        assert caught.value.messages == [
            "1 entries still lie in “Personal inventory”. Bring them back, or write them off."
        ]
        modes.set_enabled(is_enabled=False, by=ada, at=NOW, expected_version=0)  # off is blocked by nothing

    def test_off_is_no_way_round(self, ada, not_built) -> None:
        modes.set_enabled(is_enabled=False, by=ada, at=NOW, expected_version=0)
        with refused(ModeNotReady):
            modes.change_mode(mode=Mode.ADVANCED, by=ada, at=NOW, expected_version=1)

    def test_who_comes_second_looks_again(self, ada) -> None:
        modes.set_enabled(is_enabled=False, by=ada, at=NOW, expected_version=0)
        with refused(ModeChanged):
            modes.set_enabled(is_enabled=True, by=ada, at=NOW, expected_version=0)

    def test_only_the_administrator(self, eva) -> None:
        with refused(NotAllowed):
            modes.set_enabled(is_enabled=False, by=eva, at=NOW, expected_version=0)

    def test_a_posting_under_an_old_version_is_refused(self) -> None:
        with modes.policy_lock(0):
            pass
        with refused(ModeChanged), modes.policy_lock(1):
            pytest.fail("the lock let an old version in")

    def test_without_a_row_nothing_is_posted(self) -> None:
        SparepartsSettings.objects.all().delete()
        with refused(ModeChanged), modes.policy_lock(0):
            pytest.fail("there is no settings row")

    @pytest.fixture(autouse=True)
    def database(self, db) -> None:
        """Every story here has one."""

    def test_sharing_is_said_on_postgresql(self) -> None:
        expected = {"postgresql": " FOR SHARE OF s, w", "sqlite": ""}
        assert modes.for_share("s", "w") == expected[connection.vendor]


class TestOneRow:
    @pytest.mark.parametrize(
        ("name", "change"), [("settings_one_row", {"id": 2}), ("settings_mode_known", {"mode": "x"})]
    )
    def test_invariants(self, db, name, change) -> None:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            SparepartsSettings.objects.update(**change)


class TestPreview:
    def test_standard_says_what_it_would_turn_on(self, db) -> None:
        used(WorkOrderFactory(), PartFactory())
        preview = modes.preview_change(mode=Mode.STANDARD, is_enabled=True)

        assert [str(words) for words in preview.turns_on] == [
            "Personal inventory: who holds which part",
            "Requests for parts, with approval",
            "Returns of what was not used",
            "Hand-over between engineers",
            "Old parts owed: who, by when, worth how much",
            "Reports of lost and damaged parts",
            "Count of the personal inventory",
            "Parts bought locally",
        ]
        assert preview.turns_off == []
        assert [(str(fact.label), fact.value) for fact in preview.facts] == [
            ("Open work orders", "1"),
            ("Records of parts used", "1"),
            ("Entries in personal inventories", "0"),
        ]
        assert preview.blockers == []

    def test_what_is_not_built_is_said(self, db, not_built) -> None:
        preview = modes.preview_change(mode=Mode.STANDARD, is_enabled=True)
        assert [str(each) for each in preview.blockers] == [
            "Standard comes in a later release and cannot be chosen yet."
        ]

    def test_off_turns_everything_off(self, db) -> None:
        preview = modes.preview_change(mode=Mode.SIMPLE, is_enabled=False)

        assert [str(words) for words in preview.turns_off] == [
            "Record parts used on a job",
            "Parts list of each machine, kept up to date by use",
        ]
        assert (preview.blockers, preview.changes_nothing) == ([], False)

    def test_numbers_are_bounded(self, db, monkeypatch) -> None:
        monkeypatch.setattr("spareparts.queries.MOST_COUNTED", 2)
        WorkOrderFactory.create_batch(3)
        assert counted(WorkOrder.objects.all()) == "2+"


class TestPages:
    def test_the_cards(self, ada, as_user) -> None:
        page = as_user(ada).get(SETTINGS)

        assert [(card["mode"], card["is_current"], card["is_ready"]) for card in page.context["cards"]] == [
            (Mode.SIMPLE, True, True),
            (Mode.STANDARD, False, True),
            (Mode.ADVANCED, False, True),
        ]
        assert [len(card["features"]) for card in page.context["cards"]] == [2, 10, 15]

    def test_preview_confirm_log(self, ada, as_user) -> None:
        browser = as_user(ada)
        preview = browser.get(CHANGE, {"to": "off"})
        assert preview.context["form"].initial == {"to": "off", "version": 0}

        done = browser.post(CHANGE, {"to": "off", "version": "0"} | key())

        assert done.url == SETTINGS
        page = browser.get(SETTINGS)
        assert [(event["title"], event["by"]) for event in page.context["events"]] == [("Turned off", ada)]
        assert page.context["settings"].is_enabled is False

    def test_the_server_refuses_what_the_page_does_not_offer(self, ada, as_user, not_built) -> None:
        browser = as_user(ada)
        assert "request_key" not in browser.get(CHANGE, {"to": "advanced"}).content.decode()

        page = browser.post(CHANGE, {"to": "advanced", "version": "0"} | key())

        assert page.status_code == 409
        assert page.context["form"].non_field_errors() == [
            "Advanced comes in a later release and cannot be chosen yet."
        ]
        assert version() == 0

    def test_a_mode_that_is_ready_is_chosen(self, ada, as_user) -> None:
        browser = as_user(ada)
        browser.post(CHANGE, {"to": "standard", "version": "0"} | key())
        assert browser.get(SETTINGS).context["events"][0]["text"] == "Simple → Standard"

    @pytest.mark.parametrize("query", [{}, {"to": "\x00"}, {"to": "x" * 5000}])
    def test_nonsense_leads_back(self, ada, as_user, query) -> None:
        assert as_user(ada).get(CHANGE, query).url == SETTINGS
        assert as_user(ada).post(CHANGE, query | key()).url == SETTINGS

    def test_the_undo_window(self, ada, as_user) -> None:
        browser = as_user(ada)
        assert browser.post(SETTINGS, {"undo_minutes": "30", "version": "0"} | key()).url == SETTINGS
        assert (current_settings().undo_minutes, version()) == (30, 1)
        assert browser.get(SETTINGS).context["events"][0]["text"] == "undo window in minutes: 10 → 30"

        stale = browser.post(SETTINGS, {"undo_minutes": "5", "version": "0"} | key())
        assert stale.context["form"].non_field_errors() == [
            "The settings of spare parts management have just changed. Look again before you go on."
        ]

    def test_nobody_else_opens_them(self, eva, karl, jana, oskar, as_user) -> None:
        for person in (eva, karl, jana, oskar):
            assert [as_user(person).get(url).status_code for url in (SETTINGS, CHANGE)] == [403, 403]


class TestOff:
    """With the plugin off its pages are refused, its menus are gone, and work orders go on."""

    @pytest.fixture
    def document(self, jana):
        return used(WorkOrderFactory(lead=jana), PartFactory())

    def test_pages_are_refused(self, document, jana, eva, ada, as_user, use_mode) -> None:
        use_mode(is_enabled=False)
        job, co = document.work_order_id, document.pk
        refused_paths = [
            *(f"/work-orders/{job}/use/", f"/work-orders/{job}/use/search/?q=a"),
            *(f"/consumptions/{co}/", f"/consumptions/{co}/undo/", f"/consumptions/{co}/correct/"),
            *("/equipment/1/parts/", "/equipment/1/parts/add/"),
            *("/reports/use/", "/reports/use/lines/", "/reports/use/lines.csv"),
        ]
        for person in (jana, eva, ada):
            assert {as_user(person).get(path).status_code for path in refused_paths} == {403}
        assert {
            as_user(ada).get(f"/admin/spareparts/{name}/").status_code for name in ("consumption", "equipmentpart")
        } == {403}

    def test_menus_and_panels_are_gone_and_the_job_goes_on(self, document, jana, eva, as_user, use_mode) -> None:
        use_mode(is_enabled=False)
        page = as_user(jana).get(reverse("workorders:work_order", args=[document.work_order_id]))

        assert (page.status_code, page.context["panels"]) == (200, [])
        nav = as_user(eva).get(reverse("workorders:work_orders")).context["nav"]
        assert "/reports/use/" not in [item["url"] for item in nav]
