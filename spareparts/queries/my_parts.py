"""What the home of an engineer tells: what he holds, for which job, what must go back and what waits for him."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import BigIntegerField, F, Q, QuerySet, Value
from django.db.models.functions import Cast

from spareparts.enums import OWED, DebtStatus, Feature, ReceivingMethod, RequisitionStatus, ReturnStatus
from spareparts.models import Allocation, Issue, OldPartDebt, RequisitionLine, ReturnLine, SparepartsSettings
from spareparts.policies import ModePolicy
from spareparts.queries.due import SOON, Badge, badge, due_on, first_due_on
from spareparts.queries.holdings import Held, Holding, holdings_of, pieces, total_value
from spareparts.queries.open_parts import OpenPart, open_by_engineer
from workorders.models import User, WorkOrder

StockKey = tuple[int, str, int | None]
NEWS = timedelta(days=7)
"""So long the engineer is told what became of a return."""


@dataclass(frozen=True, slots=True)
class Row:
    """``quantity`` smallest steps of a holding as a page shows them; of these ``due`` are late or due soon."""

    holding: Holding
    quantity: int
    badge: Badge
    due: int = 0
    due_on: date | None = None
    job: WorkOrder | None = None

    @property
    def to_return(self) -> int:
        return self.due or self.quantity

    @property
    def since(self) -> datetime:
        return self.holding.since

    @property
    def query(self) -> str:
        """What names these parts in the address of a page that does something with them."""
        lot = self.holding.lot
        return urlencode(
            {"part": self.holding.part.pk, "condition": self.holding.condition, "lot": lot.pk if lot else ""}
        )


@dataclass(frozen=True, slots=True)
class JobRows:
    """The parts an engineer carries for one open job."""

    work_order: WorkOrder
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class DueBack:
    """The lines that must be back soon or should be already; ``by`` is the last day in time, None when all are late."""

    parts: int
    old_parts: int
    by: date | None

    @property
    def lines(self) -> int:
        return self.parts + self.old_parts


@dataclass(frozen=True, slots=True)
class MyParts:
    """``going`` counts the pieces that stand on a return not yet handed over, ``coming`` those that wait for him.

    ``news``: the keys of his returns of the last days that did not come in as he returned them, the newest first.
    """

    holdings: list[Holding]
    jobs: list[JobRows]
    unused: list[Row]
    old: list[Row]
    not_taken_out: list[OldPartDebt]
    going: int
    coming: int
    news: list[int]

    @property
    def pieces(self) -> int:
        return sum(each.pieces for each in self.holdings)

    @property
    def value(self) -> Decimal:
        return total_value(self.holdings)

    @property
    def old_pieces(self) -> int:
        """Old parts in hand, and those still to be taken out of their machine."""
        waiting = sum(pieces(each.quantity, each.part.unit.decimal_places) for each in self.not_taken_out)
        return sum(each.pieces for each in self.holdings if each.is_old) + waiting

    def due_back(self, *, today: date) -> DueBack | None:
        parts = [row for row in self.unused if row.due]
        rows = [*parts, *self.old]
        days = [row.due_on for row in rows if row.due_on is not None and row.due_on >= today]
        return DueBack(len(parts), len(self.old), max(days, default=None)) if rows else None


def my_parts(engineer: User, *, settings: SparepartsSettings, policy: ModePolicy, at: datetime, today: date) -> MyParts:
    """Everything the engineer holds, sorted by what should become of it. At most six statements."""
    holdings = holdings_of(engineer, at=at)
    debts = list(owed_by(engineer))
    going, coming, news = _going_coming_and_news(engineer, policy, at)
    parts = {each.part.pk: each.part for each in holdings}
    lots = {each.lot.pk: each.lot for each in holdings if each.lot}
    jobs, left = _for_jobs(holdings, open_by_engineer(engineer, parts=parts, lots=lots), today)
    unused, old = [], []
    for each in holdings:
        away = min(going[_key(each)], left[_key(each)])
        quantity = left[_key(each)] - away
        if quantity and each.is_old:
            old.append(_old_row(each, quantity, _debts_of(each, debts), settings, today))
        elif quantity:
            unused.append(_row(each, _without(each.layers, away), quantity, settings, today))
    return MyParts(
        holdings=holdings,
        jobs=jobs,
        unused=_by_due(unused),
        old=_by_due(old),
        not_taken_out=[debt for debt in debts if debt.status == DebtStatus.DUE],
        going=sum(pieces(min(going[_key(each)], each.quantity), each.part.unit.decimal_places) for each in holdings),
        coming=coming,
        news=news,
    )


def owed_by(engineer: User) -> QuerySet[OldPartDebt]:
    """The old parts that must still come back from him, the first due first."""
    owed = OldPartDebt.objects.filter(engineer=engineer, status__in=OWED)
    return owed.select_related("part__unit", "lot", "line__consumption__work_order").order_by("due_on", "pk")


def _key(each: Holding | OpenPart) -> StockKey:
    return each.part.pk, each.condition, each.lot.pk if each.lot else None


def _by_due(rows: list[Row]) -> list[Row]:
    """The first due first; what came a moment ago comes last."""
    return sorted(rows, key=lambda row: (row.due_on or date.max, row.holding.part.number))


def _for_jobs(
    holdings: Sequence[Holding], wanted: Iterable[OpenPart], today: date
) -> tuple[list[JobRows], dict[StockKey, int]]:
    """The parts of each open job, the first job first, and how much of every holding no job wants.

    Nobody holds more than he holds: when two jobs want the same piece, the earlier one has it.
    """
    held = {_key(each): each for each in holdings}
    left = {key: each.quantity for key, each in held.items()}
    found: dict[int, JobRows] = {}
    for each in sorted(wanted, key=_by_plan):
        key = _key(each)
        quantity = min(each.quantity, left.get(key, 0))
        if not quantity:
            continue
        left[key] -= quantity
        rows = found.setdefault(each.work_order.pk, JobRows(each.work_order, [])).rows
        rows.append(Row(held[key], quantity, badge(None, held[key].days, today=today), job=each.work_order))
    return list(found.values()), left


def _by_plan(each: OpenPart) -> tuple[bool, float, int, str]:
    planned = each.work_order.planned_at
    return planned is None, planned.timestamp() if planned else 0.0, each.work_order.pk, each.part.number


def _row(holding: Holding, layers: Sequence[Held], quantity: int, settings: SparepartsSettings, today: date) -> Row:
    """``quantity`` of a holding that no job wants: the oldest of ``layers``."""
    oldest = _first(layers, quantity)
    days = [due_on(holding, each, settings) for each in oldest]
    due = sum(each.quantity for each, day in zip(oldest, days, strict=True) if day <= today + SOON)
    first = min(days, default=None)
    age = oldest[0].days if oldest else 0
    return Row(holding, quantity, badge(first, age, today=today), due, first)


def _first(layers: Sequence[Held], quantity: int) -> list[Held]:
    """The oldest layers that add up to ``quantity``."""
    found: list[Held] = []
    for each in layers:
        if quantity <= 0:
            break
        found.append(replace(each, quantity=min(each.quantity, quantity)))
        quantity -= each.quantity
    return found


def _without(layers: Sequence[Held], quantity: int) -> list[Held]:
    """What is left when the oldest ``quantity`` goes."""
    found: list[Held] = []
    for each in layers:
        gone = min(each.quantity, quantity)
        quantity -= gone
        if gone < each.quantity:
            found.append(replace(each, quantity=each.quantity - gone))
    return found


def _debts_of(holding: Holding, debts: Iterable[OldPartDebt]) -> list[OldPartDebt]:
    lot = holding.lot.pk if holding.lot else None
    return [
        debt
        for debt in debts
        if debt.status == DebtStatus.HELD and debt.part_id == holding.part.pk and (debt.lot_id in (lot, None))
    ]


def _old_row(
    holding: Holding, quantity: int, debts: Sequence[OldPartDebt], settings: SparepartsSettings, today: date
) -> Row:
    """An old part goes back as soon as can be: the last day is its debt's, or, when nobody owes it, by its age."""
    last = min((debt.due_on for debt in debts), default=None) or first_due_on(holding, settings)
    job = debts[0].line.consumption.work_order if debts else None
    return Row(holding, quantity, badge(last, holding.days, today=today), quantity, last, job)


# ---------------------------------------------------------------- where parts came from, what waits
def jobs_they_came_for(rows: Iterable[Row]) -> dict[int, WorkOrder]:
    """By posting: the job for which the parts of ``rows`` were issued. One statement."""
    postings = {each.posting_id for row in rows for each in row.holding.layers[:1]}
    issues = Issue.objects.filter(posting__pk__in=postings, requisition__work_order__isnull=False)
    found = issues.select_related("requisition__work_order").annotate(came_with=F("posting__pk"))
    return {issue.came_with: issue.requisition.work_order for issue in found if issue.requisition.work_order}


def with_origin(rows: Sequence[Row]) -> list[Row]:
    """The rows, each with the job its oldest piece was taken for when it has no other. One statement."""
    jobs = jobs_they_came_for(rows) if rows else {}
    origins = [jobs.get(row.holding.layers[0].posting_id) if row.holding.layers else None for row in rows]
    return [replace(row, job=row.job or origin) for row, origin in zip(rows, origins, strict=True)]


def ready_to_collect(engineer: User) -> QuerySet[Allocation]:
    """What lies reserved or packed for him where he picks it up."""
    path = "grant__line__requisition"
    mine = Q(**{f"{path}__engineer": engineer, f"{path}__status": RequisitionStatus.APPROVED})
    picked_up = Q(**{f"{path}__receiving_method": ReceivingMethod.PICK_UP})
    arrived = Q(
        Q(**{f"{path}__destination": F("warehouse"), f"{path}__is_for_branch": False}),
        **{f"{path}__receiving_method": ReceivingMethod.TO_WAREHOUSE},
    )
    lying = Allocation.objects.filter(mine & (picked_up | arrived), shipment__isnull=True)
    return lying.select_related("part__unit", "lot", "warehouse", f"{path}__work_order").order_by("pk")


def asked_for(engineer: User) -> QuerySet[RequisitionLine]:
    """What he asked for and nobody has decided yet."""
    waiting = RequisitionLine.objects.filter(
        requisition__engineer=engineer, requisition__status=RequisitionStatus.SUBMITTED
    )
    return waiting.select_related("part__unit", "requisition__work_order").order_by("pk")


def coming(engineer: User, policy: ModePolicy) -> QuerySet[Allocation] | QuerySet[RequisitionLine]:
    """Where warehouses keep stock, what is ready to collect; elsewhere, what waits for approval."""
    return ready_to_collect(engineer) if policy.has(Feature.WAREHOUSE_STOCK) else asked_for(engineer)


def _going_coming_and_news(
    engineer: User, policy: ModePolicy, at: datetime
) -> tuple[Counter[StockKey], int, list[int]]:
    """What stands on returns that nothing has left for yet, how many pieces wait for him, and which returns came in
    otherwise than he returned them. One statement."""
    waiting = coming(engineer, policy)
    stock = ("part_id", "condition", "lot_id") if policy.has(Feature.WAREHOUSE_STOCK) else ("part_id", *NO_STOCK)
    lines = ReturnLine.objects.filter(
        document__engineer=engineer,
        document__status__in=[ReturnStatus.PREPARED, ReturnStatus.HANDED_OVER],
        document__posting__isnull=True,
    )
    measures = ("quantity", "part__unit__decimal_places")
    rows = _marked(lines, "going").values_list("what", "part_id", "condition", "lot_id", *measures)
    strange = ReturnLine.objects.filter(
        Q(refused__gt=0) | Q(discrepancies__isnull=False),
        document__engineer=engineer,
        document__status=ReturnStatus.CHECKED_IN,
        document__checked_in_at__gt=at - NEWS,
    )
    told = _marked(strange, "news").values_list("what", "document_id", "condition", "lot_id", *measures)
    rows = rows.union(_marked(waiting, "coming").values_list("what", *stock, *measures), told, all=True)
    news: set[int] = set()
    going: Counter[StockKey] = Counter()
    come = 0
    for what, part, condition, lot, quantity, places in rows:
        if what == "going":
            going[part, condition, lot] += quantity
        elif what == "news":
            news.add(part)  # the key of the return stands in this column
        else:
            come += pieces(quantity, places)
    return going, come, sorted(news, reverse=True)


# A line that asks for a part names neither condition nor lot.
NO_STOCK = (Value(""), Cast(Value(None), BigIntegerField()))


def _marked(rows: QuerySet[Any], what: str) -> QuerySet[Any]:
    marked: QuerySet[Any] = rows.order_by().select_related(None).annotate(what=Value(what))
    return marked
