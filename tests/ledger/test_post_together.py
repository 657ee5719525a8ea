"""Several events of one request are booked together."""

import uuid

import pytest
from django.utils import timezone

from inventory.domain import ledger
from inventory.enums import PostingReason
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.support.stock import held, personal, put, shelf

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


class TestTogether:
    """Several events of one request: one insert of moves, all of them or none."""

    def events(self, karl, *quantities):
        vienna, bearing = WarehouseFactory(), PartFactory()
        put(shelf(vienna), bearing, 5, by=karl)
        return vienna, [
            ledger.Event(
                PostingReason.REQUISITION,
                f"RQ-{number}",
                [ledger.Line(bearing, quantity, shelf(vienna), personal(karl))],
                uuid.uuid4(),
            )
            for number, quantity in enumerate(quantities)
        ]

    def test_each_event_is_a_posting_of_its_own(self, karl):
        _vienna, events = self.events(karl, 2, 3)
        postings = ledger.post_together(events, by=karl, at=timezone.now())
        assert [posting.key for posting in postings] == [event.key for event in events]
        assert [[move.quantity for move in posting.moves.all()] for posting in postings] == [[2], [3]]
        assert list(held(personal(karl)).values()) == [5]

    def test_all_or_none(self, karl):
        _vienna, events = self.events(karl, 3, 3)
        with pytest.raises(ledger.NotEnoughStock) as refusal:
            ledger.post_together(events, by=karl, at=timezone.now())
        assert [(short.has, short.asked) for short in refusal.value.shortages] == [(5, 6)]
        assert held(personal(karl)) == {}

    def test_a_second_time_answers_with_the_first(self, karl):
        _vienna, events = self.events(karl, 2, 2)
        first = ledger.post_together(events, by=karl, at=timezone.now())
        assert ledger.post_together(events, by=karl, at=timezone.now()) == first
        assert list(held(personal(karl)).values()) == [4]

    def test_half_of_it_known_is_another_content(self, karl):
        _vienna, events = self.events(karl, 2, 2)
        ledger.post_together(events[:1], by=karl, at=timezone.now())
        with pytest.raises(ledger.KeyReused):
            ledger.post_together(events, by=karl, at=timezone.now())

    def test_one_may_not_take_what_the_other_brings(self, karl):
        _vienna, events = self.events(karl, 2)
        line = events[0].lines[0]
        back = ledger.Line(line.part, 1, line.target, line.source)
        events.append(ledger.Event(PostingReason.REQUISITION, "RQ-9", [back], uuid.uuid4()))
        with pytest.raises(ledger.BadLine):
            ledger.post_together(events, by=karl, at=timezone.now())
