"""The documents and the ledger tell the same story; every planted lie is found."""

import uuid
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from inventory.domain import ledger
from spareparts.domain.consumption import UsedPart
from spareparts.domain.undo import undo_consumption
from spareparts.models import Consumption, ConsumptionLine
from spareparts.queries import current_policy
from spareparts.queries.verification import document_differences
from tests.factories.inventory import PartFactory
from tests.factories.spareparts import used
from tests.factories.workorders import WorkOrderFactory

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def documents(jana):
    """One that counts, one undone."""
    bearing = PartFactory()
    kept = used(WorkOrderFactory(lead=jana), UsedPart(bearing, 2), UsedPart(bearing, 3), PartFactory(), at=NOON)
    undone = used(kept.work_order, UsedPart(bearing, 5), at=NOON)
    undo_consumption(undone, by=jana, at=NOON, key=uuid.uuid4(), policy=current_policy())
    return kept, undone


def found() -> list[tuple[str, int, int]]:
    return [(each.check, each.key, each.difference) for each in document_differences()]


def test_true_documents(documents, capsys) -> None:
    assert found() == []
    call_command("verify_documents")
    assert capsys.readouterr().out == "Every document is backed by its moves.\n"


@pytest.mark.usefixtures("planted_drift")
class TestLies:
    def test_a_line_that_was_changed(self, documents, capsys) -> None:
        kept, _undone = documents
        line = ConsumptionLine.objects.filter(consumption=kept).order_by("pk")[0]
        ConsumptionLine.objects.filter(pk=line.pk).update(quantity=4)

        assert found() == [("consumption lines equal their moves", kept.pk, 2)]
        with pytest.raises(CommandError, match="1 difference"):
            call_command("verify_documents")
        assert f"{kept.reference}, part {line.part_id}, difference 2" in capsys.readouterr().out

    def test_a_line_that_was_dropped(self, documents) -> None:
        kept, _undone = documents
        ConsumptionLine.objects.filter(pk=kept.lines.order_by("pk")[1].pk).update(consumption=_undone)
        assert found() == [
            ("consumption lines equal their moves", kept.pk, -3),
            ("consumption lines equal their moves", _undone.pk, 3),
        ]

    def test_an_undo_that_reversed_something_else(self, documents, jana) -> None:
        kept, undone = documents
        other = used(kept.work_order, PartFactory(), at=NOON)
        Consumption.objects.filter(pk=undone.pk).update(reversal=other.posting)
        assert found() == [("undone consumption nets to zero", undone.pk, 5)]

    def test_a_reversal_behind_the_documents_back(self, documents, jana) -> None:
        kept, _undone = documents
        ledger.reverse(kept.posting, reference="behind", by=jana, at=NOON, key=uuid.uuid4())
        names = {name for name, _document, _difference in found()}
        assert names == {"recorded consumption is not reversed"}
