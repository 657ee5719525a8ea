"""When somebody has to approve a request, and why, in words for both sides."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from config.shared.templatetags.shared import money
from inventory.enums import Tracking
from inventory.models import Part
from spareparts.domain.costs import line_cost
from spareparts.enums import ApprovalMode
from spareparts.models import HoldingLimit, Requisition, RequisitionLine, SparepartsSettings
from spareparts.queries.requisitions import value_held
from workorders.models import User


def approval_reasons(
    requisition: Requisition, lines: Sequence[RequisitionLine], *, settings: SparepartsSettings
) -> list[str]:
    """Why this request needs approval; empty: sending approves it."""
    if settings.requisition_approval == ApprovalMode.AUTOMATIC:
        return []
    if settings.requisition_approval == ApprovalMode.MANUAL:
        return [_("Every request is approved by somebody.")]
    reasons = _large_lines(lines, settings) + _serial_parts(lines, settings)
    asked = sum((_value_of(line.part, line.quantity) for line in lines), Decimal("0.00"))
    reasons += _dear(asked, settings)
    if not requisition.is_for_branch:
        reasons += _over_limit(requisition.engineer, asked, settings)
    return reasons


def _value_of(part: Part, quantity: int) -> Decimal:
    return line_cost(part.unit_cost, quantity, part.unit.decimal_places)


def _large_lines(lines: Sequence[RequisitionLine], settings: SparepartsSettings) -> list[str]:
    """The rule counts whole units, lines count smallest steps."""
    if settings.rule_quantity is None:
        return []
    sentence = _("%(part)s: %(limit)s %(unit)s or more in one line.")
    return [
        sentence % {"part": line.part.number, "limit": settings.rule_quantity, "unit": line.part.unit.code}
        for line in lines
        if line.quantity >= settings.rule_quantity * 10**line.part.unit.decimal_places
    ]


def _serial_parts(lines: Sequence[RequisitionLine], settings: SparepartsSettings) -> list[str]:
    if not settings.rule_serial_tracked:
        return []
    sentence = _("%(part)s has serial numbers.")
    return [sentence % {"part": line.part.number} for line in lines if line.part.tracking == Tracking.SERIAL]


def _dear(asked: Decimal, settings: SparepartsSettings) -> list[str]:
    if settings.rule_value is None or asked < settings.rule_value:
        return []
    return [_("It is worth %(value)s; from %(limit)s on somebody approves.") % _amounts(asked, settings.rule_value)]


def _over_limit(engineer: User, asked: Decimal, settings: SparepartsSettings) -> list[str]:
    if not settings.rule_over_limit:
        return []
    limit = holding_limit(engineer, settings=settings)
    if limit is None:
        return []
    would_hold = value_held(engineer) + asked
    if would_hold <= limit:
        return []
    sentence = _("%(engineer)s would hold parts worth %(value)s; the limit is %(limit)s.")
    return [sentence % (_amounts(would_hold, limit) | {"engineer": engineer})]


def holding_limit(engineer: User, *, settings: SparepartsSettings) -> Decimal | None:
    """The engineer's own limit, else the company's; None: no limit."""
    own = HoldingLimit.objects.filter(engineer=engineer).values_list("value", flat=True).first()
    return settings.holding_limit if own is None else own


def _amounts(value: Decimal, limit: Decimal) -> dict[str, object]:
    return {"value": money(value), "limit": money(limit)}
