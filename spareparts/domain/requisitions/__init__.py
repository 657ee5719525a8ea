"""Requisitions: asked for, decided, reserved, packed, issued, cancelled. (Skeleton: the bodies follow.)"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from inventory.models import Lot, Part, Warehouse
from spareparts.domain.requisitions.asked import AskedLine, CounterPart, GrantedPart, IssuedPart, PackedLine
from spareparts.models import Allocation, Issue, Requisition
from spareparts.policies import ModePolicy
from workorders.models import User, WorkOrder

__all__ = ["AskedLine", "CounterPart", "GrantedPart", "IssuedPart", "PackedLine"]


def create_requisition(
    *, engineer: User, by: User, at: datetime, policy: ModePolicy, lines: Sequence[AskedLine], **facts: Any
) -> Requisition:
    """Facts: work_order, receiving_method, destination, is_for_branch, site, needed_at, note, warehouse."""
    raise NotImplementedError


def edit_requisition(
    requisition: Requisition, *, by: User, at: datetime, policy: ModePolicy, lines: Sequence[AskedLine], **facts: Any
) -> None:
    raise NotImplementedError


def submit_requisition(requisition: Requisition, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy) -> None:
    raise NotImplementedError


def withdraw_requisition(requisition: Requisition, *, by: User, at: datetime, policy: ModePolicy) -> None:
    raise NotImplementedError


def copy_requisition(requisition: Requisition, *, by: User, at: datetime, policy: ModePolicy) -> Requisition:
    raise NotImplementedError


def approve_requisition(
    requisition: Requisition,
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    grants: Sequence[GrantedPart] | None = None,
) -> None:
    raise NotImplementedError


def reject_requisition(requisition: Requisition, *, by: User, at: datetime, policy: ModePolicy, reason: str) -> None:
    raise NotImplementedError


def forward_requisition(
    requisition: Requisition, *, by: User, at: datetime, policy: ModePolicy, warehouse: Warehouse, reason: str
) -> Requisition:
    raise NotImplementedError


def reserve_open(requisition: Requisition, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy) -> None:
    raise NotImplementedError


def swap_lot(
    allocation: Allocation,
    *,
    lot: Lot,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    quantity: int | None = None,
) -> None:
    raise NotImplementedError


def pack_requisition(
    requisition: Requisition,
    *,
    by: User,
    at: datetime,
    policy: ModePolicy,
    packed: Sequence[PackedLine] | None = None,
) -> None:
    raise NotImplementedError


def issue_requisition(
    requisition: Requisition,
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    parts: Sequence[IssuedPart] | None = None,
) -> Issue:
    raise NotImplementedError


def undo_issue(issue: Issue, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, reason: str = "") -> None:
    raise NotImplementedError


def cancel_rest(
    requisition: Requisition, *, by: User, at: datetime, key: uuid.UUID, policy: ModePolicy, reason: str
) -> None:
    raise NotImplementedError


def issue_at_counter(
    *,
    engineer: User,
    by: User,
    at: datetime,
    key: uuid.UUID,
    policy: ModePolicy,
    warehouse: Warehouse | None,
    parts: Sequence[CounterPart],
    work_order: WorkOrder | None = None,
) -> Requisition:
    raise NotImplementedError


def refresh_fulfilment(requisition: Requisition) -> None:
    raise NotImplementedError


def stock_arrived(warehouse: Warehouse, parts: Iterable[Part]) -> list[Any]:
    raise NotImplementedError
