"""Parts used, added up in the database: per job, customer, equipment, part, engineer or month.

Only recorded consumption counts: what was undone or corrected is left out everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared.templatetags.shared import format_quantity
from inventory.models import Unit
from spareparts.enums import ConsumptionStatus
from spareparts.models import ConsumptionLine

MOST_UNITS = 10
CENT = Decimal("0.01")
JOB = "consumption__work_order"


@dataclass(frozen=True)
class Grouping:
    """One way of adding up: ``fields`` name the group, the first is its key; ``parameter`` filters its lines."""

    key: str
    label: str | Promise
    title: str | Promise
    fields: tuple[str, ...]
    parameter: str


GROUPINGS: Mapping[str, Grouping] = {
    each.key: each
    for each in (
        Grouping(
            "job",
            gettext_lazy("Job"),
            gettext_lazy("Cost of parts used by job"),
            (JOB, f"{JOB}__number", f"{JOB}__customer__name"),
            "work_order",
        ),
        Grouping(
            "customer",
            gettext_lazy("Customer"),
            gettext_lazy("Cost of parts used by customer"),
            (f"{JOB}__customer", f"{JOB}__customer__name"),
            "customer",
        ),
        Grouping(
            "equipment",
            gettext_lazy("Equipment"),
            gettext_lazy("Cost of parts used by equipment"),
            (f"{JOB}__equipment", f"{JOB}__equipment__name", f"{JOB}__equipment__serial"),
            "equipment",
        ),
        Grouping(
            "part",
            gettext_lazy("Part"),
            gettext_lazy("Cost of parts used by part"),
            ("part", "part__number", "part__name"),
            "part",
        ),
        Grouping(
            "engineer",
            gettext_lazy("Engineer"),
            gettext_lazy("Cost of parts used by engineer"),
            ("consumption__engineer", "consumption__engineer__name"),
            "engineer",
        ),
        Grouping("month", gettext_lazy("Month"), gettext_lazy("Cost of parts used by month"), ("month",), ""),
    )
}


def recorded_lines() -> QuerySet[ConsumptionLine]:
    """The lines that count."""
    return ConsumptionLine.objects.filter(consumption__status=ConsumptionStatus.RECORDED)


def totals(lines: QuerySet[ConsumptionLine]) -> dict[str, Any]:
    """``cost`` and number of ``lines``; one statement."""
    found = lines.order_by().aggregate(cost=Sum("cost"), lines=Count("pk"))
    return {"cost": cents(found["cost"]), "lines": found["lines"]}


def cents(amount: Decimal | None) -> Decimal:
    """A sum to the cent: SQLite adds up in binary and answers with a tail."""
    return (amount or Decimal(0)).quantize(CENT)


def units() -> list[Unit]:
    """The units quantities are added up in; metres and pieces are never added together."""
    return list(Unit.objects.order_by("pk")[:MOST_UNITS])


def grouped(
    lines: QuerySet[ConsumptionLine], grouping: Grouping, in_units: Sequence[Unit]
) -> QuerySet[ConsumptionLine, dict[str, Any]]:
    """One row per group: ``total_cost``, ``lines``, a quantity per unit; the dearest first, months the newest first."""
    per_unit = {f"unit_{unit.pk}": Sum("quantity", filter=Q(part__unit=unit)) for unit in in_units}
    if grouping.key == "month":
        month = TruncMonth("consumption__recorded_at", tzinfo=timezone.get_default_timezone())
        lines = lines.annotate(month=month)
    # The line has a cost of its own, so its sum goes by another name.
    sums = {"total_cost": Sum("cost"), "lines": Count("pk"), **per_unit}
    order = ["-month"] if grouping.key == "month" else ["-total_cost", grouping.fields[0]]
    rows: QuerySet[ConsumptionLine, dict[str, Any]] = lines.order_by().values(*grouping.fields).annotate(**sums)
    return rows.order_by(*order)


def name_of(row: Mapping[str, Any], grouping: Grouping) -> str:
    """What the group is called."""
    if grouping.key == "month":
        month = timezone.localtime(row["month"], timezone.get_default_timezone())
        return str(formats.date_format(month, "YEAR_MONTH_FORMAT"))
    values = [row[field] for field in grouping.fields]
    if values[0] is None:
        return _("No equipment")
    if grouping.key == "job":
        return f"{values[1] or f'WO-{values[0]}'} · {values[2]}"
    if grouping.key == "equipment":
        return f"{values[1]} ({values[2]})"
    return " ".join(str(each) for each in values[1:])


def quantity_of(row: Mapping[str, Any], in_units: Sequence[Unit]) -> str:
    """ "14 pc · 3.5 m": each unit that occurs."""
    found = [(row[f"unit_{unit.pk}"], unit) for unit in in_units]
    return " · ".join(f"{format_quantity(steps, unit.decimal_places)} {unit.code}" for steps, unit in found if steps)


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """From the first moment of ``first`` to the first after ``last``, in the company's zone."""
    zone = timezone.get_default_timezone()
    start = datetime.combine(first, time.min, tzinfo=zone)
    return start, datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone)


def month_days(row: Mapping[str, Any]) -> tuple[date, date]:
    """First and last day of the month of a row."""
    first = timezone.localtime(row["month"], timezone.get_default_timezone()).date().replace(day=1)
    next_month = (first + timedelta(days=32)).replace(day=1)
    return first, next_month - timedelta(days=1)


def with_everything_shown(lines: QuerySet[ConsumptionLine]) -> QuerySet[ConsumptionLine]:
    """The lines with what a list or file shows of them, the newest first."""
    related = ("part__unit", "consumption__engineer", f"{JOB}__customer", f"{JOB}__equipment")
    return lines.select_related(*related).order_by("-pk")
