"""A return until it is handed over: it reserves nothing, and later use makes it smaller."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.shared.errors import IllegalTransition, NotAllowed
from config.shared.models import AuditEvent
from inventory.enums import Tracking, WarehouseStatus
from inventory.models import Location, Lot, Part, Warehouse
from inventory.queries import layers, oldest
from spareparts.domain.modes import ModeChanged
from spareparts.domain.returns import ReturnedPart, cancel_return, edit_return, hand_over_return, prepare_return
from spareparts.domain.returns.preparing import BadWarehouse, NothingLeft, NothingToReturn
from spareparts.domain.returns.problems import BadReturn
from spareparts.enums import ConfirmationMode, Mode, ReturnStatus
from spareparts.models import Return, ReturnLine
from spareparts.policies import SIMPLE, ModePolicy
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.returns import hand_over, handed_over, prepared
from tests.spareparts.helpers import refused
from tests.support.modes import in_mode
from tests.support.stock import held, personal, put, transit
from workorders.models import User


def days_ago(days: int):
    return timezone.now() - timedelta(days=days)


class TestPrepare:
    def test_nothing_moves_and_the_team_s_warehouse_is_proposed(
        self, advanced: ModePolicy, jana: User, vienna: Warehouse, board: Part
    ):
        put(personal(jana), board, 3, by=jana)
        document = prepared(jana, (board, 2))
        assert (document.status, document.warehouse, document.reference) == (
            ReturnStatus.PREPARED,
            vienna,
            f"RT-{document.pk:06d}",
        )
        assert held(personal(jana)) == {"PCB-4471": 3}
        assert AuditEvent.objects.filter(verb="return.prepare", subject_id=str(document.pk)).count() == 1

    def test_standard_knows_no_warehouse(self, standard: ModePolicy, jana: User, vienna: Warehouse, board: Part):
        put(personal(jana), board, 1, by=jana)
        assert prepared(jana, (board, 1), warehouse=vienna).warehouse is None

    def test_simple_has_no_returns(self, use_mode, jana: User, board: Part):
        use_mode(Mode.SIMPLE)
        with refused(NotAllowed):
            prepare_return(engineer=jana, by=jana, at=timezone.now(), policy=SIMPLE, parts=[ReturnedPart(board, 1)])

    def test_more_than_is_held_is_refused_with_every_bad_part(
        self, standard: ModePolicy, jana: User, board: Part, fan: Part
    ):
        put(personal(jana), board, 1, by=jana)
        with refused(BadReturn) as caught:
            prepared(jana, (board, 2), (fan, 0), (fan, 4))
        assert caught.value.messages == [
            "PCB-4471: 1 pc held, so 2 pc cannot go back.",
            "FAN-120: the quantity must be more than zero.",
            "FAN-120: 0 pc held, so 4 pc cannot go back.",
        ]

    def test_two_lines_of_one_part_are_counted_together(self, standard: ModePolicy, jana: User, board: Part):
        put(personal(jana), board, 3, by=jana)
        with refused(BadReturn):
            prepared(jana, (board, 2), (board, 2))

    def test_an_empty_return_is_refused(self, standard: ModePolicy, jana: User):
        with refused(NothingToReturn):
            prepared(jana)

    def test_a_disabled_warehouse_takes_nothing_in(self, advanced: ModePolicy, jana: User, vienna: Warehouse, board):
        graz = WarehouseFactory(name="Graz", status=WarehouseStatus.DISABLED)
        put(personal(jana), board, 1, by=jana)
        with refused(BadWarehouse):
            prepared(jana, (board, 1), warehouse=graz)

    def test_without_any_warehouse_it_asks_for_one(self, advanced: ModePolicy, jana: User, board: Part):
        put(personal(jana), board, 1, by=jana)
        with refused(BadWarehouse) as caught:
            prepared(jana, (board, 1))
        assert caught.value.field == "warehouse"

    def test_a_tracked_part_goes_back_with_its_number(self, advanced: ModePolicy, jana: User, vienna: Warehouse):
        pump = PartFactory(number="PMP-1", tracking=Tracking.SERIAL)
        put(personal(jana), pump, 1, by=jana)
        with refused(BadReturn) as caught:
            prepared(jana, (pump, 1))
        assert caught.value.messages == ["PMP-1: say first which batch or serial number it is."]
        lot = Lot.objects.create(part=pump, code="77-1", is_serial=True)
        put(personal(jana), pump, 1, by=jana, lot=lot)
        assert prepared(jana, ReturnedPart(pump, 1, lot=lot)).lines.get().lot == lot

    def test_nobody_prepares_for_a_colleague(self, standard: ModePolicy, jana: User, tom: User, board: Part):
        put(personal(jana), board, 1, by=jana)
        with refused(NotAllowed):
            prepare_return(engineer=jana, by=tom, at=timezone.now(), policy=standard, parts=[ReturnedPart(board, 1)])

    def test_the_office_may(self, standard: ModePolicy, jana: User, eva: User, board: Part):
        put(personal(jana), board, 1, by=jana)
        document = prepare_return(
            engineer=jana, by=eva, at=timezone.now(), policy=standard, parts=[ReturnedPart(board, 1)]
        )
        assert (document.engineer, document.created_by) == (jana, eva)

    def test_a_switched_mode_is_noticed(self, standard: ModePolicy, jana: User, board: Part):
        put(personal(jana), board, 1, by=jana)
        in_mode(Mode.STANDARD, version=standard.version + 1)
        with refused(ModeChanged):
            prepare_return(engineer=jana, by=jana, at=timezone.now(), policy=standard, parts=[ReturnedPart(board, 1)])


class TestEditAndCancel:
    def test_the_lines_are_said_anew(self, standard: ModePolicy, jana: User, board: Part, fan: Part):
        put(personal(jana), board, 2, by=jana)
        put(personal(jana), fan, 2, by=jana)
        document = prepared(jana, (board, 2))
        edit_return(document, by=jana, at=timezone.now(), policy=standard, parts=[ReturnedPart(fan, 1)], note="Box 4")
        assert [(line.part, line.quantity) for line in document.lines.all()] == [(fan, 1)]
        assert Return.objects.get().note == "Box 4"

    def test_a_cancelled_return_stays_cancelled(self, standard: ModePolicy, jana: User, board: Part):
        put(personal(jana), board, 1, by=jana)
        document = prepared(jana, (board, 1))
        cancel_return(document, by=jana, at=timezone.now(), policy=standard)
        for again in (
            lambda: cancel_return(document, by=jana, at=timezone.now(), policy=standard),
            lambda: hand_over(document),
        ):
            with refused(IllegalTransition):
                again()

    def test_only_the_engineer_himself(self, standard: ModePolicy, jana: User, tom: User, eva: User, board: Part):
        put(personal(jana), board, 1, by=jana)
        document = prepared(jana, (board, 1))
        for other in (tom, eva):
            facts = {"by": other, "at": timezone.now(), "policy": standard}
            with refused(NotAllowed):
                cancel_return(document, **facts)
            with refused(NotAllowed):
                edit_return(document, parts=[ReturnedPart(board, 1)], **facts)
            with refused(NotAllowed):
                hand_over_return(document, key=uuid.uuid4(), **facts)


class TestHandOver:
    def test_advanced_brings_it_into_transit_as_old_as_it_is(
        self, advanced: ModePolicy, jana: User, vienna: Warehouse, board: Part
    ):
        first, second = days_ago(30), days_ago(3)
        put(personal(jana), board, 2, by=jana, at=first)
        put(personal(jana), board, 2, by=jana, at=second)
        document = handed_over(jana, (board, 3))
        assert document.status == ReturnStatus.HANDED_OVER
        assert (held(personal(jana)), held(transit(vienna))) == ({"PCB-4471": 1}, {"PCB-4471": 3})
        moves = document.posting.moves.order_by("pk").values_list("quantity", "held_since")
        assert list(moves) == [(2, first), (1, second)]
        assert document.lines.get().held_since == first
        left = oldest(layers(Location.objects.filter(owner=jana)))
        assert list(left.values()) == [second]

    def test_standard_confirms_by_itself(self, standard: ModePolicy, jana: User, board: Part):
        put(personal(jana), board, 2, by=jana)
        document = handed_over(jana, (board, 2))
        assert (document.status, document.checked_in_by) == (ReturnStatus.CHECKED_IN, None)
        assert held(personal(jana)) == {}
        assert [(line.quantity, line.accepted) for line in document.lines.all()] == [(2, 2)]

    def test_standard_waits_for_somebody_when_told_so(self, standard: ModePolicy, jana: User, board: Part):
        in_mode(Mode.STANDARD, return_confirmation=ConfirmationMode.MANUAL)
        put(personal(jana), board, 2, by=jana)
        document = handed_over(jana, (board, 2))
        assert (document.status, document.check_in_posting_id) == (ReturnStatus.HANDED_OVER, None)
        assert held(personal(jana)) == {"PCB-4471": 2}

    def test_later_use_makes_it_smaller_and_says_so(
        self, advanced: ModePolicy, jana: User, vienna: Warehouse, board: Part, fan: Part
    ):
        put(personal(jana), board, 3, by=jana)
        put(personal(jana), fan, 1, by=jana)
        document = prepared(jana, (board, 3), (fan, 1))
        handed_over(jana, (board, 2), (fan, 1))  # another return was quicker
        shrunk = hand_over(document)
        assert [str(each) for each in shrunk] == [
            "PCB-4471: 1 pc instead of 3 pc, the rest is no longer with you.",
            "FAN-120: 0 pc instead of 1 pc, the rest is no longer with you.",
        ]
        assert [(line.part, line.quantity) for line in document.lines.all()] == [(board, 1)]
        event = AuditEvent.objects.get(verb="return.hand_over", subject_id=str(document.pk))
        assert event.details["shrunk"][0] == {"part": "PCB-4471", "asked": 3, "left": 1}

    def test_nothing_left_is_refused(self, advanced: ModePolicy, jana: User, vienna: Warehouse, board: Part):
        put(personal(jana), board, 1, by=jana)
        document = prepared(jana, (board, 1))
        handed_over(jana, (board, 1))
        with refused(NothingLeft):
            hand_over(document)
        document.refresh_from_db()
        assert document.status == ReturnStatus.PREPARED

    def test_handed_over_once(self, advanced: ModePolicy, jana: User, vienna: Warehouse, board: Part):
        put(personal(jana), board, 1, by=jana)
        document = handed_over(jana, (board, 1))
        with refused(IllegalTransition):
            hand_over(document)


class TestConstraints:
    @pytest.fixture
    def line(self, advanced: ModePolicy, jana: User, vienna: Warehouse, board: Part) -> ReturnLine:
        put(personal(jana), board, 2, by=jana)
        return prepared(jana, (board, 2)).lines.get()

    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"quantity": 0}, "return_line_quantity_positive"),
            ({"accepted": 2, "refused": 1}, "return_line_ends_once"),
            ({"accepted": 1, "settled": 2}, "return_line_ends_once"),
        ],
    )
    def test_a_line(self, line: ReturnLine, changes: dict, name: str):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ReturnLine.objects.filter(pk=line.pk).update(**changes)

    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"status": "gone"}, "return_status_known"),
            ({"status": ReturnStatus.HANDED_OVER}, "return_handed_over_has_time"),
            ({"status": ReturnStatus.CHECKED_IN, "handed_over_at": timezone.now()}, "return_checked_in_has_time"),
        ],
    )
    def test_a_return(self, line: ReturnLine, changes: dict, name: str):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Return.objects.filter(pk=line.document_id).update(**changes)
