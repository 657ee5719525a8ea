"""From the empty form to the sent request: what may be asked for, by whom, from where, to where."""

from datetime import UTC, datetime

import pytest

from config.shared.errors import IllegalTransition, NotAllowed
from inventory.enums import WarehouseStatus
from inventory.models import Part, Warehouse
from spareparts.domain.modes import ModeChanged
from spareparts.domain.requisitions import AskedLine
from spareparts.domain.requisitions.errors import (
    BadLines,
    DestinationMissing,
    JobNotOpen,
    MethodNotInMode,
    NotAnEngineer,
    NothingAsked,
    NotOnTheJob,
    NoWarehouse,
    SiteMissing,
    WarehouseNotOpen,
)
from spareparts.domain.requisitions.writing import MOST_LINES, MOST_QUANTITY
from spareparts.domain.routes import FlowNotInMode
from spareparts.enums import ReceivingMethod, RequisitionStatus
from spareparts.models import Requisition
from spareparts.policies import ModePolicy
from tests.factories.asking import act, depot, draft, sent, settings
from tests.factories.inventory import PartFactory
from tests.factories.workorders import SiteFactory, WorkOrderFactory
from tests.spareparts.helpers import refused
from tests.support.modes import in_mode
from workorders.enums import WorkOrderStatus
from workorders.models import User


def asked(requisition: Requisition) -> list[tuple[str, int]]:
    return list(requisition.lines.values_list("part__number", "quantity"))


class TestWho:
    def test_an_engineer_asks_for_himself(self, vienna: Warehouse, jana: User, tom: User, bearing: Part) -> None:
        requisition = draft(jana, (bearing, 2), note=" For the van ")
        assert (requisition.status, requisition.note) == (RequisitionStatus.DRAFT, "For the van")
        assert asked(requisition) == [("BRG-1", 2)]
        with refused(NotAllowed):
            draft(jana, (bearing, 2), by=tom)

    def test_the_office_asks_for_others_an_auditor_for_nobody(
        self, vienna: Warehouse, jana: User, eva: User, oskar: User, bearing: Part
    ) -> None:
        requisition = draft(jana, (bearing, 2), by=eva)
        assert (requisition.engineer, requisition.created_by) == (jana, eva)
        with refused(NotAllowed):
            draft(oskar, (bearing, 2))

    def test_only_engineers_hold_parts_but_a_branch_may_ask(
        self, vienna: Warehouse, karl: User, eva: User, bearing: Part
    ) -> None:
        with refused(NotAnEngineer) as caught:
            draft(eva, (bearing, 1))
        assert caught.value.messages == ["Eva Lang is not an engineer and holds no parts."]
        linz = depot("Linz", karl)
        method = ReceivingMethod.TO_WAREHOUSE
        requisition = draft(karl, (bearing, 1), receiving_method=method, destination=linz, is_for_branch=True)
        assert requisition.is_for_branch
        with refused(NotAnEngineer):
            draft(karl, (bearing, 1), is_for_branch=True)  # picked up it would lie in his own hands

    def test_somebody_elses_draft_is_left_alone(self, vienna: Warehouse, jana: User, tom: User, bearing: Part) -> None:
        requisition = draft(jana, (bearing, 1))
        for verb in ("submit", "withdraw"):
            with refused(NotAllowed):
                act(verb, requisition, by=tom)
        with refused(NotAllowed):
            act("edit", requisition, by=tom, lines=[AskedLine(bearing, 9)])

    def test_the_office_sends_it_for_him(self, vienna: Warehouse, jana: User, eva: User, bearing: Part) -> None:
        requisition = draft(jana, (bearing, 1))
        act("submit", requisition, by=eva)
        assert requisition.status == RequisitionStatus.APPROVED


class TestLines:
    def test_an_unlisted_part_cannot_be_requested(self, vienna: Warehouse, jana: User) -> None:
        old = PartFactory(number="OLD-1", is_listed=False)
        with refused(BadLines) as caught:
            draft(jana, (old, 1))
        assert caught.value.messages == ["Line 1, OLD-1: it is no longer listed, so it cannot be requested."]

    def test_nor_sent_when_it_was_unlisted_since(self, vienna: Warehouse, jana: User, bearing: Part) -> None:
        requisition = draft(jana, (bearing, 1))
        Part.objects.filter(pk=bearing.pk).update(is_listed=False)
        with refused(BadLines):
            act("submit", requisition, by=jana)

    def test_every_bad_line_is_named(self, vienna: Warehouse, jana: User, bearing: Part, belt: Part) -> None:
        with refused(BadLines) as caught:
            draft(jana, (bearing, 0), (belt, MOST_QUANTITY + 1), (bearing, 1))
        problems = [(each.index, each.field) for each in caught.value.problems]
        assert problems == [(0, "quantity"), (1, "quantity"), (2, "part")]

    def test_nothing_asked_is_no_request(self, vienna: Warehouse, jana: User) -> None:
        with refused(NothingAsked):
            draft(jana)

    def test_a_request_holds_so_many_lines(self, vienna: Warehouse, jana: User) -> None:
        parts = [PartFactory() for _each in range(MOST_LINES + 1)]
        with refused(BadLines) as caught:
            draft(jana, *((part, 1) for part in parts))
        assert caught.value.messages == [f"A request holds at most {MOST_LINES} lines."]


class TestJob:
    def test_for_a_job_that_goes_on_by_who_is_on_it(
        self, vienna: Warehouse, jana: User, tom: User, eva: User, bearing: Part
    ) -> None:
        job = WorkOrderFactory(lead=jana)
        assert draft(jana, (bearing, 1), work_order=job).work_order == job
        with refused(NotOnTheJob):
            draft(tom, (bearing, 1), work_order=job)
        with refused(NotOnTheJob):
            draft(tom, (bearing, 1), by=eva, work_order=job)
        job.helpers.add(tom)
        assert draft(tom, (bearing, 1), work_order=job).work_order == job

    def test_not_for_one_that_ended(self, vienna: Warehouse, jana: User, bearing: Part) -> None:
        job = WorkOrderFactory(lead=jana)
        requisition = draft(jana, (bearing, 1), work_order=job)
        type(job).objects.filter(pk=job.pk).update(status=WorkOrderStatus.CANCELLED)
        with refused(JobNotOpen):
            act("submit", Requisition.objects.get(pk=requisition.pk), by=jana)


class TestSource:
    def test_the_one_that_serves_the_team_else_the_default_one(
        self, vienna: Warehouse, jana: User, tom: User, bearing: Part
    ) -> None:
        assert draft(jana, (bearing, 1)).warehouse == vienna
        linz = depot("Linz", serves=jana.team)
        assert draft(jana, (bearing, 1)).warehouse == linz
        linz.status = WarehouseStatus.DISABLED
        linz.save()
        assert draft(jana, (bearing, 1)).warehouse == vienna
        tom.team = None
        tom.save()
        assert draft(tom, (bearing, 1)).warehouse == vienna

    @pytest.mark.parametrize("status", [WarehouseStatus.DISABLED, WarehouseStatus.CLOSED])
    def test_a_disabled_warehouse_is_not_selectable(
        self, vienna: Warehouse, jana: User, bearing: Part, status: str
    ) -> None:
        linz = depot("Linz")
        requisition = draft(jana, (bearing, 1), warehouse=linz)
        Warehouse.objects.filter(pk=linz.pk).update(status=status)
        with refused(WarehouseNotOpen) as caught:
            draft(jana, (bearing, 1), warehouse=linz)
        assert caught.value.field == "warehouse"
        with refused(WarehouseNotOpen) as caught:
            draft(jana, (bearing, 1), receiving_method=ReceivingMethod.TO_WAREHOUSE, destination=linz)
        assert caught.value.field == "destination"
        with refused(WarehouseNotOpen):
            act("submit", requisition, by=jana)

    def test_no_warehouse_at_all(self, advanced: ModePolicy, jana: User, bearing: Part) -> None:
        with refused(NoWarehouse):
            draft(jana, (bearing, 1))


class TestMethod:
    def test_shipped_to_a_warehouse_names_another_one(self, vienna: Warehouse, jana: User, bearing: Part) -> None:
        method = ReceivingMethod.TO_WAREHOUSE
        for destination in (None, vienna):
            with refused(DestinationMissing):
                draft(jana, (bearing, 1), receiving_method=method, destination=destination)

    def test_shipped_to_the_site_goes_to_the_jobs_or_the_one_named(
        self, vienna: Warehouse, jana: User, bearing: Part
    ) -> None:
        method, job, other = ReceivingMethod.TO_SITE, WorkOrderFactory(lead=jana), SiteFactory()
        assert draft(jana, (bearing, 1), receiving_method=method, work_order=job).site == job.site
        assert draft(jana, (bearing, 1), receiving_method=method, site=other).site == other
        with refused(SiteMissing):
            draft(jana, (bearing, 1), receiving_method=method)

    def test_what_another_method_asks_for_is_dropped(self, vienna: Warehouse, jana: User, bearing: Part) -> None:
        linz, site = depot("Linz"), SiteFactory()
        requisition = draft(jana, (bearing, 1), destination=linz, is_for_branch=True, site=site)
        assert (requisition.destination, requisition.is_for_branch, requisition.site) == (None, False, None)

    def test_an_unknown_method(self, vienna: Warehouse, jana: User, bearing: Part) -> None:
        with refused(MethodNotInMode):
            draft(jana, (bearing, 1), receiving_method="by_pigeon")


class TestMode:
    def test_without_requests_there_are_none(self, jana: User, bearing: Part, use_mode: object) -> None:
        jana.policy = in_mode("standard")  # type: ignore[attr-defined]  what the page was made with
        with refused(FlowNotInMode):
            draft(jana, (bearing, 1), policy=in_mode("simple"))

    def test_a_switch_since_is_refused(
        self, vienna: Warehouse, jana: User, bearing: Part, advanced: ModePolicy
    ) -> None:
        requisition = draft(jana, (bearing, 1))
        settings(version=7)
        for verb in ("submit", "withdraw"):
            with refused(ModeChanged):
                act(verb, requisition, by=jana, policy=advanced)
        with refused(ModeChanged):
            draft(jana, (bearing, 1), policy=advanced)


class TestChange:
    def test_an_edit_replaces_all_of_it(self, vienna: Warehouse, jana: User, bearing: Part, belt: Part) -> None:
        requisition = draft(jana, (bearing, 1), note="first")
        soon = datetime(2026, 12, 1, 12, tzinfo=UTC)
        lines = [AskedLine(belt, 2), AskedLine(bearing, 3)]
        act("edit", requisition, by=jana, lines=lines, note="second", needed_at=soon)
        requisition.refresh_from_db()
        assert (requisition.note, requisition.needed_at, requisition.version) == ("second", soon, 1)
        assert asked(requisition) == [("BLT-2", 2), ("BRG-1", 3)]

    def test_a_branch_has_no_holding_limit(self, vienna: Warehouse, karl: User, bearing: Part) -> None:
        settings(requisition_approval="by_rule", rule_over_limit=True, holding_limit="1.00")
        linz, method = depot("Linz"), ReceivingMethod.TO_WAREHOUSE
        facts = {"receiving_method": method, "destination": linz}
        assert sent(karl, (bearing, 9), is_for_branch=True, **facts).status == RequisitionStatus.APPROVED

    def test_what_was_sent_is_not_edited(self, vienna: Warehouse, jana: User, bearing: Part) -> None:
        requisition = sent(jana, (bearing, 1))
        with refused(IllegalTransition):
            act("edit", requisition, by=jana, lines=[AskedLine(bearing, 2)])
        with refused(IllegalTransition):
            act("submit", requisition, by=jana)

    def test_withdrawn_before_anybody_decided(self, vienna: Warehouse, jana: User, bearing: Part) -> None:
        settings(requisition_approval="manual")
        requisition = sent(jana, (bearing, 1))
        act("withdraw", requisition, by=jana)
        assert requisition.status == RequisitionStatus.WITHDRAWN
        with refused(IllegalTransition):
            act("withdraw", requisition, by=jana)


class TestCopy:
    def test_a_copy_is_a_draft_with_the_same_wishes(self, vienna: Warehouse, jana: User, bearing: Part) -> None:
        job = WorkOrderFactory(lead=jana)
        original = sent(jana, (bearing, 4), work_order=job, receiving_method=ReceivingMethod.TO_SITE, note="n")
        copy = act("copy", original, by=jana)
        facts = (copy.status, copy.work_order, copy.receiving_method, copy.site, copy.note, copy.warehouse)
        assert facts == ("draft", job, "to_site", job.site, "n", vienna)
        assert (asked(copy), copy.pk == original.pk) == ([("BRG-1", 4)], False)

    def test_what_no_longer_holds_is_left_out(self, vienna: Warehouse, jana: User, bearing: Part, belt: Part) -> None:
        linz, job = depot("Linz"), WorkOrderFactory(lead=jana)
        fan, successor = PartFactory(number="FAN-1"), PartFactory(number="FAN-2")
        original = sent(jana, (bearing, 4), (belt, 1), (fan, 2), (successor, 1), warehouse=linz, work_order=job)
        Part.objects.filter(pk=belt.pk).update(is_listed=False)
        Part.objects.filter(pk=fan.pk).update(is_listed=False, superseded_by=successor)
        Warehouse.objects.filter(pk=linz.pk).update(status=WarehouseStatus.DISABLED)
        type(job).objects.filter(pk=job.pk).update(status=WorkOrderStatus.CANCELLED)
        copy = act("copy", Requisition.objects.get(pk=original.pk), by=jana)
        assert (copy.work_order, copy.warehouse) == (None, vienna)
        assert asked(copy) == [("BRG-1", 4), ("FAN-2", 3)]

    def test_who_may_not_ask_for_others_copies_for_himself(
        self, vienna: Warehouse, jana: User, tom: User, eva: User, bearing: Part
    ) -> None:
        original = sent(jana, (bearing, 4))
        assert act("copy", original, by=tom).engineer == tom
        assert act("copy", original, by=eva).engineer == jana

    def test_a_shipped_one_copied_where_nothing_is_shipped(self, vienna: Warehouse, jana: User, bearing: Part) -> None:
        linz = depot("Linz")
        method = ReceivingMethod.TO_WAREHOUSE
        original = sent(jana, (bearing, 4), receiving_method=method, destination=linz)
        in_mode("standard")
        del jana.policy  # type: ignore[attr-defined]  the next request reads it anew
        copy = act("copy", original, by=jana)
        assert (copy.receiving_method, copy.destination, copy.warehouse) == ("pick_up", None, None)
