"""A fixed twentieth of a long list for the fast run; the whole of it under soak."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def part_of(items: Iterable[T], *, one_in: int, name: Callable[[T], str] = repr) -> list[T]:
    """The same items on every run and machine, whatever is added beside them."""
    return [item for item in items if _number(name(item)) % one_in == 0]


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:4], "big")


def told(problems: Sequence[str]) -> str:
    """One a line, for the message of a failing test."""
    return "\n" + "\n".join(problems[:60])
