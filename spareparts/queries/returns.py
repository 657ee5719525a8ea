"""Returns and old parts: what is due, what comes in, who owes what."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Sum, When
from django.utils.translation import gettext as _

from inventory.enums import Condition, Tracking, WarehouseStatus
from inventory.models import Lot, Part, Warehouse
from spareparts.enums import OPEN_DEBTS, DebtStatus, Feature, KeptAnswer, Permission, ReturnStatus
from spareparts.models import KeptPart, OldPartDebt, Return, ReturnLine, SparepartsSettings
from spareparts.policies import ModePolicy
from spareparts.queries.due import Badge
from spareparts.queries.my_parts import Row, my_parts
from spareparts.queries.personal import Note
from workorders.models import User, WorkOrder

MOST_PROPOSED = 300
MOST_NEWS = 5
Key = tuple[int, str, int | None]  # part, condition, lot


# ---------------------------------------------------------------- where parts may be handed in
def open_warehouses() -> QuerySet[Warehouse]:
    return Warehouse.objects.filter(status=WarehouseStatus.OPEN).order_by("name")


def usual_warehouse(engineer: User) -> Warehouse | None:
    """Where the engineer hands in unless he says otherwise: the one serving his team, else the default one."""
    serves = Q(terms__teams=engineer.team_id) if engineer.team_id else Q(pk__in=[])
    ranked = open_warehouses().annotate(rank=Case(When(serves, then=0), When(is_default=True, then=1)))
    return ranked.filter(rank__isnull=False).order_by("rank", "-is_default", "name").first()


def desk_warehouses(user: User) -> QuerySet[Warehouse]:
    """The warehouses at whose desk the person works, open or not: the office in all, a warehouse manager in his."""
    found = Warehouse.objects.order_by("name")
    return found if user.has_perm(Permission.VIEW_ALL_REQUISITIONS) else found.filter(managers=user)


# ---------------------------------------------------------------- what is due
@dataclass(frozen=True, slots=True)
class Proposed:
    """A row of the form: ``quantity`` of ``held`` smallest steps are proposed to go back; ``is_due``: ticked.

    ``work_order``: the job the parts were taken for; ``debt``: the old part that is owed.
    """

    part: Part
    condition: str
    lot: Lot | None
    held: int
    quantity: int
    is_due: bool
    badge: Badge
    work_order: WorkOrder | None = None
    debt: OldPartDebt | None = None
    is_wanted: bool = False  # an open job still wants it
    needs_lot: bool = False  # it is held without the batch or serial number it now needs

    @property
    def key(self) -> str:
        """The name of the row in a form."""
        parts = [self.part.pk, self.condition[0], self.lot.pk if self.lot else 0]
        parts += [self.work_order.pk if self.work_order else 0, self.debt.pk if self.debt else 0]
        return "-".join(str(each) for each in parts)

    @property
    def is_old(self) -> bool:
        return self.condition == Condition.OLD

    @property
    def holding(self) -> Key:
        return (self.part.pk, self.condition, self.lot.pk if self.lot else None)


def proposals(
    engineer: User,
    *,
    at: datetime,
    today: date,
    settings: SparepartsSettings,
    policy: ModePolicy,
    but: Return | None = None,
) -> list[Proposed]:
    """What the engineer holds and could give back: what is due first, what a job still wants last.

    The same rules as on My parts: what stands on a prepared return of his is left out, except on ``but``, which is
    being changed. At most ten statements.
    """
    held = my_parts(engineer, policy=policy, settings=settings, at=at, today=today)
    back, owed = _going_back(engineer, but=but), list(_owed(engineer))
    found = [each for row in held.old for each in _old_rows(row, owed)]
    found += [each for row in held.unused for each in _unused_rows(row, back)]
    found += [
        _proposed(row, row.quantity, is_due=False, job=row.job, is_wanted=True) for job in held.jobs for row in job.rows
    ]
    if policy.has(Feature.LOTS_ENFORCED):
        found = [_without_lot(each) for each in found]
    found.sort(key=lambda each: (not each.is_due, each.is_wanted))
    return (found if but is None else _with_lines_of(but, found))[:MOST_PROPOSED]


def _without_lot(each: Proposed) -> Proposed:
    """Nothing is ticked that cannot go back before somebody says which one it is; one piece at a time."""
    if each.lot is not None or each.is_old or each.part.tracking == Tracking.NONE:
        return each
    quantity = 1 if each.part.tracking == Tracking.SERIAL else each.quantity
    return replace(each, needs_lot=True, is_due=False, quantity=quantity)


def _old_rows(row: Row, owed: list[OldPartDebt]) -> list[Proposed]:
    """Each debt is a row of its own, and goes back as a whole; then what nobody owes."""
    key, left = _key(row), row.quantity
    rows = []
    for debt in owed:
        if (debt.part_id, debt.lot_id) == (key[0], key[2]) and debt.quantity <= left:
            left -= debt.quantity
            rows.append(_proposed(row, debt.quantity, job=debt.line.consumption.work_order, debt=debt))
    return [*rows, _proposed(row, left)] if left > 0 else rows


def _unused_rows(row: Row, back: list[KeptPart]) -> list[Proposed]:
    """What was to go back when its job was closed is due, whatever its age; the rest is due by age."""
    key, left, due = _key(row), row.quantity, row.due
    rows = []
    for kept in back:
        quantity = min(kept.quantity, left)
        if quantity > 0 and (kept.part_id, kept.condition, kept.lot_id) == key:
            left, due = left - quantity, max(due - quantity, 0)
            rows.append(_proposed(row, quantity, job=kept.work_order))
    if left > 0:
        rows.append(_proposed(row, left, quantity=min(due, left) or left, is_due=bool(due)))
    return rows


def _with_lines_of(document: Return, found: list[Proposed]) -> list[Proposed]:
    """The lines of a return that is being changed stand first, ticked; everything else is only offered."""
    others = {each.key: replace(each, is_due=False) for each in found}
    mine = []
    for line in lines_shown(document):
        row = Proposed(
            line.part,
            line.condition,
            line.lot,
            line.quantity,
            line.quantity,
            True,
            Badge("", "neutral"),
            line.work_order,
            line.debt,
        )
        more = others.pop(row.key, None)
        mine.append(replace(row, held=row.held + more.held, badge=more.badge) if more is not None else row)
    return [*mine, *others.values()]


def _key(row: Row) -> Key:
    return (row.holding.part.pk, row.holding.condition, row.holding.lot.pk if row.holding.lot else None)


def _proposed(
    row: Row,
    held: int,
    *,
    quantity: int | None = None,
    is_due: bool = True,
    job: WorkOrder | None = None,
    debt: OldPartDebt | None = None,
    is_wanted: bool = False,
) -> Proposed:
    part, condition, lot = row.holding.part, row.holding.condition, row.holding.lot
    return Proposed(part, condition, lot, held, quantity or held, is_due, row.badge, job, debt, is_wanted)


def _owed(engineer: User) -> QuerySet[OldPartDebt]:
    """The old parts with the engineer that are owed and on no prepared return."""
    on_a_return = ReturnLine.objects.filter(document__status=ReturnStatus.PREPARED, debt__engineer=engineer)
    held = OldPartDebt.objects.filter(engineer=engineer, status=DebtStatus.HELD)
    free = held.exclude(pk__in=on_a_return.values("debt"))
    return free.select_related("line__consumption__work_order").order_by("due_on", "pk")


def _going_back(engineer: User, *, but: Return | None) -> list[KeptPart]:
    """Parts that were to go back when their job was closed, less those that a return of that job names."""
    kept = KeptPart.objects.filter(engineer=engineer, answer=KeptAnswer.RETURNING).select_related("work_order")
    found = list(kept.order_by("-pk")[:MOST_PROPOSED])
    lines = ReturnLine.objects.filter(
        document__engineer=engineer, work_order__in={each.work_order_id for each in found}
    )
    lines = lines.exclude(document__status=ReturnStatus.CANCELLED).exclude(document=but)
    named: Counter[Any] = Counter()
    for job, part, condition, lot, quantity in lines.values_list(
        "work_order_id", "part_id", "condition", "lot_id", "quantity"
    ):
        named[job, part, condition, lot] += quantity
    open_ones = []
    for each in found:
        key = (each.work_order_id, each.part_id, each.condition, each.lot_id)
        done = min(named[key], each.quantity)
        named[key] -= done
        each.quantity -= done
        if each.quantity:
            open_ones.append(each)
    return open_ones


# ---------------------------------------------------------------- what comes in
def coming(user: User) -> QuerySet[Return]:
    """The returns the person's desk waits for, handed over first."""
    open_ones = [ReturnStatus.PREPARED, ReturnStatus.HANDED_OVER]
    rows = Return.objects.visible_to(user).filter(status__in=open_ones)
    return with_totals(rows.exclude(engineer=user)).order_by("status", "pk")


def with_totals(rows: QuerySet[Return]) -> QuerySet[Return]:
    """With the people, and how many lines and different questions each has."""
    lines = Count("lines", distinct=True)
    return rows.select_related("engineer", "warehouse", "checked_in_by").annotate(line_count=lines)


def lines_shown(document: Return) -> list[ReturnLine]:
    """The lines with all that a page shows of them, and their discrepancies."""
    rows = document.lines.select_related("part__unit", "lot", "work_order", "debt").order_by("pk")
    return list(rows.prefetch_related("discrepancies"))


def notes_of_returns(keys: Iterable[int]) -> list[Note]:
    """For My parts: what became of these returns is not what the engineer returned. Asks nothing."""
    sentence = _("%(reference)s was checked in: not everything was accepted as you returned it.")
    rows = [Return(pk=key) for key in keys][:MOST_NEWS]
    return [Note("warn", sentence % {"reference": row}, row.get_absolute_url(), _("Look")) for row in rows]


# ---------------------------------------------------------------- old parts
def debts_shown(rows: QuerySet[OldPartDebt]) -> QuerySet[OldPartDebt]:
    """With all that a list shows of them."""
    return rows.select_related("part__unit", "lot", "engineer", "line__consumption__work_order__site__customer")


def debts_of(engineer: User) -> QuerySet[OldPartDebt]:
    """What the engineer owes, due first; what is on its way back included."""
    return debts_shown(OldPartDebt.objects.filter(engineer=engineer, status__in=OPEN_DEBTS)).order_by("due_on", "pk")


def debt_totals(rows: QuerySet[OldPartDebt], *, today: date) -> dict[str, Any]:
    """How many are open, late and asked about, and what is at risk. One statement."""
    open_ones = Q(status__in=OPEN_DEBTS)
    owed = Q(status__in=[DebtStatus.DUE, DebtStatus.HELD])
    return rows.order_by().aggregate(
        open=Count("pk", filter=open_ones),
        late=Count("pk", filter=owed & Q(due_on__lt=today)),
        asked=Count("pk", filter=owed & ~Q(asked_answer="")),
        at_risk=Sum("value", filter=open_ones),
        in_warranty=Sum("value", filter=open_ones & Q(is_warranty=True)),
    )


def return_of(debt: OldPartDebt) -> Return | None:
    """The last return the old part went back with."""
    line = ReturnLine.objects.filter(debt=debt).exclude(document__status=ReturnStatus.CANCELLED)
    found = line.select_related("document").order_by("-pk").first()
    return found.document if found is not None else None
