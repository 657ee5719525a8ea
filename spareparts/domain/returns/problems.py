"""What is wrong with the parts of a return."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.shared.errors import DomainError


@dataclass(frozen=True)
class ReturnProblem:
    """What is wrong with one part: ``index`` counts from 0."""

    index: int
    message: str


class BadReturn(DomainError):
    """All the parts that cannot go back, each with its reason."""

    def __init__(self, problems: Sequence[ReturnProblem]) -> None:
        self.problems = list(problems)
        super().__init__(messages=[problem.message for problem in problems])
