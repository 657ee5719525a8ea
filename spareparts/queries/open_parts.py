"""Parts that were taken for a job and that the job still has to answer for (product.md 5, "Closing a job").

Open = issued or received for it, handed to him or bought for it − used on it − returned, handed on, kept or lost naming
it, capped at what the engineer holds. One statement reads it all; the veto, the pages and the reminders ask here.
Old parts are not counted: they are debts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from inventory.enums import Condition, LocationKind
from inventory.models import Balance, Location, Lot, Part
from spareparts.enums import (
    ConsumptionStatus,
    DiscrepancyOutcome,
    HandOverStatus,
    KeptAnswer,
    PostedStatus,
    ReceivingMethod,
    ReturnStatus,
)
from spareparts.models import (
    Consumption,
    ConsumptionLine,
    Discrepancy,
    Grant,
    HandOver,
    HandOverLine,
    Issue,
    IssueLine,
    KeptPart,
    LocalPurchase,
    LocalPurchaseLine,
    LossReport,
    Receipt,
    ReceiptLine,
    Requisition,
    RequisitionLine,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
)
from workorders.enums import CLOSED_STATUSES
from workorders.models import User, WorkOrder


@dataclass(frozen=True)
class OpenPart:
    """``quantity`` smallest steps that ``engineer`` took for ``work_order`` and still holds unanswered."""

    engineer: User
    part: Part
    condition: str
    lot: Lot | None
    quantity: int
    work_order: WorkOrder


def open_for_job(work_order: WorkOrder, *, engineer: User | None = None) -> list[OpenPart]:
    """What is open for the job, of one engineer or of all; by engineer and part number.

    One statement finds it; when there is something, at most three more read the people, parts and lots by key.
    """
    where, facts = "wanted.job = %(job)s", {"job": work_order.pk}
    people = {}
    if engineer is not None:
        where += " AND wanted.engineer = %(person)s"
        facts["person"], people[engineer.pk] = engineer.pk, engineer
    return _read(where, facts, jobs={work_order.pk: work_order}, people=people)


def open_by_engineer(
    engineer: User, *, parts: Mapping[int, Part] | None = None, lots: Mapping[int, Lot] | None = None
) -> list[OpenPart]:
    """What the engineer holds unanswered for jobs that are not ended yet, by job and part number.

    ``parts`` and ``lots`` that were read already are not read again.
    """
    ended = ", ".join(f"'{status}'" for status in sorted(CLOSED_STATUSES))
    jobs = f"SELECT id FROM {WorkOrder._meta.db_table} WHERE status NOT IN ({ended})"  # noqa: S608  our own words
    where = f"wanted.engineer = %(person)s AND wanted.job IN ({jobs})"
    known = (dict(parts or {}), dict(lots or {}))
    return _read(where, {"person": engineer.pk}, jobs={}, people={engineer.pk: engineer}, known=known)


# ---------------------------------------------------------------- the statement
_T: dict[str, str] = {
    model.__name__: model._meta.db_table
    for model in (
        Balance, Consumption, ConsumptionLine, Discrepancy, Grant, HandOver, HandOverLine, Issue, IssueLine, KeptPart,
        LocalPurchase, LocalPurchaseLine, Location, LossReport, Receipt, ReceiptLine, Requisition, RequisitionLine,
        Return, ReturnLine, Shipment, ShipmentLine,
    )
}  # fmt: skip
# Every branch: job, engineer, part, condition, lot, what it is, and the change in smallest steps.
_BRANCHES = """
SELECT q.work_order_id AS job, q.engineer_id AS engineer, l.part_id AS part, l.condition AS condition, l.lot_id AS lot,
       'taken' AS what, l.quantity AS steps
FROM {IssueLine} l JOIN {Issue} i ON i.id = l.issue_id JOIN {Requisition} q ON q.id = i.requisition_id
WHERE i.undone_at IS NULL AND q.work_order_id IS NOT NULL
UNION ALL
SELECT q.work_order_id, s.engineer_id, l.part_id, l.condition, l.lot_id, 'taken', r.received
FROM {ReceiptLine} r JOIN {ShipmentLine} l ON l.id = r.shipment_line_id JOIN {Shipment} s ON s.id = l.shipment_id
JOIN {Grant} g ON g.id = l.grant_id JOIN {RequisitionLine} ql ON ql.id = g.line_id
JOIN {Requisition} q ON q.id = ql.requisition_id
WHERE q.work_order_id IS NOT NULL AND s.receiving_method IN (%(to_engineer)s, %(to_site)s)
UNION ALL
SELECT q.work_order_id, s.engineer_id, l.part_id, l.condition, l.lot_id, 'taken', d.quantity
FROM {Discrepancy} d JOIN {ShipmentLine} l ON l.id = d.shipment_line_id JOIN {Shipment} s ON s.id = l.shipment_id
JOIN {Grant} g ON g.id = l.grant_id JOIN {RequisitionLine} ql ON ql.id = g.line_id
JOIN {Requisition} q ON q.id = ql.requisition_id
WHERE q.work_order_id IS NOT NULL AND s.receiving_method IN (%(to_engineer)s, %(to_site)s) AND d.outcome = %(booked)s
UNION ALL
SELECT l.work_order_id, h.receiver_id, l.part_id, l.condition, l.lot_id, 'taken', l.accepted
FROM {HandOverLine} l JOIN {HandOver} h ON h.id = l.hand_over_id
WHERE l.work_order_id IS NOT NULL AND h.status IN (%(accepted)s, %(moved)s)
UNION ALL
SELECT b.work_order_id, b.engineer_id, l.part_id, l.condition, l.lot_id, 'taken', l.quantity
FROM {LocalPurchaseLine} l JOIN {LocalPurchase} b ON b.id = l.purchase_id
WHERE b.work_order_id IS NOT NULL AND b.status = %(posted)s
UNION ALL
SELECT c.work_order_id, c.engineer_id, l.part_id, l.condition, l.lot_id, 'used', -l.quantity
FROM {ConsumptionLine} l JOIN {Consumption} c ON c.id = l.consumption_id
WHERE c.status = %(recorded)s AND l.warehouse_id IS NULL
UNION ALL
SELECT l.work_order_id, h.sender_id, l.part_id, l.condition, l.lot_id, 'handed',
       -CASE WHEN h.status = %(offered)s THEN l.quantity ELSE l.accepted END
FROM {HandOverLine} l JOIN {HandOver} h ON h.id = l.hand_over_id
WHERE l.work_order_id IS NOT NULL AND h.status IN (%(accepted)s, %(moved)s, %(offered)s)
UNION ALL
SELECT o.work_order_id, o.engineer_id, o.part_id, o.condition, o.lot_id, 'lost', -o.quantity
FROM {LossReport} o WHERE o.work_order_id IS NOT NULL AND o.status = %(posted)s
UNION ALL
SELECT l.work_order_id, t.engineer_id, l.part_id, l.condition, l.lot_id, 'back', -(l.quantity - l.refused)
FROM {ReturnLine} l JOIN {Return} t ON t.id = l.document_id
WHERE l.work_order_id IS NOT NULL AND t.status IN (%(handed_over)s, %(checked_in)s)
UNION ALL
SELECT k.work_order_id, k.engineer_id, k.part_id, k.condition, k.lot_id,
       CASE WHEN k.answer = %(going_back)s THEN 'going_back' ELSE 'kept' END, -k.quantity
FROM {KeptPart} k
"""
# What he holds of these parts comes along, so that the answer is of one moment.
_SQL = f"""
WITH wanted AS (
    SELECT wanted.job, wanted.engineer, wanted.part, wanted.condition, wanted.lot, wanted.what, wanted.steps
    FROM ({_BRANCHES.format(**_T)}) AS wanted WHERE wanted.condition <> %(old)s AND {{where}}
)
SELECT job, engineer, part, condition, lot, what, SUM(steps) FROM wanted
GROUP BY job, engineer, part, condition, lot, what
UNION ALL
SELECT NULL, p.owner_id, b.part_id, b.condition, b.lot_id, 'held', b.on_hand
FROM {_T["Balance"]} b JOIN {_T["Location"]} p ON p.id = b.location_id
WHERE p.kind = %(engineer_kind)s AND b.on_hand > 0 AND b.condition <> %(old)s
  AND EXISTS (SELECT 1 FROM wanted w WHERE w.engineer = p.owner_id AND w.part = b.part_id)
"""  # noqa: S608  names of our own tables
_FACTS: dict[str, str] = {
    "to_engineer": ReceivingMethod.TO_ENGINEER,
    "to_site": ReceivingMethod.TO_SITE,
    "booked": DiscrepancyOutcome.BOOKED,
    "accepted": HandOverStatus.ACCEPTED,
    "moved": HandOverStatus.MOVED,
    "offered": HandOverStatus.OFFERED,
    "posted": PostedStatus.POSTED,
    "recorded": ConsumptionStatus.RECORDED,
    "handed_over": ReturnStatus.HANDED_OVER,
    "checked_in": ReturnStatus.CHECKED_IN,
    "going_back": KeptAnswer.RETURNING,
    "old": Condition.OLD,
    "engineer_kind": LocationKind.ENGINEER,
}

Place = tuple[str, int | None]  # condition, lot


@dataclass
class _Tally:
    """The steps of one part for one engineer and job: ``net`` by condition and lot, ``sums`` by what they are."""

    net: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def open(self) -> int:
        """ "It goes back" and the return that followed are the same parts: the larger of the two counts."""
        going_back = min(self.sums["back"], self.sums["going_back"])
        return sum(self.sums.values()) - self.sums["back"] - self.sums["going_back"] + going_back

    @property
    def spoken_for(self) -> int:
        """Answered already and still in his hands: kept, or going back and not handed over yet."""
        return max(self.sums["back"] - self.sums["going_back"], 0) - self.sums["kept"]

    def spread_over(self, held: Mapping[Place, int]) -> Iterable[tuple[Place, int]]:
        """What is open, out of what he holds: first what was taken for the job, then other lots of the part."""
        left = min(self.open, sum(held.values()) - self.spoken_for)
        for place in sorted(held, key=lambda each: (-self.net.get(each, 0), each[0], each[1] or 0)):
            quantity = min(left, held[place])
            if quantity > 0:
                yield place, quantity
                left -= quantity


Key = tuple[int, int, int]  # job, engineer, part


def _read(
    where: str,
    facts: dict[str, Any],
    *,
    jobs: dict[int, WorkOrder],
    people: dict[int, User],
    known: tuple[dict[int, Part], dict[int, Lot]] = ({}, {}),
) -> list[OpenPart]:
    tallies: dict[Key, _Tally] = defaultdict(_Tally)
    held: dict[tuple[int, int], dict[Place, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_SQL.replace("{where}", where), _FACTS | facts)
        for job, engineer, part, condition, lot, what, steps in cursor.fetchall():
            place = (condition, lot)
            if what == "held":
                held[engineer, part][place] = int(steps)
                continue
            tally = tallies[job, engineer, part]
            tally.net[place] += int(steps)
            tally.sums[what] += int(steps)
    found = [
        (key, place, quantity)
        for key, tally in tallies.items()
        for place, quantity in tally.spread_over(held[key[1], key[2]])
    ]
    return _with_objects(found, jobs, people, known)


def _with_objects(
    found: list[tuple[Key, Place, int]],
    jobs: dict[int, WorkOrder],
    people: dict[int, User],
    known: tuple[dict[int, Part], dict[int, Lot]],
) -> list[OpenPart]:
    parts, lots = known
    wanted_parts = {key[2] for key, _place, _quantity in found} - parts.keys()
    wanted_lots = {place[1] for _key, place, _quantity in found if place[1] is not None} - lots.keys()
    parts = parts | Part.objects.select_related("unit").in_bulk(wanted_parts)
    lots = lots | Lot.objects.in_bulk(wanted_lots)
    jobs = jobs | WorkOrder.objects.in_bulk({key[0] for key, _place, _quantity in found} - jobs.keys())
    people = people | User.objects.in_bulk({key[1] for key, _place, _quantity in found} - people.keys())
    rows = [
        OpenPart(
            engineer=people[key[1]],
            part=parts[key[2]],
            condition=place[0],
            lot=lots[place[1]] if place[1] is not None else None,
            quantity=quantity,
            work_order=jobs[key[0]],
        )
        for key, place, quantity in found
    ]
    return sorted(rows, key=lambda row: (row.work_order.pk, row.engineer.name, row.part.number, row.condition))
