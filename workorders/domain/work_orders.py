"""The verbs of a work order. Each is one event: one transaction, one audit row, all or nothing.

Who may: the table WORK_ORDER_TRANSITIONS names the permission; work itself is done by the lead or a helper, or by
somebody who dispatches. All verbs refuse with a DomainError and then nothing is written.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import chain, count
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from config.shared.transitions import Transition, available, transition
from workorders.enums import (
    KEEPS_STATUS,
    WORK_ORDER_TRANSITIONS,
    Permission,
    Priority,
    WorkOrderStatus,
    WorkOrderType,
)
from workorders.models import Customer, Equipment, Site, User, WorkOrder
from workorders.signals import ask, work_order_cancelling, work_order_completing, work_order_reassigning


class WrongPlace(DomainError):
    """The site is not the customer's, or the equipment does not stand at the site."""


class NotAnEngineer(DomainError):
    """Somebody named for the job is no engineer, may not sign in, or stands in it twice."""


class NumberTaken(DomainError):
    """Another work order has this number."""

    field = "number"


def create_work_order(
    *,
    by: User,
    at: datetime,
    customer: Customer,
    site: Site,
    equipment: Equipment | None = None,
    type: WorkOrderType | str = WorkOrderType.REPAIR,
    priority: Priority | str = Priority.NORMAL,
    description: str = "",
    number: str = "",
    lead: User | None = None,
    helpers: Collection[User] = (),
    planned_at: datetime | None = None,
) -> WorkOrder:
    """Open a job; with a ``lead`` it is assigned in the same transaction, as a second event.

    Without a ``number`` it is called after its key. Refused: NotAllowed, WrongPlace, NumberTaken, and what
    ``assign`` refuses.
    """
    _require_dispatcher(by)
    _check_place(customer, site, equipment)
    work_order = WorkOrder(
        customer=customer,
        site=site,
        equipment=equipment,
        type=type,
        priority=priority,
        description=description,
        number=number.strip() or None,
        planned_at=planned_at,
        created_by=by,
        created_at=at,
    )
    with transaction.atomic(savepoint=False):
        _insert(work_order)
        audit.record("workorder.create", by=by, at=at, subject=work_order)
        if lead is not None:
            assign(work_order, by=by, at=at, lead=lead, helpers=helpers, planned_at=planned_at)
    return work_order


def edit_work_order(
    work_order: WorkOrder,
    *,
    by: User,
    at: datetime,
    site: Site,
    equipment: Equipment | None,
    type: WorkOrderType | str,
    priority: Priority | str,
    description: str,
) -> None:
    """Change what the job is about; the customer stays. Saving it unchanged writes nothing. Refused: WrongPlace."""
    _check_place(work_order.customer, site, equipment)
    new: dict[str, Any] = {
        "site": site,
        "equipment": equipment,
        "type": type,
        "priority": priority,
        "description": description,
    }
    changes = {name: value for name, value in new.items() if getattr(work_order, name) != value}
    if not changes:
        return
    was = {name: str(getattr(work_order, name) or "") for name in changes}
    details = {"changed": sorted(changes), "was": was}
    with transition(work_order, _row("edit", work_order), by=by, at=at, details=details, **changes):
        pass


def assign(
    work_order: WorkOrder,
    *,
    by: User,
    at: datetime,
    lead: User,
    helpers: Collection[User] = (),
    planned_at: datetime | None = None,
) -> None:
    """Give the job to ``lead`` and ``helpers`` and plan it; a job already begun keeps its status.

    ``planned_at`` None leaves the job without a time. Refused: NotAnEngineer, and whatever another app says when
    somebody would lose the job (signal work_order_reassigning).
    """
    _check_people(lead, helpers)
    verb = "reassign" if work_order.status in WORK_ORDER_TRANSITIONS["reassign"].sources else "assign"
    before = work_order.lead
    details = {
        "lead": lead.name,
        "helpers": sorted(helper.name for helper in helpers),
        "planned_at": planned_at.isoformat() if planned_at else "",
    }
    with transition(
        work_order, _row(verb, work_order), by=by, at=at, details=details, lead=lead, planned_at=planned_at
    ):
        crew_before = {person for person in (before, *work_order.helpers.all()) if person is not None}
        leaving = sorted(crew_before - {lead, *helpers}, key=str)
        if leaving:
            ask(work_order_reassigning, work_order, by=by, at=at, leaving=leaving)
        work_order.helpers.set(helpers)


def plan(work_order: WorkOrder, *, by: User, at: datetime, planned_at: datetime | None) -> None:
    """Move the job to another time, or to none."""
    details = {"planned_at": planned_at.isoformat() if planned_at else ""}
    with transition(work_order, _row("plan", work_order), by=by, at=at, details=details, planned_at=planned_at):
        pass


def start(work_order: WorkOrder, *, by: User, at: datetime) -> None:
    """Begin the work on site."""
    with _work(work_order, "start", by=by, at=at):
        pass


def hold(work_order: WorkOrder, *, by: User, at: datetime, reason: str) -> None:
    """Stop for now; ``reason`` says what the job waits for."""
    with _work(work_order, "hold", by=by, at=at, reason=reason):
        pass


def resume(work_order: WorkOrder, *, by: User, at: datetime) -> None:
    """Go on with a job that was on hold."""
    with _work(work_order, "resume", by=by, at=at):
        pass


def complete(work_order: WorkOrder, *, by: User, at: datetime) -> None:
    """End the job. Refused by what another app says (signal work_order_completing), all reasons at once."""
    with _work(work_order, "complete", by=by, at=at, completed_at=at):
        ask(work_order_completing, work_order, by=by, at=at)


def cancel(work_order: WorkOrder, *, by: User, at: datetime, reason: str) -> None:
    """The job will not be done. Refused by what another app says (signal work_order_cancelling)."""
    with transition(work_order, _row("cancel", work_order), by=by, at=at, reason=reason):
        ask(work_order_cancelling, work_order, by=by, at=at)


def reopen(
    work_order: WorkOrder, *, by: User, at: datetime, reason: str, lead: User, planned_at: datetime | None = None
) -> None:
    """Take a completed or cancelled job up again under ``lead``, planned anew. Refused: NotAnEngineer."""
    _check_people(lead, ())
    details = {"lead": lead.name, "planned_at": planned_at.isoformat() if planned_at else ""}
    changes: dict[str, Any] = {"lead": lead, "planned_at": planned_at, "completed_at": None}
    row = _row("reopen", work_order)
    with transition(work_order, row, by=by, at=at, reason=reason, details=details, **changes):
        work_order.helpers.remove(lead)


def is_on_crew(work_order: WorkOrder, person: User) -> bool:
    """Whether ``person`` leads the job or helps."""
    return work_order.lead_id == person.pk or person in work_order.helpers.all()


def verbs_for(work_order: WorkOrder, *, by: User) -> list[Transition]:
    """What ``by`` may do now, what is expected of him first: the crew works, the office plans."""
    rows = available(work_order, WORK_ORDER_TRANSITIONS, by=by)
    work = [row for row in rows if row.permission == Permission.WORK_ON_ORDER]
    office = [row for row in rows if row.permission != Permission.WORK_ON_ORDER]
    if is_on_crew(work_order, by):
        return work + office
    return office + work if by.has_perm(Permission.DISPATCH) else []


@contextmanager
def _work(work_order: WorkOrder, verb: str, *, by: User, at: datetime, **facts: Any) -> Iterator[None]:
    """A verb of those who do the work. The crew is judged after the claim, so a reassignment cannot slip between."""
    with transition(work_order, _row(verb, work_order), by=by, at=at, **facts):
        _require_crew(work_order, by)
        yield


def _row(verb: str, work_order: WorkOrder) -> Transition:
    """The table's row; one that keeps the status is narrowed to the status the work order has."""
    row = WORK_ORDER_TRANSITIONS[verb]
    if row.target != KEEPS_STATUS:
        return row
    status = WorkOrderStatus(work_order.status)
    return replace(row, target=status, sources=row.sources & {status})


def _insert(work_order: WorkOrder) -> None:
    if work_order.number:
        try:
            with transaction.atomic():
                work_order.save(force_insert=True)
        except IntegrityError:  # the number is the only rule a new row can break at once
            message = _("There is already a work order %(number)s.") % {"number": work_order.number}
            raise NumberTaken(message) from None
    else:
        work_order.save(force_insert=True)
        _name_after_key(work_order)


def _name_after_key(work_order: WorkOrder) -> None:
    """WO-<key>; where an import brought that number already, WO-<key>-2 and so on."""
    first = f"WO-{work_order.pk}"
    for number in chain([first], (f"{first}-{n}" for n in count(2))):
        try:
            with transaction.atomic():
                WorkOrder.objects.filter(pk=work_order.pk).update(number=number)
        except IntegrityError:
            continue
        work_order.number = number
        return


def _require_dispatcher(by: User) -> None:
    if not by.has_perm(Permission.DISPATCH):
        raise NotAllowed


def _require_crew(work_order: WorkOrder, by: User) -> None:
    if not (by.has_perm(Permission.DISPATCH) or is_on_crew(work_order, by)):
        raise NotAllowed(_("Only the engineers of this job can do this."))


def _check_place(customer: Customer, site: Site, equipment: Equipment | None) -> None:
    if site.customer_id != customer.pk:
        words = {"site": site, "customer": customer}
        raise WrongPlace(_("%(site)s is not a site of %(customer)s.") % words, field="site")
    if equipment is not None and equipment.site_id != site.pk:
        words = {"equipment": equipment, "site": site}
        raise WrongPlace(_("%(equipment)s does not stand at %(site)s.") % words, field="equipment")


def _check_people(lead: User, helpers: Collection[User]) -> None:
    if not (lead.is_active and lead.is_engineer):
        raise NotAnEngineer(_("%(person)s is not an active engineer.") % {"person": lead}, field="lead")
    idle = [helper for helper in helpers if not (helper.is_active and helper.is_engineer)]
    if idle:
        messages = [_("%(person)s is not an active engineer.") % {"person": helper} for helper in idle]
        raise NotAnEngineer(messages=messages, field="helpers")
    if lead in helpers:
        raise NotAnEngineer(_("%(person)s leads this job already.") % {"person": lead}, field="helpers")
