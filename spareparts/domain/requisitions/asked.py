"""What people say about a requisition: lines asked for, granted, packed, issued."""

from dataclasses import dataclass

from inventory.models import Lot, Part
from spareparts.models import Allocation, RequisitionLine


@dataclass(frozen=True, slots=True)
class AskedLine:
    """``quantity`` smallest steps of ``part`` are asked for."""

    part: Part
    quantity: int


@dataclass(frozen=True, slots=True)
class GrantedPart:
    """``quantity`` smallest steps of ``part`` are granted for ``line``: the part asked for, or a substitute.

    ``reason`` is needed when it is not what was asked for.
    """

    line: RequisitionLine
    part: Part
    quantity: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PackedLine:
    """``quantity`` smallest steps of ``allocation`` are packed now: all that is packed of it, not what is added."""

    allocation: Allocation
    quantity: int


@dataclass(frozen=True, slots=True)
class IssuedPart:
    """``quantity`` smallest steps of ``allocation`` are handed over."""

    allocation: Allocation
    quantity: int


@dataclass(frozen=True, slots=True)
class CounterPart:
    """``quantity`` smallest steps of ``part`` go over the counter, of ``lot`` when the part is tracked."""

    part: Part
    quantity: int
    lot: Lot | None = None
