"""What a check is: one statement, and the words for what it finds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """``sql`` answers (key of a row, key of a part, difference in smallest steps) for everything that does not fit.

    ``prefix`` says what the key is of: a document's reference ("CO"), or a place ("warehouse").
    """

    sql: str
    prefix: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocumentDifference:
    """One document, or one pooled place, and one part of it that the ledger does not back."""

    check: str
    prefix: str
    key: int
    part_id: int
    difference: int

    def __str__(self) -> str:
        return f"{self.check}: {self.prefix}-{self.key:06d}, part {self.part_id}, difference {self.difference}"
